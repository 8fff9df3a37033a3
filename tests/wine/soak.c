/*
 * Eight threads that allocate, free each other's, query and protect for a minute under a limit: it is never passed, and
 * the books balance to the byte.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_test.h"

#define THREADS 8
#define SLOTS   48
#define LIMIT   ((ULONGLONG)8 << 20)
#define SECONDS 60 /* or CLRMEM_SOAK_SECONDS */

enum kind
{
    REGION,
    BLOCK
};

/* The contents of a slot; a thread that takes them out owns them. */
struct holding
{
    enum kind kind;
    BYTE *memory;
    SIZE_T size;      /* bytes; of a region: reserved */
    SIZE_T committed; /* bytes, from the beginning on */
    BYTE seed;        /* of the pattern written there */
};

struct worker
{
    unsigned int seed;
    ULONGLONG allocs, frees, refused, protects, queries, commits, decommits, blocks, block_frees;
    unsigned int wrong; /* what must not be */
    const char *first;  /* the first of them */
};

static struct
{
    IHostMemoryManager *manager;
    IHostMalloc *heap;
    struct holding *volatile slots[SLOTS];
    LONG64 volatile held; /* bytes the threads have committed, by their own count */
    LONG volatile stop;
} soak;

static unsigned int draw(struct worker *worker, unsigned int limit)
{
    worker->seed = worker->seed * 1664525 + 1013904223;
    return (worker->seed >> 8) % limit;
}

static void expect(struct worker *worker, BOOL right, const char *what)
{
    if (right) return;
    if (!worker->wrong++) worker->first = what;
}

/* Bytes of this thread's, after they were had: never more than the limit by all the threads' own count. */
static void hold(struct worker *worker, SIZE_T bytes)
{
    expect(worker, (ULONGLONG)InterlockedAdd64(&soak.held, bytes) <= LIMIT, "more in hand than the limit");
}

static void let_go(SIZE_T bytes)
{
    InterlockedAdd64(&soak.held, -(LONG64)bytes);
}

static SIZE_T page_ends(SIZE_T size, SIZE_T page)
{
    return size - page < PAGE ? size - page : PAGE;
}

/* Marks of the whole of it: the first and the last byte of each page. */
static void mark(const struct holding *holding, SIZE_T from, SIZE_T to)
{
    SIZE_T page;

    for (page = from; page < to; page += PAGE)
        holding->memory[page] = holding->memory[page + page_ends(to, page) - 1] = holding->seed;
}

static BOOL is_marked(const struct holding *holding)
{
    SIZE_T end = holding->committed, page;

    for (page = 0; page < end; page += PAGE)
        if (holding->memory[page] != holding->seed || holding->memory[page + page_ends(end, page) - 1] != holding->seed)
            return FALSE;
    return TRUE;
}

/* A refusal must be the limit's. */
static BOOL was_given(struct worker *worker, HRESULT hr, const void *memory)
{
    if (hr == S_OK && memory) return TRUE;
    expect(worker, hr == E_OUTOFMEMORY && !memory && GetLastError() == ERROR_COMMITMENT_LIMIT, "an odd refusal");
    worker->refused++;
    return FALSE;
}

static BOOL get_region(struct worker *worker, struct holding *holding)
{
    BOOL whole = draw(worker, 2);
    EMemoryCriticalLevel level = draw(worker, 3);
    void *memory;
    HRESULT hr;

    holding->kind = REGION;
    holding->size = (draw(worker, 40) + 1) * PAGE;
    holding->committed = whole ? holding->size : 0;
    worker->allocs++;
    hr = IHostMemoryManager_VirtualAlloc(soak.manager, NULL, holding->size, MEM_RESERVE | (whole ? MEM_COMMIT : 0),
                                         PAGE_READWRITE, level, &memory);
    if (!was_given(worker, hr, memory)) return FALSE;
    holding->memory = memory;
    hold(worker, holding->committed);
    mark(holding, 0, holding->committed);
    return TRUE;
}

