/*
 * The ownership map: a range map of regions, a hash table of blocks, and their totals.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "ownership/ownership.h"
#include "hostmem/base/counters.h"
#include "ownership/block_table.h"

/* Blocks come and go on hot paths. Only the sums over all shards mean something. */
struct ownership_shard
{
    _Alignas(CACHE_LINE) _Atomic uint64_t bytes;
    _Atomic uint64_t blocks;
};

struct ownership_map
{
    const struct hostmem_backend *backend;
    struct hm_range_map regions;
    struct hm_gauge region_count, region_bytes;
    struct block_table blocks;
    struct ownership_shard shards[SHARD_COUNT];
};

enum hostmem_result ownership_create(const struct hostmem_backend *backend, struct ownership_map **out)
{
    struct ownership_map *map = memory_get(backend, sizeof(*map));

    *out = NULL;
    if (!map) return HOSTMEM_NO_MEMORY;
    map->backend = backend;
    if (block_table_init(&map->blocks, backend) != HOSTMEM_OK ||
        hm_range_map_init(&map->regions, backend, HM_MAP_PAGES) != HOSTMEM_OK)
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
    block_table_destroy(&map->blocks);
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

bool ownership_find_region(const struct ownership_map *map, const void *address, struct ownership_region *region)
{
    struct hm_range range;

    if (!hm_range_map_find(&map->regions, address, &range)) return false;
    /* The region may end within its last page. */
    if ((uintptr_t)address - range.base >= range.size) return false;
    region->base = (void *)range.base;
    region->size = range.size;
    region->range = range;
    return true;
}

bool ownership_take_region(struct ownership_map *map, const struct ownership_region *region)
{
    if (!hm_range_map_take(&map->regions, &region->range)) return false;
    gauge_sub(&map->region_count, 1);
    gauge_sub(&map->region_bytes, region->size);
    return true;
}

/* --- blocks -------------------------------------------------------------- */

static void count_block(struct ownership_map *map, uint64_t blocks, uint64_t bytes)
{
    struct ownership_shard *shard = &map->shards[shard_index(map->backend)];

    add_relaxed(&shard->blocks, blocks);
    add_relaxed(&shard->bytes, bytes);
}

static bool is_block_address(const void *address)
{
    return address && (uintptr_t)address % BLOCK_ALIGNMENT == 0;
}

enum hostmem_result ownership_add_block(struct ownership_map *map, void *address, struct ownership_block block)
{
    enum hostmem_result result;

    if (!is_block_address(address)) return HOSTMEM_INVALID_ADDRESS;
    result = block_table_add(&map->blocks, (uintptr_t)address, (struct block_entry){block.size, block.moved});
    if (result == HOSTMEM_OK) count_block(map, 1, block.size);
    return result;
}

bool ownership_find_block(const struct ownership_map *map, const void *address, struct ownership_block *block)
{
    struct block_table *blocks = &((struct ownership_map *)map)->blocks;
    struct block_entry entry;

    if (!is_block_address(address) || !block_table_find(blocks, (uintptr_t)address, &entry)) return false;
    block->size = entry.size;
    block->moved = entry.mark;
    return true;
}

bool ownership_take_block(struct ownership_map *map, void *address, struct ownership_block *block)
{
    struct block_entry entry;

    if (!is_block_address(address) || !block_table_take(&map->blocks, (uintptr_t)address, &entry)) return false;
    block->size = entry.size;
    block->moved = entry.mark;
    count_block(map, (uint64_t)-1, -(uint64_t)entry.size);
    return true;
}

void ownership_totals(const struct ownership_map *map, struct ownership_totals *totals)
{
    struct ownership_map *sums = (struct ownership_map *)map;

    *totals = (struct ownership_totals){
        .regions = load_relaxed(&sums->region_count.now),
        .region_bytes = load_relaxed(&sums->region_bytes.now),
        .memory = page_up(sizeof(*map)) + load_relaxed(&sums->blocks.bytes) + hm_range_map_memory(&map->regions),
    };
    for (unsigned i = 0; i < SHARD_COUNT; i++)
    {
        totals->blocks += load_relaxed(&sums->shards[i].blocks);
        totals->block_bytes += load_relaxed(&sums->shards[i].bytes);
    }
}
