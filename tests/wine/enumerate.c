/*
 * The enumerations of what is live: regions and blocks.
 *
 * "enumerate leak" ends a heap and a manager with leaks, for the script that reads the list of them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "management_test.h"

#define MOST 64 /* that a list takes */

struct list
{
    unsigned int count, stop_after; /* 0: never */
    CLRMEM_REGION regions[MOST];
    CLRMEM_BLOCK blocks[MOST];
};

static BOOL go_on(struct list *list)
{
    list->count++;
    ok(list->count <= MOST, "too many\n");
    return list->count != list->stop_after && list->count < MOST;
}

static BOOL CALLBACK list_region(const CLRMEM_REGION *region, void *context)
{
    struct list *list = context;

    ok(region->cbSize == sizeof(*region) && !region->dwPadding, "got %lu, %lu\n", region->cbSize, region->dwPadding);
    list->regions[list->count] = *region;
    return go_on(list);
}

static BOOL CALLBACK list_block(const CLRMEM_BLOCK *block, void *context)
{
    struct list *list = context;

    ok(block->cbSize == sizeof(*block) && !block->dwPadding, "got %lu, %lu\n", block->cbSize, block->dwPadding);
    list->blocks[list->count] = *block;
    return go_on(list);
}

static struct list list_regions(IHostMemoryManager *manager)
{
    struct list list = {0};

    ok_hr(management->enum_regions(as_unknown(manager), list_region, &list), S_OK);
    return list;
}

static struct list list_blocks(IHostMemoryManager *manager)
{
    struct list list = {0};

    ok_hr(management->enum_blocks(as_unknown(manager), list_block, &list), S_OK);
    return list;
}

static struct list list_heap_blocks(IHostMalloc *heap)
{
    struct list list = {0};

    ok_hr(management->enum_heap_blocks(as_unknown(heap), list_block, &list), S_OK);
    return list;
}

static BYTE *reserve(IHostMemoryManager *manager, SIZE_T size, EMemoryCriticalLevel level)
{
    void *out = NULL;

    ok_hr(IHostMemoryManager_VirtualAlloc(manager, NULL, size, MEM_RESERVE, PAGE_READWRITE, level, &out), S_OK);
    return out;
}

static BYTE *allocate(IHostMalloc *heap, SIZE_T size, EMemoryCriticalLevel level)
{
    void *out = NULL;

    ok_hr(IHostMalloc_Alloc(heap, size, level, &out), S_OK);
    return out;
}

static BYTE *debug_allocate(IHostMalloc *heap, SIZE_T size, EMemoryCriticalLevel level, const char *file, int line)
{
    char name[64];
    void *out = NULL;

    strcpy(name, file);
    ok_hr(IHostMalloc_DebugAlloc(heap, size, level, name, line, &out), S_OK);
    memset(name, 'x', sizeof(name));
    return out;
}

static void test_arguments(void)
{
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0);

    ok_hr(management->enum_regions(as_unknown(manager), NULL, NULL), E_POINTER);
    ok_hr(management->enum_blocks(as_unknown(manager), NULL, NULL), E_POINTER);
    ok_hr(management->enum_heap_blocks(as_unknown(heap), NULL, NULL), E_POINTER);
    ok(!list_regions(manager).count && !list_blocks(manager).count && !list_heap_blocks(heap).count,
       "a new manager has something\n");
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(manager);
}

#define check_region(list, base, level, size, committed, locked)                                                       \
    check_region_(__LINE__, list, base, level, size, committed, locked)