static BOOL get_block(struct worker *worker, struct holding *holding)
{
    void *memory;
    HRESULT hr;

    holding->kind = BLOCK;
    holding->size = holding->committed = draw(worker, 16) ? draw(worker, 3000) + 1 : draw(worker, 700000) + 1;
    worker->blocks++;
    hr = IHostMalloc_Alloc(soak.heap, holding->size, draw(worker, 3), &memory);
    if (!was_given(worker, hr, memory)) return FALSE;
    holding->memory = memory;
    hold(worker, holding->size);
    mark(holding, 0, holding->size);
    return TRUE;
}

static struct holding *get_holding(struct worker *worker)
{
    struct holding *holding = HeapAlloc(GetProcessHeap(), 0, sizeof(*holding));

    if (!holding) return NULL;
    holding->seed = draw(worker, 255) + 1;
    if (draw(worker, 2) ? get_region(worker, holding) : get_block(worker, holding)) return holding;
    HeapFree(GetProcessHeap(), 0, holding);
    return NULL;
}

static void give_back(struct worker *worker, struct holding *holding)
{
    HRESULT hr;

    expect(worker, is_marked(holding), "somebody else wrote here");
    let_go(holding->committed);
    if (holding->kind == REGION)
    {
        worker->frees++;
        hr = IHostMemoryManager_VirtualFree(soak.manager, holding->memory, 0, MEM_RELEASE);
    }
    else
    {
        worker->block_frees++;
        hr = IHostMalloc_Free(soak.heap, holding->memory);
    }
    expect(worker, hr == S_OK, "not freed");
    HeapFree(GetProcessHeap(), 0, holding);
}

static void commit_more(struct worker *worker, struct holding *holding)
{
    SIZE_T bytes = (draw(worker, 8) + 1) * PAGE;
    void *memory;
    HRESULT hr;

    if (bytes > holding->size - holding->committed) bytes = holding->size - holding->committed;
    if (!bytes) return;
    worker->allocs++;
    worker->commits++;
    hr = IHostMemoryManager_VirtualAlloc(soak.manager, holding->memory + holding->committed, bytes, MEM_COMMIT,
                                         PAGE_READWRITE, draw(worker, 3), &memory);
    if (!was_given(worker, hr, memory)) return;
    hold(worker, bytes);
    mark(holding, holding->committed, holding->committed + bytes);
    holding->committed += bytes;
}

static void decommit_some(struct worker *worker, struct holding *holding)
{
    SIZE_T bytes = draw(worker, (unsigned int)(holding->committed / PAGE) + 1) * PAGE;

    if (!bytes) return;
    worker->frees++;
    worker->decommits++;
    holding->committed -= bytes;
    let_go(bytes);
    expect(worker,
           IHostMemoryManager_VirtualFree(soak.manager, holding->memory + holding->committed, bytes, MEM_DECOMMIT) ==
               S_OK,
           "not decommitted");
}

static void protect_and_query(struct worker *worker, struct holding *holding)
{
    MEMORY_BASIC_INFORMATION info;
    SIZE_T returned;
    DWORD old;

    worker->queries++;
    expect(worker,
           IHostMemoryManager_VirtualQuery(soak.manager, holding->memory, &info, sizeof(info), &returned) == S_OK &&
               info.AllocationBase == holding->memory && info.State == (holding->committed ? MEM_COMMIT : MEM_RESERVE),
           "a query went wrong");
    if (!holding->committed) return;
    worker->protects += 2;
    expect(worker,
           IHostMemoryManager_VirtualProtect(soak.manager, holding->memory, PAGE, PAGE_READONLY, &old) == S_OK &&
               old == PAGE_READWRITE,
           "not protected");
    expect(worker,
           IHostMemoryManager_VirtualProtect(soak.manager, holding->memory, PAGE, PAGE_READWRITE, &old) == S_OK &&
               old == PAGE_READONLY,
           "not protected back");
}

/* Something is done to it; NULL if that was its end. */
static struct holding *use(struct worker *worker, struct holding *holding)
{
    unsigned int what = draw(worker, 6);

