/*
 * VirtualAlloc, VirtualFree, VirtualQuery, VirtualProtect: Win32's rules, then
 * the region, then the backend.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/region/protection.h"
#include "hostmem/region/region.h"

#define VIRTUAL_ALLOC_TYPES (HOSTMEM_COMMIT | HOSTMEM_RESERVE | HOSTMEM_RESET | HOSTMEM_TOP_DOWN | HOSTMEM_WRITE_WATCH)

static bool virtual_type_is_valid(const void *address, uint32_t type)
{
    if (type & ~VIRTUAL_ALLOC_TYPES) return false;
    if (!(type & (HOSTMEM_COMMIT | HOSTMEM_RESERVE | HOSTMEM_RESET))) return false;
    if (type & HOSTMEM_RESET) return type == HOSTMEM_RESET && address; /* nothing with it, and memory that is there */
    return !(type & HOSTMEM_WRITE_WATCH) || (type & HOSTMEM_RESERVE);
}

/* The pages of a range that memory could have at all; Windows refuses others before it looks for what is there. */
static bool virtual_range(const struct hostmem_manager *manager, const void *address, size_t size, uintptr_t *start,
                          uintptr_t *end)
{
    uintptr_t limit = manager->backend.address_end;

    return page_range((uintptr_t)address, size, start, end) && (!limit || *end <= limit);
}

/* A new region for pages [start, end), from the granule of `start` on; anywhere if start is 0. */
static enum hostmem_result virtual_reserve(struct hostmem_manager *manager, uintptr_t start, uintptr_t end,
                                           uint32_t type, uint32_t protect, struct hm_wait *patience, void **out)
{
    uintptr_t base = start & ~(uintptr_t)(HOSTMEM_GRANULARITY - 1);
    void *address = (void *)base;
    enum hostmem_result result;

    result = hm_region_create(manager, &address, end - base, type | HOSTMEM_RESERVE, protect, patience);
    if (result == HOSTMEM_OK) *out = address;
    return result;
}

/* Drops the contents of whole pages; a page of which only a part is meant keeps its contents. */
static enum hostmem_result virtual_reset(struct hostmem_manager *manager, uintptr_t address, size_t size)
{
    uintptr_t start = page_up(address), end = page_down(address + size);

    if (start >= end) return HOSTMEM_OK;
    return manager->backend.reset(manager->backend.context, (void *)start, end - start);
}

static enum hostmem_result virtual_alloc(struct hostmem_manager *manager, void *address, size_t size, uint32_t type,
                                         uint32_t protect, struct hm_wait *patience, void **out)
{
    struct hm_region *region;
    enum hostmem_result result;
    uintptr_t start, end, base;

    if (!manager_serving(manager)) return HOSTMEM_UNAVAILABLE;
    if (!size || !virtual_type_is_valid(address, type)) return HOSTMEM_INVALID_PARAMETER;
    if (!hm_protection_is_valid(protect)) return HOSTMEM_INVALID_PARAMETER;
    if (!virtual_range(manager, address, size, &start, &end)) return HOSTMEM_INVALID_PARAMETER;
    /* The lowest granule is never given; rounded to NULL it would mean "anywhere". */
    if (address && (uintptr_t)address < HOSTMEM_GRANULARITY && (type & HOSTMEM_RESERVE))
        return HOSTMEM_INVALID_PARAMETER;
    if (!address || (type & HOSTMEM_RESERVE)) return virtual_reserve(manager, start, end, type, protect, patience, out);

    result = hm_region_enter(manager, address, patience, &region);
    if (result != HOSTMEM_OK) return result;
    base = load_relaxed(&region->base);
    if (end - base > load_relaxed(&region->size))
        result = HOSTMEM_INVALID_ADDRESS;
    else if (type & HOSTMEM_RESET)
        result = virtual_reset(manager, (uintptr_t)address, size);
    else
        result = hm_region_commit(manager, region, start - base, end - start, protect, patience);
    result = hm_region_leave(manager, region, result);
    if (result == HOSTMEM_OK) *out = (void *)start;
    return result;
}

enum hostmem_result hostmem_virtual_alloc(struct hostmem_manager *manager, void *address, size_t size, uint32_t type,
                                          uint32_t protect, enum hostmem_critical_level level, void **out)
{
    struct hm_wait patience = patience_begin(manager, level);
    enum hostmem_result result;

    *out = NULL;
    if ((unsigned)level >= HOSTMEM_CRITICAL_LEVEL_COUNT)
    {
        result = manager_serving(manager) ? HOSTMEM_INVALID_PARAMETER : HOSTMEM_UNAVAILABLE;
        return hm_shard_count(manager_shard(manager), HOSTMEM_METHOD_VIRTUAL_ALLOC, result);
    }
    do result = virtual_alloc(manager, address, size, type, protect, &patience, out);
    while (hm_wait_again(&patience, &result));
    return hm_manager_count_request(manager, manager_shard(manager), HOSTMEM_METHOD_VIRTUAL_ALLOC, level, result);
}

