/*
 * VirtualAlloc, VirtualFree, VirtualQuery, VirtualProtect: Win32's rules, then the region, then the backend.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/api/manager.h"

#define VIRTUAL_ALLOC_TYPES (HOSTMEM_COMMIT | HOSTMEM_RESERVE | HOSTMEM_RESET | HOSTMEM_TOP_DOWN | HOSTMEM_WRITE_WATCH)

#define PROTECT_NOACCESS    UINT32_C(0x01)
#define PROTECT_BASES       UINT32_C(0xff)
#define PROTECT_EXECUTABLES UINT32_C(0xf0)
#define PROTECT_MODIFIERS   UINT32_C(0x700) /* PAGE_GUARD, PAGE_NOCACHE, PAGE_WRITECOMBINE */
#define PROTECT_TARGETS     UINT32_C(0x40000000)

static bool is_one_bit(uint32_t bits)
{
    return bits && !(bits & (bits - 1));
}

/* Whether `protect` is one base protection (PAGE_NOACCESS to PAGE_EXECUTE_WRITECOPY) with at most one of PAGE_GUARD,
 * PAGE_NOCACHE and PAGE_WRITECOMBINE, and none of them with PAGE_NOACCESS: the documentation of the memory protection
 * constants. PAGE_TARGETS_INVALID goes with executable ones. Wine accepts guards without access and mixed modifiers.
 * Copy on write, which only views of files have, is left to the backend. */
static bool protection_is_valid(uint32_t protect)
{
    uint32_t base = protect & PROTECT_BASES, modifiers = protect & PROTECT_MODIFIERS;

    if (protect & ~(PROTECT_BASES | PROTECT_MODIFIERS | PROTECT_TARGETS)) return false;
    if (!is_one_bit(base)) return false;
    if ((protect & PROTECT_TARGETS) && !(base & PROTECT_EXECUTABLES)) return false;
    if (!modifiers) return true;
    return is_one_bit(modifiers) && base != PROTECT_NOACCESS;
}

static bool alloc_type_is_valid(const void *address, uint32_t type)
{
    if (type & ~VIRTUAL_ALLOC_TYPES) return false;
    if (!(type & (HOSTMEM_COMMIT | HOSTMEM_RESERVE | HOSTMEM_RESET))) return false;
    if (type & HOSTMEM_RESET) return type == HOSTMEM_RESET && address; /* alone, and only for existing memory */
    return !(type & HOSTMEM_WRITE_WATCH) || (type & HOSTMEM_RESERVE);
}

/* The pages of a range in the user address space; Windows refuses others before it looks for a region. */
static bool user_range(const struct hostmem_manager *manager, const void *address, size_t size, uintptr_t *start,
                       uintptr_t *end)
{
    uintptr_t limit = manager->backend.address_end;

    return page_range((uintptr_t)address, size, start, end) && (!limit || *end <= limit);
}

/* A new region for pages [start, end), beginning with the granule of `start`; at any address if start is 0. */
static enum hostmem_result virtual_reserve(struct hostmem_manager *manager, uintptr_t start, uintptr_t end,
                                           uint32_t type, uint32_t protect, struct hm_wait *wait, void **out)
{
    uintptr_t base = start & ~(uintptr_t)(HOSTMEM_GRANULARITY - 1);
    void *address = (void *)base;
    enum hostmem_result result;

    result = hm_region_create(&manager->regions, &address, end - base, type | HOSTMEM_RESERVE, protect, wait);
    if (result == HOSTMEM_OK) *out = address;
    return result;
}

/* Drops the contents of whole pages. A page that is only partly in the range keeps its contents. */
static enum hostmem_result virtual_reset(struct hostmem_manager *manager, uintptr_t address, size_t size)
{
    uintptr_t start = page_up(address), end = page_down(address + size);

    if (start >= end) return HOSTMEM_OK;
    return manager->backend.reset(manager->backend.context, (void *)start, end - start);
}

/* Commits or resets in an existing region. */
static enum hostmem_result virtual_commit(struct hostmem_manager *manager, void *address, size_t size, uintptr_t start,
                                          uintptr_t end, uint32_t type, uint32_t protect, struct hm_wait *wait)
{
    struct hm_region *region;
    uintptr_t base;
    enum hostmem_result result = hm_region_enter(&manager->regions, address, wait, &region);

    if (result != HOSTMEM_OK) return result;
    base = load_relaxed(&region->base);
    if (end - base > load_relaxed(&region->size))
        result = HOSTMEM_INVALID_ADDRESS;
    else if (type & HOSTMEM_RESET)
        result = virtual_reset(manager, (uintptr_t)address, size);
    else
        result = hm_region_commit(&manager->regions, region, start - base, end - start, protect, wait);
    return hm_region_leave(&manager->regions, region, result);
}

