/*
 * Which memory came from the host.
 *
 * The tables of the ownership map are allocated from ntdll (libs/ntmem): the shim's own memory must not pass through the
 * manager that it guards.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "shim.h"
#include "ntmem/ntmem.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

static struct ownership_map *owned; /* made once, stays */

struct shim_counts shim_counts;

bool shim_host_memory_init(const struct shim_host *host)
{
    static struct hostmem_backend backend; /* the map keeps a pointer; every call writes the same */
    struct ownership_map *map;

    if (host->own || owned) return true;
    ntmem_backend_init(&backend);
    if (ownership_create(&backend, &map) != HOSTMEM_OK)
    {
        ERR("no memory for the ownership map\n");
        return false;
    }
    if (InterlockedCompareExchangePointer((void **)&owned, map, NULL)) ownership_destroy(map);
    return true;
}

struct ownership_map *shim_ownership_map(void)
{
    return owned;
}

static void count_region(LONG regions, LONG_PTR bytes)
{
    InterlockedExchangeAdd(&shim_counts.regions, regions);
    InterlockedExchangeAddSizeT(&shim_counts.region_bytes, bytes);
}

/* A host can hand out an address again only after it got it back: an old record of it is stale. */
static void forget_stale_regions(const char *base, SIZE_T size)
{
    struct ownership_region stale;
    SIZE_T offset;

    for (offset = 0; offset < size; offset += HOSTMEM_PAGE_SIZE)
    {
        if (!ownership_find_region(owned, base + offset, &stale)) continue;
        WARN("region %p went without VirtualFree\n", stale.base);
        ownership_take_region(owned, &stale);
    }
}

enum hostmem_result shim_record_region(const struct shim_host *host, void *base, SIZE_T size)
{
    enum hostmem_result result;

    if (host->own)
    {
        count_region(1, size);
        return HOSTMEM_OK;
    }
    result = ownership_add_region(owned, base, size);
    if (result != HOSTMEM_INVALID_ADDRESS || (ULONG_PTR)base % HOSTMEM_PAGE_SIZE) return result;
    forget_stale_regions(base, size);
    return ownership_add_region(owned, base, size);
}

bool shim_find_region(const struct shim_host *host, const void *address, struct ownership_region *region)
{
    SIZE_T size;

    if (!host->own) return ownership_find_region(owned, address, region);
    if (IClrMemManager_FindRegion(host->own, address, &region->base, &size) != S_OK) return false;
    region->size = size;
    return true;
}

bool shim_forget_region(const struct shim_host *host, const struct ownership_region *region)
{
    if (!host->own) return ownership_take_region(owned, region);
    count_region(-1, -(LONG_PTR)region->size);
    return true;
}
