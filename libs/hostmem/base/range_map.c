/*
 * Range map: a map entry a unit, and a record with a generation for each range.
 *
 * The state word is generation << 1 | live. Taking is one compare-and-exchange of the state that find read before the
 * record's fields: if it succeeds, the fields belong to that generation and no other thread took the range. Fields are
 * stored with release and loaded with acquire, so a thread that reads a later generation's field also sees that
 * generation's state.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/base/range_map.h"
#include "hostmem/base/debug.h"

#define RANGE_LIVE UINT64_C(1)

struct range
{
    struct hm_pool_link link;
    _Atomic uint64_t state;
    _Atomic uintptr_t base;
    _Atomic size_t span; /* bytes occupied in the map */
    _Atomic size_t size; /* as recorded; any number */
};

enum hostmem_result hm_range_map_init(struct hm_range_map *ranges, const struct hostmem_backend *backend,
                                      enum hm_map_unit unit)
{
    hm_assert(!ranges->map);
    hm_pool_init(&ranges->records, backend, sizeof(struct range));
    return hm_map_create(backend, unit, &ranges->map);
}

void hm_range_map_destroy(struct hm_range_map *ranges)
{
    if (!ranges->map) return;
    hm_pool_destroy(&ranges->records);
    hm_map_destroy(ranges->map);
    ranges->map = NULL;
}

enum hostmem_result hm_range_map_add(struct hm_range_map *ranges, uintptr_t base, size_t span, size_t size)
{
    struct range *range = hm_pool_get(&ranges->records);
    enum hostmem_result result;

    hm_assert(span && base <= UINTPTR_MAX - (span - 1));
    if (!range) return HOSTMEM_NO_MEMORY;
    store_release(&range->base, base);
    store_release(&range->span, span);
    store_release(&range->size, size);
    /* In the map before it is live; until then, find ignores it. */
    result = hm_map_claim(ranges->map, (void *)base, span, range);
    if (result != HOSTMEM_OK)
    {
        hm_pool_put(&ranges->records, range);
        return result;
    }
    /* The next generation. No other thread changes the state of a record that is not live. */
    store_release(&range->state, (load_relaxed(&range->state) + 2) | RANGE_LIVE);
    return HOSTMEM_OK;
}

bool hm_range_map_find(const struct hm_range_map *ranges, const void *address, struct hm_range *out)
{
    struct range *range;

    do
    {
        if (!(range = hm_map_get(ranges->map, address))) return false;
        out->state = load_acquire(&range->state);
        out->base = load_acquire(&range->base);
        out->size = load_acquire(&range->size);
        if (!(out->state & RANGE_LIVE)) return false;
    } while (load_relaxed(&range->state) != out->state);
    out->record = range;
    return true;
}

bool hm_range_map_take(struct hm_range_map *ranges, const struct hm_range *found)
{
    struct range *range = found->record;
    uint64_t state = found->state;

    if (!cas_strong(&range->state, &state, state & ~RANGE_LIVE)) return false;
    hm_map_set(ranges->map, (void *)found->base, load_relaxed(&range->span), NULL);
    hm_pool_put(&ranges->records, range);
    return true;
}

size_t hm_range_map_memory(const struct hm_range_map *ranges)
{
    return hm_map_memory(ranges->map) + hm_pool_memory(&ranges->records);
}
