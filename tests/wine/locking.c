/*
 * Locked regions: which threads may change them, which wait, and how waits end.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "management_test.h"

#define SIZE      (4 * GRANULE)
#define NO_THREAD 0x7ffffff0 /* no thread has this id */
#define BAD_SIZE  ((SIZE_T)0xdeadbeef)

#define lock(manager, address, thread, ms)       lock_(__LINE__, manager, address, thread, ms, S_OK, 0)
#define no_lock(manager, address, ms, hr, error) lock_(__LINE__, manager, address, 0, ms, hr, error)
static void lock_(int line, IHostMemoryManager *manager, void *address, DWORD thread, DWORD milliseconds, HRESULT hr,
                  DWORD error)
{
    void *base = (void *)0xdeadbeef;
    SIZE_T size = BAD_SIZE;

    SetLastError(KEEP_ERROR);
    ok_hr_(__FILE__, line, management->lock_region(as_unknown(manager), address, thread, milliseconds, &base, &size),
           hr);
    ok_error_(__FILE__, line, hr == S_OK ? KEEP_ERROR : error);
    if (hr == S_OK)
        ok_(__FILE__, line)(base <= address && (BYTE *)address < (BYTE *)base + size, "got %p, %#Ix\n", base, size);
    else
        ok_(__FILE__, line)(!base && !size, "got %p, %#Ix\n", base, size);
}

#define unlock(manager, address, thread, hr) unlock_(__LINE__, manager, address, thread, hr)
static void unlock_(int line, IHostMemoryManager *manager, void *address, DWORD thread, HRESULT hr)
{
    SetLastError(KEEP_ERROR);
    ok_hr_(__FILE__, line, management->unlock_region(as_unknown(manager), address, thread), hr);
    if (hr == S_OK) ok_error_(__FILE__, line, KEEP_ERROR);
    if (hr == HOST_E_NOT_OWNER) ok_error_(__FILE__, line, ERROR_NOT_OWNER);
    if (hr == HOST_E_INVALIDOPERATION) ok_error_(__FILE__, line, ERROR_INVALID_ADDRESS);
}

#define check_locked(manager, count) check_locked_(__LINE__, manager, count)
static void check_locked_(int line, IHostMemoryManager *manager, ULONGLONG count)
{
    ULONGLONG locked = get_statistics(manager).ullLockedRegions;

    ok_(__FILE__, line)(locked == count, "%I64u locked regions, expected %I64u\n", locked, count);
}

static void test_arguments(void)
{
    IHostMemoryManager *manager = create_manager(), *other = create_manager();
    BYTE *memory = commit_region(manager, SIZE), *freed = commit_region(manager, SIZE);
    void *base = (void *)0xdeadbeef;
    SIZE_T size = BAD_SIZE;

    ok_hr(management->lock_region(as_unknown(manager), memory, 0, 0, NULL, &size), E_POINTER);
    ok(!size, "got %#Ix\n", size);
    ok_hr(management->lock_region(as_unknown(manager), memory, 0, 0, &base, NULL), E_POINTER);
    ok(!base, "got %p\n", base);
    check_locked(manager, 0);

    ok_hr(IHostMemoryManager_VirtualFree(manager, freed, 0, MEM_RELEASE), S_OK);
    no_lock(manager, NULL, 0, HOST_E_INVALIDOPERATION, ERROR_INVALID_ADDRESS);
    no_lock(manager, freed, INFINITE, HOST_E_INVALIDOPERATION, ERROR_INVALID_ADDRESS);
    no_lock(manager, &base, 0, HOST_E_INVALIDOPERATION, ERROR_INVALID_ADDRESS);
    no_lock(other, memory, 0, HOST_E_INVALIDOPERATION, ERROR_INVALID_ADDRESS);
    unlock(manager, NULL, 0, HOST_E_INVALIDOPERATION);
    unlock(manager, freed, 0, HOST_E_INVALIDOPERATION);
    unlock(manager, memory, 0, HOST_E_NOT_OWNER);
    ok_hr(management->cancel_waits(as_unknown(manager), freed), HOST_E_INVALIDOPERATION);
    ok_hr(management->cancel_waits(as_unknown(other), memory), HOST_E_INVALIDOPERATION);
    ok_hr(management->cancel_waits(as_unknown(manager), memory), S_OK);
    ok_hr(management->cancel_waits(as_unknown(manager), NULL), S_OK);
    IHostMemoryManager_Release(other);
    IHostMemoryManager_Release(manager);
}