static enum hostmem_result virtual_alloc(struct hostmem_manager *manager, void *address, size_t size, uint32_t type,
                                         uint32_t protect, struct hm_wait *wait, void **out)
{
    enum hostmem_result result;
    uintptr_t start, end;

    if (!manager_serving(manager)) return HOSTMEM_UNAVAILABLE;
    if (!size || !alloc_type_is_valid(address, type)) return HOSTMEM_INVALID_PARAMETER;
    if (!protection_is_valid(protect)) return HOSTMEM_INVALID_PARAMETER;
    if (!user_range(manager, address, size, &start, &end)) return HOSTMEM_INVALID_PARAMETER;
    /* The lowest granule is never allocated; rounded to NULL it would mean "anywhere". */
    if (address && (uintptr_t)address < HOSTMEM_GRANULARITY && (type & HOSTMEM_RESERVE))
        return HOSTMEM_INVALID_PARAMETER;
    if (!address || (type & HOSTMEM_RESERVE)) return virtual_reserve(manager, start, end, type, protect, wait, out);
    result = virtual_commit(manager, address, size, start, end, type, protect, wait);
    if (result == HOSTMEM_OK) *out = (void *)start;
    return result;
}

enum hostmem_result hostmem_virtual_alloc(struct hostmem_manager *manager, void *address, size_t size, uint32_t type,
                                          uint32_t protect, enum hostmem_critical_level level, void **out)
{
    struct hm_wait wait = wait_begin(&manager->waiters, level);
    enum hostmem_result result;

    *out = NULL;
    if ((unsigned)level >= HOSTMEM_CRITICAL_LEVEL_COUNT)
    {
        result = manager_serving(manager) ? HOSTMEM_INVALID_PARAMETER : HOSTMEM_UNAVAILABLE;
        return manager_count(manager, HOSTMEM_METHOD_VIRTUAL_ALLOC, result);
    }
    do result = virtual_alloc(manager, address, size, type, protect, &wait, out);
    while (hm_wait_again(&wait, &result));
    return hm_calls_count_request(&manager->accounting, manager_calls(manager), HOSTMEM_METHOD_VIRTUAL_ALLOC, level,
                                  result);
}

/* Decommits pages of a pinned region; size 0 at its base means the whole region. */
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
    return hm_region_decommit(&manager->regions, region, start - base, end - start);
}

/* Win32's rules, for a region that the caller may change. *release: the region is to be released. */
static enum hostmem_result virtual_free_entered(struct hostmem_manager *manager, struct hm_region *region,
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
                                        struct hm_wait *wait)
{
    struct hm_region *region;
    enum hostmem_result result;
    bool release;

    if (!manager_serving(manager)) return HOSTMEM_UNAVAILABLE;
    result = hm_region_enter(&manager->regions, address, wait, &region);
    if (result != HOSTMEM_OK) return result;
    result = virtual_free_entered(manager, region, (uintptr_t)address, size, type, &release);
    if (release) return hm_region_release(&manager->regions, region);
    return hm_region_leave(&manager->regions, region, result);
}

enum hostmem_result hostmem_virtual_free(struct hostmem_manager *manager, void *address, size_t size, uint32_t type)
{
    struct hm_wait wait = wait_begin(&manager->waiters, HOSTMEM_TASK_CRITICAL);
    enum hostmem_result result;

    do result = virtual_free(manager, address, size, type, &wait);
    while (hm_wait_again(&wait, &result));
    return manager_count(manager, HOSTMEM_METHOD_VIRTUAL_FREE, result);
}

enum hostmem_result hostmem_virtual_query(struct hostmem_manager *manager, const void *address, void *buffer,
                                          size_t length, size_t *returned)
{
    enum hostmem_result result = HOSTMEM_UNAVAILABLE;

    if (manager_serving(manager))
        result = manager->backend.query(manager->backend.context, address, buffer, length, returned);
    return manager_count(manager, HOSTMEM_METHOD_VIRTUAL_QUERY, result);
}

static enum hostmem_result virtual_protect(struct hostmem_manager *manager, void *address, size_t size,
                                           uint32_t new_protect, uint32_t *old_protect, struct hm_wait *wait)
{
    struct hm_region *region;
    enum hostmem_result result;
    uintptr_t start, end;

    if (!manager_serving(manager)) return HOSTMEM_UNAVAILABLE;
    result = hm_region_enter(&manager->regions, address, wait, &region);
    /* A region that was released during the wait for its lock: memory that is there by now was not meant. */
    if (result == HOSTMEM_NOT_OWNER || (result == HOSTMEM_NOT_OWNED && wait->blocker)) return result;
    /* In Windows' order, which the last error shows. */
    if (!protection_is_valid(new_protect))
        result = HOSTMEM_INVALID_PARAMETER;
    else if (!old_protect)
        result = HOSTMEM_NO_ACCESS;
    else if (!size || !user_range(manager, address, size, &start, &end))
        result = HOSTMEM_INVALID_PARAMETER;
    else
        result = manager->backend.protect(manager->backend.context, address, size, new_protect, old_protect);
    return region ? hm_region_leave(&manager->regions, region, result) : result;
}

enum hostmem_result hostmem_virtual_protect(struct hostmem_manager *manager, void *address, size_t size,
                                            uint32_t new_protect, uint32_t *old_protect)
{
    struct hm_wait wait = wait_begin(&manager->waiters, HOSTMEM_TASK_CRITICAL);
    enum hostmem_result result;

    do result = virtual_protect(manager, address, size, new_protect, old_protect, &wait);
    while (hm_wait_again(&wait, &result));
    return manager_count(manager, HOSTMEM_METHOD_VIRTUAL_PROTECT, result);
}
