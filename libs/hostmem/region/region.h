/*
 * Regions: the memory of one reserving VirtualAlloc.
 *
 * A region is used between pin and unpin. A release turns it from live to releasing, once, and does not wait: the last
 * unpin releases the memory. A region whose memory the program released without the manager becomes stale instead: the
 * last unpin removes the record alone.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_REGION_H
#define CLRMEM_HOSTMEM_REGION_H

#include "hostmem/base/map.h"
#include "hostmem/base/record_pool.h"
#include "hostmem/region/region_info.h"
#include "hostmem/region/wait.h"

/* The state word: generation (32 bits) | phase (3) | pins (29); see region.c. */
#define REGION_PIN        UINT64_C(1)
#define REGION_PINS       UINT64_C(0x1fffffff)
#define REGION_PHASE      UINT64_C(0xe0000000)
#define REGION_FREE       UINT64_C(0x00000000)
#define REGION_LIVE       UINT64_C(0x20000000)
#define REGION_RELEASING  UINT64_C(0x40000000)
#define REGION_STALE      UINT64_C(0x60000000) /* no longer the manager's: the memory must not be touched */
#define REGION_ORPHAN     UINT64_C(0x80000000) /* never handed out, its release failed: destroy tries again */
#define REGION_GENERATION (UINT64_C(1) << 32)

/* The kind of record that an entry of the address map points at, in the low bits of the pointer: records are aligned to
 * 64 bytes. The heap layer's kinds have their numbers here, so that all differ. */
enum hm_map_tag
{
    HM_MAP_REGION, /* struct hm_region */
    HM_MAP_SPAN,   /* struct hm_span */
    HM_MAP_LARGE,  /* struct hm_large */
    HM_MAP_TAGS = 3
};

struct hm_region_bitmap
{
    struct hm_pool_link link;
    _Atomic uint64_t words[];
};

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
    _Atomic uint64_t lock;                        /* thread << 32 | count, 0: not locked; see region_lock.c */
    _Atomic uint64_t own_word;                    /* the bitmap of a region of at most 64 pages */
    struct hm_region_bitmap *bitmap;              /* of a larger one, else NULL; only while pinned */
};

/* The regions of a manager, and the address map, which the heaps enter their memory into as well. */
struct hm_region_table
{
    const struct hostmem_backend *backend;
    struct hm_accounting *accounting;
    struct hm_waiters *waiters;
    struct hm_map *map;                                            /* granule -> tagged record */
    struct hm_pool records;                                        /* struct hm_region */
    struct hm_sized_pools bitmaps;                                 /* struct hm_region_bitmap */
    struct hm_gauge reserved, live;                                /* bytes; regions */
    struct hm_gauge committed;                                     /* bytes */
    struct hm_gauge level_reserved[HOSTMEM_CRITICAL_LEVEL_COUNT];  /* bytes, by the region's level */
    struct hm_gauge level_committed[HOSTMEM_CRITICAL_LEVEL_COUNT]; /* of these, committed */
    struct hm_gauge locked;                                        /* regions */
};

static inline void *map_tagged(void *record, enum hm_map_tag tag)
{
    return (void *)((uintptr_t)record | tag);
}

static inline void *map_record(const void *entry)
{
    return (void *)((uintptr_t)entry & ~(uintptr_t)HM_MAP_TAGS);
}

static inline enum hm_map_tag map_tag(const void *entry)
{
    return (enum hm_map_tag)((uintptr_t)entry & HM_MAP_TAGS);
}

/* The record of an address if it is of that kind, else NULL. */
static inline void *map_find(const struct hm_map *map, const void *address, enum hm_map_tag tag)
{
    void *entry = hm_map_get(map, address);

    return map_tag(entry) == tag ? map_record(entry) : NULL;
}

/* --- region.c ------------------------------------------------------------- */

/* HOSTMEM_NO_MEMORY: destroy is still to be called. pre: the memory is zeroed */
enum hostmem_result hm_regions_init(struct hm_region_table *table, struct hm_waiters *waiters);
/* Releases every region. No other thread uses the table. */
void hm_regions_destroy(struct hm_region_table *table);

