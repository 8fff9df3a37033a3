/*
 * A host that wants its AppDomainManager in every domain, and nothing else: the most frequent use of IHostControl.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include "managed.h"

/* The manager's own interface, as the host's type library has it. */
typedef struct Manager Manager;
struct Manager
{
    const struct
    {
        HRESULT(STDMETHODCALLTYPE *QueryInterface)(Manager *, REFIID, void **);
        ULONG(STDMETHODCALLTYPE *AddRef)(Manager *);
        ULONG(STDMETHODCALLTYPE *Release)(Manager *);
        HRESULT(STDMETHODCALLTYPE *Run)(Manager *, const WCHAR *text, LONG *result);
        HRESULT(STDMETHODCALLTYPE *GetDomain)(Manager *, LONG *result);
    } * lpVtbl;
};
static const IID IID_IManager = {0x7a2b36c9, 0x6c1f, 0x4f0e, {0x9a, 0x53, 0x0d, 0x4f, 0x6b, 0x6f, 0x1a, 0x01}};

static Manager *manager; /* of the default domain */

static HRESULT WINAPI control_QueryInterface(IHostControl *iface, REFIID riid, void **out)
{
    *out = NULL;
    if (!IsEqualGUID(riid, &IID_IUnknown) && !IsEqualGUID(riid, &IID_IHostControl)) return E_NOINTERFACE;
    *out = iface;
    return S_OK;
}

static ULONG WINAPI control_AddRef(IHostControl *iface)
{
    (void)iface;
    return 2;
}

static ULONG WINAPI control_Release(IHostControl *iface)
{
    (void)iface;
    return 1;
}

static HRESULT WINAPI control_GetHostManager(IHostControl *iface, REFIID riid, void **out)
{
    (void)iface;
    (void)riid;
    *out = NULL;
    return E_NOINTERFACE;
}

static HRESULT WINAPI control_SetAppDomainManager(IHostControl *iface, DWORD id, IUnknown *unknown)
{
    LONG domain = 0;
    Manager *got;

    (void)iface;
    printf("SetAppDomainManager: domain %s\n", id == 1 ? "1" : "above 1");
    if (FAILED(show("QueryInterface(IManager)", IUnknown_QueryInterface(unknown, &IID_IManager, (void **)&got))))
        return E_FAIL;
    show_value("GetDomain", got->lpVtbl->GetDomain(got, &domain), &domain);
    if (manager)
        got->lpVtbl->Release(got);
    else
        manager = got;
    return S_OK;
}

static const IHostControlVtbl control_methods = {
    control_QueryInterface, control_AddRef, control_Release, control_GetHostManager, control_SetAppDomainManager,
};
static IHostControl control = {(IHostControlVtbl *)&control_methods};

int main(int count, char **arguments)
{
    const WCHAR *type = count > 1 ? L"ClrMem.Hosts.NoManager" : L"ClrMem.Hosts.Manager";
    static const WCHAR assembly[] = L"managed, Version=0.0.0.0, Culture=neutral, PublicKeyToken=null";
    ICLRRuntimeHost *host = get_runtime(&CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost);
    ICLRControl *clr = NULL, *again = NULL;
    LONG length = 0;

    (void)arguments;
    show("SetHostControl", ICLRRuntimeHost_SetHostControl(host, &control));
    if (FAILED(show("GetCLRControl", ICLRRuntimeHost_GetCLRControl(host, &clr)))) return 1;
    show("GetCLRControl again", ICLRRuntimeHost_GetCLRControl(host, &again));
    printf("the same: %d\n", clr == again);
    show("SetAppDomainManagerType(NULL)", clr->lpVtbl->SetAppDomainManagerType(clr, NULL, type));
    show("SetAppDomainManagerType", clr->lpVtbl->SetAppDomainManagerType(clr, assembly, type));
    if (FAILED(show("Start", ICLRRuntimeHost_Start(host)))) return 0;
    show("SetAppDomainManagerType, started", clr->lpVtbl->SetAppDomainManagerType(clr, assembly, type));
    if (!manager) return 1;
    show_value("Run", manager->lpVtbl->Run(manager, L"hello", &length), &length);
    run_program(host, L"Domain", L"second");
    manager->lpVtbl->Release(manager);
    show("Stop", ICLRRuntimeHost_Stop(host));
    return 0;
}
