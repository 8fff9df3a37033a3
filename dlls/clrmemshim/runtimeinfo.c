/*
 * ICLRRuntimeInfo as the .NET Framework has it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "corhost.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

static HRESULT(STDMETHODCALLTYPE *real_GetRuntimeDirectory)(ICLRRuntimeInfo *, WCHAR *, DWORD *);

static HRESULT WINAPI runtimeinfo_QueryInterface(ICLRRuntimeInfo *iface, REFIID riid, void **out)
{
    TRACE("%p, %s, %p\n", iface, debugstr_guid(riid), out);

    if (!out) return E_POINTER;
    *out = NULL;
    if (!IsEqualGUID(riid, &IID_IUnknown) && !IsEqualGUID(riid, &IID_ICLRRuntimeInfo)) return E_NOINTERFACE;
    *out = iface;
    ICLRRuntimeInfo_AddRef(iface);
    return S_OK;
}

static HRESULT WINAPI runtimeinfo_GetVersionString(ICLRRuntimeInfo *iface, WCHAR *buffer, DWORD *length)
{
    TRACE("%p, %p, %p\n", iface, buffer, length);
    return shim_copy_text(shim_runtime_version(shim_runtime_of_info(iface)), buffer, length);
}

/* Every way to a runtime host, CLRCreateInstance's and CorBindToRuntimeEx's, goes through here. */
static HRESULT WINAPI runtimeinfo_GetInterface(ICLRRuntimeInfo *iface, REFCLSID clsid, REFIID riid, void **out)
{
    struct shim_runtime *runtime = shim_runtime_of_info(iface);
    HRESULT hr;

    TRACE("%p, %s, %s, %p\n", iface, debugstr_guid(clsid), debugstr_guid(riid), out);
    if (!out) return E_POINTER;
    *out = NULL;
    if (shim_runtime_shut_out(runtime)) return CLR_E_SHIM_LEGACYRUNTIMEALREADYBOUND;
    hr = shim_load_runtime(runtime);
    if (hr == CLR_E_SHIM_RUNTIME) shim_error("Wine found no .NET runtime (Wine Mono) for this program");
    if (FAILED(hr)) return hr;
    shim_meet_runtime(runtime);
    shim_meet_cor_host(runtime->cor_host);
    shim_notify_loading(runtime);
    hr = shim_stock_GetInterface(iface, clsid, riid, out);
    if (SUCCEEDED(hr))
    {
        shim_pin_mscoree();
        runtime->loaded = true;
    }
    TRACE("%p: %#lx, %p\n", iface, hr, *out);
    return hr;
}

/* Wine has a directory only where the installer of Wine Mono has registered one. */
static HRESULT runtime_directory(struct shim_runtime *runtime, WCHAR path[MAX_PATH])
{
    DWORD length = MAX_PATH;

    if (SUCCEEDED(real_GetRuntimeDirectory(runtime->info, path, &length))) return S_OK;
    if (!GetWindowsDirectoryW(path, MAX_PATH / 2)) return HRESULT_FROM_WIN32(GetLastError());
    wcscat(path, sizeof(void *) == 8 ? L"\\Microsoft.NET\\Framework64\\" : L"\\Microsoft.NET\\Framework\\");
    wcscat(path, shim_runtime_version(runtime));
    wcscat(path, L"\\");
    return S_OK;
}

static HRESULT WINAPI runtimeinfo_GetRuntimeDirectory(ICLRRuntimeInfo *iface, WCHAR *buffer, DWORD *length)
{
    WCHAR path[MAX_PATH];
    HRESULT hr;

    TRACE("%p, %p, %p\n", iface, buffer, length);
    if (!length) return E_POINTER;
    if (FAILED(hr = runtime_directory(shim_runtime_of_info(iface), path))) return hr;
    return shim_copy_text(path, buffer, length);
}

static HRESULT WINAPI runtimeinfo_IsLoaded(ICLRRuntimeInfo *iface, HANDLE process, BOOL *loaded)
{
    TRACE("%p, %p, %p\n", iface, process, loaded);

    if (!loaded) return E_POINTER;
    return shim_process_runtime_loaded(process, shim_runtime_of_info(iface), loaded);
}

static HRESULT WINAPI runtimeinfo_LoadErrorString(ICLRRuntimeInfo *iface, UINT id, WCHAR *buffer, DWORD *length,
                                                  LONG locale)
{
    TRACE("%p, %#x, %p, %p, %ld\n", iface, id, buffer, length, locale);
    return shim_load_error_text(id, buffer, length, locale);
}

