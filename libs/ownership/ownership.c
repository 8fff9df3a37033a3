/*
 * The map: extents for regions, a table of slots for blocks.
 *
 * A block's slot is found by its granule's leaf and its offset there; it holds the
 * size plus one. Sizes that do not fit have SLOT_BIG there and an extent
 * of their own: so big a block leaves room for no other that begins in its granule.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "ownership/ownership.h"
#include "hostmem/base/counters.h"
#include "hostmem/base/range_map.h"

#define BLOCK_ALIGNMENT sizeof(void *)                          /* bytes from slot to slot; 32-bit hosts align to 4 */
#define LEAF_SLOTS      (HOSTMEM_GRANULARITY / BLOCK_ALIGNMENT) /* 8192, or 16384 */
#define SLOT_BIG        UINT32_MAX

/* A granule's slots. Leaves stay once made; their untouched pages cost nothing. */
struct ownership_leaf
{
    struct hm_pool_link link;
    _Atomic uint32_t slots[LEAF_SLOTS]; /* 0: no block; 1 + size; SLOT_BIG */
};

/* Blocks come and go on the host's hot paths; sums over all shards count. */
struct ownership_shard
{
    _Alignas(CACHE_LINE) _Atomic uint64_t bytes;
    _Atomic uint64_t blocks;
};

struct ownership_map
{
    const struct hostmem_backend *backend;
    struct hm_range_map regions;
    struct hm_range_map big; /* sizes of blocks that do not fit their slot */
    struct hm_map *leaves;   /* granule -> struct ownership_leaf */
    struct hm_pool leaf_pool;
    struct hm_gauge region_count, region_bytes;
    struct ownership_shard shards[SHARD_COUNT];
};

enum hostmem_result ownership_create(const struct hostmem_backend *backend, struct ownership_map **out)
{
    struct ownership_map *map = memory_get(backend, sizeof(*map));

    *out = NULL;
    if (!map) return HOSTMEM_NO_MEMORY;
    map->backend = backend;
    hm_pool_init(&map->leaf_pool, backend, sizeof(struct ownership_leaf));
    if (hm_range_map_init(&map->regions, backend, HM_MAP_PAGES) != HOSTMEM_OK ||
        hm_range_map_init(&map->big, backend, HM_MAP_GRANULES) != HOSTMEM_OK ||
        hm_map_create(backend, HM_MAP_GRANULES, &map->leaves) != HOSTMEM_OK)
    {
        ownership_destroy(map);
        return HOSTMEM_NO_MEMORY;
    }
    *out = map;
    return HOSTMEM_OK;
}

void ownership_destroy(struct ownership_map *map)
{
    if (!map) return;
    hm_range_map_destroy(&map->regions);
    hm_range_map_destroy(&map->big);
    hm_map_destroy(map->leaves);
    hm_pool_destroy(&map->leaf_pool);
    memory_put(map->backend, map);
}

/* --- regions ------------------------------------------------------------- */

enum hostmem_result ownership_add_region(struct ownership_map *map, void *base, size_t size)
{
    uintptr_t start = (uintptr_t)base;
    enum hostmem_result result;

    if (!start || start % HOSTMEM_PAGE_SIZE || !size || size - 1 > UINTPTR_MAX - start) return HOSTMEM_INVALID_ADDRESS;
    result = hm_range_map_add(&map->regions, start, size, size);
    if (result != HOSTMEM_OK) return result;
    gauge_add(&map->region_count, 1);
    gauge_add(&map->region_bytes, size);
    return HOSTMEM_OK;
}

bool ownership_find_region(const struct ownership_map *map, const void *address, void **base, size_t *size)
{
    uintptr_t start;
    size_t length;

    if (!hm_range_map_find(&map->regions, address, &start, &length)) return false;
    /* The last page may reach beyond the region. */
    if ((uintptr_t)address - start >= length) return false;
    if (base) *base = (void *)start;
    if (size) *size = length;
    return true;
}

bool ownership_take_region(struct ownership_map *map, void *base, size_t *size)
{
    size_t length;

    if (!hm_range_map_take(&map->regions, (uintptr_t)base, &length)) return false;
    gauge_sub(&map->region_count, 1);
    gauge_sub(&map->region_bytes, length);
    if (size) *size = length;
    return true;
}

