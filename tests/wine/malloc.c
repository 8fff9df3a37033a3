/*
 * IHostMalloc: blocks, and addresses that are not blocks.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_test.h"

static const SIZE_T sizes[] = {0,     1,     2,      8,       15,      16,       17,       24,       31,
                               32,    33,    100,    127,     128,     129,      1000,     1024,     2047,
                               4095,  4096,  4097,   8192,    10000,   16384,    32768,    32769,    65535,
                               65536, 65537, 100000, 0x40000, 0x80001, 0x100000, 0x123456, 0x400000, 0x1000000};

static BYTE *alloc_block(IHostMalloc *heap, SIZE_T size)
{
    void *block = (void *)0xdeadbeef;

    SetLastError(KEEP_ERROR);
    ok_hr(IHostMalloc_Alloc(heap, size, eTaskCritical, &block), S_OK);
    ok_error(KEEP_ERROR);
    ok(block && !((ULONG_PTR)block % 16), "size %#Ix: got %p\n", size, block);
    return block;
}

static void free_block(IHostMalloc *heap, void *block)
{
    SetLastError(KEEP_ERROR);
    ok_hr(IHostMalloc_Free(heap, block), S_OK);
    ok_error(KEEP_ERROR);
}

/* Blocks of all sizes at once, full to the last byte, freed in another order. */
static void test_sizes(DWORD type)
{
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, type);
    BYTE *blocks[ARRAY_SIZE(sizes)];
    unsigned int i, j;

    for (i = 0; i < ARRAY_SIZE(sizes); i++)
    {
        blocks[i] = alloc_block(heap, sizes[i]);
        fill_pattern(blocks[i], sizes[i], i);
        for (j = 0; j < i; j++) ok(blocks[i] != blocks[j], "one block for sizes %#Ix, %#Ix\n", sizes[i], sizes[j]);
    }
    for (i = 0; i < ARRAY_SIZE(sizes); i++)
        ok(is_pattern(blocks[i], sizes[i], i), "size %#Ix: contents changed\n", sizes[i]);
    for (i = 0; i < ARRAY_SIZE(sizes); i += 2) free_block(heap, blocks[i]);
    for (i = 1; i < ARRAY_SIZE(sizes); i += 2)
    {
        ok(is_pattern(blocks[i], sizes[i], i), "size %#Ix: contents changed\n", sizes[i]);
        free_block(heap, blocks[i]);
    }
    ok(!get_statistics(manager).ullHeapBlocks, "blocks left\n");
    ok(!get_statistics(manager).ullHeapLive, "bytes left\n");
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(manager);
}

/* A million allocations of few live blocks do not grow the heap. */
static void test_churn(void)
{
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0);
    BYTE *blocks[256] = {NULL};
    unsigned int i, slot, seed = 1;
    CLRMEM_STATISTICS statistics;
    HRESULT hr = S_OK;

    for (i = 0; i < 200000 && hr == S_OK; i++)
    {
        seed = seed * 1103515245 + 12345;
        slot = (seed >> 16) % ARRAY_SIZE(blocks);
        hr = IHostMalloc_Free(heap, blocks[slot]);
        if (hr == S_OK) hr = IHostMalloc_Alloc(heap, (seed >> 8) % 2000, eTaskCritical, (void **)&blocks[slot]);
        if (hr == S_OK) *blocks[slot] = i;
    }
    ok_hr(hr, S_OK);
    statistics = get_statistics(manager);
    ok(statistics.ullHeapCommitted < 16 << 20, "got %#I64x\n", statistics.ullHeapCommitted);
    ok(statistics.ullHeapLive <= statistics.ullHeapCommitted, "live %#I64x, committed %#I64x\n", statistics.ullHeapLive,
       statistics.ullHeapCommitted);
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(manager);
}

static void test_DebugAlloc(void)
{
    char name[] = "file.cpp";
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, MALLOC_THREADSAFE);
    void *block = NULL, *other = NULL;

    SetLastError(KEEP_ERROR);
    ok_hr(IHostMalloc_DebugAlloc(heap, 100, eTaskCritical, name, 7, &block), S_OK);
    ok_hr(IHostMalloc_DebugAlloc(heap, 0, eProcessCritical, NULL, 0, &other), S_OK);
    ok_error(KEEP_ERROR);
    ok(block && other && block != other, "got %p, %p\n", block, other);
    fill_pattern(block, 100, 1);
    free_block(heap, other);
    ok(is_pattern(block, 100, 1), "contents changed\n");
    free_block(heap, block);
    ok(get_statistics(manager).DebugAlloc.ullCalls == 2, "not counted as such\n");
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(manager);
}

