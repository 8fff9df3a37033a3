/*
 * Many threads at once: every call from any of them, double frees that race, calls while another is suspended.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_test.h"

#define THREADS 8
#define WAIT    60000 /* ms: nothing here takes seconds */

struct shared
{
    IHostMemoryManager *manager;
    IHostMalloc *heap;
    HANDLE start;
    LONG errors;
    LONG refused;
    LONG freed;
    LONG stop;
    void *volatile target;
};

static void setup(struct shared *shared)
{
    memset(shared, 0, sizeof(*shared));
    shared->manager = create_manager();
    shared->heap = create_malloc(shared->manager, MALLOC_THREADSAFE);
    shared->start = CreateEventA(NULL, TRUE, FALSE, NULL);
}

static void teardown(struct shared *shared)
{
    CloseHandle(shared->start);
    IHostMalloc_Release(shared->heap);
    IHostMemoryManager_Release(shared->manager);
}

/* Runs the function on all threads, started together. */
static void run_threads(struct shared *shared, LPTHREAD_START_ROUTINE function)
{
    HANDLE threads[THREADS];
    unsigned int i;

    for (i = 0; i < THREADS; i++) threads[i] = CreateThread(NULL, 0, function, shared, 0, NULL);
    SetEvent(shared->start);
    ok(WaitForMultipleObjects(THREADS, threads, TRUE, WAIT) != WAIT_TIMEOUT, "threads hang\n");
    for (i = 0; i < THREADS; i++) CloseHandle(threads[i]);
    ResetEvent(shared->start);
}

static void expect(struct shared *shared, BOOL condition)
{
    if (!condition) InterlockedIncrement(&shared->errors);
}

/* One life of a region, on one thread. */
static void use_region(struct shared *shared, unsigned int i)
{
    IHostMemoryManager *manager = shared->manager;
    SIZE_T size = (i % 4 + 1) * GRANULE;
    MEMORY_BASIC_INFORMATION info;
    BYTE seed = (BYTE)GetCurrentThreadId() + i, *memory;
    void *out = NULL;
    DWORD old;

    expect(shared, IHostMemoryManager_VirtualAlloc(manager, NULL, size, MEM_RESERVE, PAGE_READWRITE, eTaskCritical,
                                                   &out) == S_OK);
    if (!(memory = out)) return;
    expect(shared, IHostMemoryManager_VirtualAlloc(manager, memory + PAGE, 2 * PAGE, MEM_COMMIT, PAGE_READWRITE,
                                                   eTaskCritical, &out) == S_OK);
    expect(shared, is_zero(memory + PAGE, 2 * PAGE));
    fill_pattern(memory + PAGE, 2 * PAGE, seed);
    expect(shared, IHostMemoryManager_VirtualQuery(manager, memory + PAGE, &info, sizeof(info), NULL) == S_OK);
    expect(shared, info.AllocationBase == memory && info.RegionSize == 2 * PAGE && info.Protect == PAGE_READWRITE);
    expect(shared, IHostMemoryManager_VirtualProtect(manager, memory + PAGE, PAGE, PAGE_READONLY, &old) == S_OK);
    expect(shared, is_pattern(memory + PAGE, 2 * PAGE, seed));
    expect(shared, IHostMemoryManager_VirtualFree(manager, memory + 2 * PAGE, PAGE, MEM_DECOMMIT) == S_OK);
    expect(shared, IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE) == S_OK);
}

static DWORD WINAPI region_thread(void *arg)
{
    struct shared *shared = arg;
    unsigned int i;

    WaitForSingleObject(shared->start, WAIT);
    for (i = 0; i < 300; i++) use_region(shared, i);
    return 0;
}

static void test_regions(void)
{
    struct shared shared;
    CLRMEM_STATISTICS statistics;

    setup(&shared);
    run_threads(&shared, region_thread);
    ok(!shared.errors, "%ld errors\n", shared.errors);
    statistics = get_statistics(shared.manager);
    ok(!statistics.ullRegions && !statistics.ullReserved && !statistics.ullCommitted,
       "left: %I64u regions, %#I64x reserved, %#I64x committed\n", statistics.ullRegions, statistics.ullReserved,
       statistics.ullCommitted);
    ok(statistics.VirtualAlloc.ullCalls == THREADS * 300 * 2, "got %I64u\n", statistics.VirtualAlloc.ullCalls);
    ok(statistics.VirtualFree.ullCalls == THREADS * 300 * 2, "got %I64u\n", statistics.VirtualFree.ullCalls);
    ok(statistics.ullPeakRegions >= 1 && statistics.ullPeakRegions <= THREADS, "got %I64u\n",
       statistics.ullPeakRegions);
    teardown(&shared);
}

