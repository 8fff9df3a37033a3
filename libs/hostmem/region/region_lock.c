/*
 * Locks of regions: the host looks at a region while no other thread changes it.
 *
 * Lock word: thread << 32 | count. A change counts itself and then looks at the lock; the locker sets the lock and then
 * waits until the count of changes is 0. So one of the two sees the other. The lock has a pin of its own.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/region/region.h"
#include "hostmem/base/spin.h"

#define LOCK_ONCE UINT64_C(1)

static uint32_t lock_owner(uint64_t lock)
{
    return (uint32_t)(lock >> 32);
}

static uint32_t current_thread(const struct hm_region_table *table)
{
    return table->backend->thread_id(table->backend->context);
}

enum hostmem_result hm_region_enter(struct hm_region_table *table, const void *address, struct hm_wait *wait,
                                    struct hm_region **out)
{
    struct hm_region *region = hm_region_pin(table, address);
    uint64_t lock;

    *out = region;
    if (!region) return HOSTMEM_NOT_OWNED;
    /* Ordered before the look at the lock. */
    atomic_fetch_add_explicit(&region->changes, 1, memory_order_seq_cst);
    lock = load_ordered(&region->lock);
    if (!lock || lock_owner(lock) == current_thread(table)) return HOSTMEM_OK;
    *out = NULL;
    wait->blocker = &region->cancels;
    return hm_region_leave(table, region, HOSTMEM_NOT_OWNER);
}

enum hostmem_result hm_region_leave(struct hm_region_table *table, struct hm_region *region, enum hostmem_result result)
{
    uint32_t before = atomic_fetch_sub_explicit(&region->changes, 1, memory_order_release);

    hm_assert(before > 0);
    (void)before;
    return hm_region_unpin(table, region) == HOSTMEM_BROKEN ? HOSTMEM_BROKEN : result;
}

/* Changes whenever a wait for this lock is cancelled. */
static uint32_t lock_cancels(struct hm_region_table *table, struct hm_region *region)
{
    return load_acquire(&table->waiters->cancels) + load_acquire(&region->cancels);
}

/* Waits for the changes under way, which take microseconds unless their thread is suspended. */
static enum hostmem_result lock_drain(struct hm_region_table *table, struct hm_region *region, uint64_t deadline)
{
    const struct hostmem_backend *backend = table->backend;
    struct hm_event *released = &table->accounting->released;
    uint32_t cancels = lock_cancels(table, region);

    for (unsigned tries = 0;; tries++)
    {
        uint64_t state = load_ordered(&region->state);

        if ((state & REGION_PHASE) != REGION_LIVE) return HOSTMEM_NOT_OWNED;
        if (!accounting_serving(table->accounting)) return HOSTMEM_UNAVAILABLE;
        if (!load_ordered(&region->changes)) return HOSTMEM_OK;
        if (lock_cancels(table, region) != cancels) return HOSTMEM_ABANDONED;
        if (backend->now(backend->context) > deadline) return HOSTMEM_NOT_OWNER;
        if (tries < SPIN_TRIES)
            backend->yield(backend->context);
        else
            backend->wait(backend->context, &released->sequence, load_relaxed(&released->sequence), 1);
    }
}

/* Takes the lock of a pinned region. The first lock gets a pin of its own before it can be seen, because a thread that
 * releases the region frees both. */
static enum hostmem_result lock_take(struct hm_region_table *table, struct hm_region *region, uint32_t thread)
{
    uint64_t lock = load_ordered(&region->lock);
    enum hostmem_result result = HOSTMEM_OK;

    add_relaxed(&region->state, REGION_PIN);
    gauge_add(&table->locked, 1);
    do
        if (lock && lock_owner(lock) != thread) result = HOSTMEM_NOT_OWNER;
    while (result == HOSTMEM_OK &&
           !cas_ordered(&region->lock, &lock, lock ? lock + LOCK_ONCE : (uint64_t)thread << 32 | LOCK_ONCE));
    if (!lock) return HOSTMEM_OK;
    gauge_sub(&table->locked, 1);
    hm_region_unpin(table, region);
    return result;
}

