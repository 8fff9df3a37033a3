/*
 * Virtual memory that is given: the same as plain Win32's, page by page.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_test.h"

/* The same memory twice, from the manager and from Win32. */
struct twins
{
    IHostMemoryManager *manager;
    BYTE *host;
    BYTE *plain;
    SIZE_T size;
};

enum operation
{
    OP_COMMIT,
    OP_DECOMMIT,
    OP_PROTECT,
    OP_RESET,
    OP_WRITE,
};

struct step
{
    enum operation operation;
    SIZE_T offset;
    SIZE_T size;
    DWORD protect;
};

#define check_same_pages(twins) check_same_pages_(__LINE__, twins)
static void check_same_pages_(int line, const struct twins *twins)
{
    MEMORY_BASIC_INFORMATION host, plain;
    SIZE_T offset;

    for (offset = 0; offset < twins->size; offset += PAGE)
    {
        VirtualQuery(twins->host + offset, &host, sizeof(host));
        VirtualQuery(twins->plain + offset, &plain, sizeof(plain));
        ok_(__FILE__, line)(host.AllocationBase == twins->host, "%#Ix: allocation base %p, expected %p\n", offset,
                            host.AllocationBase, twins->host);
        ok_(__FILE__, line)(host.State == plain.State && host.Protect == plain.Protect &&
                                host.AllocationProtect == plain.AllocationProtect && host.Type == plain.Type,
                            "%#Ix: got %#lx %#lx %#lx %#lx, expected %#lx %#lx %#lx %#lx\n", offset, host.State,
                            host.Protect, host.AllocationProtect, host.Type, plain.State, plain.Protect,
                            plain.AllocationProtect, plain.Type);
        ok_(__FILE__, line)(host.RegionSize == plain.RegionSize, "%#Ix: size %#Ix, expected %#Ix\n", offset,
                            host.RegionSize, plain.RegionSize);
        ok_(__FILE__, line)((BYTE *)host.BaseAddress - twins->host == (BYTE *)plain.BaseAddress - twins->plain,
                            "%#Ix: base %p\n", offset, host.BaseAddress);
    }
}

/* The manager's VirtualQuery gives the results of Win32's. */
#define check_query(manager, address) check_query_(__LINE__, manager, address)
static void check_query_(int line, IHostMemoryManager *manager, void *address)
{
    MEMORY_BASIC_INFORMATION host, plain;
    SIZE_T length, host_length = 0xdeadbeef;
    HRESULT hr;

    memset(&host, 0, sizeof(host));
    memset(&plain, 0, sizeof(plain));
    length = VirtualQuery(address, &plain, sizeof(plain));
    SetLastError(KEEP_ERROR);
    hr = IHostMemoryManager_VirtualQuery(manager, address, &host, sizeof(host), &host_length);
    ok_(__FILE__, line)(hr == S_OK && length, "%p: got %#lx and %#Ix\n", address, hr, length);
    ok_(__FILE__, line)(GetLastError() == KEEP_ERROR, "last error %lu\n", GetLastError());
    ok_(__FILE__, line)(host_length == sizeof(host), "%p: got length %#Ix\n", address, host_length);
    ok_(__FILE__, line)(!memcmp(&host, &plain, sizeof(host)), "%p: another answer than Win32's\n", address);
}

static struct twins reserve_twins(SIZE_T size, DWORD type, DWORD protect)
{
    struct twins twins = {create_manager(), NULL, NULL, (size + PAGE - 1) & ~(PAGE - 1)};
    void *out = NULL;
    HRESULT hr;

    SetLastError(KEEP_ERROR);
    hr = IHostMemoryManager_VirtualAlloc(twins.manager, NULL, size, type, protect, eTaskCritical, &out);
    ok_hr(hr, S_OK);
    ok_error(KEEP_ERROR);
    twins.host = out;
    twins.plain = VirtualAlloc(NULL, size, type, protect);
    ok(!!twins.plain, "no memory, error %lu\n", GetLastError());
    ok(!((ULONG_PTR)twins.host % GRANULE), "got %p\n", twins.host);
    check_same_pages(&twins);
    return twins;
}

