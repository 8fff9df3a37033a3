/*
 * Every live block, to look for leaks.
 *
 * The blocks are read while other threads allocate and free: a block is visited if it was live when it was read. No lock
 * is held while the visitor runs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/heap.h"

struct block_visit
{
    struct hm_heaps *heaps;
    bool (*visit)(void *arg, const struct hostmem_block_info *block);
    void *arg;
};

static bool visit_block(const struct block_visit *to, struct hostmem_block_info *info, uint32_t number)
{
    const struct hm_alloc_site *site = number ? hm_alloc_sites_at(&to->heaps->sites, number) : NULL;

    hm_assert_no_lock_is_held();
    info->file = site && site->file ? site->file->text : NULL;
    info->line = site ? site->line : 0;
    return to->visit(to->arg, info);
}

static bool visit_small(const struct block_visit *to, struct hostmem_heap *heap, struct hm_span *span, uintptr_t base,
                        uint32_t index)
{
    struct hostmem_block_info info = {
        .heap = heap, .address = (void *)(base + (size_t)index * span->block_size), .size = span->block_size};
    unsigned bits = span_level_bits(&span->words[index / SPAN_WORD_BLOCKS], index % SPAN_WORD_BLOCKS);
    uint32_t number = 0;

    if (bits == SPAN_HAS_SITE)
    {
        uint32_t site = load_acquire(&load_acquire(&span->sites)->sites[index]);
        number = site >> SPAN_LEVEL_BITS;
        bits = site & SPAN_LEVEL_MASK;
    }
    info.level = (enum hostmem_critical_level)bits;
    return visit_block(to, &info, number);
}

static bool visit_span(const struct block_visit *to, struct hostmem_heap *heap, struct hm_span *span)
{
    for (uint32_t i = 0; i < span->word_count; i++)
    {
        uint64_t word = load_acquire(&span->words[i].bits);
        /* Read after the word: live blocks keep the range, so it is theirs, or the blocks are gone. */
        uintptr_t range = load_acquire(&span->range);

        if (!span_word_is_of(word, range)) continue;
        for (uint32_t bits = span_live_bits(word); bits; bits &= bits - 1)
            if (!visit_small(to, heap, span, span_range_base(range), i * SPAN_WORD_BLOCKS + bits_lowest(bits)))
                return false;
    }
    return true;
}

/* The list of spans only grows, at its head. */
static bool visit_spans(const struct block_visit *to, struct hostmem_heap *heap)
{
    struct hm_span *span;

    spin_lock(&heap->grow_lock, heap->backend);
    span = heap->spans;
    spin_unlock(&heap->grow_lock);
    for (; span; span = span->next_of_heap)
        if (!visit_span(to, heap, span)) return false;
    return true;
}

/* The large blocks of `heap`; NULL: of all heaps. */
static void visit_larges(const struct block_visit *to, struct hostmem_heap *heap)
{
    uint32_t count = hm_pool_count(&to->heaps->larges), site;

    for (uint32_t i = 0; i < count; i++)
    {
        struct hostmem_block_info info = {0};
        if (!hm_large_describe(hm_pool_at(&to->heaps->larges, i), heap, &info, &site)) continue;
        if (!visit_block(to, &info, site)) return;
    }
}

void hostmem_heap_each_block(struct hostmem_heap *heap,
                             bool (*visit)(void *arg, const struct hostmem_block_info *block), void *arg)
{
    const struct block_visit to = {heap->heaps, visit, arg};

    if (visit_spans(&to, heap)) visit_larges(&to, heap);
}

void hm_heaps_each_block(struct hm_heaps *heaps, bool (*visit)(void *arg, const struct hostmem_block_info *block),
                         void *arg)
{
    const struct block_visit to = {heaps, visit, arg};
    struct hostmem_heap *heap;

    spin_lock(&heaps->list_lock, heaps->backend);
    heap = heaps->first;
    spin_unlock(&heaps->list_lock);
    /* New heaps are linked at the head, and none is destroyed meanwhile. */
    for (; heap; heap = heap->next)
        if (!visit_spans(&to, heap)) return;
    visit_larges(&to, NULL);
}