static void test_out_of_memory(void)
{
    SIZE_T huge[] = {MAX_ADDRESS, MAX_ADDRESS - 15, MAX_ADDRESS - 0xffff, (MAX_ADDRESS >> 1) + 1,
                     sizeof(void *) == 8 ? (SIZE_T)0x7fff00000000ull : (SIZE_T)0x7ff00000};
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0);
    unsigned int i;
    void *block;

    for (i = 0; i < ARRAY_SIZE(huge); i++)
    {
        winetest_push_context("size %#Ix", huge[i]);
        block = (void *)0xdeadbeef;
        SetLastError(KEEP_ERROR);
        ok_hr(IHostMalloc_Alloc(heap, huge[i], eProcessCritical, &block), E_OUTOFMEMORY);
        ok_error(ERROR_NOT_ENOUGH_MEMORY);
        ok(!block, "got %p\n", block);
        block = (void *)0xdeadbeef;
        ok_hr(IHostMalloc_DebugAlloc(heap, huge[i], eTaskCritical, NULL, 1, &block), E_OUTOFMEMORY);
        ok(!block, "got %p\n", block);
        winetest_pop_context();
    }
    free_block(heap, alloc_block(heap, 100));
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(manager);
}

static void test_pointers(void)
{
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0);

    ok_hr(IHostMalloc_Alloc(heap, 10, eTaskCritical, NULL), E_POINTER);
    ok_hr(IHostMalloc_DebugAlloc(heap, 10, eTaskCritical, NULL, 1, NULL), E_POINTER);
    ok(!get_statistics(manager).ullHeapBlocks, "a block nobody has\n");
    free_block(heap, NULL);
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(manager);
}

#define check_not_a_block(heap, address) check_not_a_block_(__LINE__, heap, address)
static void check_not_a_block_(int line, IHostMalloc *heap, void *address)
{
    struct snapshot before;
    HRESULT hr;

    take_snapshot(&before, address);
    SetLastError(KEEP_ERROR);
    hr = IHostMalloc_Free(heap, address);
    ok_error_(__FILE__, line, ERROR_INVALID_ADDRESS);
    ok_hr_(__FILE__, line, hr, HOST_E_INVALIDOPERATION);
    check_unchanged_(__FILE__, line, &before);
}

static void test_Free_interior(void)
{
    static const SIZE_T lengths[] = {16, 100, 4096, 40000, 300000, 0x200000};
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0);
    unsigned int i;
    BYTE *block;

    for (i = 0; i < ARRAY_SIZE(lengths); i++)
    {
        winetest_push_context("size %#Ix", lengths[i]);
        block = alloc_block(heap, lengths[i]);
        fill_pattern(block, lengths[i], i);
        check_not_a_block(heap, block + 1);
        check_not_a_block(heap, block + 8);
        check_not_a_block(heap, block + lengths[i] / 2);
        check_not_a_block(heap, block + lengths[i] - 1);
        check_not_a_block(heap, block - 1);
        ok(is_pattern(block, lengths[i], i), "contents changed\n");
        free_block(heap, block);
        winetest_pop_context();
    }
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(manager);
}

static void test_Free_twice(void)
{
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0);
    BYTE *block, *neighbour;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(sizes); i++)
    {
        winetest_push_context("size %#Ix", sizes[i]);
        block = alloc_block(heap, sizes[i]);
        neighbour = alloc_block(heap, sizes[i]);
        fill_pattern(neighbour, sizes[i], i);
        free_block(heap, block);
        SetLastError(KEEP_ERROR);
        ok_hr(IHostMalloc_Free(heap, block), HOST_E_INVALIDOPERATION);
        ok_error(ERROR_INVALID_ADDRESS);
        ok(is_pattern(neighbour, sizes[i], i), "contents changed\n");
        free_block(heap, neighbour);
        ok_hr(IHostMalloc_Free(heap, neighbour), HOST_E_INVALIDOPERATION);
        ok_hr(IHostMalloc_Free(heap, block), HOST_E_INVALIDOPERATION);
        winetest_pop_context();
    }
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(manager);
}

