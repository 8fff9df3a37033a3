/*
 * The management interfaces as flat exports: each queries the object for the interface, calls the method, and releases.
 * clrmem.h says what they take and give; the methods trace it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

/* An object that is not ours may answer anything: it has no such interface. */
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

/* HRESULT ClrMem<export>(IUnknown *object, parameters): interface::method with the arguments. */
#define FORWARD(export, interface, method, parameters, ...)                                                            \
    HRESULT WINAPI ClrMem##export parameters                                                                           \
    {                                                                                                                  \
        interface *found;                                                                                              \
        HRESULT hr = find_interface(object, &IID_##interface, (void **)&found);                                        \
                                                                                                                       \
        if (FAILED(hr)) return hr;                                                                                     \
        hr = found->lpVtbl->method(found, ##__VA_ARGS__);                                                              \
        found->lpVtbl->Release(found);                                                                                 \
        return hr;                                                                                                     \
    }

FORWARD(GetStatistics, IClrMemManager, GetStatistics, (IUnknown * object, CLRMEM_STATISTICS *statistics), statistics)
FORWARD(SetLimits, IClrMemManager, SetLimits, (IUnknown * object, const CLRMEM_LIMITS *limits), limits)
FORWARD(GetLimits, IClrMemManager, GetLimits, (IUnknown * object, CLRMEM_LIMITS *limits), limits)
FORWARD(SetWaits, IClrMemManager, SetWaits, (IUnknown * object, const CLRMEM_WAITS *waits), waits)
FORWARD(GetWaits, IClrMemManager, GetWaits, (IUnknown * object, CLRMEM_WAITS *waits), waits)
FORWARD(SetOption, IClrMemManager, SetOption, (IUnknown * object, const char *name, const char *value), name, value)
FORWARD(GetOption, IClrMemManager, GetOption, (IUnknown * object, const char *name, char *buffer, SIZE_T size), name,
        buffer, size)
FORWARD(EnumRegions, IClrMemManager, EnumRegions, (IUnknown * object, CLRMEM_REGION_PROC proc, void *context), proc,
        context)
FORWARD(EnumBlocks, IClrMemManager, EnumBlocks, (IUnknown * object, CLRMEM_BLOCK_PROC proc, void *context), proc,
        context)
FORWARD(LockRegion, IClrMemManager, LockRegion,
        (IUnknown * object, void *address, DWORD thread, DWORD milliseconds, void **base, SIZE_T *size), address,
        thread, milliseconds, base, size)
FORWARD(UnlockRegion, IClrMemManager, UnlockRegion, (IUnknown * object, void *address, DWORD thread), address, thread)
FORWARD(CancelWaits, IClrMemManager, CancelWaits, (IUnknown * object, void *address), address)
FORWARD(Trim, IClrMemManager, Trim, (IUnknown * object, SIZE_T *decommitted, SIZE_T *released), decommitted, released)
FORWARD(Shutdown, IClrMemManager, Shutdown, (IUnknown * object))
FORWARD(SetHeapLimits, IClrMemHeap, SetLimits, (IUnknown * object, const CLRMEM_LIMITS *limits), limits)
FORWARD(GetHeapLimits, IClrMemHeap, GetLimits, (IUnknown * object, CLRMEM_LIMITS *limits), limits)
FORWARD(EnumHeapBlocks, IClrMemHeap, EnumBlocks, (IUnknown * object, CLRMEM_BLOCK_PROC proc, void *context), proc,
        context)
