/*
 * Limits: set and get, agreement with the options, enforcement by level.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "management_test.h"

#define LIMIT (64 * PAGE)

static const CLRMEM_LIMITS no_limits = {
    .cbSize = sizeof(no_limits), .ullHardLimit = CLRMEM_NO_LIMIT, .ullSoftLimit = CLRMEM_NO_LIMIT};

#define check_limits(limits, hard, soft, appdomain, process)                                                           \
    check_limits_(__LINE__, limits, hard, soft, appdomain, process)
static void check_limits_(int line, const CLRMEM_LIMITS *limits, ULONGLONG hard, ULONGLONG soft, ULONGLONG appdomain,
                          ULONGLONG process)
{
    ok_(__FILE__, line)(limits->cbSize == sizeof(*limits) && !limits->dwPadding && limits->ullHardLimit == hard &&
                            limits->ullSoftLimit == soft && limits->ullAppDomainReserve == appdomain &&
                            limits->ullProcessReserve == process,
                        "got %#I64x, %#I64x, %#I64x, %#I64x\n", limits->ullHardLimit, limits->ullSoftLimit,
                        limits->ullAppDomainReserve, limits->ullProcessReserve);
}

static CLRMEM_LIMITS get_limits(IHostMemoryManager *manager)
{
    CLRMEM_LIMITS limits = {.cbSize = sizeof(limits), .dwPadding = 1};

    ok_hr(management->get_limits(as_unknown(manager), &limits), S_OK);
    return limits;
}

static CLRMEM_LIMITS get_heap_limits(IHostMalloc *heap)
{
    CLRMEM_LIMITS limits = {.cbSize = sizeof(limits), .dwPadding = 1};

    ok_hr(management->get_heap_limits(as_unknown(heap), &limits), S_OK);
    return limits;
}

/* Limits that are refused, with the error. */
static const struct
{
    ULONGLONG hard, soft, appdomain, process;
} contradictions[] = {
    {LIMIT, LIMIT + 1, 0, 0},
    {LIMIT, LIMIT, LIMIT + 1, 0},
    {LIMIT, LIMIT, 0, LIMIT + 1},
    {LIMIT, LIMIT, LIMIT / 2 + 1, LIMIT / 2},
    {LIMIT, LIMIT, CLRMEM_NO_LIMIT, CLRMEM_NO_LIMIT},
    {0, 0, 0, 0},
    {PAGE - 1, PAGE - 1, 0, 0},
    {LIMIT, PAGE - 1, 0, 0},
};

static void test_refused_limits(void)
{
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0);
    CLRMEM_LIMITS limits = {.cbSize = sizeof(limits)}, got;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(contradictions); i++)
    {
        winetest_push_context("case %u", i);
        limits.ullHardLimit = contradictions[i].hard;
        limits.ullSoftLimit = contradictions[i].soft;
        limits.ullAppDomainReserve = contradictions[i].appdomain;
        limits.ullProcessReserve = contradictions[i].process;
        SetLastError(KEEP_ERROR);
        ok_hr(management->set_limits(as_unknown(manager), &limits), E_INVALIDARG);
        ok_error(ERROR_INVALID_PARAMETER);
        ok_hr(management->set_heap_limits(as_unknown(heap), &limits), E_INVALIDARG);
        winetest_pop_context();
    }
    got = get_limits(manager);
    check_limits(&got, CLRMEM_NO_LIMIT, CLRMEM_NO_LIMIT, 0, 0);
    got = get_heap_limits(heap);
    check_limits(&got, CLRMEM_NO_LIMIT, CLRMEM_NO_LIMIT, 0, 0);
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(manager);
}

