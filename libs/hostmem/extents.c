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
#include "extents.h"

#define EXTENT_LIVE UINT64_C(1)

struct extent
{
    struct hostmem_pool_link link;
    _Atomic uint64_t state;
    _Atomic uintptr_t base;
    _Atomic size_t span; /* bytes in the map */
    _Atomic size_t size; /* as told */
};

enum hostmem_result hostmem_extents_init(struct hostmem_extents *extents, const struct hostmem_backend *backend,
                                         enum hostmem_map_unit unit)
{
    hostmem_pool_init(&extents->records, backend, sizeof(struct extent));
    return hostmem_map_create_of(backend, unit, &extents->map);
}

void hostmem_extents_destroy(struct hostmem_extents *extents)
{
    if (!extents->map) return;
    hostmem_pool_destroy(&extents->records);
    hostmem_map_destroy(extents->map);
    extents->map = NULL;
}

enum hostmem_result hostmem_extents_add(struct hostmem_extents *extents, uintptr_t base, size_t span, size_t size)
{
    struct extent *extent = hostmem_pool_get(&extents->records);
    enum hostmem_result result;

    if (!extent) return HOSTMEM_NO_MEMORY;
    store_release(&extent->base, base);
    store_release(&extent->span, span);
    store_release(&extent->size, size);
    /* Finders meet it in the map before it lives: for them it is not there yet. */
    result = hostmem_map_claim(extents->map, (void *)base, span, extent);
    if (result != HOSTMEM_OK)
    {
        hostmem_pool_put(&extents->records, extent);
        return result;
    }
    /* The next generation; nobody else changes the word of a dead record. */
    store_release(&extent->state, (load_relaxed(&extent->state) + 2) | EXTENT_LIVE);
    return HOSTMEM_OK;
}

/* The live record in the unit of `address`, its state and fields as of that state; NULL if there is none. */
static struct extent *extent_read(const struct hostmem_extents *extents, const void *address, uint64_t *state,
                                  uintptr_t *base, size_t *size)
{
    struct extent *extent = hostmem_map_get(extents->map, address);

    if (!extent) return NULL;
    *state = load_acquire(&extent->state);
    *base = load_acquire(&extent->base);
    *size = load_acquire(&extent->size);
    return *state & EXTENT_LIVE ? extent : NULL;
}

bool hostmem_extents_find(const struct hostmem_extents *extents, const void *address, uintptr_t *base, size_t *size)
{
    struct extent *extent;
    uint64_t state;

    for (;;)
    {
        if (!(extent = extent_read(extents, address, &state, base, size))) return false;
        if (load_relaxed(&extent->state) == state) return true;
    }
}

bool hostmem_extents_take(struct hostmem_extents *extents, uintptr_t base, size_t *size)
{
    struct extent *extent;
    uintptr_t found;
    uint64_t state;

    if (!(extent = extent_read(extents, (void *)base, &state, &found, size)) || found != base) return false;
    if (!cas_strong(&extent->state, &state, state & ~EXTENT_LIVE)) return false;
    hostmem_map_set(extents->map, (void *)base, load_relaxed(&extent->span), NULL);
    hostmem_pool_put(&extents->records, extent);
    return true;
}
