/*
 * IClrMemManager::GetStatistics and ClrMemFormatStatistics.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_test.h"

static void test_arguments(void)
{
    IHostMemoryManager *manager = create_manager();
    CLRMEM_STATISTICS statistics;
    static const DWORD sizes[] = {0, 4, sizeof(statistics) - 1, sizeof(statistics) + 1, 0xffffffff};
    IClrMemManager *clr_mem;
    unsigned int i;

    ok_hr(IHostMemoryManager_QueryInterface(manager, &IID_IClrMemManager, (void **)&clr_mem), S_OK);
    ok_hr(IClrMemManager_GetStatistics(clr_mem, NULL), E_POINTER);
    for (i = 0; i < ARRAY_SIZE(sizes); i++)
    {
        memset(&statistics, 0xcc, sizeof(statistics));
        statistics.cbSize = sizes[i];
        ok_hr(IClrMemManager_GetStatistics(clr_mem, &statistics), E_INVALIDARG);
        ok(statistics.cbSize == sizes[i] && statistics.dwVersion == 0xcccccccc, "written\n");
    }
    memset(&statistics, 0xcc, sizeof(statistics));
    statistics.cbSize = sizeof(statistics);
    ok_hr(IClrMemManager_GetStatistics(clr_mem, &statistics), S_OK);
    ok(statistics.cbSize == sizeof(statistics), "got %lu\n", statistics.cbSize);
    ok(statistics.dwVersion == CLRMEM_STATISTICS_VERSION, "got %lu\n", statistics.dwVersion);
    ok(statistics.ullHardLimit == CLRMEM_NO_LIMIT && statistics.ullSoftLimit == CLRMEM_NO_LIMIT, "got %#I64x, %#I64x\n",
       statistics.ullHardLimit, statistics.ullSoftLimit);
    statistics.ullHardLimit = statistics.ullSoftLimit = 0;
    ok(is_zero((BYTE *)&statistics.CreateMalloc, sizeof(statistics) - FIELD_OFFSET(CLRMEM_STATISTICS, CreateMalloc)),
       "a new manager has done something\n");
    IClrMemManager_Release(clr_mem);
    IHostMemoryManager_Release(manager);
}

#define check_calls(calls, expected, failed) check_calls_(__LINE__, #calls, calls, expected, failed)
static void check_calls_(int line, const char *name, CLRMEM_CALLS calls, unsigned int expected, unsigned int failed)
{
    ok_(__FILE__, line)(calls.ullCalls == expected && calls.ullFailures == failed,
                        "%s: got %I64u calls, %I64u failures, expected %u, %u\n", name, calls.ullCalls,
                        calls.ullFailures, expected, failed);
}

#define check_figure(figure, expected) check_figure_(__LINE__, #figure, figure, expected)
static void check_figure_(int line, const char *name, ULONGLONG figure, ULONGLONG expected)
{
    ok_(__FILE__, line)(figure == expected, "%s: got %I64u, expected %I64u\n", name, figure, expected);
}

/* Each method once with success and once or twice without. */
static void call_everything(IHostMemoryManager *manager)
{
    MEMORY_BASIC_INFORMATION info;
    BYTE *memory = commit_region(manager, GRANULE);
    SIZE_T available;
    DWORD value;
    void *out;

    IHostMemoryManager_VirtualAlloc(manager, NULL, 0, MEM_RESERVE, PAGE_READWRITE, eTaskCritical, &out);
    IHostMemoryManager_VirtualAlloc(manager, NULL, PAGE, MEM_RESERVE, PAGE_READWRITE, eTaskCritical, NULL);
    IHostMemoryManager_VirtualQuery(manager, memory, &info, sizeof(info), NULL);
    IHostMemoryManager_VirtualQuery(manager, memory, NULL, sizeof(info), NULL);
    IHostMemoryManager_VirtualProtect(manager, memory, PAGE, PAGE_READONLY, &value);
    IHostMemoryManager_VirtualProtect(manager, memory, PAGE, 0, &value);
    IHostMemoryManager_VirtualFree(manager, memory, 0, 0);
    IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE);
    IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE);
    IHostMemoryManager_VirtualFree(manager, NULL, 0, MEM_RELEASE);
    IHostMemoryManager_GetMemoryLoad(manager, &value, &available);
    IHostMemoryManager_GetMemoryLoad(manager, NULL, NULL);
    IHostMemoryManager_RegisterMemoryNotificationCallback(manager, NULL);
    IHostMemoryManager_NeedsVirtualAddressSpace(manager, NULL, PAGE);
    IHostMemoryManager_AcquiredVirtualAddressSpace(manager, (void *)0x10000, PAGE);
    IHostMemoryManager_ReleasedVirtualAddressSpace(manager, (void *)0x10000);
}

