/*
 * Locks of regions, for the host to look at one while nobody changes it.
 *
 * Lock word: thread << 32 | how often. A change counts itself and then looks at the lock; the locker sets the lock and
 * then waits for the count of changes to go to zero: so one of the two sees the other. The lock has a pin of its own.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/region/region.h"

#define LOCK_ONCE UINT64_C(1)

static uint32_t lock_owner(uint64_t lock)
{
    return (uint32_t)(lock >> 32);
}

static uint32_t current_thread(struct hostmem_manager *manager)
{
    return manager->backend.thread_id(manager->backend.context);
}

enum hostmem_result hm_region_enter(struct hostmem_manager *manager, const void *address, struct hm_wait *patience,
                                    struct hm_region **out)
{
    struct hm_region *region = hm_region_pin(manager, address);
    uint64_t lock;

    *out = region;
    if (!region) return HOSTMEM_NOT_OWNED;
    /* Ordered before the look at the lock. */
    atomic_fetch_add_explicit(&region->changes, 1, memory_order_seq_cst);
    lock = load_ordered(&region->lock);
    if (!lock || lock_owner(lock) == current_thread(manager)) return HOSTMEM_OK;
    *out = NULL;
    patience->blocker = region;
    return hm_region_leave(manager, region, HOSTMEM_NOT_OWNER);
}

enum hostmem_result hm_region_leave(struct hostmem_manager *manager, struct hm_region *region,
                                    enum hostmem_result result)
{
    atomic_fetch_sub_explicit(&region->changes, 1, memory_order_release);
    return hm_region_unpin(manager, region) == HOSTMEM_BROKEN ? HOSTMEM_BROKEN : result;
}

/* The lock's own pin goes. */
static void lock_leave(struct hostmem_manager *manager, struct hm_region *region)
{
    gauge_sub(&manager->locked, 1);
    hm_region_unpin(manager, region);
    hm_charge_wake(manager);
}

void hm_region_drop_lock(struct hostmem_manager *manager, struct hm_region *region)
{
    if (load_relaxed(&region->lock) && atomic_exchange_explicit(&region->lock, 0, memory_order_seq_cst))
        lock_leave(manager, region);
}

/* What a canceller changes. */
static uint32_t lock_cancels(struct hostmem_manager *manager, struct hm_region *region)
{
    return load_acquire(&manager->cancels) + load_acquire(&region->cancels);
}

/* Waits for the changes under way, which take microseconds unless their thread is suspended. */
static enum hostmem_result lock_drain(struct hostmem_manager *manager, struct hm_region *region, uint64_t deadline)
{
    const struct hostmem_backend *backend = &manager->backend;
    uint32_t cancels = lock_cancels(manager, region);

    for (unsigned tries = 0;; tries++)
    {
        uint64_t state = load_ordered(&region->state);

        if ((state & REGION_PHASE) != REGION_LIVE) return HOSTMEM_NOT_OWNED;
        if (!manager_serving(manager)) return HOSTMEM_UNAVAILABLE;
        if (!load_ordered(&region->changes)) return HOSTMEM_OK;
        if (lock_cancels(manager, region) != cancels) return HOSTMEM_ABANDONED;
        if (backend->now(backend->context) > deadline) return HOSTMEM_NOT_OWNER;
        if (tries < SPIN_TRIES)
            backend->yield(backend->context);
        else
            backend->wait(backend->context, &manager->events, load_relaxed(&manager->events), 1);
    }
}

/* Takes the lock of a pinned region. The first lock has a pin of its own, from before it can be seen, as whoever releases
 * the region drops both. */
static enum hostmem_result lock_take(struct hostmem_manager *manager, struct hm_region *region, uint32_t thread)
{
    uint64_t lock = load_ordered(&region->lock);
    enum hostmem_result result = HOSTMEM_OK;

    add_relaxed(&region->state, REGION_PIN);
    gauge_add(&manager->locked, 1);
    do
        if (lock && lock_owner(lock) != thread) result = HOSTMEM_NOT_OWNER;
    while (result == HOSTMEM_OK &&
           !cas_ordered(&region->lock, &lock, lock ? lock + LOCK_ONCE : (uint64_t)thread << 32 | LOCK_ONCE));
    if (!lock) return HOSTMEM_OK;
    gauge_sub(&manager->locked, 1);
    hm_region_unpin(manager, region);
    return result;
}

/* Takes one lock of the thread back; false if it has none. pre: the caller has a pin of its own */
static bool lock_give(struct hostmem_manager *manager, struct hm_region *region, uint32_t thread)
{
    uint64_t lock = load_ordered(&region->lock);

    do
        if (lock_owner(lock) != thread) return false;
    while (!cas_ordered(&region->lock, &lock, (lock & UINT32_MAX) == LOCK_ONCE ? 0 : lock - LOCK_ONCE));
    if ((lock & UINT32_MAX) == LOCK_ONCE) lock_leave(manager, region);
    return true;
}

static enum hostmem_result lock_try(struct hostmem_manager *manager, const void *address, uint32_t thread,
                                    uint64_t deadline, struct hm_wait *patience, struct hm_region **out)
{
    struct hm_region *region;
    enum hostmem_result result;

    if (!manager_serving(manager)) return HOSTMEM_UNAVAILABLE;
    if (!(region = *out = hm_region_pin(manager, address))) return HOSTMEM_NOT_OWNED;
    result = lock_take(manager, region, thread);
    if (result != HOSTMEM_OK)
        patience->blocker = region;
    else if ((result = lock_drain(manager, region, deadline)) != HOSTMEM_OK)
        lock_give(manager, region, thread);
    hm_region_unpin(manager, region);
    return result;
}

static uint32_t lock_time_left(struct hostmem_manager *manager, uint64_t deadline)
{
    uint64_t now = manager->backend.now(manager->backend.context);

    if (deadline == UINT64_MAX) return HOSTMEM_FOREVER;
    return now < deadline ? (uint32_t)(deadline - now) : 0;
}

enum hostmem_result hostmem_manager_lock(struct hostmem_manager *manager, void *address, uint32_t thread,
                                         uint32_t milliseconds, void **base, size_t *size)
{
    struct hm_wait patience = patience_begin(manager, HOSTMEM_TASK_CRITICAL);
    uint64_t now = manager->backend.now(manager->backend.context);
    uint64_t deadline = milliseconds == HOSTMEM_FOREVER ? UINT64_MAX : now + milliseconds;
    struct hm_region *region;
    enum hostmem_result result;

    if (!thread) thread = current_thread(manager);
    do
    {
        result = lock_try(manager, address, thread, deadline, &patience, &region);
        patience.lock_wait = lock_time_left(manager, deadline);
    } while (hm_wait_again(&patience, &result));
    if (result == HOSTMEM_NOT_OWNER && milliseconds) result = HOSTMEM_TIMEOUT;
    if (result != HOSTMEM_OK) return result;
    if (base) *base = (void *)load_acquire(&region->base);
    if (size) *size = load_acquire(&region->size);
    return HOSTMEM_OK;
}

enum hostmem_result hostmem_manager_unlock(struct hostmem_manager *manager, void *address, uint32_t thread)
{
    struct hm_region *region = hm_region_pin(manager, address);
    bool had_it;

    if (!region) return HOSTMEM_NOT_OWNED;
    had_it = lock_give(manager, region, thread ? thread : current_thread(manager));
    hm_region_unpin(manager, region);
    return had_it ? HOSTMEM_OK : HOSTMEM_NOT_OWNER;
}
