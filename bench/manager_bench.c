/*
 * clrmem's manager beside Win32, in one process, interleaved, median of several rounds. With a file's name as
 * argument, every single round goes there too, as CSV: operation, contender, round, nanoseconds a call.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include "clrmem.h"

#define ROUNDS 9
#define BLOCKS 20000

static FILE *csv; /* or NULL */
static IHostMemoryManager *memory;
static IHostMalloc *heap;
static void *foreign;
static void *blocks[BLOCKS];

typedef void (*operation)(unsigned int count);

static void refuse_foreign(unsigned int count)
{
    while (count--) IHostMemoryManager_VirtualFree(memory, foreign, 0, MEM_RELEASE);
}

static void pair_ours(unsigned int count)
{
    void *block;

    while (count--)
    {
        IHostMalloc_Alloc(heap, 64, eTaskCritical, &block);
        IHostMalloc_Free(heap, block);
    }
}

static void pair_wine(unsigned int count)
{
    while (count--) HeapFree(GetProcessHeap(), 0, HeapAlloc(GetProcessHeap(), 0, 64));
}

/* One of many live blocks is replaced, at random, by one of another size. */
static unsigned int next_random(void)
{
    static unsigned int state = 1;

    return state = state * 1664525 + 1013904223;
}

static void replace_ours(unsigned int count)
{
    while (count--)
    {
        unsigned int r = next_random();
        void **block = &blocks[(r >> 8) % BLOCKS];

        if (*block) IHostMalloc_Free(heap, *block);
        IHostMalloc_Alloc(heap, 16 + (r >> 4) % 496, eTaskCritical, block);
    }
}

static void replace_wine(unsigned int count)
{
    while (count--)
    {
        unsigned int r = next_random();
        void **block = &blocks[(r >> 8) % BLOCKS];

        if (*block) HeapFree(GetProcessHeap(), 0, *block);
        *block = HeapAlloc(GetProcessHeap(), 0, 16 + (r >> 4) % 496);
    }
}

/* What SGen does for a section: reserve twice the size, commit an aligned half, use a page, release. */
static void section_ours(unsigned int count)
{
    while (count--)
    {
        void *base, *part;

        IHostMemoryManager_VirtualAlloc(memory, NULL, 0x200000, MEM_RESERVE, PAGE_READWRITE, eTaskCritical, &base);
        IHostMemoryManager_VirtualAlloc(memory, (char *)base + 0x10000, 0x100000, MEM_COMMIT, PAGE_READWRITE,
                                        eTaskCritical, &part);
        *(volatile char *)part = 1;
        IHostMemoryManager_VirtualFree(memory, base, 0, MEM_RELEASE);
    }
}

static void section_wine(unsigned int count)
{
    while (count--)
    {
        char *base = VirtualAlloc(NULL, 0x200000, MEM_RESERVE, PAGE_READWRITE);

        *(volatile char *)VirtualAlloc(base + 0x10000, 0x100000, MEM_COMMIT, PAGE_READWRITE) = 1;
        VirtualFree(base, 0, MEM_RELEASE);
    }
}

static void free_blocks_ours(void)
{
    unsigned int i;

    for (i = 0; i < BLOCKS; i++)
    {
        if (blocks[i]) IHostMalloc_Free(heap, blocks[i]);
        blocks[i] = NULL;
    }
}

static void free_blocks_wine(void)
{
    unsigned int i;

    for (i = 0; i < BLOCKS; i++)
    {
        if (blocks[i]) HeapFree(GetProcessHeap(), 0, blocks[i]);
        blocks[i] = NULL;
    }
}

static double time_once(operation run, unsigned int count)
{
    LARGE_INTEGER start, end, frequency;

    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&start);
    run(count);
    QueryPerformanceCounter(&end);
    return (end.QuadPart - start.QuadPart) * 1e9 / frequency.QuadPart / count;
}

static int compare(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;

    return (difference > 0) - (difference < 0);
}

/* Sorts the values; every one goes to the CSV before. */
static double median(const char *name, const char *contender, double *values)
{
    int round;

    for (round = 0; csv && round < ROUNDS; round++)
        fprintf(csv, "\"%s\",%s,%d,%.1f\n", name, contender, round, values[round]);
    qsort(values, ROUNDS, sizeof(*values), compare);
    return values[ROUNDS / 2];
}

static void compare_operations(const char *name, operation ours, operation wine, unsigned int count)
{
    double our_times[ROUNDS], wine_times[ROUNDS], our_median, wine_median;
    int round;

    for (round = 0; round < ROUNDS; round++)
    {
        our_times[round] = time_once(ours, count);
        free_blocks_ours();
        wine_times[round] = time_once(wine, count);
        free_blocks_wine();
    }
    our_median = median(name, "clrmem", our_times);
    wine_median = median(name, "wine", wine_times);
    printf("%-44s clrmem %9.1f ns, Wine %9.1f ns, ratio %.2f\n", name, our_median, wine_median,
           our_median / wine_median);
}

/* Regions of one granule each, so that the map is as full as it gets. */
static void measure_lookup(void)
{
    static const unsigned int steps[] = {16, 256, 4096, 30000};
    unsigned int live = 0, i;
    void *region;

    foreign = VirtualAlloc(NULL, 0x1000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    for (i = 0; i < ARRAYSIZE(steps); i++)
    {
        double times[ROUNDS];
        char name[64];
        int round;

        for (; live < steps[i]; live++)
            IHostMemoryManager_VirtualAlloc(memory, NULL, 0x1000, MEM_RESERVE, PAGE_READWRITE, eTaskCritical, &region);
        for (round = 0; round < ROUNDS; round++) times[round] = time_once(refuse_foreign, 1000000);
        snprintf(name, sizeof(name), "VirtualFree refusing foreign memory, %5u regions", live);
        printf("%s: %6.1f ns\n", name, median(name, "clrmem", times));
    }
}

int main(int argc, char **argv)
{
    HMODULE clrmem = LoadLibraryA("clrmem.dll");
    ClrMemCreateHostControlFn create = (void *)GetProcAddress(clrmem, "ClrMemCreateHostControl");

    if (!create || FAILED(create(&IID_IHostMemoryManager, (void **)&memory)) ||
        FAILED(IHostMemoryManager_CreateMalloc(memory, MALLOC_THREADSAFE, &heap)))
    {
        puts("manager_bench: clrmem.dll could not be used");
        return 1;
    }
    if (argc > 1 && !(csv = fopen(argv[1], "w")))
    {
        printf("manager_bench: %s cannot be written\n", argv[1]);
        return 1;
    }
    compare_operations("allocate and free 64 bytes", pair_ours, pair_wine, 1000000);
    compare_operations("replace one of 20,000 blocks of 16-512 bytes", replace_ours, replace_wine, 100000);
    compare_operations("reserve 2 MiB, commit 1 MiB, touch, release", section_ours, section_wine, 10000);
    measure_lookup();
    return 0;
}
