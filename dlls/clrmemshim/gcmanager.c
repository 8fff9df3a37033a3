/*
 * ICLRGCManager over Mono's collector, and the host's own IHostGCManager.
 *
 * Mono has two generations: the nursery, and the rest, which stands for a CLR's generations 1 and 2.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "control.h"
#include "corhost.h"

#include <stdio.h>

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

#define MAX_GENERATION 2 /* of a CLR */

static LONG explicit_collections;
static volatile SIZE_T gen0_limit; /* bytes, a power of two; 0: the runtime's own choice */

SHIM_STATIC_UNKNOWN(ICLRGCManager2, gc, IID_ICLRGCManager2, IID_ICLRGCManager)

static HRESULT WINAPI gc_Collect(ICLRGCManager2 *iface, LONG generation)
{
    struct shim_entered entered;

    TRACE("%p, %ld\n", iface, generation);

    if (generation < -1 || generation > MAX_GENERATION) return E_INVALIDARG;
    if (!shim_mono_running()) return HOST_E_CLRNOTAVAILABLE;
    shim_enter_domain(shim_mono.get_root_domain(), &entered);
    shim_mono.gc_collect(generation ? shim_mono.gc_max_generation() : 0);
    shim_leave_domain(&entered);
    InterlockedIncrement(&explicit_collections);
    return S_OK;
}

static void get_counts(COR_GC_STATS *stats)
{
    unsigned int i;

    stats->ExplicitGCCount = explicit_collections;
    for (i = 0; i <= MAX_GENERATION; i++)
        stats->GenCollectionsTaken[i] = shim_mono.gc_collection_count(i ? shim_mono.gc_max_generation() : 0);
}

/* Mono tells the size of its heap, and what is in use of it; not how it divides. */
static void get_memory_usage(COR_GC_STATS *stats)
{
    stats->CommittedKBytes = shim_mono.gc_get_heap_size() / 1024;
    stats->ReservedKBytes = stats->CommittedKBytes;
    stats->Gen0HeapSizeKBytes = gen0_limit / 1024;
    stats->Gen1HeapSizeKBytes = 0;
    stats->Gen2HeapSizeKBytes = shim_mono.gc_get_used_size() / 1024;
    stats->LargeObjectHeapSizeKBytes = 0;
    stats->KBytesPromotedFromGen0 = 0;
    stats->KBytesPromotedFromGen1 = 0;
}

static HRESULT WINAPI gc_GetStats(ICLRGCManager2 *iface, COR_GC_STATS *stats)
{
    struct shim_entered entered;

    TRACE("%p, %p\n", iface, stats);

    if (!stats) return E_INVALIDARG;
    if (stats->Flags & ~(COR_GC_COUNTS | COR_GC_MEMORYUSAGE)) return E_INVALIDARG;
    if (!shim_mono_running()) return HOST_E_CLRNOTAVAILABLE;
    shim_enter_domain(shim_mono.get_root_domain(), &entered);
    if (stats->Flags & COR_GC_COUNTS) get_counts(stats);
    if (stats->Flags & COR_GC_MEMORYUSAGE) get_memory_usage(stats);
    shim_leave_domain(&entered);
    return S_OK;
}

/* Documented minima: a segment of 4 MiB in steps of 1 MiB, 64 KiB for generation 0. Later calls change nothing. */
static HRESULT WINAPI gc_SetGCStartupLimitsEx(ICLRGCManager2 *iface, SIZE_T segment, SIZE_T gen0)
{
    SIZE_T limit = 64 * 1024;

    TRACE("%p, %#Ix, %#Ix\n", iface, segment, gen0);

    if (segment && segment != (DWORD)-1 && (segment < 4 << 20 || segment & 0xfffff)) return E_INVALIDARG;
    if (gen0 && gen0 != (DWORD)-1 && gen0 < limit) return E_INVALIDARG;
    if (!gen0 || gen0 == (DWORD)-1 || shim_runtime_started()) return S_OK;
    /* The largest nursery that Mono can have of at most that size. */
    while (limit <= gen0 / 2) limit *= 2;
    InterlockedCompareExchangePointer((void **)&gen0_limit, (void *)limit, NULL);
    return S_OK;
}

static HRESULT WINAPI gc_SetGCStartupLimits(ICLRGCManager2 *iface, DWORD segment, DWORD gen0)
{
    return gc_SetGCStartupLimitsEx(iface, segment, gen0);
}

static const ICLRGCManager2Vtbl gc_methods = {
    gc_QueryInterface, gc_AddRef, gc_Release, gc_Collect, gc_GetStats, gc_SetGCStartupLimits, gc_SetGCStartupLimitsEx,
};

static ICLRGCManager2 gc = {&gc_methods};

ICLRGCManager2 *shim_gc_manager(void)
{
    return &gc;
}

/* IGCThreadControl has the same methods in the same order. */
static IHostGCManager *gc_host(void)
{
    IHostGCManager *host = shim_host_manager(&IID_IHostGCManager);

    return host ? host : (IHostGCManager *)shim_gc_thread_control();
}

/* The host's manager is called with all threads stopped, or about to be: it must not call the runtime. */
static void suspension_changed(enum shim_suspension what, unsigned int generation)
{
    IHostGCManager *host = gc_host();

    switch (what)
    {
    case SHIM_SUSPENSION_BLOCKING:
        IHostGCManager_ThreadIsBlockingForSuspension(host);
        break;
    case SHIM_SUSPENSION_STARTING:
        IHostGCManager_SuspensionStarting(host);
        break;
    case SHIM_SUSPENSION_ENDING:
        IHostGCManager_SuspensionEnding(host, generation ? MAX_GENERATION : 0);
        break;
    }
}

/* Not one of Mono's documented functions: another libmono may not have it, and starts with its own limits then. */
static void(__cdecl *find_set_parameters(void))(const char *)
{
    HMODULE libmono;

    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                            (const WCHAR *)shim_mono.gc_collect, &libmono))
        return NULL;
    return (void *)GetProcAddress(libmono, "mono_gc_params_set");
}

void shim_gc_starting(void)
{
    void(__cdecl * set_parameters)(const char *) = find_set_parameters();
    char parameters[48];

    if (gen0_limit && set_parameters)
    {
        snprintf(parameters, sizeof(parameters), "nursery-size=%Iu", gen0_limit);
        set_parameters(parameters);
    }
    if (gc_host()) shim_watch_suspensions(suspension_changed);
}
