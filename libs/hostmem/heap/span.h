/*
 * Spans: runs of granules cut into blocks of one size.
 *
 * A span keeps its block size as long as its heap lives, and its bits say which
 * blocks are live. So whether a pointer is a live block is one atomic operation
 * on one word, and never wrong, however old the pointer is.
 *
 * Each word serves 32 blocks: from the bottom, a bit for each that is live, the
 * generation of the span's home, and how many of the blocks may be handed out
 * (committed). All change together, so that a span can be sealed, nothing to hand out,
 * only while nothing of it is live.
 *
 * A sealed span may lose its home (the address range) and be given another one.
 * Home and generation are one word, no generation comes twice, and all words
 * bear it. Who frees reads the home, and then strikes the block off by exchanging
 * a word of the same generation: had the span moved, or been emptied and refilled
 * elsewhere meanwhile, the word has another one and the exchange fails.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_SPAN_H
#define CLRMEM_HOSTMEM_SPAN_H

#include "hostmem/heap/size_class.h"

#define SPAN_WORD_BLOCKS  32u
#define SPAN_OPEN_SHIFT   48 /* 0 to 32 blocks */
#define SPAN_OPEN         (UINT64_MAX << SPAN_OPEN_SHIFT)
#define SPAN_INVERSE_BITS 31 /* division by multiplication: exact for offsets and sizes below 2^16 units */

/* Homes are granularity aligned, which leaves their low bits for the generation. */
#define SPAN_GENERATION       ((uintptr_t)HOSTMEM_GRANULARITY - 1)
#define SPAN_GENERATION_SHIFT 32

enum span_state
{
    SPAN_ATTACHED, /* a shard's current span */
    SPAN_FULL,     /* in no list: the next free brings it back */
    SPAN_PARTIAL,  /* in its bin's list, blocks to hand out */
    SPAN_IDLE,     /* in its bin's list, sealed, still committed */
    SPAN_COLD,     /* in its bin's list, sealed, decommitted */
    SPAN_HOMELESS, /* sealed, its addresses gone; in its bin's list, unless it had its last home */
};

/* What is known of a live block by two bits; SPAN_NOTED: the level stands in the note, beside the place. */
#define SPAN_MARK_BITS 2u
#define SPAN_MARK_MASK 3u
#define SPAN_NOTED     ((unsigned)HOSTMEM_CRITICAL_LEVEL_COUNT)

struct span_word
{
    _Atomic uint64_t bits;
    _Atomic uint64_t marks; /* enum hostmem_critical_level or SPAN_NOTED, two bits a block */
};

/* What DebugAlloc left: place << 2 | level, by block. Kept with the span for good. */
struct span_notes
{
    struct hm_pool_link link;
    _Atomic uint32_t notes[];
};

struct hm_span
{
    struct hm_pool_link link;
    _Atomic(struct hostmem_heap *) heap; /* the owner; NULL once its heap was destroyed */
    _Atomic uintptr_t home;              /* the base, granularity aligned, and the generation */
    uint32_t block_size;                 /* bytes, a multiple of BIN_UNIT */
    uint32_t inverse;                    /* 2^31 / (block_size in units), rounded up */
    uint32_t count;                      /* blocks */
    uint32_t word_count;
    uint32_t bin;
    _Atomic(struct span_notes *) notes; /* NULL: nothing of it was ever asked for by DebugAlloc */

    _Alignas(CACHE_LINE) _Atomic uint32_t state; /* enum span_state; changed under the bin's lock */
    _Atomic uint32_t hint;                       /* word to look at first */
    uint32_t opened;                             /* blocks committed so far; under the bin's lock */
    size_t committed;                            /* bytes committed so far; under the bin's lock */
    struct hm_span *next, *previous;             /* in the bin's list; under the bin's lock */
    struct hm_span *next_of_chunk;               /* the spans that live there; under the heap's grow lock */
    struct hm_span *next_of_heap;                /* all spans of the heap; set before the span is in the list */

    _Alignas(CACHE_LINE) struct span_word words[]; /* word_count */
};

static inline uint32_t span_words_for(uint32_t count)
{
    return (count + SPAN_WORD_BLOCKS - 1) / SPAN_WORD_BLOCKS;
}

