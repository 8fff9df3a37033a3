/*
 * Returning unused memory of a heap: the pages of empty spans, and chunks that have no committed pages left.
 *
 * Trimming waits for no lock: it is called where a thread suspended inside the heap must not hold up the caller. The
 * record of a span is never freed before its heap is destroyed, since other threads may still read it. Only its address
 * range goes: the span leaves the map, and is later attached to another range.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/heap.h"

/* Takes the shards' current spans that are empty out of use. pre: the bin's lock is held */
static size_t trim_current(struct hostmem_heap *heap, unsigned bin)
{
    size_t bytes = 0;

    hm_assert_held(&heap->bins[bin].lock);
    for (unsigned shard = 0; shard < SHARD_COUNT; shard++)
    {
        _Atomic(struct hm_span *) *current = &heap->shards[shard].current[bin];
        struct hm_span *span = load_relaxed(current);

        if (!span || !hm_span_is_empty(span) || !hm_span_seal(span)) continue;
        store_release(current, NULL);
        bytes += hm_heap_retire_span(heap, span, 0);
    }
    return bytes;
}

/* Decommits the cached spans of a bin. pre: the bin's lock is held */
static size_t trim_cached(struct hostmem_heap *heap, struct hm_heap_bin *bin)
{
    struct hm_span *span = bin->cached, *next;
    size_t bytes = 0, committed;

    for (; span; span = next)
    {
        next = span->next;
        committed = span->committed;
        if (!hm_heap_decommit_span(heap, span)) continue;
        sub_relaxed(&heap->cached, committed);
        spanlist_remove(&bin->cached, span);
        spanlist_push(&bin->decommitted, span, SPAN_DECOMMITTED);
        bytes += committed;
    }
    return bytes;
}

/* Tries the locks of all bins with spans in the chunk; *held: a bit for each that was taken. False where another thread
 * has one of them, or a span is not decommitted. Under a bin's lock, its decommitted spans stay so, and a span that is
 * new or was just attached is in its list. pre: the grow lock is held */
static bool chunk_lock_bins(struct hostmem_heap *heap, struct hm_heap_chunk *chunk, uint64_t *held)
{
    hm_assert_held(&heap->grow_lock);
    for (struct hm_span *span = chunk->spans; span; span = span->next_of_chunk)
    {
        uint64_t bit = UINT64_C(1) << span->bin;

        if (load_ordered(&span->state) != SPAN_DECOMMITTED) return false;
        if (*held & bit) continue;
        if (!spin_try(&heap->bins[span->bin].lock)) return false;
        *held |= bit;
        if (load_ordered(&span->state) != SPAN_DECOMMITTED) return false;
    }
    return true;
}

static void chunk_unlock_bins(struct hostmem_heap *heap, uint64_t held)
{
    for (unsigned bin = 0; bin < BIN_COUNT; bin++)
        if (held & UINT64_C(1) << bin) spin_unlock(&heap->bins[bin].lock);
}

/* Detaches the chunk's spans; false, and nothing changed, where one is in use. pre: the grow lock is held */
static bool chunk_detach_spans(struct hostmem_heap *heap, struct hm_heap_chunk *chunk)
{
    struct hm_span *span;
    uint64_t held = 0;
    bool unused = chunk_lock_bins(heap, chunk, &held);

    while (unused && (span = chunk->spans))
    {
        chunk->spans = span->next_of_chunk;
        spanlist_remove(&heap->bins[span->bin].decommitted, span);
        hm_heap_detach_span(heap, span);
    }
    chunk_unlock_bins(heap, held);
    return unused;
}

static void chunk_unlink(struct hm_heap_chunk **list, struct hm_heap_chunk *chunk)
{
    while (*list != chunk) list = &(*list)->next;
    *list = chunk->next;
}

/* A full chunk may have left this list already. */
static void chunk_unlink_roomy(struct hm_heap_chunk **list, struct hm_heap_chunk *chunk)
{
    while (*list && *list != chunk) list = &(*list)->next_roomy;
    if (*list) *list = chunk->next_roomy;
}

/* Releases a chunk that has no committed pages. HOSTMEM_BROKEN, or HOSTMEM_OK. pre: the grow lock is held */
static enum hostmem_result chunk_release(struct hostmem_heap *heap, struct hm_heap_chunk *chunk, size_t *released)
{
    size_t size = chunk->size;
    enum hostmem_result result;

    if (!chunk_detach_spans(heap, chunk)) return HOSTMEM_OK;
    chunk_unlink_roomy(&heap->roomy, chunk);
    result = heap->backend->release(heap->backend->context, (void *)chunk->base);
    result = hm_accounting_check_release(heap->accounting, result);
    if (result != HOSTMEM_OK && result != HOSTMEM_BROKEN && result != HOSTMEM_UNAVAILABLE)
    {
        /* The address space is still there, unused. */
        chunk->used = 0;
        chunk->next_roomy = heap->roomy;
        heap->roomy = chunk;
        return HOSTMEM_OK;
    }
    chunk_unlink(&heap->chunks, chunk);
    gauge_sub(&heap->heaps->reserved, size);
    hm_sized_pools_put(&heap->heaps->records, chunk, sizeof(*chunk));
    *released += size;
    return result == HOSTMEM_BROKEN ? HOSTMEM_BROKEN : HOSTMEM_OK;
}

static enum hostmem_result trim_chunks(struct hostmem_heap *heap, size_t *released)
{
    enum hostmem_result result = HOSTMEM_OK;
    struct hm_heap_chunk *chunk, *next;

    if (!spin_try(&heap->grow_lock)) return HOSTMEM_OK;
    for (chunk = heap->chunks; chunk; chunk = next)
    {
        next = chunk->next;
        if (chunk_release(heap, chunk, released) != HOSTMEM_OK) result = HOSTMEM_BROKEN;
    }
    spin_unlock(&heap->grow_lock);
    return result;
}

enum hostmem_result hm_heap_trim(struct hostmem_heap *heap, size_t *decommitted, size_t *released)
{
    for (unsigned i = 0; i < BIN_COUNT; i++)
    {
        struct hm_heap_bin *bin = &heap->bins[i];

        if (!spin_try(&bin->lock)) continue;
        *decommitted += trim_current(heap, i);
        *decommitted += trim_cached(heap, bin);
        spin_unlock(&bin->lock);
    }
    return trim_chunks(heap, released);
}
