/*
 * Heaps from the inside.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_HEAP_H
#define CLRMEM_HOSTMEM_HEAP_H

#include "manager.h"
#include "span.h"

#define HEAP_FIRST_CHUNK ((size_t)1 << 20) /* bytes reserved at first, and where more is not to be had */
#define HEAP_CHUNK       ((size_t)4 << 20) /* bytes reserved from then on */
#define HEAP_IDLE_KEEP   ((size_t)4 << 20) /* bytes in empty spans that stay committed for the next one */
#define HEAP_OPEN_STEP   (16u * 1024u)     /* bytes of a span opened at a time */

/* Address space that spans are cut from. */
struct heap_chunk
{
    struct hostmem_pool_link link;
    uintptr_t base;
    size_t size; /* bytes */
    size_t used; /* bytes cut off so far */
    struct heap_chunk *next;
    struct heap_chunk *next_roomy;
};

/* The spans of a size class that no shard has. */
struct heap_bin
{
    _Alignas(CACHE_LINE) struct hostmem_spin lock;
    struct hostmem_span *partial, *idle, *cold;
};

struct heap_shard
{
    _Alignas(CACHE_LINE) _Atomic(struct hostmem_span *) current[BIN_COUNT];
};

struct hostmem_heap
{
    struct hostmem_manager *manager;
    struct hostmem_account account;       /* what it has committed */
    uint32_t protect;                     /* of its pages */
    struct hostmem_heap *next, *previous; /* the manager's list */
    _Atomic size_t idle;                  /* bytes committed in idle spans */
    struct hostmem_spin grow_lock;        /* guards what follows; taken inside a bin's lock */
    struct heap_chunk *chunks, *roomy;
    struct hostmem_span *spans;
    struct heap_bin bins[BIN_COUNT];
    struct heap_shard shards[SHARD_COUNT];
};

/* A block beyond the size classes: reserved and committed by itself. */
struct hostmem_large
{
    struct hostmem_pool_link link;
    _Atomic uint64_t state;              /* generation and phase: see large.c */
    _Atomic(struct hostmem_heap *) heap; /* the owner */
    _Atomic uintptr_t base;              /* granularity aligned */
    _Atomic size_t size;                 /* bytes, a multiple of pages */
};

/* --- grow.c: spans from chunks ------------------------------------------- */

/* A new span, cold, in no list. NULL: no memory. pre: the bin's lock is held */
struct hostmem_span *hostmem_heap_new_span(struct hostmem_heap *heap, unsigned bin);
/* Commits and opens some more blocks of the span; false where there is no memory. pre: as above, opened < count */
bool hostmem_heap_open_more(struct hostmem_heap *heap, struct hostmem_span *span);
/* Decommits a sealed span; bytes, 0 where the backend refuses. pre: as above */
size_t hostmem_heap_cool(struct hostmem_heap *heap, struct hostmem_span *span);
/* Gives back all chunks and spans. */
void hostmem_heap_release_chunks(struct hostmem_heap *heap);

/* --- refill.c: spans from shard to bin and back -------------------------- */

/* A block of the bin where the shard's current span has none; NULL: no memory. */
void *hostmem_heap_refill(struct hostmem_heap *heap, unsigned shard, unsigned bin);
/* A block was freed in a span that was full, or may be empty now: puts it into the right list. */
void hostmem_heap_settle(struct hostmem_heap *heap, struct hostmem_span *span);
/* Decommits every empty span; bytes. */
size_t hostmem_heap_trim(struct hostmem_heap *heap);

/* --- large.c ------------------------------------------------------------- */

enum hostmem_result hostmem_large_alloc(struct hostmem_heap *heap, struct hostmem_shard *shard, size_t size,
                                        void **out);
/* HOSTMEM_NOT_OWNED unless `large` is this heap's live block at `block`; one of several callers wins. */
enum hostmem_result hostmem_large_free(struct hostmem_heap *heap, struct hostmem_shard *shard,
                                       struct hostmem_large *large, void *block);
/* Gives back the large blocks of a heap, or (NULL) everything left. Nobody else is calling. */
void hostmem_larges_destroy(struct hostmem_manager *manager, struct hostmem_heap *heap);

#endif
