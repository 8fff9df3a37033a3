/*
 * What the shim says to people: complaints, and the table that `clrmem run --stats` asks for.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "shim.h"
#include "clrmem.h"

#include <stdio.h>
#include <string.h>

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

static void write_text(HANDLE file, const char *text)
{
    DWORD written;

    if (file && file != INVALID_HANDLE_VALUE) WriteFile(file, text, strlen(text), &written, NULL);
}

void shim_complain(const char *message)
{
    char line[256];

    snprintf(line, sizeof(line), "clrmem: %s\n", message);
    write_text(GetStdHandle(STD_ERROR_HANDLE), line);
}

/* CLRMEM_STATS is "-" for the standard error stream, else an absolute Unix path. */
static HANDLE open_report(void)
{
    static const WCHAR prefix[] = L"\\\\?\\unix";
    WCHAR path[MAX_PATH + ARRAY_SIZE(prefix)];
    WCHAR *value = path + ARRAY_SIZE(prefix) - 1, *p;
    DWORD length = GetEnvironmentVariableW(L"CLRMEM_STATS", value, MAX_PATH);
    HANDLE file;

    if (!length) return NULL;
    if (!wcscmp(value, L"-")) return GetStdHandle(STD_ERROR_HANDLE);
    memcpy(path, prefix, sizeof(prefix) - sizeof(WCHAR));
    for (p = value; *p; p++)
    {
        if (*p == '/') *p = '\\';
    }
    file = length < MAX_PATH ? CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS, 0, NULL)
                             : INVALID_HANDLE_VALUE;
    if (file == INVALID_HANDLE_VALUE) shim_complain("the file for --stats could not be written");
    return file;
}

/* A manager must not be queried unless it is clrmem's, by whatever copy of clrmem.dll it was made. */
static HMODULE own_module(const struct shim_host *host)
{
    HMODULE module;

    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                            (const WCHAR *)host->memory->lpVtbl, &module) ||
        !GetProcAddress(module, "ClrMemCreateHostControl"))
        return NULL;
    return module;
}

static bool report_own_manager(HANDLE file, const struct shim_host *host)
{
    CLRMEM_STATISTICS statistics = {.cbSize = sizeof(statistics)};
    ClrMemFormatStatisticsFn format;
    IClrMemManager *manager;
    HMODULE module = own_module(host);
    char text[4096];
    HRESULT hr;

    if (!module || !(format = (void *)GetProcAddress(module, "ClrMemFormatStatistics"))) return false;
    if (FAILED(IHostMemoryManager_QueryInterface(host->memory, &IID_IClrMemManager, (void **)&manager))) return false;
    hr = IClrMemManager_GetStatistics(manager, &statistics);
    IClrMemManager_Release(manager);
    if (FAILED(hr) || !format(&statistics, text, sizeof(text))) return false;
    write_text(file, text);
    return true;
}

static void report_ledger(HANDLE file)
{
    uint64_t regions, region_bytes, blocks, block_bytes;
    char text[256];

    hostmem_ledger_totals(shim_ledger(), &regions, &region_bytes, &blocks, &block_bytes);
    snprintf(text, sizeof(text), "still with the runtime: %I64u regions of %I64u bytes, %I64u blocks of %I64u bytes\n",
             regions, region_bytes, blocks, block_bytes);
    write_text(file, text);
}

void shim_report(void)
{
    const struct shim_host *host = shim_host();
    HANDLE file;

    if (!(file = open_report()) || file == INVALID_HANDLE_VALUE) return;
    if (!host)
        write_text(file, "clrmem: no .NET runtime was started\n");
    else
    {
        if (!report_own_manager(file, host)) write_text(file, "clrmem: the host brought its own memory manager\n");
        report_ledger(file);
    }
    if (file != GetStdHandle(STD_ERROR_HANDLE)) CloseHandle(file);
}
