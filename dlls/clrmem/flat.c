/*
 * The management interfaces as flat exports: each asks the object for the interface, calls, and releases. What they
 * take and answer is in clrmem.h; the methods trace it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

/* Whatever an object that is not ours answers, it has no such interface. */
static HRESULT find_interface(IUnknown *object, REFIID riid, void **out)
{
    HRESULT hr = S_OK;

    TRACE("object %p, riid %s\n", object, debugstr_guid(riid));

    *out = NULL;
    if (!object)
        hr = E_POINTER;
    else if (FAILED(IUnknown_QueryInterface(object, riid, out)) || !*out)
        hr = E_NOINTERFACE;
    TRACE("returning %#lx, *out %p\n", hr, *out);
    return hr;
}

/***********************************************************************
 *              ClrMemGetStatistics (clrmem.@)
 */
HRESULT WINAPI ClrMemGetStatistics(IUnknown *manager, CLRMEM_STATISTICS *statistics)
{
    IClrMemManager *clr_mem;
    HRESULT hr = find_interface(manager, &IID_IClrMemManager, (void **)&clr_mem);

    if (FAILED(hr)) return hr;
    hr = IClrMemManager_GetStatistics(clr_mem, statistics);
    IClrMemManager_Release(clr_mem);
    return hr;
}

/***********************************************************************
 *              ClrMemSetLimits (clrmem.@)
 */
HRESULT WINAPI ClrMemSetLimits(IUnknown *manager, const CLRMEM_LIMITS *limits)
{
    IClrMemManager *clr_mem;
    HRESULT hr = find_interface(manager, &IID_IClrMemManager, (void **)&clr_mem);

    if (FAILED(hr)) return hr;
    hr = IClrMemManager_SetLimits(clr_mem, limits);
    IClrMemManager_Release(clr_mem);
    return hr;
}

/***********************************************************************
 *              ClrMemGetLimits (clrmem.@)
 */
HRESULT WINAPI ClrMemGetLimits(IUnknown *manager, CLRMEM_LIMITS *limits)
{
    IClrMemManager *clr_mem;
    HRESULT hr = find_interface(manager, &IID_IClrMemManager, (void **)&clr_mem);

    if (FAILED(hr)) return hr;
    hr = IClrMemManager_GetLimits(clr_mem, limits);
    IClrMemManager_Release(clr_mem);
    return hr;
}

/***********************************************************************
 *              ClrMemSetWaits (clrmem.@)
 */
HRESULT WINAPI ClrMemSetWaits(IUnknown *manager, const CLRMEM_WAITS *waits)
{
    IClrMemManager *clr_mem;
    HRESULT hr = find_interface(manager, &IID_IClrMemManager, (void **)&clr_mem);

    if (FAILED(hr)) return hr;
    hr = IClrMemManager_SetWaits(clr_mem, waits);
    IClrMemManager_Release(clr_mem);
    return hr;
}

/***********************************************************************
 *              ClrMemGetWaits (clrmem.@)
 */
HRESULT WINAPI ClrMemGetWaits(IUnknown *manager, CLRMEM_WAITS *waits)
{
    IClrMemManager *clr_mem;
    HRESULT hr = find_interface(manager, &IID_IClrMemManager, (void **)&clr_mem);

    if (FAILED(hr)) return hr;
    hr = IClrMemManager_GetWaits(clr_mem, waits);
    IClrMemManager_Release(clr_mem);
    return hr;
}

/***********************************************************************
 *              ClrMemSetOption (clrmem.@)
 */
HRESULT WINAPI ClrMemSetOption(IUnknown *manager, const char *name, const char *value)
{
    IClrMemManager *clr_mem;
    HRESULT hr = find_interface(manager, &IID_IClrMemManager, (void **)&clr_mem);

    if (FAILED(hr)) return hr;
    hr = IClrMemManager_SetOption(clr_mem, name, value);
    IClrMemManager_Release(clr_mem);
    return hr;
}

/***********************************************************************
 *              ClrMemGetOption (clrmem.@)
 */
HRESULT WINAPI ClrMemGetOption(IUnknown *manager, const char *name, char *buffer, SIZE_T size)
{
    IClrMemManager *clr_mem;
    HRESULT hr = find_interface(manager, &IID_IClrMemManager, (void **)&clr_mem);

    if (FAILED(hr)) return hr;
    hr = IClrMemManager_GetOption(clr_mem, name, buffer, size);
    IClrMemManager_Release(clr_mem);
    return hr;
}

/***********************************************************************
 *              ClrMemEnumRegions (clrmem.@)
 */
HRESULT WINAPI ClrMemEnumRegions(IUnknown *manager, CLRMEM_REGION_PROC proc, void *context)
{
    IClrMemManager *clr_mem;
    HRESULT hr = find_interface(manager, &IID_IClrMemManager, (void **)&clr_mem);

    if (FAILED(hr)) return hr;
    hr = IClrMemManager_EnumRegions(clr_mem, proc, context);
    IClrMemManager_Release(clr_mem);
    return hr;
}

/***********************************************************************
 *              ClrMemEnumBlocks (clrmem.@)
 */
