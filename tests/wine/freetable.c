/*
 * The documented table of VirtualFree's results, row by row. The rows here are that table's, in its order: run.sh compares
 * the two.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "management_test.h"

#define SIZE      (4 * GRANULE)
#define NO_THREAD 0x7ffffff0 /* no thread has this id */

struct free_row
{
    const char *call;
    void (*make)(
        const struct free_row *row); /* brings the situation about, and makes the call, in every way there is */
    HRESULT hr;
    DWORD error;    /* KEEP_ERROR: the last error is as it was */
    BOOL untouched; /* whether nothing may have changed */
};

#define check_row(row, manager, address, size, type) check_row_(__LINE__, row, manager, address, size, type)
static void check_row_(int line, const struct free_row *row, IHostMemoryManager *manager, void *address, SIZE_T size,
                       DWORD type)
{
    CLRMEM_STATISTICS before = get_statistics(manager);
    struct snapshot snapshot;
    HRESULT hr;

    take_snapshot(&snapshot, address);
    SetLastError(KEEP_ERROR);
    hr = IHostMemoryManager_VirtualFree(manager, address, size, type);
    ok_error_(__FILE__, line, row->error);
    ok_hr_(__FILE__, line, hr, row->hr);
    if (!row->untouched) return;
    check_unchanged_(__FILE__, line, &snapshot);
    check_same_figures_(__FILE__, line, manager, &before);
}

static IHostMemoryManager *create_region(BYTE **memory)
{
    IHostMemoryManager *manager = create_manager();

    *memory = commit_region(manager, SIZE);
    fill_pattern(*memory, SIZE, 1);
    return manager;
}

/* Frees a region behind the manager's back, which that finds out when it is to do it. */
static HRESULT break_records(IHostMemoryManager *manager)
{
    BYTE *memory = commit_region(manager, GRANULE);

    VirtualFree(memory, 0, MEM_RELEASE);
    return IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE);
}

static void call_unavailable(const struct free_row *row)
{
    BYTE *memory, *plain = VirtualAlloc(NULL, SIZE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    IHostMemoryManager *manager = create_region(&memory);

    ok_hr(break_records(manager), E_FAIL);
    check_row(row, manager, memory, 0, MEM_RELEASE);
    check_row(row, manager, plain, 0, MEM_RELEASE);
    VirtualFree(plain, 0, MEM_RELEASE);
    IHostMemoryManager_Release(manager);

    manager = create_region(&memory);
    ok_hr(management->shutdown(as_unknown(manager)), S_OK);
    check_row(row, manager, memory, 0, MEM_RELEASE);
    check_row(row, manager, memory, PAGE, MEM_DECOMMIT);
    check_row(row, manager, NULL, 0, 0);
    IHostMemoryManager_Release(manager);
}

static void call_not_owned(const struct free_row *row)
{
    BYTE *memory, *others, *plain = VirtualAlloc(NULL, SIZE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    IHostMemoryManager *manager = create_region(&memory), *other = create_region(&others);
    IHostMalloc *heap = create_malloc(manager, 0);
    void *block;

    ok_hr(IHostMalloc_Alloc(heap, 100, eTaskCritical, &block), S_OK);
    check_row(row, manager, plain, 0, MEM_RELEASE);
    check_row(row, manager, plain + PAGE, PAGE, MEM_DECOMMIT);
    check_row(row, manager, plain, PAGE, MEM_RELEASE | MEM_DECOMMIT);
    check_row(row, manager, GetModuleHandleA("kernel32.dll"), 0, MEM_RELEASE);
    check_row(row, manager, block, 0, MEM_RELEASE);
    check_row(row, manager, others, 0, MEM_RELEASE);
    check_row(row, manager, NULL, 0, MEM_RELEASE);
    ok_hr(IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE), S_OK);
    check_row(row, manager, memory, 0, MEM_RELEASE);
    VirtualFree(plain, 0, MEM_RELEASE);
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(other);
    IHostMemoryManager_Release(manager);
}

static IHostMemoryManager *create_locked_region(BYTE **memory, DWORD milliseconds)
{
    IHostMemoryManager *manager = create_region(memory);
    void *base;
    SIZE_T size;

    ok_hr(management->lock_region(as_unknown(manager), *memory, NO_THREAD, 0, &base, &size), S_OK);
    set_waits(manager, 0, milliseconds);
    return manager;
}

static void check_locked(const struct free_row *row, IHostMemoryManager *manager, BYTE *memory)
{
    check_row(row, manager, memory, 0, MEM_RELEASE);
    check_row(row, manager, memory + PAGE, PAGE, MEM_DECOMMIT);
    check_row(row, manager, memory + PAGE, SIZE, MEM_RELEASE | MEM_DECOMMIT);
    ok(is_pattern(memory, SIZE, 1), "contents changed\n");
    ok_hr(management->unlock_region(as_unknown(manager), memory, NO_THREAD), S_OK);
    ok_hr(IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE), S_OK);
    IHostMemoryManager_Release(manager);
}

