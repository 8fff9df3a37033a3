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
#include "heap.h"

static void list_push(struct hostmem_span **list, struct hostmem_span *span, enum span_state state)
{
    span->previous = NULL;
    span->next = *list;
    if (span->next) span->next->previous = span;
    *list = span;
    store_ordered(&span->state, state);
}

static void list_remove(struct hostmem_span **list, struct hostmem_span *span)
{
    if (span->next) span->next->previous = span->previous;
    if (span->previous)
        span->previous->next = span->next;
    else
        *list = span->next;
    span->next = span->previous = NULL;
}

static struct hostmem_span *list_pop(struct hostmem_span **list)
{
    struct hostmem_span *span = *list;

    if (span) list_remove(list, span);
    return span;
}

/* A sealed span's way out of use: idle while the heap may keep that much, else cold. Bytes decommitted. */
static size_t heap_retire(struct hostmem_heap *heap, struct hostmem_span *span, size_t keep)
{
    struct heap_bin *bin = &heap->bins[span->bin];
    size_t bytes = 0;

    if (load_relaxed(&heap->idle) + span->committed > keep && (bytes = hostmem_heap_cool(heap, span)))
    {
        list_push(&bin->cold, span, SPAN_COLD);
        return bytes;
    }
    add_relaxed(&heap->idle, span->committed);
    list_push(&bin->idle, span, SPAN_IDLE);
    return 0;
}

/* A span of the bin with blocks to hand out, in no list; NULL: no memory. pre: the bin's lock is held */
static struct hostmem_span *heap_next_span(struct hostmem_heap *heap, unsigned index)
{
    struct heap_bin *bin = &heap->bins[index];
    struct hostmem_span *span;

    if ((span = list_pop(&bin->partial))) return span;
    if ((span = list_pop(&bin->idle)))
    {
        sub_relaxed(&heap->idle, span->committed);
        hostmem_span_unseal(span);
        return span;
    }
    if (!(span = list_pop(&bin->cold)) && !(span = hostmem_heap_new_span(heap, index))) return NULL;
    if (hostmem_heap_open_more(heap, span)) return span;
    list_push(&bin->cold, span, SPAN_COLD);
    return NULL;
}

/* Detaches a current span that has nothing left. False: a block was freed meanwhile. pre: the bin's lock is held */
static bool heap_detach_full(struct hostmem_span *span, _Atomic(struct hostmem_span *) *current)
{
    store_ordered(&span->state, SPAN_FULL);
    if (hostmem_span_has_room(span))
    {
        store_ordered(&span->state, SPAN_ATTACHED);
        return false;
    }
    store_release(current, NULL);
    return true;
}

/* pre: the bin's lock is held */
static void *heap_fill(struct hostmem_heap *heap, unsigned bin, _Atomic(struct hostmem_span *) *current)
{
    struct hostmem_span *span = load_relaxed(current);
    void *block;

    for (;;)
    {
        if (!span)
        {
            if (!(span = heap_next_span(heap, bin))) return NULL;
            store_ordered(&span->state, SPAN_ATTACHED);
            store_release(current, span);
        }
        if ((block = hostmem_span_take(span))) return block;
        if (span->opened < span->count)
        {
            if (!hostmem_heap_open_more(heap, span)) return NULL;
        }
        else if (heap_detach_full(span, current))
            span = NULL;
    }
}

void *hostmem_heap_refill(struct hostmem_heap *heap, unsigned shard, unsigned bin)
{
    struct hostmem_spin *lock = &heap->bins[bin].lock;
    void *block;

    spin_lock(lock, &heap->manager->backend);
    block = heap_fill(heap, bin, &heap->shards[shard].current[bin]);
    spin_unlock(lock);
    return block;
}

void hostmem_heap_settle(struct hostmem_heap *heap, struct hostmem_span *span)
{
    struct heap_bin *bin = &heap->bins[span->bin];

    spin_lock(&bin->lock, &heap->manager->backend);
    if (load_ordered(&span->state) == SPAN_FULL) list_push(&bin->partial, span, SPAN_PARTIAL);
    if (load_ordered(&span->state) == SPAN_PARTIAL && hostmem_span_is_empty(span) && hostmem_span_seal(span))
    {
        list_remove(&bin->partial, span);
        heap_retire(heap, span, HEAP_IDLE_KEEP);
    }
    spin_unlock(&bin->lock);
}

/* Seals and retires the shards' current spans that are empty. pre: the bin's lock is held */
static size_t heap_trim_current(struct hostmem_heap *heap, unsigned bin)
{
    size_t bytes = 0;

    for (unsigned shard = 0; shard < SHARD_COUNT; shard++)
    {
        _Atomic(struct hostmem_span *) *current = &heap->shards[shard].current[bin];
        struct hostmem_span *span = load_relaxed(current);

        if (!span || !hostmem_span_is_empty(span) || !hostmem_span_seal(span)) continue;
        store_release(current, NULL);
        bytes += heap_retire(heap, span, 0);
    }
    return bytes;
}

/* Decommits the idle spans of a bin. pre: the bin's lock is held */
static size_t heap_trim_idle(struct hostmem_heap *heap, struct heap_bin *bin)
{
    struct hostmem_span *span = bin->idle, *next;
    size_t bytes = 0, committed;

    for (; span; span = next)
    {
        next = span->next;
        committed = span->committed;
        if (!hostmem_heap_cool(heap, span)) continue;
        sub_relaxed(&heap->idle, committed);
        list_remove(&bin->idle, span);
        list_push(&bin->cold, span, SPAN_COLD);
        bytes += committed;
    }
    return bytes;
}

size_t hostmem_heap_trim(struct hostmem_heap *heap)
{
    size_t bytes = 0;

    for (unsigned i = 0; i < BIN_COUNT; i++)
    {
        struct heap_bin *bin = &heap->bins[i];

        spin_lock(&bin->lock, &heap->manager->backend);
        bytes += heap_trim_current(heap, i);
        bytes += heap_trim_idle(heap, bin);
        spin_unlock(&bin->lock);
    }
    return bytes;
}