static void test_counts(void)
{
    IHostMemoryManager *manager = create_manager();
    CLRMEM_STATISTICS s;

    call_everything(manager);
    s = get_statistics(manager);
    check_calls(s.VirtualAlloc, 3, 2);
    check_calls(s.VirtualFree, 4, 3);
    check_calls(s.VirtualQuery, 2, 1);
    check_calls(s.VirtualProtect, 2, 1);
    check_calls(s.GetMemoryLoad, 2, 1);
    check_calls(s.RegisterMemoryNotificationCallback, 1, 0);
    check_calls(s.NeedsVirtualAddressSpace, 1, 1);
    check_calls(s.AcquiredVirtualAddressSpace, 1, 0);
    check_calls(s.ReleasedVirtualAddressSpace, 1, 0);
    check_calls(s.CreateMalloc, 0, 0);
    check_calls(s.Alloc, 0, 0);
    check_figure(s.ullRefusedFrees, 2);
    check_figure(s.ullRegions, 0);
    check_figure(s.ullPeakRegions, 1);
    IHostMemoryManager_Release(manager);
}

static void test_heap_counts(void)
{
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0), *other = create_malloc(manager, MALLOC_EXECUTABLE), *none;
    void *block, *debug;
    CLRMEM_STATISTICS s;

    IHostMemoryManager_CreateMalloc(manager, 99, &none);
    IHostMemoryManager_CreateMalloc(manager, 0, NULL);
    IHostMalloc_Alloc(heap, 100, eTaskCritical, &block);
    IHostMalloc_Alloc(heap, MAX_ADDRESS, eTaskCritical, &debug);
    IHostMalloc_Alloc(heap, 1, eTaskCritical, NULL);
    IHostMalloc_DebugAlloc(other, 100, eTaskCritical, NULL, 0, &debug);
    IHostMalloc_DebugAlloc(other, 100, eTaskCritical, NULL, 0, NULL);
    IHostMalloc_Free(other, block);
    IHostMalloc_Free(heap, NULL);
    s = get_statistics(manager);
    check_calls(s.CreateMalloc, 4, 2);
    check_calls(s.Alloc, 3, 2);
    check_calls(s.DebugAlloc, 2, 1);
    check_calls(s.Free, 2, 1);
    check_figure(s.ullRefusedFrees, 1);
    check_figure(s.ullHeaps, 2);
    check_figure(s.ullHeapBlocks, 2);
    ok(s.ullHeapLive >= 200 && s.ullHeapLive <= 2 * 256, "got %I64u\n", s.ullHeapLive);
    ok(s.ullHeapCommitted >= s.ullHeapLive && s.ullHeapReserved >= s.ullHeapCommitted &&
           s.ullPeakHeapCommitted >= s.ullHeapCommitted,
       "got %I64u, %I64u, %I64u\n", s.ullHeapReserved, s.ullHeapCommitted, s.ullPeakHeapCommitted);
    check_figure(s.ullReserved, 0); /* heaps are not regions */
    check_figure(s.ullRegions, 0);
    IHostMalloc_Release(other);
    IHostMalloc_Release(heap);
    check_figure(get_statistics(manager).ullHeaps, 0);
    check_figure(get_statistics(manager).ullHeapLive, 0);
    IHostMemoryManager_Release(manager);
}

#define check_results(s, method, result, expected) check_results_(__LINE__, s, method, result, expected)
static void check_results_(int line, const CLRMEM_STATISTICS *s, CLRMEM_METHOD method, CLRMEM_RESULT result,
                           ULONGLONG expected)
{
    ok_(__FILE__, line)(s->ullResults[method][result] == expected, "got %I64u\n", s->ullResults[method][result]);
}

