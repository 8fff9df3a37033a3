/*
 * Where a heap's memory comes from: chunks reserved from the backend, spans cut
 * from chunks, blocks of spans committed step by step.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/heap.h"
#include "hostmem/region/region.h"

/* A new chunk of at least `need` bytes, in the lists. pre: the grow lock is held */
static struct heap_chunk *chunk_reserve(struct hostmem_heap *heap, size_t need)
{
    struct hostmem_manager *manager = heap->manager;
    struct heap_chunk *chunk = hm_sized_pools_get(&manager->spans, sizeof(*chunk));
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
        hm_sized_pools_put(&manager->spans, chunk, sizeof(*chunk));
        return NULL;
    }
    hm_regions_retire(manager, base, size);
    chunk->base = (uintptr_t)base;
    chunk->size = size;
    chunk->used = 0;
    chunk->spans = NULL;
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

/* The granules of a span's home, cut off a chunk. pre: the grow lock is held */
static bool span_settle(struct hostmem_heap *heap, struct hm_span *span, unsigned bin, bool fresh)
{
    size_t size = hm_size_class_span(bin);
    struct heap_chunk *chunk = chunk_find(heap, size);
    uintptr_t base;

    if (!chunk) return false;
    base = chunk->base + chunk->used;
    if (fresh)
        hm_span_init(span, heap, base, bin);
    else
        hm_span_move(span, base);
    if (hm_map_set(heap->manager->map, (void *)base, size, map_tagged(span, MAP_SPAN)) != HOSTMEM_OK) return false;
    chunk->used += size;
    span->next_of_chunk = chunk->spans;
    chunk->spans = span;
    return true;
}

struct hm_span *hm_heap_new_span(struct hostmem_heap *heap, unsigned bin)
{
    struct hostmem_manager *manager = heap->manager;
    size_t bytes = span_record_bytes(hm_size_class_span(bin) / hm_size_class_size(bin));
    struct hm_span *span = hm_sized_pools_get(&manager->spans, bytes);
    bool settled;

    if (!span) return NULL;
    spin_lock(&heap->grow_lock, &manager->backend);
    if ((settled = span_settle(heap, span, bin, true)))
    {
        span->next_of_heap = heap->spans;
        heap->spans = span;
    }
    spin_unlock(&heap->grow_lock);
    if (settled) return span;
    store_release(&span->heap, NULL);
    hm_sized_pools_put(&manager->spans, span, bytes);
    return NULL;
}

bool hm_heap_house(struct hostmem_heap *heap, struct hm_span *span)
{
    bool settled;

    spin_lock(&heap->grow_lock, &heap->manager->backend);
    settled = span_settle(heap, span, span->bin, false);
    spin_unlock(&heap->grow_lock);
    return settled;
}

void hm_heap_unhouse(struct hostmem_heap *heap, struct hm_span *span)
{
    hm_map_clear(heap->manager->map, (void *)span_base(span), hm_size_class_span(span->bin),
                 map_tagged(span, MAP_SPAN));
    if (span_may_move(span))
        spanlist_push(&heap->bins[span->bin].homeless, span, SPAN_HOMELESS);
    else
        store_ordered(&span->state, SPAN_HOMELESS);
}

static struct heap_step heap_step_of(unsigned bin, uint32_t opened, size_t committed, uint32_t blocks)
{
    uint32_t count = hm_size_class_span(bin) / hm_size_class_size(bin);
    uint32_t to = opened + blocks < count ? opened + blocks : count;
    size_t end = page_up((size_t)to * hm_size_class_size(bin));

    return (struct heap_step){.opened = to, .bytes = end > committed ? end - committed : 0};
}

enum hostmem_result hm_heap_charge_step(struct hostmem_heap *heap, unsigned bin, uint32_t opened, size_t committed,
                                        enum hostmem_critical_level level, struct heap_step *step)
{
    uint32_t size = hm_size_class_size(bin), blocks = size < HEAP_OPEN_STEP ? HEAP_OPEN_STEP / size : 1;
    enum hostmem_result result;

    for (;; blocks = 1)
    {
        *step = heap_step_of(bin, opened, committed, blocks);
        if (!step->bytes) return HOSTMEM_OK;
        result = hm_charge_take(heap->manager, &heap->account, step->bytes, level);
        if (result == HOSTMEM_OK || blocks == 1) return result;
    }
}

enum hostmem_result hm_heap_take_step(struct hostmem_heap *heap, struct hm_span *span, const struct heap_step *step)
{
    struct hostmem_manager *manager = heap->manager;
    void *address = (void *)(span_base(span) + span->committed);

    if (step->bytes)
    {
        if (manager->backend.commit(manager->backend.context, address, step->bytes, heap->protect) != HOSTMEM_OK)
        {
            hm_charge_give(manager, &heap->account, step->bytes);
            return HOSTMEM_NO_MEMORY;
        }
        gauge_add(&manager->heap_committed, step->bytes);
        span->committed += step->bytes;
    }
    span->opened = step->opened;
    hm_span_unseal(span);
    return HOSTMEM_OK;
}

size_t hm_heap_cool(struct hostmem_heap *heap, struct hm_span *span)
{
    struct hostmem_manager *manager = heap->manager;
    size_t bytes = span->committed;

    if (manager->backend.decommit(manager->backend.context, (void *)span_base(span), bytes) != HOSTMEM_OK) return 0;
    span->committed = 0;
    span->opened = 0;
    gauge_sub(&manager->heap_committed, bytes);
    hm_charge_give(manager, &heap->account, bytes);
    return bytes;
}

/* Takes a span and its live blocks off the books, and lets the records be used again. */
static void heap_release_span(struct hostmem_manager *manager, struct hm_span *span)
{
    struct hm_shard *shard = manager_shard(manager);
    struct span_notes *notes = load_acquire(&span->notes);

    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
    {
        uint32_t live = hm_span_live(span, level);

        /* Freed, but not by calls. */
        add_relaxed(&shard->freed[level][span->bin], live);
        sub_relaxed(&shard->results[HOSTMEM_METHOD_FREE][HOSTMEM_OK], live);
    }
    hm_map_clear(manager->map, (void *)span_base(span), hm_size_class_span(span->bin), map_tagged(span, MAP_SPAN));
    store_release(&span->heap, NULL);
    if (notes) hm_sized_pools_put(&manager->spans, notes, span_notes_bytes(span->count));
    hm_sized_pools_put(&manager->spans, span, span_record_bytes(span->count));
}

void hm_heap_release_chunks(struct hostmem_heap *heap)
{
    struct hostmem_manager *manager = heap->manager;
    struct hm_span *span;
    struct heap_chunk *chunk;
    size_t committed = 0;

    while ((span = heap->spans))
    {
        heap->spans = span->next_of_heap;
        committed += span->committed;
        heap_release_span(manager, span);
    }
    while ((chunk = heap->chunks))
    {
        heap->chunks = chunk->next;
        memory_put(&manager->backend, (void *)chunk->base);
        gauge_sub(&manager->heap_reserved, chunk->size);
        hm_sized_pools_put(&manager->spans, chunk, sizeof(*chunk));
    }
    gauge_sub(&manager->heap_committed, committed);
    hm_charge_give(manager, &heap->account, committed);
}
