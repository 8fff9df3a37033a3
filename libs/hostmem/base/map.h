/*
 * The address map: from any address to the record that owns the address's granule.
 *
 * A two-level radix table over the user address space. A look-up takes two loads and no lock, however many entries
 * there are. Address space is handed out in granules of 64 KiB, so one entry a granule is exact. For memory that is
 * handed out in smaller parts, a map can have one entry a page.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_MAP_H
#define CLRMEM_HOSTMEM_MAP_H

#include "hostmem/base/backend.h"

struct hm_map;

/* The size of an entry. */
enum hm_map_unit
{
    HM_MAP_GRANULES, /* 64 KiB, HOSTMEM_GRANULARITY */
    HM_MAP_PAGES,    /* 4 KiB, HOSTMEM_PAGE_SIZE */
};

/* An empty map with one entry a unit. Its tables come from `backend`, which must outlive it. HOSTMEM_NO_MEMORY: *out is
 * NULL. Below, "granule" means the map's unit. */
enum hostmem_result hm_map_create(const struct hostmem_backend *backend, enum hm_map_unit unit, struct hm_map **out);
void hm_map_destroy(struct hm_map *map);

/* The value of the granule of `address`, NULL where none was set. Any address, any thread, no lock. */
void *hm_map_get(const struct hm_map *map, const void *address);

/* Sets every granule of [base, base+size) to `value`; NULL clears, which never fails. HOSTMEM_NO_MEMORY: nothing was
 * set. Other threads may get, and set other granules, at the same time. pre: size is not 0, the range does not wrap */
enum hostmem_result hm_map_set(struct hm_map *map, const void *base, size_t size, void *value);

/* Clears the granules of [base, base+size) that have `value`; the others keep theirs. Never fails. pre: as for set */
void hm_map_clear(struct hm_map *map, const void *base, size_t size, void *value);

/* Sets every granule of [base, base+size) if none of them has a value. HOSTMEM_INVALID_ADDRESS: one has, and nothing is
 * set (other threads may see some granules set meanwhile). pre: as for set; value is not NULL */
enum hostmem_result hm_map_claim(struct hm_map *map, const void *base, size_t size, void *value);

/* Bytes of memory that the map has committed for itself. */
size_t hm_map_memory(const struct hm_map *map);

#endif
