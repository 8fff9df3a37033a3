/*
 * The manager: its creation and end, and the calls that go to one of its parts.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/api/manager.h"

/* For calls that wait for memory. */
static enum hostmem_result manager_trim_heaps(void *context, size_t *decommitted)
{
    struct hostmem_manager *manager = context;
    size_t released = 0;

    *decommitted = 0;
    return hm_heaps_trim(&manager->heaps, decommitted, &released);
}

enum hostmem_result hostmem_manager_create(const struct hostmem_backend *backend, struct hostmem_manager **out)
{
    struct hostmem_manager *manager = memory_get(backend, sizeof(*manager));
    enum hostmem_result result;

    *out = NULL;
    if (!manager) return HOSTMEM_NO_MEMORY;
    manager->backend = *backend;
    hm_accounting_init(&manager->accounting, &manager->backend);
    hm_waiters_init(&manager->waiters, &manager->accounting, manager_trim_heaps, manager);
    result = hm_regions_init(&manager->regions, &manager->waiters);
    hm_heaps_init(&manager->heaps, &manager->regions);
    if (result == HOSTMEM_OK) result = hm_views_init(&manager->views, &manager->backend);
    if (result == HOSTMEM_OK)
        *out = manager;
    else
        hostmem_manager_destroy(manager);
    return result;
}

void hostmem_manager_destroy(struct hostmem_manager *manager)
{
    struct hostmem_backend backend;

    if (!manager) return;
    hm_views_destroy(&manager->views);
    hm_heaps_destroy(&manager->heaps);
    hm_regions_destroy(&manager->regions);
    backend = manager->backend;
    memory_put(&backend, manager);
}

void hostmem_manager_shutdown(struct hostmem_manager *manager)
{
    hm_accounting_stop(&manager->accounting);
}

enum hostmem_result hostmem_manager_status(const struct hostmem_manager *manager)
{
    return manager_serving(manager) ? HOSTMEM_OK : HOSTMEM_UNAVAILABLE;
}

/* --- regions ---------------------------------------------------------------- */

bool hostmem_manager_owns(struct hostmem_manager *manager, const void *address, void **base, size_t *size)
{
    return hm_regions_find(&manager->regions, address, base, size);
}

void hostmem_manager_each_region(struct hostmem_manager *manager,
                                 bool (*visit)(void *arg, const struct hostmem_region_info *region), void *arg)
{
    hm_regions_each(&manager->regions, visit, arg);
}

enum hostmem_result hostmem_manager_lock(struct hostmem_manager *manager, void *address, uint32_t thread,
                                         uint32_t milliseconds, void **base, size_t *size)
{
    return hm_region_lock(&manager->regions, address, thread, milliseconds, base, size);
}

enum hostmem_result hostmem_manager_unlock(struct hostmem_manager *manager, void *address, uint32_t thread)
{
    return hm_region_unlock(&manager->regions, address, thread);
}

enum hostmem_result hostmem_manager_cancel_waits(struct hostmem_manager *manager, const void *address)
{
    return hm_regions_cancel_waits(&manager->regions, address);
}

/* --- heaps ------------------------------------------------------------------ */

enum hostmem_result hostmem_heap_create(struct hostmem_manager *manager, uint32_t flags, struct hostmem_heap **out)
{
    *out = NULL;
    return manager_count(manager, HOSTMEM_METHOD_CREATE_MALLOC, hm_heap_create(&manager->heaps, flags, out));
}

void hostmem_manager_each_block(struct hostmem_manager *manager,
                                bool (*visit)(void *arg, const struct hostmem_block_info *block), void *arg)
{
    hm_heaps_each_block(&manager->heaps, visit, arg);
}

enum hostmem_result hostmem_manager_reclaim(struct hostmem_manager *manager, size_t *decommitted, size_t *released)
{
    size_t pages = 0, space = 0;
    enum hostmem_result result = HOSTMEM_UNAVAILABLE;

    if (manager_serving(manager)) result = hm_heaps_trim(&manager->heaps, &pages, &space);
    if (decommitted) *decommitted = pages;
    if (released) *released = space;
    return result;
}

enum hostmem_result hostmem_manager_trim(struct hostmem_manager *manager)
{
    size_t decommitted, released;
    enum hostmem_result result = hostmem_manager_reclaim(manager, &decommitted, &released);

    if (result == HOSTMEM_OK && !decommitted && !released) result = HOSTMEM_NO_MEMORY;
    return manager_count(manager, HOSTMEM_METHOD_NEEDS_ADDRESS_SPACE, result);
}

/* --- views ------------------------------------------------------------------ */

enum hostmem_result hostmem_view_acquired(struct hostmem_manager *manager, void *start, size_t size)
{
    enum hostmem_result result = HOSTMEM_UNAVAILABLE;

    if (manager_serving(manager)) result = hm_view_add(&manager->views, start, size);
    return manager_count(manager, HOSTMEM_METHOD_ACQUIRED_ADDRESS_SPACE, result);
}

enum hostmem_result hostmem_view_released(struct hostmem_manager *manager, void *start)
{
    enum hostmem_result result = hostmem_manager_status(manager);

    if (result == HOSTMEM_OK) hm_view_remove(&manager->views, start);
    return manager_count(manager, HOSTMEM_METHOD_RELEASED_ADDRESS_SPACE, result);
}

/* --- limits, waits, figures -------------------------------------------------- */

enum hostmem_result hostmem_manager_set_limits(struct hostmem_manager *manager, const struct hostmem_limits *limits)
{
    return hm_accounting_set_limits(&manager->accounting, &manager->accounting.account, limits);
}

void hostmem_manager_get_limits(struct hostmem_manager *manager, struct hostmem_limits *limits)
{
    hm_account_get_limits(&manager->accounting.account, &manager->backend, limits);
}

void hostmem_manager_set_waits(struct hostmem_manager *manager, const struct hostmem_waits *waits)
{
    hm_waiters_set(&manager->waiters, waits);
}

void hostmem_manager_get_waits(struct hostmem_manager *manager, struct hostmem_waits *waits)
{
    hm_waiters_get(&manager->waiters, waits);
}

void hostmem_manager_usage(struct hostmem_manager *manager, struct hostmem_usage *usage)
{
    hm_accounting_usage(&manager->accounting, usage);
    usage->heap_over_soft = hm_heaps_are_over_soft(&manager->heaps);
}

void hostmem_manager_await_pressure(struct hostmem_manager *manager, uint32_t *seen, uint32_t milliseconds)
{
    hm_accounting_await_pressure(&manager->accounting, seen, milliseconds);
}

void hostmem_manager_wake_monitor(struct hostmem_manager *manager)
{
    hm_accounting_post_pressure(&manager->accounting);
}

void hostmem_manager_count(struct hostmem_manager *manager, enum hostmem_method method, enum hostmem_result result)
{
    if ((unsigned)method < HOSTMEM_METHOD_COUNT) manager_count(manager, method, result);
}

void hostmem_manager_statistics(struct hostmem_manager *manager, struct hostmem_statistics *out)
{
    struct hostmem_limits limits;

    hostmem_manager_get_limits(manager, &limits);
    *out = (struct hostmem_statistics){.hard_limit = limits.hard, .soft_limit = limits.soft};
    hm_accounting_statistics(&manager->accounting, out);
    hm_regions_statistics(&manager->regions, out);
    hm_heaps_statistics(&manager->heaps, out);
    hm_views_statistics(&manager->views, out);
    hm_statistics_sum_calls(out);
}
