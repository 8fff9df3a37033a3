/*
 * IClrMemManager: a manager's statistics.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_private.h"
#include <string.h>
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

/* The thirteen pairs of counters lie in the order of enum hostmem_method. */
#define CALLS_OFFSET FIELD_OFFSET(CLRMEM_STATISTICS, CreateMalloc)
C_ASSERT(FIELD_OFFSET(CLRMEM_STATISTICS, Free) == CALLS_OFFSET + HOSTMEM_METHOD_FREE * sizeof(CLRMEM_CALLS));
C_ASSERT(FIELD_OFFSET(CLRMEM_STATISTICS, ullRefusedFrees) ==
         CALLS_OFFSET + HOSTMEM_METHOD_COUNT * sizeof(CLRMEM_CALLS));

/* The layout is public: the same for both architectures. */
C_ASSERT(FIELD_OFFSET(CLRMEM_STATISTICS, ullResults) == CLRMEM_STATISTICS_SIZE_1);
C_ASSERT(sizeof(CLRMEM_LEVEL) == 48);
C_ASSERT(sizeof(CLRMEM_STATISTICS) == 2280);

/* So are the indices. */
C_ASSERT(CLRMEM_METHODS == HOSTMEM_METHOD_COUNT);
C_ASSERT(CLRMEM_RESULTS >= HOSTMEM_RESULT_COUNT);
C_ASSERT(CLRMEM_CAUSES == HOSTMEM_CAUSE_COUNT);
C_ASSERT(CLRMEM_LEVELS == HOSTMEM_CRITICAL_LEVEL_COUNT);
C_ASSERT(ARRAYSIZE(((CLRMEM_STATISTICS *)0)->ullResults) == CLRMEM_METHODS);
C_ASSERT(ARRAYSIZE(((CLRMEM_STATISTICS *)0)->ullResults[0]) == CLRMEM_RESULTS);
#define SAME_INDEX(name) C_ASSERT(CLRMEM_##name == (int)HOSTMEM_##name)
SAME_INDEX(METHOD_CREATE_MALLOC);
SAME_INDEX(METHOD_VIRTUAL_ALLOC);
SAME_INDEX(METHOD_VIRTUAL_FREE);
SAME_INDEX(METHOD_VIRTUAL_QUERY);
SAME_INDEX(METHOD_VIRTUAL_PROTECT);
SAME_INDEX(METHOD_GET_MEMORY_LOAD);
SAME_INDEX(METHOD_REGISTER_CALLBACK);
SAME_INDEX(METHOD_NEEDS_ADDRESS_SPACE);
SAME_INDEX(METHOD_ACQUIRED_ADDRESS_SPACE);
SAME_INDEX(METHOD_RELEASED_ADDRESS_SPACE);
SAME_INDEX(METHOD_ALLOC);
SAME_INDEX(METHOD_DEBUG_ALLOC);
SAME_INDEX(METHOD_FREE);
SAME_INDEX(CAUSE_LIMIT);
SAME_INDEX(CAUSE_HEAP_LIMIT);
SAME_INDEX(CAUSE_SYSTEM);
#define SAME_RESULT(name) C_ASSERT(CLRMEM_RESULT_##name == (int)HOSTMEM_##name)
SAME_RESULT(OK);
SAME_RESULT(NOT_OWNED);
SAME_RESULT(INVALID_PARAMETER);
SAME_RESULT(INVALID_ADDRESS);
SAME_RESULT(ACCESS_DENIED);
SAME_RESULT(NO_ACCESS);
SAME_RESULT(BAD_LENGTH);
SAME_RESULT(NO_MEMORY);
SAME_RESULT(LIMIT);
SAME_RESULT(HEAP_LIMIT);
SAME_RESULT(NOT_OWNER);
SAME_RESULT(TIMEOUT);
SAME_RESULT(ABANDONED);
SAME_RESULT(UNAVAILABLE);
SAME_RESULT(BROKEN);

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
    out->ullPeakHeapReserved = in->peak_heap_reserved;
    out->ullHeapCommitted = in->heap_committed;
    out->ullPeakHeapCommitted = in->peak_heap_committed;
    out->ullHeapLive = in->heap_live;
    out->ullHeapBlocks = in->heap_blocks;
    out->ullHeaps = in->heaps;
    out->ullMapped = in->mapped;
    out->ullPeakMapped = in->peak_mapped;
    out->ullViews = in->views;
    out->ullCharged = in->charged;
    out->ullPeakCharged = in->peak_charged;
    out->ullWaits = in->waits;
    out->ullLockedRegions = in->locked_regions;
}

