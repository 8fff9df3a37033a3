/*
 * What the hosts share that load managed.exe, which stands beside them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTS_MANAGED_H
#define CLRMEM_HOSTS_MANAGED_H

#include "host.h"
#include <stdbool.h>
#include <metahost.h>
#include <mscoree.h>

static inline const WCHAR *managed_assembly(void)
{
    static WCHAR path[MAX_PATH];

    GetModuleFileNameW(NULL, path, MAX_PATH - 16);
    wcscpy(wcsrchr(path, '\\') + 1, L"managed.exe");
    return path;
}

/* An interface of version 4 of the runtime; ends the host without one. */
static inline void *get_runtime(REFCLSID clsid, REFIID riid)
{
    ICLRMetaHost *meta_host;
    ICLRRuntimeInfo *info;
    void *host;

    if (FAILED(CLRCreateInstance(&CLSID_CLRMetaHost, &IID_ICLRMetaHost, (void **)&meta_host)) ||
        FAILED(ICLRMetaHost_GetRuntime(meta_host, L"v4.0.30319", &IID_ICLRRuntimeInfo, (void **)&info)) ||
        FAILED(ICLRRuntimeInfo_GetInterface(info, clsid, riid, &host)))
        exit(1);
    ICLRRuntimeInfo_Release(info);
    ICLRMetaHost_Release(meta_host);
    return host;
}

/* Runs a method of managed.exe's ClrMem.Hosts.Program in the default domain. */
static inline void run_program(ICLRRuntimeHost *host, const WCHAR *method, const WCHAR *argument)
{
    DWORD result = 0;
    HRESULT hr = ICLRRuntimeHost_ExecuteInDefaultAppDomain(host, managed_assembly(), L"ClrMem.Hosts.Program", method,
                                                           argument, &result);
    char what[64];

    sprintf(what, "%ls", method);
    show_value(what, hr, &result);
}

#endif