static void test_results(void)
{
    IHostMemoryManager *manager = create_manager();
    const CLRMEM_CALLS *calls;
    unsigned int method, result;
    CLRMEM_STATISTICS s;
    ULONGLONG sum;

    call_everything(manager);
    s = get_statistics(manager);
    check_results(&s, CLRMEM_METHOD_VIRTUAL_ALLOC, CLRMEM_RESULT_OK, 1);
    check_results(&s, CLRMEM_METHOD_VIRTUAL_ALLOC, CLRMEM_RESULT_INVALID_PARAMETER, 2);
    check_results(&s, CLRMEM_METHOD_VIRTUAL_FREE, CLRMEM_RESULT_OK, 1);
    check_results(&s, CLRMEM_METHOD_VIRTUAL_FREE, CLRMEM_RESULT_INVALID_PARAMETER, 1);
    check_results(&s, CLRMEM_METHOD_VIRTUAL_FREE, CLRMEM_RESULT_NOT_OWNED, 2);
    check_results(&s, CLRMEM_METHOD_VIRTUAL_QUERY, CLRMEM_RESULT_NO_ACCESS, 1);
    check_results(&s, CLRMEM_METHOD_GET_MEMORY_LOAD, CLRMEM_RESULT_INVALID_PARAMETER, 1);
    check_results(&s, CLRMEM_METHOD_REGISTER_CALLBACK, CLRMEM_RESULT_OK, 1);
    check_results(&s, CLRMEM_METHOD_NEEDS_ADDRESS_SPACE, CLRMEM_RESULT_NO_MEMORY, 1);
    check_results(&s, CLRMEM_METHOD_RELEASED_ADDRESS_SPACE, CLRMEM_RESULT_OK, 1);
    for (method = 0; method < CLRMEM_METHODS; method++)
    {
        calls = &s.CreateMalloc + method;
        for (result = 0, sum = 0; result < CLRMEM_RESULTS; result++) sum += s.ullResults[method][result];
        ok(sum == calls->ullCalls && sum - s.ullResults[method][CLRMEM_RESULT_OK] == calls->ullFailures,
           "method %u: %I64u results of %I64u calls\n", method, sum, calls->ullCalls);
    }
    IHostMemoryManager_Release(manager);
}

/* A region is of the level it was reserved with, a block of its own. */
static void test_levels(void)
{
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0);
    void *region, *out, *small, *large;
    CLRMEM_STATISTICS s;

    ok_hr(IHostMemoryManager_VirtualAlloc(manager, NULL, GRANULE, MEM_RESERVE, PAGE_READWRITE, eAppDomainCritical,
                                          &region),
          S_OK);
    IHostMemoryManager_VirtualAlloc(manager, region, 3 * PAGE, MEM_COMMIT, PAGE_READWRITE, eProcessCritical, &out);
    ok_hr(IHostMalloc_Alloc(heap, 100, eTaskCritical, &small), S_OK);
    ok_hr(IHostMalloc_Alloc(heap, 0x200000, eProcessCritical, &large), S_OK);
    s = get_statistics(manager);
    check_figure(s.Levels[eTaskCritical].ullReserved, 0);
    check_figure(s.Levels[eAppDomainCritical].ullReserved, GRANULE);
    check_figure(s.Levels[eAppDomainCritical].ullCommitted, 3 * PAGE);
    check_figure(s.Levels[eProcessCritical].ullCommitted, 0);
    check_figure(s.Levels[eTaskCritical].ullHeapBlocks, 1);
    check_figure(s.Levels[eAppDomainCritical].ullHeapBlocks, 0);
    check_figure(s.Levels[eProcessCritical].ullHeapBlocks, 1);
    ok(s.Levels[eTaskCritical].ullHeapLive >= 100 && s.Levels[eTaskCritical].ullHeapLive < PAGE, "got %I64u\n",
       s.Levels[eTaskCritical].ullHeapLive);
    ok(s.Levels[eProcessCritical].ullHeapLive >= 0x200000 && s.Levels[eProcessCritical].ullHeapLive < 0x280000,
       "got %I64u\n", s.Levels[eProcessCritical].ullHeapLive);

    IHostMemoryManager_VirtualFree(manager, region, 0, MEM_RELEASE);
    IHostMalloc_Free(heap, small);
    IHostMalloc_Free(heap, large);
    s = get_statistics(manager);
    check_figure(s.Levels[eAppDomainCritical].ullReserved, 0);
    check_figure(s.Levels[eAppDomainCritical].ullPeakReserved, GRANULE);
    check_figure(s.Levels[eAppDomainCritical].ullPeakCommitted, 3 * PAGE);
    check_figure(s.Levels[eTaskCritical].ullHeapBlocks, 0);
    check_figure(s.Levels[eTaskCritical].ullHeapLive, 0);
    check_figure(s.Levels[eProcessCritical].ullHeapLive, 0);
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(manager);
}

