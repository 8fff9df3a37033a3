/*
 * Blocks beyond the size classes.
 *
 * State word: generation << 2 | phase, read before the fields and exchanged whole,
 * so that a free with an old pointer never hits the record's next user.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/heap.h"
#include "hostmem/region/region.h"

#define LARGE_PHASE      UINT64_C(3)
#define LARGE_FREE       UINT64_C(0)
#define LARGE_LIVE       UINT64_C(1)
#define LARGE_ORPHAN     UINT64_C(2) /* never handed out, could not be given back: destroy tries again */
#define LARGE_GENERATION UINT64_C(4)

static void large_begin(struct hm_large *large, uint64_t phase)
{
    uint64_t generation = load_relaxed(&large->state) & ~LARGE_PHASE;

    store_release(&large->state, (generation + LARGE_GENERATION) | phase);
}

/* Not recordable: gives it back, or keeps it in mind for destroy. */
static void large_abandon(struct hostmem_manager *manager, struct hm_large *large, void *base, size_t size)
{
    const struct hostmem_backend *backend = &manager->backend;

    if (backend->release(backend->context, base) == HOSTMEM_OK)
        hm_pool_put(&manager->larges, large);
    else
    {
        /* It is not charged any longer, so let it not be committed, if that at least can be done. */
        (void)backend->decommit(backend->context, base, size);
        large_begin(large, LARGE_ORPHAN);
    }
}

/* Reserves, commits and enters into the map; `large` is the caller's own record. */
static enum hostmem_result large_place(struct hostmem_heap *heap, struct hm_large *large, size_t size)
{
    struct hostmem_manager *manager = heap->manager;
    const struct hostmem_backend *backend = &manager->backend;
    void *base = NULL;

    if (backend->reserve(backend->context, &base, size, HOSTMEM_RESERVE | HOSTMEM_COMMIT, heap->protect) != HOSTMEM_OK)
    {
        hm_pool_put(&manager->larges, large);
        return HOSTMEM_NO_MEMORY;
    }
    store_release(&large->base, (uintptr_t)base);
    store_release(&large->size, size);
    store_release(&large->heap, heap);
    hm_regions_retire(manager, base, size);
    /* Only a block's start can be freed, so its first granule will do. */
    if (hm_map_set(manager->map, base, 1, map_tagged(large, MAP_LARGE)) == HOSTMEM_OK) return HOSTMEM_OK;
    large_abandon(manager, large, base, size);
    return HOSTMEM_NO_MEMORY;
}

enum hostmem_result hm_large_alloc(struct hostmem_heap *heap, struct hm_shard *shard, size_t size,
                                   enum hostmem_critical_level level, uint32_t place, void **out)
{
    struct hostmem_manager *manager = heap->manager;
    struct hm_large *large;
    enum hostmem_result result;

    if (size > SIZE_MAX - HOSTMEM_PAGE_SIZE) return HOSTMEM_NO_MEMORY;
    size = page_up(size);
    if ((result = hm_charge_take(manager, &heap->account, size, level)) != HOSTMEM_OK) return result;
    if (!(large = hm_pool_get(&manager->larges)) || large_place(heap, large, size) != HOSTMEM_OK)
    {
        hm_charge_give(manager, &heap->account, size);
        return HOSTMEM_NO_MEMORY;
    }
    store_release(&large->level, level);
    store_release(&large->place, place);
    gauge_add(&manager->heap_reserved, size);
    gauge_add(&manager->heap_committed, size);
    add_relaxed(&shard->large_blocks[level], 1);
    add_relaxed(&shard->large_bytes[level], size);
    *out = (void *)load_relaxed(&large->base);
    large_begin(large, LARGE_LIVE);
    return HOSTMEM_OK;
}

/* A block leaves the books. */
static void large_forget(struct hostmem_manager *manager, struct hm_shard *shard, struct hm_large *large)
{
    size_t size = load_relaxed(&large->size);
    uint32_t level = load_relaxed(&large->level);
    struct hostmem_heap *heap = load_relaxed(&large->heap);

    gauge_sub(&manager->heap_reserved, size);
    gauge_sub(&manager->heap_committed, size);
    sub_relaxed(&shard->large_blocks[level], 1);
    sub_relaxed(&shard->large_bytes[level], size);
    hm_pool_put(&manager->larges, large);
    hm_charge_give(manager, &heap->account, size);
}

bool hm_large_describe(struct hm_large *large, struct hostmem_heap *heap, struct hostmem_block_info *info,
                       uint32_t *place)
{
    uint64_t state = load_acquire(&large->state);

    info->heap = load_acquire(&large->heap);
    info->address = (void *)load_acquire(&large->base);
    info->size = load_acquire(&large->size);
    info->level = load_acquire(&large->level);
    *place = load_acquire(&large->place);
    /* The same generation before and after: all of it was the same block's. */
    return (state & LARGE_PHASE) == LARGE_LIVE && load_acquire(&large->state) == state && (!heap || info->heap == heap);
}

enum hostmem_result hm_large_free(struct hostmem_heap *heap, struct hm_shard *shard, struct hm_large *large,
                                  void *block)
{
    struct hostmem_manager *manager = heap->manager;
    uint64_t state = load_acquire(&large->state);
    enum hostmem_result result;

    if ((state & LARGE_PHASE) != LARGE_LIVE || load_acquire(&large->heap) != heap ||
        load_acquire(&large->base) != (uintptr_t)block)
        return HOSTMEM_NOT_OWNED;
    if (!cas_strong(&large->state, &state, state & ~LARGE_PHASE)) return HOSTMEM_NOT_OWNED;
    /* Out of the map first: once released, the addresses may be anybody's next block. */
    hm_map_set(manager->map, block, 1, NULL);
    result = hm_manager_judge_release(manager, manager->backend.release(manager->backend.context, block));
    if (result == HOSTMEM_OK || result == HOSTMEM_BROKEN || result == HOSTMEM_UNAVAILABLE)
    {
        large_forget(manager, shard, large);
        return result;
    }
    /* Still ours, so back as it was; the map's leaf exists, this cannot fail. */
    hm_map_set(manager->map, block, 1, map_tagged(large, MAP_LARGE));
    large_begin(large, LARGE_LIVE);
    return result;
}

void hm_larges_destroy(struct hostmem_manager *manager, struct hostmem_heap *heap)
{
    for (uint32_t i = 0; i < hm_pool_count(&manager->larges); i++)
    {
        struct hm_large *large = hm_pool_at(&manager->larges, i);
        uint64_t phase = load_acquire(&large->state) & LARGE_PHASE;
        void *base = (void *)load_relaxed(&large->base);

        if (phase == LARGE_FREE || (heap && load_relaxed(&large->heap) != heap)) continue;
        store_release(&large->state, load_relaxed(&large->state) & ~LARGE_PHASE);
        if (phase == LARGE_LIVE) hm_map_set(manager->map, base, 1, NULL);
        memory_put(&manager->backend, base);
        if (phase == LARGE_LIVE)
            large_forget(manager, &manager->shards[0], large);
        else
            hm_pool_put(&manager->larges, large);
    }
}
