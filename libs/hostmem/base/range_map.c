/*
 * Extents: a map entry a unit, a record with a generation an extent.
 *
 * The state word is generation << 1 | live. Taking is one compare-and-exchange
 * of the word that was read before the record's fields were: if it succeeds, the
 * fields belonged to that generation and nobody else took it. Fields are stored
 * with release and loaded with acquire, so that whoever sees a later generation's
 * field sees its state, too.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/base/range_map.h"

#define EXTENT_LIVE UINT64_C(1)

struct extent
{
    struct hm_pool_link link;
    _Atomic uint64_t state;
    _Atomic uintptr_t base;
    _Atomic size_t span; /* bytes in the map */
    _Atomic size_t size; /* as told */
};

enum hostmem_result hm_range_map_init(struct hm_range_map *extents, const struct hostmem_backend *backend,
                                         enum hm_map_unit unit)
{
    hm_pool_init(&extents->records, backend, sizeof(struct extent));
    return hm_map_create_of(backend, unit, &extents->map);
}

void hm_range_map_destroy(struct hm_range_map *extents)
{
    if (!extents->map) return;
    hm_pool_destroy(&extents->records);
    hm_map_destroy(extents->map);
    extents->map = NULL;
}

enum hostmem_result hm_range_map_add(struct hm_range_map *extents, uintptr_t base, size_t span, size_t size)
{
    struct extent *extent = hm_pool_get(&extents->records);
    enum hostmem_result result;

    if (!extent) return HOSTMEM_NO_MEMORY;
    store_release(&extent->base, base);
    store_release(&extent->span, span);
    store_release(&extent->size, size);
    /* Finders meet it in the map before it lives: for them it is not there yet. */
    result = hm_map_claim(extents->map, (void *)base, span, extent);
    if (result != HOSTMEM_OK)
    {
        hm_pool_put(&extents->records, extent);
        return result;
    }
    /* The next generation; nobody else changes the word of a dead record. */
    store_release(&extent->state, (load_relaxed(&extent->state) + 2) | EXTENT_LIVE);
    return HOSTMEM_OK;
}

/* The live record in the unit of `address`, its state and fields as of that state; NULL if there is none. */
static struct extent *extent_read(const struct hm_range_map *extents, const void *address, uint64_t *state,
                                  uintptr_t *base, size_t *size)
{
    struct extent *extent = hm_map_get(extents->map, address);

    if (!extent) return NULL;
    *state = load_acquire(&extent->state);
    *base = load_acquire(&extent->base);
    *size = load_acquire(&extent->size);
    return *state & EXTENT_LIVE ? extent : NULL;
}

bool hm_range_map_find(const struct hm_range_map *extents, const void *address, uintptr_t *base, size_t *size)
{
    struct extent *extent;
    uint64_t state;

    for (;;)
    {
        if (!(extent = extent_read(extents, address, &state, base, size))) return false;
        if (load_relaxed(&extent->state) == state) return true;
    }
}

bool hm_range_map_take(struct hm_range_map *extents, uintptr_t base, size_t *size)
{
    struct extent *extent;
    uintptr_t found;
    uint64_t state;

    if (!(extent = extent_read(extents, (void *)base, &state, &found, size)) || found != base) return false;
    if (!cas_strong(&extent->state, &state, state & ~EXTENT_LIVE)) return false;
    hm_map_set(extents->map, (void *)base, load_relaxed(&extent->span), NULL);
    hm_pool_put(&extents->records, extent);
    return true;
}