/* --- blocks -------------------------------------------------------------- */

static void map_count_block(struct ownership_map *map, uint64_t blocks, uint64_t bytes)
{
    struct ownership_shard *shard = &map->shards[shard_index(map->backend)];

    add_relaxed(&shard->blocks, blocks);
    add_relaxed(&shard->bytes, bytes);
}

/* The block's slot; NULL where no block can be recorded, or none of its granule ever was. */
static _Atomic uint32_t *map_slot(const struct ownership_map *map, const void *block)
{
    uintptr_t address = (uintptr_t)block;
    struct ownership_leaf *leaf;

    if (!address || address % BLOCK_ALIGNMENT) return NULL;
    leaf = hm_map_get(map->leaves, block);
    return leaf ? &leaf->slots[address % HOSTMEM_GRANULARITY / BLOCK_ALIGNMENT] : NULL;
}

/* Makes the leaf of the block's granule, unless another thread is quicker. */
static bool map_make_leaf(struct ownership_map *map, const void *block)
{
    struct ownership_leaf *leaf = hm_pool_get(&map->leaf_pool);
    enum hostmem_result result;

    if (!leaf) return false;
    result = hm_map_claim(map->leaves, block, 1, leaf);
    if (result != HOSTMEM_OK) hm_pool_put(&map->leaf_pool, leaf);
    return result != HOSTMEM_NO_MEMORY;
}

enum hostmem_result ownership_add_block(struct ownership_map *map, void *block, size_t size)
{
    bool big = size >= SLOT_BIG - 1;
    uint32_t value = big ? SLOT_BIG : (uint32_t)size + 1, none = 0;
    _Atomic uint32_t *slot;
    size_t unused;

    if (!block || (uintptr_t)block % BLOCK_ALIGNMENT) return HOSTMEM_INVALID_ADDRESS;
    if (!(slot = map_slot(map, block)))
    {
        if (!map_make_leaf(map, block)) return HOSTMEM_NO_MEMORY;
        slot = map_slot(map, block);
    }
    if (big)
    {
        enum hostmem_result result = hm_range_map_add(&map->big, (uintptr_t)block, 1, size);
        if (result != HOSTMEM_OK) return result;
    }
    if (!cas_strong(slot, &none, value))
    {
        if (big) hm_range_map_take(&map->big, (uintptr_t)block, &unused);
        return HOSTMEM_INVALID_ADDRESS;
    }
    map_count_block(map, 1, size);
    return HOSTMEM_OK;
}

bool ownership_find_block(const struct ownership_map *map, const void *block, size_t *size)
{
    _Atomic uint32_t *slot = map_slot(map, block);
    uint32_t value = slot ? load_acquire(slot) : 0;
    size_t length = (size_t)value - 1;
    uintptr_t base;

    if (!value) return false;
    if (value == SLOT_BIG)
    {
        /* A taker clears the slot first, so without its extent the block is gone. */
        if (!hm_range_map_find(&map->big, block, &base, &length) || base != (uintptr_t)block) return false;
    }
    if (size) *size = length;
    return true;
}

bool ownership_take_block(struct ownership_map *map, void *block, size_t *size)
{
    _Atomic uint32_t *slot = map_slot(map, block);
    uint32_t value = slot ? atomic_exchange_explicit(slot, 0, memory_order_acq_rel) : 0;
    size_t length = (size_t)value - 1;

    if (!value) return false;
    if (value == SLOT_BIG) hm_range_map_take(&map->big, (uintptr_t)block, &length);
    map_count_block(map, (uint64_t)-1, -(uint64_t)length);
    if (size) *size = length;
    return true;
}

void ownership_totals(const struct ownership_map *map, uint64_t *regions, uint64_t *region_bytes, uint64_t *blocks,
                      uint64_t *block_bytes)
{
    struct ownership_map *sums = (struct ownership_map *)map;

    *regions = load_relaxed(&sums->region_count.now);
    *region_bytes = load_relaxed(&sums->region_bytes.now);
    *blocks = *block_bytes = 0;
    for (unsigned i = 0; i < SHARD_COUNT; i++)
    {
        *blocks += load_relaxed(&sums->shards[i].blocks);
        *block_bytes += load_relaxed(&sums->shards[i].bytes);
    }
}