static void fill_results(CLRMEM_STATISTICS *out, const struct hostmem_statistics *in)
{
    unsigned int method, result, cause, level;

    for (method = 0; method < HOSTMEM_METHOD_COUNT; method++)
        for (result = 0; result < HOSTMEM_RESULT_COUNT; result++)
            out->ullResults[method][result] = in->results[method][result];
    for (cause = 0; cause < HOSTMEM_CAUSE_COUNT; cause++)
        for (level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
            out->ullRefusals[cause][level] = in->refusals[cause][level];
}

static void fill_levels(CLRMEM_STATISTICS *out, const struct hostmem_statistics *in)
{
    unsigned int level;

    for (level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
    {
        out->Levels[level].ullReserved = in->levels[level].reserved;
        out->Levels[level].ullPeakReserved = in->levels[level].peak_reserved;
        out->Levels[level].ullCommitted = in->levels[level].committed;
        out->Levels[level].ullPeakCommitted = in->levels[level].peak_committed;
        out->Levels[level].ullHeapLive = in->levels[level].heap_live;
        out->Levels[level].ullHeapBlocks = in->levels[level].heap_blocks;
    }
}

static void fill_limits(CLRMEM_STATISTICS *out, struct hostmem_manager *core)
{
    struct hostmem_limits limits;

    hostmem_manager_get_limits(core, &limits);
    out->ullHardLimit = limits.hard;
    out->ullSoftLimit = limits.soft;
}

/* The caller's size says which version it is, and how much of it there is room for. */
static void fill_statistics(CLRMEM_STATISTICS *out, struct hostmem_manager *core)
{
    CLRMEM_STATISTICS statistics = {.cbSize = out->cbSize, .dwVersion = CLRMEM_STATISTICS_VERSION};
    struct hostmem_statistics in;

    if (out->cbSize == CLRMEM_STATISTICS_SIZE_1) statistics.dwVersion = 1;
    hostmem_manager_statistics(core, &in);
    fill_calls(&statistics, &in);
    fill_sizes(&statistics, &in);
    fill_results(&statistics, &in);
    fill_levels(&statistics, &in);
    fill_limits(&statistics, core);
    memcpy(out, &statistics, out->cbSize);
}

/***********************************************************************
 *              IClrMemManager::GetStatistics
 *
 * In: cbSize. Out: the rest, on success only. S_OK, E_POINTER, E_INVALIDARG
 * for a cbSize of no known version. It is served after the manager failed
 * too. Any thread, no lock.
 */
HRESULT WINAPI clr_mem_manager_GetStatistics(IClrMemManager *iface, CLRMEM_STATISTICS *statistics)
{
    HRESULT hr = S_OK;

    TRACE("iface %p, statistics %p\n", iface, statistics);

    if (!statistics)
        hr = E_POINTER;
    else if (statistics->cbSize != sizeof(*statistics) && statistics->cbSize != CLRMEM_STATISTICS_SIZE_1)
        hr = clrmem_result(HOSTMEM_INVALID_PARAMETER);
    else
        fill_statistics(statistics, impl_from_IClrMemManager(iface)->core);
    TRACE("returning %#lx\n", hr);
    return hr;
}
