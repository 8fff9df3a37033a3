/*
 * What Win32 refuses: the same refusal, with Win32's last error, and nothing touched.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_test.h"

#define REGION_SIZE (4 * GRANULE)

#define COALESCE 0x1 /* MEM_COALESCE_PLACEHOLDERS */
#define PRESERVE 0x2 /* MEM_PRESERVE_PLACEHOLDER */

struct free_case
{
    SIZE_T offset;
    SIZE_T size;
    DWORD type;
    DWORD error;
};

/* Refused by every Windows and every Wine. */
static const struct free_case free_cases[] = {
    {0, 0, 0, ERROR_INVALID_PARAMETER},
    {PAGE, PAGE, 0, ERROR_INVALID_PARAMETER},
    {0, 0, MEM_RELEASE | MEM_DECOMMIT, ERROR_INVALID_PARAMETER},
    {0, PAGE, MEM_RELEASE | MEM_DECOMMIT, ERROR_INVALID_PARAMETER},
    {0, 0, MEM_COMMIT, ERROR_INVALID_PARAMETER},
    {0, 0, MEM_FREE, ERROR_INVALID_PARAMETER},
    {0, 0, MEM_RELEASE | MEM_COMMIT, ERROR_INVALID_PARAMETER},
    {0, 0, 0x80000000, ERROR_INVALID_PARAMETER},
    {0, PAGE, MEM_RELEASE, ERROR_INVALID_PARAMETER},
    {0, REGION_SIZE, MEM_RELEASE, ERROR_INVALID_PARAMETER},
    {0, REGION_SIZE + PAGE, MEM_RELEASE, ERROR_INVALID_PARAMETER},
    {PAGE, PAGE, MEM_RELEASE, ERROR_INVALID_PARAMETER},
    {PAGE, 0, MEM_RELEASE, ERROR_INVALID_ADDRESS},
    {GRANULE, 0, MEM_RELEASE, ERROR_INVALID_ADDRESS},
    {REGION_SIZE - 1, 0, MEM_RELEASE, ERROR_INVALID_ADDRESS},
    {PAGE, 0, MEM_DECOMMIT, ERROR_INVALID_ADDRESS},
    {REGION_SIZE - PAGE, 0, MEM_DECOMMIT, ERROR_INVALID_ADDRESS},
    {0, REGION_SIZE + 1, MEM_DECOMMIT, ERROR_INVALID_PARAMETER},
    {PAGE, REGION_SIZE, MEM_DECOMMIT, ERROR_INVALID_PARAMETER},
    {REGION_SIZE - 1, 2, MEM_DECOMMIT, ERROR_INVALID_PARAMETER},
};

/* Wine takes a size near the end of the address space for 0, and frees everything: not we. And the placeholder flags
 * are for memory that was reserved as a placeholder, which none of this was. */
static const struct free_case own_free_cases[] = {
    {0, MAX_ADDRESS, MEM_DECOMMIT, ERROR_INVALID_PARAMETER},
    {0, MAX_ADDRESS, MEM_RELEASE, ERROR_INVALID_PARAMETER},
    {0, MAX_ADDRESS - PAGE, MEM_DECOMMIT, ERROR_INVALID_PARAMETER},
    {PAGE, (SIZE_T)0 - PAGE, MEM_DECOMMIT, ERROR_INVALID_PARAMETER},
    {PAGE, MAX_ADDRESS, MEM_DECOMMIT, ERROR_INVALID_PARAMETER},
    {REGION_SIZE - PAGE, MAX_ADDRESS, MEM_DECOMMIT, ERROR_INVALID_PARAMETER},
    {0, 0, MEM_RELEASE | PRESERVE, ERROR_INVALID_PARAMETER},
    {0, REGION_SIZE, MEM_RELEASE | PRESERVE, ERROR_INVALID_PARAMETER},
    {0, REGION_SIZE, MEM_RELEASE | COALESCE, ERROR_INVALID_PARAMETER},
    {0, 0, COALESCE, ERROR_INVALID_PARAMETER},
};

static void check_free_case(IHostMemoryManager *manager, BYTE *memory, const struct free_case *test)
{
    struct snapshot first, last;
    HRESULT hr;

    take_snapshot(&first, memory);
    take_snapshot(&last, memory + REGION_SIZE - PAGE);
    SetLastError(KEEP_ERROR);
    hr = IHostMemoryManager_VirtualFree(manager, memory + test->offset, test->size, test->type);
    ok_error(test->error);
    ok_hr(hr, HRESULT_FROM_WIN32(test->error));
    check_unchanged(&first);
    check_unchanged(&last);
}

