/*
 * The way of Microsoft's sample for the .NET Framework 4: asks whether the runtime can be loaded, starts it, runs
 * one method, stops it. Linked against mscoree.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include "host.h"
#include <metahost.h>
#include <mscoree.h>

static int run(ICLRRuntimeInfo *info)
{
    ICLRRuntimeHost *host = NULL;
    BOOL loadable = FALSE;
    DWORD result = 0;
    HRESULT hr;

    if (FAILED(show_value("IsLoadable", hr = ICLRRuntimeInfo_IsLoadable(info, &loadable), &loadable)) || !loadable)
        return 1;
    hr = ICLRRuntimeInfo_GetInterface(info, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)&host);
    if (FAILED(show("GetInterface", hr))) return 1;
    if (FAILED(show("Start", ICLRRuntimeHost_Start(host)))) return 1;
    hr = ICLRRuntimeHost_ExecuteInDefaultAppDomain(host, hosted_assembly(), HOSTED, L"Length", L"HelloWorld", &result);
    show_value("ExecuteInDefaultAppDomain", hr, &result);
    show("Stop", ICLRRuntimeHost_Stop(host));
    ICLRRuntimeHost_Release(host);
    return FAILED(hr);
}

int main(void)
{
    ICLRMetaHost *meta_host = NULL;
    ICLRRuntimeInfo *info = NULL;
    HRESULT hr;
    int status;

    hr = CLRCreateInstance(&CLSID_CLRMetaHost, &IID_ICLRMetaHost, (void **)&meta_host);
    if (FAILED(show("CLRCreateInstance", hr))) return 1;
    hr = ICLRMetaHost_GetRuntime(meta_host, L"v4.0.30319", &IID_ICLRRuntimeInfo, (void **)&info);
    if (FAILED(show("GetRuntime", hr))) return 1;
    status = run(info);
    ICLRRuntimeInfo_Release(info);
    ICLRMetaHost_Release(meta_host);
    return status;
}
