/*
 * The versions of the runtime that Wine's mscoree knows, and how this process uses them.
 *
 * One Mono serves them all. So a version counts as loaded when a host has an interface of it, not when
 * libmono is there.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "framework.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

static const WCHAR *const versions[SHIM_RUNTIMES] = {L"v1.0.3705", L"v1.1.4322", L"v2.0.50727", L"v4.0.30319"};

HRESULT(STDMETHODCALLTYPE *shim_stock_GetInterface)(ICLRRuntimeInfo *, REFCLSID, REFIID, void **);

static struct shim_runtime runtimes[SHIM_RUNTIMES]; /* as in versions */
static struct shim_runtime *legacy;
static SRWLOCK runtimes_lock = SRWLOCK_INIT; /* guards both; nothing is called under it */

struct shim_runtime *shim_runtime_at(unsigned int index)
{
    return index < SHIM_RUNTIMES && runtimes[index].info ? &runtimes[index] : NULL;
}

struct shim_runtime *shim_runtime_of_info(ICLRRuntimeInfo *info)
{
    unsigned int i;

    for (i = 0; i < SHIM_RUNTIMES; i++)
    {
        if (runtimes[i].info == info) return &runtimes[i];
    }
    return NULL;
}

struct shim_runtime *shim_runtime_of_host(ICLRRuntimeHost *host)
{
    unsigned int i;

    for (i = 0; i < SHIM_RUNTIMES; i++)
    {
        if (runtimes[i].host == host) return &runtimes[i];
    }
    return NULL;
}

struct shim_runtime *shim_newest_runtime(void)
{
    return &runtimes[SHIM_RUNTIMES - 1];
}

const WCHAR *shim_runtime_version(const struct shim_runtime *runtime)
{
    return versions[runtime - runtimes];
}

/* Both interfaces of a version are static objects in Wine. */
HRESULT shim_load_runtime(struct shim_runtime *runtime)
{
    ICLRRuntimeHost *host;
    ICorRuntimeHost *cor_host;
    HRESULT hr;

    if (runtime->host) return S_OK;
    hr = shim_stock_GetInterface(runtime->info, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)&host);
    if (FAILED(hr)) return hr;
    hr = shim_stock_GetInterface(runtime->info, &CLSID_CorRuntimeHost, &IID_ICorRuntimeHost, (void **)&cor_host);
    if (FAILED(hr))
    {
        ICLRRuntimeHost_Release(host);
        return hr;
    }
    AcquireSRWLockExclusive(&runtimes_lock);
    runtime->cor_host = cor_host;
    runtime->host = host;
    ReleaseSRWLockExclusive(&runtimes_lock);
    return S_OK;
}

bool shim_runtime_loadable(void)
{
    return shim_newest_runtime()->info && SUCCEEDED(shim_load_runtime(shim_newest_runtime()));
}

bool shim_runtime_loaded(struct shim_runtime *runtime)
{
    unsigned int i;

    if (runtime->loaded) return true;
    for (i = 0; i < SHIM_RUNTIMES; i++)
    {
        if (runtimes[i].loaded) return false;
    }
    return runtime == shim_newest_runtime() && shim_runtime_started();
}

struct shim_runtime *shim_legacy_runtime(void)
{
    return *(struct shim_runtime *volatile *)&legacy;
}

HRESULT shim_bind_legacy(struct shim_runtime *runtime)
{
    struct shim_runtime *bound = InterlockedCompareExchangePointer((void **)&legacy, runtime, NULL);

    return !bound || bound == runtime ? S_OK : CLR_E_SHIM_LEGACYRUNTIMEALREADYBOUND;
}

/* The newest version is not under the legacy policy: it runs beside an older one. */
bool shim_runtime_shut_out(const struct shim_runtime *runtime)
{
    const struct shim_runtime *bound = shim_legacy_runtime();

    return bound && bound != runtime && runtime != shim_newest_runtime();
}

bool shim_runtime_in_use(struct shim_runtime *runtime)
{
    return shim_runtime_started() && shim_runtime_loaded(runtime);
}

/* The first configuration file is kept for the life of the process: the runtime may read it at any time. */
static void set_flags(struct shim_runtime *runtime, DWORD flags, WCHAR *config)
{
    WCHAR *old;

    AcquireSRWLockExclusive(&runtimes_lock);
    old = runtime->config;
    runtime->flags = flags;
    runtime->has_flags = true;
    runtime->config = config;
    ReleaseSRWLockExclusive(&runtimes_lock);
    HeapFree(GetProcessHeap(), 0, old);
}

static HRESULT copy_config(const WCHAR *config, WCHAR **copy)
{
    SIZE_T size;

    *copy = NULL;
    if (!config || !*config) return S_OK;
    size = (wcslen(config) + 1) * sizeof(WCHAR);
    if (!(*copy = HeapAlloc(GetProcessHeap(), 0, size))) return E_OUTOFMEMORY;
    memcpy(*copy, config, size);
    return S_OK;
}

HRESULT shim_set_startup_flags(struct shim_runtime *runtime, DWORD flags, const WCHAR *config)
{
    WCHAR *copy;
    HRESULT hr;

    if (shim_runtime_in_use(runtime)) return HOST_E_INVALIDOPERATION;
    if (FAILED(hr = copy_config(config, &copy))) return hr;
    set_flags(runtime, flags, copy);
    return S_OK;
}

void shim_bind_startup_flags(struct shim_runtime *runtime, DWORD flags, const WCHAR *config)
{
    if (!runtime->has_flags) shim_set_startup_flags(runtime, flags, config);
}

DWORD shim_startup_flags(const struct shim_runtime *runtime)
{
    return runtime->has_flags ? runtime->flags : SHIM_STARTUP_CONCURRENT_GC;
}

void shim_find_runtimes(ICLRMetaHost *meta_host)
{
    unsigned int i;

    for (i = 0; i < SHIM_RUNTIMES; i++)
    {
        ICLRRuntimeInfo *info;

        if (FAILED(ICLRMetaHost_GetRuntime(meta_host, versions[i], &IID_ICLRRuntimeInfo, (void **)&info)))
        {
            ERR("no runtime %s\n", debugstr_w(versions[i]));
            continue;
        }
        runtimes[i].info = info;
    }
}

void shim_forget_runtimes(void)
{
    AcquireSRWLockExclusive(&runtimes_lock);
    memset(runtimes, 0, sizeof(runtimes));
    legacy = NULL;
    ReleaseSRWLockExclusive(&runtimes_lock);
}
