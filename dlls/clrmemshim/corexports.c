/*
 * Which of mscoree's exports the shim serves in Wine's place.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "corfunctions.h"

/* Left to Wine: CLRCreateInstance, CreateInterface, CorExitProcess, _CorExeMain, CreateConfigStream,
 * CreateDebuggingInterfaceFromVersion, the strong names and the metadata. */
#define EXPORT(name)                                                                                                   \
    {                                                                                                                  \
#name, shim_##name, NULL                                                                                       \
    }

static const struct shim_export mscoree_exports[] = {
    {"GetRequestedRuntimeInfo", shim_GetRequestedRuntimeInfo, (void **)&shim_stock_GetRequestedRuntimeInfo},
    EXPORT(CallFunctionShim),
    EXPORT(ClrCreateManagedInstance),
    EXPORT(CoInitializeEE),
    EXPORT(CoUninitializeEE),
    EXPORT(CorBindToCurrentRuntime),
    EXPORT(CorBindToRuntime),
    EXPORT(CorBindToRuntimeEx),
    EXPORT(CorBindToRuntimeHost),
    EXPORT(GetCORRequiredVersion),
    EXPORT(GetCORRootDirectory),
    EXPORT(GetCORSystemDirectory),
    EXPORT(GetCORVersion),
    EXPORT(GetFileVersion),
    EXPORT(GetHostConfigurationFile),
    EXPORT(GetRealProcAddress),
    EXPORT(GetRequestedRuntimeVersion),
    EXPORT(GetRequestedRuntimeVersionForCLSID),
    EXPORT(GetStartupFlags),
    EXPORT(GetVersionFromProcess),
    EXPORT(LoadLibraryShim),
    EXPORT(LoadStringRC),
    EXPORT(LoadStringRCEx),
    EXPORT(LockClrVersion),
};

void shim_attach_exports(HMODULE mscoree)
{
    shim_replace_exports(mscoree, mscoree_exports, ARRAY_SIZE(mscoree_exports));
}
