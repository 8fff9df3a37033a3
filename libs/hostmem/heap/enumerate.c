/*
 * Every live block, for those who look for leaks.
 *
 * Looked at while others allocate and free: a block is shown if it was live at
 * the moment it was looked at. No lock is held while the visitor runs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/heap.h"

struct block_visit
{
    struct hostmem_manager *manager;
    bool (*visit)(void *arg, const struct hostmem_block_info *block);
    void *arg;
};

static bool block_show(const struct block_visit *to, struct hostmem_block_info *info, uint32_t place)
{
    const struct hm_alloc_site *at = place ? hm_alloc_sites_at(&to->manager->places, place) : NULL;

    info->file = at && at->file ? at->file->text : NULL;
    info->line = at ? at->line : 0;
    return to->visit(to->arg, info);
}

static bool block_show_small(const struct block_visit *to, struct hostmem_heap *heap, struct hm_span *span,
                             uintptr_t base, uint32_t index)
{
    struct hostmem_block_info info = {
        .heap = heap, .address = (void *)(base + (size_t)index * span->block_size), .size = span->block_size};
    unsigned mark = span_mark(&span->words[index / SPAN_WORD_BLOCKS], index % SPAN_WORD_BLOCKS);
    uint32_t place = 0;

    if (mark == SPAN_NOTED)
    {
        uint32_t note = load_acquire(&load_acquire(&span->notes)->notes[index]);
        place = note >> SPAN_MARK_BITS;
        mark = note & SPAN_MARK_MASK;
    }
    info.level = (enum hostmem_critical_level)mark;
    return block_show(to, &info, place);
}

static bool blocks_of_span(const struct block_visit *to, struct hostmem_heap *heap, struct hm_span *span)
{
    for (uint32_t i = 0; i < span->word_count; i++)
    {
        uint64_t word = load_acquire(&span->words[i].bits);
        /* Read after the word, whose blocks keep the home where it is: so it is theirs, or they are gone. */
        uintptr_t home = load_acquire(&span->home);

        if (!span_word_is_of(word, home)) continue;
        for (uint32_t bits = span_live_bits(word); bits; bits &= bits - 1)
            if (!block_show_small(to, heap, span, span_home_base(home), i * SPAN_WORD_BLOCKS + bits_lowest(bits)))
                return false;
    }
    return true;
}

/* The list of spans only grows at its head. */
static bool blocks_of_heap(const struct block_visit *to, struct hostmem_heap *heap)
{
    struct hm_span *span;

    spin_lock(&heap->grow_lock, &to->manager->backend);
    span = heap->spans;
    spin_unlock(&heap->grow_lock);
    for (; span; span = span->next_of_heap)
        if (!blocks_of_span(to, heap, span)) return false;
    return true;
}

/* heap: NULL means any. */
static bool blocks_large(const struct block_visit *to, struct hostmem_heap *heap)
{
    uint32_t count = hm_pool_count(&to->manager->larges), place;

    for (uint32_t i = 0; i < count; i++)
    {
        struct hostmem_block_info info = {0};
        if (!hm_large_describe(hm_pool_at(&to->manager->larges, i), heap, &info, &place)) continue;
        if (!block_show(to, &info, place)) return false;
    }
    return true;
}

void hostmem_heap_each_block(struct hostmem_heap *heap,
                             bool (*visit)(void *arg, const struct hostmem_block_info *block), void *arg)
{
    const struct block_visit to = {heap->manager, visit, arg};

    if (blocks_of_heap(&to, heap)) blocks_large(&to, heap);
}

void hostmem_manager_each_block(struct hostmem_manager *manager,
                                bool (*visit)(void *arg, const struct hostmem_block_info *block), void *arg)
{
    const struct block_visit to = {manager, visit, arg};
    struct hostmem_heap *heap;

    spin_lock(&manager->heap_lock, &manager->backend);
    heap = manager->heaps;
    spin_unlock(&manager->heap_lock);
    /* Heaps come in at the head, and none goes. */
    for (; heap; heap = heap->next)
        if (!blocks_of_heap(&to, heap)) return;
    blocks_large(&to, NULL);
}
