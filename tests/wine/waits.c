/*
 * Waiting at a limit, and how waits end.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "management_test.h"

#define LIMIT (64 * PAGE)

static void test_arguments(void)
{
    static const DWORD sizes[] = {0, 4, sizeof(CLRMEM_WAITS) - 1, sizeof(CLRMEM_WAITS) + 1, 0xffffffff};
    IHostMemoryManager *manager = create_manager();
    CLRMEM_WAITS waits = {sizeof(waits), 1, 2, 3, 4, 5}, none = {sizeof(none), 0, 0, 0, 0, 0}, got, before;
    unsigned int i;

    ok_hr(management->set_waits(as_unknown(manager), NULL), E_POINTER);
    ok_hr(management->get_waits(as_unknown(manager), NULL), E_POINTER);
    for (i = 0; i < ARRAY_SIZE(sizes); i++)
    {
        got = waits;
        got.cbSize = sizes[i];
        before = got;
        ok_hr(management->set_waits(as_unknown(manager), &got), E_INVALIDARG);
        ok_hr(management->get_waits(as_unknown(manager), &got), E_INVALIDARG);
        ok(!memcmp(&got, &before, sizeof(got)), "written\n");
    }
    got = waits;
    ok_hr(management->get_waits(as_unknown(manager), &got), S_OK);
    ok(!memcmp(&got, &none, sizeof(got)), "a new manager waits\n");
    ok_hr(management->set_waits(as_unknown(manager), &waits), S_OK);
    memset(&got, 0xcc, sizeof(got));
    got.cbSize = sizeof(got);
    ok_hr(management->get_waits(as_unknown(manager), &got), S_OK);
    waits.dwPadding = 0;
    ok(!memcmp(&got, &waits, sizeof(got)), "got other waits\n");
    IHostMemoryManager_Release(manager);
}

/* A manager whose limit is used up by the region, and a call that waits for half of that. */
static void begin(struct call *call, BYTE **memory)
{
    memset(call, 0, sizeof(*call));
    call->function = call_alloc;
    call->manager = create_manager();
    call->size = LIMIT / 2;
    *memory = commit_region(call->manager, LIMIT);
    set_hard_limit(call->manager, LIMIT);
    set_waits(call->manager, INFINITE, 0);
    start_call(call);
    await_waits(call->manager, 1);
    ok(WaitForSingleObject(call->handle, 0) == WAIT_TIMEOUT, "it does not wait\n");
}

static void test_freed(void)
{
    struct call call;
    BYTE *memory;

    begin(&call, &memory);
    ok_hr(IHostMemoryManager_VirtualFree(call.manager, memory, 0, MEM_RELEASE), S_OK);
    finish_call(&call);
    ok_hr(call.hr, S_OK);
    ok(call.error == KEEP_ERROR, "got %lu\n", call.error);
    ok(call.out && is_zero(call.out, LIMIT / 2), "got %p\n", call.out);
    IHostMemoryManager_Release(call.manager);
}

/* A decommit makes room, too, and so does a higher limit. */
static void test_room(void)
{
    struct call call;
    BYTE *memory;

    begin(&call, &memory);
    ok_hr(IHostMemoryManager_VirtualFree(call.manager, memory + LIMIT / 2, LIMIT / 2, MEM_DECOMMIT), S_OK);
    finish_call(&call);
    ok_hr(call.hr, S_OK);
    IHostMemoryManager_Release(call.manager);

    begin(&call, &memory);
    set_hard_limit(call.manager, 2 * LIMIT);
    finish_call(&call);
    ok_hr(call.hr, S_OK);
    IHostMemoryManager_Release(call.manager);
}

static void test_cancelled(void)
{
    CLRMEM_STATISTICS s;
    struct call call;
    BYTE *memory;

    begin(&call, &memory);
    ok_hr(management->cancel_waits(as_unknown(call.manager), NULL), S_OK);
    finish_call(&call);
    ok_hr(call.hr, HOST_E_ABANDONED);
    ok(call.error == ERROR_OPERATION_ABORTED, "got %lu\n", call.error);
    ok(!call.out, "got %p\n", call.out);
    s = get_statistics(call.manager);
    ok(s.ullCharged == LIMIT, "charged %#I64x\n", s.ullCharged);
    ok(s.ullResults[CLRMEM_METHOD_VIRTUAL_ALLOC][CLRMEM_RESULT_ABANDONED] == 1, "not counted\n");
    IHostMemoryManager_Release(call.manager);
}

