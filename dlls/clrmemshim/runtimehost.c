/*
 * Wine's ICLRRuntimeHost, as hosts of the .NET Framework expect it.
 *
 * mscoree's objects are static and share their tables of methods, so a method is replaced for
 * every host at once by one pointer, and the objects keep their identity.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "shim.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

typedef HRESULT(STDMETHODCALLTYPE *get_interface)(ICLRRuntimeInfo *, REFCLSID, REFIID, void **);
typedef HRESULT(WINAPI *create_instance)(REFCLSID, REFIID, void **);

static get_interface real_GetInterface;
static ICLRRuntimeHostVtbl real_host; /* stock methods of the runtime host */

/* One runtime host exists for each of the four runtimes that mscoree knows; Start has to find its way back. */
static struct
{
    ICLRRuntimeHost *host;
    ICLRRuntimeInfo *info;
} known_hosts[4];
static SRWLOCK hosts_lock = SRWLOCK_INIT;

static ICLRRuntimeInfo *info_of(ICLRRuntimeHost *host)
{
    ICLRRuntimeInfo *info = NULL;
    unsigned int i;

    AcquireSRWLockShared(&hosts_lock);
    for (i = 0; i < ARRAY_SIZE(known_hosts); i++)
    {
        if (known_hosts[i].host == host) info = known_hosts[i].info;
    }
    ReleaseSRWLockShared(&hosts_lock);
    return info;
}

/* Wine before 9 does not start the runtime here; ICorRuntimeHost::Start of the same runtime always did. */
static HRESULT start_by_cor_host(ICLRRuntimeHost *iface)
{
    ICLRRuntimeInfo *info = info_of(iface);
    ICorRuntimeHost *host;
    HRESULT hr;

    if (!info) return E_UNEXPECTED;
    hr = real_GetInterface(info, &CLSID_CorRuntimeHost, &IID_ICorRuntimeHost, (void **)&host);
    if (FAILED(hr)) return hr;
    hr = ICorRuntimeHost_Start(host);
    ICorRuntimeHost_Release(host);
    return hr;
}

static HRESULT WINAPI runtimehost_Start(ICLRRuntimeHost *iface)
{
    HRESULT hr;

    TRACE("%p\n", iface);
    hr = real_host.Start(iface);
    if (hr == E_NOTIMPL) hr = start_by_cor_host(iface);
    TRACE("%p: %#lx\n", iface, hr);
    return hr;
}

/* The .NET Framework's Stop leaves the runtime in the process as well; it cannot be unloaded. */
static HRESULT WINAPI runtimehost_Stop(ICLRRuntimeHost *iface)
{
    HRESULT hr = shim_runtime_started() ? S_OK : HOST_E_CLRNOTAVAILABLE;

    TRACE("%p: %#lx\n", iface, hr);
    return hr;
}

static HRESULT WINAPI runtimehost_SetHostControl(ICLRRuntimeHost *iface, IHostControl *control)
{
    HRESULT hr;

    TRACE("%p, %p\n", iface, control);
    hr = shim_set_host_control(control);
    TRACE("%p, %p: %#lx\n", iface, control, hr);
    return hr;
}

static void patch_runtime_host(ICLRRuntimeHost *host)
{
    ICLRRuntimeHostVtbl *methods = (ICLRRuntimeHostVtbl *)host->lpVtbl;

    if (methods->SetHostControl == runtimehost_SetHostControl) return;
    real_host = *methods;
    if (!shim_write_pointer((void **)&methods->Start, runtimehost_Start) ||
        !shim_write_pointer((void **)&methods->Stop, runtimehost_Stop) ||
        !shim_write_pointer((void **)&methods->SetHostControl, runtimehost_SetHostControl))
        ERR("methods of %p could not be replaced\n", host);
    TRACE("%p: SetHostControl, Start, Stop replaced\n", host);
}

static void meet_runtime_host(ICLRRuntimeInfo *info, ICLRRuntimeHost *host)
{
    unsigned int i;

    AcquireSRWLockExclusive(&hosts_lock);
    patch_runtime_host(host);
    for (i = 0; i < ARRAY_SIZE(known_hosts); i++)
    {
        if (known_hosts[i].info && known_hosts[i].info != info) continue;
        known_hosts[i].host = host;
        known_hosts[i].info = info;
        break;
    }
    ReleaseSRWLockExclusive(&hosts_lock);
}

void shim_detach_mscoree(void)
{
    AcquireSRWLockExclusive(&hosts_lock);
    memset(known_hosts, 0, sizeof(known_hosts));
    ReleaseSRWLockExclusive(&hosts_lock);
}

/* Every way to a runtime host, CLRCreateInstance's and CorBindToRuntimeEx's, goes through here. */
static HRESULT STDMETHODCALLTYPE runtimeinfo_GetInterface(ICLRRuntimeInfo *iface, REFCLSID clsid, REFIID riid,
                                                          void **out)
{
    HRESULT hr = real_GetInterface(iface, clsid, riid, out);
    ICLRRuntimeHost *host;

    TRACE("%p, %s, %s, %p: %#lx\n", iface, debugstr_guid(clsid), debugstr_guid(riid), out, hr);
    if (hr == CLR_E_SHIM_RUNTIME) shim_error("Wine found no .NET runtime (Wine Mono) for this program");
    if (FAILED(hr) || !IsEqualGUID(clsid, &CLSID_CLRRuntimeHost)) return hr;
    if (SUCCEEDED(IUnknown_QueryInterface((IUnknown *)*out, &IID_ICLRRuntimeHost, (void **)&host)))
    {
        meet_runtime_host(iface, host);
        ICLRRuntimeHost_Release(host);
    }
    return hr;
}

static void patch_runtime_info(ICLRRuntimeInfo *info)
{
    void **slot = (void **)&((ICLRRuntimeInfoVtbl *)info->lpVtbl)->GetInterface;

    if (*slot == (void *)runtimeinfo_GetInterface) return;
    real_GetInterface = (get_interface)*slot;
    if (!shim_write_pointer(slot, runtimeinfo_GetInterface)) ERR("GetInterface of %p could not be replaced\n", info);
    TRACE("%p: GetInterface replaced\n", info);
}

/* In Wine, CLRCreateInstance and GetRuntime only hand out static objects: nothing in them needs mscoree's
 * DllMain to have run, and neither loads a module. */
void shim_attach_mscoree(HMODULE mscoree)
{
    create_instance create = (void *)GetProcAddress(mscoree, "CLRCreateInstance");
    ICLRMetaHost *meta_host;
    ICLRRuntimeInfo *info;

    if (!create || FAILED(create(&CLSID_CLRMetaHost, &IID_ICLRMetaHost, (void **)&meta_host)))
    {
        ERR("no ICLRMetaHost in %p\n", mscoree);
        return;
    }
    if (SUCCEEDED(ICLRMetaHost_GetRuntime(meta_host, L"v4.0.30319", &IID_ICLRRuntimeInfo, (void **)&info)))
    {
        patch_runtime_info(info);
        ICLRRuntimeInfo_Release(info);
    }
    else
        ERR("no ICLRRuntimeInfo in %p\n", mscoree);
    ICLRMetaHost_Release(meta_host);
}