static inline size_t span_record_bytes(uint32_t count)
{
    return sizeof(struct hm_span) + span_words_for(count) * sizeof(struct span_word);
}

static inline size_t span_notes_bytes(uint32_t count)
{
    return sizeof(struct span_notes) + count * sizeof(uint32_t);
}

static inline uint32_t span_live_bits(uint64_t word)
{
    return (uint32_t)word;
}

/* The number of the first block that can be taken, or SPAN_WORD_BLOCKS or more: there is none. */
static inline unsigned span_first_free(uint64_t word)
{
    uint32_t dead = ~(uint32_t)word;
    unsigned bit = dead ? bits_lowest(dead) : SPAN_WORD_BLOCKS;

    /* Blocks are opened in their order: if the first that does not live is not open, none is. */
    return bit < (unsigned)(word >> SPAN_OPEN_SHIFT) ? bit : SPAN_WORD_BLOCKS;
}

static inline uintptr_t span_home_base(uintptr_t home)
{
    return home & ~SPAN_GENERATION;
}

/* Whether the word belongs to that home, and not to one before or after it. */
static inline bool span_word_is_of(uint64_t word, uintptr_t home)
{
    return (uint16_t)(word >> SPAN_GENERATION_SHIFT) == (uint16_t)home;
}

static inline uintptr_t span_base(const struct hm_span *span)
{
    return span_home_base(load_acquire(&((struct hm_span *)span)->home));
}

static inline unsigned span_mark(struct span_word *word, unsigned bit)
{
    return (unsigned)(load_acquire(&word->marks) >> bit * SPAN_MARK_BITS) & SPAN_MARK_MASK;
}

/* Writes a live block's mark, which is its owner's; its neighbours change theirs at the same time. */
void hm_span_set_mark(struct span_word *word, unsigned bit, unsigned mark);

/* Takes a free block for a request of that level; NULL where the span has none. */
static inline void *hm_span_take(struct hm_span *span, enum hostmem_critical_level level)
{
    uint32_t words = span->word_count, hint = load_relaxed(&span->hint), i = hint;

    for (uint32_t n = 0; n < words; n++)
    {
        struct span_word *at = &span->words[i];
        uint64_t word = load_relaxed(&at->bits);
        unsigned bit;
        while ((bit = span_first_free(word)) < SPAN_WORD_BLOCKS)
        {
            void *block;
            if (!cas_weak(&at->bits, &word, word | (UINT64_C(1) << bit))) continue;
            /* The home was set before the word was opened, and stays while the block lives. */
            block = (void *)(span_base(span) + (size_t)(i * SPAN_WORD_BLOCKS + bit) * span->block_size);
            if (i != hint) store_relaxed(&span->hint, i);
            /* Blocks of a word are mostly of one level, so that mostly it stands there already. */
            if (span_mark(at, bit) != level) hm_span_set_mark(at, bit, level);
            return block;
        }
        if (++i == words) i = 0;
    }
    return NULL;
}

/* The number of the block that begins at `address` if the span's home is `home`, or UINT32_MAX. */
static inline uint32_t span_index_at(const struct hm_span *span, uintptr_t home, uintptr_t address)
{
    uintptr_t offset = address - span_home_base(home);
    uint32_t units = (uint32_t)(offset / BIN_UNIT), index;

    if (offset >= BIN_SPAN_LARGEST) return UINT32_MAX;
    index = (uint32_t)(((uint64_t)units * span->inverse) >> SPAN_INVERSE_BITS);
    return index < span->count && index * span->block_size == offset ? index : UINT32_MAX;
}

static inline uint32_t hm_span_index(const struct hm_span *span, uintptr_t address)
{
    return span_index_at(span, load_acquire(&((struct hm_span *)span)->home), address);
}

/* Whether a live block begins at `address`. */
static inline bool hm_span_has(struct hm_span *span, uintptr_t address)
{
    uintptr_t home = load_acquire(&span->home);
    uint32_t index = span_index_at(span, home, address);
    uint64_t word;

    if (index == UINT32_MAX) return false;
    word = load_acquire(&span->words[index / SPAN_WORD_BLOCKS].bits);
    return span_word_is_of(word, home) && span_live_bits(word) >> index % SPAN_WORD_BLOCKS & 1;
}

