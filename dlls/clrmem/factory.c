/*
 * The class factory of ClrMemHostControl, and ClrMemCreateHostControl, which does without it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

/***********************************************************************
 *              ClrMemCreateHostControl (clrmem.@)
 *
 * In: riid IID_IHostControl, IID_IHostMemoryManager (the manager of a new
 * control) or IID_IUnknown (the control). Out: one reference, or NULL.
 * S_OK, E_POINTER, E_NOINTERFACE, E_OUTOFMEMORY. Any thread.
 */
HRESULT WINAPI ClrMemCreateHostControl(REFIID riid, void **out)
{
    HRESULT hr;

    TRACE("riid %s, out %p\n", debugstr_guid(riid), out);

    if (out) *out = NULL;
    if (!out)
        hr = E_POINTER;
    else if (!riid)
        hr = E_NOINTERFACE;
    else
        hr = host_control_create(riid, out);
    TRACE("returning %#lx, *out %p\n", hr, out ? *out : NULL);
    return hr;
}

/***********************************************************************
 *              IClassFactory::QueryInterface
 *
 * Out: the factory for IID_IUnknown and IID_IClassFactory, else NULL.
 * S_OK, E_POINTER, E_INVALIDARG (no riid), E_NOINTERFACE. Any thread.
 */
static HRESULT WINAPI factory_QueryInterface(IClassFactory *iface, REFIID riid, void **out)
{
    const struct interface_entry entries[] = {{&IID_IUnknown, iface}, {&IID_IClassFactory, iface}};
    HRESULT hr;

    TRACE("iface %p, riid %s, out %p\n", iface, debugstr_guid(riid), out);

    hr = clrmem_query_interface(entries, ARRAYSIZE(entries), riid, out);
    TRACE("returning %#lx, *out %p\n", hr, out ? *out : NULL);
    return hr;
}

/* The factory is static; its references only keep the DLL loaded. */
static ULONG WINAPI factory_AddRef(IClassFactory *iface)
{
    TRACE("iface %p, ref 2\n", iface);

    clrmem_module_addref();
    return 2;
}

static ULONG WINAPI factory_Release(IClassFactory *iface)
{
    TRACE("iface %p, ref 1\n", iface);

    clrmem_module_release();
    return 1;
}

/***********************************************************************
 *              IClassFactory::CreateInstance
 *
 * In: outer has to be NULL; riid as in ClrMemCreateHostControl. Out: one
 * reference, or NULL. S_OK, E_POINTER, CLASS_E_NOAGGREGATION, E_INVALIDARG (no
 * riid), E_NOINTERFACE, E_OUTOFMEMORY. Any thread.
 */
static HRESULT WINAPI factory_CreateInstance(IClassFactory *iface, IUnknown *outer, REFIID riid, void **out)
{
    HRESULT hr;

    TRACE("iface %p, outer %p, riid %s, out %p\n", iface, outer, debugstr_guid(riid), out);

    if (out) *out = NULL;
    if (!out)
        hr = E_POINTER;
    else if (outer)
        hr = CLASS_E_NOAGGREGATION;
    else if (!riid)
        hr = E_INVALIDARG;
    else
        hr = host_control_create(riid, out);
    TRACE("returning %#lx, *out %p\n", hr, out ? *out : NULL);
    return hr;
}

/***********************************************************************
 *              IClassFactory::LockServer
 *
 * In: lock TRUE keeps the DLL loaded, FALSE removes one such lock. S_OK.
 * Any thread.
 */
static HRESULT WINAPI factory_LockServer(IClassFactory *iface, BOOL lock)
{
    TRACE("iface %p, lock %d\n", iface, lock);

    if (lock)
        clrmem_module_addref();
    else
        clrmem_module_release();
    TRACE("returning %#lx\n", S_OK);
    return S_OK;
}

static const IClassFactoryVtbl factory_vtbl = {
    factory_QueryInterface, factory_AddRef, factory_Release, factory_CreateInstance, factory_LockServer,
};

static IClassFactory factory = {&factory_vtbl};

/***********************************************************************
 *              DllGetClassObject (clrmem.@)
 *
 * Out: the factory, or NULL. S_OK, E_POINTER, E_INVALIDARG (no clsid or riid),
 * CLASS_E_CLASSNOTAVAILABLE for another class, E_NOINTERFACE. Any thread.
 */
HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID riid, void **out)
{
    HRESULT hr;

    TRACE("clsid %s, riid %s, out %p\n", debugstr_guid(clsid), debugstr_guid(riid), out);

    if (out) *out = NULL;
    if (!out)
        hr = E_POINTER;
    else if (!clsid)
        hr = E_INVALIDARG;
    else if (!IsEqualGUID(clsid, &CLSID_ClrMemHostControl))
        hr = CLASS_E_CLASSNOTAVAILABLE;
    else
        hr = IClassFactory_QueryInterface(&factory, riid, out);
    TRACE("returning %#lx, *out %p\n", hr, out ? *out : NULL);
    return hr;
}
