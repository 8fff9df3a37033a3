/*
 * The two-level table behind hm_map_get.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/base/map.h"
#include "hostmem/base/atomics.h"
#include "hostmem/base/memory.h"

#if UINTPTR_MAX > UINT32_MAX
#define MAP_ADDRESS_BITS 48
#else
#define MAP_ADDRESS_BITS 32
#endif

/* The parts of an address, from the bottom: bits inside a unit, an index into a leaf, an index into the root. */
struct map_shape
{
    unsigned unit_bits; /* log2 of the bytes of an entry */
    unsigned leaf_bits; /* log2 of the entries of a leaf */
};

/* Only those pages of a leaf or a root exist that were written to. */
static const struct map_shape map_shapes[] = {
#if UINTPTR_MAX > UINT32_MAX
    [HM_MAP_GRANULES] = {16, 16}, /* a leaf covers 4 GiB in 512 KiB; the root has 512 KiB */
    [HM_MAP_PAGES] = {12, 18},    /* a leaf covers 1 GiB in 2 MiB; the root has 2 MiB */
#else
    [HM_MAP_GRANULES] = {16, 12}, /* a leaf covers 256 MiB in 16 KiB */
    [HM_MAP_PAGES] = {12, 14},    /* a leaf covers 64 MiB in 64 KiB, one reservation */
#endif
};

typedef _Atomic(void *) map_value;

struct hm_map
{
    const struct hostmem_backend *backend;
    struct map_shape shape;
    _Atomic(map_value *) root[]; /* leaves, published once, freed with the map */
};

static uintptr_t map_root_size(struct map_shape shape)
{
    return (uintptr_t)1 << (MAP_ADDRESS_BITS - shape.unit_bits - shape.leaf_bits);
}

enum hostmem_result hm_map_create(const struct hostmem_backend *backend, enum hm_map_unit unit, struct hm_map **out)
{
    struct map_shape shape = map_shapes[unit];
    struct hm_map *map = memory_get(backend, sizeof(*map) + map_root_size(shape) * sizeof(*map->root));

    *out = map;
    if (!map) return HOSTMEM_NO_MEMORY;
    map->backend = backend;
    map->shape = shape;
    return HOSTMEM_OK;
}

void hm_map_destroy(struct hm_map *map)
{
    if (!map) return;
    for (uintptr_t i = 0; i < map_root_size(map->shape); i++) memory_put(map->backend, load_relaxed(&map->root[i]));
    memory_put(map->backend, map);
}

/* The slot of a granule, NULL where it has no leaf. */
static inline map_value *map_slot(const struct hm_map *map, struct map_shape shape, uintptr_t granule)
{
    map_value *leaf;

    if (granule >> shape.leaf_bits >= map_root_size(shape)) return NULL;
    leaf = load_acquire(&((struct hm_map *)map)->root[granule >> shape.leaf_bits]);
    return leaf ? &leaf[granule & (((uintptr_t)1 << shape.leaf_bits) - 1)] : NULL;
}

/* The value of an address; the shape is a constant where this is inlined. */
static inline void *map_value_of(const struct hm_map *map, struct map_shape shape, const void *address)
{
    map_value *slot = map_slot(map, shape, (uintptr_t)address >> shape.unit_bits);

    return slot ? load_acquire(slot) : NULL;
}

void *hm_map_get(const struct hm_map *map, const void *address)
{
    /* On the path of every free: a predictable branch is cheaper than variable shifts. */
    if (map->shape.unit_bits == map_shapes[HM_MAP_GRANULES].unit_bits)
        return map_value_of(map, map_shapes[HM_MAP_GRANULES], address);
    return map_value_of(map, map_shapes[HM_MAP_PAGES], address);
}

static bool map_ensure_leaf(struct hm_map *map, uintptr_t index)
{
    map_value *found = NULL, *leaf;

    if (load_acquire(&map->root[index])) return true;
    if (!(leaf = memory_get(map->backend, sizeof(*leaf) << map->shape.leaf_bits))) return false;
    if (!cas_strong(&map->root[index], &found, leaf)) memory_put(map->backend, leaf);
    return true;
}

/* Creates every leaf of the granules first to last, so that storing cannot fail half-way. */
static bool map_ensure(struct hm_map *map, uintptr_t first, uintptr_t last)
{
    unsigned leaf_bits = map->shape.leaf_bits;

    if (last >> leaf_bits >= map_root_size(map->shape)) return false;
    for (uintptr_t i = first >> leaf_bits; i <= last >> leaf_bits; i++)
        if (!map_ensure_leaf(map, i)) return false;
    return true;
}

/* The last granule of a range. */
static uintptr_t map_last(const struct hm_map *map, const void *base, size_t size)
{
    hm_assert(size && (uintptr_t)base <= UINTPTR_MAX - (size - 1));
    return ((uintptr_t)base + (size - 1)) >> map->shape.unit_bits;
}

enum hostmem_result hm_map_set(struct hm_map *map, const void *base, size_t size, void *value)
{
    uintptr_t first = (uintptr_t)base >> map->shape.unit_bits, last = map_last(map, base, size);

    if (value && !map_ensure(map, first, last)) return HOSTMEM_NO_MEMORY;
    for (uintptr_t granule = first; granule <= last; granule++)
    {
        map_value *slot = map_slot(map, map->shape, granule);
        if (slot) store_release(slot, value);
    }
    return HOSTMEM_OK;
}

void hm_map_clear(struct hm_map *map, const void *base, size_t size, void *value)
{
    uintptr_t first = (uintptr_t)base >> map->shape.unit_bits, last = map_last(map, base, size);

    for (uintptr_t granule = first; granule <= last; granule++)
    {
        map_value *slot = map_slot(map, map->shape, granule);
        void *found = value;
        if (slot) cas_strong(slot, &found, NULL);
    }
}

enum hostmem_result hm_map_claim(struct hm_map *map, const void *base, size_t size, void *value)
{
    uintptr_t first = (uintptr_t)base >> map->shape.unit_bits, last = map_last(map, base, size);

    hm_assert(value);
    if (!map_ensure(map, first, last)) return HOSTMEM_NO_MEMORY;
    for (uintptr_t granule = first; granule <= last; granule++)
    {
        void *found = NULL;
        if (cas_strong(map_slot(map, map->shape, granule), &found, value)) continue;
        while (granule-- > first) store_release(map_slot(map, map->shape, granule), NULL);
        return HOSTMEM_INVALID_ADDRESS;
    }
    return HOSTMEM_OK;
}

size_t hm_map_memory(const struct hm_map *map)
{
    size_t bytes = page_up(sizeof(*map) + map_root_size(map->shape) * sizeof(*map->root));

    for (uintptr_t i = 0; i < map_root_size(map->shape); i++)
        if (load_relaxed(&((struct hm_map *)map)->root[i])) bytes += page_up(sizeof(map_value) << map->shape.leaf_bits);
    return bytes;
}
