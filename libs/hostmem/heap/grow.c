/*
 * The memory of a heap: chunks reserved from the backend, spans cut from chunks, blocks of spans committed step by step.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/heap.h"

/* Reserves a chunk of at least `need` bytes; bytes, 0 where there is no address space. */
static size_t chunk_reserve(struct hostmem_heap *heap, size_t need, void **base)
{
    size_t size = heap->chunks ? HEAP_CHUNK : HEAP_FIRST_CHUNK;

    for (;; size = size > HEAP_FIRST_CHUNK ? HEAP_FIRST_CHUNK : need)
    {
        if (heap->backend->reserve(heap->backend->context, base, size, HOSTMEM_RESERVE, heap->protect) == HOSTMEM_OK)
            return size;
        if (size <= need) return 0;
    }
}

/* A new chunk of at least `need` bytes, in the lists. pre: the grow lock is held */
static struct hm_heap_chunk *chunk_new(struct hostmem_heap *heap, size_t need)
{
    struct hm_heap_chunk *chunk = hm_sized_pools_get(&heap->heaps->records, sizeof(*chunk));
    void *base = NULL;
    size_t size;

    if (!chunk) return NULL;
    if (!(size = chunk_reserve(heap, need, &base)))
    {
        hm_sized_pools_put(&heap->heaps->records, chunk, sizeof(*chunk));
        return NULL;
    }
    hm_regions_retire(heap->heaps->regions, base, size);
    chunk->base = (uintptr_t)base;
    chunk->size = size;
    chunk->used = 0;
    chunk->spans = NULL;
    chunk->next = heap->chunks;
    chunk->next_roomy = heap->roomy;
    heap->chunks = heap->roomy = chunk;
    gauge_add(&heap->heaps->reserved, size);
    return chunk;
}

/* A chunk with at least `need` unused bytes. pre: the grow lock is held */
static struct hm_heap_chunk *chunk_find(struct hostmem_heap *heap, size_t need)
{
    struct hm_heap_chunk **link = &heap->roomy, *chunk;

    hm_assert_held(&heap->grow_lock);
    while ((chunk = *link))
    {
        if (chunk->size - chunk->used >= need) return chunk;
        if (chunk->used == chunk->size)
            *link = chunk->next_roomy;
        else
            link = &chunk->next_roomy;
    }
    return chunk_new(heap, need);
}

/* Cuts a range for a span off a chunk, and attaches the span to it. pre: the grow lock is held */
static bool span_cut(struct hostmem_heap *heap, struct hm_span *span, unsigned bin, bool fresh)
{
    size_t size = hm_size_class_span(bin);
    struct hm_heap_chunk *chunk = chunk_find(heap, size);
    uintptr_t base;

    if (!chunk) return false;
    base = chunk->base + chunk->used;
    if (fresh)
        hm_span_init(span, heap, base, bin);
    else
        hm_span_attach(span, base);
    if (hm_map_set(heap->heaps->map, (void *)base, size, map_tagged(span, HM_MAP_SPAN)) != HOSTMEM_OK) return false;
    chunk->used += size;
    span->next_of_chunk = chunk->spans;
    chunk->spans = span;
    return true;
}

struct hm_span *hm_heap_new_span(struct hostmem_heap *heap, unsigned bin)
{
    size_t bytes = span_record_bytes(hm_size_class_blocks(bin));
    struct hm_span *span = hm_sized_pools_get(&heap->heaps->records, bytes);
    bool attached;

    hm_assert_held(&heap->bins[bin].lock);
    if (!span) return NULL;
    spin_lock(&heap->grow_lock, heap->backend);
    if ((attached = span_cut(heap, span, bin, true)))
    {
        span->next_of_heap = heap->spans;
        heap->spans = span;
    }
    spin_unlock(&heap->grow_lock);
    if (attached) return span;
    store_release(&span->heap, NULL);
    hm_sized_pools_put(&heap->heaps->records, span, bytes);
    return NULL;
}

bool hm_heap_attach_span(struct hostmem_heap *heap, struct hm_span *span)
{
    bool attached;

    hm_assert_held(&heap->bins[span->bin].lock);
    spin_lock(&heap->grow_lock, heap->backend);
    attached = span_cut(heap, span, span->bin, false);
    spin_unlock(&heap->grow_lock);
    return attached;
}

void hm_heap_detach_span(struct hostmem_heap *heap, struct hm_span *span)
{
    hm_assert_held(&heap->bins[span->bin].lock);
    hm_assert(!span->committed);
    hm_map_clear(heap->heaps->map, (void *)span_base(span), hm_size_class_span(span->bin),
                 map_tagged(span, HM_MAP_SPAN));
    if (span_may_move(span))
        spanlist_push(&heap->bins[span->bin].detached, span, SPAN_DETACHED);
    else
        store_ordered(&span->state, SPAN_DETACHED);
}

