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

#include "hostmem/region/wait.h"

/* The state word: generation (32 bits) | phase (3) | pins (29); see regions.c. */
#define REGION_PIN        UINT64_C(1)
#define REGION_PINS       UINT64_C(0x1fffffff)
#define REGION_PHASE      UINT64_C(0xe0000000)
#define REGION_FREE       UINT64_C(0x00000000)
#define REGION_LIVE       UINT64_C(0x20000000)
#define REGION_RELEASING  UINT64_C(0x40000000)
#define REGION_STALE      UINT64_C(0x60000000) /* no longer ours: the memory is not to be touched */
#define REGION_ORPHAN     UINT64_C(0x80000000) /* never handed out, could not be given back: destroy tries again */
#define REGION_GENERATION (UINT64_C(1) << 32)

struct hm_region
{
    struct hm_pool_link link;
    _Atomic uint64_t state;
    _Atomic uintptr_t base;                       /* granularity aligned */
    _Atomic size_t size;                          /* bytes, a multiple of pages */
    _Atomic size_t committed;                     /* bytes */
    _Atomic uint32_t level;                       /* enum hostmem_critical_level, of the reserving request */
    _Atomic uint32_t cancels;                     /* of waits for its lock, ever */
    _Atomic uint32_t commits_begun, commits_done; /* ever; equal where none is under way */
    _Atomic uint32_t changes;                     /* under way: entered, and not left */
    _Atomic uint64_t lock;                        /* thread << 32 | how often, 0: not locked; see locks.c */
    _Atomic uint64_t own_word;                    /* the bitmap of a region of at most 64 pages */
    struct hm_bitmap *more;                       /* the bitmap of a bigger one; only while pinned */
};

struct hm_bitmap
{
    struct hm_pool_link link;
    _Atomic uint64_t words[];
};

/* Reserves by the backend (arguments as its reserve's), charges what is committed, and records a region. */
enum hostmem_result hm_region_create(struct hostmem_manager *manager, void **address, size_t size, uint32_t type,
                                     uint32_t protect, struct hm_wait *patience);

/* The live region that `address` lies in, pinned, or NULL. Unpinning gives what the release came to that it ended, else
 * HOSTMEM_OK. */
struct hm_region *hm_region_pin(struct hostmem_manager *manager, const void *address);
enum hostmem_result hm_region_unpin(struct hostmem_manager *manager, struct hm_region *region);

/* The same for a change. HOSTMEM_NOT_OWNED: there is none; HOSTMEM_NOT_OWNER: it is locked for another thread, and
 * noted as the patience's blocker. */
enum hostmem_result hm_region_enter(struct hostmem_manager *manager, const void *address, struct hm_wait *patience,
                                    struct hm_region **out);

/* Ends a change that enter began and that came to `result`, and unpins; the result, or HOSTMEM_BROKEN where this was the
 * last pin of a region whose release proves the records broken: nobody else is told. */
enum hostmem_result hm_region_leave(struct hostmem_manager *manager, struct hm_region *region,
                                    enum hostmem_result result);

/* Releases an entered region, and leaves it. HOSTMEM_NOT_OWNED: another caller released it first.
 * An error of the backend's: the region is live again, as it was but for its lock. */
enum hostmem_result hm_region_release(struct hostmem_manager *manager, struct hm_region *region);

/*
 * The backend has just reserved [base, base+size) for us, so whatever region was recorded there the program gave back
 * behind our back: strikes such regions off, wholly, and leaves their memory alone. To be called before the range
 * enters the map.
 */
void hm_regions_retire(struct hostmem_manager *manager, void *base, size_t size);

/* Charges and commits pages [offset, offset+size) of a pinned region, or decommits them: bitmap and figures follow. On
 * failure nothing is changed. */
enum hostmem_result hm_region_commit(struct hostmem_manager *manager, struct hm_region *region, size_t offset,
                                     size_t size, uint32_t protect, struct hm_wait *patience);
enum hostmem_result hm_region_decommit(struct hostmem_manager *manager, struct hm_region *region, size_t offset,
                                       size_t size);

/* Takes a lock away with its region. pre: the caller has a pin of its own */
void hm_region_drop_lock(struct hostmem_manager *manager, struct hm_region *region);

/* Gives every region back; nobody else is calling. */
void hm_regions_destroy(struct hostmem_manager *manager);

#endif