static HRESULT WINAPI runtimeinfo_LoadLibrary(ICLRRuntimeInfo *iface, const WCHAR *name, HMODULE *module)
{
    WCHAR path[MAX_PATH];
    HRESULT hr;

    TRACE("%p, %s, %p\n", iface, debugstr_w(name), module);
    if (!name || !module) return E_POINTER;
    if (FAILED(hr = runtime_directory(shim_runtime_of_info(iface), path))) return hr;
    return shim_load_library(path, name, module);
}

static HRESULT WINAPI runtimeinfo_GetProcAddress(ICLRRuntimeInfo *iface, const char *name, void **function)
{
    TRACE("%p, %s, %p\n", iface, debugstr_a(name), function);

    if (!name || !function) return E_POINTER;
    return shim_find_function(name, function);
}

static HRESULT WINAPI runtimeinfo_IsLoadable(ICLRRuntimeInfo *iface, BOOL *loadable)
{
    struct shim_runtime *runtime = shim_runtime_of_info(iface);

    TRACE("%p, %p\n", iface, loadable);
    if (!loadable) return E_POINTER;
    *loadable = !shim_runtime_shut_out(runtime) && shim_runtime_loadable();
    return S_OK;
}

static HRESULT WINAPI runtimeinfo_SetDefaultStartupFlags(ICLRRuntimeInfo *iface, DWORD flags, const WCHAR *config)
{
    TRACE("%p, %#lx, %s\n", iface, flags, debugstr_w(config));
    return shim_set_startup_flags(shim_runtime_of_info(iface), flags, config);
}

static HRESULT WINAPI runtimeinfo_GetDefaultStartupFlags(ICLRRuntimeInfo *iface, DWORD *flags, WCHAR *config,
                                                         DWORD *length)
{
    struct shim_runtime *runtime = shim_runtime_of_info(iface);

    TRACE("%p, %p, %p, %p\n", iface, flags, config, length);
    if (!flags || (config && !length)) return E_POINTER;
    *flags = shim_startup_flags(runtime);
    return length ? shim_copy_text(runtime->config ? runtime->config : L"", config, length) : S_OK;
}

static HRESULT WINAPI runtimeinfo_BindAsLegacyV2Runtime(ICLRRuntimeInfo *iface)
{
    TRACE("%p\n", iface);
    return shim_bind_legacy(shim_runtime_of_info(iface));
}

/* The .NET Framework knows it of version 4 only. */
static HRESULT WINAPI runtimeinfo_IsStarted(ICLRRuntimeInfo *iface, BOOL *started, DWORD *flags)
{
    struct shim_runtime *runtime = shim_runtime_of_info(iface);

    TRACE("%p, %p, %p\n", iface, started, flags);
    if (!started || !flags) return E_POINTER;
    if (runtime != shim_newest_runtime()) return E_NOTIMPL;
    *started = shim_runtime_in_use(runtime);
    *flags = *started ? shim_startup_flags(runtime) : 0;
    return S_OK;
}

#define METHOD(name, original)                                                                                         \
    {                                                                                                                  \
        offsetof(ICLRRuntimeInfoVtbl, name), runtimeinfo_##name, original                                              \
    }

static const struct shim_method info_methods[] = {
    METHOD(QueryInterface, NULL),
    METHOD(GetVersionString, NULL),
    METHOD(GetRuntimeDirectory, (void **)&real_GetRuntimeDirectory),
    METHOD(IsLoaded, NULL),
    METHOD(LoadErrorString, NULL),
    METHOD(LoadLibrary, NULL),
    METHOD(GetProcAddress, NULL),
    METHOD(GetInterface, (void **)&shim_stock_GetInterface),
    METHOD(IsLoadable, NULL),
    METHOD(SetDefaultStartupFlags, NULL),
    METHOD(GetDefaultStartupFlags, NULL),
    METHOD(BindAsLegacyV2Runtime, NULL),
    METHOD(IsStarted, NULL),
};

void shim_attach_runtime_infos(ICLRMetaHost *meta_host)
{
    shim_find_runtimes(meta_host);
    if (shim_newest_runtime()->info)
        shim_replace_methods(shim_newest_runtime()->info, info_methods, ARRAY_SIZE(info_methods));
}
