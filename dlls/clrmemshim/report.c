/*
 * What the shim says to people: complaints, and the table that `clrmem run --stats` asks for.
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

    if (file && file != INVALID_HANDLE_VALUE) WriteFile(file, text, strlen(text), &written, NULL);
}

void shim_error(const char *message)
{
    char line[256];

    snprintf(line, sizeof(line), "clrmem: %s\n", message);
    write_text(GetStdHandle(STD_ERROR_HANDLE), line);
}

void shim_error_once(LONG *reported, const char *message)
{
    if (!InterlockedExchange(reported, 1)) shim_error(message);
}

/* CLRMEM_STATS: "-" for the standard error stream, else an absolute Unix path; as a Windows path, or NULL. */
static WCHAR *report_path;

void shim_report_init(void)
{
    static const WCHAR prefix[] = L"\\\\?\\unix";
    DWORD length = GetEnvironmentVariableW(L"CLRMEM_STATS", NULL, 0);
    WCHAR *value, *p;

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
}

static HANDLE open_report(void)
{
    HANDLE file;

    if (!wcscmp(report_path, L"-")) return GetStdHandle(STD_ERROR_HANDLE);
    file = CreateFileW(report_path, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) shim_error("the file named by CLRMEM_STATS could not be written");
    return file;
}

/* A manager must not be queried unless it is clrmem's: told by the module that its methods are in. Module and manager
 * are kept, as the host may be gone when the process ends. */
void shim_recognise_manager(struct shim_host *host)
{
    HMODULE module;

    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const WCHAR *)host->memory->lpVtbl, &module))
        return;
    if (GetProcAddress(module, "ClrMemCreateHostControl") &&
        (host->format = (void *)GetProcAddress(module, "ClrMemFormatStatistics")) &&
        SUCCEEDED(IHostMemoryManager_QueryInterface(host->memory, &IID_IClrMemManager, (void **)&host->own)))
        return;
    host->own = NULL;
    FreeLibrary(module);
}

static bool report_own_manager(HANDLE file, const struct shim_host *host)
{
    CLRMEM_STATISTICS statistics = {.cbSize = sizeof(statistics)};
    char text[4096];

    if (!host->own || FAILED(IClrMemManager_GetStatistics(host->own, &statistics))) return false;
    if (!host->format(&statistics, text, sizeof(text))) return false;
    write_text(file, text);
    return true;
}

static void report_owned(HANDLE file)
{
    uint64_t regions, region_bytes, blocks, block_bytes;
    char text[256];

    ownership_totals(shim_owned(), &regions, &region_bytes, &blocks, &block_bytes);
    snprintf(text, sizeof(text), "still with the runtime: %I64u regions of %I64u bytes, %I64u blocks of %I64u bytes\n",
             regions, region_bytes, blocks, block_bytes);
    write_text(file, text);
}

void shim_report(void)
{
    const struct shim_host *host = shim_host();
    HANDLE file;

    if (!report_path || !(file = open_report()) || file == INVALID_HANDLE_VALUE) return;
    if (!host)
        write_text(file, "clrmem: no .NET runtime was started\n");
    else
    {
        if (!report_own_manager(file, host)) write_text(file, "clrmem: the host brought its own memory manager\n");
        report_owned(file);
    }
    if (file != GetStdHandle(STD_ERROR_HANDLE)) CloseHandle(file);
}
