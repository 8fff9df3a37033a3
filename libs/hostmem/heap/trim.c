/*
 * Giving back what a heap does not use: the pages of empty spans, and the
 * chunks that are left without any.
 *
 * Trimming waits for no lock, since it is called where a thread that was
 * suspended inside the heap must not hold up the caller. A span's record stays
 * where it is for ever, as somebody may still look at it; what goes is its home:
 * the span leaves the map and waits, homeless, to be given another one.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/heap.h"

/* Seals and retires the shards' current spans that are empty. pre: the bin's lock is held */
static size_t trim_current(struct hostmem_heap *heap, unsigned bin)
{
    size_t bytes = 0;

    for (unsigned shard = 0; shard < SHARD_COUNT; shard++)
    {
        _Atomic(struct hm_span *) *current = &heap->shards[shard].current[bin];
        struct hm_span *span = load_relaxed(current);

        if (!span || !hm_span_is_empty(span) || !hm_span_seal(span)) continue;
        store_release(current, NULL);
        bytes += hm_heap_retire(heap, span, 0);
    }
    return bytes;
}

/* Decommits the idle spans of a bin. pre: the bin's lock is held */
static size_t trim_idle(struct hostmem_heap *heap, struct heap_bin *bin)
{
    struct hm_span *span = bin->idle, *next;
    size_t bytes = 0, committed;

    for (; span; span = next)
    {
        next = span->next;
        committed = span->committed;
        if (!hm_heap_cool(heap, span)) continue;
        sub_relaxed(&heap->idle, committed);
        spanlist_remove(&bin->idle, span);
        spanlist_push(&bin->cold, span, SPAN_COLD);
        bytes += committed;
    }
    return bytes;
}

/* Takes the locks of all bins that have spans in the chunk; *held: a bit for each. False where somebody has one of
 * them, or a span is not cold. While a bin's lock is held, its cold spans stay so, and a span that is new or has just
 * been housed is in its list. pre: the grow lock is held */
static bool chunk_hold(struct hostmem_heap *heap, struct heap_chunk *chunk, uint64_t *held)
{
    for (struct hm_span *span = chunk->spans; span; span = span->next_of_chunk)
    {
        uint64_t bit = UINT64_C(1) << span->bin;

        if (load_ordered(&span->state) != SPAN_COLD) return false;
        if (*held & bit) continue;
        if (!spin_try(&heap->bins[span->bin].lock)) return false;
        *held |= bit;
        if (load_ordered(&span->state) != SPAN_COLD) return false;
    }
    return true;
}

static void chunk_let_go(struct hostmem_heap *heap, uint64_t held)
{
    for (unsigned bin = 0; bin < BIN_COUNT; bin++)
        if (held & UINT64_C(1) << bin) spin_unlock(&heap->bins[bin].lock);
}

/* Makes the chunk's spans homeless; false, and nothing changed, where one is not cold or not to be had.
 * pre: the grow lock is held */
static bool chunk_evict(struct hostmem_heap *heap, struct heap_chunk *chunk)
{
    struct hm_span *span;
    uint64_t held = 0;
    bool cold = chunk_hold(heap, chunk, &held);

    while (cold && (span = chunk->spans))
    {
        chunk->spans = span->next_of_chunk;
        spanlist_remove(&heap->bins[span->bin].cold, span);
        hm_heap_unhouse(heap, span);
    }
    chunk_let_go(heap, held);
    return cold;
}

static void chunk_unlink(struct heap_chunk **list, struct heap_chunk *chunk)
{
    while (*list != chunk) list = &(*list)->next;
    *list = chunk->next;
}

/* It may have been taken off that list as it was full. */
static void chunk_unlink_roomy(struct heap_chunk **list, struct heap_chunk *chunk)
{
    while (*list && *list != chunk) list = &(*list)->next_roomy;
    if (*list) *list = chunk->next_roomy;
}

/* Gives the chunk back if nothing lives there. pre: the grow lock is held */
static void chunk_release(struct hostmem_heap *heap, struct heap_chunk *chunk, struct hm_trimmed *trimmed)
{
    struct hostmem_manager *manager = heap->manager;
    size_t size = chunk->size;
    enum hostmem_result result;

    if (!chunk_evict(heap, chunk)) return;
    chunk_unlink_roomy(&heap->roomy, chunk);
    result = manager->backend.release(manager->backend.context, (void *)chunk->base);
    result = hm_manager_judge_release(manager, result);
    if (result != HOSTMEM_OK && result != HOSTMEM_BROKEN && result != HOSTMEM_UNAVAILABLE)
    {
        /* Still ours, and nothing in it. */
        chunk->used = 0;
        chunk->next_roomy = heap->roomy;
        heap->roomy = chunk;
        return;
    }
    if (result == HOSTMEM_BROKEN) trimmed->broken = true;
    chunk_unlink(&heap->chunks, chunk);
    gauge_sub(&manager->heap_reserved, size);
    hm_sized_pools_put(&manager->spans, chunk, sizeof(*chunk));
    trimmed->released += size;
}

static void trim_chunks(struct hostmem_heap *heap, struct hm_trimmed *trimmed)
{
    struct heap_chunk *chunk, *next;

    if (!spin_try(&heap->grow_lock)) return;
    for (chunk = heap->chunks; chunk; chunk = next)
    {
        next = chunk->next;
        chunk_release(heap, chunk, trimmed);
    }
    spin_unlock(&heap->grow_lock);
}

void hm_heap_trim(struct hostmem_heap *heap, struct hm_trimmed *trimmed)
{
    for (unsigned i = 0; i < BIN_COUNT; i++)
    {
        struct heap_bin *bin = &heap->bins[i];

        if (!spin_try(&bin->lock)) continue;
        trimmed->decommitted += trim_current(heap, i);
        trimmed->decommitted += trim_idle(heap, bin);
        spin_unlock(&bin->lock);
    }
    trim_chunks(heap, trimmed);
}
