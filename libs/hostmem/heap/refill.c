/*
 * How spans move between the shards and the lists of their bin.
 *
 * Threads allocate from a shard's current span without a lock. A thread may have read the shard's pointer a while ago, so
 * a span in any list may still lose free blocks to it, unless the span is sealed. A full span is in no list. When its
 * blocks are freed, it must get back into one: the allocating thread sets the state to full and then looks at the bits
 * again; the freeing thread clears its bit and then looks at the state.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/heap.h"

size_t hm_heap_retire_span(struct hostmem_heap *heap, struct hm_span *span, size_t most)
{
    struct hm_heap_bin *bin = &heap->bins[span->bin];
    size_t bytes = 0;

    hm_assert_held(&bin->lock);
    hm_assert(!span->next && !span->previous);
    if (load_relaxed(&heap->cached) + span->committed > most && (bytes = hm_heap_decommit_span(heap, span)))
    {
        spanlist_push(&bin->decommitted, span, SPAN_DECOMMITTED);
        return bytes;
    }
    add_relaxed(&heap->cached, span->committed);
    spanlist_push(&bin->cached, span, SPAN_CACHED);
    return 0;
}

/* A cached span, open again, in no list; NULL: the bin has none. pre: the bin's lock is held */
static struct hm_span *heap_reuse_cached(struct hostmem_heap *heap, struct hm_heap_bin *bin)
{
    struct hm_span *span = spanlist_pop(&bin->cached);

    if (!span) return NULL;
    sub_relaxed(&heap->cached, span->committed);
    hm_span_unseal(span);
    return span;
}

/* A decommitted span, in no list; NULL: no memory. pre: the bin's lock is held */
static struct hm_span *heap_decommitted_span(struct hostmem_heap *heap, unsigned index)
{
    struct hm_heap_bin *bin = &heap->bins[index];
    struct hm_span *span = spanlist_pop(&bin->decommitted);

    if (span) return span;
    if (!(span = spanlist_pop(&bin->detached))) return hm_heap_new_span(heap, index);
    if (hm_heap_attach_span(heap, span)) return span;
    hm_heap_detach_span(heap, span);
    return NULL;
}

/* A span of the bin with free blocks, in no list. pre: the bin's lock is held */
static enum hostmem_result heap_next_span(struct hostmem_heap *heap, unsigned index, enum hostmem_critical_level level,
                                          struct hm_span **out)
{
    struct hm_heap_bin *bin = &heap->bins[index];
    enum hostmem_result result;
    struct hm_span_step step;

    hm_assert_held(&bin->lock);
    if ((*out = spanlist_pop(&bin->partial)) || (*out = heap_reuse_cached(heap, bin))) return HOSTMEM_OK;
    /* Charged first: a request that limits refuse takes no address space. */
    if ((result = hm_heap_charge_step(heap, index, 0, 0, level, &step)) != HOSTMEM_OK) return result;
    if (!(*out = heap_decommitted_span(heap, index)))
    {
        hm_charge_free(heap->accounting, &heap->account, step.bytes);
        return HOSTMEM_NO_MEMORY;
    }
    if ((result = hm_heap_commit_step(heap, *out, &step)) != HOSTMEM_OK)
        spanlist_push(&bin->decommitted, *out, SPAN_DECOMMITTED);
    return result;
}

static enum hostmem_result heap_open_more(struct hostmem_heap *heap, struct hm_span *span,
                                          enum hostmem_critical_level level)
{
    struct hm_span_step step;
    enum hostmem_result result = hm_heap_charge_step(heap, span->bin, span->opened, span->committed, level, &step);

    return result == HOSTMEM_OK ? hm_heap_commit_step(heap, span, &step) : result;
}

/* Takes a full current span away from its shard. False: a block was freed meanwhile. pre: the bin's lock is held */
static bool heap_drop_full(struct hm_span *span, _Atomic(struct hm_span *) *current)
{
    store_ordered(&span->state, SPAN_FULL);
    if (hm_span_has_room(span))
    {
        store_ordered(&span->state, SPAN_CURRENT);
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
            store_ordered(&span->state, SPAN_CURRENT);
            store_release(current, span);
        }
        if ((*block = hm_span_alloc(span, level))) break;
        if (span->opened < span->count)
            result = heap_open_more(heap, span, level);
        else if (heap_drop_full(span, current))
            span = NULL;
    }
    return result;
}

/* A block of a partial span. A full span leaves the list, so that later requests do not pass it again. */
static void *heap_steal_partial(struct hm_heap_bin *bin, enum hostmem_critical_level level)
{
    struct hm_span *span;
    void *block;

    while ((span = bin->partial))
    {
        if ((block = hm_span_alloc(span, level))) return block;
        spanlist_remove(&bin->partial, span);
        store_ordered(&span->state, SPAN_FULL);
        if (hm_span_has_room(span)) spanlist_push(&bin->partial, span, SPAN_PARTIAL);
    }
    return NULL;
}

/* No more memory is available: a free block that is committed already, from any span of the bin, other shards' current
 * spans included. pre: the bin's lock is held */
static void *heap_steal(struct hostmem_heap *heap, unsigned index, enum hostmem_critical_level level)
{
    struct hm_heap_bin *bin = &heap->bins[index];
    struct hm_span *span;
    void *block;

    hm_assert_held(&bin->lock);
    if ((block = heap_steal_partial(bin, level))) return block;
    if ((span = heap_reuse_cached(heap, bin)))
    {
        spanlist_push(&bin->partial, span, SPAN_PARTIAL);
        if ((block = hm_span_alloc(span, level))) return block;
    }
    for (unsigned shard = 0; shard < SHARD_COUNT; shard++)
        if ((span = load_relaxed(&heap->shards[shard].current[index])) && (block = hm_span_alloc(span, level)))
            return block;
    return NULL;
}

enum hostmem_result hm_heap_refill(struct hostmem_heap *heap, unsigned shard, unsigned bin,
                                   enum hostmem_critical_level level, void **block)
{
    struct hm_spin *lock = &heap->bins[bin].lock;
    enum hostmem_result result;

    *block = NULL;
    spin_lock(lock, heap->backend);
    result = heap_fill(heap, bin, &heap->shards[shard].current[bin], level, block);
    if (result != HOSTMEM_OK && (*block = heap_steal(heap, bin, level))) result = HOSTMEM_OK;
    spin_unlock(lock);
    return result;
}

void hm_heap_requeue_span(struct hostmem_heap *heap, struct hm_span *span)
{
    struct hm_heap_bin *bin = &heap->bins[span->bin];

    spin_lock(&bin->lock, heap->backend);
    if (load_ordered(&span->state) == SPAN_FULL) spanlist_push(&bin->partial, span, SPAN_PARTIAL);
    if (load_ordered(&span->state) == SPAN_PARTIAL && hm_span_is_empty(span) && hm_span_seal(span))
    {
        spanlist_remove(&bin->partial, span);
        hm_heap_retire_span(heap, span, HEAP_CACHE_MOST);
    }
    spin_unlock(&bin->lock);
}
