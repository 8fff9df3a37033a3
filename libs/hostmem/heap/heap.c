/*
 * The fast paths of Alloc and Free.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/heap.h"

/* Two public functions free a block: calls inside them would take a tenth of the time. */
#define ALWAYS_INLINE inline __attribute__((always_inline))

/* A block of the shard's current span; it counts itself. */
enum hostmem_result hostmem_heap_alloc(struct hostmem_heap *heap, size_t size, enum hostmem_critical_level level,
                                       void **out)
{
    unsigned shard = shard_index(heap->backend), bin;
    struct hm_span *span;
    void *block;

    if (size <= BIN_LARGEST && (unsigned)level < HOSTMEM_CRITICAL_LEVEL_COUNT && accounting_serving(heap->accounting))
    {
        bin = hm_size_class_of(size ? (uint32_t)size : 1);
        span = load_acquire(&heap->shards[shard].current[bin]);
        if (span && (block = hm_span_alloc(span, level)))
        {
            add_relaxed(&heap->heaps->counts[shard].allocated[level][bin], 1);
            *out = block;
            return HOSTMEM_OK;
        }
    }
    return hm_heap_alloc_slow(heap, shard, size, level, out);
}

/* The span was found in the map, perhaps a while ago. Its record exists as long as the manager, and says which heap owns
 * it now. If that is this heap, it stays so: no thread destroys a heap in use. Whether `block` is live in the span is
 * decided in one place: see span.h. */
static ALWAYS_INLINE bool heap_free_small(struct hostmem_heap *heap, unsigned shard, struct hm_span *span, void *block)
{
    struct hm_span_freed freed;
    uint32_t state, bin;

    if (load_acquire(&span->heap) != heap) return false;
    bin = span->bin;
    if (!hm_span_free(span, (uintptr_t)block, &freed)) return false;
    add_relaxed(&heap->heaps->counts[shard].freed[freed.level][bin], 1);
    state = load_ordered(&span->state);
    if (state == SPAN_FULL || (state == SPAN_PARTIAL && freed.emptied && hm_span_is_empty(span)))
        hm_heap_requeue_span(heap, span);
    /* Once the block is where a request finds it. */
    accounting_signal_released(heap->accounting);
    return true;
}

/* One look-up decides. False, and nothing counted, where the address is in no heap of the manager. */
static ALWAYS_INLINE bool heap_free(struct hostmem_heap *heap, unsigned shard, void *block, enum hostmem_result *result)
{
    void *entry = hm_map_get(heap->heaps->map, block);
    enum hm_map_tag tag = map_tag(entry);

    if (tag == HM_MAP_REGION && block) return false;
    *result = HOSTMEM_OK;
    if (!accounting_serving(heap->accounting))
        *result = HOSTMEM_UNAVAILABLE;
    else if (tag == HM_MAP_SPAN)
    {
        if (heap_free_small(heap, shard, map_record(entry), block)) return true;
        *result = HOSTMEM_NOT_OWNED;
    }
    else if (tag == HM_MAP_LARGE)
        *result = hm_large_free(heap, shard, map_record(entry), block);
    hm_calls_count(&heap->accounting->calls[shard], HOSTMEM_METHOD_FREE, *result);
    return true;
}

enum hostmem_result hostmem_heap_free(struct hostmem_heap *heap, void *block)
{
    unsigned shard = shard_index(heap->backend);
    enum hostmem_result result;

    if (heap_free(heap, shard, block, &result)) return result;
    result = accounting_serving(heap->accounting) ? HOSTMEM_NOT_OWNED : HOSTMEM_UNAVAILABLE;
    return hm_calls_count(&heap->accounting->calls[shard], HOSTMEM_METHOD_FREE, result);
}

bool hostmem_heap_free_owned(struct hostmem_heap *heap, void *block, enum hostmem_result *result)
{
    return heap_free(heap, shard_index(heap->backend), block, result);
}

bool hostmem_heap_find_block(struct hostmem_heap *heap, const void *block, size_t *size)
{
    void *entry = hm_map_get(heap->heaps->map, block), *record = map_record(entry);
    struct hostmem_block_info info;
    struct hm_span *span = record;
    uint32_t site;

    switch (map_tag(entry))
    {
    case HM_MAP_SPAN:
        if (load_acquire(&span->heap) != heap || !hm_span_has(span, (uintptr_t)block)) return false;
        *size = span->block_size;
        return true;
    case HM_MAP_LARGE:
        if (!hm_large_describe(record, heap, &info, &site) || info.address != block) return false;
        *size = info.size;
        return true;
    default:
        return false;
    }
}