    expect(worker, is_marked(holding), "somebody else wrote here");
    if (what < 2 || (holding->kind == BLOCK && what < 4))
    {
        give_back(worker, holding);
        return NULL;
    }
    if (holding->kind == BLOCK) return holding;
    if (what == 2) commit_more(worker, holding);
    if (what == 3) decommit_some(worker, holding);
    if (what > 3) protect_and_query(worker, holding);
    return holding;
}

static DWORD WINAPI work(void *arg)
{
    struct worker *worker = arg;

    while (!soak.stop)
    {
        struct holding *volatile *slot = &soak.slots[draw(worker, SLOTS)];
        struct holding *holding = InterlockedExchangePointer((void *volatile *)slot, NULL);

        holding = holding ? use(worker, holding) : get_holding(worker);
        if (holding) holding = InterlockedExchangePointer((void *volatile *)slot, holding);
        if (holding) give_back(worker, holding);
    }
    return 0;
}

static DWORD soak_milliseconds(void)
{
    char text[16];
    DWORD length = GetEnvironmentVariableA("CLRMEM_SOAK_SECONDS", text, sizeof(text));

    return (DWORD)(length && length < sizeof(text) ? atoi(text) : SECONDS) * 1000;
}

static void set_limits(void)
{
    CLRMEM_LIMITS limits = {.cbSize = sizeof(limits)};
    IClrMemManager *management;

    ok_hr(IHostMemoryManager_QueryInterface(soak.manager, &IID_IClrMemManager, (void **)&management), S_OK);
    limits.ullHardLimit = LIMIT;
    limits.ullSoftLimit = LIMIT / 2;
    limits.ullAppDomainReserve = LIMIT / 16;
    limits.ullProcessReserve = LIMIT / 16;
    ok_hr(IClrMemManager_SetLimits(management, &limits), S_OK);
    IClrMemManager_Release(management);
}

/* While they work, and when they are done. */
static void watch(HANDLE *threads)
{
    DWORD end = GetTickCount() + soak_milliseconds();
    CLRMEM_STATISTICS now;

    while ((LONG)(end - GetTickCount()) > 0)
    {
        now = get_statistics(soak.manager);
        ok(now.ullCharged <= LIMIT && now.ullPeakCharged <= LIMIT, "charged %I64u, at most %I64u\n", now.ullCharged,
           now.ullPeakCharged);
        Sleep(100);
    }
    soak.stop = TRUE;
    ok(!WaitForMultipleObjects(THREADS, threads, TRUE, 60000), "the threads do not end\n");
}

static struct worker add_up(const struct worker *workers)
{
    struct worker sum = {0};
    unsigned int i;

    for (i = 0; i < THREADS; i++)
    {
        ok(!workers[i].wrong, "thread %u: %u wrong, first: %s\n", i, workers[i].wrong, workers[i].first);
        sum.allocs += workers[i].allocs;
        sum.frees += workers[i].frees;
        sum.refused += workers[i].refused;
        sum.protects += workers[i].protects;
        sum.queries += workers[i].queries;
        sum.commits += workers[i].commits;
        sum.decommits += workers[i].decommits;
        sum.blocks += workers[i].blocks;
        sum.block_frees += workers[i].block_frees;
    }
    return sum;
}

static void check_calls(const struct worker *sum)
{
    CLRMEM_STATISTICS now = get_statistics(soak.manager);
    ULONGLONG refused = 0;
    unsigned int level;

    ok(now.VirtualAlloc.ullCalls == sum->allocs, "%I64u of %I64u VirtualAlloc\n", now.VirtualAlloc.ullCalls,
       sum->allocs);
    ok(now.VirtualFree.ullCalls == sum->frees, "%I64u of %I64u VirtualFree\n", now.VirtualFree.ullCalls, sum->frees);
    ok(now.VirtualProtect.ullCalls == sum->protects, "%I64u of %I64u VirtualProtect\n", now.VirtualProtect.ullCalls,
       sum->protects);
    ok(now.VirtualQuery.ullCalls == sum->queries, "%I64u of %I64u VirtualQuery\n", now.VirtualQuery.ullCalls,
       sum->queries);
    ok(now.Alloc.ullCalls == sum->blocks, "%I64u of %I64u Alloc\n", now.Alloc.ullCalls, sum->blocks);
    ok(now.Free.ullCalls == sum->block_frees, "%I64u of %I64u Free\n", now.Free.ullCalls, sum->block_frees);
    for (level = 0; level < CLRMEM_LEVELS; level++) refused += now.ullRefusals[CLRMEM_CAUSE_LIMIT][level];
    ok(refused == sum->refused, "%I64u of %I64u refusals\n", refused, sum->refused);
    ok(refused, "the limit was never met\n");
    ok(!now.VirtualFree.ullFailures && !now.Free.ullFailures && !now.ullRefusedFrees, "frees were refused\n");
}

