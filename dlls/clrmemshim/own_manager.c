/*
 * Recognizes clrmem's own memory manager.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "shim.h"

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