static void call_not_owner(const struct free_row *row)
{
    BYTE *memory;
    IHostMemoryManager *manager = create_locked_region(&memory, 0);

    check_locked(row, manager, memory);
}

static void call_timeout(const struct free_row *row)
{
    BYTE *memory;
    IHostMemoryManager *manager = create_locked_region(&memory, 10);

    check_locked(row, manager, memory);
}

struct canceller
{
    IHostMemoryManager *manager;
    BYTE *memory;
    LONG stop;
};

static DWORD WINAPI cancel_thread(void *arg)
{
    struct canceller *canceller = arg;

    while (!canceller->stop)
    {
        management->cancel_waits(as_unknown(canceller->manager), canceller->memory);
        Sleep(1);
    }
    return 0;
}

static void call_abandoned(const struct free_row *row)
{
    BYTE *memory;
    IHostMemoryManager *manager = create_locked_region(&memory, INFINITE);
    struct canceller canceller = {manager, memory, 0};
    HANDLE thread = CreateThread(NULL, 0, cancel_thread, &canceller, 0, NULL);

    IHostMemoryManager_AddRef(manager);
    check_locked(row, manager, memory);
    canceller.stop = 1;
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    IHostMemoryManager_Release(manager);
}

static void call_wrong_type(const struct free_row *row)
{
    BYTE *memory;
    IHostMemoryManager *manager = create_region(&memory);

    check_row(row, manager, memory, 0, MEM_RELEASE | MEM_DECOMMIT);
    check_row(row, manager, memory, 0, 0);
    check_row(row, manager, memory, 0, 0x80000000);
    check_row(row, manager, memory, 0, MEM_RELEASE | 1);
    check_row(row, manager, memory, PAGE, MEM_COMMIT);
    ok(is_pattern(memory, SIZE, 1), "contents changed\n");
    IHostMemoryManager_Release(manager);
}

static void call_release_with_size(const struct free_row *row)
{
    BYTE *memory;
    IHostMemoryManager *manager = create_region(&memory);

    check_row(row, manager, memory, SIZE, MEM_RELEASE);
    check_row(row, manager, memory, PAGE, MEM_RELEASE);
    check_row(row, manager, memory, MAX_ADDRESS, MEM_RELEASE);
    check_row(row, manager, memory + PAGE, 1, MEM_RELEASE);
    ok(is_pattern(memory, SIZE, 1), "contents changed\n");
    IHostMemoryManager_Release(manager);
}

static void call_away_from_base(const struct free_row *row)
{
    BYTE *memory;
    IHostMemoryManager *manager = create_region(&memory);

    check_row(row, manager, memory + PAGE, 0, MEM_RELEASE);
    check_row(row, manager, memory + GRANULE, 0, MEM_RELEASE);
    check_row(row, manager, memory + SIZE - 1, 0, MEM_RELEASE);
    check_row(row, manager, memory + PAGE, 0, MEM_DECOMMIT);
    check_row(row, manager, memory + GRANULE, 0, MEM_DECOMMIT);
    ok(is_pattern(memory, SIZE, 1), "contents changed\n");
    IHostMemoryManager_Release(manager);
}

