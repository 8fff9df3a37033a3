/*
 * The slow operations on a span's words.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/span.h"

/* The open field of word i when `opened` blocks of the span are open. */
static uint64_t span_open_field(uint32_t opened, uint32_t i)
{
    uint32_t first = i * SPAN_WORD_BLOCKS, count = opened > first ? opened - first : 0;

    return (uint64_t)(count < SPAN_WORD_BLOCKS ? count : SPAN_WORD_BLOCKS) << SPAN_OPEN_SHIFT;
}

/* Word i without a live block. */
static uint64_t span_empty_word(const struct hm_span *span, uint32_t opened, uint32_t i)
{
    uint64_t generation = load_relaxed(&((struct hm_span *)span)->range) & SPAN_GENERATION;

    return generation << SPAN_GENERATION_SHIFT | span_open_field(opened, i);
}

/* Sets the range of a sealed span. The range first: no thread may see a word of its generation before it. */
static void span_set_range(struct hm_span *span, uintptr_t range)
{
    span->opened = 0;
    span->committed = 0;
    store_release(&span->range, range);
    for (uint32_t i = 0; i < span->word_count; i++) store_release(&span->words[i].bits, span_empty_word(span, 0, i));
}

void hm_span_init(struct hm_span *span, struct hostmem_heap *heap, uintptr_t base, unsigned bin)
{
    uint32_t units = hm_size_class_size(bin) / BIN_UNIT;

    span->block_size = hm_size_class_size(bin);
    span->inverse = ((UINT32_C(1) << SPAN_INVERSE_BITS) + units - 1) / units;
    span->count = hm_size_class_blocks(bin);
    span->word_count = span_words_for(span->count);
    span->bin = bin;
    store_relaxed(&span->sites, NULL);
    store_relaxed(&span->hint, 0);
    store_relaxed(&span->state, SPAN_DECOMMITTED);
    for (uint32_t i = 0; i < span->word_count; i++) store_relaxed(&span->words[i].levels, 0);
    span_set_range(span, base);
    store_release(&span->heap, heap);
}

void hm_span_attach(struct hm_span *span, uintptr_t base)
{
    hm_assert(span_may_move(span));
    hm_assert(hm_span_is_empty(span));
    span_set_range(span, base | ((load_relaxed(&span->range) & SPAN_GENERATION) + 1));
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
        uint64_t word = load_relaxed(&span->words[i].bits), open = span_open_field(span->opened, i);

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
        /* A live block. The words before it are sealed, so no other thread changes them. */
        while (i-- > 0) store_release(&span->words[i].bits, span_empty_word(span, span->opened, i));
        return false;
    }
    return true;
}

void hm_span_set_level_bits(struct hm_span_word *word, unsigned bit, unsigned level)
{
    uint64_t levels = load_relaxed(&word->levels), mask = (uint64_t)SPAN_LEVEL_MASK << bit * SPAN_LEVEL_BITS;
    uint64_t wanted = (uint64_t)level << bit * SPAN_LEVEL_BITS;

    while (!cas_weak(&word->levels, &levels, (levels & ~mask) | wanted)) continue;
}

bool hm_span_clear_with_site(struct hm_span *span, uintptr_t range, uint32_t index, struct hm_span_freed *freed)
{
    freed->level = span_level(span, index);
    return span_clear(span, range, index, freed);
}

struct hm_span_sites *hm_span_record_site(struct hm_span *span, uint32_t index, uint32_t site,
                                          enum hostmem_critical_level level, struct hm_span_sites *spare)
{
    struct hm_span_sites *sites = NULL;

    if (cas_strong(&span->sites, &sites, spare))
    {
        sites = spare;
        spare = NULL;
    }
    store_release(&sites->sites[index], site << SPAN_LEVEL_BITS | level);
    /* The site first: the level bits say that it is there. */
    hm_span_set_level_bits(&span->words[index / SPAN_WORD_BLOCKS], index % SPAN_WORD_BLOCKS, SPAN_HAS_SITE);
    return spare;
}
