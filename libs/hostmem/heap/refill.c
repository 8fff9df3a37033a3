/*
 * How spans move between the shards and the lists of their bin.
 *
 * A shard's current span is used without a lock, also by a thread that read
 * the shard's pointer long ago, so a span in any list may still lose blocks to
 * such a thread, except a sealed one. A full span is in no list. It must not
 * be forgotten there when its blocks are freed: the allocator marks it full and then
 * looks at the bits again, the freer clears its bit and then looks at the mark.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/heap.h"

size_t hm_heap_retire(struct hostmem_heap *heap, struct hm_span *span, size_t keep)
{
    struct heap_bin *bin = &heap->bins[span->bin];
    size_t bytes = 0;

    if (load_relaxed(&heap->idle) + span->committed > keep && (bytes = hm_heap_cool(heap, span)))
    {
        spanlist_push(&bin->cold, span, SPAN_COLD);
        return bytes;
    }
    add_relaxed(&heap->idle, span->committed);
    spanlist_push(&bin->idle, span, SPAN_IDLE);
    return 0;
}

/* An idle span, open again, in no list; NULL: the bin has none. pre: the bin's lock is held */
static struct hm_span *heap_wake_idle(struct hostmem_heap *heap, struct heap_bin *bin)
{
    struct hm_span *span = spanlist_pop(&bin->idle);

    if (!span) return NULL;
    sub_relaxed(&heap->idle, span->committed);
    hm_span_unseal(span);
    return span;
}

/* A cold span, in no list; NULL: no memory. pre: the bin's lock is held */
static struct hm_span *heap_cold_span(struct hostmem_heap *heap, unsigned index)
{
    struct heap_bin *bin = &heap->bins[index];
    struct hm_span *span = spanlist_pop(&bin->cold);

    if (span) return span;
    if (!(span = spanlist_pop(&bin->homeless))) return hm_heap_new_span(heap, index);
    if (hm_heap_house(heap, span)) return span;
    hm_heap_unhouse(heap, span);
    return NULL;
}

/* A span of the bin with blocks to hand out, in no list. pre: the bin's lock is held */
static enum hostmem_result heap_next_span(struct hostmem_heap *heap, unsigned index, enum hostmem_critical_level level,
                                          struct hm_span **out)
{
    struct heap_bin *bin = &heap->bins[index];
    enum hostmem_result result;
    struct heap_step step;

    if ((*out = spanlist_pop(&bin->partial)) || (*out = heap_wake_idle(heap, bin))) return HOSTMEM_OK;
    /* Charged first: what the limits refuse takes no address space either. */
    if ((result = hm_heap_charge_step(heap, index, 0, 0, level, &step)) != HOSTMEM_OK) return result;
    if (!(*out = heap_cold_span(heap, index)))
    {
        hm_charge_give(heap->manager, &heap->account, step.bytes);
        return HOSTMEM_NO_MEMORY;
    }
    if ((result = hm_heap_take_step(heap, *out, &step)) != HOSTMEM_OK) spanlist_push(&bin->cold, *out, SPAN_COLD);
    return result;
}

static enum hostmem_result heap_open_more(struct hostmem_heap *heap, struct hm_span *span,
                                          enum hostmem_critical_level level)
{
    struct heap_step step;
    enum hostmem_result result = hm_heap_charge_step(heap, span->bin, span->opened, span->committed, level, &step);

    return result == HOSTMEM_OK ? hm_heap_take_step(heap, span, &step) : result;
}

/* Detaches a current span that has nothing left. False: a block was freed meanwhile. pre: the bin's lock is held */
static bool heap_detach_full(struct hm_span *span, _Atomic(struct hm_span *) *current)
{
    store_ordered(&span->state, SPAN_FULL);
    if (hm_span_has_room(span))
    {
        store_ordered(&span->state, SPAN_ATTACHED);
        return false;
    }
    store_release(current, NULL);
    return true;
}

/* pre: the bin's lock is held */
static enum hostmem_result heap_fill(struct hostmem_heap *heap, unsigned bin, _Atomic(struct hm_span *) *current,
                                     enum hostmem_critical_level level, void **block)
{
    struct hm_span *span = load_relaxed(current);
    enum hostmem_result result = HOSTMEM_OK;

    while (result == HOSTMEM_OK)
    {
        if (!span)
        {
            if ((result = heap_next_span(heap, bin, level, &span)) != HOSTMEM_OK) break;
            store_ordered(&span->state, SPAN_ATTACHED);
            store_release(current, span);
        }
        if ((*block = hm_span_take(span, level))) break;
        if (span->opened < span->count)
            result = heap_open_more(heap, span, level);
        else if (heap_detach_full(span, current))
            span = NULL;
    }
    return result;
}

/* No more is to be had: a block that is committed already, wherever in the bin. pre: the bin's lock is held */
static void *heap_scrape(struct hostmem_heap *heap, unsigned index, enum hostmem_critical_level level)
{
    struct heap_bin *bin = &heap->bins[index];
    struct hm_span *span;
    void *block;

    while ((span = bin->partial))
    {
        if ((block = hm_span_take(span, level))) return block;
        /* Full, so out of the list: else each request would pass it by again. */
        spanlist_remove(&bin->partial, span);
        store_ordered(&span->state, SPAN_FULL);
        if (hm_span_has_room(span)) spanlist_push(&bin->partial, span, SPAN_PARTIAL);
    }
    if ((span = heap_wake_idle(heap, bin)))
    {
        spanlist_push(&bin->partial, span, SPAN_PARTIAL);
        if ((block = hm_span_take(span, level))) return block;
    }
    for (unsigned shard = 0; shard < SHARD_COUNT; shard++)
        if ((span = load_relaxed(&heap->shards[shard].current[index])) && (block = hm_span_take(span, level)))
            return block;
    return NULL;
}

enum hostmem_result hm_heap_refill(struct hostmem_heap *heap, unsigned shard, unsigned bin,
                                   enum hostmem_critical_level level, void **block)
{
    struct hm_spin *lock = &heap->bins[bin].lock;
    enum hostmem_result result;

    *block = NULL;
    spin_lock(lock, &heap->manager->backend);
    result = heap_fill(heap, bin, &heap->shards[shard].current[bin], level, block);
    if (result != HOSTMEM_OK && (*block = heap_scrape(heap, bin, level))) result = HOSTMEM_OK;
    spin_unlock(lock);
    return result;
}

void hm_heap_settle(struct hostmem_heap *heap, struct hm_span *span)
{
    struct heap_bin *bin = &heap->bins[span->bin];

    spin_lock(&bin->lock, &heap->manager->backend);
    if (load_ordered(&span->state) == SPAN_FULL) spanlist_push(&bin->partial, span, SPAN_PARTIAL);
    if (load_ordered(&span->state) == SPAN_PARTIAL && hm_span_is_empty(span) && hm_span_seal(span))
    {
        spanlist_remove(&bin->partial, span);
        hm_heap_retire(heap, span, HEAP_IDLE_KEEP);
    }
    spin_unlock(&bin->lock);
}
