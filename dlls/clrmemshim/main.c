/*
 * DllMain: `clrmem run` loads the shim into a process before its first instruction.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "shim.h"

#include <stdio.h>

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

/* The event by which clrmemstart.exe learns that the shim is in place; NULL in a program that another program started. */
static HANDLE open_attached_event(void)
{
    WCHAR name[48];

    swprintf(name, ARRAY_SIZE(name), L"clrmem-attached-%lx", GetCurrentProcessId());
    return OpenEventW(EVENT_MODIFY_STATE, FALSE, name);
}

/* The runtime's imports lead here until the process ends. */
static bool stay_loaded(void)
{
    HMODULE self;

    return GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                              (const WCHAR *)stay_loaded, &self);
}

static BOOL attach_process(void)
{
    HANDLE attached = open_attached_event();

    shim_report_init(attached != NULL);
    if (!stay_loaded() || !shim_attach_modules()) return FALSE;
    shim_attach_children();
    if (!attached) return TRUE;
    SetEvent(attached);
    CloseHandle(attached);
    return TRUE;
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
    TRACE("%p, %lu, %p\n", instance, reason, reserved);

    switch (reason)
    {
    case DLL_PROCESS_ATTACH:
        shim_instance = instance;
        DisableThreadLibraryCalls(instance);
        return attach_process();
    case DLL_PROCESS_DETACH:
        if (!reserved) break;
        shim_report();
        shim_check_runtime();
        break;
    }
    return TRUE;
}
