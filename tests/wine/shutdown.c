/*
 * Trim and Shutdown. (The tests of waits test that Shutdown ends them.)
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "management_test.h"

static void test_trim(void)
{
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0);
    SIZE_T decommitted = 1, released = 1;
    CLRMEM_STATISTICS before, after;
    void *blocks[1000], *kept;
    unsigned int i;

    ok_hr(management->trim(as_unknown(manager), NULL, &released), E_POINTER);
    ok(!released, "got %#Ix\n", released);
    ok_hr(management->trim(as_unknown(manager), &decommitted, NULL), E_POINTER);
    ok(!decommitted, "got %#Ix\n", decommitted);

    ok_hr(IHostMalloc_Alloc(heap, 100, eTaskCritical, &kept), S_OK);
    fill_pattern(kept, 100, 1);
    for (i = 0; i < ARRAY_SIZE(blocks); i++) ok_hr(IHostMalloc_Alloc(heap, 8000, eTaskCritical, &blocks[i]), S_OK);
    for (i = 0; i < ARRAY_SIZE(blocks); i++) ok_hr(IHostMalloc_Free(heap, blocks[i]), S_OK);
    before = get_statistics(manager);
    SetLastError(KEEP_ERROR);
    ok_hr(management->trim(as_unknown(manager), &decommitted, &released), S_OK);
    ok_error(KEEP_ERROR);
    after = get_statistics(manager);
    ok(before.ullHeapCommitted - after.ullHeapCommitted >= decommitted, "said %#Ix of %#I64x, %#I64x\n", decommitted,
       before.ullHeapCommitted, after.ullHeapCommitted);
    ok(before.ullHeapReserved - after.ullHeapReserved == released, "said %#Ix of %#I64x, %#I64x\n", released,
       before.ullHeapReserved, after.ullHeapReserved);
    ok(after.ullHeapCommitted < 0x200000, "%#I64x are committed still\n", after.ullHeapCommitted);
    ok(is_pattern(kept, 100, 1), "contents changed\n");
    ok(after.NeedsVirtualAddressSpace.ullCalls == before.NeedsVirtualAddressSpace.ullCalls, "counted as a call\n");
    ok_hr(management->trim(as_unknown(manager), &decommitted, &released), S_OK);
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(manager);
}

#define check_gone(hr) check_gone_(__LINE__, hr)
static void check_gone_(int line, HRESULT hr)
{
    ok_error_(__FILE__, line, ERROR_NOT_READY);
    ok_hr_(__FILE__, line, hr, HOST_E_CLRNOTAVAILABLE);
    SetLastError(KEEP_ERROR);
}

static void check_no_call(IHostMemoryManager *manager, IHostMalloc *heap, void *memory, void *block)
{
    void *out = (void *)0xdeadbeef;
    MEMORY_BASIC_INFORMATION info;
    SIZE_T size, other_size;
    IHostMalloc *none;
    DWORD value;

    SetLastError(KEEP_ERROR);
    check_gone(IHostMemoryManager_CreateMalloc(manager, 0, &none));
    ok(!none, "got %p\n", none);
    check_gone(
        IHostMemoryManager_VirtualAlloc(manager, NULL, PAGE, MEM_RESERVE, PAGE_READWRITE, eProcessCritical, &out));
    ok(!out, "got %p\n", out);
    check_gone(IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE));
    check_gone(IHostMemoryManager_VirtualFree(manager, NULL, 0, 0));
    check_gone(IHostMemoryManager_VirtualQuery(manager, memory, &info, sizeof(info), NULL));
    check_gone(IHostMemoryManager_VirtualProtect(manager, memory, PAGE, PAGE_READONLY, &value));
    check_gone(IHostMemoryManager_GetMemoryLoad(manager, &value, &size));
    check_gone(IHostMemoryManager_RegisterMemoryNotificationCallback(manager, NULL));
    check_gone(IHostMemoryManager_NeedsVirtualAddressSpace(manager, NULL, PAGE));
    check_gone(IHostMemoryManager_AcquiredVirtualAddressSpace(manager, (void *)GRANULE, PAGE));
    check_gone(IHostMemoryManager_ReleasedVirtualAddressSpace(manager, (void *)GRANULE));
    check_gone(IHostMalloc_Alloc(heap, 1, eTaskCritical, &out));
    check_gone(IHostMalloc_DebugAlloc(heap, 1, eTaskCritical, NULL, 0, &out));
    check_gone(IHostMalloc_Free(heap, block));
    check_gone(management->trim(as_unknown(manager), &size, &other_size));
    ok(!size && !other_size, "got %#Ix, %#Ix\n", size, other_size);
    check_gone(management->lock_region(as_unknown(manager), memory, 0, 0, &out, &size));
}

/* Calls that get and set without touching memory. */
static void check_still_served(IHostMemoryManager *manager, IHostMalloc *heap)
{
    CLRMEM_STATISTICS statistics = {.cbSize = sizeof(statistics)};
    CLRMEM_LIMITS limits = {.cbSize = sizeof(limits)};
    CLRMEM_WAITS waits = {.cbSize = sizeof(waits)};
    char value[128];

    SetLastError(KEEP_ERROR);
    ok_hr(management->get_statistics(as_unknown(manager), &statistics), S_OK);
    ok(statistics.ullResults[CLRMEM_METHOD_VIRTUAL_FREE][CLRMEM_RESULT_UNAVAILABLE] == 2, "not counted\n");
    ok_hr(management->get_limits(as_unknown(manager), &limits), S_OK);
    ok_hr(management->set_limits(as_unknown(manager), &limits), S_OK);
    ok_hr(management->set_heap_limits(as_unknown(heap), &limits), S_OK);
    ok_hr(management->get_waits(as_unknown(manager), &waits), S_OK);
    ok_hr(management->set_waits(as_unknown(manager), &waits), S_OK);
    ok_hr(management->set_option(as_unknown(manager), "limit", "1G"), S_OK);
    ok_hr(management->get_option(as_unknown(manager), "limit", value, sizeof(value)), S_OK);
    ok_hr(management->cancel_waits(as_unknown(manager), NULL), S_OK);
    ok_hr(management->shutdown(as_unknown(manager)), S_OK);
    ok_error(KEEP_ERROR);
}

static void test_shutdown(void)
{
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0);
    BYTE *memory = commit_region(manager, GRANULE);
    void *block;

    ok_hr(IHostMalloc_Alloc(heap, 100, eTaskCritical, &block), S_OK);
    fill_pattern(memory, GRANULE, 1);
    fill_pattern(block, 100, 2);
    ok_hr(management->shutdown(as_unknown(manager)), S_OK);
    check_no_call(manager, heap, memory, block);
    check_still_served(manager, heap);
    check_no_call(manager, heap, memory, block);
    ok(is_pattern(memory, GRANULE, 1) && is_pattern(block, 100, 2), "contents changed\n");
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(manager);
    check_free(memory);
}

static void test_all(void)
{
    test_trim();
    test_shutdown();
}

START_TEST(shutdown)
{
    run_both_ways(test_all);
}
