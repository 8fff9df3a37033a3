/*
 * IHostControl: hands the runtime its managers. Here that is one, the memory manager.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

struct host_control
{
    IHostControl IHostControl_iface;
    LONG ref;
    struct memory_manager *manager; /* one reference */
    IUnknown *domain_manager;       /* the last AppDomain manager, one reference, or NULL; exchanged atomically */
};

static struct host_control *impl_from_IHostControl(IHostControl *iface)
{
    return CONTAINING_RECORD(iface, struct host_control, IHostControl_iface);
}

/***********************************************************************
 *              IHostControl::QueryInterface
 *
 * Out: the control for IID_IUnknown and IID_IHostControl, else NULL. The
 * manager is another object: GetHostManager gives that.
 * S_OK, E_POINTER, E_INVALIDARG (no riid), E_NOINTERFACE. Any thread.
 */
static HRESULT WINAPI control_QueryInterface(IHostControl *iface, REFIID riid, void **out)
{
    const struct interface_entry entries[] = {{&IID_IUnknown, iface}, {&IID_IHostControl, iface}};
    HRESULT hr;

    TRACE("iface %p, riid %s, out %p\n", iface, debugstr_guid(riid), out);

    hr = clrmem_query_interface(entries, ARRAYSIZE(entries), riid, out);
    TRACE("returning %#lx, *out %p\n", hr, out ? *out : NULL);
    return hr;
}

static ULONG WINAPI control_AddRef(IHostControl *iface)
{
    struct host_control *control = impl_from_IHostControl(iface);
    ULONG ref = InterlockedIncrement(&control->ref);

    TRACE("iface %p, ref %lu\n", iface, ref);
    return ref;
}

static void control_destroy(struct host_control *control)
{
    if (control->domain_manager) IUnknown_Release(control->domain_manager);
    IHostMemoryManager_Release(&control->manager->IHostMemoryManager_iface);
    HeapFree(GetProcessHeap(), 0, control);
    clrmem_module_release();
}

static ULONG WINAPI control_Release(IHostControl *iface)
{
    struct host_control *control = impl_from_IHostControl(iface);
    ULONG ref = InterlockedDecrement(&control->ref);

    TRACE("iface %p, ref %lu\n", iface, ref);
    if (!ref) control_destroy(control);
    return ref;
}

/***********************************************************************
 *              IHostControl::GetHostManager
 *
 * Out: the memory manager with a reference for IID_IHostMemoryManager, else
 * NULL: the runtime then supplies that manager itself.
 * S_OK, E_POINTER, E_NOINTERFACE. Any thread.
 */
static HRESULT WINAPI control_GetHostManager(IHostControl *iface, REFIID riid, void **out)
{
    struct host_control *control = impl_from_IHostControl(iface);
    HRESULT hr = S_OK;

    TRACE("iface %p, riid %s, out %p\n", iface, debugstr_guid(riid), out);

    if (!out)
        hr = E_POINTER;
    else if (riid && IsEqualGUID(riid, &IID_IHostMemoryManager))
    {
        *out = &control->manager->IHostMemoryManager_iface;
        IHostMemoryManager_AddRef(&control->manager->IHostMemoryManager_iface);
    }
    else
    {
        *out = NULL;
        hr = E_NOINTERFACE;
    }
    TRACE("returning %#lx, *out %p\n", hr, out ? *out : NULL);
    return hr;
}

/***********************************************************************
 *              IHostControl::SetAppDomainManager
 *
 * In: the AppDomain manager of a domain; the last one is kept until the control
 * is destroyed. S_OK, E_INVALIDARG for NULL. Any thread.
 */
static HRESULT WINAPI control_SetAppDomainManager(IHostControl *iface, DWORD id, IUnknown *domain_manager)
{
    struct host_control *control = impl_from_IHostControl(iface);
    IUnknown *previous = NULL;
    HRESULT hr = S_OK;

    TRACE("iface %p, id %lu, domain_manager %p\n", iface, id, domain_manager);

    if (domain_manager)
    {
        IUnknown_AddRef(domain_manager);
        previous = InterlockedExchangePointer((void **)&control->domain_manager, domain_manager);
    }
    else
        hr = E_INVALIDARG;
    if (previous) IUnknown_Release(previous);
    TRACE("returning %#lx\n", hr);
    return hr;
}

static const IHostControlVtbl control_vtbl = {
    control_QueryInterface, control_AddRef, control_Release, control_GetHostManager, control_SetAppDomainManager,
};

/* A control with one reference and a manager of its own. S_OK, E_OUTOFMEMORY. */
static HRESULT control_create(struct host_control **out)
{
    struct host_control *control = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*control));
    HRESULT hr;

    if (!control) return E_OUTOFMEMORY;
    control->IHostControl_iface.lpVtbl = &control_vtbl;
    control->ref = 1;
    hr = memory_manager_create(&control->manager);
    if (FAILED(hr))
    {
        HeapFree(GetProcessHeap(), 0, control);
        return hr;
    }
    clrmem_module_addref();
    *out = control;
    return S_OK;
}

HRESULT host_control_create(REFIID riid, void **out)
{
    struct host_control *control;
    HRESULT hr;

    *out = NULL;
    hr = control_create(&control);
    if (FAILED(hr)) return hr;

    if (IsEqualGUID(riid, &IID_IHostMemoryManager))
        hr = IHostControl_GetHostManager(&control->IHostControl_iface, riid, out);
    else
        hr = IHostControl_QueryInterface(&control->IHostControl_iface, riid, out);
    IHostControl_Release(&control->IHostControl_iface);
    return hr;
}
