/*
 * Address ranges that a caller recorded: found by any address in them, removed by their start, by exactly one of
 * several callers. Lock-free.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_RANGE_MAP_H
#define CLRMEM_HOSTMEM_RANGE_MAP_H

#include "hostmem/base/map.h"
#include "hostmem/base/record_pool.h"

struct hm_range_map
{
    struct hm_map *map;
    struct hm_pool records;
};

/* Ranges begin at a multiple of `unit` and occupy whole units. HOSTMEM_NO_MEMORY: nothing to destroy. pre: the memory
 * is zeroed */
enum hostmem_result hm_range_map_init(struct hm_range_map *ranges, const struct hostmem_backend *backend,
                                      enum hm_map_unit unit);
void hm_range_map_destroy(struct hm_range_map *ranges);

/* Records a range at `base` that occupies the units of [base, base+span); `size` is any number, returned by find and
 * take. HOSTMEM_NO_MEMORY; HOSTMEM_INVALID_ADDRESS: a range occupies one of these units. pre: span is not 0, the range
 * does not wrap */
enum hostmem_result hm_range_map_add(struct hm_range_map *ranges, uintptr_t base, size_t span, size_t size);

/* A range as find saw it. */
struct hm_range
{
    uintptr_t base;
    size_t size;
    void *record; /* with the next, distinguishes it from a later range at the same address */
    uint64_t state;
};

/* The range that occupies the unit of `address`. */
bool hm_range_map_find(const struct hm_range_map *ranges, const void *address, struct hm_range *out);

/* Removes a range that find saw, without another look-up. True for one caller only. */
bool hm_range_map_take(struct hm_range_map *ranges, const struct hm_range *found);

/* Bytes of memory that the map has committed. */
size_t hm_range_map_memory(const struct hm_range_map *ranges);

#endif