static void check_balance(void)
{
    CLRMEM_STATISTICS now = get_statistics(soak.manager);
    unsigned int level;

    ok(now.ullPeakCharged <= LIMIT, "%I64u charged of %I64u\n", now.ullPeakCharged, LIMIT);
    ok(now.ullPeakCharged > LIMIT / 2, "only %I64u charged of %I64u\n", now.ullPeakCharged, LIMIT);
    ok(!now.ullReserved && !now.ullCommitted && !now.ullRegions,
       "%I64u reserved, %I64u committed, %I64u regions left\n", now.ullReserved, now.ullCommitted, now.ullRegions);
    ok(!now.ullHeapLive && !now.ullHeapBlocks, "%I64u bytes in %I64u blocks left\n", now.ullHeapLive,
       now.ullHeapBlocks);
    ok(now.ullCharged == now.ullHeapCommitted, "%I64u charged, %I64u committed\n", now.ullCharged,
       now.ullHeapCommitted);
    for (level = 0; level < CLRMEM_LEVELS; level++)
        ok(!now.Levels[level].ullReserved && !now.Levels[level].ullCommitted && !now.Levels[level].ullHeapLive &&
               !now.Levels[level].ullHeapBlocks,
           "level %u: %I64u, %I64u, %I64u, %I64u left\n", level, now.Levels[level].ullReserved,
           now.Levels[level].ullCommitted, now.Levels[level].ullHeapLive, now.Levels[level].ullHeapBlocks);
    ok(!soak.held, "%I64d bytes still in hand\n", soak.held);
}

static void check_end(void)
{
    CLRMEM_STATISTICS now;

    IHostMalloc_Release(soak.heap);
    now = get_statistics(soak.manager);
    ok(!now.ullCharged && !now.ullHeapCommitted && !now.ullHeapReserved && !now.ullHeaps,
       "%I64u charged, %I64u committed, %I64u reserved, %I64u heaps left\n", now.ullCharged, now.ullHeapCommitted,
       now.ullHeapReserved, now.ullHeaps);
    IHostMemoryManager_Release(soak.manager);
}

START_TEST(soak)
{
    struct worker workers[THREADS] = {{0}}, sum;
    HANDLE threads[THREADS];
    unsigned int i;

    if (!load_clrmem()) return;
    soak.manager = create_manager();
    soak.heap = create_malloc(soak.manager, MALLOC_THREADSAFE);
    set_limits();
    for (i = 0; i < THREADS; i++)
    {
        workers[i].seed = i * 7919 + 1;
        threads[i] = CreateThread(NULL, 0, work, &workers[i], 0, NULL);
        ok(!!threads[i], "no thread %u\n", i);
    }
    watch(threads);
    for (i = 0; i < THREADS; i++) CloseHandle(threads[i]);
    for (i = 0; i < SLOTS; i++)
        if (soak.slots[i]) give_back(&workers[0], soak.slots[i]);
    sum = add_up(workers);
    check_calls(&sum);
    check_balance();
    check_end();
    trace("%u threads: %I64u VirtualAlloc, %I64u VirtualFree, %I64u Alloc, %I64u Free, %I64u refused\n", THREADS,
          sum.allocs, sum.frees, sum.blocks, sum.block_frees, sum.refused);
}
