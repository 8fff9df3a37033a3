/*
 * The functions of mscoree by which hosts of the .NET Framework 1 to 3.5 get a runtime.
 *
 * They share one choice, the legacy activation policy: the first that succeeds binds its version for all of
 * them. An older version that is asked for later is served by the bound one. A newer one by itself, as in
 * Wine, since the same Mono stands behind both.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "corfunctions.h"
#include "mono_api.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

HRESULT(WINAPI *shim_stock_GetRequestedRuntimeInfo)
(LPCWSTR, LPCWSTR, LPCWSTR, DWORD, DWORD, LPWSTR, DWORD, DWORD *, LPWSTR, DWORD, DWORD *);

HRESULT shim_choose_runtime(const WCHAR *version, const WCHAR *config, DWORD flags, struct shim_runtime **runtime)
{
    WCHAR directory[MAX_PATH], name[MAX_PATH];
    DWORD directory_length, name_length;
    ICLRRuntimeInfo *info;
    HRESULT hr;

    hr = shim_stock_GetRequestedRuntimeInfo(NULL, version, config, flags, RUNTIME_INFO_UPGRADE_VERSION, directory,
                                            MAX_PATH, &directory_length, name, MAX_PATH, &name_length);
    if (FAILED(hr)) return hr;
    hr = ICLRMetaHost_GetRuntime(shim_meta_host(), name, &IID_ICLRRuntimeInfo, (void **)&info);
    if (SUCCEEDED(hr)) *runtime = shim_runtime_of_info(info);
    return hr;
}

/* The legacy runtime for a host that wants a version, or any. */
static HRESULT find_runtime(const WCHAR *version, const WCHAR *config, DWORD flags, struct shim_runtime **runtime)
{
    struct shim_runtime *bound = shim_legacy_runtime();
    HRESULT hr;

    *runtime = bound;
    if (bound && !version && !config) return S_OK;
    if (FAILED(hr = shim_choose_runtime(version, config, flags, runtime))) return hr;
    if (bound && *runtime < bound) *runtime = bound;
    return S_OK;
}

static HRESULT bind(const WCHAR *version, const WCHAR *flavor, const WCHAR *config, DWORD flags, REFCLSID clsid,
                    REFIID riid, void **out)
{
    struct shim_runtime *runtime;
    HRESULT hr;

    TRACE("%s, %s, %s, %#lx, %s, %s, %p\n", debugstr_w(version), debugstr_w(flavor), debugstr_w(config), flags,
          debugstr_guid(clsid), debugstr_guid(riid), out);
    if (!out || !clsid || !riid) return E_POINTER;
    *out = NULL;
    if (FAILED(hr = find_runtime(version, config, flags, &runtime))) return hr;
    hr = ICLRRuntimeInfo_GetInterface(runtime->info, clsid, riid, out);
    if (SUCCEEDED(hr))
    {
        if (!shim_legacy_runtime()) shim_bind_legacy(runtime);
        if (flavor && !_wcsicmp(flavor, L"svr")) flags |= SHIM_STARTUP_SERVER_GC;
        shim_bind_startup_flags(runtime, flags, config);
    }
    TRACE("%s: %#lx, %p\n", debugstr_w(shim_runtime_version(runtime)), hr, *out);
    return hr;
}

HRESULT WINAPI shim_CorBindToRuntimeEx(const WCHAR *version, const WCHAR *flavor, DWORD flags, REFCLSID clsid,
                                       REFIID riid, void **out)
{
    return bind(version, flavor, NULL, flags, clsid, riid, out);
}

HRESULT WINAPI shim_CorBindToRuntime(const WCHAR *version, const WCHAR *flavor, REFCLSID clsid, REFIID riid, void **out)
{
    return bind(version, flavor, NULL, SHIM_STARTUP_CONCURRENT_GC, clsid, riid, out);
}

HRESULT WINAPI shim_CorBindToRuntimeHost(const WCHAR *version, const WCHAR *flavor, const WCHAR *config, void *reserved,
                                         DWORD flags, REFCLSID clsid, REFIID riid, void **out)
{
    if (reserved) WARN("reserved parameter %p\n", reserved);
    return bind(version, flavor, config, flags, clsid, riid, out);
}

HRESULT WINAPI shim_CorBindToCurrentRuntime(const WCHAR *config, REFCLSID clsid, REFIID riid, void **out)
{
    return bind(NULL, NULL, config, SHIM_STARTUP_CONCURRENT_GC, clsid, riid, out);
}

/* Starts the legacy runtime where none was started. */
static HRESULT start_legacy(void)
{
    ICLRRuntimeHost *host;
    HRESULT hr;

    if (shim_mono_running()) return S_FALSE;
    hr =
        bind(NULL, NULL, NULL, SHIM_STARTUP_CONCURRENT_GC, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)&host);
    if (FAILED(hr)) return hr;
    hr = ICLRRuntimeHost_Start(host);
    ICLRRuntimeHost_Release(host);
    return hr;
}

HRESULT WINAPI shim_CoInitializeEE(DWORD flags)
{
    TRACE("%#lx\n", flags);
    return start_legacy();
}

/* The runtime stays until the process ends. */
void WINAPI shim_CoUninitializeEE(BOOL flags)
{
    TRACE("%#x\n", flags);
}

HRESULT WINAPI shim_ClrCreateManagedInstance(const WCHAR *type, REFIID riid, void **out)
{
    IUnknown *unknown;
    HRESULT hr;

    TRACE("%s, %s, %p\n", debugstr_w(type), debugstr_guid(riid), out);
    if (!type || !riid || !out) return E_POINTER;
    *out = NULL;
    if (FAILED(hr = start_legacy()) || FAILED(hr = shim_check_running())) return hr;
    if (FAILED(hr = shim_create_instance(type, &unknown))) return hr;
    hr = IUnknown_QueryInterface(unknown, riid, out);
    IUnknown_Release(unknown);
    return hr;
}