/* A step of at most `blocks` blocks. */
static struct hm_span_step step_of(unsigned bin, uint32_t opened, size_t committed, uint32_t blocks)
{
    uint32_t count = hm_size_class_blocks(bin);
    uint32_t to = opened + blocks < count ? opened + blocks : count;
    size_t end = page_up((size_t)to * hm_size_class_size(bin));

    return (struct hm_span_step){.opened = to, .bytes = end > committed ? end - committed : 0};
}

enum hostmem_result hm_heap_charge_step(struct hostmem_heap *heap, unsigned bin, uint32_t opened, size_t committed,
                                        enum hostmem_critical_level level, struct hm_span_step *step)
{
    uint32_t size = hm_size_class_size(bin), blocks = size < HEAP_OPEN_STEP ? HEAP_OPEN_STEP / size : 1;
    enum hostmem_result result;

    for (;; blocks = 1)
    {
        *step = step_of(bin, opened, committed, blocks);
        if (!step->bytes) return HOSTMEM_OK;
        result = hm_charge_take(heap->accounting, &heap->account, step->bytes, level);
        if (result == HOSTMEM_OK || blocks == 1) return result;
    }
}

enum hostmem_result hm_heap_commit_step(struct hostmem_heap *heap, struct hm_span *span,
                                        const struct hm_span_step *step)
{
    const struct hostmem_backend *backend = heap->backend;
    void *address = (void *)(span_base(span) + span->committed);

    hm_assert_held(&heap->bins[span->bin].lock);
    if (step->bytes)
    {
        if (backend->commit(backend->context, address, step->bytes, heap->protect) != HOSTMEM_OK)
        {
            hm_charge_free(heap->accounting, &heap->account, step->bytes);
            return HOSTMEM_NO_MEMORY;
        }
        gauge_add(&heap->heaps->committed, step->bytes);
        span->committed += step->bytes;
    }
    span->opened = step->opened;
    hm_span_unseal(span);
    return HOSTMEM_OK;
}

size_t hm_heap_decommit_span(struct hostmem_heap *heap, struct hm_span *span)
{
    const struct hostmem_backend *backend = heap->backend;
    size_t bytes = span->committed;

    hm_assert_held(&heap->bins[span->bin].lock);
    hm_assert(hm_span_is_empty(span));
    if (backend->decommit(backend->context, (void *)span_base(span), bytes) != HOSTMEM_OK) return 0;
    span->committed = 0;
    span->opened = 0;
    gauge_sub(&heap->heaps->committed, bytes);
    hm_charge_free(heap->accounting, &heap->account, bytes);
    return bytes;
}

/* Removes a span and its live blocks from the figures and the map, so that the records can be used again. */
static void heap_release_span(struct hm_heaps *heaps, struct hm_span *span)
{
    unsigned shard = shard_index(heaps->backend);
    struct hm_span_sites *sites = load_acquire(&span->sites);

    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
    {
        uint32_t live = hm_span_live(span, level);

        /* Freed, but not by calls of Free. */
        add_relaxed(&heaps->counts[shard].freed[level][span->bin], live);
        sub_relaxed(&heaps->accounting->calls[shard].results[HOSTMEM_METHOD_FREE][HOSTMEM_OK], live);
    }
    hm_map_clear(heaps->map, (void *)span_base(span), hm_size_class_span(span->bin), map_tagged(span, HM_MAP_SPAN));
    store_release(&span->heap, NULL);
    if (sites) hm_sized_pools_put(&heaps->records, sites, span_sites_bytes(span->count));
    hm_sized_pools_put(&heaps->records, span, span_record_bytes(span->count));
}

void hm_heap_release_chunks(struct hostmem_heap *heap)
{
    struct hm_heaps *heaps = heap->heaps;
    struct hm_span *span;
    struct hm_heap_chunk *chunk;
    size_t committed = 0;

    while ((span = heap->spans))
    {
        heap->spans = span->next_of_heap;
        committed += span->committed;
        heap_release_span(heaps, span);
    }
    while ((chunk = heap->chunks))
    {
        heap->chunks = chunk->next;
        memory_put(heaps->backend, (void *)chunk->base);
        gauge_sub(&heaps->reserved, chunk->size);
        hm_sized_pools_put(&heaps->records, chunk, sizeof(*chunk));
    }
    gauge_sub(&heaps->committed, committed);
    hm_charge_free(heaps->accounting, &heap->account, committed);
}