static void test_arguments(void)
{
    static const DWORD sizes[] = {0, 4, sizeof(CLRMEM_LIMITS) - 1, sizeof(CLRMEM_LIMITS) + 1, 0xffffffff};
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0);
    CLRMEM_LIMITS limits, before;
    unsigned int i;

    ok_hr(management->set_limits(as_unknown(manager), NULL), E_POINTER);
    ok_hr(management->get_limits(as_unknown(manager), NULL), E_POINTER);
    ok_hr(management->set_heap_limits(as_unknown(heap), NULL), E_POINTER);
    ok_hr(management->get_heap_limits(as_unknown(heap), NULL), E_POINTER);
    for (i = 0; i < ARRAY_SIZE(sizes); i++)
    {
        limits = no_limits;
        limits.cbSize = sizes[i];
        limits.ullHardLimit = limits.ullSoftLimit = LIMIT;
        before = limits;
        ok_hr(management->set_limits(as_unknown(manager), &limits), E_INVALIDARG);
        ok_hr(management->get_limits(as_unknown(manager), &limits), E_INVALIDARG);
        ok_hr(management->set_heap_limits(as_unknown(heap), &limits), E_INVALIDARG);
        ok_hr(management->get_heap_limits(as_unknown(heap), &limits), E_INVALIDARG);
        ok(!memcmp(&limits, &before, sizeof(limits)), "written\n");
    }
    limits = get_limits(manager);
    check_limits(&limits, CLRMEM_NO_LIMIT, CLRMEM_NO_LIMIT, 0, 0);
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(manager);
}

static void test_set_and_get(void)
{
    IHostMemoryManager *manager = create_manager(), *other = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0);
    CLRMEM_LIMITS limits = {sizeof(limits), 0, 100 * PAGE + 1, 90 * PAGE, 7 * PAGE, 5}, got;

    ok_hr(management->set_limits(as_unknown(manager), &limits), S_OK);
    got = get_limits(manager);
    check_limits(&got, 100 * PAGE + 1, 90 * PAGE, 7 * PAGE, 5);
    got = get_limits(other);
    check_limits(&got, CLRMEM_NO_LIMIT, CLRMEM_NO_LIMIT, 0, 0);
    got = get_heap_limits(heap);
    check_limits(&got, CLRMEM_NO_LIMIT, CLRMEM_NO_LIMIT, 0, 0);
    ok(get_statistics(manager).ullHardLimit == 100 * PAGE + 1, "not in the statistics\n");
    ok(get_statistics(manager).ullSoftLimit == 90 * PAGE, "not in the statistics\n");

    limits.ullHardLimit = 50 * PAGE;
    limits.ullSoftLimit = CLRMEM_NO_LIMIT;
    limits.ullAppDomainReserve = 25 * PAGE;
    limits.ullProcessReserve = 25 * PAGE;
    ok_hr(management->set_heap_limits(as_unknown(heap), &limits), S_OK);
    got = get_heap_limits(heap);
    check_limits(&got, 50 * PAGE, 50 * PAGE, 25 * PAGE, 25 * PAGE);
    got = get_limits(manager);
    check_limits(&got, 100 * PAGE + 1, 90 * PAGE, 7 * PAGE, 5);

    limits.ullHardLimit = CLRMEM_NO_LIMIT;
    ok_hr(management->set_limits(as_unknown(manager), &limits), S_OK);
    got = get_limits(manager);
    check_limits(&got, CLRMEM_NO_LIMIT, CLRMEM_NO_LIMIT, 0, 0);
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(other);
    IHostMemoryManager_Release(manager);
}

#define check_option(manager, name, expected) check_option_(__LINE__, manager, name, expected)
static void check_option_(int line, IHostMemoryManager *manager, const char *name, const char *expected)
{
    char value[128] = "unset";

    ok_hr_(__FILE__, line, management->get_option(as_unknown(manager), name, value, sizeof(value)), S_OK);
    ok_(__FILE__, line)(!strcmp(value, expected), "%s: got %s, expected %s\n", name, value, expected);
}

/* Limits and waits are options too, whichever way they were set last. */
static void test_options_agree(void)
{
    IHostMemoryManager *manager = create_manager();
    CLRMEM_LIMITS limits = {sizeof(limits), 0, 0x4000000, 0x3000000, 0x10000, 0x20000}, got;
    CLRMEM_WAITS waits = {sizeof(waits), 1, 2, 3, INFINITE, 0};

    ok_hr(management->set_limits(as_unknown(manager), &limits), S_OK);
    check_option(manager, "limit", "64M");
    check_option(manager, "softlimit", "48M");
    check_option(manager, "appdomainreserve", "64K");
    check_option(manager, "processreserve", "128K");
    ok_hr(management->set_waits(as_unknown(manager), &waits), S_OK);
    check_option(manager, "taskwait", "1");
    check_option(manager, "appdomainwait", "2");
    check_option(manager, "processwait", "3");
    check_option(manager, "LockWait", "forever");

    ok_hr(management->set_option(as_unknown(manager), "taskwait", "7"), S_OK);
    got = get_limits(manager);
    check_limits(&got, 0x4000000, 0x3000000, 0x10000, 0x20000);
    ok_hr(management->set_option(as_unknown(manager), "limit", "1G"), S_OK);
    got = get_limits(manager);
    check_limits(&got, 0x40000000, 0x3000000, 0x10000, 0x20000);
    ok_hr(management->get_waits(as_unknown(manager), &waits), S_OK);
    ok(waits.dwTaskCritical == 7 && waits.dwLock == INFINITE, "got %lu, %lu\n", waits.dwTaskCritical, waits.dwLock);

    limits.ullHardLimit = limits.ullSoftLimit = PAGE;
    limits.ullAppDomainReserve = limits.ullProcessReserve = 0;
    ok_hr(management->set_limits(as_unknown(manager), &limits), S_OK);
    check_option(manager, "limit", "4K");
    check_option(manager, "softlimit", "4K");
    ok_hr(management->set_limits(as_unknown(manager), &no_limits), S_OK);
    check_option(manager, "limit", "none");
    check_option(manager, "softlimit", "none");
    IHostMemoryManager_Release(manager);
}

