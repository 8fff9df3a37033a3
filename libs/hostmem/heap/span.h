/*
 * Spans: runs of granules that are cut into blocks of one size.
 *
 * A span keeps its block size as long as its heap lives, and its bits say which blocks are live. Whether an address is
 * a live block is decided by one atomic operation on one word, and correctly so for pointers of any age.
 *
 * Each word serves 32 blocks. From the bottom it holds one bit for each live block, the generation of the span's address
 * range, and the number of blocks that are open: committed, so that they may be handed out. All three change together,
 * so a span can be sealed (no block is open) only while no block is live.
 *
 * A sealed span can be detached from its address range and attached to another one. The range's base and generation are
 * one word, no generation is used twice, and all words hold it. A free reads the range, and then clears the block's bit
 * by exchanging a word of the same generation. If the span was attached elsewhere meanwhile, the generation differs and
 * the exchange fails.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_SPAN_H
#define CLRMEM_HOSTMEM_SPAN_H

#include "hostmem/base/memory.h"
#include "hostmem/base/record_pool.h"
#include "hostmem/base/spin.h"
#include "hostmem/heap/size_class.h"

#define SPAN_WORD_BLOCKS  32u
#define SPAN_OPEN_SHIFT   48 /* 0 to 32 blocks */
#define SPAN_OPEN         (UINT64_MAX << SPAN_OPEN_SHIFT)
#define SPAN_INVERSE_BITS 31 /* division by multiplication: exact for offsets and sizes below 2^16 units */

/* Ranges are granularity aligned, so the low bits of the base are free for the generation. */
#define SPAN_GENERATION       ((uintptr_t)HOSTMEM_GRANULARITY - 1)
#define SPAN_GENERATION_SHIFT 32

enum hm_span_state
{
    SPAN_CURRENT,     /* of a shard, which allocates from it */
    SPAN_FULL,        /* in no list: the next free puts it back into one */
    SPAN_PARTIAL,     /* in its bin's list, with free blocks */
    SPAN_CACHED,      /* in its bin's list, empty and sealed, still committed */
    SPAN_DECOMMITTED, /* in its bin's list, empty and sealed */
    SPAN_DETACHED,    /* no address range; in its bin's list, unless its generations are used up */
};

/* Two bits of each live block: its critical level, or SPAN_HAS_SITE where the level stands beside its allocation site. */
#define SPAN_LEVEL_BITS 2u
#define SPAN_LEVEL_MASK 3u
#define SPAN_HAS_SITE   ((unsigned)HOSTMEM_CRITICAL_LEVEL_COUNT)

struct hm_span_word
{
    _Atomic uint64_t bits;
    _Atomic uint64_t levels; /* enum hostmem_critical_level or SPAN_HAS_SITE, two bits a block */
};

/* The allocation sites of blocks of DebugAlloc: site << 2 | level, by block. Kept as long as the span. */
struct hm_span_sites
{
    struct hm_pool_link link;
    _Atomic uint32_t sites[];
};

struct hm_span
{
    struct hm_pool_link link;
    _Atomic(struct hostmem_heap *) heap; /* the owner; NULL once its heap was destroyed */
    _Atomic uintptr_t range;             /* the base, granularity aligned, and the generation */
    uint32_t block_size;                 /* bytes, a multiple of BIN_UNIT */
    uint32_t inverse;                    /* 2^31 / (block_size in units), rounded up */
    uint32_t count;                      /* blocks */
    uint32_t word_count;
    uint32_t bin;
    _Atomic(struct hm_span_sites *) sites; /* NULL: DebugAlloc never returned a block of this span */

    _Alignas(CACHE_LINE) _Atomic uint32_t state; /* enum hm_span_state; changed under the bin's lock */
    _Atomic uint32_t hint;                       /* word to look at first */
    uint32_t opened;                             /* blocks committed so far; under the bin's lock */
    size_t committed;                            /* bytes committed so far; under the bin's lock */
    struct hm_span *next, *previous;             /* in the bin's list; under the bin's lock */
    struct hm_span *next_of_chunk;               /* the spans of a chunk; under the heap's grow lock */
    struct hm_span *next_of_heap;                /* all spans of the heap; set before the span is in the list */

    _Alignas(CACHE_LINE) struct hm_span_word words[]; /* word_count */
};

static inline uint32_t span_words_for(uint32_t count)
{
    return (count + SPAN_WORD_BLOCKS - 1) / SPAN_WORD_BLOCKS;
}

static inline size_t span_record_bytes(uint32_t count)
{
    return sizeof(struct hm_span) + span_words_for(count) * sizeof(struct hm_span_word);
}

