/*
 * The heaps of a manager: creation and destruction, the list, and the figures of all of them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/heap.h"

#define HEAP_FLAGS (HOSTMEM_HEAP_THREADSAFE | HOSTMEM_HEAP_EXECUTABLE)

void hm_heaps_init(struct hm_heaps *heaps, struct hm_region_table *regions)
{
    hm_assert(!heaps->backend);
    heaps->backend = regions->backend;
    heaps->accounting = regions->accounting;
    heaps->waiters = regions->waiters;
    heaps->regions = regions;
    heaps->map = regions->map;
    spin_init(&heaps->list_lock, HM_RANK_HEAPS);
    hm_pool_init(&heaps->larges, heaps->backend, sizeof(struct hm_large));
    hm_sized_pools_init(&heaps->records, heaps->backend);
    hm_alloc_sites_init(&heaps->sites, heaps->backend);
}

void hm_heaps_destroy(struct hm_heaps *heaps)
{
    while (heaps->first) hostmem_heap_destroy(heaps->first);
    hm_larges_destroy(heaps, NULL);
    hm_alloc_sites_destroy(&heaps->sites);
    hm_sized_pools_destroy(&heaps->records);
    hm_pool_destroy(&heaps->larges);
}

static void heap_link(struct hm_heaps *heaps, struct hostmem_heap *heap)
{
    spin_lock(&heaps->list_lock, heaps->backend);
    heap->next = heaps->first;
    if (heap->next) heap->next->previous = heap;
    heaps->first = heap;
    spin_unlock(&heaps->list_lock);
    gauge_add(&heaps->live, 1);
}

static void heap_unlink(struct hm_heaps *heaps, struct hostmem_heap *heap)
{
    spin_lock(&heaps->list_lock, heaps->backend);
    if (heap->next) heap->next->previous = heap->previous;
    if (heap->previous)
        heap->previous->next = heap->next;
    else
        heaps->first = heap->next;
    spin_unlock(&heaps->list_lock);
    gauge_sub(&heaps->live, 1);
}

static void heap_init(struct hostmem_heap *heap, struct hm_heaps *heaps, uint32_t flags)
{
    heap->heaps = heaps;
    heap->backend = heaps->backend;
    heap->accounting = heaps->accounting;
    hm_account_init(&heap->account);
    heap->protect = flags & HOSTMEM_HEAP_EXECUTABLE ? HOSTMEM_PAGE_EXECUTE_READWRITE : HOSTMEM_PAGE_READWRITE;
    spin_init(&heap->grow_lock, HM_RANK_GROW);
    for (unsigned bin = 0; bin < BIN_COUNT; bin++) spin_init(&heap->bins[bin].lock, HM_RANK_BIN);
}

enum hostmem_result hm_heap_create(struct hm_heaps *heaps, uint32_t flags, struct hostmem_heap **out)
{
    struct hostmem_heap *heap;

    if (!accounting_serving(heaps->accounting)) return HOSTMEM_UNAVAILABLE;
    if (flags & ~HEAP_FLAGS) return HOSTMEM_INVALID_PARAMETER;
    if (!(heap = memory_get(heaps->backend, sizeof(*heap)))) return HOSTMEM_NO_MEMORY;
    heap_init(heap, heaps, flags);
    heap_link(heaps, heap);
    *out = heap;
    return HOSTMEM_OK;
}

void hostmem_heap_destroy(struct hostmem_heap *heap)
{
    struct hm_heaps *heaps;

    if (!heap) return;
    heaps = heap->heaps;
    heap_unlink(heaps, heap);
    hm_larges_destroy(heaps, heap);
    hm_heap_release_chunks(heap);
    memory_put(heaps->backend, heap);
}

enum hostmem_result hostmem_heap_set_limits(struct hostmem_heap *heap, const struct hostmem_limits *limits)
{
    return hm_accounting_set_limits(heap->accounting, &heap->account, limits);
}

void hostmem_heap_get_limits(struct hostmem_heap *heap, struct hostmem_limits *limits)
{
    hm_account_get_limits(&heap->account, heap->backend, limits);
}

enum hostmem_result hm_heaps_trim(struct hm_heaps *heaps, size_t *decommitted, size_t *released)
{
    enum hostmem_result result = HOSTMEM_OK;

    if (!spin_try(&heaps->list_lock)) return HOSTMEM_OK;
    for (struct hostmem_heap *heap = heaps->first; heap; heap = heap->next)
        if (hm_heap_trim(heap, decommitted, released) != HOSTMEM_OK) result = HOSTMEM_BROKEN;
    spin_unlock(&heaps->list_lock);
    return result;
}

bool hm_heaps_are_over_soft(struct hm_heaps *heaps)
{
    bool over = false;

    if (!spin_try(&heaps->list_lock)) return false;
    for (struct hostmem_heap *heap = heaps->first; heap && !over; heap = heap->next)
        over = hm_account_is_over_soft(&heap->account);
    spin_unlock(&heaps->list_lock);
    return over;
}

/* The shards are read one after the other, so a sum may miss the allocation of a block whose free it includes. */
static uint64_t statistics_not_negative(uint64_t sum)
{
    return sum > UINT64_MAX / 2 ? 0 : sum;
}

static void statistics_add_blocks(struct hostmem_statistics *out, unsigned level, uint64_t blocks, uint64_t bytes)
{
    out->levels[level].heap_blocks += blocks;
    out->levels[level].heap_live += bytes;
    out->heap_blocks += blocks;
    out->heap_live += bytes;
}

/* The blocks of a size class, and the calls that allocated and freed them. */
static void statistics_add_bin(struct hostmem_statistics *out, struct hm_heaps *heaps, unsigned level, unsigned bin)
{
    uint64_t allocated = 0, freed = 0, live;

    for (unsigned i = 0; i < SHARD_COUNT; i++) freed += load_relaxed(&heaps->counts[i].freed[level][bin]);
    for (unsigned i = 0; i < SHARD_COUNT; i++) allocated += load_relaxed(&heaps->counts[i].allocated[level][bin]);
    live = statistics_not_negative(allocated - freed);
    statistics_add_blocks(out, level, live, live * hm_size_class_size(bin));
    out->results[HOSTMEM_METHOD_ALLOC][HOSTMEM_OK] += allocated;
    out->results[HOSTMEM_METHOD_FREE][HOSTMEM_OK] += freed;
}

static void statistics_add_larges(struct hostmem_statistics *out, struct hm_heaps *heaps, unsigned level)
{
    size_t blocks = 0, bytes = 0;

    for (unsigned i = 0; i < SHARD_COUNT; i++)
    {
        blocks += load_relaxed(&heaps->counts[i].large_blocks[level]);
        bytes += load_relaxed(&heaps->counts[i].large_bytes[level]);
    }
    statistics_add_blocks(out, level, blocks > SIZE_MAX / 2 ? 0 : blocks, bytes > SIZE_MAX / 2 ? 0 : bytes);
}

void hm_heaps_statistics(struct hm_heaps *heaps, struct hostmem_statistics *out)
{
    out->heap_reserved = hm_gauge_read(&heaps->reserved, &out->peak_heap_reserved);
    out->heap_committed = hm_gauge_read(&heaps->committed, &out->peak_heap_committed);
    out->heaps = load_relaxed(&heaps->live.now);
    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
    {
        for (unsigned bin = 0; bin < BIN_COUNT; bin++) statistics_add_bin(out, heaps, level, bin);
        statistics_add_larges(out, heaps, level);
    }
}
