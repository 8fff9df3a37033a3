/*
 * Region records: what one reserving VirtualAlloc gave.
 *
 * A region is used between pin and unpin. Releasing turns it from live to
 * releasing, once, and waits for nobody: the last unpin gives the memory back.
 * A region that turns out to be gone already becomes stale instead: the last
 * unpin puts away the record alone.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_REGIONS_H
#define CLRMEM_HOSTMEM_REGIONS_H

#include "manager.h"

struct hostmem_region
{
    struct hostmem_pool_link link;
    _Atomic uint64_t state;      /* generation, phase, pins: see regions.c */
    _Atomic uintptr_t base;      /* granularity aligned */
    _Atomic size_t size;         /* bytes, a multiple of pages */
    _Atomic size_t committed;    /* bytes */
    _Atomic uint64_t own_word;   /* the bitmap of a region of at most 64 pages */
    struct hostmem_bitmap *more; /* the bitmap of a bigger one; only while pinned */
};

struct hostmem_bitmap
{
    struct hostmem_pool_link link;
    _Atomic uint64_t words[];
};

/* Reserves by the backend (arguments as its reserve's) and records a region. */
enum hostmem_result hostmem_region_create(struct hostmem_manager *manager, void **address, size_t size, uint32_t type,
                                          uint32_t protect);

/* The live region that `address` lies in, pinned, or NULL. */
struct hostmem_region *hostmem_region_pin(struct hostmem_manager *manager, const void *address);
void hostmem_region_unpin(struct hostmem_manager *manager, struct hostmem_region *region);

/* Releases a pinned region, and unpins it. HOSTMEM_NOT_OWNED: another caller released it first.
 * An error of the backend's: the region is live again, as it was. */
enum hostmem_result hostmem_region_release(struct hostmem_manager *manager, struct hostmem_region *region);

/*
 * The backend has just reserved [base, base+size) for us, so whatever region was recorded there the program gave back
 * behind our back: strikes such regions off, wholly, and leaves their memory alone. To be called before the range
 * enters the map.
 */
void hostmem_regions_retire(struct hostmem_manager *manager, void *base, size_t size);

/* Pages [offset, offset+size) of a pinned region were committed, or decommitted: bitmap and figures follow. */
void hostmem_region_committed(struct hostmem_manager *manager, struct hostmem_region *region, size_t offset,
                              size_t size);
void hostmem_region_decommitted(struct hostmem_manager *manager, struct hostmem_region *region, size_t offset,
                                size_t size);

/* Gives every region back; nobody else is calling. */
void hostmem_regions_destroy(struct hostmem_manager *manager);

#endif