static inline size_t span_sites_bytes(uint32_t count)
{
    return sizeof(struct hm_span_sites) + count * sizeof(uint32_t);
}

static inline uint32_t span_live_bits(uint64_t word)
{
    return (uint32_t)word;
}

/* The number of the first free block of a word; SPAN_WORD_BLOCKS or more: there is none. */
static inline unsigned span_first_free(uint64_t word)
{
    uint32_t dead = ~(uint32_t)word;
    unsigned bit = dead ? bits_lowest(dead) : SPAN_WORD_BLOCKS;

    /* Blocks are opened in order: if the first block that is not live is not open, no later one is. */
    return bit < (unsigned)(word >> SPAN_OPEN_SHIFT) ? bit : SPAN_WORD_BLOCKS;
}

static inline uintptr_t span_range_base(uintptr_t range)
{
    return range & ~SPAN_GENERATION;
}

/* Whether the word is of that range's generation. */
static inline bool span_word_is_of(uint64_t word, uintptr_t range)
{
    return (uint16_t)(word >> SPAN_GENERATION_SHIFT) == (uint16_t)range;
}

static inline uintptr_t span_base(const struct hm_span *span)
{
    return span_range_base(load_acquire(&((struct hm_span *)span)->range));
}

static inline unsigned span_level_bits(struct hm_span_word *word, unsigned bit)
{
    return (unsigned)(load_acquire(&word->levels) >> bit * SPAN_LEVEL_BITS) & SPAN_LEVEL_MASK;
}

/* Sets the level bits of a live block. Only its owner does; the owners of other blocks may do so at the same time. */
void hm_span_set_level_bits(struct hm_span_word *word, unsigned bit, unsigned level);

/* Allocates a block for a request of that level; NULL if the span has no free block. */
static inline void *hm_span_alloc(struct hm_span *span, enum hostmem_critical_level level)
{
    uint32_t words = span->word_count, hint = load_relaxed(&span->hint), i = hint;

    for (uint32_t n = 0; n < words; n++)
    {
        struct hm_span_word *at = &span->words[i];
        uint64_t word = load_relaxed(&at->bits);
        unsigned bit;
        while ((bit = span_first_free(word)) < SPAN_WORD_BLOCKS)
        {
            void *block;
            if (!cas_weak(&at->bits, &word, word | (UINT64_C(1) << bit))) continue;
            /* The range was set before the word was opened, and stays while the block is live. */
            block = (void *)(span_base(span) + (size_t)(i * SPAN_WORD_BLOCKS + bit) * span->block_size);
            if (i != hint) store_relaxed(&span->hint, i);
            /* Most blocks of a word have the same level, so most often the bits are right already. */
            if (span_level_bits(at, bit) != level) hm_span_set_level_bits(at, bit, level);
            return block;
        }
        if (++i == words) i = 0;
    }
    return NULL;
}

/* The number of the block that begins at `address` if the span's range is `range`, or UINT32_MAX. */
static inline uint32_t span_index_at(const struct hm_span *span, uintptr_t range, uintptr_t address)
{
    uintptr_t offset = address - span_range_base(range);
    uint32_t units = (uint32_t)(offset / BIN_UNIT), index;

    if (offset >= BIN_SPAN_LARGEST) return UINT32_MAX;
    index = (uint32_t)(((uint64_t)units * span->inverse) >> SPAN_INVERSE_BITS);
    return index < span->count && index * span->block_size == offset ? index : UINT32_MAX;
}

static inline uint32_t hm_span_index(const struct hm_span *span, uintptr_t address)
{
    return span_index_at(span, load_acquire(&((struct hm_span *)span)->range), address);
}

/* Whether a live block begins at `address`. */
static inline bool hm_span_has(struct hm_span *span, uintptr_t address)
{
    uintptr_t range = load_acquire(&span->range);
    uint32_t index = span_index_at(span, range, address);
    uint64_t word;

    if (index == UINT32_MAX) return false;
    word = load_acquire(&span->words[index / SPAN_WORD_BLOCKS].bits);
    return span_word_is_of(word, range) && span_live_bits(word) >> index % SPAN_WORD_BLOCKS & 1;
}

/* The level that a live block was allocated for. */
static inline enum hostmem_critical_level span_level(struct hm_span *span, uint32_t index)
{
    unsigned bits = span_level_bits(&span->words[index / SPAN_WORD_BLOCKS], index % SPAN_WORD_BLOCKS);

    if (bits == SPAN_HAS_SITE) bits = load_acquire(&load_acquire(&span->sites)->sites[index]) & SPAN_LEVEL_MASK;
    return (enum hostmem_critical_level)bits;
}

