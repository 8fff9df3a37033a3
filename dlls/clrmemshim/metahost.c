/*
 * ICLRMetaHost as the .NET Framework has it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "framework.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

static HRESULT(STDMETHODCALLTYPE *real_GetRuntime)(ICLRMetaHost *, LPCWSTR, REFIID, void **);
static HRESULT(STDMETHODCALLTYPE *real_GetVersionFromFile)(ICLRMetaHost *, LPCWSTR, LPWSTR, DWORD *);

static HRESULT WINAPI metahost_QueryInterface(ICLRMetaHost *iface, REFIID riid, void **out)
{
    TRACE("%p, %s, %p\n", iface, debugstr_guid(riid), out);

    if (!out) return E_POINTER;
    *out = NULL;
    if (!IsEqualGUID(riid, &IID_IUnknown) && !IsEqualGUID(riid, &IID_ICLRMetaHost)) return E_NOINTERFACE;
    *out = iface;
    ICLRMetaHost_AddRef(iface);
    shim_pin_mscoree();
    return S_OK;
}

static HRESULT WINAPI metahost_GetRuntime(ICLRMetaHost *iface, const WCHAR *version, REFIID riid, void **out)
{
    HRESULT hr;

    TRACE("%p, %s, %s, %p\n", iface, debugstr_w(version), debugstr_guid(riid), out);
    if (!version || !out) return E_POINTER;
    *out = NULL;
    hr = real_GetRuntime(iface, version, riid, out);
    TRACE("%p: %#lx, %p\n", iface, hr, *out);
    return hr;
}

/* Wine reads the file, but takes a missing one for a bad one, and asks for no more than a pointer. */
static HRESULT WINAPI metahost_GetVersionFromFile(ICLRMetaHost *iface, const WCHAR *path, WCHAR *buffer, DWORD *length)
{
    WCHAR version[MAX_PATH];
    DWORD size = MAX_PATH;
    HRESULT hr;

    TRACE("%p, %s, %p, %p\n", iface, debugstr_w(path), buffer, length);
    if (!path || !length) return E_POINTER;
    if (GetFileAttributesW(path) == INVALID_FILE_ATTRIBUTES) return HRESULT_FROM_WIN32(GetLastError());
    hr = real_GetVersionFromFile(iface, path, version, &size);
    if (FAILED(hr)) return hr;
    return shim_copy_text(version, buffer, length);
}

static HRESULT WINAPI metahost_EnumerateInstalledRuntimes(ICLRMetaHost *iface, IEnumUnknown **enumerator)
{
    TRACE("%p, %p\n", iface, enumerator);
    return enumerator ? shim_enumerate_installed(enumerator) : E_POINTER;
}

static HRESULT WINAPI metahost_EnumerateLoadedRuntimes(ICLRMetaHost *iface, HANDLE process, IEnumUnknown **enumerator)
{
    TRACE("%p, %p, %p\n", iface, process, enumerator);
    return enumerator ? shim_enumerate_loaded(process, enumerator) : E_POINTER;
}

static HRESULT WINAPI metahost_QueryLegacyV2RuntimeBinding(ICLRMetaHost *iface, REFIID riid, void **out)
{
    struct shim_runtime *runtime = shim_legacy_runtime();

    TRACE("%p, %s, %p\n", iface, debugstr_guid(riid), out);
    if (!out) return E_POINTER;
    *out = NULL;
    return runtime ? ICLRRuntimeInfo_QueryInterface(runtime->info, riid, out) : S_FALSE;
}

#define METHOD(name, original)                                                                                         \
    {                                                                                                                  \
        offsetof(ICLRMetaHostVtbl, name), metahost_##name, original                                                    \
    }

static const struct shim_method meta_host_methods[] = {
    METHOD(QueryInterface, NULL),
    METHOD(GetRuntime, (void **)&real_GetRuntime),
    METHOD(GetVersionFromFile, (void **)&real_GetVersionFromFile),
    METHOD(EnumerateInstalledRuntimes, NULL),
    METHOD(EnumerateLoadedRuntimes, NULL),
    {offsetof(ICLRMetaHostVtbl, RequestRuntimeLoadedNotification), shim_RequestRuntimeLoadedNotification, NULL},
    METHOD(QueryLegacyV2RuntimeBinding, NULL),
};

void shim_attach_meta_host(ICLRMetaHost *meta_host)
{
    shim_replace_methods(meta_host, meta_host_methods, ARRAY_SIZE(meta_host_methods));
}
