/*
 * The slower operations on a span's bits.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/span.h"

/* How many blocks of word i may be handed out when `opened` of the span may, where a word has that. */
static uint64_t span_open_of(uint32_t opened, uint32_t i)
{
    uint32_t first = i * SPAN_WORD_BLOCKS, count = opened > first ? opened - first : 0;

    return (uint64_t)(count < SPAN_WORD_BLOCKS ? count : SPAN_WORD_BLOCKS) << SPAN_OPEN_SHIFT;
}

/* Word i with nothing live. */
static uint64_t span_empty_word(const struct hm_span *span, uint32_t opened, uint32_t i)
{
    uint64_t generation = load_relaxed(&((struct hm_span *)span)->home) & SPAN_GENERATION;

    return generation << SPAN_GENERATION_SHIFT | span_open_of(opened, i);
}

/* Settles a span whose words nobody can exchange. The home first: a word of its generation must not be seen before it. */
static void span_settle(struct hm_span *span, uintptr_t home)
{
    span->opened = 0;
    span->committed = 0;
    store_release(&span->home, home);
    for (uint32_t i = 0; i < span->word_count; i++) store_release(&span->words[i].bits, span_empty_word(span, 0, i));
}

void hm_span_init(struct hm_span *span, struct hostmem_heap *heap, uintptr_t base, unsigned bin)
{
    uint32_t units = hm_size_class_size(bin) / BIN_UNIT;

    span->block_size = hm_size_class_size(bin);
    span->inverse = ((UINT32_C(1) << SPAN_INVERSE_BITS) + units - 1) / units;
    span->count = hm_size_class_span(bin) / span->block_size;
    span->word_count = span_words_for(span->count);
    span->bin = bin;
    store_relaxed(&span->notes, NULL);
    store_relaxed(&span->hint, 0);
    store_relaxed(&span->state, SPAN_COLD);
    for (uint32_t i = 0; i < span->word_count; i++) store_relaxed(&span->words[i].marks, 0);
    span_settle(span, base);
    store_release(&span->heap, heap);
}

void hm_span_move(struct hm_span *span, uintptr_t base)
{
    span_settle(span, base | ((load_relaxed(&span->home) & SPAN_GENERATION) + 1));
}

bool hm_span_has_room(struct hm_span *span)
{
    for (uint32_t i = 0; i < span->word_count; i++)
        if (span_first_free(load_ordered(&span->words[i].bits)) < SPAN_WORD_BLOCKS) return true;
    return false;
}

bool hm_span_is_empty(struct hm_span *span)
{
    for (uint32_t i = 0; i < span->word_count; i++)
        if (span_live_bits(load_ordered(&span->words[i].bits))) return false;
    return true;
}

uint32_t hm_span_live(struct hm_span *span, enum hostmem_critical_level level)
{
    uint32_t live = 0;

    for (uint32_t i = 0; i < span->word_count; i++)
        for (uint32_t bits = span_live_bits(load_acquire(&span->words[i].bits)); bits; bits &= bits - 1)
            live += span_level(span, i * SPAN_WORD_BLOCKS + bits_lowest(bits)) == level;
    return live;
}

void hm_span_unseal(struct hm_span *span)
{
    for (uint32_t i = 0; i < span->word_count; i++)
    {
        uint64_t word = load_relaxed(&span->words[i].bits), open = span_open_of(span->opened, i);

        while ((word & SPAN_OPEN) != open && !cas_weak(&span->words[i].bits, &word, (word & ~SPAN_OPEN) | open))
            continue;
    }
}

bool hm_span_seal(struct hm_span *span)
{
    for (uint32_t i = 0; i < span->word_count; i++)
    {
        uint64_t open = span_empty_word(span, span->opened, i);
        if (cas_strong(&span->words[i].bits, &open, span_empty_word(span, 0, i))) continue;
        /* A live block. The words before it are sealed, so nobody changes them but us. */
        while (i-- > 0) store_release(&span->words[i].bits, span_empty_word(span, span->opened, i));
        return false;
    }
    return true;
}

void hm_span_set_mark(struct span_word *word, unsigned bit, unsigned mark)
{
    uint64_t marks = load_relaxed(&word->marks), mask = (uint64_t)SPAN_MARK_MASK << bit * SPAN_MARK_BITS;
    uint64_t wanted = (uint64_t)mark << bit * SPAN_MARK_BITS;

    while (!cas_weak(&word->marks, &marks, (marks & ~mask) | wanted)) continue;
}

bool hm_span_strike_noted(struct hm_span *span, uintptr_t home, uint32_t index, struct span_given *given)
{
    given->level = span_level(span, index);
    return span_strike(span, home, index, given);
}

struct span_notes *hm_span_note(struct hm_span *span, uint32_t index, uint32_t place, enum hostmem_critical_level level,
                                struct span_notes *spare)
{
    struct span_notes *notes = NULL;

    if (cas_strong(&span->notes, &notes, spare))
    {
        notes = spare;
        spare = NULL;
    }
    store_release(&notes->notes[index], place << SPAN_MARK_BITS | level);
    /* The note first: the mark says that it is there. */
    hm_span_set_mark(&span->words[index / SPAN_WORD_BLOCKS], index % SPAN_WORD_BLOCKS, SPAN_NOTED);
    return spare;
}