/* Regions and heaps are charged alike, views are not. */
static void test_charge(void)
{
    IHostMemoryManager *manager = create_manager();
    BYTE *memory = commit_region(manager, 5 * PAGE);
    IHostMalloc *heap = create_malloc(manager, 0);
    CLRMEM_STATISTICS s, later;
    void *block;

    ok_hr(IHostMalloc_Alloc(heap, 100000, eTaskCritical, &block), S_OK);
    IHostMemoryManager_AcquiredVirtualAddressSpace(manager, (void *)GRANULE, 7 * PAGE);
    s = get_statistics(manager);
    check_figure(s.ullCharged, s.ullCommitted + s.ullHeapCommitted);
    check_figure(s.ullPeakMapped, 7 * PAGE);
    ok(s.ullPeakHeapReserved >= s.ullHeapReserved && s.ullHeapReserved, "got %#I64x, %#I64x\n", s.ullHeapReserved,
       s.ullPeakHeapReserved);
    IHostMemoryManager_ReleasedVirtualAddressSpace(manager, (void *)GRANULE);
    IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE);
    IHostMalloc_Release(heap);
    later = get_statistics(manager);
    check_figure(later.ullCharged, 0);
    check_figure(later.ullMapped, 0);
    check_figure(later.ullPeakMapped, 7 * PAGE);
    check_figure(later.ullPeakHeapReserved, s.ullPeakHeapReserved);
    ok(later.ullPeakCharged >= s.ullCharged, "got %#I64x\n", later.ullPeakCharged);
    IHostMemoryManager_Release(manager);
}

static void test_sizes(void)
{
    IHostMemoryManager *manager = create_manager();
    BYTE *first, *second;
    CLRMEM_STATISTICS s;
    void *out;

    first = commit_region(manager, 3 * PAGE);
    IHostMemoryManager_VirtualAlloc(manager, NULL, 4 * GRANULE, MEM_RESERVE, PAGE_READWRITE, eTaskCritical, &out);
    second = out;
    IHostMemoryManager_VirtualAlloc(manager, second + PAGE + 1, PAGE, MEM_COMMIT, PAGE_READWRITE, eTaskCritical, &out);
    IHostMemoryManager_VirtualAlloc(manager, second, 2 * PAGE, MEM_COMMIT, PAGE_READWRITE, eTaskCritical, &out);
    s = get_statistics(manager);
    check_figure(s.ullReserved, 3 * PAGE + 4 * GRANULE);
    check_figure(s.ullCommitted, 6 * PAGE);
    check_figure(s.ullRegions, 2);

    IHostMemoryManager_VirtualFree(manager, second + PAGE, 3 * PAGE, MEM_DECOMMIT);
    IHostMemoryManager_VirtualFree(manager, first, 0, MEM_RELEASE);
    s = get_statistics(manager);
    check_figure(s.ullReserved, 4 * GRANULE);
    check_figure(s.ullPeakReserved, 3 * PAGE + 4 * GRANULE);
    check_figure(s.ullCommitted, PAGE);
    check_figure(s.ullPeakCommitted, 6 * PAGE);
    check_figure(s.ullRegions, 1);
    check_figure(s.ullPeakRegions, 2);
    IHostMemoryManager_VirtualFree(manager, second, 0, MEM_RELEASE);
    s = get_statistics(manager);
    check_figure(s.ullReserved, 0);
    check_figure(s.ullCommitted, 0);
    IHostMemoryManager_Release(manager);
}