/* Any thread may free a block. */
static DWORD WINAPI heap_thread(void *arg)
{
    struct shared *shared = arg;
    unsigned int i, seed = GetCurrentThreadId();
    SIZE_T size;
    BYTE *block;

    WaitForSingleObject(shared->start, WAIT);
    for (i = 0; i < 20000; i++)
    {
        seed = seed * 1103515245 + 12345;
        size = (seed >> 16) % 500 + sizeof(SIZE_T);
        block = NULL;
        expect(shared, IHostMalloc_Alloc(shared->heap, size, eTaskCritical, (void **)&block) == S_OK);
        if (!block) continue;
        *(SIZE_T *)block = size;
        memset(block + sizeof(SIZE_T), (BYTE)size, size - sizeof(SIZE_T));
        block = InterlockedExchangePointer((void **)&shared->target, block);
        if (!block) continue;
        size = *(SIZE_T *)block;
        expect(shared,
               size == sizeof(SIZE_T) || (block[size - 1] == (BYTE)size && block[sizeof(SIZE_T)] == (BYTE)size));
        expect(shared, IHostMalloc_Free(shared->heap, block) == S_OK);
    }
    return 0;
}

static void test_heap(void)
{
    struct shared shared;

    setup(&shared);
    run_threads(&shared, heap_thread);
    ok(!shared.errors, "%ld errors\n", shared.errors);
    ok_hr(IHostMalloc_Free(shared.heap, shared.target), S_OK);
    ok(!get_statistics(shared.manager).ullHeapBlocks, "got %I64u\n", get_statistics(shared.manager).ullHeapBlocks);
    ok(get_statistics(shared.manager).Alloc.ullCalls == THREADS * 20000, "calls not counted\n");
    teardown(&shared);
}

static void count_free(struct shared *shared, HRESULT hr)
{
    if (hr == S_OK)
        InterlockedIncrement(&shared->freed);
    else if (hr == HOST_E_INVALIDOPERATION)
        InterlockedIncrement(&shared->refused);
    else
        InterlockedIncrement(&shared->errors);
}

static DWORD WINAPI free_region_thread(void *arg)
{
    struct shared *shared = arg;

    WaitForSingleObject(shared->start, WAIT);
    count_free(shared, IHostMemoryManager_VirtualFree(shared->manager, shared->target, 0, MEM_RELEASE));
    return 0;
}

static DWORD WINAPI free_block_thread(void *arg)
{
    struct shared *shared = arg;

    WaitForSingleObject(shared->start, WAIT);
    count_free(shared, IHostMalloc_Free(shared->heap, shared->target));
    return 0;
}

static void check_race(struct shared *shared)
{
    ok(shared->freed == 1 && shared->refused == THREADS - 1 && !shared->errors,
       "got %ld freed, %ld refused, %ld errors\n", shared->freed, shared->refused, shared->errors);
    shared->freed = shared->refused = shared->errors = 0;
}

/* Of all threads that free the same, one succeeds. */
static void test_racing_frees(void)
{
    struct shared shared;
    void *block;
    int i;

    setup(&shared);
    for (i = 0; i < 40; i++)
    {
        winetest_push_context("round %d", i);
        shared.target = commit_region(shared.manager, GRANULE);
        run_threads(&shared, free_region_thread);
        check_race(&shared);
        check_free(shared.target);

        IHostMalloc_Alloc(shared.heap, i * 1000, eTaskCritical, &block);
        shared.target = block;
        run_threads(&shared, free_block_thread);
        check_race(&shared);
        winetest_pop_context();
    }
    teardown(&shared);
}

/* Decommits of a region that another thread releases: each is done before, or refused after, and the accounts are
 * right in the end. */