static void test_out(void)
{
    IHostMemoryManager *manager = create_manager();
    BYTE *memory = commit_region(manager, SIZE);
    void *base = NULL;
    SIZE_T size = 0;

    ok_hr(management->lock_region(as_unknown(manager), memory + SIZE - 1, 0, 0, &base, &size), S_OK);
    ok(base == memory && size == SIZE, "got %p, %#Ix\n", base, size);
    check_locked(manager, 1);
    unlock(manager, memory + 2 * PAGE + 1, 0, S_OK);
    check_locked(manager, 0);
    IHostMemoryManager_Release(manager);
}

/* Every change of a region there is. */
static const struct
{
    HRESULT (*function)(struct call *call);
    SIZE_T offset, size;
    DWORD type;
} changes[] = {
    {call_free, 0, 0, MEM_RELEASE},
    {call_free, PAGE, PAGE, MEM_DECOMMIT},
    {call_free, 0, 0, MEM_DECOMMIT},
    {call_free, PAGE, SIZE, MEM_RELEASE | MEM_DECOMMIT}, /* the lock is checked before the flags */
    {call_commit, SIZE / 2, PAGE, MEM_COMMIT},
    {call_commit, 0, PAGE, MEM_RESET},
    {call_protect, 0, PAGE, 0},
};

/* Half of it is committed, and full. */
static BYTE *half_region(IHostMemoryManager *manager)
{
    BYTE *memory = commit_region(manager, SIZE);

    fill_pattern(memory, SIZE, 1);
    ok_hr(IHostMemoryManager_VirtualFree(manager, memory + SIZE / 2, SIZE / 2, MEM_DECOMMIT), S_OK);
    return memory;
}

static struct call prepare_change(unsigned int i, IHostMemoryManager *manager, BYTE *memory)
{
    struct call call = {.function = changes[i].function,
                        .manager = manager,
                        .address = memory + changes[i].offset,
                        .size = changes[i].size,
                        .type = changes[i].type};

    return call;
}

/* Another thread's changes: refused, and nothing is touched; queries are answered. */
static void test_refused(void)
{
    IHostMemoryManager *manager = create_manager();
    BYTE *memory = half_region(manager);
    struct snapshot first, last;
    MEMORY_BASIC_INFORMATION info;
    struct call call;
    unsigned int i;

    lock(manager, memory, 0, 0);
    take_snapshot(&first, memory);
    take_snapshot(&last, memory + SIZE - 1);
    for (i = 0; i < ARRAY_SIZE(changes); i++)
    {
        winetest_push_context("change %u", i);
        call = prepare_change(i, manager, memory);
        run_call(&call);
        ok_hr(call.hr, HOST_E_NOT_OWNER);
        ok(call.error == ERROR_NOT_OWNER, "got %lu\n", call.error);
        ok(!call.out, "got %p\n", call.out);
        check_unchanged(&first);
        check_unchanged(&last);
        winetest_pop_context();
    }
    ok(is_pattern(memory, SIZE / 2, 1), "contents changed\n");
    ok(get_statistics(manager).ullCommitted == SIZE / 2, "the accounts changed\n");
    ok(!get_statistics(manager).ullWaits, "a call waited\n");
    unlock(manager, memory, 0, S_OK);

    lock(manager, memory, NO_THREAD, 0);
    ok_hr(IHostMemoryManager_VirtualQuery(manager, memory, &info, sizeof(info), NULL), S_OK);
    ok(info.AllocationBase == memory, "got %p\n", info.AllocationBase);
    unlock(manager, memory, 0, HOST_E_NOT_OWNER);
    unlock(manager, memory, NO_THREAD, S_OK);
    IHostMemoryManager_Release(manager);
}