HRESULT WINAPI ClrMemEnumBlocks(IUnknown *manager, CLRMEM_BLOCK_PROC proc, void *context)
{
    IClrMemManager *clr_mem;
    HRESULT hr = find_interface(manager, &IID_IClrMemManager, (void **)&clr_mem);

    if (FAILED(hr)) return hr;
    hr = IClrMemManager_EnumBlocks(clr_mem, proc, context);
    IClrMemManager_Release(clr_mem);
    return hr;
}

/***********************************************************************
 *              ClrMemEnumLeaks (clrmem.@)
 */
HRESULT WINAPI ClrMemEnumLeaks(IUnknown *manager, CLRMEM_LEAK_PROC proc, void *context)
{
    IClrMemManager *clr_mem;
    HRESULT hr = find_interface(manager, &IID_IClrMemManager, (void **)&clr_mem);

    if (FAILED(hr)) return hr;
    hr = IClrMemManager_EnumLeaks(clr_mem, proc, context);
    IClrMemManager_Release(clr_mem);
    return hr;
}

/***********************************************************************
 *              ClrMemLockRegion (clrmem.@)
 */
HRESULT WINAPI ClrMemLockRegion(IUnknown *manager, void *address, DWORD thread, DWORD milliseconds, void **base,
                                SIZE_T *size)
{
    IClrMemManager *clr_mem;
    HRESULT hr = find_interface(manager, &IID_IClrMemManager, (void **)&clr_mem);

    if (FAILED(hr)) return hr;
    hr = IClrMemManager_LockRegion(clr_mem, address, thread, milliseconds, base, size);
    IClrMemManager_Release(clr_mem);
    return hr;
}

/***********************************************************************
 *              ClrMemUnlockRegion (clrmem.@)
 */
HRESULT WINAPI ClrMemUnlockRegion(IUnknown *manager, void *address, DWORD thread)
{
    IClrMemManager *clr_mem;
    HRESULT hr = find_interface(manager, &IID_IClrMemManager, (void **)&clr_mem);

    if (FAILED(hr)) return hr;
    hr = IClrMemManager_UnlockRegion(clr_mem, address, thread);
    IClrMemManager_Release(clr_mem);
    return hr;
}

/***********************************************************************
 *              ClrMemCancelWaits (clrmem.@)
 */
HRESULT WINAPI ClrMemCancelWaits(IUnknown *manager, void *address)
{
    IClrMemManager *clr_mem;
    HRESULT hr = find_interface(manager, &IID_IClrMemManager, (void **)&clr_mem);

    if (FAILED(hr)) return hr;
    hr = IClrMemManager_CancelWaits(clr_mem, address);
    IClrMemManager_Release(clr_mem);
    return hr;
}

/***********************************************************************
 *              ClrMemTrim (clrmem.@)
 */
HRESULT WINAPI ClrMemTrim(IUnknown *manager, SIZE_T *decommitted, SIZE_T *released)
{
    IClrMemManager *clr_mem;
    HRESULT hr = find_interface(manager, &IID_IClrMemManager, (void **)&clr_mem);

    if (FAILED(hr)) return hr;
    hr = IClrMemManager_Trim(clr_mem, decommitted, released);
    IClrMemManager_Release(clr_mem);
    return hr;
}

/***********************************************************************
 *              ClrMemShutdown (clrmem.@)
 */
HRESULT WINAPI ClrMemShutdown(IUnknown *manager)
{
    IClrMemManager *clr_mem;
    HRESULT hr = find_interface(manager, &IID_IClrMemManager, (void **)&clr_mem);

    if (FAILED(hr)) return hr;
    hr = IClrMemManager_Shutdown(clr_mem);
    IClrMemManager_Release(clr_mem);
    return hr;
}

/***********************************************************************
 *              ClrMemSetHeapLimits (clrmem.@)
 */
HRESULT WINAPI ClrMemSetHeapLimits(IUnknown *heap, const CLRMEM_LIMITS *limits)
{
    IClrMemHeap *clr_mem;
    HRESULT hr = find_interface(heap, &IID_IClrMemHeap, (void **)&clr_mem);

    if (FAILED(hr)) return hr;
    hr = IClrMemHeap_SetLimits(clr_mem, limits);
    IClrMemHeap_Release(clr_mem);
    return hr;
}

/***********************************************************************
 *              ClrMemGetHeapLimits (clrmem.@)
 */
HRESULT WINAPI ClrMemGetHeapLimits(IUnknown *heap, CLRMEM_LIMITS *limits)
{
    IClrMemHeap *clr_mem;
    HRESULT hr = find_interface(heap, &IID_IClrMemHeap, (void **)&clr_mem);

    if (FAILED(hr)) return hr;
    hr = IClrMemHeap_GetLimits(clr_mem, limits);
    IClrMemHeap_Release(clr_mem);
    return hr;
}

/***********************************************************************
 *              ClrMemEnumHeapBlocks (clrmem.@)
 */
HRESULT WINAPI ClrMemEnumHeapBlocks(IUnknown *heap, CLRMEM_BLOCK_PROC proc, void *context)
{
    IClrMemHeap *clr_mem;
    HRESULT hr = find_interface(heap, &IID_IClrMemHeap, (void **)&clr_mem);

    if (FAILED(hr)) return hr;
    hr = IClrMemHeap_EnumBlocks(clr_mem, proc, context);
    IClrMemHeap_Release(clr_mem);
    return hr;
}
