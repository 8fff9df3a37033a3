/*
 * The manager itself: its birth, its end, and the mapped views it is told of.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/api/manager.h"
#include "hostmem/heap/heap.h"
#include "hostmem/region/region.h"

enum hostmem_result hostmem_manager_create(const struct hostmem_backend *backend, struct hostmem_manager **out)
{
    struct hostmem_manager *manager = memory_get(backend, sizeof(*manager));

    *out = NULL;
    if (!manager) return HOSTMEM_NO_MEMORY;
    manager->backend = *backend;
    backend = &manager->backend;
    hm_account_init(&manager->account);
    hm_pool_init(&manager->regions, backend, sizeof(struct hm_region));
    hm_pool_init(&manager->larges, backend, sizeof(struct hm_large));
    hm_sized_pools_init(&manager->bitmaps, backend);
    hm_sized_pools_init(&manager->spans, backend);
    hm_alloc_sites_init(&manager->places, backend);
    if (hm_map_create(backend, HM_MAP_GRANULES, &manager->map) != HOSTMEM_OK ||
        hm_range_map_init(&manager->views, backend, HM_MAP_GRANULES) != HOSTMEM_OK)
    {
        hostmem_manager_destroy(manager);
        return HOSTMEM_NO_MEMORY;
    }
    *out = manager;
    return HOSTMEM_OK;
}

void hostmem_manager_destroy(struct hostmem_manager *manager)
{
    struct hostmem_backend backend;

    if (!manager) return;
    while (manager->heaps) hostmem_heap_destroy(manager->heaps);
    hm_regions_destroy(manager);
    hm_larges_destroy(manager, NULL);
    hm_range_map_destroy(&manager->views);
    hm_alloc_sites_destroy(&manager->places);
    hm_sized_pools_destroy(&manager->spans);
    hm_sized_pools_destroy(&manager->bitmaps);
    hm_pool_destroy(&manager->larges);
    hm_pool_destroy(&manager->regions);
    hm_map_destroy(manager->map);
    backend = manager->backend;
    memory_put(&backend, manager);
}

void hostmem_manager_shutdown(struct hostmem_manager *manager)
{
    store_ordered(&manager->status, MANAGER_STOPPED);
    hm_charge_wake(manager);
    hostmem_manager_wake_monitor(manager);
}

enum hostmem_result hostmem_manager_status(const struct hostmem_manager *manager)
{
    return manager_serving(manager) ? HOSTMEM_OK : HOSTMEM_UNAVAILABLE;
}

enum hostmem_result hm_manager_break(struct hostmem_manager *manager)
{
    uint32_t serving = MANAGER_SERVING;

    if (!cas_strong(&manager->status, &serving, MANAGER_STOPPED)) return HOSTMEM_UNAVAILABLE;
    hostmem_manager_shutdown(manager);
    return HOSTMEM_BROKEN;
}

enum hostmem_result hm_manager_judge_release(struct hostmem_manager *manager, enum hostmem_result result)
{
    switch (result)
    {
    case HOSTMEM_NOT_OWNED:
    case HOSTMEM_INVALID_PARAMETER:
    case HOSTMEM_INVALID_ADDRESS:
        return hm_manager_break(manager);
    default:
        return result;
    }
}

enum hostmem_result hostmem_manager_reclaim(struct hostmem_manager *manager, size_t *decommitted, size_t *released)
{
    struct hm_trimmed trimmed = {0};
    enum hostmem_result result = HOSTMEM_UNAVAILABLE;

    if (manager_serving(manager))
    {
        trimmed = hm_heaps_trim(manager);
        result = trimmed.broken ? HOSTMEM_BROKEN : HOSTMEM_OK;
    }
    if (decommitted) *decommitted = trimmed.decommitted;
    if (released) *released = trimmed.released;
    return result;
}

enum hostmem_result hostmem_manager_trim(struct hostmem_manager *manager)
{
    size_t decommitted, released;
    enum hostmem_result result = hostmem_manager_reclaim(manager, &decommitted, &released);

    if (result == HOSTMEM_OK && !decommitted && !released) result = HOSTMEM_NO_MEMORY;
    return hm_shard_count(manager_shard(manager), HOSTMEM_METHOD_NEEDS_ADDRESS_SPACE, result);
}

/* Strikes a view off; false if there is none that begins there. */
static bool view_remove(struct hostmem_manager *manager, uintptr_t start)
{
    size_t size;

    if (!hm_range_map_take(&manager->views, start, &size)) return false;
    gauge_sub(&manager->mapped, size);
    gauge_sub(&manager->live_views, 1);
    return true;
}

static enum hostmem_result view_add(struct hostmem_manager *manager, uintptr_t start, size_t size)
{
    enum hostmem_result result;

    if (!manager_serving(manager)) return HOSTMEM_UNAVAILABLE;
    if (!start) return HOSTMEM_INVALID_PARAMETER;
    /* A view that is there already was unmapped without a word. Views begin at granules, so one entry each will do. */
    view_remove(manager, start);
    result = hm_range_map_add(&manager->views, start, 1, size);
    if (result != HOSTMEM_OK) return result;
    gauge_add(&manager->mapped, size);
    gauge_add(&manager->live_views, 1);
    return HOSTMEM_OK;
}

enum hostmem_result hostmem_view_acquired(struct hostmem_manager *manager, void *start, size_t size)
{
    return hm_shard_count(manager_shard(manager), HOSTMEM_METHOD_ACQUIRED_ADDRESS_SPACE,
                          view_add(manager, (uintptr_t)start, size));
}

enum hostmem_result hostmem_view_released(struct hostmem_manager *manager, void *start)
{
    enum hostmem_result result = HOSTMEM_UNAVAILABLE;

    if (manager_serving(manager))
    {
        view_remove(manager, (uintptr_t)start);
        result = HOSTMEM_OK;
    }
    return hm_shard_count(manager_shard(manager), HOSTMEM_METHOD_RELEASED_ADDRESS_SPACE, result);
}
