/*
 * The internals of heaps.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_HEAP_H
#define CLRMEM_HOSTMEM_HEAP_H

#include "hostmem/heap/alloc_site.h"
#include "hostmem/heap/hostmem_heap.h"
#include "hostmem/heap/span.h"
#include "hostmem/region/region.h"

#define HEAP_FIRST_CHUNK ((size_t)1 << 20) /* bytes reserved at first, and where no larger chunk is available */
#define HEAP_CHUNK       ((size_t)4 << 20) /* bytes reserved from then on */
#define HEAP_CACHE_MOST  ((size_t)4 << 20) /* bytes of empty spans that stay committed */
#define HEAP_OPEN_STEP   (16u * 1024u)     /* bytes of a span opened at a time */

/*
 * One thread's share of the block counters; threads may share one. Blocks may be allocated in one shard and freed in
 * another: only the sum over all shards has a meaning.
 *
 * Allocating or freeing a block of a size class adds to `allocated` or `freed` alone, to keep the fast path short. The
 * results of Alloc and Free in the accounting are without these calls; hm_heaps_statistics adds them.
 */
struct hm_block_counts
{
    /* Blocks ever allocated, and ever freed, by level and size class */
    _Alignas(CACHE_LINE) _Atomic uint64_t allocated[HOSTMEM_CRITICAL_LEVEL_COUNT][BIN_COUNT];
    _Atomic uint64_t freed[HOSTMEM_CRITICAL_LEVEL_COUNT][BIN_COUNT];
    _Atomic size_t large_blocks[HOSTMEM_CRITICAL_LEVEL_COUNT]; /* live blocks above the size classes */
    _Atomic size_t large_bytes[HOSTMEM_CRITICAL_LEVEL_COUNT];  /* their bytes */
};

/* The heaps of a manager. */
struct hm_heaps
{
    const struct hostmem_backend *backend;
    struct hm_accounting *accounting;
    struct hm_waiters *waiters;
    struct hm_region_table *regions;
    struct hm_map *map;                        /* of the region table */
    struct hm_spin list_lock;                  /* guards the list; held by create, destroy and trim */
    struct hostmem_heap *first;                /* of the list */
    struct hm_pool larges;                     /* struct hm_large */
    struct hm_sized_pools records;             /* struct hm_span, hm_span_sites, hm_heap_chunk */
    struct hm_alloc_sites sites;               /* of DebugAlloc */
    struct hm_gauge reserved, committed, live; /* bytes; bytes; heaps */
    struct hm_block_counts counts[SHARD_COUNT];
};

/* Address space that spans are cut from. */
struct hm_heap_chunk
{
    struct hm_pool_link link;
    uintptr_t base;
    size_t size; /* bytes */
    size_t used; /* bytes cut off so far */
    struct hm_span *spans;
    struct hm_heap_chunk *next;
    struct hm_heap_chunk *next_roomy; /* with unused bytes, or found to be full at the next search */
};

/* The spans of a size class that are no shard's current span. */
struct hm_heap_bin
{
    _Alignas(CACHE_LINE) struct hm_spin lock;
    struct hm_span *partial, *cached, *decommitted, *detached;
};

struct hm_heap_shard
{
    _Alignas(CACHE_LINE) _Atomic(struct hm_span *) current[BIN_COUNT];
};

struct hostmem_heap
{
    struct hm_heaps *heaps;
    const struct hostmem_backend *backend; /* these two once more, for the fast paths */
    struct hm_accounting *accounting;
    struct hm_account account;            /* the bytes it has committed */
    uint32_t protect;                     /* of its pages */
    struct hostmem_heap *next, *previous; /* the list */
    _Atomic size_t cached;                /* bytes committed in cached spans */
    struct hm_spin grow_lock;             /* guards the chunks and the list of spans */
    struct hm_heap_chunk *chunks, *roomy;
    struct hm_span *spans; /* all that it ever had, the newest first */
    struct hm_heap_bin bins[BIN_COUNT];
    struct hm_heap_shard shards[SHARD_COUNT];
};

/* --- heaps.c: the heaps of a manager --------------------------------------- */

/* pre: the memory is zeroed */
void hm_heaps_init(struct hm_heaps *heaps, struct hm_region_table *regions);
/* Destroys every heap. No other thread uses them. */
void hm_heaps_destroy(struct hm_heaps *heaps);
/* hostmem_heap_create, not counted. */
enum hostmem_result hm_heap_create(struct hm_heaps *heaps, uint32_t flags, struct hostmem_heap **out);
/* Trims every heap, and adds bytes decommitted and bytes of address space released. Skips what other threads work on. */
enum hostmem_result hm_heaps_trim(struct hm_heaps *heaps, size_t *decommitted, size_t *released);
/* Whether the charge of some heap is above the heap's soft limit. False while the list is in use. */
bool hm_heaps_are_over_soft(struct hm_heaps *heaps);
void hm_heaps_statistics(struct hm_heaps *heaps, struct hostmem_statistics *out);

/* --- enumerate.c ----------------------------------------------------------- */

