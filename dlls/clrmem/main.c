/*
 * clrmem.dll: a host memory manager for the .NET CLR under Wine.
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
 * the end, as what objects still hold belongs to those who hold them.
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