/* Frees one lock of the thread; false if it has none. pre: the caller has a pin of its own */
static bool lock_free(struct hm_region_table *table, struct hm_region *region, uint32_t thread)
{
    uint64_t lock = load_ordered(&region->lock);

    hm_assert(load_relaxed(&region->state) & REGION_PINS);
    do
        if (lock_owner(lock) != thread) return false;
    while (!cas_ordered(&region->lock, &lock, (lock & UINT32_MAX) == LOCK_ONCE ? 0 : lock - LOCK_ONCE));
    if ((lock & UINT32_MAX) == LOCK_ONCE) hm_region_unlocked(table, region);
    return true;
}

static enum hostmem_result lock_try(struct hm_region_table *table, const void *address, uint32_t thread,
                                    uint64_t deadline, struct hm_wait *wait, struct hm_region **out)
{
    struct hm_region *region;
    enum hostmem_result result;

    if (!accounting_serving(table->accounting)) return HOSTMEM_UNAVAILABLE;
    if (!(region = *out = hm_region_pin(table, address))) return HOSTMEM_NOT_OWNED;
    result = lock_take(table, region, thread);
    if (result != HOSTMEM_OK)
        wait->blocker = &region->cancels;
    else if ((result = lock_drain(table, region, deadline)) != HOSTMEM_OK)
        lock_free(table, region, thread);
    hm_region_unpin(table, region);
    return result;
}

static uint32_t lock_time_left(const struct hm_region_table *table, uint64_t deadline)
{
    uint64_t now = table->backend->now(table->backend->context);

    if (deadline == UINT64_MAX) return HOSTMEM_FOREVER;
    return now < deadline ? (uint32_t)(deadline - now) : 0;
}

enum hostmem_result hm_region_lock(struct hm_region_table *table, void *address, uint32_t thread, uint32_t milliseconds,
                                   void **base, size_t *size)
{
    struct hm_wait wait = wait_begin(table->waiters, HOSTMEM_TASK_CRITICAL);
    uint64_t now = table->backend->now(table->backend->context);
    uint64_t deadline = milliseconds == HOSTMEM_FOREVER ? UINT64_MAX : now + milliseconds;
    struct hm_region *region;
    enum hostmem_result result;

    if (!thread) thread = current_thread(table);
    do
    {
        result = lock_try(table, address, thread, deadline, &wait, &region);
        wait.lock_wait = lock_time_left(table, deadline);
    } while (hm_wait_again(&wait, &result));
    if (result == HOSTMEM_NOT_OWNER && milliseconds) result = HOSTMEM_TIMEOUT;
    if (result != HOSTMEM_OK) return result;
    if (base) *base = (void *)load_acquire(&region->base);
    if (size) *size = load_acquire(&region->size);
    return HOSTMEM_OK;
}

enum hostmem_result hm_region_unlock(struct hm_region_table *table, void *address, uint32_t thread)
{
    struct hm_region *region = hm_region_pin(table, address);
    bool freed;

    if (!region) return HOSTMEM_NOT_OWNED;
    freed = lock_free(table, region, thread ? thread : current_thread(table));
    hm_region_unpin(table, region);
    return freed ? HOSTMEM_OK : HOSTMEM_NOT_OWNER;
}

enum hostmem_result hm_regions_cancel_waits(struct hm_region_table *table, const void *address)
{
    struct hm_region *region = NULL;

    if (address && !(region = hm_region_pin(table, address))) return HOSTMEM_NOT_OWNED;
    atomic_fetch_add_explicit(region ? &region->cancels : &table->waiters->cancels, 1, memory_order_acq_rel);
    if (region) hm_region_unpin(table, region);
    accounting_signal_released(table->accounting);
    return HOSTMEM_OK;
}
