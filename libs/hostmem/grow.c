/*
 * Where a heap's memory comes from: chunks reserved from the backend, spans cut
 * from chunks, blocks of spans committed step by step.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "heap.h"
#include "regions.h"

/* A new chunk of at least `need` bytes, in the lists. pre: the grow lock is held */
static struct heap_chunk *chunk_reserve(struct hostmem_heap *heap, size_t need)
{
    struct hostmem_manager *manager = heap->manager;
    struct heap_chunk *chunk = hostmem_meta_get(&manager->spans, sizeof(*chunk));
    size_t size = heap->chunks ? HEAP_CHUNK : HEAP_FIRST_CHUNK;
    void *base = NULL;
    enum hostmem_result result;

    if (!chunk) return NULL;
    for (;; size = size > HEAP_FIRST_CHUNK ? HEAP_FIRST_CHUNK : need)
    {
        result = manager->backend.reserve(manager->backend.context, &base, size, HOSTMEM_RESERVE, heap->protect);
        if (result == HOSTMEM_OK || size <= need) break;
    }
    if (result != HOSTMEM_OK)
    {
        hostmem_meta_put(&manager->spans, chunk, sizeof(*chunk));
        return NULL;
    }
    hostmem_regions_retire(manager, base, size);
    chunk->base = (uintptr_t)base;
    chunk->size = size;
    chunk->used = 0;
    chunk->next = heap->chunks;
    chunk->next_roomy = heap->roomy;
    heap->chunks = heap->roomy = chunk;
    gauge_add(&manager->heap_reserved, size);
    return chunk;
}

/* A chunk with room for `need` bytes. pre: the grow lock is held */
static struct heap_chunk *chunk_find(struct hostmem_heap *heap, size_t need)
{
    struct heap_chunk **link = &heap->roomy, *chunk;

    while ((chunk = *link))
    {
        if (chunk->size - chunk->used >= need) return chunk;
        if (chunk->used == chunk->size)
            *link = chunk->next_roomy;
        else
            link = &chunk->next_roomy;
    }
    return chunk_reserve(heap, need);
}

/* Cuts the span's granules off a chunk and enters them into the map. */
static bool span_place(struct hostmem_heap *heap, struct hostmem_span *span, unsigned bin)
{
    size_t size = hostmem_bin_span(bin);
    struct heap_chunk *chunk = chunk_find(heap, size);
    uintptr_t base;

    if (!chunk) return false;
    base = chunk->base + chunk->used;
    hostmem_span_init(span, heap, base, bin);
    if (hostmem_map_set(heap->manager->map, (void *)base, size, map_tagged(span, MAP_SPAN)) != HOSTMEM_OK) return false;
    chunk->used += size;
    span->next_of_heap = heap->spans;
    heap->spans = span;
    return true;
}

struct hostmem_span *hostmem_heap_new_span(struct hostmem_heap *heap, unsigned bin)
{
    struct hostmem_manager *manager = heap->manager;
    size_t bytes = span_record_bytes(hostmem_bin_span(bin) / hostmem_bin_size(bin));
    struct hostmem_span *span = hostmem_meta_get(&manager->spans, bytes);
    bool placed;

    if (!span) return NULL;
    spin_lock(&heap->grow_lock, &manager->backend);
    placed = span_place(heap, span, bin);
    spin_unlock(&heap->grow_lock);
    if (placed) return span;
    store_release(&span->heap, NULL);
    hostmem_meta_put(&manager->spans, span, bytes);
    return NULL;
}

bool hostmem_heap_open_more(struct hostmem_heap *heap, struct hostmem_span *span)
{
    const struct hostmem_backend *backend = &heap->manager->backend;
    uint32_t step = span->block_size < HEAP_OPEN_STEP ? HEAP_OPEN_STEP / span->block_size : 1;
    uint32_t opened = span->opened + step < span->count ? span->opened + step : span->count;
    size_t end = page_up((size_t)opened * span->block_size);
    void *address = (void *)(load_relaxed(&span->base) + span->committed);

    if (end > span->committed)
    {
        if (backend->commit(backend->context, address, end - span->committed, heap->protect) != HOSTMEM_OK)
            return false;
        gauge_add(&heap->manager->heap_committed, end - span->committed);
        span->committed = end;
    }
    span->opened = opened;
    hostmem_span_unseal(span);
    return true;
}

size_t hostmem_heap_cool(struct hostmem_heap *heap, struct hostmem_span *span)
{
    const struct hostmem_backend *backend = &heap->manager->backend;
    void *base = (void *)load_relaxed(&span->base);
    size_t bytes = span->committed;

    if (backend->decommit(backend->context, base, bytes) != HOSTMEM_OK) return 0;
    gauge_sub(&heap->manager->heap_committed, bytes);
    span->committed = 0;
    span->opened = 0;
    return bytes;
}

/* Takes the spans' live blocks and bytes off the books, and lets the records be used again. */
static void heap_release_spans(struct hostmem_heap *heap)
{
    struct hostmem_manager *manager = heap->manager;
    struct hostmem_shard *shard = manager_shard(manager);
    struct hostmem_span *span;

    while ((span = heap->spans))
    {
        uint32_t live = hostmem_span_live(span);

        heap->spans = span->next_of_heap;
        /* Freed, but not by calls. */
        add_relaxed(&shard->freed[span->bin], live);
        sub_relaxed(&shard->results[HOSTMEM_METHOD_FREE][HOSTMEM_OK], live);
        gauge_sub(&manager->heap_committed, span->committed);
        hostmem_map_set(manager->map, (void *)load_relaxed(&span->base), hostmem_bin_span(span->bin), NULL);
        store_release(&span->heap, NULL);
        hostmem_meta_put(&manager->spans, span, span_record_bytes(span->count));
    }
}

void hostmem_heap_release_chunks(struct hostmem_heap *heap)
{
    struct hostmem_manager *manager = heap->manager;
    struct heap_chunk *chunk;

    heap_release_spans(heap);
    while ((chunk = heap->chunks))
    {
        heap->chunks = chunk->next;
        memory_put(&manager->backend, (void *)chunk->base);
        gauge_sub(&manager->heap_reserved, chunk->size);
        hostmem_meta_put(&manager->spans, chunk, sizeof(*chunk));
    }
}
