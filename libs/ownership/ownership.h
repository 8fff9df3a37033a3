/*
 * Whose memory is whose: what came from somebody else's host memory manager.
 *
 * A host's manager need not check what is handed back to it, so whoever stands
 * between a runtime and a host keeps the record itself. Lock-free throughout: a
 * thread suspended inside a call never holds up another.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_OWNERSHIP_H
#define CLRMEM_OWNERSHIP_H

#include "hostmem/base/backend.h"

struct ownership_map;

/* An empty map; its tables come from `backend`, which must outlive it. HOSTMEM_NO_MEMORY, *out NULL. */
enum hostmem_result ownership_create(const struct hostmem_backend *backend, struct ownership_map **out);
void ownership_destroy(struct ownership_map *map);

/* Records a region of `size` bytes (not 0) at `base` (page aligned; any number of regions may share a granule).
 * HOSTMEM_NO_MEMORY: not recorded. HOSTMEM_INVALID_ADDRESS: base is not aligned, or some page of the range has a
 * region already. */
enum hostmem_result ownership_add_region(struct ownership_map *map, void *base, size_t size);

/* Whether `address` lies in a recorded region; base and size (bytes) are optional. */
bool ownership_find_region(const struct ownership_map *map, const void *address, void **base, size_t *size);

/* Strikes the region that begins at `base` off; true for exactly one of several callers that try. */
bool ownership_take_region(struct ownership_map *map, void *base, size_t *size);

/* Records a block of `size` bytes (0 to SIZE_MAX) at `block`, a multiple of the size of a pointer and not NULL.
 * HOSTMEM_INVALID_ADDRESS: misaligned or recorded already (or one of two that share a granule is of 4 GiB and more).
 * HOSTMEM_NO_MEMORY: not recorded. */
enum hostmem_result ownership_add_block(struct ownership_map *map, void *block, size_t size);

/* Whether `block` is recorded; size (bytes) is optional. */
bool ownership_find_block(const struct ownership_map *map, const void *block, size_t *size);

/* Strikes the block off; true for exactly one of several callers that try. */
bool ownership_take_block(struct ownership_map *map, void *block, size_t *size);

/* Live entries and their bytes. */
void ownership_totals(const struct ownership_map *map, uint64_t *regions, uint64_t *region_bytes, uint64_t *blocks,
                      uint64_t *block_bytes);

#endif
