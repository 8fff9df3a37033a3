/*
 * IClrMemManager: a manager's statistics.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

/* The thirteen pairs of counters lie in the order of enum hostmem_method. */
#define CALLS_OFFSET FIELD_OFFSET(CLRMEM_STATISTICS, CreateMalloc)
C_ASSERT(FIELD_OFFSET(CLRMEM_STATISTICS, Free) == CALLS_OFFSET + HOSTMEM_METHOD_FREE * sizeof(CLRMEM_CALLS));
C_ASSERT(FIELD_OFFSET(CLRMEM_STATISTICS, ullRefusedFrees) ==
         CALLS_OFFSET + HOSTMEM_METHOD_COUNT * sizeof(CLRMEM_CALLS));
/* The layout is public: the same for both architectures. */
C_ASSERT(sizeof(CLRMEM_STATISTICS) == 336);

static struct memory_manager *impl_from_IClrMemManager(IClrMemManager *iface)
{
    return CONTAINING_RECORD(iface, struct memory_manager, IClrMemManager_iface);
}

static HRESULT WINAPI clr_mem_manager_QueryInterface(IClrMemManager *iface, REFIID riid, void **out)
{
    return IHostMemoryManager_QueryInterface(&impl_from_IClrMemManager(iface)->IHostMemoryManager_iface, riid, out);
}

static ULONG WINAPI clr_mem_manager_AddRef(IClrMemManager *iface)
{
    return IHostMemoryManager_AddRef(&impl_from_IClrMemManager(iface)->IHostMemoryManager_iface);
}

static ULONG WINAPI clr_mem_manager_Release(IClrMemManager *iface)
{
    return IHostMemoryManager_Release(&impl_from_IClrMemManager(iface)->IHostMemoryManager_iface);
}

static void fill_calls(CLRMEM_STATISTICS *out, const struct hostmem_statistics *in)
{
    CLRMEM_CALLS *calls = (CLRMEM_CALLS *)((char *)out + CALLS_OFFSET);
    unsigned int i;

    for (i = 0; i < HOSTMEM_METHOD_COUNT; i++)
    {
        calls[i].ullCalls = in->calls[i];
        calls[i].ullFailures = in->failures[i];
    }
}

static void fill_sizes(CLRMEM_STATISTICS *out, const struct hostmem_statistics *in)
{
    out->ullRefusedFrees = in->refused_frees;
    out->ullReserved = in->reserved;
    out->ullPeakReserved = in->peak_reserved;
    out->ullCommitted = in->committed;
    out->ullPeakCommitted = in->peak_committed;
    out->ullRegions = in->regions;
    out->ullPeakRegions = in->peak_regions;
    out->ullHeapReserved = in->heap_reserved;
    out->ullHeapCommitted = in->heap_committed;
    out->ullPeakHeapCommitted = in->peak_heap_committed;
    out->ullHeapLive = in->heap_live;
    out->ullHeapBlocks = in->heap_blocks;
    out->ullHeaps = in->heaps;
    out->ullMapped = in->mapped;
    out->ullViews = in->views;
}

/***********************************************************************
 *              IClrMemManager::GetStatistics
 *
 * In: cbSize. Out: the rest, on success only. S_OK, E_POINTER, E_INVALIDARG
 * for a cbSize of no known version. It is served after the manager failed
 * too. Any thread, no lock.
 */
static HRESULT WINAPI clr_mem_manager_GetStatistics(IClrMemManager *iface, CLRMEM_STATISTICS *statistics)
{
    struct memory_manager *manager = impl_from_IClrMemManager(iface);
    struct hostmem_statistics core;
    HRESULT hr = S_OK;

    TRACE("iface %p, statistics %p\n", iface, statistics);

    if (!statistics)
        hr = E_POINTER;
    else if (statistics->cbSize != sizeof(*statistics))
        hr = E_INVALIDARG;
    else
    {
        hostmem_manager_statistics(manager->core, &core);
        statistics->dwVersion = CLRMEM_STATISTICS_VERSION;
        fill_calls(statistics, &core);
        fill_sizes(statistics, &core);
    }
    TRACE("returning %#lx\n", hr);
    return hr;
}

const IClrMemManagerVtbl clr_mem_manager_vtbl = {
    clr_mem_manager_QueryInterface,
    clr_mem_manager_AddRef,
    clr_mem_manager_Release,
    clr_mem_manager_GetStatistics,
};
