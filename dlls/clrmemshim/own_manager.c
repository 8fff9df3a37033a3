/*
 * Recognizes clrmem's own memory manager.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "shim.h"

static bool query_own_interfaces(struct shim_host *host)
{
    if (FAILED(IHostMemoryManager_QueryInterface(host->memory, &IID_IClrMemManager, (void **)&host->own))) return false;
    if (SUCCEEDED(IHostMalloc_QueryInterface(host->heap, &IID_IClrMemHeap, (void **)&host->own_heap))) return true;
    IClrMemManager_Release(host->own);
    return false;
}

/* Hosts' managers must not be queried, so the module that the methods are in decides. Module and manager are kept: the
 * host may be gone when the process ends. */
void shim_recognise_manager(struct shim_host *host)
{
    HMODULE module;

    host->own = NULL;
    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const WCHAR *)host->memory->lpVtbl, &module))
        return;
    if (GetProcAddress(module, "ClrMemCreateHostControl") &&
        (host->format = (void *)GetProcAddress(module, "ClrMemFormatStatistics")) && query_own_interfaces(host))
        return;
    host->own = NULL;
    FreeLibrary(module);
}
