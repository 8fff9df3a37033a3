/*
 * DllMain: `clrmem run` loads the shim into a process before its first instruction.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "shim.h"

#include <stdio.h>

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

/* Signals clrmemstart.exe that the shim is in place. */
static void signal_attached(void)
{
    WCHAR name[48];
    HANDLE event;

    swprintf(name, ARRAY_SIZE(name), L"clrmem-attached-%lx", GetCurrentProcessId());
    if (!(event = OpenEventW(EVENT_MODIFY_STATE, FALSE, name))) return;
    SetEvent(event);
    CloseHandle(event);
}

/* The runtime's imports lead here until the process ends. */
static bool stay_loaded(void)
{
    HMODULE self;

    return GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                              (const WCHAR *)stay_loaded, &self);
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
    TRACE("%p, %lu, %p\n", instance, reason, reserved);

    switch (reason)
    {
    case DLL_PROCESS_ATTACH:
        shim_instance = instance;
        DisableThreadLibraryCalls(instance);
        shim_report_init();
        if (!stay_loaded() || !shim_attach_modules()) return FALSE;
        signal_attached();
        break;
    case DLL_PROCESS_DETACH:
        if (!reserved) break;
        shim_report();
        shim_check_runtime();
        break;
    }
    return TRUE;
}
