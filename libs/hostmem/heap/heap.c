/*
 * A heap's fast path, and its beginning and end.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/heap.h"

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
    hm_account_init(&heap->account);
    heap->protect = flags & HOSTMEM_HEAP_EXECUTABLE ? HOSTMEM_PAGE_EXECUTE_READWRITE : HOSTMEM_PAGE_READWRITE;
    heap_link(manager, heap);
    *out = heap;
    return HOSTMEM_OK;
}

enum hostmem_result hostmem_heap_create(struct hostmem_manager *manager, uint32_t flags, struct hostmem_heap **out)
{
    *out = NULL;
    return hm_shard_count(manager_shard(manager), HOSTMEM_METHOD_CREATE_MALLOC, heap_create(manager, flags, out));
}

void hostmem_heap_destroy(struct hostmem_heap *heap)
{
    struct hostmem_manager *manager;

    if (!heap) return;
    manager = heap->manager;
    heap_unlink(manager, heap);
    hm_larges_destroy(manager, heap);
    hm_heap_release_chunks(heap);
    memory_put(&manager->backend, heap);
}

/* The fast path: a block of the shard's current span, which counts itself. */
enum hostmem_result hostmem_heap_alloc(struct hostmem_heap *heap, size_t size, enum hostmem_critical_level level,
                                       void **out)
{
    struct hostmem_manager *manager = heap->manager;
    unsigned shard = shard_index(&manager->backend), bin;
    struct hm_span *span;
    void *block;

    if (size <= BIN_LARGEST && (unsigned)level < HOSTMEM_CRITICAL_LEVEL_COUNT && manager_serving(manager))
    {
        bin = hm_size_class_of(size ? (uint32_t)size : 1);
        span = load_acquire(&heap->shards[shard].current[bin]);
        if (span && (block = hm_span_take(span, level)))
        {
            add_relaxed(&manager->shards[shard].allocated[level][bin], 1);
            *out = block;
            return HOSTMEM_OK;
        }
    }
    return hm_heap_request(heap, shard, size, level, out);
}

/* Counts itself if it frees, for the reason that alloc does. The span was found by the map, perhaps long ago: its record
 * is there as long as the manager, and says to whom it belongs now. If that is this heap, it stays so, as nobody destroys
 * a heap in use; and whether `block` is live in it is decided in one place: see span.h. */
static inline bool heap_free_small(struct hostmem_heap *heap, struct hm_shard *shard, struct hm_span *span, void *block)
{
    struct span_given given;
    uint32_t state, bin;

    if (load_acquire(&span->heap) != heap) return false;
    bin = span->bin;
    if (!hm_span_give(span, (uintptr_t)block, &given)) return false;
    add_relaxed(&shard->freed[given.level][bin], 1);
    state = load_ordered(&span->state);
    if (state == SPAN_FULL || (state == SPAN_PARTIAL && given.emptied && hm_span_is_empty(span)))
        hm_heap_settle(heap, span);
    /* After it is where a request finds it. */
    hm_charge_wake(heap->manager);
    return true;
}

/* False, and nothing counted, where the address is in no heap of the manager. */
static inline bool heap_free(struct hostmem_heap *heap, struct hm_shard *shard, void *block,
                             enum hostmem_result *result)
{
    struct hostmem_manager *manager = heap->manager;
    struct hm_span *span = manager_record(manager, block, MAP_SPAN);
    struct hm_large *large = span ? NULL : manager_record(manager, block, MAP_LARGE);

    if (!span && !large && block) return false;
    *result = HOSTMEM_OK;
    if (!manager_serving(manager))
        *result = HOSTMEM_UNAVAILABLE;
    else if (span)
    {
        if (heap_free_small(heap, shard, span, block)) return true;
        *result = HOSTMEM_NOT_OWNED;
    }
    else if (large)
        *result = hm_large_free(heap, shard, large, block);
    hm_shard_count(shard, HOSTMEM_METHOD_FREE, *result);
    return true;
}

enum hostmem_result hostmem_heap_free(struct hostmem_heap *heap, void *block)
{
    struct hm_shard *shard = manager_shard(heap->manager);
    enum hostmem_result result;

    if (heap_free(heap, shard, block, &result)) return result;
    result = manager_serving(heap->manager) ? HOSTMEM_NOT_OWNED : HOSTMEM_UNAVAILABLE;
    return hm_shard_count(shard, HOSTMEM_METHOD_FREE, result);
}

bool hostmem_heap_free_owned(struct hostmem_heap *heap, void *block, enum hostmem_result *result)
{
    return heap_free(heap, manager_shard(heap->manager), block, result);
}

bool hostmem_heap_find_block(struct hostmem_heap *heap, const void *block, size_t *size)
{
    struct hostmem_manager *manager = heap->manager;
    struct hm_span *span = manager_record(manager, block, MAP_SPAN);
    struct hm_large *large = span ? NULL : manager_record(manager, block, MAP_LARGE);
    struct hostmem_block_info info;
    uint32_t place;

    if (span && load_acquire(&span->heap) == heap && hm_span_has(span, (uintptr_t)block))
        *size = span->block_size;
    else if (large && hm_large_describe(large, heap, &info, &place) && info.address == block)
        *size = info.size;
    else
        return false;
    return true;
}

struct hm_trimmed hm_heaps_trim(struct hostmem_manager *manager)
{
    struct hm_trimmed trimmed = {0};

    if (spin_try(&manager->heap_lock))
    {
        for (struct hostmem_heap *heap = manager->heaps; heap; heap = heap->next) hm_heap_trim(heap, &trimmed);
        spin_unlock(&manager->heap_lock);
    }
    return trimmed;
}