/* The level that a live block was taken for. */
static inline enum hostmem_critical_level span_level(struct hm_span *span, uint32_t index)
{
    unsigned mark = span_mark(&span->words[index / SPAN_WORD_BLOCKS], index % SPAN_WORD_BLOCKS);

    if (mark == SPAN_NOTED) mark = load_acquire(&load_acquire(&span->notes)->notes[index]) & SPAN_MARK_MASK;
    return (enum hostmem_critical_level)mark;
}

/* What striking a block off brought to light. */
struct span_given
{
    enum hostmem_critical_level level;
    bool emptied; /* its word has no live block left */
};

/* Strikes off block `index` if it is live in that home, and not before or after. */
static inline bool span_strike(struct hm_span *span, uintptr_t home, uint32_t index, struct span_given *given)
{
    uint32_t i = index / SPAN_WORD_BLOCKS, bit = UINT32_C(1) << index % SPAN_WORD_BLOCKS;
    struct span_word *at = &span->words[i];
    uint64_t word = load_acquire(&at->bits);

    do
        if (!(word & bit) || !span_word_is_of(word, home)) return false;
    /* Ordered before the caller's look at the state: see heap_fill. */
    while (!cas_ordered(&at->bits, &word, word & ~(uint64_t)bit));
    given->emptied = span_live_bits(word) == bit;
    if (load_relaxed(&span->hint) != i) store_relaxed(&span->hint, i);
    return true;
}

/* The same for a block that is noted. */
bool hm_span_strike_noted(struct hm_span *span, uintptr_t home, uint32_t index, struct span_given *given);

/* Strikes off the live block that begins at `address`, if the span's home is `home`, whatever that may be by now. */
static inline bool span_give_at(struct hm_span *span, uintptr_t home, uintptr_t address, struct span_given *given)
{
    uint32_t index = span_index_at(span, home, address);
    unsigned mark;

    if (index == UINT32_MAX) return false;
    /* The level before it is struck off: after that, it is the next owner's. */
    mark = span_mark(&span->words[index / SPAN_WORD_BLOCKS], index % SPAN_WORD_BLOCKS);
    if (mark == SPAN_NOTED) return hm_span_strike_noted(span, home, index, given);
    given->level = (enum hostmem_critical_level)mark;
    return span_strike(span, home, index, given);
}

/* Strikes off the live block that begins at `address`; false, and nothing touched, if there is none. */
static inline bool hm_span_give(struct hm_span *span, uintptr_t address, struct span_given *given)
{
    return span_give_at(span, load_acquire(&span->home), address, given);
}

/* Fills in a new record: sealed and cold, at its first home. `bin` is for good. */
void hm_span_init(struct hm_span *span, struct hostmem_heap *heap, uintptr_t base, unsigned bin);

/* Whether the span may be given another home after this one. */
static inline bool span_may_move(const struct hm_span *span)
{
    return (load_relaxed(&((struct hm_span *)span)->home) & SPAN_GENERATION) != SPAN_GENERATION;
}

/* Gives a homeless span a new home, where it is cold. pre: span_may_move; the bin's lock is held */
void hm_span_move(struct hm_span *span, uintptr_t base);

/* Whether a block could be taken; whether none is live; how many are, of one level. */
bool hm_span_has_room(struct hm_span *span);
bool hm_span_is_empty(struct hm_span *span);
uint32_t hm_span_live(struct hm_span *span, enum hostmem_critical_level level);

/* Lets the blocks up to span->opened be handed out. pre: the bin's lock is held, as for seal */
void hm_span_unseal(struct hm_span *span);
/* Nothing can be taken any more; false, and nothing changed, if a block is live. */
bool hm_span_seal(struct hm_span *span);

/* Notes the place of a live block. `spare` is used where the span has no notes yet: NULL if it was, else `spare`. */
struct span_notes *hm_span_note(struct hm_span *span, uint32_t index, uint32_t place, enum hostmem_critical_level level,
                                struct span_notes *spare);

#endif
