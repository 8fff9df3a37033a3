/*
 * What the parts of a manager share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_MANAGER_H
#define CLRMEM_HOSTMEM_MANAGER_H

#include "hostmem/account/charge.h"
#include "hostmem/base/range_map.h"
#include "hostmem/base/map.h"
#include "hostmem/base/record_pool.h"
#include "hostmem/heap/alloc_site.h"
#include "hostmem/base/record_pool.h"
#include "hostmem/base/spin.h"

#define BIN_COUNT 56 /* size classes of the heaps, see bins.h */

enum manager_status
{
    MANAGER_SERVING, /* 0: what new memory holds */
    MANAGER_STOPPED, /* shut down, or found broken */
};

/* What map entries point at is told by the low bits of the pointer; records are aligned to 64 bytes. */
enum map_tag
{
    MAP_REGION, /* struct hm_region */
    MAP_SPAN,   /* struct hm_span */
    MAP_LARGE,  /* struct hm_large */
    MAP_TAGS = 3
};

/*
 * One thread's share of the counters (threads may collide). Amounts may go up in one shard and down in another: only
 * the sum over all shards means something.
 *
 * Allocating and freeing a block of a size class adds to `allocated` and `freed` alone, as one addition is what
 * there is time for; so results[ALLOC][OK] and results[FREE][OK] are without these, and statistics adds them.
 */
struct hm_shard
{
    /* Blocks of each level and size class ever; of these, freed */
    _Alignas(CACHE_LINE) _Atomic uint64_t allocated[HOSTMEM_CRITICAL_LEVEL_COUNT][BIN_COUNT];
    _Atomic uint64_t freed[HOSTMEM_CRITICAL_LEVEL_COUNT][BIN_COUNT];
    _Atomic uint64_t results[HOSTMEM_METHOD_COUNT][HOSTMEM_RESULT_COUNT];
    _Atomic uint64_t refusals[HOSTMEM_CAUSE_COUNT][HOSTMEM_CRITICAL_LEVEL_COUNT];
    _Atomic size_t large_blocks[HOSTMEM_CRITICAL_LEVEL_COUNT]; /* live blocks beyond the size classes */
    _Atomic size_t large_bytes[HOSTMEM_CRITICAL_LEVEL_COUNT];  /* their bytes */
};

struct hostmem_manager
{
    struct hostmem_backend backend;
    struct hm_map *map;            /* granule -> tagged record */
    _Atomic uint32_t status;       /* enum manager_status */
    struct hm_pool regions;        /* struct hm_region */
    struct hm_pool larges;         /* struct hm_large */
    struct hm_sized_pools bitmaps; /* committed pages of regions */
    struct hm_sized_pools spans;   /* struct hm_span, struct span_notes, heap chunks */
    struct hm_alloc_sites places;  /* that DebugAlloc was told of */
    struct hm_range_map views;     /* mapped views the runtime told of */
    struct hm_spin heap_lock;      /* guards the list of heaps; held by create, destroy and trim */
    struct hostmem_heap *heaps;    /* first of the list */
    struct hm_gauge reserved, committed, live_regions;
    struct hm_gauge heap_reserved, heap_committed, live_heaps;
    struct hm_gauge mapped, live_views;
    struct hm_gauge level_reserved[HOSTMEM_CRITICAL_LEVEL_COUNT];  /* of regions, by their level */
    struct hm_gauge level_committed[HOSTMEM_CRITICAL_LEVEL_COUNT]; /* of these, committed */
    struct hm_gauge locked;                                        /* locked regions, count */

    struct hm_account account;                                   /* regions and heaps */
    _Atomic uint32_t memory_waits[HOSTMEM_CRITICAL_LEVEL_COUNT]; /* ms */
    _Atomic uint32_t lock_wait;                                  /* ms */
    _Atomic uint32_t waiting;                                    /* calls that wait for memory or a lock */
    _Atomic uint32_t events;                                     /* what they sleep on */
    _Atomic uint32_t cancels;                                    /* of all waits, so far */
    _Atomic uint64_t waits;                                      /* calls that ever waited */
    _Atomic uint32_t watching;                                   /* watchers of pressure */
    _Atomic uint32_t pressure;                                   /* what they sleep on */
    struct hm_shard shards[SHARD_COUNT];
};

static inline bool manager_serving(const struct hostmem_manager *manager)
{
    return load_relaxed(&((struct hostmem_manager *)manager)->status) == MANAGER_SERVING;
}

/* The manager's records contradict themselves: HOSTMEM_BROKEN for the caller that stops the manager by this,
 * HOSTMEM_UNAVAILABLE where it had stopped before. */
enum hostmem_result hm_manager_break(struct hostmem_manager *manager);

/* A backend's answer to releasing a base that it gave: what it cannot mean becomes HOSTMEM_BROKEN. */
enum hostmem_result hm_manager_judge_release(struct hostmem_manager *manager, enum hostmem_result result);

/* Counts a call in a shard, and gives its result back. */
enum hostmem_result hm_shard_count(struct hm_shard *shard, enum hostmem_method method, enum hostmem_result result);

/* The same for a call that asked for memory at a level: what could not be had counts among the refusals, too. */
enum hostmem_result hm_manager_count_request(struct hostmem_manager *manager, struct hm_shard *shard,
                                             enum hostmem_method method, enum hostmem_critical_level level,
                                             enum hostmem_result result);

/* What trimming came to. */
struct hm_trimmed
{
    size_t decommitted, released; /* bytes of pages, bytes of address space */
    bool broken;                  /* the manager was stopped by this: HOSTMEM_BROKEN is the caller's to tell */
};

/* Gives back empty spans of every heap, but for what others are working on. */
struct hm_trimmed hm_heaps_trim(struct hostmem_manager *manager);

static inline struct hm_shard *manager_shard(struct hostmem_manager *manager)
{
    return &manager->shards[shard_index(&manager->backend)];
}

/* Map entries: the record and its kind in one pointer. */
static inline void *map_tagged(void *record, enum map_tag tag)
{
    return (void *)((uintptr_t)record | tag);
}

/* The record of the granule if it is of that kind, else NULL. */
static inline void *manager_record(const struct hostmem_manager *manager, const void *address, enum map_tag tag)
{
    uintptr_t entry = (uintptr_t)hm_map_get(manager->map, address);

    return (entry & MAP_TAGS) == tag ? (void *)(entry & ~(uintptr_t)MAP_TAGS) : NULL;
}

#endif