static void free_twins(struct twins *twins)
{
    SetLastError(KEEP_ERROR);
    ok_hr(IHostMemoryManager_VirtualFree(twins->manager, twins->host, 0, MEM_RELEASE), S_OK);
    ok_error(KEEP_ERROR);
    VirtualFree(twins->plain, 0, MEM_RELEASE);
    check_free(twins->host);
    IHostMemoryManager_Release(twins->manager);
}

static void alloc_twins(const struct twins *twins, const struct step *step, DWORD type)
{
    BYTE *plain = VirtualAlloc(twins->plain + step->offset, step->size, type, step->protect);
    void *host = NULL;
    HRESULT hr;

    hr = IHostMemoryManager_VirtualAlloc(twins->manager, twins->host + step->offset, step->size, type, step->protect,
                                         eTaskCritical, &host);
    ok_hr(hr, S_OK);
    ok(host && plain && (BYTE *)host - twins->host == plain - twins->plain, "got %p, Win32 %p\n", host, plain);
}

static void protect_twins(const struct twins *twins, const struct step *step)
{
    DWORD host_old = 0xdeadbeef, plain_old = 0xdeadbeef;
    HRESULT hr;

    VirtualProtect(twins->plain + step->offset, step->size, step->protect, &plain_old);
    hr = IHostMemoryManager_VirtualProtect(twins->manager, twins->host + step->offset, step->size, step->protect,
                                           &host_old);
    ok_hr(hr, S_OK);
    ok(host_old == plain_old, "got %#lx, expected %#lx\n", host_old, plain_old);
}

static void run_step(const struct twins *twins, const struct step *step)
{
    switch (step->operation)
    {
    case OP_COMMIT:
        alloc_twins(twins, step, MEM_COMMIT);
        break;
    case OP_RESET:
        alloc_twins(twins, step, MEM_RESET);
        break;
    case OP_DECOMMIT:
        VirtualFree(twins->plain + step->offset, step->size, MEM_DECOMMIT);
        ok_hr(IHostMemoryManager_VirtualFree(twins->manager, twins->host + step->offset, step->size, MEM_DECOMMIT),
              S_OK);
        break;
    case OP_PROTECT:
        protect_twins(twins, step);
        break;
    case OP_WRITE:
        fill_pattern(twins->host + step->offset, step->size, 9);
        fill_pattern(twins->plain + step->offset, step->size, 9);
        break;
    }
}

static void run_steps(struct twins *twins, const struct step *steps, unsigned int count)
{
    unsigned int i;

    for (i = 0; i < count; i++)
    {
        winetest_push_context("step %u", i);
        SetLastError(KEEP_ERROR);
        run_step(twins, &steps[i]);
        ok_error(KEEP_ERROR);
        check_same_pages(twins);
        winetest_pop_context();
    }
}

/* The requests of a CLR. */
static void test_allocation_shapes(void)
{
    static const struct
    {
        SIZE_T size;
        DWORD type, protect;
    } shapes[] = {
        {GRANULE, MEM_RESERVE, PAGE_NOACCESS},
        {GRANULE, MEM_RESERVE, PAGE_READWRITE},
        {1, MEM_RESERVE, PAGE_READWRITE},
        {1, MEM_COMMIT, PAGE_READWRITE},
        {PAGE + 1, MEM_RESERVE | MEM_COMMIT, PAGE_READONLY},
        {GRANULE + PAGE, MEM_COMMIT, PAGE_EXECUTE_READWRITE},
        {GRANULE, MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE_READ},
        {GRANULE, MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE},
        {GRANULE, MEM_RESERVE | MEM_COMMIT, PAGE_NOACCESS},
        {GRANULE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD},
        {GRANULE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE | PAGE_NOCACHE},
        {4 * GRANULE, MEM_RESERVE | MEM_TOP_DOWN, PAGE_READWRITE},
        {4 * GRANULE, MEM_RESERVE | MEM_COMMIT | MEM_TOP_DOWN, PAGE_READWRITE},
        {4 * GRANULE, MEM_COMMIT | MEM_TOP_DOWN, PAGE_READWRITE},
        {4 * GRANULE, MEM_RESERVE | MEM_WRITE_WATCH, PAGE_READWRITE},
        {4 * GRANULE, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE},
        {32 * GRANULE, MEM_RESERVE, PAGE_READWRITE},
    };
    struct twins twins;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(shapes); i++)
    {
        winetest_push_context("shape %u", i);
        twins = reserve_twins(shapes[i].size, shapes[i].type, shapes[i].protect);
        check_query(twins.manager, twins.host);
        free_twins(&twins);
        winetest_pop_context();
    }
}