static void test_options(void)
{
    IHostMemoryManager *manager = create_manager();
    CLRMEM_LIMITS limits;
    char value[128];

    ok_hr(management->set_option(as_unknown(manager), NULL, "1G"), E_POINTER);
    ok_hr(management->set_option(as_unknown(manager), "limit", NULL), E_POINTER);
    ok_hr(management->set_option(as_unknown(manager), "limits", "1G"), E_INVALIDARG);
    ok_hr(management->set_option(as_unknown(manager), "limit", "much"), E_INVALIDARG);
    limits = get_limits(manager);
    check_limits(&limits, CLRMEM_NO_LIMIT, CLRMEM_NO_LIMIT, 0, 0);

    ok_hr(management->get_option(as_unknown(manager), NULL, value, sizeof(value)), E_POINTER);
    ok_hr(management->get_option(as_unknown(manager), "limit", NULL, sizeof(value)), E_POINTER);
    strcpy(value, "unset");
    ok_hr(management->get_option(as_unknown(manager), "limits", value, sizeof(value)), E_INVALIDARG);
    ok(!value[0], "got %s\n", value);
    strcpy(value, "unset");
    ok_hr(management->get_option(as_unknown(manager), "limit", value, 4),
          HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER));
    ok(!strcmp(value, "") && value[4] == 't', "got %s\n", value);
    ok_hr(management->get_option(as_unknown(manager), "limit", value, 0),
          HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER));
    ok_hr(management->get_option(as_unknown(manager), "limit", value, 5), S_OK);
    ok(!strcmp(value, "none"), "got %s\n", value);
    IHostMemoryManager_Release(manager);
}

/* What the heaps of a manager made with such options may have. */
static void test_options_of_heaps(void)
{
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *before = create_malloc(manager, 0), *heap;
    CLRMEM_LIMITS got;

    ok_hr(management->set_option(as_unknown(manager), "heaplimit", "1M"), S_OK);
    ok_hr(management->set_option(as_unknown(manager), "heapsoftlimit", "512K"), S_OK);
    heap = create_malloc(manager, 0);
    got = get_heap_limits(heap);
    check_limits(&got, 0x100000, 0x80000, 0, 0);
    got = get_heap_limits(before);
    check_limits(&got, CLRMEM_NO_LIMIT, CLRMEM_NO_LIMIT, 0, 0);
    IHostMalloc_Release(heap);
    IHostMalloc_Release(before);
    IHostMemoryManager_Release(manager);
}

/* Commits pages one region each until the limit refuses; how many. */
static unsigned int commit_pages(IHostMemoryManager *manager, EMemoryCriticalLevel level)
{
    CLRMEM_STATISTICS before;
    unsigned int count = 0;
    HRESULT hr = S_OK;
    void *out;

    while (hr == S_OK && count < 1000)
    {
        before = get_statistics(manager);
        out = (void *)0xdeadbeef;
        SetLastError(KEEP_ERROR);
        hr =
            IHostMemoryManager_VirtualAlloc(manager, NULL, PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, level, &out);
        if (hr == S_OK) count++;
    }
    ok_error(ERROR_COMMITMENT_LIMIT);
    ok_hr(hr, E_OUTOFMEMORY);
    ok(!out, "got %p\n", out);
    check_same_figures(manager, &before);
    return count;
}

