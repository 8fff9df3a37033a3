/*
 * The two-level table behind hostmem_map_get.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "map.h"
#include "atomics.h"
#include "memory.h"

#define MAP_GRANULE_BITS 16 /* HOSTMEM_GRANULARITY is 1 << 16 */
#if UINTPTR_MAX > UINT32_MAX
#define MAP_ADDRESS_BITS 48
#define MAP_LEAF_BITS    16 /* a leaf covers 4 GiB in 512 KiB, of which only touched pages exist */
#else
#define MAP_ADDRESS_BITS 32
#define MAP_LEAF_BITS    12 /* a leaf covers 256 MiB in 16 KiB */
#endif
#define MAP_ROOT_BITS (MAP_ADDRESS_BITS - MAP_GRANULE_BITS - MAP_LEAF_BITS)
#define MAP_LEAF_SIZE ((uintptr_t)1 << MAP_LEAF_BITS)
#define MAP_ROOT_SIZE ((uintptr_t)1 << MAP_ROOT_BITS)

_Static_assert(HOSTMEM_GRANULARITY == (size_t)1 << MAP_GRANULE_BITS, "a granule is 64 KiB");

struct map_leaf
{
    _Atomic(void *) values[MAP_LEAF_SIZE];
};

struct hostmem_map
{
    const struct hostmem_backend *backend;
    _Atomic(struct map_leaf *) root[MAP_ROOT_SIZE]; /* published once, freed with the map */
};

enum hostmem_result hostmem_map_create(const struct hostmem_backend *backend, struct hostmem_map **out)
{
    struct hostmem_map *map = memory_get(backend, sizeof(*map));

    *out = map;
    if (!map) return HOSTMEM_NO_MEMORY;
    map->backend = backend;
    return HOSTMEM_OK;
}

void hostmem_map_destroy(struct hostmem_map *map)
{
    if (!map) return;
    for (uintptr_t i = 0; i < MAP_ROOT_SIZE; i++) memory_put(map->backend, load_relaxed(&map->root[i]));
    memory_put(map->backend, map);
}

/* The slot of a granule, NULL where its leaf was never needed. */
static _Atomic(void *) *map_slot(const struct hostmem_map *map, uintptr_t granule)
{
    struct map_leaf *leaf;

    if (granule >> MAP_LEAF_BITS >= MAP_ROOT_SIZE) return NULL;
    leaf = load_acquire(&((struct hostmem_map *)map)->root[granule >> MAP_LEAF_BITS]);
    return leaf ? &leaf->values[granule & (MAP_LEAF_SIZE - 1)] : NULL;
}

void *hostmem_map_get(const struct hostmem_map *map, const void *address)
{
    _Atomic(void *) *slot = map_slot(map, (uintptr_t)address >> MAP_GRANULE_BITS);

    return slot ? load_acquire(slot) : NULL;
}

static bool map_ensure_leaf(struct hostmem_map *map, uintptr_t index)
{
    struct map_leaf *found = NULL, *leaf;

    if (load_acquire(&map->root[index])) return true;
    if (!(leaf = memory_get(map->backend, sizeof(*leaf)))) return false;
    if (!cas_strong(&map->root[index], &found, leaf)) memory_put(map->backend, leaf);
    return true;
}

/* Makes every leaf of the granules first to last, so that storing cannot fail half-way. */
static bool map_ensure(struct hostmem_map *map, uintptr_t first, uintptr_t last)
{
    if (last >> MAP_LEAF_BITS >= MAP_ROOT_SIZE) return false;
    for (uintptr_t i = first >> MAP_LEAF_BITS; i <= last >> MAP_LEAF_BITS; i++)
        if (!map_ensure_leaf(map, i)) return false;
    return true;
}

enum hostmem_result hostmem_map_set(struct hostmem_map *map, const void *base, size_t size, void *value)
{
    uintptr_t first = (uintptr_t)base >> MAP_GRANULE_BITS;
    uintptr_t last = ((uintptr_t)base + size - 1) >> MAP_GRANULE_BITS;

    if (value && !map_ensure(map, first, last)) return HOSTMEM_NO_MEMORY;
    for (uintptr_t granule = first; granule <= last; granule++)
    {
        _Atomic(void *) *slot = map_slot(map, granule);
        if (slot) store_release(slot, value);
    }
    return HOSTMEM_OK;
}

enum hostmem_result hostmem_map_claim(struct hostmem_map *map, const void *base, size_t size, void *value)
{
    uintptr_t first = (uintptr_t)base >> MAP_GRANULE_BITS;
    uintptr_t last = ((uintptr_t)base + size - 1) >> MAP_GRANULE_BITS;

    if (!map_ensure(map, first, last)) return HOSTMEM_NO_MEMORY;
    for (uintptr_t granule = first; granule <= last; granule++)
    {
        void *found = NULL;
        if (cas_strong(map_slot(map, granule), &found, value)) continue;
        while (granule-- > first) store_release(map_slot(map, granule), NULL);
        return HOSTMEM_INVALID_ADDRESS;
    }
    return HOSTMEM_OK;
}
