/*
 * Lifetimes: regions end with the manager, the manager with its last reference.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_test.h"

/* As a CLR does: it uses the manager without a reference of its own, until the control is released. */
static void test_last_release_of_control(void)
{
    IHostControl *control = create_control();
    IHostMemoryManager *manager;
    BYTE *committed, *reserved;
    void *out;

    ok_hr(IHostControl_GetHostManager(control, &IID_IHostMemoryManager, (void **)&manager), S_OK);
    IHostMemoryManager_Release(manager);

    committed = commit_region(manager, 4 * GRANULE);
    fill_pattern(committed, 4 * GRANULE, 1);
    ok_hr(IHostMemoryManager_VirtualAlloc(manager, NULL, 64 * GRANULE, MEM_RESERVE, PAGE_NOACCESS, eTaskCritical, &out),
          S_OK);
    reserved = out;
    ok(!IHostControl_Release(control), "reference left\n");
    check_free(committed);
    check_free(reserved);
    check_free(reserved + 63 * GRANULE);
}

static void test_manager_outlives_control(void)
{
    IHostControl *control = create_control();
    IHostMemoryManager *manager;
    BYTE *memory, *later;

    IHostControl_GetHostManager(control, &IID_IHostMemoryManager, (void **)&manager);
    memory = commit_region(manager, GRANULE);
    fill_pattern(memory, GRANULE, 2);
    ok(!IHostControl_Release(control), "reference left\n");

    ok(is_pattern(memory, GRANULE, 2), "contents changed\n");
    later = commit_region(manager, GRANULE);
    later[0] = 1;
    ok_hr(IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE), S_OK);
    check_free(memory);
    ok(!IHostMemoryManager_Release(manager), "reference left\n");
    check_free(later);
}

static void test_heap_keeps_manager(void)
{
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0);
    BYTE *region = commit_region(manager, GRANULE);
    void *block, *later;

    ok_hr(IHostMalloc_Alloc(heap, 100, eTaskCritical, &block), S_OK);
    fill_pattern(block, 100, 3);
    fill_pattern(region, GRANULE, 4);
    IHostMemoryManager_Release(manager);

    ok(is_pattern(block, 100, 3), "block changed\n");
    ok(is_pattern(region, GRANULE, 4), "region changed\n");
    ok_hr(IHostMalloc_Alloc(heap, 100, eTaskCritical, &later), S_OK);
    ok_hr(IHostMalloc_Free(heap, block), S_OK);
    ok(!IHostMalloc_Release(heap), "reference left\n");
    check_free(region);
}

/* A heap takes its blocks with it, and leaves the other heap's. */
static void test_heap_release(void)
{
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0), *other = create_malloc(manager, 0);
    void *block, *small, *large;
    CLRMEM_STATISTICS statistics;

    ok_hr(IHostMalloc_Alloc(other, 64, eTaskCritical, &block), S_OK);
    fill_pattern(block, 64, 5);
    ok_hr(IHostMalloc_Alloc(heap, 64, eTaskCritical, &small), S_OK);
    ok_hr(IHostMalloc_Alloc(heap, 4 << 20, eTaskCritical, &large), S_OK);
    ok(get_statistics(manager).ullHeapBlocks == 3, "got %I64u\n", get_statistics(manager).ullHeapBlocks);
    IHostMalloc_Release(heap);

    statistics = get_statistics(manager);
    ok(statistics.ullHeaps == 1, "got %I64u\n", statistics.ullHeaps);
    ok(statistics.ullHeapBlocks == 1, "got %I64u\n", statistics.ullHeapBlocks);
    ok(is_pattern(block, 64, 5), "block changed\n");
    ok_hr(IHostMalloc_Free(other, small), HOST_E_INVALIDOPERATION);
    ok_hr(IHostMalloc_Free(other, large), HOST_E_INVALIDOPERATION);
    ok_hr(IHostMalloc_Free(other, block), S_OK);
    IHostMalloc_Release(other);
    IHostMemoryManager_Release(manager);
}

/* Many managers in a row: what one leaves, the process does not keep. */
static void test_many_managers(void)
{
    IHostMemoryManager *manager;
    IHostMalloc *heap;
    void *block;
    int i;

    for (i = 0; i < 200; i++)
    {
        manager = create_manager();
        heap = create_malloc(manager, MALLOC_THREADSAFE);
        IHostMalloc_Alloc(heap, 1000, eTaskCritical, &block);
        commit_region(manager, 16 * GRANULE)[0] = 1;
        IHostMalloc_Release(heap);
        if (IHostMemoryManager_Release(manager)) break;
    }
    ok(i == 200, "stopped at %d\n", i);
}

/* Address space of the process that is not free, in bytes. */
static SIZE_T used_address_space(void)
{
    MEMORY_BASIC_INFORMATION info;
    SIZE_T used = 0;
    BYTE *address = NULL;

    while (VirtualQuery(address, &info, sizeof(info)) && (BYTE *)info.BaseAddress + info.RegionSize > address)
    {
        if (info.State != MEM_FREE) used += info.RegionSize;
        address = (BYTE *)info.BaseAddress + info.RegionSize;
    }
    return used;
}

static void test_nothing_left(void)
{
    SIZE_T before, after;

    test_many_managers();
    before = used_address_space();
    test_many_managers();
    after = used_address_space();
    ok(after <= before + 0x100000, "the process grew from %#Ix to %#Ix\n", before, after);
}

START_TEST(lifetime)
{
    if (!load_clrmem()) return;
    test_last_release_of_control();
    test_manager_outlives_control();
    test_heap_keeps_manager();
    test_heap_release();
    test_nothing_left();
    ok_hr(clrmem.can_unload_now(), S_OK);
}
