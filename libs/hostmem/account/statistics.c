/*
 * Counting calls, and adding everything up.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/size_class.h"
#include "hostmem/api/manager.h"

enum hostmem_result hm_shard_count(struct hm_shard *shard, enum hostmem_method method, enum hostmem_result result)
{
    add_relaxed(&shard->results[method][(unsigned)result < HOSTMEM_RESULT_COUNT ? result : HOSTMEM_BROKEN], 1);
    return result;
}

enum hostmem_result hm_manager_count_request(struct hostmem_manager *manager, struct hm_shard *shard,
                                             enum hostmem_method method, enum hostmem_critical_level level,
                                             enum hostmem_result result)
{
    switch (result)
    {
    case HOSTMEM_LIMIT:
        add_relaxed(&shard->refusals[HOSTMEM_CAUSE_LIMIT][level], 1);
        break;
    case HOSTMEM_HEAP_LIMIT:
        add_relaxed(&shard->refusals[HOSTMEM_CAUSE_HEAP_LIMIT][level], 1);
        break;
    case HOSTMEM_NO_MEMORY:
        add_relaxed(&shard->refusals[HOSTMEM_CAUSE_SYSTEM][level], 1);
        break;
    default:
        break;
    }
    /* The figure first: the watcher looks at it once woken. */
    if (result == HOSTMEM_LIMIT || result == HOSTMEM_HEAP_LIMIT) hostmem_manager_wake_monitor(manager);
    return hm_shard_count(shard, method, result);
}

void hostmem_manager_count(struct hostmem_manager *manager, enum hostmem_method method, enum hostmem_result result)
{
    if ((unsigned)method >= HOSTMEM_METHOD_COUNT) return;
    hm_shard_count(manager_shard(manager), method, result);
}

static void statistics_add_shard(struct hostmem_statistics *sum, struct hm_shard *shard)
{
    for (unsigned method = 0; method < HOSTMEM_METHOD_COUNT; method++)
        for (unsigned result = 0; result < HOSTMEM_RESULT_COUNT; result++)
            sum->results[method][result] += load_relaxed(&shard->results[method][result]);
    for (unsigned cause = 0; cause < HOSTMEM_CAUSE_COUNT; cause++)
        for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
            sum->refusals[cause][level] += load_relaxed(&shard->refusals[cause][level]);
}

/* What follows from the results; after all blocks were added. */
static void statistics_sum_calls(struct hostmem_statistics *sum)
{
    for (unsigned method = 0; method < HOSTMEM_METHOD_COUNT; method++)
    {
        for (unsigned result = 0; result < HOSTMEM_RESULT_COUNT; result++)
            sum->calls[method] += sum->results[method][result];
        sum->failures[method] = sum->calls[method] - sum->results[method][HOSTMEM_OK];
    }
    sum->refused_frees = sum->results[HOSTMEM_METHOD_VIRTUAL_FREE][HOSTMEM_NOT_OWNED] +
                         sum->results[HOSTMEM_METHOD_FREE][HOSTMEM_NOT_OWNED];
}

/* A sum over shards read one after the other may miss the allocation of a block whose free it saw. */
static uint64_t statistics_not_negative(uint64_t sum)
{
    return sum > UINT64_MAX / 2 ? 0 : sum;
}

static void statistics_add_blocks(struct hostmem_statistics *sum, unsigned level, uint64_t blocks, uint64_t bytes)
{
    sum->levels[level].heap_blocks += blocks;
    sum->levels[level].heap_live += bytes;
    sum->heap_blocks += blocks;
    sum->heap_live += bytes;
}

/* The blocks of a size class, and the calls that they stand for. */
static void statistics_add_bin(struct hostmem_statistics *sum, struct hostmem_manager *manager, unsigned level,
                               unsigned bin)
{
    uint64_t allocated = 0, freed = 0, live;

    for (unsigned i = 0; i < SHARD_COUNT; i++) freed += load_relaxed(&manager->shards[i].freed[level][bin]);
    for (unsigned i = 0; i < SHARD_COUNT; i++) allocated += load_relaxed(&manager->shards[i].allocated[level][bin]);
    live = statistics_not_negative(allocated - freed);
    statistics_add_blocks(sum, level, live, live * hm_size_class_size(bin));
    sum->results[HOSTMEM_METHOD_ALLOC][HOSTMEM_OK] += allocated;
    sum->results[HOSTMEM_METHOD_FREE][HOSTMEM_OK] += freed;
}

static void statistics_add_bins(struct hostmem_statistics *sum, struct hostmem_manager *manager)
{
    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
        for (unsigned bin = 0; bin < BIN_COUNT; bin++) statistics_add_bin(sum, manager, level, bin);
}

static void statistics_add_larges(struct hostmem_statistics *sum, struct hostmem_manager *manager)
{
    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
    {
        size_t blocks = 0, bytes = 0;

        for (unsigned i = 0; i < SHARD_COUNT; i++)
        {
            blocks += load_relaxed(&manager->shards[i].large_blocks[level]);
            bytes += load_relaxed(&manager->shards[i].large_bytes[level]);
        }
        statistics_add_blocks(sum, level, blocks > SIZE_MAX / 2 ? 0 : blocks, bytes > SIZE_MAX / 2 ? 0 : bytes);
    }
}

/* An amount is there a moment before the peak follows. */
static uint64_t statistics_gauge(struct hm_gauge *gauge, uint64_t *peak)
{
    uint64_t now = load_relaxed(&gauge->now);

    *peak = load_relaxed(&gauge->peak);
    if (*peak < now) *peak = now;
    return now;
}

static void statistics_add_gauges(struct hostmem_statistics *out, struct hostmem_manager *manager)
{
    out->reserved = statistics_gauge(&manager->reserved, &out->peak_reserved);
    out->committed = statistics_gauge(&manager->committed, &out->peak_committed);
    out->regions = statistics_gauge(&manager->live_regions, &out->peak_regions);
    out->heap_reserved = statistics_gauge(&manager->heap_reserved, &out->peak_heap_reserved);
    out->heap_committed = statistics_gauge(&manager->heap_committed, &out->peak_heap_committed);
    out->mapped = statistics_gauge(&manager->mapped, &out->peak_mapped);
    out->charged = statistics_gauge(&manager->account.charged, &out->peak_charged);
    out->heaps = load_relaxed(&manager->live_heaps.now);
    out->views = load_relaxed(&manager->live_views.now);
    out->waits = load_relaxed(&manager->waits);
    out->locked_regions = load_relaxed(&manager->locked.now);
    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
    {
        struct hostmem_level_statistics *to = &out->levels[level];

        to->reserved = statistics_gauge(&manager->level_reserved[level], &to->peak_reserved);
        to->committed = statistics_gauge(&manager->level_committed[level], &to->peak_committed);
    }
}

void hostmem_manager_statistics(struct hostmem_manager *manager, struct hostmem_statistics *out)
{
    *out = (struct hostmem_statistics){0};
    for (unsigned i = 0; i < SHARD_COUNT; i++) statistics_add_shard(out, &manager->shards[i]);
    statistics_add_gauges(out, manager);
    statistics_add_bins(out, manager);
    statistics_add_larges(out, manager);
    statistics_sum_calls(out);
}