static void check_region_(int line, const struct list *list, const BYTE *base, EMemoryCriticalLevel level, SIZE_T size,
                          SIZE_T committed, DWORD locked)
{
    const CLRMEM_REGION *region = NULL;
    unsigned int i;

    for (i = 0; i < list->count && !region; i++)
        if (list->regions[i].pvBase == base) region = &list->regions[i];
    ok_(__FILE__, line)(!!region, "no region at %p\n", base);
    if (!region) return;
    ok_(__FILE__, line)(region->ullBase == (ULONG_PTR)base, "got %#I64x\n", region->ullBase);
    ok_(__FILE__, line)(region->dwCriticalLevel == (DWORD)level && region->ullSize == size &&
                            region->ullCommitted == committed && region->dwLockedFor == locked,
                        "got %lu, %#I64x, %#I64x, %#lx\n", region->dwCriticalLevel, region->ullSize,
                        region->ullCommitted, region->dwLockedFor);
}

static void test_regions(void)
{
    IHostMemoryManager *manager = create_manager(), *other = create_manager();
    BYTE *first = commit_region(manager, 3 * PAGE), *second = reserve(manager, 4 * GRANULE, eAppDomainCritical);
    BYTE *third = reserve(manager, GRANULE, eProcessCritical), *gone = commit_region(manager, PAGE);
    struct list list = {.stop_after = 2};
    SIZE_T size;
    void *out;

    commit_region(other, PAGE);
    ok_hr(IHostMemoryManager_VirtualAlloc(manager, second + PAGE, 2 * PAGE, MEM_COMMIT, PAGE_READWRITE, eTaskCritical,
                                          &out),
          S_OK);
    ok_hr(IHostMemoryManager_VirtualFree(manager, gone, 0, MEM_RELEASE), S_OK);
    ok_hr(management->lock_region(as_unknown(manager), third, 0, 0, &out, &size), S_OK);

    ok_hr(management->enum_regions(as_unknown(manager), list_region, &list), S_OK);
    ok(list.count == 2, "stopped after %u\n", list.count);
    list = list_regions(manager);
    ok(list.count == 3, "got %u regions\n", list.count);
    check_region(&list, first, eTaskCritical, 3 * PAGE, 3 * PAGE, 0);
    check_region(&list, second, eAppDomainCritical, 4 * GRANULE, 2 * PAGE, 0);
    check_region(&list, third, eProcessCritical, GRANULE, 0, GetCurrentThreadId());
    ok(list_regions(other).count == 1, "got %u regions\n", list_regions(other).count);
    IHostMemoryManager_Release(other);
    IHostMemoryManager_Release(manager);
}

static const CLRMEM_BLOCK *find_block(const struct list *list, const BYTE *address)
{
    unsigned int i;

    for (i = 0; i < list->count; i++)
        if (list->blocks[i].pvAddress == address) return &list->blocks[i];
    ok(0, "no block at %p\n", address);
    return NULL;
}

#define check_block(list, address, level, size, file, line)                                                            \
    check_block_(__LINE__, list, address, level, size, file, line)
static void check_block_(int test_line, const struct list *list, const BYTE *address, EMemoryCriticalLevel level,
                         SIZE_T size, const char *file, int line)
{
    const CLRMEM_BLOCK *block = find_block(list, address);

    if (!block) return;
    ok_(__FILE__, test_line)(block->ullAddress == (ULONG_PTR)address, "got %#I64x\n", block->ullAddress);
    ok_(__FILE__, test_line)(block->dwCriticalLevel == (DWORD)level, "got level %lu\n", block->dwCriticalLevel);
    ok_(__FILE__, test_line)(block->ullSize >= size && block->ullSize <= size + size / 4 + PAGE, "got %I64u bytes\n",
                             block->ullSize);
    ok_(__FILE__, test_line)(block->lLine == line, "got line %ld\n", block->lLine);
    ok_(__FILE__, test_line)(block->ullFile == (ULONG_PTR)block->pszFile, "got %#I64x\n", block->ullFile);
    if (file)
        ok_(__FILE__, test_line)(block->pszFile && !strcmp(block->pszFile, file), "got %s\n", block->pszFile);
    else
        ok_(__FILE__, test_line)(!block->pszFile, "got %s\n", block->pszFile);
}