static void test_Free_foreign(void)
{
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0);
    void *process_block = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, 100);
    BYTE *plain = VirtualAlloc(NULL, GRANULE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    BYTE *region = commit_region(manager, GRANULE);
    BYTE *reserved = VirtualAlloc(NULL, GRANULE, MEM_RESERVE, PAGE_NOACCESS);

    check_not_a_block(heap, plain);
    check_not_a_block(heap, plain + 16);
    check_not_a_block(heap, reserved);
    check_not_a_block(heap, region);
    check_not_a_block(heap, region + 0x100);
    check_not_a_block(heap, GetModuleHandleA("kernel32.dll"));
    check_not_a_block(heap, (void *)16);
    check_not_a_block(heap, (void *)MAX_ADDRESS);
    ok_hr(IHostMalloc_Free(heap, process_block), HOST_E_INVALIDOPERATION);
    ok_hr(IHostMalloc_Free(heap, heap), HOST_E_INVALIDOPERATION);
    ok_hr(IHostMalloc_Free(heap, &heap), HOST_E_INVALIDOPERATION);
    ok(is_zero(process_block, 100), "contents changed\n");
    ok(HeapFree(GetProcessHeap(), 0, process_block), "freed by somebody\n");
    VirtualFree(plain, 0, MEM_RELEASE);
    VirtualFree(reserved, 0, MEM_RELEASE);
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(manager);
}

/* A block is its own heap's, not the manager's other heap's, not another manager's. */
static void test_Free_other_heap(void)
{
    IHostMemoryManager *manager = create_manager(), *other = create_manager();
    IHostMalloc *heaps[3] = {create_malloc(manager, 0), create_malloc(manager, 0), create_malloc(other, 0)};
    static const SIZE_T lengths[] = {16, 1000, 50000, 0x200000};
    unsigned int i, j;
    BYTE *block;

    for (i = 0; i < ARRAY_SIZE(lengths); i++)
    {
        winetest_push_context("size %#Ix", lengths[i]);
        for (j = 1; j < 3; j++) free_block(heaps[j], alloc_block(heaps[j], lengths[i]));
        block = alloc_block(heaps[0], lengths[i]);
        fill_pattern(block, lengths[i], i);
        check_not_a_block(heaps[1], block);
        check_not_a_block(heaps[2], block);
        ok(is_pattern(block, lengths[i], i), "contents changed\n");
        free_block(heaps[0], block);
        winetest_pop_context();
    }
    for (j = 0; j < 3; j++) IHostMalloc_Release(heaps[j]);
    IHostMemoryManager_Release(other);
    IHostMemoryManager_Release(manager);
}

#define check_protect(block, protect) check_protect_(__LINE__, block, protect)
static void check_protect_(int line, void *block, DWORD protect)
{
    MEMORY_BASIC_INFORMATION info;

    VirtualQuery(block, &info, sizeof(info));
    ok_(__FILE__, line)(info.State == MEM_COMMIT && info.Protect == protect, "got %#lx, %#lx\n", info.State,
                        info.Protect);
}

/* Code in a block: mov $42,%eax; ret. */
static void test_executable(void)
{
    static const BYTE code[] = {0xb8, 42, 0, 0, 0, 0xc3};
    static const SIZE_T lengths[] = {sizeof(code), 5000, 0x200000};
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *executable = create_malloc(manager, MALLOC_THREADSAFE | MALLOC_EXECUTABLE);
    IHostMalloc *plain = create_malloc(manager, MALLOC_THREADSAFE);
    int (*function)(void);
    unsigned int i;
    void *block;

    for (i = 0; i < ARRAY_SIZE(lengths); i++)
    {
        block = alloc_block(executable, lengths[i]);
        check_protect(block, PAGE_EXECUTE_READWRITE);
        memcpy(block, code, sizeof(code));
        FlushInstructionCache(GetCurrentProcess(), block, sizeof(code));
        function = (int (*)(void))block;
        ok(function() == 42, "code does not run\n");
        free_block(executable, block);
        block = alloc_block(plain, lengths[i]);
        check_protect(block, PAGE_READWRITE);
        free_block(plain, block);
    }
    IHostMalloc_Release(plain);
    IHostMalloc_Release(executable);
    IHostMemoryManager_Release(manager);
}

START_TEST(malloc)
{
    if (!load_clrmem()) return;
    test_sizes(0);
    test_sizes(MALLOC_THREADSAFE);
    test_sizes(MALLOC_EXECUTABLE);
    test_churn();
    test_DebugAlloc();
    test_out_of_memory();
    test_pointers();
    test_Free_interior();
    test_Free_twice();
    test_Free_foreign();
    test_Free_other_heap();
    test_executable();
    ok_hr(clrmem.can_unload_now(), S_OK);
}