static void test_commit_and_decommit(void)
{
    static const struct step steps[] = {
        {OP_COMMIT, 0, PAGE, PAGE_READWRITE},
        {OP_WRITE, 0, PAGE, 0},
        {OP_COMMIT, 0, 4 * PAGE, PAGE_READWRITE},               /* growing, over committed pages */
        {OP_COMMIT, 8 * PAGE + 0x123, 2 * PAGE, PAGE_READONLY}, /* three pages */
        {OP_COMMIT, 8 * PAGE, PAGE, PAGE_EXECUTE_READWRITE},    /* again, with another protection */
        {OP_DECOMMIT, PAGE, PAGE, 0},
        {OP_DECOMMIT, PAGE, 2 * PAGE, 0},      /* part of it already decommitted */
        {OP_DECOMMIT, 3 * PAGE + 0xfff, 2, 0}, /* two pages by two bytes */
        {OP_DECOMMIT, 12 * PAGE, PAGE, 0},     /* never committed */
        {OP_COMMIT, 0, 16 * PAGE, PAGE_READWRITE},
        {OP_DECOMMIT, 0, 0, 0}, /* all */
        {OP_COMMIT, 15 * PAGE, PAGE, PAGE_READWRITE},
        {OP_DECOMMIT, 0x10, 0, 0}, /* all, by its first page */
    };
    struct twins twins = reserve_twins(GRANULE, MEM_RESERVE, PAGE_READWRITE);

    run_steps(&twins, steps, ARRAY_SIZE(steps));
    free_twins(&twins);
}

static void test_protect(void)
{
    static const struct step steps[] = {
        {OP_COMMIT, 0, 8 * PAGE, PAGE_READWRITE},
        {OP_PROTECT, 0, PAGE, PAGE_READONLY},
        {OP_PROTECT, 0, 2 * PAGE, PAGE_NOACCESS},
        {OP_PROTECT, PAGE + 0xfff, 2, PAGE_EXECUTE_READ},
        {OP_PROTECT, 4 * PAGE, PAGE, PAGE_READWRITE | PAGE_GUARD},
        {OP_PROTECT, 0, 8 * PAGE, PAGE_EXECUTE_READWRITE},
        {OP_PROTECT, 0, 8 * PAGE, PAGE_READWRITE},
        {OP_WRITE, 0, 8 * PAGE, 0},
    };
    struct twins twins = reserve_twins(GRANULE, MEM_RESERVE, PAGE_NOACCESS);

    run_steps(&twins, steps, ARRAY_SIZE(steps));
    free_twins(&twins);
}

/* Fresh pages are zero, as are pages that were decommitted in between; committed ones keep what they hold. */
static void test_contents(void)
{
    IHostMemoryManager *manager = create_manager();
    BYTE *memory = commit_region(manager, GRANULE);
    void *out;

    ok(is_zero(memory, GRANULE), "not zero\n");
    fill_pattern(memory, GRANULE, 1);
    ok_hr(IHostMemoryManager_VirtualAlloc(manager, memory, GRANULE, MEM_COMMIT, PAGE_READWRITE, eTaskCritical, &out),
          S_OK);
    ok(is_pattern(memory, GRANULE, 1), "committing again lost the contents\n");
    ok_hr(IHostMemoryManager_VirtualFree(manager, memory + PAGE, PAGE, MEM_DECOMMIT), S_OK);
    ok_hr(
        IHostMemoryManager_VirtualAlloc(manager, memory + PAGE, PAGE, MEM_COMMIT, PAGE_READWRITE, eTaskCritical, &out),
        S_OK);
    ok(out == memory + PAGE, "got %p\n", out);
    ok(is_zero(memory + PAGE, PAGE), "not zero\n");
    ok(is_pattern(memory, PAGE, 1), "contents lost\n");
    ok_hr(IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE), S_OK);
    IHostMemoryManager_Release(manager);
}

