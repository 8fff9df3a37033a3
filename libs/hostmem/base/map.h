/*
 * From any address to a pointer that stands for the owner of its 64 KiB granule.
 *
 * A two-level radix table over the user address space. Looking up takes two
 * loads and no lock, however many entries there are. 64 KiB is the granularity at which
 * address space is handed out, so an entry a granule is exact. Where somebody else hands
 * out parts of granules, a map may be made with an entry a page: its granules are 4 KiB.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_MAP_H
#define CLRMEM_HOSTMEM_MAP_H

#include "hostmem/base/backend.h"

struct hm_map;

/* What has an entry of its own. */
enum hm_map_unit
{
    HOSTMEM_MAP_GRANULES, /* 64 KiB, HOSTMEM_GRANULARITY */
    HOSTMEM_MAP_PAGES,    /* 4 KiB, HOSTMEM_PAGE_SIZE */
};

/* An empty map of granules; its tables come from `backend`, which must outlive it. HOSTMEM_NO_MEMORY, *out NULL. */
enum hostmem_result hm_map_create(const struct hostmem_backend *backend, struct hm_map **out);
/* The same, of units of your choice: for a map of pages, read "page" where it says "granule" below. */
enum hostmem_result hm_map_create_of(const struct hostmem_backend *backend, enum hm_map_unit unit,
                                          struct hm_map **out);
void hm_map_destroy(struct hm_map *map);

/* The value of the granule of `address`, NULL where none was set. Any address, any thread, no lock. */
void *hm_map_get(const struct hm_map *map, const void *address);

/* Sets every granule of [base, base+size) to `value` (NULL clears; clearing never fails).
 * HOSTMEM_NO_MEMORY: nothing was set. Safe beside gets and sets of other granules. */
enum hostmem_result hm_map_set(struct hm_map *map, const void *base, size_t size, void *value);

/* Clears the granules of [base, base+size) that have `value`; those that have another keep it. Never fails. */
void hm_map_clear(struct hm_map *map, const void *base, size_t size, void *value);

/* As set, but only where every granule is free: HOSTMEM_INVALID_ADDRESS where one is not, and nothing is set (gets
 * meanwhile may see some granules set). pre: value is not NULL. */
enum hostmem_result hm_map_claim(struct hm_map *map, const void *base, size_t size, void *value);

#endif
