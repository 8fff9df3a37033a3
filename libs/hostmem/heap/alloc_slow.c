/*
 * Allocating where the fast path does not: new spans, large blocks, DebugAlloc, waits and refusals.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/heap.h"

/* The arguments of one call. */
struct alloc_request
{
    struct hostmem_heap *heap;
    unsigned shard;
    size_t size;
    enum hostmem_critical_level level;
    uint32_t site; /* of DebugAlloc; 0: Alloc */
};

static unsigned request_bin(size_t size)
{
    return hm_size_class_of(size ? (uint32_t)size : 1);
}

/* A block of a size class, counted as Alloc. */
static enum hostmem_result request_small(const struct alloc_request *request, void **out)
{
    struct hostmem_heap *heap = request->heap;
    unsigned bin = request_bin(request->size);
    enum hostmem_result result = hm_heap_refill(heap, request->shard, bin, request->level, out);

    if (result == HOSTMEM_OK) add_relaxed(&heap->heaps->counts[request->shard].allocated[request->level][bin], 1);
    return result;
}

/* The same with its site. The memory to record the site is there before the block is, so nothing has to be undone. */
static enum hostmem_result request_small_with_site(const struct alloc_request *request, void **out)
{
    struct hm_heaps *heaps = request->heap->heaps;
    size_t bytes = span_sites_bytes(hm_size_class_blocks(request_bin(request->size)));
    struct hm_span_sites *sites = hm_sized_pools_get(&heaps->records, bytes);
    enum hostmem_result result;
    struct hm_span *span;

    if (!sites) return HOSTMEM_NO_MEMORY;
    result = request_small(request, out);
    if (result == HOSTMEM_OK && (span = map_find(heaps->map, *out, HM_MAP_SPAN)))
        sites = hm_span_record_site(span, hm_span_index(span, (uintptr_t)*out), request->site, request->level, sites);
    if (sites) hm_sized_pools_put(&heaps->records, sites, bytes);
    return result;
}

static enum hostmem_result request_attempt(const struct alloc_request *request, void **out)
{
    struct hostmem_heap *heap = request->heap;

    if (!accounting_serving(heap->accounting)) return HOSTMEM_UNAVAILABLE;
    if (request->size > BIN_LARGEST)
        return hm_large_alloc(heap, request->shard, request->size, request->level, request->site, out);
    return request->site ? request_small_with_site(request, out) : request_small(request, out);
}

/* The charge that limits must allow at least: the pages of one block. */
static uint64_t request_least_charge(size_t size)
{
    if (size > SIZE_MAX - HOSTMEM_PAGE_SIZE) return size;
    if (size > BIN_LARGEST) return page_up(size);
    return page_up(hm_size_class_size(request_bin(size)));
}

/* Holds no lock between the attempts. */
static enum hostmem_result request_with_waits(const struct alloc_request *request, void **out)
{
    struct hm_wait wait = wait_begin(request->heap->heaps->waiters, request->level);
    enum hostmem_result result;

    wait.heap = &request->heap->account;
    wait.bytes = request_least_charge(request->size);
    do result = request_attempt(request, out);
    while (hm_wait_again(&wait, &result));
    return result;
}

/* HOSTMEM_OK where the request may be tried at all. */
static enum hostmem_result request_check(const struct alloc_request *request)
{
    if (!accounting_serving(request->heap->accounting)) return HOSTMEM_UNAVAILABLE;
    if ((unsigned)request->level >= HOSTMEM_CRITICAL_LEVEL_COUNT) return HOSTMEM_INVALID_PARAMETER;
    return HOSTMEM_OK;
}

enum hostmem_result hm_heap_alloc_slow(struct hostmem_heap *heap, unsigned shard, size_t size,
                                       enum hostmem_critical_level level, void **out)
{
    const struct alloc_request request = {.heap = heap, .shard = shard, .size = size, .level = level};
    enum hostmem_result result = request_check(&request);

    *out = NULL;
    if (result == HOSTMEM_OK) result = request_with_waits(&request, out);
    if (result == HOSTMEM_OK && size <= BIN_LARGEST) return HOSTMEM_OK; /* counted with its block */
    return hm_calls_count_request(heap->accounting, &heap->accounting->calls[shard], HOSTMEM_METHOD_ALLOC, level,
                                  result);
}

enum hostmem_result hostmem_heap_debug_alloc(struct hostmem_heap *heap, size_t size, enum hostmem_critical_level level,
                                             const char *file, int line, void **out)
{
    struct alloc_request request = {.heap = heap, .shard = shard_index(heap->backend), .size = size, .level = level};
    struct hm_call_counts *calls = &heap->accounting->calls[request.shard];
    enum hostmem_result result = request_check(&request);

    *out = NULL;
    if (result == HOSTMEM_OK && !(request.site = hm_alloc_sites_enter(&heap->heaps->sites, file, line)))
        result = HOSTMEM_NO_MEMORY;
    if (result == HOSTMEM_OK) result = request_with_waits(&request, out);
    /* A block of a size class has been counted as Alloc. */
    if (result == HOSTMEM_OK && size <= BIN_LARGEST) sub_relaxed(&calls->results[HOSTMEM_METHOD_ALLOC][HOSTMEM_OK], 1);
    return hm_calls_count_request(heap->accounting, calls, HOSTMEM_METHOD_DEBUG_ALLOC, level, result);
}
