/*
 * Enumerators of runtimes, installed or loaded.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "framework.h"

#include <psapi.h>

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

struct enumerator
{
    IEnumUnknown IEnumUnknown_iface;
    LONG references;
    unsigned int position;
    unsigned int count;
    ICLRRuntimeInfo *infos[SHIM_RUNTIMES]; /* static objects */
};

static struct enumerator *impl_from_IEnumUnknown(IEnumUnknown *iface)
{
    return CONTAINING_RECORD(iface, struct enumerator, IEnumUnknown_iface);
}

static HRESULT WINAPI enumerator_QueryInterface(IEnumUnknown *iface, REFIID riid, void **out)
{
    TRACE("%p, %s, %p\n", iface, debugstr_guid(riid), out);

    if (!out) return E_POINTER;
    *out = NULL;
    if (!IsEqualGUID(riid, &IID_IUnknown) && !IsEqualGUID(riid, &IID_IEnumUnknown)) return E_NOINTERFACE;
    *out = iface;
    IEnumUnknown_AddRef(iface);
    return S_OK;
}

static ULONG WINAPI enumerator_AddRef(IEnumUnknown *iface)
{
    return InterlockedIncrement(&impl_from_IEnumUnknown(iface)->references);
}

static ULONG WINAPI enumerator_Release(IEnumUnknown *iface)
{
    struct enumerator *enumerator = impl_from_IEnumUnknown(iface);
    ULONG references = InterlockedDecrement(&enumerator->references);

    if (!references) HeapFree(GetProcessHeap(), 0, enumerator);
    return references;
}

static HRESULT WINAPI enumerator_Next(IEnumUnknown *iface, ULONG count, IUnknown **objects, ULONG *fetched)
{
    struct enumerator *enumerator = impl_from_IEnumUnknown(iface);
    ULONG i;

    TRACE("%p, %lu, %p, %p\n", iface, count, objects, fetched);
    if (!objects || (!fetched && count > 1)) return E_POINTER;
    for (i = 0; i < count && enumerator->position < enumerator->count; i++)
    {
        objects[i] = (IUnknown *)enumerator->infos[enumerator->position++];
        IUnknown_AddRef(objects[i]);
    }
    if (fetched) *fetched = i;
    return i == count ? S_OK : S_FALSE;
}

static HRESULT WINAPI enumerator_Skip(IEnumUnknown *iface, ULONG count)
{
    struct enumerator *enumerator = impl_from_IEnumUnknown(iface);
    ULONG left = enumerator->count - enumerator->position;

    TRACE("%p, %lu\n", iface, count);
    enumerator->position += count < left ? count : left;
    return count <= left ? S_OK : S_FALSE;
}

static HRESULT WINAPI enumerator_Reset(IEnumUnknown *iface)
{
    TRACE("%p\n", iface);
    impl_from_IEnumUnknown(iface)->position = 0;
    return S_OK;
}

static HRESULT WINAPI enumerator_Clone(IEnumUnknown *iface, IEnumUnknown **out)
{
    struct enumerator *copy;

    TRACE("%p, %p\n", iface, out);
    if (!out) return E_POINTER;
    *out = NULL;
    if (!(copy = HeapAlloc(GetProcessHeap(), 0, sizeof(*copy)))) return E_OUTOFMEMORY;
    *copy = *impl_from_IEnumUnknown(iface);
    copy->references = 1;
    *out = &copy->IEnumUnknown_iface;
    return S_OK;
}

static const IEnumUnknownVtbl enumerator_methods = {
    enumerator_QueryInterface, enumerator_AddRef, enumerator_Release, enumerator_Next,
    enumerator_Skip,           enumerator_Reset,  enumerator_Clone,
};

static struct enumerator *new_enumerator(void)
{
    struct enumerator *enumerator = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*enumerator));

    if (!enumerator) return NULL;
    enumerator->IEnumUnknown_iface.lpVtbl = &enumerator_methods;
    enumerator->references = 1;
    return enumerator;
}

HRESULT shim_enumerate_installed(IEnumUnknown **out)
{
    struct enumerator *enumerator = new_enumerator();
    struct shim_runtime *runtime;
    unsigned int i;

    *out = NULL;
    if (!enumerator) return E_OUTOFMEMORY;
    for (i = 0; shim_runtime_loadable() && (runtime = shim_runtime_at(i)); i++)
        enumerator->infos[enumerator->count++] = runtime->info;
    *out = &enumerator->IEnumUnknown_iface;
    return S_OK;
}

static bool is_libmono(const WCHAR *name)
{
    return !_wcsnicmp(name, L"libmono-2.0", wcslen(L"libmono-2.0")) || !_wcsicmp(name, L"mono-2.0.dll");
}

static HRESULT find_libmono(HANDLE process, BOOL *found)
{
    HMODULE modules[512];
    WCHAR name[64];
    DWORD size, i;

    *found = FALSE;
    if (!K32EnumProcessModules(process, modules, sizeof(modules), &size)) return E_INVALIDARG;
    for (i = 0; !*found && i < min(size, sizeof(modules)) / sizeof(modules[0]); i++)
        *found = K32GetModuleBaseNameW(process, modules[i], name, ARRAY_SIZE(name)) && is_libmono(name);
    return S_OK;
}

HRESULT shim_process_runtime_loaded(HANDLE process, struct shim_runtime *runtime, BOOL *loaded)
{
    DWORD id = GetProcessId(process);

    *loaded = FALSE;
    if (!id) return E_INVALIDARG;
    if (id == GetCurrentProcessId())
    {
        *loaded = shim_runtime_loaded(runtime);
        return S_OK;
    }
    return runtime == shim_newest_runtime() ? find_libmono(process, loaded) : S_OK;
}

HRESULT shim_enumerate_loaded(HANDLE process, IEnumUnknown **out)
{
    struct enumerator *enumerator = new_enumerator();
    struct shim_runtime *runtime;
    HRESULT hr = S_OK;
    unsigned int i;

    *out = NULL;
    if (!enumerator) return E_OUTOFMEMORY;
    for (i = 0; SUCCEEDED(hr) && (runtime = shim_runtime_at(i)); i++)
    {
        BOOL loaded;

        hr = shim_process_runtime_loaded(process, runtime, &loaded);
        if (loaded) enumerator->infos[enumerator->count++] = runtime->info;
    }
    if (FAILED(hr))
        IEnumUnknown_Release(&enumerator->IEnumUnknown_iface);
    else
        *out = &enumerator->IEnumUnknown_iface;
    return hr;
}