/* Reserves with the backend (arguments as its reserve's), charges the pages that `type` commits, and records a region. */
enum hostmem_result hm_region_create(struct hm_region_table *table, void **address, size_t size, uint32_t type,
                                     uint32_t protect, struct hm_wait *wait);

/* The live region of `address`, pinned, or NULL. */
struct hm_region *hm_region_pin(struct hm_region_table *table, const void *address);
/* HOSTMEM_OK, or the result of the release that this unpin completed. pre: the caller has a pin */
enum hostmem_result hm_region_unpin(struct hm_region_table *table, struct hm_region *region);

/* Releases a pinned region and leaves it, as hm_region_leave. HOSTMEM_NOT_OWNED: another caller released it first.
 * An error of the backend: the region is live again, unlocked, else as before. */
enum hostmem_result hm_region_release(struct hm_region_table *table, struct hm_region *region);

/* The backend has just reserved [base, base+size), so the program must have released every region recorded there without
 * the manager. Makes these regions stale as a whole, and leaves their memory alone. To be called before the range enters
 * the map. */
void hm_regions_retire(struct hm_region_table *table, void *base, size_t size);

/* Frees the lock of a region that its last lock or its end has set to 0. pre: the caller has another pin */
void hm_region_unlocked(struct hm_region_table *table, struct hm_region *region);

bool hm_regions_find(struct hm_region_table *table, const void *address, void **base, size_t *size);
void hm_regions_each(struct hm_region_table *table, bool (*visit)(void *arg, const struct hostmem_region_info *region),
                     void *arg);
void hm_regions_statistics(struct hm_region_table *table, struct hostmem_statistics *out);

/* --- region_pages.c: which pages are committed ----------------------------- */

/* A clear bitmap for a record. False: no memory. */
bool hm_region_pages_init(struct hm_region_table *table, struct hm_region *region, size_t size);
void hm_region_pages_destroy(struct hm_region_table *table, struct hm_region *region, size_t size);
/* All pages of a new region are committed; they are charged. */
void hm_region_pages_fill(struct hm_region_table *table, struct hm_region *region, size_t size);
/* All pages of a region are gone; frees the charge. */
void hm_region_pages_forget(struct hm_region_table *table, struct hm_region *region);

/* Charges and commits pages [offset, offset+size) of a pinned region, or decommits them, and records it. On failure
 * nothing is changed. */
enum hostmem_result hm_region_commit(struct hm_region_table *table, struct hm_region *region, size_t offset,
                                     size_t size, uint32_t protect, struct hm_wait *wait);
enum hostmem_result hm_region_decommit(struct hm_region_table *table, struct hm_region *region, size_t offset,
                                       size_t size);

/* --- region_lock.c: changes and locks -------------------------------------- */

/* Pins a region for a change. HOSTMEM_NOT_OWNED: there is none, *out NULL. HOSTMEM_NOT_OWNER: it is locked for another
 * thread, *out NULL, and it is the blocker of `wait`. */
enum hostmem_result hm_region_enter(struct hm_region_table *table, const void *address, struct hm_wait *wait,
                                    struct hm_region **out);

/* Ends a change that had `result`, and unpins. The result, or HOSTMEM_BROKEN where this completed a release that found
 * the records broken, which no other caller is told. pre: the region was entered */
enum hostmem_result hm_region_leave(struct hm_region_table *table, struct hm_region *region,
                                    enum hostmem_result result);

/* hostmem_manager_lock, _unlock, _cancel_waits. */
enum hostmem_result hm_region_lock(struct hm_region_table *table, void *address, uint32_t thread, uint32_t milliseconds,
                                   void **base, size_t *size);
enum hostmem_result hm_region_unlock(struct hm_region_table *table, void *address, uint32_t thread);
enum hostmem_result hm_regions_cancel_waits(struct hm_region_table *table, const void *address);

#endif
