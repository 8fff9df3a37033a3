/*
 * Ranges somebody told us of, found by any address in them and taken by their
 * start, by exactly one taker. Lock-free.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_EXTENTS_H
#define CLRMEM_HOSTMEM_EXTENTS_H

#include "hostmem/base/map.h"
#include "hostmem/base/pool.h"

struct hm_range_map
{
    struct hm_map *map;
    struct hm_pool records;
};

/* `unit`: what an extent begins at, and takes whole. pre: the memory is zeroed. HOSTMEM_NO_MEMORY: nothing to
 * destroy. */
enum hostmem_result hm_range_map_init(struct hm_range_map *extents, const struct hostmem_backend *backend,
                                         enum hm_map_unit unit);
void hm_range_map_destroy(struct hm_range_map *extents);

/* Records `size` (any number) at base, found from the units of [base, base+span). HOSTMEM_NO_MEMORY;
 * HOSTMEM_INVALID_ADDRESS where one of these units has a record. pre: span is not 0 and does not wrap */
enum hostmem_result hm_range_map_add(struct hm_range_map *extents, uintptr_t base, size_t span, size_t size);

/* The record of the unit of `address`. */
bool hm_range_map_find(const struct hm_range_map *extents, const void *address, uintptr_t *base, size_t *size);

/* Removes the record that begins at `base`; true for one caller only. */
bool hm_range_map_take(struct hm_range_map *extents, uintptr_t base, size_t *size);

#endif