/* Decommits pages of a pinned region; size 0 at its base means all of it. */
static enum hostmem_result virtual_decommit(struct hostmem_manager *manager, struct hm_region *region,
                                            uintptr_t address, size_t size)
{
    uintptr_t base = load_relaxed(&region->base), start, end;

    if (!size)
    {
        if (page_down(address) != base) return HOSTMEM_INVALID_ADDRESS;
        address = base;
        size = load_relaxed(&region->size);
    }
    if (!page_range(address, size, &start, &end)) return HOSTMEM_INVALID_PARAMETER;
    if (end - base > load_relaxed(&region->size)) return HOSTMEM_INVALID_PARAMETER;
    return hm_region_decommit(manager, region, start - base, end - start);
}

/* Ownership is settled: what Win32 says of the rest. *release: the region is to be released. */
static enum hostmem_result virtual_free_pinned(struct hostmem_manager *manager, struct hm_region *region,
                                               uintptr_t address, size_t size, uint32_t type, bool *release)
{
    *release = false;
    if (type == HOSTMEM_DECOMMIT) return virtual_decommit(manager, region, address, size);
    if (type != HOSTMEM_RELEASE || size) return HOSTMEM_INVALID_PARAMETER;
    if (page_down(address) != load_relaxed(&region->base)) return HOSTMEM_INVALID_ADDRESS;
    *release = true;
    return HOSTMEM_OK;
}

static enum hostmem_result virtual_free(struct hostmem_manager *manager, void *address, size_t size, uint32_t type,
                                        struct hm_wait *patience)
{
    struct hm_region *region;
    enum hostmem_result result;
    bool release;

    if (!manager_serving(manager)) return HOSTMEM_UNAVAILABLE;
    result = hm_region_enter(manager, address, patience, &region);
    if (result != HOSTMEM_OK) return result;
    result = virtual_free_pinned(manager, region, (uintptr_t)address, size, type, &release);
    if (release) return hm_region_release(manager, region);
    return hm_region_leave(manager, region, result);
}

enum hostmem_result hostmem_virtual_free(struct hostmem_manager *manager, void *address, size_t size, uint32_t type)
{
    struct hm_wait patience = patience_begin(manager, HOSTMEM_TASK_CRITICAL);
    enum hostmem_result result;

    do result = virtual_free(manager, address, size, type, &patience);
    while (hm_wait_again(&patience, &result));
    return hm_shard_count(manager_shard(manager), HOSTMEM_METHOD_VIRTUAL_FREE, result);
}

enum hostmem_result hostmem_virtual_query(struct hostmem_manager *manager, const void *address, void *buffer,
                                          size_t length, size_t *returned)
{
    enum hostmem_result result = HOSTMEM_UNAVAILABLE;

    if (manager_serving(manager))
        result = manager->backend.query(manager->backend.context, address, buffer, length, returned);
    return hm_shard_count(manager_shard(manager), HOSTMEM_METHOD_VIRTUAL_QUERY, result);
}

static enum hostmem_result virtual_protect(struct hostmem_manager *manager, void *address, size_t size,
                                           uint32_t new_protect, uint32_t *old_protect, struct hm_wait *patience)
{
    struct hm_region *region;
    enum hostmem_result result;
    uintptr_t start, end;

    if (!manager_serving(manager)) return HOSTMEM_UNAVAILABLE;
    result = hm_region_enter(manager, address, patience, &region);
    /* A region that was waited for and is gone: whatever is there by now was not meant. */
    if (result == HOSTMEM_NOT_OWNER || (result == HOSTMEM_NOT_OWNED && patience->blocker)) return result;
    /* In Windows' order, as the last error tells. */
    if (!hm_protection_is_valid(new_protect))
        result = HOSTMEM_INVALID_PARAMETER;
    else if (!old_protect)
        result = HOSTMEM_NO_ACCESS;
    else if (!size || !virtual_range(manager, address, size, &start, &end))
        result = HOSTMEM_INVALID_PARAMETER;
    else
        result = manager->backend.protect(manager->backend.context, address, size, new_protect, old_protect);
    return region ? hm_region_leave(manager, region, result) : result;
}

enum hostmem_result hostmem_virtual_protect(struct hostmem_manager *manager, void *address, size_t size,
                                            uint32_t new_protect, uint32_t *old_protect)
{
    struct hm_wait patience = patience_begin(manager, HOSTMEM_TASK_CRITICAL);
    enum hostmem_result result;

    do result = virtual_protect(manager, address, size, new_protect, old_protect, &patience);
    while (hm_wait_again(&patience, &result));
    return hm_shard_count(manager_shard(manager), HOSTMEM_METHOD_VIRTUAL_PROTECT, result);
}
