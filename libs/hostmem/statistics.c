/*
 * Counting calls, and adding everything up.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bins.h"
#include "manager.h"

enum hostmem_result hostmem_shard_count(struct hostmem_shard *shard, enum hostmem_method method,
                                        enum hostmem_result result)
{
    add_relaxed(&shard->calls[method], 1);
    if (result == HOSTMEM_OK) return result;
    add_relaxed(&shard->failures[method], 1);
    if (result == HOSTMEM_NOT_OWNED && (method == HOSTMEM_METHOD_VIRTUAL_FREE || method == HOSTMEM_METHOD_FREE))
        add_relaxed(&shard->refused_frees, 1);
    return result;
}

void hostmem_manager_count(struct hostmem_manager *manager, enum hostmem_method method, enum hostmem_result result)
{
    if ((unsigned)method >= HOSTMEM_METHOD_COUNT) return;
    hostmem_shard_count(manager_shard(manager), method, result);
}

static void statistics_add_calls(struct hostmem_statistics *sum, struct hostmem_shard *shard)
{
    for (unsigned i = 0; i < HOSTMEM_METHOD_COUNT; i++)
    {
        sum->calls[i] += load_relaxed(&shard->calls[i]);
        sum->failures[i] += load_relaxed(&shard->failures[i]);
    }
    sum->refused_frees += load_relaxed(&shard->refused_frees);
}

/* A sum over shards read one after the other may miss the allocation of a block whose free it saw. */
static uint64_t statistics_not_negative(uint64_t sum)
{
    return sum > UINT64_MAX / 2 ? 0 : sum;
}

/* The blocks of the size classes, and the calls that stand for. */
static void statistics_add_bins(struct hostmem_statistics *sum, struct hostmem_manager *manager)
{
    for (unsigned bin = 0; bin < BIN_COUNT; bin++)
    {
        uint64_t allocated = 0, freed = 0, live;

        for (unsigned i = 0; i < SHARD_COUNT; i++) freed += load_relaxed(&manager->shards[i].freed[bin]);
        for (unsigned i = 0; i < SHARD_COUNT; i++) allocated += load_relaxed(&manager->shards[i].allocated[bin]);
        live = statistics_not_negative(allocated - freed);
        sum->heap_blocks += live;
        sum->heap_live += live * hostmem_bin_size(bin);
        sum->calls[HOSTMEM_METHOD_ALLOC] += allocated;
        sum->calls[HOSTMEM_METHOD_FREE] += freed;
    }
}

static void statistics_add_larges(struct hostmem_statistics *sum, struct hostmem_manager *manager)
{
    size_t blocks = 0, bytes = 0;

    for (unsigned i = 0; i < SHARD_COUNT; i++)
    {
        blocks += load_relaxed(&manager->shards[i].large_blocks);
        bytes += load_relaxed(&manager->shards[i].large_bytes);
    }
    sum->heap_blocks += blocks > SIZE_MAX / 2 ? 0 : blocks;
    sum->heap_live += bytes > SIZE_MAX / 2 ? 0 : bytes;
}

/* An amount is there a moment before the peak follows. */
static uint64_t statistics_gauge(struct hostmem_gauge *gauge, uint64_t *peak)
{
    uint64_t now = load_relaxed(&gauge->now);

    *peak = load_relaxed(&gauge->peak);
    if (*peak < now) *peak = now;
    return now;
}

void hostmem_manager_statistics(struct hostmem_manager *manager, struct hostmem_statistics *out)
{
    *out = (struct hostmem_statistics){0};
    for (unsigned i = 0; i < SHARD_COUNT; i++) statistics_add_calls(out, &manager->shards[i]);
    out->reserved = statistics_gauge(&manager->reserved, &out->peak_reserved);
    out->committed = statistics_gauge(&manager->committed, &out->peak_committed);
    out->regions = statistics_gauge(&manager->live_regions, &out->peak_regions);
    out->heap_reserved = load_relaxed(&manager->heap_reserved.now);
    out->heap_committed = statistics_gauge(&manager->heap_committed, &out->peak_heap_committed);
    out->heaps = load_relaxed(&manager->live_heaps.now);
    out->mapped = load_relaxed(&manager->mapped.now);
    out->views = load_relaxed(&manager->live_views.now);
    statistics_add_bins(out, manager);
    statistics_add_larges(out, manager);
}