static void check_plain_free_case(BYTE *memory, const struct free_case *test)
{
    SetLastError(KEEP_ERROR);
    ok(!VirtualFree(memory + test->offset, test->size, test->type), "Win32 does not refuse\n");
    ok_error(test->error);
}

static void test_VirtualFree(void)
{
    IHostMemoryManager *manager = create_manager();
    BYTE *memory = commit_region(manager, REGION_SIZE);
    BYTE *plain = VirtualAlloc(NULL, REGION_SIZE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    unsigned int i;

    fill_pattern(memory, REGION_SIZE, 1);
    for (i = 0; i < ARRAY_SIZE(free_cases); i++)
    {
        winetest_push_context("case %u", i);
        check_free_case(manager, memory, &free_cases[i]);
        check_plain_free_case(plain, &free_cases[i]);
        winetest_pop_context();
    }
    for (i = 0; i < ARRAY_SIZE(own_free_cases); i++)
    {
        winetest_push_context("own case %u", i);
        check_free_case(manager, memory, &own_free_cases[i]);
        winetest_pop_context();
    }
    ok(is_pattern(memory, REGION_SIZE, 1), "contents changed\n");
    ok(get_statistics(manager).ullCommitted == REGION_SIZE, "the accounts changed\n");
    ok_hr(IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE), S_OK);
    VirtualFree(plain, 0, MEM_RELEASE);
    IHostMemoryManager_Release(manager);
}

#define check_alloc_error(manager, address, size, type, protect, error)                                                \
    check_alloc_error_(__LINE__, manager, address, size, type, protect, error)
static void check_alloc_error_(int line, IHostMemoryManager *manager, void *address, SIZE_T size, DWORD type,
                               DWORD protect, DWORD error)
{
    void *out = (void *)0xdeadbeef;
    HRESULT hr;

    SetLastError(KEEP_ERROR);
    hr = IHostMemoryManager_VirtualAlloc(manager, address, size, type, protect, eTaskCritical, &out);
    ok_error_(__FILE__, line, error);
    ok_hr_(__FILE__, line, hr, HRESULT_FROM_WIN32(error));
    ok_(__FILE__, line)(!out, "got %p\n", out);
}

/* Refused before any look-up; Win32 agrees. */
static void test_VirtualAlloc_arguments(void)
{
    static const struct
    {
        SIZE_T address;
        SIZE_T size;
        DWORD type, protect;
    } cases[] = {
        {0, 0, MEM_RESERVE, PAGE_READWRITE},
        {0, 0, MEM_COMMIT, PAGE_READWRITE},
        {0, PAGE, 0, PAGE_READWRITE},
        {0, PAGE, MEM_TOP_DOWN, PAGE_READWRITE},
        {0, PAGE, MEM_WRITE_WATCH, PAGE_READWRITE},
        {0, PAGE, MEM_RESERVE | 1, PAGE_READWRITE},
        {0, PAGE, MEM_RESERVE | MEM_DECOMMIT, PAGE_READWRITE},
        {0, PAGE, MEM_RESERVE | 0x80000000, PAGE_READWRITE},
        {0, PAGE, MEM_RESERVE, 0},
        {0, PAGE, MEM_RESERVE, PAGE_READWRITE | PAGE_READONLY},
        {0, PAGE, MEM_RESERVE, PAGE_WRITECOPY},
        {0, PAGE, MEM_COMMIT, PAGE_EXECUTE_WRITECOPY},
        {0, PAGE, MEM_COMMIT, 0xffff},
        {0, MAX_ADDRESS, MEM_RESERVE, PAGE_READWRITE},
        {PAGE, PAGE, MEM_RESERVE, PAGE_READWRITE},
        {0x20000, MAX_ADDRESS, MEM_RESERVE, PAGE_READWRITE},
        {0x20000, MAX_ADDRESS - 0x20000, MEM_RESERVE, PAGE_READWRITE},
        {(SIZE_T)0 - GRANULE, PAGE, MEM_RESERVE, PAGE_READWRITE},
    };
    IHostMemoryManager *manager = create_manager();
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(cases); i++)
    {
        void *address = (void *)cases[i].address;

        winetest_push_context("case %u", i);
        check_alloc_error(manager, address, cases[i].size, cases[i].type, cases[i].protect, ERROR_INVALID_PARAMETER);
        SetLastError(KEEP_ERROR);
        ok(!VirtualAlloc(address, cases[i].size, cases[i].type, cases[i].protect), "Win32 does not refuse\n");
        ok_error(ERROR_INVALID_PARAMETER);
        winetest_pop_context();
    }
    ok(!get_statistics(manager).ullReserved, "something was reserved\n");
    IHostMemoryManager_Release(manager);
}