static void test_blocks(void)
{
    IHostMemoryManager *manager = create_manager(), *other_manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0), *other = create_malloc(manager, MALLOC_EXECUTABLE);
    IHostMalloc *foreign = create_malloc(other_manager, 0);
    BYTE *small = allocate(heap, 100, eTaskCritical), *large = allocate(heap, 0x200000, eProcessCritical);
    BYTE *named = debug_allocate(heap, 40, eAppDomainCritical, "C:\\source\\file.cpp", 77);
    BYTE *gone = debug_allocate(heap, 40, eTaskCritical, "gone.cpp", 1), *alone = allocate(other, 7, eTaskCritical);
    BYTE *large_named = debug_allocate(other, 0x100000, eTaskCritical, "large.cpp", 2);
    struct list list = {.stop_after = 4};

    allocate(foreign, 5, eTaskCritical);
    ok_hr(IHostMalloc_Free(heap, gone), S_OK);
    ok_hr(management->enum_blocks(as_unknown(manager), list_block, &list), S_OK);
    ok(list.count == 4, "stopped after %u\n", list.count);
    list = list_blocks(manager);
    ok(list.count == 5, "got %u blocks\n", list.count);
    check_block(&list, small, eTaskCritical, 100, NULL, 0);
    check_block(&list, large, eProcessCritical, 0x200000, NULL, 0);
    check_block(&list, named, eAppDomainCritical, 40, "C:\\source\\file.cpp", 77);
    check_block(&list, alone, eTaskCritical, 7, NULL, 0);
    check_block(&list, large_named, eTaskCritical, 0x100000, "large.cpp", 2);
    ok(find_block(&list, small)->ullHeap == find_block(&list, large)->ullHeap, "two heaps\n");
    ok(find_block(&list, small)->ullHeap != find_block(&list, alone)->ullHeap, "one heap\n");

    list = list_heap_blocks(heap);
    ok(list.count == 3, "got %u blocks\n", list.count);
    check_block(&list, large, eProcessCritical, 0x200000, NULL, 0);
    check_block(&list, named, eAppDomainCritical, 40, "C:\\source\\file.cpp", 77);
    list = list_heap_blocks(other);
    ok(list.count == 2, "got %u blocks\n", list.count);
    check_block(&list, large_named, eTaskCritical, 0x100000, "large.cpp", 2);
    IHostMalloc_Release(foreign);
    IHostMalloc_Release(other);
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(other_manager);
    IHostMemoryManager_Release(manager);
}

/* After the shutdown everything that was never freed is still listed. */
static void test_after_shutdown(void)
{
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0);
    BYTE *block = debug_allocate(heap, 100, eProcessCritical, "leak.c", 5);
    BYTE *region = reserve(manager, 2 * GRANULE, eAppDomainCritical);
    struct list regions, blocks;
    void *out;

    ok_hr(IHostMemoryManager_VirtualAlloc(manager, region, PAGE, MEM_COMMIT, PAGE_READWRITE, eTaskCritical, &out),
          S_OK);
    ok_hr(management->shutdown(as_unknown(manager)), S_OK);
    regions = list_regions(manager);
    blocks = list_blocks(manager);
    ok(regions.count == 1 && blocks.count == 1 && list_heap_blocks(heap).count == 1, "less after the shutdown\n");
    ok(regions.regions[0].pvBase == region && regions.regions[0].dwCriticalLevel == eAppDomainCritical &&
           regions.regions[0].ullSize == 2 * GRANULE && regions.regions[0].ullCommitted == PAGE,
       "got %p, %lu, %#I64x, %#I64x\n", regions.regions[0].pvBase, regions.regions[0].dwCriticalLevel,
       regions.regions[0].ullSize, regions.regions[0].ullCommitted);
    ok(blocks.blocks[0].pvAddress == block && blocks.blocks[0].dwCriticalLevel == eProcessCritical &&
           blocks.blocks[0].ullSize >= 100,
       "got %p, %lu, %I64u\n", blocks.blocks[0].pvAddress, blocks.blocks[0].dwCriticalLevel, blocks.blocks[0].ullSize);
    ok(blocks.blocks[0].lLine == 5 && blocks.blocks[0].pszFile && !strcmp(blocks.blocks[0].pszFile, "leak.c"),
       "got %s:%ld\n", blocks.blocks[0].pszFile, blocks.blocks[0].lLine);
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(manager);
}

