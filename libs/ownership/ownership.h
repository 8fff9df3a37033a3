/*
 * The ownership map: which regions and blocks came from a host's memory manager.
 *
 * The contract of IHostMemoryManager does not require a host to check what is freed through it, so the shim records what
 * the host has handed out. Memory that is not in the map came from elsewhere and must not reach the host. Every
 * function may be called on any thread and takes no lock: a thread that is suspended inside a call delays no other.
 *
 * Memory used: about 40 bytes for each block (the peak counts), and for the regions 8 bytes for each page of theirs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_OWNERSHIP_H
#define CLRMEM_OWNERSHIP_H

#include "hostmem/base/range_map.h"

struct ownership_map;

/* An empty map; its tables come from `backend`, which must outlive it. HOSTMEM_NO_MEMORY, *out NULL. */
enum hostmem_result ownership_create(const struct hostmem_backend *backend, struct ownership_map **out);
/* NULL is allowed. No other thread may use the map. */
void ownership_destroy(struct ownership_map *map);

struct ownership_region
{
    void *base;
    size_t size; /* bytes */
    struct hm_range range;
};

/* Records a region of `size` bytes (not 0) at `base` (page aligned; any number of regions may share a granule).
 * HOSTMEM_NO_MEMORY: not recorded. HOSTMEM_INVALID_ADDRESS: base is not aligned, or some page of the range has a
 * region already. */
enum hostmem_result ownership_add_region(struct ownership_map *map, void *base, size_t size);

/* The recorded region that `address` lies in; false if there is none. */
bool ownership_find_region(const struct ownership_map *map, const void *address, struct ownership_region *region);

/* Removes a region that was found, without another look-up. True for exactly one of several callers that found it; false
 * as well where the region was removed and its addresses were recorded anew. */
bool ownership_take_region(struct ownership_map *map, const struct ownership_region *region);

struct ownership_block
{
    size_t size; /* bytes, 0 to SIZE_MAX */
    bool moved;  /* kept for the caller */
};

/* Records a block at `address`, a multiple of the size of a pointer and not NULL. HOSTMEM_INVALID_ADDRESS: misaligned or
 * recorded already. HOSTMEM_NO_MEMORY: not recorded. */
enum hostmem_result ownership_add_block(struct ownership_map *map, void *address, struct ownership_block block);

/* The block recorded at `address`; false, *block unchanged, if there is none. */
bool ownership_find_block(const struct ownership_map *map, const void *address, struct ownership_block *block);

/* The same, and removes it: true for exactly one of several callers. */
bool ownership_take_block(struct ownership_map *map, void *address, struct ownership_block *block);

struct ownership_totals
{
    uint64_t regions, region_bytes; /* recorded now */
    uint64_t blocks, block_bytes;
    uint64_t memory; /* bytes that the map itself has committed */
};
void ownership_totals(const struct ownership_map *map, struct ownership_totals *totals);

#endif
