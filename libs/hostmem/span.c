/*
 * The slower operations on a span's bits.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "span.h"

/* The high half of word i when `opened` blocks of the span may be handed out. */
static uint64_t span_open_bits(uint32_t opened, uint32_t i)
{
    uint32_t first = i * SPAN_WORD_BLOCKS;

    if (opened <= first) return 0;
    if (opened - first >= SPAN_WORD_BLOCKS) return UINT64_C(0xffffffff) << 32;
    return ((UINT64_C(1) << (opened - first)) - 1) << 32;
}

void hostmem_span_init(struct hostmem_span *span, struct hostmem_heap *heap, uintptr_t base, unsigned bin)
{
    uint32_t units = hostmem_bin_size(bin) / BIN_UNIT;

    span->block_size = hostmem_bin_size(bin);
    span->inverse = ((UINT32_C(1) << SPAN_INVERSE_BITS) + units - 1) / units;
    span->count = hostmem_bin_span(bin) / span->block_size;
    span->bin = bin;
    span->opened = 0;
    span->committed = 0;
    store_relaxed(&span->hint, 0);
    store_relaxed(&span->state, SPAN_COLD);
    for (uint32_t i = 0; i < span_words(span); i++) store_relaxed(&span->words[i], 0);
    store_release(&span->base, base);
    store_release(&span->heap, heap);
}

bool hostmem_span_has_room(struct hostmem_span *span)
{
    for (uint32_t i = 0; i < span_words(span); i++)
        if (span_free_bits(load_ordered(&span->words[i]))) return true;
    return false;
}

bool hostmem_span_is_empty(struct hostmem_span *span)
{
    for (uint32_t i = 0; i < span_words(span); i++)
        if (span_live_bits(load_ordered(&span->words[i]))) return false;
    return true;
}

uint32_t hostmem_span_live(struct hostmem_span *span)
{
    uint32_t live = 0;

    for (uint32_t i = 0; i < span_words(span); i++) live += bits_count(span_live_bits(load_relaxed(&span->words[i])));
    return live;
}

void hostmem_span_unseal(struct hostmem_span *span)
{
    for (uint32_t i = 0; i < span_words(span); i++)
        atomic_fetch_or_explicit(&span->words[i], span_open_bits(span->opened, i), memory_order_release);
}

bool hostmem_span_seal(struct hostmem_span *span)
{
    for (uint32_t i = 0; i < span_words(span); i++)
    {
        uint64_t open = span_open_bits(span->opened, i);
        if (cas_strong(&span->words[i], &open, 0)) continue;
        /* A live block. The words before it are sealed, so nobody changes them but us. */
        while (i-- > 0) store_release(&span->words[i], span_open_bits(span->opened, i));
        return false;
    }
    return true;
}