static void call_leaving_region(const struct free_row *row)
{
    BYTE *memory;
    IHostMemoryManager *manager = create_region(&memory);

    check_row(row, manager, memory, SIZE + 1, MEM_DECOMMIT);
    check_row(row, manager, memory + SIZE - PAGE, PAGE + 1, MEM_DECOMMIT);
    check_row(row, manager, memory, MAX_ADDRESS, MEM_DECOMMIT);
    check_row(row, manager, memory + PAGE, MAX_ADDRESS - PAGE, MEM_DECOMMIT);
    ok(is_pattern(memory, SIZE, 1), "contents changed\n");
    IHostMemoryManager_Release(manager);
}

static void call_right(const struct free_row *row)
{
    BYTE *memory;
    IHostMemoryManager *manager = create_region(&memory);
    MEMORY_BASIC_INFORMATION info;

    check_row(row, manager, memory + PAGE, 2 * PAGE, MEM_DECOMMIT);
    VirtualQuery(memory + PAGE, &info, sizeof(info));
    ok(info.State == MEM_RESERVE && info.RegionSize == 2 * PAGE, "got %#lx, %#Ix\n", info.State, info.RegionSize);
    ok(get_statistics(manager).ullCommitted == SIZE - 2 * PAGE, "not accounted\n");
    ok(is_pattern(memory, PAGE, 1), "contents changed\n");
    check_row(row, manager, memory, 0, MEM_DECOMMIT);
    VirtualQuery(memory, &info, sizeof(info));
    ok(info.State == MEM_RESERVE && info.RegionSize == SIZE, "got %#lx, %#Ix\n", info.State, info.RegionSize);
    ok(!get_statistics(manager).ullCommitted, "not accounted\n");
    check_row(row, manager, memory, 0, MEM_RELEASE);
    check_free(memory);
    ok(!get_statistics(manager).ullReserved, "not accounted\n");
    IHostMemoryManager_Release(manager);
}

static void call_broken(const struct free_row *row)
{
    BYTE *memory;
    IHostMemoryManager *manager = create_region(&memory);

    SetLastError(KEEP_ERROR);
    ok_hr(break_records(manager), row->hr);
    ok_error(row->error);
    ok_hr(IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE), HOST_E_CLRNOTAVAILABLE);
    ok_error(ERROR_NOT_READY);
    ok(is_pattern(memory, SIZE, 1), "contents changed\n");
    IHostMemoryManager_Release(manager);
}

static const struct free_row rows[] = {
    {"the manager has failed or was shut down", call_unavailable, HOST_E_CLRNOTAVAILABLE, ERROR_NOT_READY, TRUE},
    {"the address is in no region of this manager: foreign, a heap's block, another manager's, freed, NULL",
     call_not_owned, HOST_E_INVALIDOPERATION, ERROR_INVALID_ADDRESS, TRUE},
    {"the region is locked for another thread, and no wait is set", call_not_owner, HOST_E_NOT_OWNER, ERROR_NOT_OWNER,
     TRUE},
    {"the same, and it still is when the wait runs out", call_timeout, HOST_E_TIMEOUT, ERROR_TIMEOUT, TRUE},
    {"the same, and the wait is canceled", call_abandoned, HOST_E_ABANDONED, ERROR_OPERATION_ABORTED, TRUE},
    {"both free types, none, or an unknown one", call_wrong_type, HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER),
     ERROR_INVALID_PARAMETER, TRUE},
    {"`MEM_RELEASE` with a size", call_release_with_size, HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER),
     ERROR_INVALID_PARAMETER, TRUE},
    {"`MEM_RELEASE`, or `MEM_DECOMMIT` of size 0, away from the region's base", call_away_from_base,
     HRESULT_FROM_WIN32(ERROR_INVALID_ADDRESS), ERROR_INVALID_ADDRESS, TRUE},
    {"`MEM_DECOMMIT` of a range that leaves its region or wraps", call_leaving_region,
     HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER), ERROR_INVALID_PARAMETER, TRUE},
    {"anything else", call_right, S_OK, KEEP_ERROR, FALSE},
    {"the manager's own records contradict themselves", call_broken, E_FAIL, ERROR_INTERNAL_ERROR, FALSE},
};

static void test_rows(void)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(rows); i++)
    {
        subtest(rows[i].call);
        winetest_push_context("row %u", i);
        rows[i].make(&rows[i]);
        winetest_pop_context();
    }
}

START_TEST(freetable)
{
    run_both_ways(test_rows);
}