/* The line that begins with the name and two blanks at least, or NULL. */
static const char *find_line(const char *table, const char *name)
{
    size_t length = strlen(name);

    while (table && *table)
    {
        if (!strncmp(table, name, length) && !strncmp(table + length, "  ", 2)) return table + length;
        if ((table = strchr(table, '\n'))) table++;
    }
    return NULL;
}

static void check_row(const char *table, const char *name, ULONGLONG first, ULONGLONG second)
{
    const char *line = find_line(table, name);
    ULONGLONG got_first, got_second;
    char *end;

    ok(!!line, "no line for %s\n", name);
    if (!line) return;
    got_first = _strtoui64(line, &end, 10);
    got_second = _strtoui64(end, NULL, 10);
    ok(got_first == first && got_second == second, "%s: got %I64u, %I64u\n", name, got_first, got_second);
}

static void check_levels(const char *table, const char *name, ULONGLONG task, ULONGLONG appdomain, ULONGLONG process)
{
    const char *line = find_line(table, name);
    ULONGLONG got[3];
    char *end;

    ok(!!line, "no line for %s\n", name);
    if (!line) return;
    got[0] = _strtoui64(line, &end, 10);
    got[1] = _strtoui64(end, &end, 10);
    got[2] = _strtoui64(end, &end, 10);
    ok(got[0] == task && got[1] == appdomain && got[2] == process && *end == '\n', "%s: got %I64u, %I64u, %I64u\n",
       name, got[0], got[1], got[2]);
}

static void test_format(void)
{
    CLRMEM_STATISTICS s = {.cbSize = sizeof(s), .dwVersion = CLRMEM_STATISTICS_VERSION};
    ULONGLONG *figures = &s.ullReserved;
    CLRMEM_CALLS *calls = &s.CreateMalloc;
    char table[CLRMEM_TABLE_SIZE];
    unsigned int i;
    SIZE_T length;

    for (i = 0; i < 13; i++) calls[i] = (CLRMEM_CALLS){1000 + i, 100 + i};
    for (i = 0; i < 23; i++) figures[i] = 10000000000ull + i;
    ok(s.ullRefusedFrees == 10000000022ull && !s.ullResults[0][0], "another layout\n");
    for (i = 0; i < 18; i++) (&s.Levels[0].ullReserved)[i] = 30000000000ull + i;
    for (i = 0; i < 9; i++) (&s.ullRefusals[0][0])[i] = 40000000000ull + i;
    s.ullSoftLimit = CLRMEM_NO_LIMIT;
    length = clrmem.format_statistics(&s, table, sizeof(table));
    ok(length == strlen(table) && length > 500, "got %Iu\n", length);
    ok(!strncmp(table, "clrmem: what passed through the host memory manager\n", 52), "no title\n");
    check_row(table, "CreateMalloc", 1000, 100);
    check_row(table, "VirtualFree", 1002, 102);
    check_row(table, "RegisterMemoryNotificationCallback", 1006, 106);
    check_row(table, "Free", 1012, 112);
    check_row(table, "frees refused, HOST_E_INVALIDOPERATION", 10000000022ull, 0);
    check_row(table, "regions, reserved", 10000000000ull, 10000000001ull);
    check_row(table, "regions, committed", 10000000002ull, 10000000003ull);
    check_row(table, "regions", 10000000015ull, 10000000016ull);
    check_row(table, "heaps, committed", 10000000006ull, 10000000007ull);
    check_row(table, "heaps", 10000000017ull, 0);
    check_row(table, "mapped views", 10000000009ull, 10000000010ull);
    check_row(table, "heaps, reserved", 10000000004ull, 10000000005ull);
    check_row(table, "charged against the limits", 10000000011ull, 10000000012ull);
    check_row(table, "heaps, in live blocks", 10000000008ull, 0);
    check_row(table, "live blocks", 10000000018ull, 0);
    check_row(table, "hard limit", 10000000014ull, 0);
    ok(strstr(table, "soft limit                                             none                    -\n") != NULL,
       "no line for a limit that is none\n");
    check_row(table, "locked regions", 10000000020ull, 0);
    check_row(table, "calls that waited", 10000000021ull, 0);
    check_levels(table, "reserved", 30000000000ull, 30000000006ull, 30000000012ull);
    check_levels(table, "committed", 30000000002ull, 30000000008ull, 30000000014ull);
    check_levels(table, "committed, peak", 30000000003ull, 30000000009ull, 30000000015ull);
    check_levels(table, "in live blocks", 30000000004ull, 30000000010ull, 30000000016ull);
    check_levels(table, "blocks", 30000000005ull, 30000000011ull, 30000000017ull);
    check_levels(table, "refused: limit", 40000000000ull, 40000000001ull, 40000000002ull);
    check_levels(table, "refused: heap's", 40000000003ull, 40000000004ull, 40000000005ull);
    check_levels(table, "refused: system", 40000000006ull, 40000000007ull, 40000000008ull);
    trace("\n%s", table);
}

