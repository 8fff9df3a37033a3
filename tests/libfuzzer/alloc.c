/*
 * VirtualAlloc, and the results by Win32's rules and the limits.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

struct alloc
{
    char *address;
    size_t size;
    uint32_t type, protect;
    enum hostmem_critical_level level;
    uintptr_t start, end; /* pages; from the granule's start where it reserves */
    bool reserves;
    struct model_region *region; /* else */
    size_t charge;               /* bytes newly committed */
};

static bool alloc_type_is_valid(uint32_t type, const void *address)
{
    if (type == HOSTMEM_RESET) return address;
    if (type & ~(HOSTMEM_COMMIT | HOSTMEM_RESERVE | HOSTMEM_TOP_DOWN | HOSTMEM_WRITE_WATCH)) return false;
    return (type & HOSTMEM_RESERVE) || ((type & HOSTMEM_COMMIT) && !(type & HOSTMEM_WRITE_WATCH));
}

static enum hostmem_result expect_reserve(struct alloc *alloc)
{
    alloc->start -= alloc->start % GRANULE;
    alloc->charge = alloc->type & HOSTMEM_COMMIT ? alloc->end - alloc->start : 0;
    if (limit_refuses(alloc->charge, alloc->level)) return limit_outcome(alloc->charge, alloc->level);
    if (!alloc->address && alloc->end - alloc->start > ARENA_LARGEST) return HOSTMEM_NO_MEMORY;
    if (alloc->address && !backend_has(alloc->start, alloc->end - alloc->start)) return HOSTMEM_INVALID_ADDRESS;
    if (alloc->address && !backend_is_free((void *)alloc->start, alloc->end - alloc->start))
        return HOSTMEM_INVALID_ADDRESS;
    return HOSTMEM_OK;
}

static enum hostmem_result expect_alloc(struct alloc *alloc)
{
    enum hostmem_result locked;

    if (stopped) return HOSTMEM_UNAVAILABLE;
    if ((unsigned)alloc->level >= HOSTMEM_CRITICAL_LEVEL_COUNT) return HOSTMEM_INVALID_PARAMETER;
    if (!alloc->size || !alloc_type_is_valid(alloc->type, alloc->address)) return HOSTMEM_INVALID_PARAMETER;
    if (alloc->protect == NO_PROTECTION) return HOSTMEM_INVALID_PARAMETER;
    if (!pages_of(alloc->address, alloc->size, &alloc->start, &alloc->end)) return HOSTMEM_INVALID_PARAMETER;
    if (alloc->end > ADDRESS_END) return HOSTMEM_INVALID_PARAMETER;
    alloc->reserves = !alloc->address || (alloc->type & HOSTMEM_RESERVE);
    if (alloc->reserves && alloc->address && (uintptr_t)alloc->address < GRANULE) return HOSTMEM_INVALID_PARAMETER;
    if (alloc->reserves) return expect_reserve(alloc);
    if (!(alloc->region = region_of(alloc->address))) return HOSTMEM_NOT_OWNED;
    if ((locked = lock_outcome(alloc->region)) != HOSTMEM_OK) return locked;
    if (alloc->end > (uintptr_t)alloc->region->base + alloc->region->size) return HOSTMEM_INVALID_ADDRESS;
    if (alloc->type == HOSTMEM_RESET) return HOSTMEM_OK;
    alloc->charge = region_uncommitted(alloc->region, alloc->start, alloc->end);
    if (limit_refuses(alloc->charge, alloc->level)) return limit_outcome(alloc->charge, alloc->level);
    return HOSTMEM_OK;
}

static void alloc_worked(const struct alloc *alloc, char *out)
{
    if (alloc->reserves)
    {
        uintptr_t size = alloc->end - alloc->start;

        REQUIRE(!alloc->address || (uintptr_t)out == alloc->start, "reserved at %p", (void *)out);
        REQUIRE((uintptr_t)out % GRANULE == 0, "reserved at %p", (void *)out);
        region_add(out, size, alloc->type & HOSTMEM_COMMIT, alloc->level);
        return;
    }
    REQUIRE((uintptr_t)out == alloc->start, "gave %p", (void *)out);
    if (alloc->type & HOSTMEM_COMMIT) region_mark(alloc->region, alloc->start, alloc->end, 1);
}

void do_virtual_alloc(void)
{
    struct alloc alloc = {.type = some_alloc_type()};
    enum hostmem_result expected, result;
    void *out = &alloc;
    bool refused;

    if (region_count == MAX_REGIONS) return;
    alloc.address = some_address();
    alloc.size = some_size(alloc.address);
    alloc.protect = some_protection();
    alloc.level = some_level();
    expected = expect_alloc(&alloc);
    refused = expected == HOSTMEM_LIMIT || expected == HOSTMEM_ABANDONED;
    trace("VirtualAlloc(%p, %#zx, %#x, %#x, %u)", (void *)alloc.address, alloc.size, alloc.type, alloc.protect,
          alloc.level);
    call_begin();
    result = hostmem_virtual_alloc(manager, alloc.address, alloc.size, alloc.type, alloc.protect, alloc.level, &out);
    /* The core's own records may have taken the addresses first. */
    if (expected == HOSTMEM_OK && alloc.reserves && alloc.address && result == HOSTMEM_INVALID_ADDRESS &&
        !backend_is_free((void *)alloc.start, alloc.end - alloc.start))
        expected = result;
    if (refused && result != HOSTMEM_LIMIT && result != HOSTMEM_ABANDONED && limit_may_have_given_way(alloc.level))
        expected = result;
    if (call_ended(HOSTMEM_METHOD_VIRTUAL_ALLOC, result, expected))
        alloc_worked(&alloc, out);
    else
        REQUIRE(!out, "gave %p", out);
}
