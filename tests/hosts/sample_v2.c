/*
 * The way of Microsoft's sample for the .NET Framework 2: binds by CorBindToRuntimeEx. Linked against mscoree.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include "host.h"
#include <metahost.h>
#include <mscoree.h>

#define STARTUP_LOADER_OPTIMIZATION_SINGLE_DOMAIN 2

int main(void)
{
    ICLRRuntimeHost *host = NULL;
    DWORD result = 0, length;
    WCHAR version[32];
    HRESULT hr;

    hr = CorBindToRuntimeEx(L"v2.0.50727", L"wks", STARTUP_LOADER_OPTIMIZATION_SINGLE_DOMAIN, &CLSID_CLRRuntimeHost,
                            &IID_ICLRRuntimeHost, (void **)&host);
    if (FAILED(show("CorBindToRuntimeEx", hr))) return 1;
    if (FAILED(show("Start", ICLRRuntimeHost_Start(host)))) return 1;
    if (SUCCEEDED(show("GetCORVersion", GetCORVersion(version, ARRAYSIZE(version), &length))))
        printf("version %ls, %lu characters\n", version, length);
    hr = ICLRRuntimeHost_ExecuteInDefaultAppDomain(host, hosted_assembly(), HOSTED, L"Print", L"from version 2",
                                                   &result);
    show_value("ExecuteInDefaultAppDomain", hr, &result);
    show("Stop", ICLRRuntimeHost_Stop(host));
    ICLRRuntimeHost_Release(host);
    return FAILED(hr);
}