static void test_levels(void)
{
    IHostMemoryManager *manager = create_manager();
    CLRMEM_LIMITS limits = {sizeof(limits), 0, LIMIT, CLRMEM_NO_LIMIT, 5 * PAGE, 3 * PAGE};
    CLRMEM_STATISTICS s;
    unsigned int count;

    ok_hr(management->set_limits(as_unknown(manager), &limits), S_OK);
    count = commit_pages(manager, eTaskCritical);
    ok(count == LIMIT / PAGE - 8, "task-critical: %u pages\n", count);
    count = commit_pages(manager, eAppDomainCritical);
    ok(count == 5, "AppDomain-critical: %u pages\n", count);
    ok(!commit_pages(manager, eTaskCritical), "a task got more\n");
    count = commit_pages(manager, eProcessCritical);
    ok(count == 3, "process-critical: %u pages\n", count);
    ok(!commit_pages(manager, eAppDomainCritical), "an AppDomain got more\n");

    s = get_statistics(manager);
    ok(s.ullCharged == LIMIT && s.ullPeakCharged == LIMIT, "charged %#I64x, %#I64x\n", s.ullCharged, s.ullPeakCharged);
    ok(s.ullRefusals[CLRMEM_CAUSE_LIMIT][eTaskCritical] == 2, "got %I64u\n",
       s.ullRefusals[CLRMEM_CAUSE_LIMIT][eTaskCritical]);
    ok(s.ullRefusals[CLRMEM_CAUSE_LIMIT][eAppDomainCritical] == 2, "got %I64u\n",
       s.ullRefusals[CLRMEM_CAUSE_LIMIT][eAppDomainCritical]);
    ok(s.ullRefusals[CLRMEM_CAUSE_LIMIT][eProcessCritical] == 1, "got %I64u\n",
       s.ullRefusals[CLRMEM_CAUSE_LIMIT][eProcessCritical]);
    ok(s.ullResults[CLRMEM_METHOD_VIRTUAL_ALLOC][CLRMEM_RESULT_LIMIT] == 5, "got %I64u\n",
       s.ullResults[CLRMEM_METHOD_VIRTUAL_ALLOC][CLRMEM_RESULT_LIMIT]);
    ok(!s.ullWaits, "%I64u calls waited\n", s.ullWaits);
    IHostMemoryManager_Release(manager);
}

/* Committed bytes count: a reserve is free, and a refused commit leaves the pages unchanged. */
static void test_commit(void)
{
    IHostMemoryManager *manager = create_manager();
    struct snapshot reserved, committed;
    CLRMEM_STATISTICS before;
    BYTE *memory;
    void *out;

    set_hard_limit(manager, LIMIT);
    ok_hr(IHostMemoryManager_VirtualAlloc(manager, NULL, 16 * LIMIT, MEM_RESERVE, PAGE_READWRITE, eTaskCritical, &out),
          S_OK);
    memory = out;
    ok_hr(
        IHostMemoryManager_VirtualAlloc(manager, memory, LIMIT - PAGE, MEM_COMMIT, PAGE_READWRITE, eTaskCritical, &out),
        S_OK);
    fill_pattern(memory, LIMIT - PAGE, 1);
    before = get_statistics(manager);
    take_snapshot(&committed, memory);
    take_snapshot(&reserved, memory + LIMIT - PAGE);
    SetLastError(KEEP_ERROR);
    ok_hr(IHostMemoryManager_VirtualAlloc(manager, memory + PAGE, LIMIT, MEM_COMMIT, PAGE_READONLY, eProcessCritical,
                                          &out),
          E_OUTOFMEMORY);
    ok_error(ERROR_COMMITMENT_LIMIT);
    ok(!out, "got %p\n", out);
    check_unchanged(&committed);
    check_unchanged(&reserved);
    check_same_figures(manager, &before);
    /* Committed already, so nothing to charge; then the one page left. */
    ok_hr(
        IHostMemoryManager_VirtualAlloc(manager, memory, LIMIT - PAGE, MEM_COMMIT, PAGE_READWRITE, eTaskCritical, &out),
        S_OK);
    ok_hr(IHostMemoryManager_VirtualAlloc(manager, memory, LIMIT, MEM_COMMIT, PAGE_READWRITE, eTaskCritical, &out),
          S_OK);
    ok(is_pattern(memory, LIMIT - PAGE, 1), "contents changed\n");
    ok_hr(IHostMemoryManager_VirtualFree(manager, memory, LIMIT / 2, MEM_DECOMMIT), S_OK);
    ok(get_statistics(manager).ullCharged == LIMIT / 2, "charged %#I64x\n", get_statistics(manager).ullCharged);
    commit_region(manager, LIMIT / 2);
    IHostMemoryManager_Release(manager);
}

