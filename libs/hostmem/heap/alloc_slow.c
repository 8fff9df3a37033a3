/*
 * Allocating where the fast path does not: new spans, large blocks, DebugAlloc,
 * waiting, and saying no.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/heap.h"
#include "hostmem/region/wait.h"

/* What one call asks for. */
struct heap_request
{
    struct hostmem_heap *heap;
    unsigned shard;
    size_t size;
    enum hostmem_critical_level level;
    uint32_t place; /* of DebugAlloc; 0: Alloc */
};

/* A block of a size class, counted as Alloc. */
static enum hostmem_result request_small(const struct heap_request *request, void **out)
{
    struct hostmem_heap *heap = request->heap;
    unsigned bin = hm_size_class_of(request->size ? (uint32_t)request->size : 1);
    enum hostmem_result result = hm_heap_refill(heap, request->shard, bin, request->level, out);

    if (result == HOSTMEM_OK) add_relaxed(&heap->manager->shards[request->shard].allocated[request->level][bin], 1);
    return result;
}

/* The same with its place noted. What the note may need is at hand before there is a block, so that nothing has to be
 * undone. */
static enum hostmem_result request_noted(const struct heap_request *request, void **out)
{
    struct hostmem_manager *manager = request->heap->manager;
    unsigned bin = hm_size_class_of(request->size ? (uint32_t)request->size : 1);
    size_t bytes = span_notes_bytes(hm_size_class_span(bin) / hm_size_class_size(bin));
    struct span_notes *notes = hm_sized_pools_get(&manager->spans, bytes);
    enum hostmem_result result;
    struct hm_span *span;

    if (!notes) return HOSTMEM_NO_MEMORY;
    result = request_small(request, out);
    if (result == HOSTMEM_OK && (span = manager_record(manager, *out, MAP_SPAN)))
        notes = hm_span_note(span, hm_span_index(span, (uintptr_t)*out), request->place, request->level, notes);
    if (notes) hm_sized_pools_put(&manager->spans, notes, bytes);
    return result;
}

static enum hostmem_result request_attempt(const struct heap_request *request, void **out)
{
    struct hostmem_heap *heap = request->heap;
    struct hm_shard *shard = &heap->manager->shards[request->shard];

    if (!manager_serving(heap->manager)) return HOSTMEM_UNAVAILABLE;
    if (request->size > BIN_LARGEST)
        return hm_large_alloc(heap, shard, request->size, request->level, request->place, out);
    return request->place ? request_noted(request, out) : request_small(request, out);
}

/* What a limit has to allow where nothing else is charged: a block's pages. */
static uint64_t request_least_charge(size_t size)
{
    if (size > SIZE_MAX - HOSTMEM_PAGE_SIZE) return size;
    if (size > BIN_LARGEST) return page_up(size);
    return page_up(hm_size_class_size(hm_size_class_of(size ? (uint32_t)size : 1)));
}

/* Holds no lock between the attempts. */
static enum hostmem_result request_patiently(const struct heap_request *request, void **out)
{
    struct hm_wait patience = patience_begin(request->heap->manager, request->level);
    enum hostmem_result result;

    patience.heap = &request->heap->account;
    patience.bytes = request_least_charge(request->size);
    do result = request_attempt(request, out);
    while (hm_wait_again(&patience, &result));
    return result;
}

/* HOSTMEM_OK where the request may be tried at all. */
static enum hostmem_result request_check(const struct heap_request *request)
{
    if (!manager_serving(request->heap->manager)) return HOSTMEM_UNAVAILABLE;
    if ((unsigned)request->level >= HOSTMEM_CRITICAL_LEVEL_COUNT) return HOSTMEM_INVALID_PARAMETER;
    return HOSTMEM_OK;
}

enum hostmem_result hm_heap_request(struct hostmem_heap *heap, unsigned shard, size_t size,
                                    enum hostmem_critical_level level, void **out)
{
    const struct heap_request request = {.heap = heap, .shard = shard, .size = size, .level = level};
    enum hostmem_result result = request_check(&request);

    *out = NULL;
    if (result == HOSTMEM_OK) result = request_patiently(&request, out);
    if (result == HOSTMEM_OK && size <= BIN_LARGEST) return HOSTMEM_OK; /* counted by its block */
    return hm_manager_count_request(heap->manager, &heap->manager->shards[shard], HOSTMEM_METHOD_ALLOC, level, result);
}

enum hostmem_result hostmem_heap_debug_alloc(struct hostmem_heap *heap, size_t size, enum hostmem_critical_level level,
                                             const char *file, int line, void **out)
{
    struct hostmem_manager *manager = heap->manager;
    struct heap_request request = {.heap = heap, .shard = shard_index(&manager->backend), .size = size, .level = level};
    struct hm_shard *shard = &manager->shards[request.shard];
    enum hostmem_result result = request_check(&request);

    *out = NULL;
    if (result == HOSTMEM_OK && !(request.place = hm_alloc_sites_enter(&manager->places, file, line)))
        result = HOSTMEM_NO_MEMORY;
    if (result == HOSTMEM_OK) result = request_patiently(&request, out);
    /* A block of a size class counts as Alloc by itself. */
    if (result == HOSTMEM_OK && size <= BIN_LARGEST) sub_relaxed(&shard->results[HOSTMEM_METHOD_ALLOC][HOSTMEM_OK], 1);
    return hm_manager_count_request(manager, shard, HOSTMEM_METHOD_DEBUG_ALLOC, level, result);
}