/* A reset leaves the pages committed, and touches no page of which only a part is meant. */
static void test_reset(void)
{
    static const struct step steps[] = {
        {OP_COMMIT, 0, 4 * PAGE, PAGE_READWRITE}, {OP_WRITE, 0, 4 * PAGE, 0},
        {OP_RESET, 0, 2 * PAGE, PAGE_READWRITE},  {OP_WRITE, 0, 4 * PAGE, 0},
        {OP_RESET, PAGE, PAGE, PAGE_NOACCESS},
    };
    struct twins twins = reserve_twins(GRANULE, MEM_RESERVE, PAGE_READWRITE);
    void *out = NULL;
    HRESULT hr;

    run_steps(&twins, steps, ARRAY_SIZE(steps));
    fill_pattern(twins.host, 4 * PAGE, 2);
    hr = IHostMemoryManager_VirtualAlloc(twins.manager, twins.host + PAGE + 1, PAGE, MEM_RESET, PAGE_READWRITE,
                                         eTaskCritical, &out);
    ok_hr(hr, S_OK);
    ok(out == twins.host + PAGE, "got %p\n", out);
    ok(is_pattern(twins.host, 4 * PAGE, 2), "a page only half meant was reset\n");
    free_twins(&twins);
}

static void test_fixed_address(void)
{
    IHostMemoryManager *manager = create_manager();
    BYTE *memory = commit_region(manager, 4 * GRANULE);
    void *out = NULL;

    ok_hr(IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE), S_OK);
    ok_hr(IHostMemoryManager_VirtualAlloc(manager, memory, GRANULE, MEM_RESERVE, PAGE_READWRITE, eTaskCritical, &out),
          S_OK);
    ok(out == memory, "got %p, expected %p\n", out, memory);
    /* From the middle of a page in the middle of a granule: from the granule to the end of the last page. */
    ok_hr(IHostMemoryManager_VirtualAlloc(manager, memory + 2 * GRANULE + PAGE + 1, PAGE, MEM_RESERVE | MEM_COMMIT,
                                          PAGE_READWRITE, eTaskCritical, &out),
          S_OK);
    ok(out == memory + 2 * GRANULE, "got %p, expected %p\n", out, memory + 2 * GRANULE);
    memory[2 * GRANULE + 2 * PAGE] = 1;
    check_query(manager, memory + 2 * GRANULE);
    ok_hr(IHostMemoryManager_VirtualFree(manager, memory + 2 * GRANULE, 0, MEM_RELEASE), S_OK);
    ok_hr(IHostMemoryManager_VirtualFree(manager, memory + 0x10, 0, MEM_RELEASE), S_OK); /* its first page is enough */
    check_free(memory);
    IHostMemoryManager_Release(manager);
}

static void test_write_watch(void)
{
    IHostMemoryManager *manager = create_manager();
    void *out = NULL, *pages[4];
    ULONG_PTR count = ARRAY_SIZE(pages);
    DWORD granularity;
    UINT ret;

    ok_hr(IHostMemoryManager_VirtualAlloc(manager, NULL, GRANULE, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH,
                                          PAGE_READWRITE, eTaskCritical, &out),
          S_OK);
    ((BYTE *)out)[3 * PAGE] = 1;
    ret = GetWriteWatch(0, out, GRANULE, pages, &count, &granularity);
    ok(!ret && count == 1 && pages[0] == (BYTE *)out + 3 * PAGE, "got %u, %Iu pages\n", ret, count);
    ok_hr(IHostMemoryManager_VirtualFree(manager, out, 0, MEM_RELEASE), S_OK);
    IHostMemoryManager_Release(manager);
}