/* The thread that the region is locked for may change it, even if another thread has locked it; other regions are not
 * locked. */
static void test_owner(void)
{
    IHostMemoryManager *manager = create_manager();
    BYTE *memory = half_region(manager), *other = commit_region(manager, SIZE);
    struct call call;
    unsigned int i;
    DWORD old;

    lock(manager, memory, GetCurrentThreadId(), 0);
    for (i = ARRAY_SIZE(changes); --i;) /* all but the release, which is the first */
    {
        winetest_push_context("change %u", i);
        call = prepare_change(i, manager, memory);
        ok_hr(call.function(&call), changes[i].size == SIZE ? E_INVALIDARG : S_OK);
        winetest_pop_context();
    }
    check_locked(manager, 1);

    memset(&call, 0, sizeof(call));
    call.function = call_free;
    call.manager = manager;
    call.address = other;
    call.type = MEM_RELEASE;
    run_call(&call);
    ok_hr(call.hr, S_OK);

    ok_hr(IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE), S_OK);
    check_free(memory);
    check_locked(manager, 0);
    unlock(manager, memory, 0, HOST_E_INVALIDOPERATION);

    memory = commit_region(manager, SIZE);
    ok_hr(IHostMemoryManager_VirtualProtect(manager, memory, PAGE, PAGE_READONLY, &old), S_OK);
    IHostMemoryManager_Release(manager);
}

static void test_nested(void)
{
    IHostMemoryManager *manager = create_manager();
    struct call call = {.function = call_free, .manager = manager, .type = MEM_RELEASE};
    BYTE *memory = commit_region(manager, SIZE);

    lock(manager, memory, 0, 0);
    lock(manager, memory + PAGE, GetCurrentThreadId(), INFINITE);
    check_locked(manager, 1);
    unlock(manager, memory, 0, S_OK);
    call.address = memory;
    run_call(&call);
    ok_hr(call.hr, HOST_E_NOT_OWNER);
    unlock(manager, memory, 0, S_OK);
    unlock(manager, memory, 0, HOST_E_NOT_OWNER);
    run_call(&call);
    ok_hr(call.hr, S_OK);
    IHostMemoryManager_Release(manager);
}

/* How a wait for the region may end. */
enum ending
{
    TIMES_OUT,
    IS_CANCELLED,
    ALL_CANCELLED,
    IS_UNLOCKED,
    IS_RELEASED,
    SHUTS_DOWN
};

static const struct
{
    enum ending ending;
    HRESULT hr;
    DWORD error;
} endings[] = {
    {TIMES_OUT, HOST_E_TIMEOUT, ERROR_TIMEOUT},
    {IS_CANCELLED, HOST_E_ABANDONED, ERROR_OPERATION_ABORTED},
    {ALL_CANCELLED, HOST_E_ABANDONED, ERROR_OPERATION_ABORTED},
    {IS_UNLOCKED, S_OK, KEEP_ERROR},
    {IS_RELEASED, HOST_E_INVALIDOPERATION, ERROR_INVALID_ADDRESS},
    {SHUTS_DOWN, HOST_E_CLRNOTAVAILABLE, ERROR_NOT_READY},
};

static void end_wait(enum ending ending, IHostMemoryManager *manager, BYTE *memory)
{
    await_waits(manager, 1);
    switch (ending)
    {
    case TIMES_OUT:
        break;
    case IS_CANCELLED:
        ok_hr(management->cancel_waits(as_unknown(manager), memory + PAGE), S_OK);
        break;
    case ALL_CANCELLED:
        ok_hr(management->cancel_waits(as_unknown(manager), NULL), S_OK);
        break;
    case IS_UNLOCKED:
        unlock(manager, memory, 0, S_OK);
        break;
    case IS_RELEASED:
        ok_hr(IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE), S_OK);
        break;
    case SHUTS_DOWN:
        ok_hr(management->shutdown(as_unknown(manager)), S_OK);
        break;
    }
}

