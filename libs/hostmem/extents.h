/*
 * Ranges somebody told us of, found by any address in them and taken by their
 * start, by exactly one taker. Lock-free.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_EXTENTS_H
#define CLRMEM_HOSTMEM_EXTENTS_H

#include "map.h"
#include "pool.h"

struct hostmem_extents
{
    struct hostmem_map *map;
    struct hostmem_pool records;
};

/* `unit`: what an extent begins at, and takes whole. pre: the memory is zeroed. HOSTMEM_NO_MEMORY: nothing to
 * destroy. */
enum hostmem_result hostmem_extents_init(struct hostmem_extents *extents, const struct hostmem_backend *backend,
                                         enum hostmem_map_unit unit);
void hostmem_extents_destroy(struct hostmem_extents *extents);

/* Records `size` (any number) at base, found from the units of [base, base+span). HOSTMEM_NO_MEMORY;
 * HOSTMEM_INVALID_ADDRESS where one of these units has a record. pre: span is not 0 and does not wrap */
enum hostmem_result hostmem_extents_add(struct hostmem_extents *extents, uintptr_t base, size_t span, size_t size);

/* The record of the unit of `address`. */
bool hostmem_extents_find(const struct hostmem_extents *extents, const void *address, uintptr_t *base, size_t *size);

/* Removes the record that begins at `base`; true for one caller only. */
bool hostmem_extents_take(struct hostmem_extents *extents, uintptr_t base, size_t *size);

#endif
