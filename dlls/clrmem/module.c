/*
 * The DLL as a module: its entry point, what keeps it loaded, and what all of its objects share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

HINSTANCE clrmem_instance;

/***********************************************************************
 *              DllMain
 *
 * The DLL's entry point: there is no C runtime to set up. Nothing is done at
 * the end, as objects belong to those that hold references.
 */
BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
    TRACE("instance %p, reason %lu, reserved %p\n", instance, reason, reserved);

    if (reason == DLL_PROCESS_ATTACH)
    {
        clrmem_instance = instance;
        DisableThreadLibraryCalls(instance);
    }
    return TRUE;
}

/* Live objects, references to the factory, and LockServer's locks. */
static LONG module_refs;

void clrmem_module_addref(void)
{
    InterlockedIncrement(&module_refs);
}

void clrmem_module_release(void)
{
    InterlockedDecrement(&module_refs);
}

HRESULT clrmem_query_interface(const struct interface_entry *entries, unsigned int count, REFIID riid, void **out)
{
    IUnknown *found = NULL;
    unsigned int i;

    if (!out) return E_POINTER;
    for (i = 0; riid && i < count && !found; i++)
        if (IsEqualGUID(riid, entries[i].iid)) found = entries[i].iface;
    *out = found;
    if (!riid) return E_INVALIDARG;
    if (!found) return E_NOINTERFACE;
    IUnknown_AddRef(found);
    return S_OK;
}

/***********************************************************************
 *              DllCanUnloadNow (clrmem.@)
 *
 * S_OK when nothing of the DLL is in use, else S_FALSE. Any thread.
 */
HRESULT WINAPI DllCanUnloadNow(void)
{
    LONG refs = module_refs;
    HRESULT hr = refs ? S_FALSE : S_OK;

    TRACE("%ld references, returning %#lx\n", refs, hr);
    return hr;
}
