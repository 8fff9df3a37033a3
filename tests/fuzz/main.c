/*
 * differential.exe [--calls N] [--seed S] [--sequence L]
 *
 * N calls in sequences of L, and what they came to. The sequence with number k has the seed S + k, so that each can be
 * run by itself. Exit status 0: the sides agreed; 1: they did not, and the shortest sequence found that shows it was
 * printed; 2: nothing could be run. (--sabotage: the manager's commits forget a page, to see that this is found.)
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

struct options
{
    unsigned long long calls, seed;
    unsigned int sequence;
};

static struct call calls[MAX_SEQUENCE];
static unsigned int calls_made;
static uint64_t current_seed;

static int usage(void)
{
    fprintf(stderr, "usage: differential.exe [--calls N] [--seed S] [--sequence L]\n");
    return 2;
}

static BOOL read_number(const char *text, unsigned long long most, unsigned long long *number)
{
    char *end;

    if (!text || *text < '0' || *text > '9') return FALSE;
    *number = strtoull(text, &end, 0);
    return !*end && *number <= most;
}

static BOOL read_options(int argc, char **argv, struct options *options)
{
    unsigned long long number;
    int i;

    for (i = 1; i < argc; i++)
    {
        if (!strcmp(argv[i], "--sabotage"))
        {
            fuzz.sabotage = TRUE;
            continue;
        }
        if (!read_number(i + 1 < argc ? argv[i + 1] : NULL, ~0ull, &number)) return FALSE;
        if (!strcmp(argv[i], "--calls"))
            options->calls = number;
        else if (!strcmp(argv[i], "--seed"))
            options->seed = number;
        else if (!strcmp(argv[i], "--sequence") && number && number <= MAX_SEQUENCE)
            options->sequence = (unsigned int)number;
        else
            return FALSE;
        i++;
    }
    return TRUE;
}

/* A crash is a difference too, but one that cannot be shrunk. */
static LONG WINAPI report_crash(EXCEPTION_POINTERS *pointers)
{
    printf("exception %#lx at %p in the last call of seed %llu:\n", pointers->ExceptionRecord->ExceptionCode,
           pointers->ExceptionRecord->ExceptionAddress, (unsigned long long)current_seed);
    print_calls(calls, calls_made < MAX_SEQUENCE ? calls_made + 1 : calls_made);
    ExitProcess(1);
}

static int report_failure(unsigned int length)
{
    printf("seed %llu, %u calls of %u: %s\n", (unsigned long long)current_seed, calls_made, length, fuzz.message);
    fflush(stdout);
    fuzz.counting = FALSE;
    if (sequence_replay(calls, calls_made))
        printf("a new manager does not fail: it takes the sequences before, too\n");
    else
    {
        calls_made = shrink(calls, calls_made);
        printf("shrunk to %u calls, the last of which, or the end, fails: %s\n", calls_made, fuzz.message);
    }
    print_calls(calls, calls_made);
    printf("to repeat: differential.exe --seed %llu --sequence %u --calls 1\n", (unsigned long long)current_seed,
           length);
    return 1;
}

static unsigned long long total_calls(void)
{
    unsigned long long total = 0;
    unsigned int i;

    for (i = 0; i < CALL_KINDS; i++) total += fuzz.calls[i];
    return total;
}

static void report_success(const struct options *options, unsigned long long sequences)
{
    printf("alloc %llu, free %llu, protect %llu, query %llu, write %llu\n", fuzz.calls[CALL_ALLOC],
           fuzz.calls[CALL_FREE], fuzz.calls[CALL_PROTECT], fuzz.calls[CALL_QUERY], fuzz.calls[CALL_WRITE]);
    departures_print();
    printf("differential fuzzer: seed %llu, %llu calls in %llu sequences, %llu departures, no other difference\n",
           options->seed, total_calls(), sequences, departures_met());
}

int main(int argc, char **argv)
{
    struct options options = {.calls = 1000000, .seed = 1, .sequence = 50};
    unsigned long long sequences;

    if (!read_options(argc, argv, &options)) return usage();
    if (!world_load())
    {
        fprintf(stderr, "differential fuzzer: clrmem.dll is not to be loaded by name, error %lu\n", GetLastError());
        return 2;
    }
    SetUnhandledExceptionFilter(report_crash);
    fuzz.counting = TRUE;
    for (sequences = 0; total_calls() < options.calls; sequences++)
    {
        current_seed = options.seed + sequences;
        if (!sequence_run(current_seed, calls, options.sequence, &calls_made)) return report_failure(options.sequence);
    }
    report_success(&options, sequences);
    return 0;
}