/* Refused because of existing allocations. */
static void test_VirtualAlloc_occupied(void)
{
    IHostMemoryManager *manager = create_manager();
    BYTE *memory = commit_region(manager, REGION_SIZE);
    BYTE *plain = VirtualAlloc(NULL, GRANULE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

    fill_pattern(memory, REGION_SIZE, 2);
    fill_pattern(plain, GRANULE, 3);
    check_alloc_error(manager, memory, GRANULE, MEM_RESERVE, PAGE_READWRITE, ERROR_INVALID_ADDRESS);
    check_alloc_error(manager, memory + GRANULE, GRANULE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE,
                      ERROR_INVALID_ADDRESS);
    check_alloc_error(manager, plain, GRANULE, MEM_RESERVE, PAGE_READWRITE, ERROR_INVALID_ADDRESS);
    check_alloc_error(manager, GetModuleHandleA("kernel32.dll"), GRANULE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE,
                      ERROR_INVALID_ADDRESS);
    ok(is_pattern(memory, REGION_SIZE, 2) && is_pattern(plain, GRANULE, 3), "contents changed\n");
    VirtualFree(plain, 0, MEM_RELEASE);
    IHostMemoryManager_Release(manager);
}

/* Commits in a region that Win32 would refuse too; the pages stay as they are. */
static void test_VirtualAlloc_commit(void)
{
    IHostMemoryManager *manager = create_manager();
    struct snapshot before;
    BYTE *memory;
    void *out;

    ok_hr(IHostMemoryManager_VirtualAlloc(manager, NULL, GRANULE, MEM_RESERVE, PAGE_READWRITE, eTaskCritical, &out),
          S_OK);
    memory = out;
    take_snapshot(&before, memory);
    check_alloc_error(manager, memory, GRANULE + 1, MEM_COMMIT, PAGE_READWRITE, ERROR_INVALID_ADDRESS);
    check_alloc_error(manager, memory + PAGE, GRANULE, MEM_COMMIT, PAGE_READWRITE, ERROR_INVALID_ADDRESS);
    check_alloc_error(manager, memory + PAGE, MAX_ADDRESS, MEM_COMMIT, PAGE_READWRITE, ERROR_INVALID_PARAMETER);
    check_alloc_error(manager, memory, 0, MEM_COMMIT, PAGE_READWRITE, ERROR_INVALID_PARAMETER);
    check_alloc_error(manager, memory, PAGE, MEM_COMMIT, 0, ERROR_INVALID_PARAMETER);
    check_alloc_error(manager, memory, PAGE, MEM_COMMIT, PAGE_WRITECOPY, ERROR_INVALID_PARAMETER);
    check_alloc_error(manager, memory, PAGE, MEM_COMMIT | MEM_RESET, PAGE_READWRITE, ERROR_INVALID_PARAMETER);
    check_alloc_error(manager, NULL, PAGE, MEM_RESET, PAGE_READWRITE, ERROR_INVALID_PARAMETER);
    check_unchanged(&before);
    ok(!get_statistics(manager).ullCommitted, "something was committed\n");
    IHostMemoryManager_Release(manager);
}

/* Commits and resets outside the manager's regions. */
static void test_VirtualAlloc_foreign(void)
{
    IHostMemoryManager *manager = create_manager();
    BYTE *plain = VirtualAlloc(NULL, GRANULE, MEM_RESERVE, PAGE_READWRITE);
    struct snapshot reserved, committed, image;
    DWORD types[] = {MEM_COMMIT, MEM_RESET};
    BYTE *kernel32 = (BYTE *)GetModuleHandleA("kernel32.dll");
    unsigned int i;
    void *out;

    VirtualAlloc(plain + PAGE, PAGE, MEM_COMMIT, PAGE_READWRITE);
    fill_pattern(plain + PAGE, PAGE, 4);
    take_snapshot(&reserved, plain);
    take_snapshot(&committed, plain + PAGE);
    take_snapshot(&image, kernel32);
    for (i = 0; i < ARRAY_SIZE(types); i++)
    {
        SetLastError(KEEP_ERROR);
        out = (void *)0xdeadbeef;
        ok_hr(IHostMemoryManager_VirtualAlloc(manager, plain, 2 * PAGE, types[i], PAGE_READONLY, eTaskCritical, &out),
              HOST_E_INVALIDOPERATION);
        ok_error(ERROR_INVALID_ADDRESS);
        ok(!out, "got %p\n", out);
        ok_hr(IHostMemoryManager_VirtualAlloc(manager, kernel32, PAGE, types[i], PAGE_READONLY, eTaskCritical, &out),
              HOST_E_INVALIDOPERATION);
    }
    check_unchanged(&reserved);
    check_unchanged(&committed);
    check_unchanged(&image);
    VirtualFree(plain, 0, MEM_RELEASE);
    IHostMemoryManager_Release(manager);
}

/* More than the address space has left: E_OUTOFMEMORY, as the hosting API has it, with Win32's last error for that. All
 * but 4 GiB of it, as the program lies above these: with less there would be room where chance put the libraries high,
 * and Wine would fill gigabytes with its records of the pages. */
static void test_VirtualAlloc_out_of_memory(void)
{
    SIZE_T huge = sizeof(void *) == 8 ? (SIZE_T)0x7fff00000000ull : (SIZE_T)0x7ff00000;
    IHostMemoryManager *manager = create_manager();
    void *out = (void *)0xdeadbeef;

    SetLastError(KEEP_ERROR);
    ok(!VirtualAlloc(NULL, huge, MEM_RESERVE, PAGE_READWRITE), "Win32 has that much\n");
    ok_error(ERROR_NOT_ENOUGH_MEMORY);
    SetLastError(KEEP_ERROR);
    ok_hr(IHostMemoryManager_VirtualAlloc(manager, NULL, huge, MEM_RESERVE, PAGE_READWRITE, eProcessCritical, &out),
          E_OUTOFMEMORY);
    ok_error(ERROR_NOT_ENOUGH_MEMORY);
    ok(!out, "got %p\n", out);
    ok(!get_statistics(manager).ullReserved, "something was reserved\n");
    commit_region(manager, GRANULE)[0] = 1;
    IHostMemoryManager_Release(manager);
}

/* More than any address space has: out of memory, or a bad parameter as Win32 has it. */
static void test_VirtualAlloc_oversized(void)
{
    static const SIZE_T sizes[] = {MAX_ADDRESS - GRANULE, MAX_ADDRESS - 2 * GRANULE, (MAX_ADDRESS >> 1) + 1};
    IHostMemoryManager *manager = create_manager();
    unsigned int i;
    DWORD error;
    HRESULT hr;
    void *out;

    for (i = 0; i < ARRAY_SIZE(sizes); i++)
    {
        out = (void *)0xdeadbeef;
        hr = IHostMemoryManager_VirtualAlloc(manager, NULL, sizes[i], MEM_RESERVE, PAGE_READWRITE, eTaskCritical, &out);
        error = GetLastError();
        ok((hr == E_OUTOFMEMORY && error == ERROR_NOT_ENOUGH_MEMORY) ||
               (hr == E_INVALIDARG && error == ERROR_INVALID_PARAMETER),
           "size %#Ix: got %#lx, error %lu\n", sizes[i], hr, error);
        ok(!out, "got %p\n", out);
    }
    ok(!get_statistics(manager).ullReserved, "something was reserved\n");
    IHostMemoryManager_Release(manager);
}

static void test_VirtualAlloc_pointer(void)
{
    IHostMemoryManager *manager = create_manager();

    ok_hr(IHostMemoryManager_VirtualAlloc(manager, NULL, PAGE, MEM_RESERVE, PAGE_READWRITE, eTaskCritical, NULL),
          E_POINTER);
    ok(!get_statistics(manager).ullReserved, "something was reserved\n");
    IHostMemoryManager_Release(manager);
}

#define check_protect_error(manager, address, size, protect, old, error)                                               \
    check_protect_error_(__LINE__, manager, address, size, protect, old, error)
static void check_protect_error_(int line, IHostMemoryManager *manager, void *address, SIZE_T size, DWORD protect,
                                 DWORD *old, DWORD error)
{
    struct snapshot before;
    HRESULT hr;

    take_snapshot(&before, address);
    SetLastError(KEEP_ERROR);
    hr = IHostMemoryManager_VirtualProtect(manager, address, size, protect, old);
    ok_error_(__FILE__, line, error);
    ok_hr_(__FILE__, line, hr, HRESULT_FROM_WIN32(error));
    if (old) ok_(__FILE__, line)(!*old, "got %#lx\n", *old);
    check_unchanged_(__FILE__, line, &before);
    SetLastError(KEEP_ERROR);
    if (old) ok_(__FILE__, line)(!VirtualProtect(address, size, protect, old), "Win32 does not refuse\n");
    if (old) ok_error_(__FILE__, line, error);
}

static void test_VirtualProtect(void)
{
    IHostMemoryManager *manager = create_manager();
    BYTE *memory = commit_region(manager, GRANULE), *freed;
    DWORD old = 0xdeadbeef;

    ok_hr(IHostMemoryManager_VirtualFree(manager, memory + PAGE, PAGE, MEM_DECOMMIT), S_OK);
    check_protect_error(manager, memory + PAGE, PAGE, PAGE_READONLY, &old, ERROR_INVALID_ADDRESS);
    check_protect_error(manager, memory, 2 * PAGE, PAGE_READONLY, &old, ERROR_INVALID_ADDRESS);
    check_protect_error(manager, memory, PAGE, 0, &old, ERROR_INVALID_PARAMETER);
    check_protect_error(manager, memory, PAGE, PAGE_READONLY | PAGE_READWRITE, &old, ERROR_INVALID_PARAMETER);
    check_protect_error(manager, memory, PAGE, PAGE_WRITECOPY, &old, ERROR_INVALID_PARAMETER);
    check_protect_error(manager, memory, PAGE, PAGE_READONLY, NULL, ERROR_NOACCESS);

    freed = commit_region(manager, GRANULE);
    ok_hr(IHostMemoryManager_VirtualFree(manager, freed, 0, MEM_RELEASE), S_OK);
    SetLastError(KEEP_ERROR);
    ok(FAILED(IHostMemoryManager_VirtualProtect(manager, freed, PAGE, PAGE_READONLY, &old)), "free memory protected\n");
    ok(GetLastError() == ERROR_INVALID_PARAMETER || GetLastError() == ERROR_INVALID_ADDRESS, "got %lu\n",
       GetLastError());
    IHostMemoryManager_Release(manager);
}

static void test_VirtualQuery(void)
{
    IHostMemoryManager *manager = create_manager();
    MEMORY_BASIC_INFORMATION info;
    SIZE_T length = 0xdeadbeef;

    memset(&info, 0xcc, sizeof(info));
    SetLastError(KEEP_ERROR);
    ok_hr(IHostMemoryManager_VirtualQuery(manager, &info, &info, sizeof(info) - 1, &length),
          HRESULT_FROM_WIN32(ERROR_BAD_LENGTH));
    ok_error(ERROR_BAD_LENGTH);
    ok(!length, "got %#Ix\n", length);
    ok_hr(IHostMemoryManager_VirtualQuery(manager, &info, &info, 0, NULL), HRESULT_FROM_WIN32(ERROR_BAD_LENGTH));

    length = 0xdeadbeef;
    SetLastError(KEEP_ERROR);
    ok_hr(IHostMemoryManager_VirtualQuery(manager, &info, NULL, sizeof(info), &length),
          HRESULT_FROM_WIN32(ERROR_NOACCESS));
    ok_error(ERROR_NOACCESS);
    ok(!length, "got %#Ix\n", length);

    length = 0xdeadbeef;
    SetLastError(KEEP_ERROR);
    ok_hr(IHostMemoryManager_VirtualQuery(manager, (void *)MAX_ADDRESS, &info, sizeof(info), &length), E_INVALIDARG);
    ok_error(ERROR_INVALID_PARAMETER);
    ok(!length && info.State == 0xcccccccc, "got %#Ix, %#lx\n", length, info.State);
    IHostMemoryManager_Release(manager);
}

START_TEST(refusals)
{
    if (!load_clrmem()) return;
    test_VirtualFree();
    test_VirtualAlloc_arguments();
    test_VirtualAlloc_occupied();
    test_VirtualAlloc_commit();
    test_VirtualAlloc_foreign();
    test_VirtualAlloc_out_of_memory();
    test_VirtualAlloc_oversized();
    test_VirtualAlloc_pointer();
    test_VirtualProtect();
    test_VirtualQuery();
    ok_hr(clrmem.can_unload_now(), S_OK);
}