/* hostmem_manager_each_block */
void hm_heaps_each_block(struct hm_heaps *heaps, bool (*visit)(void *arg, const struct hostmem_block_info *block),
                         void *arg);

/* --- alloc_slow.c: allocating where the fast path does not ----------------- */

/* A whole call of Alloc, with its waits, counted. `shard` is the calling thread's. */
enum hostmem_result hm_heap_alloc_slow(struct hostmem_heap *heap, unsigned shard, size_t size,
                                       enum hostmem_critical_level level, void **out);

/* --- refill.c: spans between the shards and the bins ------------------------ */

/* A block of the bin, where the shard's current span has none. HOSTMEM_NO_MEMORY, HOSTMEM_LIMIT, HOSTMEM_HEAP_LIMIT:
 * *block is NULL, and all figures are as before. */
enum hostmem_result hm_heap_refill(struct hostmem_heap *heap, unsigned shard, unsigned bin,
                                   enum hostmem_critical_level level, void **block);
/* A block was freed in a span that was full, or may be empty now: puts the span into the right list. */
void hm_heap_requeue_span(struct hostmem_heap *heap, struct hm_span *span);
/* Takes a sealed span out of use: cached, as long as that makes at most `most` bytes, else decommitted. Bytes
 * decommitted. pre: the bin's lock is held, the span is in no list */
size_t hm_heap_retire_span(struct hostmem_heap *heap, struct hm_span *span, size_t most);

/* --- grow.c: spans from chunks ---------------------------------------------- */

/* The next blocks of a span to be opened. */
struct hm_span_step
{
    uint32_t opened; /* blocks open after it */
    size_t bytes;    /* to be committed; charged already */
};

/* Charges the next step of a span of the bin with `opened` blocks and `committed` bytes: a long step, or a single block
 * where limits refuse the long one. HOSTMEM_LIMIT, HOSTMEM_HEAP_LIMIT: nothing charged. */
enum hostmem_result hm_heap_charge_step(struct hostmem_heap *heap, unsigned bin, uint32_t opened, size_t committed,
                                        enum hostmem_critical_level level, struct hm_span_step *step);
/* Commits and opens a charged step; HOSTMEM_NO_MEMORY: the charge is freed. pre, here and below: the bin's lock is held */
enum hostmem_result hm_heap_commit_step(struct hostmem_heap *heap, struct hm_span *span,
                                        const struct hm_span_step *step);
/* A new span, decommitted, in no list. NULL: no memory. */
struct hm_span *hm_heap_new_span(struct hostmem_heap *heap, unsigned bin);
/* Attaches a detached span that may move to new addresses; false where there is no memory. */
bool hm_heap_attach_span(struct hostmem_heap *heap, struct hm_span *span);
/* Detaches a span without committed pages, in no list, from its addresses. */
void hm_heap_detach_span(struct hostmem_heap *heap, struct hm_span *span);
/* Decommits a sealed span. Bytes; 0 where the backend refuses. */
size_t hm_heap_decommit_span(struct hostmem_heap *heap, struct hm_span *span);
/* Releases all chunks and spans. No other thread uses the heap. */
void hm_heap_release_chunks(struct hostmem_heap *heap);

/* --- trim.c ----------------------------------------------------------------- */

/* Decommits every empty span, and then releases chunks that have no committed pages; adds to *decommitted and *released
 * (bytes). HOSTMEM_BROKEN: this found the records broken. Never waits for a lock: skips what other threads work on. */
enum hostmem_result hm_heap_trim(struct hostmem_heap *heap, size_t *decommitted, size_t *released);

/* --- large.c: blocks above the size classes, reserved one by one -------------- */

struct hm_large
{
    struct hm_pool_link link;
    _Atomic uint64_t state;              /* generation and phase: see large.c */
    _Atomic(struct hostmem_heap *) heap; /* the owner */
    _Atomic uintptr_t base;              /* granularity aligned */
    _Atomic size_t size;                 /* bytes, a multiple of pages */
    _Atomic uint32_t level;              /* enum hostmem_critical_level */
    _Atomic uint32_t site;               /* of DebugAlloc; 0: none */
};

/* HOSTMEM_NO_MEMORY, HOSTMEM_LIMIT, HOSTMEM_HEAP_LIMIT: all figures are as before. */
enum hostmem_result hm_large_alloc(struct hostmem_heap *heap, unsigned shard, size_t size,
                                   enum hostmem_critical_level level, uint32_t site, void **out);
/* HOSTMEM_NOT_OWNED unless `large` is this heap's live block at `block`; one of several callers succeeds. */
enum hostmem_result hm_large_free(struct hostmem_heap *heap, unsigned shard, struct hm_large *large, void *block);
/* Describes a live block of `heap` (NULL: of any heap); false if the record is of no such block. */
bool hm_large_describe(struct hm_large *large, struct hostmem_heap *heap, struct hostmem_block_info *info,
                       uint32_t *site);
/* Releases the large blocks of a heap, or (NULL) all that are left. No other thread uses them. */
void hm_larges_destroy(struct hm_heaps *heaps, struct hostmem_heap *heap);

#endif
