/*
 * Heaps from the inside.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_HEAP_H
#define CLRMEM_HOSTMEM_HEAP_H

#include "hostmem/api/manager.h"
#include "hostmem/heap/spanlist.h"

#define HEAP_FIRST_CHUNK ((size_t)1 << 20) /* bytes reserved at first, and where more is not to be had */
#define HEAP_CHUNK       ((size_t)4 << 20) /* bytes reserved from then on */
#define HEAP_IDLE_KEEP   ((size_t)4 << 20) /* bytes in empty spans that stay committed for the next one */
#define HEAP_OPEN_STEP   (16u * 1024u)     /* bytes of a span opened at a time */

/* Address space that spans are cut from. */
struct heap_chunk
{
    struct hm_pool_link link;
    uintptr_t base;
    size_t size; /* bytes */
    size_t used; /* bytes cut off so far */
    struct hm_span *spans;
    struct heap_chunk *next;
    struct heap_chunk *next_roomy;
};

/* The spans of a size class that no shard has. */
struct heap_bin
{
    _Alignas(CACHE_LINE) struct hm_spin lock;
    struct hm_span *partial, *idle, *cold, *homeless;
};

struct heap_shard
{
    _Alignas(CACHE_LINE) _Atomic(struct hm_span *) current[BIN_COUNT];
};

struct hostmem_heap
{
    struct hostmem_manager *manager;
    struct hm_account account;            /* what it has committed */
    uint32_t protect;                     /* of its pages */
    struct hostmem_heap *next, *previous; /* the manager's list */
    _Atomic size_t idle;                  /* bytes committed in idle spans */
    struct hm_spin grow_lock;             /* guards what follows; waited for inside a bin's lock, never outside in */
    struct heap_chunk *chunks, *roomy;
    struct hm_span *spans; /* every one it ever had, the newest first */
    struct heap_bin bins[BIN_COUNT];
    struct heap_shard shards[SHARD_COUNT];
};

/* A block beyond the size classes: reserved and committed by itself. */
struct hm_large
{
    struct hm_pool_link link;
    _Atomic uint64_t state;              /* generation and phase: see large.c */
    _Atomic(struct hostmem_heap *) heap; /* the owner */
    _Atomic uintptr_t base;              /* granularity aligned */
    _Atomic size_t size;                 /* bytes, a multiple of pages */
    _Atomic uint32_t level;              /* enum hostmem_critical_level */
    _Atomic uint32_t place;              /* of DebugAlloc, see places.h; 0: none */
};

/* --- request.c: allocating where the fast path does not -------------------- */

/* The whole of a call of Alloc, with its waits, counted. The shard is the calling thread's. */
enum hostmem_result hm_heap_request(struct hostmem_heap *heap, unsigned shard, size_t size,
                                    enum hostmem_critical_level level, void **out);

/* --- grow.c: spans from chunks ------------------------------------------- */

/* A step of a span: how many blocks it will have opened, and what that takes. */
struct heap_step
{
    uint32_t opened; /* blocks */
    size_t bytes;    /* to be committed; charged already */
};

/* Charges the next step of a span of the bin that has `opened` blocks, `committed` bytes: a long one, or where the
 * limits refuse that, one of a single block. HOSTMEM_LIMIT, HOSTMEM_HEAP_LIMIT: nothing charged. */
enum hostmem_result hm_heap_charge_step(struct hostmem_heap *heap, unsigned bin, uint32_t opened, size_t committed,
                                        enum hostmem_critical_level level, struct heap_step *step);
/* Commits and opens what was charged; HOSTMEM_NO_MEMORY, and uncharged. pre, of this and what follows: the bin's lock
 * is held */
enum hostmem_result hm_heap_take_step(struct hostmem_heap *heap, struct hm_span *span, const struct heap_step *step);
/* A new span, cold, in no list. NULL: no memory. */
struct hm_span *hm_heap_new_span(struct hostmem_heap *heap, unsigned bin);
/* A new home for a homeless span that may move, which is then cold; false where there is no memory. */
bool hm_heap_house(struct hostmem_heap *heap, struct hm_span *span);
/* Makes a cold or housed span, in no list, homeless. */
void hm_heap_unhouse(struct hostmem_heap *heap, struct hm_span *span);
/* Decommits a sealed span; bytes, 0 where the backend refuses. */
size_t hm_heap_cool(struct hostmem_heap *heap, struct hm_span *span);
/* Gives back all chunks and spans. Nobody else is calling. */
void hm_heap_release_chunks(struct hostmem_heap *heap);

/* --- refill.c: spans from shard to bin and back -------------------------- */

/* A block of the bin where the shard's current span has none. HOSTMEM_NO_MEMORY, HOSTMEM_LIMIT, HOSTMEM_HEAP_LIMIT:
 * *block is NULL, and every figure as before. */
enum hostmem_result hm_heap_refill(struct hostmem_heap *heap, unsigned shard, unsigned bin,
                                   enum hostmem_critical_level level, void **block);
/* A block was freed in a span that was full, or may be empty now: puts it into the right list. */
void hm_heap_settle(struct hostmem_heap *heap, struct hm_span *span);
/* A sealed span's way out of use: idle while the heap may keep that many bytes, else cold. Bytes decommitted.
 * pre: the bin's lock is held, the span is in no list */
size_t hm_heap_retire(struct hostmem_heap *heap, struct hm_span *span, size_t keep);

/* --- trim.c -------------------------------------------------------------- */

/* Decommits every empty span, and then gives back the chunks that nothing of is committed; adds to *trimmed. Waits for no lock: what others are working on stays. */
void hm_heap_trim(struct hostmem_heap *heap, struct hm_trimmed *trimmed);

/* --- large.c ------------------------------------------------------------- */

/* HOSTMEM_NO_MEMORY, HOSTMEM_LIMIT, HOSTMEM_HEAP_LIMIT: every figure is as before. */
enum hostmem_result hm_large_alloc(struct hostmem_heap *heap, struct hm_shard *shard, size_t size,
                                   enum hostmem_critical_level level, uint32_t place, void **out);
/* HOSTMEM_NOT_OWNED unless `large` is this heap's live block at `block`; one of several callers wins. */
enum hostmem_result hm_large_free(struct hostmem_heap *heap, struct hm_shard *shard, struct hm_large *large,
                                  void *block);
/* What a record says; false unless it is of a live block, of `heap` unless that is NULL. */
bool hm_large_describe(struct hm_large *large, struct hostmem_heap *heap, struct hostmem_block_info *info,
                       uint32_t *place);
/* Gives back the large blocks of a heap, or (NULL) everything left. Nobody else is calling. */
void hm_larges_destroy(struct hostmem_manager *manager, struct hostmem_heap *heap);

#endif
