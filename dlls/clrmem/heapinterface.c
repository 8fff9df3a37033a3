/*
 * IClrMemHeap: the limits and the blocks of one heap.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "management.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

static struct host_malloc *impl_from_IClrMemHeap(IClrMemHeap *iface)
{
    return CONTAINING_RECORD(iface, struct host_malloc, IClrMemHeap_iface);
}

static HRESULT WINAPI clr_mem_heap_QueryInterface(IClrMemHeap *iface, REFIID riid, void **out)
{
    return IHostMalloc_QueryInterface(&impl_from_IClrMemHeap(iface)->IHostMalloc_iface, riid, out);
}

static ULONG WINAPI clr_mem_heap_AddRef(IClrMemHeap *iface)
{
    return IHostMalloc_AddRef(&impl_from_IClrMemHeap(iface)->IHostMalloc_iface);
}

static ULONG WINAPI clr_mem_heap_Release(IClrMemHeap *iface)
{
    return IHostMalloc_Release(&impl_from_IClrMemHeap(iface)->IHostMalloc_iface);
}

/***********************************************************************
 *              IClrMemHeap::SetLimits
 *
 * In: limits on the committed bytes of this heap. S_OK, E_POINTER;
 * E_INVALIDARG, and nothing changed, for a cbSize of no version, limits that
 * contradict each other, or of less than a page. Any thread, no lock.
 */
static HRESULT WINAPI clr_mem_heap_SetLimits(IClrMemHeap *iface, const CLRMEM_LIMITS *limits)
{
    struct hostmem_limits core;
    HRESULT hr;

    TRACE("iface %p, limits %p\n", iface, limits);

    hr = clrmem_limits_read(limits, &core);
    if (SUCCEEDED(hr)) hr = clrmem_result(hostmem_heap_set_limits(impl_from_IClrMemHeap(iface)->heap, &core));
    TRACE("returning %#lx\n", hr);
    return hr;
}

/***********************************************************************
 *              IClrMemHeap::GetLimits
 *
 * In: cbSize. Out: the limits in effect, on success only. S_OK, E_POINTER,
 * E_INVALIDARG for a cbSize of no version. Any thread, no lock.
 */
static HRESULT WINAPI clr_mem_heap_GetLimits(IClrMemHeap *iface, CLRMEM_LIMITS *limits)
{
    struct hostmem_limits core;
    HRESULT hr;

    TRACE("iface %p, limits %p\n", iface, limits);

    hostmem_heap_get_limits(impl_from_IClrMemHeap(iface)->heap, &core);
    hr = clrmem_limits_write(&core, limits);
    TRACE("returning %#lx, hard %#I64x, soft %#I64x\n", hr, core.hard, core.soft);
    return hr;
}

/***********************************************************************
 *              IClrMemHeap::EnumBlocks
 *
 * In: what is called for each live block of this heap until it returns FALSE;
 * no lock is held then. S_OK, E_POINTER, E_OUTOFMEMORY. Any thread.
 */
static HRESULT WINAPI clr_mem_heap_EnumBlocks(IClrMemHeap *iface, CLRMEM_BLOCK_PROC proc, void *context)
{
    struct host_malloc *host_malloc = impl_from_IClrMemHeap(iface);
    HRESULT hr;

    TRACE("iface %p, proc %p, context %p\n", iface, proc, context);

    hr = clrmem_tell_blocks(host_malloc->manager, host_malloc->heap, proc, context);
    TRACE("returning %#lx\n", hr);
    return hr;
}

const IClrMemHeapVtbl clr_mem_heap_vtbl = {
    clr_mem_heap_QueryInterface, clr_mem_heap_AddRef,    clr_mem_heap_Release,
    clr_mem_heap_SetLimits,      clr_mem_heap_GetLimits, clr_mem_heap_EnumBlocks,
};