/* Query and protection are for all memory of the process. */
static void test_foreign_query(void)
{
    IHostMemoryManager *manager = create_manager();
    BYTE *plain = VirtualAlloc(NULL, GRANULE, MEM_RESERVE, PAGE_READWRITE);
    void *heap_block = HeapAlloc(GetProcessHeap(), 0, 100);

    VirtualAlloc(plain + PAGE, PAGE, MEM_COMMIT, PAGE_READONLY);
    check_query(manager, plain);
    check_query(manager, plain + PAGE);
    check_query(manager, plain + 3 * PAGE + 5);
    check_query(manager, GetModuleHandleA(NULL));
    check_query(manager, (BYTE *)GetModuleHandleA("kernel32.dll") + PAGE);
    check_query(manager, heap_block);
    check_query(manager, &heap_block);
    check_query(manager, NULL);
    check_query(manager, (void *)0x7ffe0000);
    VirtualFree(plain, 0, MEM_RELEASE);
    check_query(manager, plain);
    HeapFree(GetProcessHeap(), 0, heap_block);
    IHostMemoryManager_Release(manager);
}

static void test_foreign_protect(void)
{
    IHostMemoryManager *manager = create_manager();
    BYTE *plain = VirtualAlloc(NULL, GRANULE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    MEMORY_BASIC_INFORMATION info;
    DWORD old = 0xdeadbeef, back;
    BYTE *image = (BYTE *)clrmem.module;

    ok_hr(IHostMemoryManager_VirtualProtect(manager, plain, PAGE, PAGE_READONLY, &old), S_OK);
    ok(old == PAGE_READWRITE, "got %#lx\n", old);
    VirtualQuery(plain, &info, sizeof(info));
    ok(info.Protect == PAGE_READONLY && info.RegionSize == PAGE, "got %#lx, %#Ix\n", info.Protect, info.RegionSize);

    ok_hr(IHostMemoryManager_VirtualProtect(manager, image, PAGE, PAGE_READWRITE, &old), S_OK);
    ok(old == PAGE_READONLY, "got %#lx\n", old);
    ok_hr(IHostMemoryManager_VirtualProtect(manager, image, PAGE, old, &back), S_OK);
    VirtualFree(plain, 0, MEM_RELEASE);
    IHostMemoryManager_Release(manager);
}

/* The length is optional, a longer buffer is no error. */
static void test_query_arguments(void)
{
    IHostMemoryManager *manager = create_manager();
    MEMORY_BASIC_INFORMATION info[2];
    SIZE_T length = 0xdeadbeef;

    memset(info, 0xcc, sizeof(info));
    ok_hr(IHostMemoryManager_VirtualQuery(manager, manager, info, sizeof(info), &length), S_OK);
    ok(length == sizeof(info[0]), "got %#Ix\n", length);
    ok(info[1].State == 0xcccccccc, "written behind the first\n");
    ok_hr(IHostMemoryManager_VirtualQuery(manager, manager, info, sizeof(info[0]), NULL), S_OK);
    IHostMemoryManager_Release(manager);
}

/* Every critical level is served alike as long as there is memory. */
static void test_critical_levels(void)
{
    static const EMemoryCriticalLevel levels[] = {eTaskCritical, eAppDomainCritical, eProcessCritical};
    IHostMemoryManager *manager = create_manager();
    unsigned int i;
    void *out;

    for (i = 0; i < ARRAY_SIZE(levels); i++)
    {
        out = NULL;
        ok_hr(IHostMemoryManager_VirtualAlloc(manager, NULL, GRANULE, MEM_COMMIT, PAGE_READWRITE, levels[i], &out),
              S_OK);
        ok_hr(IHostMemoryManager_VirtualFree(manager, out, 0, MEM_RELEASE), S_OK);
    }
    IHostMemoryManager_Release(manager);
}

START_TEST(virtual)
{
    if (!load_clrmem()) return;
    test_allocation_shapes();
    test_commit_and_decommit();
    test_protect();
    test_contents();
    test_reset();
    test_fixed_address();
    test_write_watch();
    test_foreign_query();
    test_foreign_protect();
    test_query_arguments();
    test_critical_levels();
    ok_hr(clrmem.can_unload_now(), S_OK);
}