/* What a free of a block found. */
struct hm_span_freed
{
    enum hostmem_critical_level level;
    bool emptied; /* its word has no other live block */
};

/* Clears the bit of block `index` if the block is live in that range; false, and nothing changed, if it is not. */
static inline bool span_clear(struct hm_span *span, uintptr_t range, uint32_t index, struct hm_span_freed *freed)
{
    uint32_t i = index / SPAN_WORD_BLOCKS, bit = UINT32_C(1) << index % SPAN_WORD_BLOCKS;
    struct hm_span_word *at = &span->words[i];
    uint64_t word = load_acquire(&at->bits);

    do
        if (!(word & bit) || !span_word_is_of(word, range)) return false;
    /* Ordered before the caller's look at the state: see refill.c. */
    while (!cas_ordered(&at->bits, &word, word & ~(uint64_t)bit));
    freed->emptied = span_live_bits(word) == bit;
    if (load_relaxed(&span->hint) != i) store_relaxed(&span->hint, i);
    return true;
}

/* The same for a block with an allocation site. */
bool hm_span_clear_with_site(struct hm_span *span, uintptr_t range, uint32_t index, struct hm_span_freed *freed);

/* Frees the live block that begins at `address` in `range`, whatever the span's range is by now. */
static inline bool span_free_at(struct hm_span *span, uintptr_t range, uintptr_t address, struct hm_span_freed *freed)
{
    uint32_t index = span_index_at(span, range, address);
    unsigned bits;

    if (index == UINT32_MAX) return false;
    /* The level is read before the bit is cleared: afterwards it is the next owner's. */
    bits = span_level_bits(&span->words[index / SPAN_WORD_BLOCKS], index % SPAN_WORD_BLOCKS);
    if (bits == SPAN_HAS_SITE) return hm_span_clear_with_site(span, range, index, freed);
    freed->level = (enum hostmem_critical_level)bits;
    return span_clear(span, range, index, freed);
}

/* Frees the live block that begins at `address`; false, and nothing changed, if there is none. */
static inline bool hm_span_free(struct hm_span *span, uintptr_t address, struct hm_span_freed *freed)
{
    return span_free_at(span, load_acquire(&span->range), address, freed);
}

/* Fills in a new record: decommitted, at its first range. The bin never changes. */
void hm_span_init(struct hm_span *span, struct hostmem_heap *heap, uintptr_t base, unsigned bin);

/* Whether the span may get another range: not once its generations are used up. */
static inline bool span_may_move(const struct hm_span *span)
{
    return (load_relaxed(&((struct hm_span *)span)->range) & SPAN_GENERATION) != SPAN_GENERATION;
}

/* Attaches a detached span to a new range, where it is decommitted. pre: span_may_move; the bin's lock is held */
void hm_span_attach(struct hm_span *span, uintptr_t base);

/* Whether there is a free block; whether no block is live; how many live blocks are of one level. */
bool hm_span_has_room(struct hm_span *span);
bool hm_span_is_empty(struct hm_span *span);
uint32_t hm_span_live(struct hm_span *span, enum hostmem_critical_level level);

/* Opens the blocks up to span->opened. pre: the bin's lock is held */
void hm_span_unseal(struct hm_span *span);
/* Closes all blocks, so that none can be allocated; false, and nothing changed, if a block is live. pre: as above */
bool hm_span_seal(struct hm_span *span);

/* Records the allocation site of a live block. `spare` is used where the span has no record of sites yet. The part that
 * was not needed: NULL or `spare`. */
struct hm_span_sites *hm_span_record_site(struct hm_span *span, uint32_t index, uint32_t site,
                                          enum hostmem_critical_level level, struct hm_span_sites *spare);

/* --- the lists of a bin; a span is in one at most. pre, of all: the bin's lock is held ------ */

static inline void spanlist_push(struct hm_span **list, struct hm_span *span, enum hm_span_state state)
{
    span->previous = NULL;
    span->next = *list;
    if (span->next) span->next->previous = span;
    *list = span;
    store_ordered(&span->state, state);
}

static inline void spanlist_remove(struct hm_span **list, struct hm_span *span)
{
    hm_assert(span->previous || *list == span);
    if (span->next) span->next->previous = span->previous;
    if (span->previous)
        span->previous->next = span->next;
    else
        *list = span->next;
    span->next = span->previous = NULL;
}

static inline struct hm_span *spanlist_pop(struct hm_span **list)
{
    struct hm_span *span = *list;

    if (span) spanlist_remove(list, span);
    return span;
}

#endif
