/*
 * The ways to a runtime host, and to managed code.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hosting_test.h"

ICLRRuntimeHost *get_runtime_host(void)
{
    HMODULE mscoree = LoadLibraryA("mscoree.dll");
    HRESULT(WINAPI * create)(REFCLSID, REFIID, void **) = (void *)GetProcAddress(mscoree, "CLRCreateInstance");
    ICLRMetaHost *meta_host;
    ICLRRuntimeInfo *info;
    ICLRRuntimeHost *host = NULL;
    HRESULT hr;

    hr = create(&CLSID_CLRMetaHost, &IID_ICLRMetaHost, (void **)&meta_host);
    ok(hr == S_OK, "CLRCreateInstance: %#lx\n", hr);
    hr = ICLRMetaHost_GetRuntime(meta_host, L"v4.0.30319", &IID_ICLRRuntimeInfo, (void **)&info);
    ok(hr == S_OK, "GetRuntime: %#lx\n", hr);
    hr = ICLRRuntimeInfo_GetInterface(info, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)&host);
    ok(hr == S_OK, "GetInterface: %#lx\n", hr);
    return host;
}

ICLRRuntimeHost *bind_runtime_host(const WCHAR *version)
{
    HMODULE mscoree = LoadLibraryA("mscoree.dll");
    HRESULT(WINAPI * bind)
    (LPCWSTR, LPCWSTR, DWORD, REFCLSID, REFIID, void **) = (void *)GetProcAddress(mscoree, "CorBindToRuntimeEx");
    ICLRRuntimeHost *host = NULL;
    HRESULT hr;

    hr = bind(version, L"wks", 0, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)&host);
    ok(SUCCEEDED(hr), "CorBindToRuntimeEx: %#lx\n", hr);
    return host;
}

DWORD run_managed(ICLRRuntimeHost *host, const WCHAR *method, const WCHAR *argument)
{
    WCHAR assembly[MAX_PATH];
    DWORD result = ~0u;
    HRESULT hr;

    GetEnvironmentVariableW(L"CLRMEM_WORKLOAD", assembly, ARRAY_SIZE(assembly));
    hr = ICLRRuntimeHost_ExecuteInDefaultAppDomain(host, assembly, L"ClrMem.Tests.Workload", method, argument, &result);
    ok(hr == S_OK, "ExecuteInDefaultAppDomain of %s: %#lx\n", wine_dbgstr_w(method), hr);
    return hr == S_OK ? result : ~0u;
}
