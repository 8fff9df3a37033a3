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

static void test_format(void)
{
    CLRMEM_STATISTICS s = {.cbSize = sizeof(s), .dwVersion = CLRMEM_STATISTICS_VERSION};
    ULONGLONG *figures = &s.ullRefusedFrees;
    CLRMEM_CALLS *calls = &s.CreateMalloc;
    char table[4096];
    unsigned int i;
    SIZE_T length;

    for (i = 0; i < 13; i++) calls[i] = (CLRMEM_CALLS){1000 + i, 100 + i};
    for (i = 0; i < 15; i++) figures[i] = 10000000000ull + i;
    length = clrmem.format_statistics(&s, table, sizeof(table));
    ok(length == strlen(table) && length > 500, "got %Iu\n", length);
    ok(!strncmp(table, "clrmem: what passed through the host memory manager\n", 52), "no title\n");
    check_row(table, "CreateMalloc", 1000, 100);
    check_row(table, "VirtualFree", 1002, 102);
    check_row(table, "RegisterMemoryNotificationCallback", 1006, 106);
    check_row(table, "Free", 1012, 112);
    check_row(table, "frees refused, HOST_E_INVALIDOPERATION", 10000000000ull, 0);
    check_row(table, "regions, reserved", 10000000001ull, 10000000002ull);
    check_row(table, "regions, committed", 10000000003ull, 10000000004ull);
    check_row(table, "regions", 10000000005ull, 10000000006ull);
    check_row(table, "heaps, committed", 10000000008ull, 10000000009ull);
    check_row(table, "heaps", 10000000012ull, 0);
    check_row(table, "mapped views", 10000000013ull, 0);
    trace("\n%s", table);
}

/* The columns stand below each other, also with the largest figures there are. */
static void test_format_columns(void)
{
    CLRMEM_STATISTICS s;
    char table[4096], *line;
    size_t width = 0;

    memset(&s, 0xff, sizeof(s));
    s.cbSize = sizeof(s);
    s.dwVersion = CLRMEM_STATISTICS_VERSION;
    clrmem.format_statistics(&s, table, sizeof(table));
    for (line = strtok(strchr(table, '\n'), "\n"); line; line = strtok(NULL, "\n"))
    {
        if (!width) width = strlen(line);
        ok(strlen(line) == width || strstr(line, "refused"), "%Iu columns: %s\n", strlen(line), line);
        ok(line[strlen(line) - 1] != ' ', "blanks at the end: %s\n", line);
    }
    ok(width == 80, "got %Iu columns\n", width);
}

/* Whatever the size, no byte behind it is written, what fits is the table's beginning, and a NUL ends it. */
static void test_format_sizes(void)
{
    CLRMEM_STATISTICS s = {.cbSize = sizeof(s), .dwVersion = CLRMEM_STATISTICS_VERSION};
    char table[4096], cut[4096];
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
}

START_TEST(statistics)
{
    if (!load_clrmem()) return;
    test_arguments();
    test_counts();
    test_heap_counts();
    test_sizes();
    test_format();
    test_format_columns();
    test_format_sizes();
    test_format_versions();
    ok_hr(clrmem.can_unload_now(), S_OK);
}
