/*
 * Writes clrmem_statistics.idl, the statistics' part of clrmem.idl, from the lists of what a manager counts; run while
 * building.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <stdio.h>
#include "hostmem/base/figures.h"

#define RESULT_ROOM 16 /* results that the public layout has room for */

enum
{
#define COUNT(...) +1
    METHOD_COUNT = HOSTMEM_METHODS(COUNT),
    RESULT_COUNT = HOSTMEM_RESULTS(COUNT),
    CAUSE_COUNT = HOSTMEM_CAUSES(COUNT)
#undef COUNT
};
_Static_assert(RESULT_COUNT <= RESULT_ROOM, "the public layout has no room for the results");

static void print_methods(void)
{
    int i = 0;

    puts("/* The methods, as indices of CLRMEM_STATISTICS::ullResults. */\ntypedef enum\n{");
#define METHOD(NAME, method) printf("    CLRMEM_METHOD_" #NAME " = %d,\n", i++);
    HOSTMEM_METHODS(METHOD)
#undef METHOD
    puts("} CLRMEM_METHOD;\n");
}

static void print_results(void)
{
    int i = 0;

    puts("/* The results of calls, as indices of CLRMEM_STATISTICS::ullResults: the HRESULT, or the last error that\n"
         " * distinguishes those of the same HRESULT. */\ntypedef enum\n{");
#define RESULT(NAME, public, reason) printf("    CLRMEM_RESULT_" #NAME " = %d, /* " public ": " reason " */\n", i++);
    HOSTMEM_RESULTS(RESULT)
#undef RESULT
    puts("} CLRMEM_RESULT;\n");
}

static void print_causes(void)
{
    int i = 0;

    puts("/* Why a request for memory was refused, as indices of CLRMEM_STATISTICS::ullRefusals. */\ntypedef enum\n{");
#define CAUSE(NAME, row, reason) printf("    CLRMEM_CAUSE_" #NAME " = %d, /* " reason " */\n", i++);
    HOSTMEM_CAUSES(CAUSE)
#undef CAUSE
    puts("} CLRMEM_CAUSE;\n");
    printf(
        "cpp_quote(\"#define CLRMEM_METHODS %d\")\ncpp_quote(\"#define CLRMEM_RESULTS %d /* with room for more */\")\n"
        "cpp_quote(\"#define CLRMEM_CAUSES %d\")\n"
        "cpp_quote(\"#define CLRMEM_LEVELS 3 /* EMemoryCriticalLevel */\")\n\n",
        METHOD_COUNT, RESULT_ROOM, CAUSE_COUNT);
}

static void print_level(void)
{
    puts("/* What the requests of one critical level hold. A region has the level of the request that reserved it. */\n"
         "typedef struct CLRMEM_LEVEL\n{");
#define LEVEL(member, Public, row, meaning) puts("    ULONGLONG ull" #Public "; /* " meaning " */");
    HOSTMEM_LEVEL_FIGURES(LEVEL)
#undef LEVEL
    puts("} CLRMEM_LEVEL;\n");
}

static void print_statistics(void)
{
    puts("/* The figures of one manager. */\ntypedef struct CLRMEM_STATISTICS\n{\n"
         "    DWORD cbSize;    /* in: sizeof(CLRMEM_STATISTICS) */\n"
         "    DWORD dwVersion; /* out: CLRMEM_STATISTICS_VERSION */");
#define METHOD(NAME, method) puts("    CLRMEM_CALLS " #method ";");
    HOSTMEM_METHODS(METHOD)
#undef METHOD
#define PEAK(Public) puts("    ULONGLONG ullPeak" #Public "; /* the most so far */");
#define PLAIN(Public)
#define FIGURE(unit, Public, kind, meaning)                                                                            \
    puts("    ULONGLONG ull" #Public "; /* " unit meaning " */");                                                      \
    kind(Public)
#define BYTES(member, Public, kind, row, meaning)  FIGURE("bytes: ", Public, kind, meaning)
#define NUMBER(member, Public, kind, row, meaning) FIGURE("count: ", Public, kind, meaning)
    HOSTMEM_BYTE_FIGURES(BYTES)
    HOSTMEM_COUNT_FIGURES(NUMBER)
    HOSTMEM_REFUSAL_FIGURES(NUMBER)
    printf("    ULONGLONG ullResults[%d][%d]; /* calls, by CLRMEM_METHOD and CLRMEM_RESULT */\n"
           "    CLRMEM_LEVEL Levels[3];        /* by EMemoryCriticalLevel */\n"
           "    ULONGLONG ullRefusals[%d][3];   /* requests, by CLRMEM_CAUSE and EMemoryCriticalLevel */\n"
           "} CLRMEM_STATISTICS;\n\ncpp_quote(\"#define CLRMEM_STATISTICS_VERSION 1\")\n",
           METHOD_COUNT, RESULT_ROOM, CAUSE_COUNT);
}

int main(void)
{
    puts("/*\n * The statistics of clrmem.idl, generated from libs/hostmem/base/figures.h.\n *\n"
         " * SPDX-License-Identifier: LGPL-2.1-or-later\n */\n");
    print_methods();
    print_results();
    print_causes();
    print_level();
    print_statistics();
    return fflush(stdout) || ferror(stdout);
}