static void test_shut_down(void)
{
    struct call call;
    BYTE *memory;

    begin(&call, &memory);
    ok_hr(management->shutdown(as_unknown(call.manager)), S_OK);
    finish_call(&call);
    ok_hr(call.hr, HOST_E_CLRNOTAVAILABLE);
    ok(call.error == ERROR_NOT_READY, "got %lu\n", call.error);
    ok(!call.out, "got %p\n", call.out);
    IHostMemoryManager_Release(call.manager);
}

/* The wait runs out; a request above the limit itself never waits. */
static void test_refused(void)
{
    IHostMemoryManager *manager = create_manager();
    CLRMEM_STATISTICS before;
    void *out;

    commit_region(manager, LIMIT);
    set_hard_limit(manager, LIMIT);
    set_waits(manager, 10, 0);
    before = get_statistics(manager);
    SetLastError(KEEP_ERROR);
    ok_hr(IHostMemoryManager_VirtualAlloc(manager, NULL, PAGE, MEM_COMMIT, PAGE_READWRITE, eTaskCritical, &out),
          E_OUTOFMEMORY);
    ok_error(ERROR_COMMITMENT_LIMIT);
    check_same_figures(manager, &before);
    ok(get_statistics(manager).ullWaits == 1, "it did not wait\n");
    set_waits(manager, INFINITE, 0);
    ok_hr(IHostMemoryManager_VirtualAlloc(manager, NULL, LIMIT + PAGE, MEM_COMMIT, PAGE_READWRITE, eTaskCritical, &out),
          E_OUTOFMEMORY);
    ok_error(ERROR_COMMITMENT_LIMIT);
    ok(get_statistics(manager).ullWaits == 1, "it waited\n");
    IHostMemoryManager_Release(manager);
}

/* Each level has its own wait. */
static void test_levels(void)
{
    IHostMemoryManager *manager = create_manager();
    CLRMEM_WAITS waits = {sizeof(waits), 0, 10, 0, 0, 0};
    ULONGLONG expected = 0;
    int level;
    void *out;

    commit_region(manager, LIMIT);
    set_hard_limit(manager, LIMIT);
    ok_hr(management->set_waits(as_unknown(manager), &waits), S_OK);
    for (level = eTaskCritical; level <= eProcessCritical; level++)
    {
        ok_hr(IHostMemoryManager_VirtualAlloc(manager, NULL, PAGE, MEM_COMMIT, PAGE_READWRITE, level, &out),
              E_OUTOFMEMORY);
        if (level == eAppDomainCritical) expected++;
        ok(get_statistics(manager).ullWaits == expected, "level %d: %I64u waits\n", level,
           get_statistics(manager).ullWaits);
    }
    IHostMemoryManager_Release(manager);
}

static HRESULT call_block(struct call *call)
{
    return IHostMalloc_Alloc((IHostMalloc *)call->address, call->size, eTaskCritical, &call->out);
}

static void test_heap(void)
{
    struct call call = {.function = call_block, .manager = create_manager(), .size = 0x200000};
    IHostMalloc *heap = create_malloc(call.manager, 0);
    void *block;

    ok_hr(IHostMalloc_Alloc(heap, 0x200000, eTaskCritical, &block), S_OK);
    set_hard_limit(call.manager, 0x300000);
    set_waits(call.manager, INFINITE, 0);
    call.address = heap;
    start_call(&call);
    await_waits(call.manager, 1);
    ok_hr(IHostMalloc_Free(heap, block), S_OK);
    finish_call(&call);
    ok_hr(call.hr, S_OK);
    ok(!!call.out, "no block\n");
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(call.manager);
}

static void test_all(void)
{
    test_arguments();
    test_freed();
    test_room();
    test_cancelled();
    test_shut_down();
    test_refused();
    test_levels();
    test_heap();
}

START_TEST(waits)
{
    run_both_ways(test_all);
}
