/*
 * The end of the process: the table that `clrmem run --stats` asks for.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "shim.h"

#include <stdio.h>
#include <string.h>

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

static void write_text(HANDLE file, const char *text)
{
    DWORD written;

    WriteFile(file, text, strlen(text), &written, NULL);
}

/* CLRMEM_STATS: "-" for the standard error stream, else an absolute Unix path; as a Windows path, or NULL. */
static WCHAR *report_path;
static bool first_process; /* the one that `clrmem run` started */
static HANDLE report_file; /* open from the start of the process; INVALID_HANDLE_VALUE where that failed */

static HANDLE open_file(DWORD disposition)
{
    return CreateFileW(report_path, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, disposition, 0, NULL);
}

/* The tables of all processes are in one file, in the order in which they end.
 *
 * A process that ends has had its threads killed, one perhaps while Wine's server sent it a file descriptor. The next
 * exchange of that kind ends in an assertion of Wine, so the descriptor of the report is asked for now: GetFileType does. */
static HANDLE open_report(DWORD disposition)
{
    HANDLE file = wcscmp(report_path, L"-") ? open_file(disposition) : GetStdHandle(STD_ERROR_HANDLE);

    if (!file) return INVALID_HANDLE_VALUE;
    if (file != INVALID_HANDLE_VALUE) GetFileType(file);
    return file;
}

void shim_report_init(bool first)
{
    static const WCHAR prefix[] = L"\\\\?\\unix";
    DWORD length = GetEnvironmentVariableW(L"CLRMEM_STATS", NULL, 0);
    WCHAR *value, *p;

    first_process = first;
    if (length < 2) return;
    if (!(report_path = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(prefix) + length * sizeof(WCHAR)))) return;
    memcpy(report_path, prefix, sizeof(prefix));
    value = report_path + ARRAY_SIZE(prefix) - 1;
    GetEnvironmentVariableW(L"CLRMEM_STATS", value, length);
    for (p = value; *p; p++)
    {
        if (*p == '/') *p = '\\';
    }
    if (!wcscmp(value, L"-")) wcscpy(report_path, value);
    report_file = open_report(first ? CREATE_ALWAYS : OPEN_ALWAYS);
    shim_reports = true;
}

/* The manager's table, and below it what the redirected imports counted: the two must agree. */
static void report_own_manager(HANDLE file, const struct shim_host *host)
{
    CLRMEM_STATISTICS statistics = {.cbSize = sizeof(statistics)};
    char text[4096];

    if (FAILED(IClrMemManager_GetStatistics(host->own, &statistics))) return;
    if (host->format(&statistics, text, sizeof(text))) write_text(file, text);
    snprintf(text, sizeof(text), "still with the runtime: %lu regions of %Iu bytes, %lu blocks of %I64u bytes\n",
             shim_counts.regions, (SIZE_T)shim_counts.region_bytes, shim_counts.blocks, statistics.ullHeapLive);
    write_text(file, text);
}

static void report_foreign_manager(HANDLE file)
{
    struct ownership_totals totals;
    char text[512];

    ownership_totals(shim_ownership_map(), &totals);
    snprintf(text, sizeof(text),
             "clrmem: the host brought its own memory manager\n"
             "still with the runtime: %I64u regions of %I64u bytes, %I64u blocks of %I64u bytes\n"
             "the shim's ownership map: %I64u bytes\n",
             totals.regions, totals.region_bytes, totals.blocks, totals.block_bytes, totals.memory);
    write_text(file, text);
}

/* A heading for the table of a program that another program started. */
static void report_child(HANDLE file)
{
    char path[MAX_PATH], text[MAX_PATH + 64];

    path[GetModuleFileNameA(NULL, path, sizeof(path) - 1)] = 0;
    snprintf(text, sizeof(text), "\nclrmem: %s, process %lu\n", path, GetCurrentProcessId());
    write_text(file, text);
}

void shim_report(void)
{
    const struct shim_host *host = shim_host();
    HANDLE file = report_file;

    if (!report_path || (!host && !first_process)) return;
    if (file == INVALID_HANDLE_VALUE)
    {
        shim_error("the file named by CLRMEM_STATS could not be written");
        return;
    }
    if (!first_process) report_child(file);
    if (!host)
        write_text(file, "clrmem: no .NET runtime was started\n");
    else if (host->own)
        report_own_manager(file, host);
    else
        report_foreign_manager(file);
}