static DWORD WINAPI decommit_thread(void *arg)
{
    struct shared *shared = arg;
    BYTE *memory = shared->target;
    unsigned int i;
    HRESULT hr;

    WaitForSingleObject(shared->start, WAIT);
    for (i = 1; i < 16; i++)
    {
        hr = IHostMemoryManager_VirtualFree(shared->manager, memory + i * PAGE, PAGE, MEM_DECOMMIT);
        expect(shared, hr == S_OK || hr == HOST_E_INVALIDOPERATION);
    }
    count_free(shared, IHostMemoryManager_VirtualFree(shared->manager, memory, 0, MEM_RELEASE));
    return 0;
}

static void test_racing_decommits(void)
{
    CLRMEM_STATISTICS statistics;
    struct shared shared;
    int i;

    setup(&shared);
    for (i = 0; i < 40; i++)
    {
        shared.target = commit_region(shared.manager, GRANULE);
        run_threads(&shared, decommit_thread);
        check_race(&shared);
    }
    statistics = get_statistics(shared.manager);
    ok(!statistics.ullCommitted && !statistics.ullReserved && !statistics.ullRegions,
       "left: %I64u regions, %#I64x reserved, %#I64x committed\n", statistics.ullRegions, statistics.ullReserved,
       statistics.ullCommitted);
    teardown(&shared);
}

static DWORD WINAPI busy_thread(void *arg)
{
    struct shared *shared = arg;
    unsigned int i;

    SetEvent(shared->start);
    for (i = 0; !shared->stop; i++) use_region(shared, i);
    return 0;
}

static DWORD WINAPI caller_thread(void *arg)
{
    struct shared *shared = arg;

    use_region(shared, 0);
    use_region(shared, 1);
    return 0;
}

/* A collection suspends threads at any instruction, and then requests memory. */
static void test_suspended(void)
{
    HANDLE busy, caller;
    struct shared shared;
    DWORD wait;
    int i;

    setup(&shared);
    busy = CreateThread(NULL, 0, busy_thread, &shared, 0, NULL);
    /* A thread that is suspended while it starts holds the loader's lock, which the next thread to start waits for. */
    ok(WaitForSingleObject(shared.start, WAIT) == WAIT_OBJECT_0, "thread does not start\n");
    for (i = 0; i < 200; i++)
    {
        SuspendThread(busy);
        caller = CreateThread(NULL, 0, caller_thread, &shared, 0, NULL);
        wait = WaitForSingleObject(caller, 10000);
        ok(wait == WAIT_OBJECT_0, "a call waits for a suspended thread\n");
        ResumeThread(busy);
        WaitForSingleObject(caller, WAIT);
        CloseHandle(caller);
        if (wait != WAIT_OBJECT_0) break;
    }
    InterlockedExchange(&shared.stop, 1);
    ok(WaitForSingleObject(busy, WAIT) == WAIT_OBJECT_0, "thread hangs\n");
    CloseHandle(busy);
    ok(!shared.errors, "%ld errors\n", shared.errors);
    ok(!get_statistics(shared.manager).ullRegions, "regions left\n");
    teardown(&shared);
}

/* References from many threads; the last one ends it. */
static DWORD WINAPI reference_thread(void *arg)
{
    struct shared *shared = arg;
    IHostMalloc *heap;
    unsigned int i;

    WaitForSingleObject(shared->start, WAIT);
    for (i = 0; i < 200; i++)
    {
        IHostMemoryManager_AddRef(shared->manager);
        expect(shared, IHostMemoryManager_CreateMalloc(shared->manager, 0, &heap) == S_OK);
        expect(shared, !IHostMalloc_Release(heap));
        IHostMemoryManager_Release(shared->manager);
        IHostMemoryManager_RegisterMemoryNotificationCallback(shared->manager, NULL);
    }
    return 0;
}

static void test_references(void)
{
    struct shared shared;

    setup(&shared);
    run_threads(&shared, reference_thread);
    ok(!shared.errors, "%ld errors\n", shared.errors);
    ok(get_ref(shared.manager) == 2, "got %lu\n", get_ref(shared.manager));
    ok(get_statistics(shared.manager).ullHeaps == 1, "heaps left\n");
    teardown(&shared);
}

START_TEST(threads)
{
    if (!load_clrmem()) return;
    test_regions();
    test_heap();
    test_racing_frees();
    test_racing_decommits();
    test_suspended();
    test_references();
    ok_hr(clrmem.can_unload_now(), S_OK);
}
