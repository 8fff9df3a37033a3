/*
 * From any address to a pointer that stands for the owner of its 64 KiB granule.
 *
 * A two-level radix table over the user address space. Looking up takes two
 * loads and no lock, however many entries there are. 64 KiB is the granularity at which
 * address space is handed out, so an entry a granule is exact.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_MAP_H
#define CLRMEM_HOSTMEM_MAP_H

#include "hostmem.h"

struct hostmem_map;

/* An empty map; its tables come from `backend`, which must outlive it. HOSTMEM_NO_MEMORY, *out NULL. */
enum hostmem_result hostmem_map_create(const struct hostmem_backend *backend, struct hostmem_map **out);
void hostmem_map_destroy(struct hostmem_map *map);

/* The value of the granule of `address`, NULL where none was set. Any address, any thread, no lock. */
void *hostmem_map_get(const struct hostmem_map *map, const void *address);

/* Sets every granule of [base, base+size) to `value` (NULL clears; clearing never fails).
 * HOSTMEM_NO_MEMORY: nothing was set. Safe beside gets and sets of other granules. */
enum hostmem_result hostmem_map_set(struct hostmem_map *map, const void *base, size_t size, void *value);

/* As set, but only where every granule is free: HOSTMEM_INVALID_ADDRESS where one is not, and nothing is set (gets
 * meanwhile may see some granules set). pre: value is not NULL. */
enum hostmem_result hostmem_map_claim(struct hostmem_map *map, const void *base, size_t size, void *value);

#endif