/* A limit below the charge frees nothing, and refuses new requests. */
static void test_lowered(void)
{
    IHostMemoryManager *manager = create_manager();
    BYTE *memory = commit_region(manager, LIMIT);

    fill_pattern(memory, LIMIT, 2);
    set_hard_limit(manager, LIMIT / 2);
    ok(is_pattern(memory, LIMIT, 2), "contents changed\n");
    ok(!commit_pages(manager, eProcessCritical), "a page above the limit\n");
    ok_hr(IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE), S_OK);
    ok(commit_pages(manager, eTaskCritical) == LIMIT / 2 / PAGE, "not up to the limit\n");
    ok_hr(management->set_limits(as_unknown(manager), &no_limits), S_OK);
    commit_region(manager, LIMIT);
    IHostMemoryManager_Release(manager);
}

#define check_block_refused(heap, level) check_block_refused_(__LINE__, heap, level)
static void check_block_refused_(int line, IHostMalloc *heap, EMemoryCriticalLevel level)
{
    void *block = (void *)0xdeadbeef;

    SetLastError(KEEP_ERROR);
    ok_hr_(__FILE__, line, IHostMalloc_Alloc(heap, 0x200000, level, &block), E_OUTOFMEMORY);
    ok_error_(__FILE__, line, ERROR_COMMITMENT_LIMIT);
    ok_(__FILE__, line)(!block, "got %p\n", block);
    block = (void *)0xdeadbeef;
    ok_hr_(__FILE__, line, IHostMalloc_DebugAlloc(heap, 0x200000, level, NULL, 0, &block), E_OUTOFMEMORY);
    ok_(__FILE__, line)(!block, "got %p\n", block);
}

static void test_heaps(void)
{
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0), *other = create_malloc(manager, 0);
    CLRMEM_LIMITS limits = {sizeof(limits), 0, 0x280000, CLRMEM_NO_LIMIT, 0, 0x100000};
    CLRMEM_STATISTICS before = get_statistics(manager), s;
    void *block, *another;

    ok_hr(management->set_heap_limits(as_unknown(heap), &limits), S_OK);
    check_block_refused(heap, eTaskCritical);
    check_same_figures(manager, &before);
    ok_hr(IHostMalloc_Alloc(other, 0x200000, eTaskCritical, &another), S_OK);
    ok_hr(IHostMalloc_Alloc(heap, 0x200000, eProcessCritical, &block), S_OK);
    ok_hr(IHostMalloc_Free(heap, block), S_OK);

    set_hard_limit(manager, 0x300000);
    check_block_refused(heap, eProcessCritical);
    check_block_refused(other, eProcessCritical);
    s = get_statistics(manager);
    ok(s.ullRefusals[CLRMEM_CAUSE_HEAP_LIMIT][eTaskCritical] == 2, "got %I64u\n",
       s.ullRefusals[CLRMEM_CAUSE_HEAP_LIMIT][eTaskCritical]);
    ok(s.ullRefusals[CLRMEM_CAUSE_LIMIT][eProcessCritical] == 4, "got %I64u\n",
       s.ullRefusals[CLRMEM_CAUSE_LIMIT][eProcessCritical]);
    ok(s.ullResults[CLRMEM_METHOD_ALLOC][CLRMEM_RESULT_HEAP_LIMIT] == 1, "not counted\n");
    ok(s.ullResults[CLRMEM_METHOD_DEBUG_ALLOC][CLRMEM_RESULT_LIMIT] == 2, "not counted\n");
    ok_hr(IHostMalloc_Free(other, another), S_OK);
    ok_hr(IHostMalloc_Alloc(heap, 0x200000, eProcessCritical, &block), S_OK);
    IHostMalloc_Release(other);
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(manager);
}

static void test_all(void)
{
    test_arguments();
    test_refused_limits();
    test_set_and_get();
    test_options_agree();
    test_options();
    test_options_of_heaps();
    test_levels();
    test_commit();
    test_lowered();
    test_heaps();
}

START_TEST(limits)
{
    run_both_ways(test_all);
}