/* Another thread makes the call while the region is locked for this one. */
static void check_ending(unsigned int i, unsigned int change)
{
    IHostMemoryManager *manager = create_manager();
    BYTE *memory = half_region(manager);
    struct call call = prepare_change(change, manager, memory);

    lock(manager, memory, 0, 0);
    set_waits(manager, 0, endings[i].ending == TIMES_OUT ? 10 : INFINITE);
    start_call(&call);
    end_wait(endings[i].ending, manager, memory);
    finish_call(&call);
    if (endings[i].hr == S_OK && changes[change].size == SIZE)
        ok_hr(call.hr, E_INVALIDARG);
    else
    {
        ok_hr(call.hr, endings[i].hr);
        ok(call.error == endings[i].error, "got %lu, expected %lu\n", call.error, endings[i].error);
    }
    if (endings[i].ending == TIMES_OUT) ok(is_pattern(memory, SIZE / 2, 1), "contents changed\n");
    IHostMemoryManager_Release(manager);
}

static void test_waits(void)
{
    unsigned int i, change;

    for (i = 0; i < ARRAY_SIZE(endings); i++)
        for (change = 0; change < ARRAY_SIZE(changes); change++)
        {
            /* VirtualProtect is for any memory, and once the region is gone its addresses may be anything's. */
            if (endings[i].ending == IS_RELEASED && changes[change].function == call_protect) continue;
            winetest_push_context("ending %u change %u", i, change);
            check_ending(i, change);
            winetest_pop_context();
        }
}

/* LockRegion waits as long as its argument allows. */
static void test_waits_for_lock(void)
{
    IHostMemoryManager *manager;
    struct call call;
    unsigned int i;
    BYTE *memory;

    for (i = 0; i < ARRAY_SIZE(endings); i++)
    {
        winetest_push_context("ending %u", i);
        manager = create_manager();
        memory = half_region(manager);
        memset(&call, 0, sizeof(call));
        call.function = call_lock;
        call.manager = manager;
        call.address = memory + PAGE;
        call.type = endings[i].ending == TIMES_OUT ? 10 : INFINITE;
        lock(manager, memory, 0, 0);
        start_call(&call);
        end_wait(endings[i].ending, manager, memory);
        finish_call(&call);
        ok_hr(call.hr, endings[i].hr);
        ok(call.error == endings[i].error, "got %lu, expected %lu\n", call.error, endings[i].error);
        if (call.hr == S_OK)
        {
            ok(call.out == memory && call.size == SIZE, "got %p, %#Ix\n", call.out, call.size);
            no_lock(manager, memory, 0, HOST_E_NOT_OWNER, ERROR_NOT_OWNER);
            unlock(manager, memory, call.thread, S_OK);
        }
        IHostMemoryManager_Release(manager);
        winetest_pop_context();
    }
}

static void test_no_wait(void)
{
    IHostMemoryManager *manager = create_manager();
    BYTE *memory = commit_region(manager, SIZE);

    lock(manager, memory, NO_THREAD, 0);
    no_lock(manager, memory, 0, HOST_E_NOT_OWNER, ERROR_NOT_OWNER);
    no_lock(manager, memory, 10, HOST_E_TIMEOUT, ERROR_TIMEOUT);
    /* A cancellation without waiting threads does not end a later wait. */
    ok_hr(management->cancel_waits(as_unknown(manager), memory), S_OK);
    no_lock(manager, memory, 10, HOST_E_TIMEOUT, ERROR_TIMEOUT);
    ok_hr(management->shutdown(as_unknown(manager)), S_OK);
    no_lock(manager, memory, 0, HOST_E_CLRNOTAVAILABLE, ERROR_NOT_READY);
    unlock(manager, memory, 0, HOST_E_NOT_OWNER);
    unlock(manager, memory, NO_THREAD, S_OK);
    IHostMemoryManager_Release(manager);
}

static void test_all(void)
{
    test_arguments();
    test_out();
    test_refused();
    test_owner();
    test_nested();
    test_waits();
    test_waits_for_lock();
    test_no_wait();
}

START_TEST(locking)
{
    run_both_ways(test_all);
}