struct reentry
{
    IHostMemoryManager *manager;
    IHostMalloc *heap;
    unsigned int count;
};

/* Callbacks may use the region or block, and the manager. */
static BOOL CALLBACK free_region(const CLRMEM_REGION *region, void *context)
{
    struct reentry *reentry = context;

    reentry->count++;
    ok_hr(IHostMemoryManager_VirtualFree(reentry->manager, region->pvBase, 0, MEM_RELEASE), S_OK);
    ok(get_statistics(reentry->manager).ullRegions + reentry->count == 10, "got %I64u\n",
       get_statistics(reentry->manager).ullRegions);
    return TRUE;
}

static BOOL CALLBACK free_block(const CLRMEM_BLOCK *block, void *context)
{
    struct reentry *reentry = context;

    reentry->count++;
    ok_hr(IHostMalloc_Free(reentry->heap, block->pvAddress), S_OK);
    return TRUE;
}

static BOOL CALLBACK end_heap(const CLRMEM_BLOCK *block, void *context)
{
    struct reentry *reentry = context;

    (void)block;
    if (reentry->heap) IHostMalloc_Release(reentry->heap);
    reentry->heap = NULL;
    reentry->count++;
    return TRUE;
}

static void test_reentry(void)
{
    IHostMemoryManager *manager = create_manager();
    struct reentry reentry = {manager, create_malloc(manager, 0), 0};
    unsigned int i;

    for (i = 0; i < 10; i++) commit_region(manager, GRANULE);
    ok_hr(management->enum_regions(as_unknown(manager), free_region, &reentry), S_OK);
    ok(reentry.count == 10 && !list_regions(manager).count, "got %u regions\n", reentry.count);

    reentry.count = 0;
    for (i = 0; i < 10000; i++) allocate(reentry.heap, i, eTaskCritical);
    ok_hr(management->enum_heap_blocks(as_unknown(reentry.heap), free_block, &reentry), S_OK);
    ok(reentry.count == 10000 && !list_blocks(manager).count, "got %u blocks\n", reentry.count);

    reentry.count = 0;
    for (i = 0; i < 1000; i++) allocate(reentry.heap, 100, eTaskCritical);
    ok_hr(management->enum_blocks(as_unknown(manager), end_heap, &reentry), S_OK);
    ok(reentry.count == 1000 && !list_blocks(manager).count, "got %u blocks\n", reentry.count);
    IHostMemoryManager_Release(manager);
}

struct churn
{
    IHostMemoryManager *manager;
    LONG stop, errors;
};

#define CHURN_HEAPS 16 /* that a thread has at once */

/* Blocks of several sizes, one of them freed again. */
static BOOL fill_heap(IHostMalloc *heap)
{
    void *block;

    return IHostMalloc_Alloc(heap, 50, eTaskCritical, &block) == S_OK &&
           IHostMalloc_Alloc(heap, 5000, eTaskCritical, &block) == S_OK &&
           IHostMalloc_DebugAlloc(heap, 600, eTaskCritical, NULL, 1, &block) == S_OK &&
           IHostMalloc_Free(heap, block) == S_OK;
}

