/*
 * Blocks above the size classes.
 *
 * State word: generation << 2 | phase. A free reads it before the fields and exchanges all of it, so a free with an old
 * pointer never hits the record's next use.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/heap.h"

#define LARGE_PHASE      UINT64_C(3)
#define LARGE_FREE       UINT64_C(0)
#define LARGE_LIVE       UINT64_C(1)
#define LARGE_ORPHAN     UINT64_C(2) /* never handed out, its release failed: destroy tries again */
#define LARGE_GENERATION UINT64_C(4)

/* The next generation of a record that no other thread uses, in the given phase. */
static void large_begin_generation(struct hm_large *large, uint64_t phase)
{
    uint64_t generation = load_relaxed(&large->state) & ~LARGE_PHASE;

    store_release(&large->state, (generation + LARGE_GENERATION) | phase);
}

/* Releases memory that could not be entered into the map, or leaves that to destroy. */
static void large_abandon(struct hm_heaps *heaps, struct hm_large *large, void *base, size_t size)
{
    const struct hostmem_backend *backend = heaps->backend;

    if (backend->release(backend->context, base) == HOSTMEM_OK)
        hm_pool_put(&heaps->larges, large);
    else
    {
        /* Its charge will be freed, so it should not stay committed, if that much can be done. */
        (void)backend->decommit(backend->context, base, size);
        large_begin_generation(large, LARGE_ORPHAN);
    }
}

/* Reserves, commits, and enters the map, for a record that no other thread uses. */
static enum hostmem_result large_reserve(struct hostmem_heap *heap, struct hm_large *large, size_t size)
{
    struct hm_heaps *heaps = heap->heaps;
    const struct hostmem_backend *backend = heaps->backend;
    void *base = NULL;

    if (backend->reserve(backend->context, &base, size, HOSTMEM_RESERVE | HOSTMEM_COMMIT, heap->protect) != HOSTMEM_OK)
    {
        hm_pool_put(&heaps->larges, large);
        return HOSTMEM_NO_MEMORY;
    }
    store_release(&large->base, (uintptr_t)base);
    store_release(&large->size, size);
    store_release(&large->heap, heap);
    hm_regions_retire(heaps->regions, base, size);
    /* Only the start of a block can be freed, so the first granule is enough. */
    if (hm_map_set(heaps->map, base, 1, map_tagged(large, HM_MAP_LARGE)) == HOSTMEM_OK) return HOSTMEM_OK;
    large_abandon(heaps, large, base, size);
    return HOSTMEM_NO_MEMORY;
}

static void large_count(struct hm_heaps *heaps, unsigned shard, size_t size, enum hostmem_critical_level level)
{
    gauge_add(&heaps->reserved, size);
    gauge_add(&heaps->committed, size);
    add_relaxed(&heaps->counts[shard].large_blocks[level], 1);
    add_relaxed(&heaps->counts[shard].large_bytes[level], size);
}

enum hostmem_result hm_large_alloc(struct hostmem_heap *heap, unsigned shard, size_t size,
                                   enum hostmem_critical_level level, uint32_t site, void **out)
{
    struct hm_heaps *heaps = heap->heaps;
    struct hm_large *large;
    enum hostmem_result result;

    if (size > SIZE_MAX - HOSTMEM_PAGE_SIZE) return HOSTMEM_NO_MEMORY;
    size = page_up(size);
    if ((result = hm_charge_take(heaps->accounting, &heap->account, size, level)) != HOSTMEM_OK) return result;
    if (!(large = hm_pool_get(&heaps->larges)) || large_reserve(heap, large, size) != HOSTMEM_OK)
    {
        hm_charge_free(heaps->accounting, &heap->account, size);
        return HOSTMEM_NO_MEMORY;
    }
    store_release(&large->level, level);
    store_release(&large->site, site);
    large_count(heaps, shard, size, level);
    *out = (void *)load_relaxed(&large->base);
    large_begin_generation(large, LARGE_LIVE);
    return HOSTMEM_OK;
}

/* Removes a block whose memory is gone from the figures, and its record. */
static void large_forget(struct hm_heaps *heaps, unsigned shard, struct hm_large *large)
{
    size_t size = load_relaxed(&large->size);
    uint32_t level = load_relaxed(&large->level);
    struct hostmem_heap *heap = load_relaxed(&large->heap);

    gauge_sub(&heaps->reserved, size);
    gauge_sub(&heaps->committed, size);
    sub_relaxed(&heaps->counts[shard].large_blocks[level], 1);
    sub_relaxed(&heaps->counts[shard].large_bytes[level], size);
    hm_pool_put(&heaps->larges, large);
    hm_charge_free(heaps->accounting, &heap->account, size);
}

bool hm_large_describe(struct hm_large *large, struct hostmem_heap *heap, struct hostmem_block_info *info,
                       uint32_t *site)
{
    uint64_t state = load_acquire(&large->state);

    info->heap = load_acquire(&large->heap);
    info->address = (void *)load_acquire(&large->base);
    info->size = load_acquire(&large->size);
    info->level = load_acquire(&large->level);
    *site = load_acquire(&large->site);
    /* The same generation before and after: all of it belongs to the same block. */
    return (state & LARGE_PHASE) == LARGE_LIVE && load_acquire(&large->state) == state && (!heap || info->heap == heap);
}

enum hostmem_result hm_large_free(struct hostmem_heap *heap, unsigned shard, struct hm_large *large, void *block)
{
    struct hm_heaps *heaps = heap->heaps;
    uint64_t state = load_acquire(&large->state);
    enum hostmem_result result;

    if ((state & LARGE_PHASE) != LARGE_LIVE || load_acquire(&large->heap) != heap ||
        load_acquire(&large->base) != (uintptr_t)block)
        return HOSTMEM_NOT_OWNED;
    if (!cas_strong(&large->state, &state, state & ~LARGE_PHASE)) return HOSTMEM_NOT_OWNED;
    /* Out of the map first: once released, the addresses may be in the next block of any thread. */
    hm_map_set(heaps->map, block, 1, NULL);
    result = hm_accounting_check_release(heaps->accounting, heaps->backend->release(heaps->backend->context, block));
    if (result == HOSTMEM_OK || result == HOSTMEM_BROKEN || result == HOSTMEM_UNAVAILABLE)
    {
        large_forget(heaps, shard, large);
        return result;
    }
    /* The memory is still there, so the block is live again; the map's leaf exists, so this cannot fail. */
    hm_map_set(heaps->map, block, 1, map_tagged(large, HM_MAP_LARGE));
    large_begin_generation(large, LARGE_LIVE);
    return result;
}

void hm_larges_destroy(struct hm_heaps *heaps, struct hostmem_heap *heap)
{
    for (uint32_t i = 0; i < hm_pool_count(&heaps->larges); i++)
    {
        struct hm_large *large = hm_pool_at(&heaps->larges, i);
        uint64_t phase = load_acquire(&large->state) & LARGE_PHASE;
        void *base = (void *)load_relaxed(&large->base);

        if (phase == LARGE_FREE || (heap && load_relaxed(&large->heap) != heap)) continue;
        store_release(&large->state, load_relaxed(&large->state) & ~LARGE_PHASE);
        if (phase == LARGE_LIVE) hm_map_set(heaps->map, base, 1, NULL);
        memory_put(heaps->backend, base);
        if (phase == LARGE_LIVE)
            large_forget(heaps, 0, large);
        else
            hm_pool_put(&heaps->larges, large);
    }
}
