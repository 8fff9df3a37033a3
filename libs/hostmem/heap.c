/*
 * A heap's fast path, and its beginning and end.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "heap.h"

#define HEAP_FLAGS (HOSTMEM_HEAP_THREADSAFE | HOSTMEM_HEAP_EXECUTABLE)

static void heap_link(struct hostmem_manager *manager, struct hostmem_heap *heap)
{
    spin_lock(&manager->heap_lock, &manager->backend);
    heap->next = manager->heaps;
    if (heap->next) heap->next->previous = heap;
    manager->heaps = heap;
    spin_unlock(&manager->heap_lock);
    gauge_add(&manager->live_heaps, 1);
}

static void heap_unlink(struct hostmem_manager *manager, struct hostmem_heap *heap)
{
    spin_lock(&manager->heap_lock, &manager->backend);
    if (heap->next) heap->next->previous = heap->previous;
    if (heap->previous)
        heap->previous->next = heap->next;
    else
        manager->heaps = heap->next;
    spin_unlock(&manager->heap_lock);
    gauge_sub(&manager->live_heaps, 1);
}

static enum hostmem_result heap_create(struct hostmem_manager *manager, uint32_t flags, struct hostmem_heap **out)
{
    struct hostmem_heap *heap;

    if (!manager_serving(manager)) return HOSTMEM_UNAVAILABLE;
    if (flags & ~HEAP_FLAGS) return HOSTMEM_INVALID_PARAMETER;
    if (!(heap = memory_get(&manager->backend, sizeof(*heap)))) return HOSTMEM_NO_MEMORY;
    heap->manager = manager;
    hostmem_account_init(&heap->account);
    heap->protect = flags & HOSTMEM_HEAP_EXECUTABLE ? HOSTMEM_PAGE_EXECUTE_READWRITE : HOSTMEM_PAGE_READWRITE;
    heap_link(manager, heap);
    *out = heap;
    return HOSTMEM_OK;
}

enum hostmem_result hostmem_heap_create(struct hostmem_manager *manager, uint32_t flags, struct hostmem_heap **out)
{
    *out = NULL;
    return hostmem_shard_count(manager_shard(manager), HOSTMEM_METHOD_CREATE_MALLOC, heap_create(manager, flags, out));
}

void hostmem_heap_destroy(struct hostmem_heap *heap)
{
    struct hostmem_manager *manager;

    if (!heap) return;
    manager = heap->manager;
    heap_unlink(manager, heap);
    hostmem_larges_destroy(manager, heap);
    hostmem_heap_release_chunks(heap);
    memory_put(&manager->backend, heap);
}

/* A block of a size class; counts itself if there is one, else NULL. */
static inline void *heap_alloc_small(struct hostmem_heap *heap, size_t size, unsigned shard)
{
    unsigned bin = hostmem_bin_of(size ? (uint32_t)size : 1);
    struct hostmem_span *span = load_acquire(&heap->shards[shard].current[bin]);
    void *block = span ? hostmem_span_take(span) : NULL;

    if (!block && !(block = hostmem_heap_refill(heap, shard, bin))) return NULL;
    add_relaxed(&heap->manager->shards[shard].allocated[bin], 1);
    return block;
}

enum hostmem_result hostmem_heap_alloc(struct hostmem_heap *heap, size_t size, enum hostmem_critical_level level,
                                       void **out)
{
    struct hostmem_manager *manager = heap->manager;
    unsigned shard = shard_index(&manager->backend);
    enum hostmem_result result = HOSTMEM_UNAVAILABLE;

    (void)level; /* nothing here refuses by level yet */
    *out = NULL;
    if (manager_serving(manager))
    {
        if (size <= BIN_LARGEST && (*out = heap_alloc_small(heap, size, shard))) return HOSTMEM_OK;
        result = HOSTMEM_NO_MEMORY;
        if (size > BIN_LARGEST) result = hostmem_large_alloc(heap, &manager->shards[shard], size, out);
    }
    return hostmem_shard_count(&manager->shards[shard], HOSTMEM_METHOD_ALLOC, result);
}

enum hostmem_result hostmem_heap_debug_alloc(struct hostmem_heap *heap, size_t size, enum hostmem_critical_level level,
                                             const char *file, int line, void **out)
{
    enum hostmem_result result = hostmem_heap_alloc(heap, size, level, out);
    struct hostmem_shard *shard = manager_shard(heap->manager);

    (void)file;
    (void)line;
    /* It counted as Alloc: recount it. */
    sub_relaxed(&shard->results[HOSTMEM_METHOD_ALLOC][result], 1);
    return hostmem_shard_count(shard, HOSTMEM_METHOD_DEBUG_ALLOC, result);
}

/* Counts itself if it frees, for the reason that alloc does. */
static inline bool heap_free_small(struct hostmem_heap *heap, struct hostmem_shard *shard, struct hostmem_span *span,
                                   void *block)
{
    uint32_t index, state;
    bool emptied;

    if (load_acquire(&span->heap) != heap) return false;
    index = hostmem_span_index(span, (uintptr_t)block);
    if (index == UINT32_MAX || !hostmem_span_give(span, index, &emptied)) return false;
    add_relaxed(&shard->freed[span->bin], 1);
    state = load_ordered(&span->state);
    if (state == SPAN_FULL || (state == SPAN_PARTIAL && emptied && hostmem_span_is_empty(span)))
        hostmem_heap_settle(heap, span);
    return true;
}

enum hostmem_result hostmem_heap_free(struct hostmem_heap *heap, void *block)
{
    struct hostmem_manager *manager = heap->manager;
    struct hostmem_shard *shard = manager_shard(manager);
    enum hostmem_result result = HOSTMEM_NOT_OWNED;
    struct hostmem_large *large;
    struct hostmem_span *span;

    if (!manager_serving(manager))
        result = HOSTMEM_UNAVAILABLE;
    else if ((span = manager_record(manager, block, MAP_SPAN)))
    {
        if (heap_free_small(heap, shard, span, block)) return HOSTMEM_OK;
    }
    else if ((large = manager_record(manager, block, MAP_LARGE)))
        result = hostmem_large_free(heap, shard, large, block);
    else if (!block)
        result = HOSTMEM_OK;
    return hostmem_shard_count(shard, HOSTMEM_METHOD_FREE, result);
}

size_t hostmem_heaps_trim(struct hostmem_manager *manager, size_t *released)
{
    size_t bytes = 0;

    if (released) *released = 0;
    spin_lock(&manager->heap_lock, &manager->backend);
    for (struct hostmem_heap *heap = manager->heaps; heap; heap = heap->next) bytes += hostmem_heap_trim(heap);
    spin_unlock(&manager->heap_lock);
    return bytes;
}