static BOOL use_region(IHostMemoryManager *manager)
{
    void *region;

    return IHostMemoryManager_VirtualAlloc(manager, NULL, GRANULE, MEM_RESERVE, PAGE_READWRITE, eTaskCritical,
                                           &region) == S_OK &&
           IHostMemoryManager_VirtualFree(manager, region, 0, MEM_RELEASE) == S_OK;
}

/* Heaps, blocks and regions are made and freed. */
static DWORD WINAPI churn_thread(void *arg)
{
    IHostMalloc *heaps[CHURN_HEAPS] = {NULL}, **heap;
    struct churn *churn = arg;
    unsigned int i;

    for (i = 0; !churn->stop; i++)
    {
        heap = &heaps[i * 7 % CHURN_HEAPS];
        if (*heap) IHostMalloc_Release(*heap);
        *heap = NULL;
        if (IHostMemoryManager_CreateMalloc(churn->manager, 0, heap) != S_OK || !fill_heap(*heap) ||
            !use_region(churn->manager))
            InterlockedIncrement(&churn->errors);
    }
    for (i = 0; i < CHURN_HEAPS; i++)
        if (heaps[i]) IHostMalloc_Release(heaps[i]);
    return 0;
}

static BOOL CALLBACK count_region(const CLRMEM_REGION *region, void *context)
{
    ok(region->ullSize && region->ullBase, "got %#I64x, %#I64x\n", region->ullSize, region->ullBase);
    ++*(unsigned int *)context;
    return TRUE;
}

static BOOL CALLBACK count_block(const CLRMEM_BLOCK *block, void *context)
{
    ok(block->ullSize && block->ullAddress, "got %#I64x, %#I64x\n", block->ullSize, block->ullAddress);
    ++*(unsigned int *)context;
    return TRUE;
}

static void test_meanwhile(void)
{
    struct churn churn = {create_manager(), 0, 0};
    IHostMalloc *heap = create_malloc(churn.manager, 0);
    HANDLE threads[4];
    unsigned int i, count;

    for (i = 0; i < 100; i++) allocate(heap, 64, eTaskCritical);
    for (i = 0; i < ARRAY_SIZE(threads); i++) threads[i] = CreateThread(NULL, 0, churn_thread, &churn, 0, NULL);
    for (i = 0; i < 500; i++)
    {
        count = 0;
        ok_hr(management->enum_regions(as_unknown(churn.manager), count_region, &count), S_OK);
        ok_hr(management->enum_blocks(as_unknown(churn.manager), count_block, &count), S_OK);
        ok(count >= 100 && count <= 100 + ARRAY_SIZE(threads) * (CHURN_HEAPS * 3 + 1), "got %u\n", count);
    }
    churn.stop = 1;
    ok(WaitForMultipleObjects(ARRAY_SIZE(threads), threads, TRUE, 60000) != WAIT_TIMEOUT, "threads hang\n");
    for (i = 0; i < ARRAY_SIZE(threads); i++) CloseHandle(threads[i]);
    ok(!churn.errors, "%ld errors\n", churn.errors);
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(churn.manager);
}

/* 150 blocks and a region, one of the blocks with its place, and a heap that ends clean. */
static void leak(void)
{
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0), *clean = create_malloc(manager, 0);
    unsigned int i;

    debug_allocate(heap, 100, eAppDomainCritical, "leaky.cpp", 42);
    for (i = 0; i < 149; i++) allocate(heap, 100, eTaskCritical);
    IHostMalloc_Free(clean, allocate(clean, 100, eTaskCritical));
    commit_region(manager, GRANULE);
    IHostMalloc_Release(clean);
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(manager);
}

static void test_all(void)
{
    test_arguments();
    test_regions();
    test_blocks();
    test_after_shutdown();
    test_reentry();
    test_meanwhile();
}

START_TEST(enumerate)
{
    char **argv;

    if (winetest_get_mainargs(&argv) > 2 && !strcmp(argv[2], "leak"))
    {
        if (load_clrmem()) leak();
        return;
    }
    run_both_ways(test_all);
}