/* The columns stand below each other, also with the largest figures there are. */
static void test_format_columns(void)
{
    CLRMEM_STATISTICS s;
    char table[CLRMEM_TABLE_SIZE], *line;
    size_t width = 0;

    memset(&s, 0xfe, sizeof(s));
    s.cbSize = sizeof(s);
    s.dwVersion = CLRMEM_STATISTICS_VERSION;
    ok(clrmem.format_statistics(&s, table, sizeof(table)) < sizeof(table), "the table does not fit\n");
    for (line = strtok(strchr(table, '\n'), "\n"); line; line = strtok(NULL, "\n"))
    {
        if (!width) width = strlen(line);
        ok(strlen(line) == width || strstr(line, "frees refused"), "%Iu columns: %s\n", strlen(line), line);
        ok(line[strlen(line) - 1] != ' ', "blanks at the end: %s\n", line);
    }
    ok(width == 80, "got %Iu columns\n", width);
}

/* At any size, no byte behind the buffer is written, and the buffer has the table's beginning and a NUL. */
static void test_format_sizes(void)
{
    CLRMEM_STATISTICS s = {.cbSize = sizeof(s), .dwVersion = CLRMEM_STATISTICS_VERSION};
    char table[CLRMEM_TABLE_SIZE], cut[CLRMEM_TABLE_SIZE];
    SIZE_T length = clrmem.format_statistics(&s, NULL, 0), size;
    BOOL good = TRUE;

    ok(clrmem.format_statistics(&s, table, sizeof(table)) == length, "another length\n");
    ok(strlen(table) == length, "got %Iu, expected %Iu\n", strlen(table), length);
    for (size = 0; good && size <= length + 2; size++)
    {
        memset(cut, 0x55, sizeof(cut));
        good = clrmem.format_statistics(&s, cut, size) == length && cut[size] == 0x55;
        if (size) good = good && strlen(cut) == min(size - 1, length) && !strncmp(cut, table, size - 1);
        ok(good, "wrong at size %Iu\n", size);
    }
}

static void test_format_versions(void)
{
    CLRMEM_STATISTICS s = {.cbSize = sizeof(s), .dwVersion = CLRMEM_STATISTICS_VERSION};
    char buffer[16] = "unchanged";

    ok(!clrmem.format_statistics(NULL, buffer, sizeof(buffer)), "a table of nothing\n");
    ok(!buffer[0], "not ended\n");
    s.cbSize--;
    ok(!clrmem.format_statistics(&s, buffer, sizeof(buffer)), "a table of another version\n");
    s.cbSize++;
    s.dwVersion++;
    ok(!clrmem.format_statistics(&s, NULL, 0), "a table of another version\n");
    s.dwVersion = CLRMEM_STATISTICS_VERSION;
    ok(clrmem.format_statistics(&s, NULL, 0) > 0, "no table of this version\n");
}

START_TEST(statistics)
{
    if (!load_clrmem()) return;
    test_arguments();
    test_counts();
    test_heap_counts();
    test_results();
    test_levels();
    test_charge();
    test_sizes();
    test_format();
    test_format_columns();
    test_format_sizes();
    test_format_versions();
    ok_hr(clrmem.can_unload_now(), S_OK);
}
