/*
 * Spans: runs of granules cut into blocks of one size.
 *
 * A span keeps its place and its block size as long as its heap lives, and its
 * bits say which blocks are live. So whether a pointer is a live block is one
 * atomic operation on one bit, and never wrong, however old the pointer is.
 *
 * Each word serves 32 blocks: the low half says which are live, the high half
 * which may be handed out (committed). Both change together, so that a span can
 * be sealed, nothing to hand out, only while nothing of it is live.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_SPAN_H
#define CLRMEM_HOSTMEM_SPAN_H

#include "bins.h"

#define SPAN_WORD_BLOCKS  32u
#define SPAN_INVERSE_BITS 31 /* division by multiplication: exact for offsets and sizes below 2^16 units */

enum span_state
{
    SPAN_ATTACHED, /* a shard's current span */
    SPAN_FULL,     /* in no list: the next free brings it back */
    SPAN_PARTIAL,  /* in its bin's list, blocks to hand out */
    SPAN_IDLE,     /* in its bin's list, sealed, still committed */
    SPAN_COLD      /* in its bin's list, sealed, decommitted */
};

struct hostmem_span
{
    struct hostmem_pool_link link;
    _Atomic(struct hostmem_heap *) heap; /* the owner; NULL once its heap was destroyed */
    _Atomic uintptr_t base;              /* granularity aligned */
    uint32_t block_size;                 /* bytes, a multiple of BIN_UNIT */
    uint32_t inverse;                    /* 2^31 / (block_size in units), rounded up */
    uint32_t count;                      /* blocks */
    uint32_t bin;

    _Alignas(CACHE_LINE) _Atomic uint32_t state; /* enum span_state; changed under the bin's lock */
    _Atomic uint32_t hint;                       /* word to look at first */
    uint32_t opened;                             /* blocks committed so far; under the bin's lock */
    size_t committed;                            /* bytes committed so far; under the bin's lock */
    struct hostmem_span *next, *previous;        /* in the bin's list; under the bin's lock */
    struct hostmem_span *next_of_heap;           /* all spans of the heap; under its grow lock */

    _Alignas(CACHE_LINE) _Atomic uint64_t words[]; /* (count + 31) / 32 */
};

static inline uint32_t span_words(const struct hostmem_span *span)
{
    return (span->count + SPAN_WORD_BLOCKS - 1) / SPAN_WORD_BLOCKS;
}

static inline size_t span_record_bytes(uint32_t count)
{
    return sizeof(struct hostmem_span) + (count + SPAN_WORD_BLOCKS - 1) / SPAN_WORD_BLOCKS * sizeof(uint64_t);
}

static inline uint32_t span_live_bits(uint64_t word)
{
    return (uint32_t)word;
}

static inline uint32_t span_free_bits(uint64_t word)
{
    return (uint32_t)(word >> 32) & ~(uint32_t)word;
}

/* Takes a free block; NULL where the span has none. */
static inline void *hostmem_span_take(struct hostmem_span *span)
{
    uint32_t words = span_words(span), hint = load_relaxed(&span->hint), i = hint;

    for (uint32_t n = 0; n < words; n++)
    {
        uint64_t word = load_relaxed(&span->words[i]);
        uint32_t bits;
        while ((bits = span_free_bits(word)))
        {
            unsigned bit = bits_lowest(bits);
            if (!cas_weak(&span->words[i], &word, word | (UINT64_C(1) << bit))) continue;
            if (i != hint) store_relaxed(&span->hint, i);
            return (void *)(load_relaxed(&span->base) + (size_t)(i * SPAN_WORD_BLOCKS + bit) * span->block_size);
        }
        if (++i == words) i = 0;
    }
    return NULL;
}

/* The number of the block that begins at `address`, or UINT32_MAX. */
static inline uint32_t hostmem_span_index(const struct hostmem_span *span, uintptr_t address)
{
    uintptr_t offset = address - load_relaxed(&((struct hostmem_span *)span)->base);
    uint32_t units = (uint32_t)(offset / BIN_UNIT), index;

    if (offset >= hostmem_bin_span(span->bin)) return UINT32_MAX;
    index = (uint32_t)(((uint64_t)units * span->inverse) >> SPAN_INVERSE_BITS);
    return index < span->count && index * span->block_size == offset ? index : UINT32_MAX;
}

/* Strikes a live block off; false if it was not live. *emptied: its word has no live block left. */
static inline bool hostmem_span_give(struct hostmem_span *span, uint32_t index, bool *emptied)
{
    uint32_t word = index / SPAN_WORD_BLOCKS, bit = UINT32_C(1) << index % SPAN_WORD_BLOCKS;
    /* Ordered before the caller's look at the state: see heap_fill. */
    uint64_t old = atomic_fetch_and_explicit(&span->words[word], ~(uint64_t)bit, memory_order_seq_cst);

    *emptied = span_live_bits(old) == bit;
    if (!(old & bit)) return false;
    if (load_relaxed(&span->hint) != word) store_relaxed(&span->hint, word);
    return true;
}

/* Fills in a new record: sealed and cold. */
void hostmem_span_init(struct hostmem_span *span, struct hostmem_heap *heap, uintptr_t base, unsigned bin);

/* Whether a block could be taken; whether none is live; how many are. */
bool hostmem_span_has_room(struct hostmem_span *span);
bool hostmem_span_is_empty(struct hostmem_span *span);
uint32_t hostmem_span_live(struct hostmem_span *span);

/* Lets the blocks up to span->opened be handed out. pre: the bin's lock is held, as for seal */
void hostmem_span_unseal(struct hostmem_span *span);
/* Nothing can be taken any more; false, and nothing changed, if a block is live. */
bool hostmem_span_seal(struct hostmem_span *span);

#endif
