/*
 * How a call waits: for the event that a charge or a lock was released (event.h), until its deadline, or until the wait
 * is cancelled.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/region/wait.h"
#include "hostmem/base/spin.h"

void hm_waiters_init(struct hm_waiters *waiters, struct hm_accounting *accounting,
                     enum hostmem_result (*trim)(void *context, size_t *decommitted), void *trim_context)
{
    hm_assert(!waiters->accounting);
    waiters->accounting = accounting;
    waiters->trim = trim;
    waiters->trim_context = trim_context;
}

void hm_waiters_set(struct hm_waiters *waiters, const struct hostmem_waits *waits)
{
    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
        store_relaxed(&waiters->memory_waits[level], waits->memory[level]);
    store_relaxed(&waiters->lock_wait, waits->lock);
}

void hm_waiters_get(struct hm_waiters *waiters, struct hostmem_waits *waits)
{
    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
        waits->memory[level] = load_relaxed(&waiters->memory_waits[level]);
    waits->lock = load_relaxed(&waiters->lock_wait);
}

static bool wait_memory_is_possible(const struct hm_wait *wait)
{
    return hm_charge_is_possible(wait->waiters->accounting, wait->heap, wait->bytes, wait->level);
}

/* Milliseconds that the call may wait after this result. */
static uint32_t wait_allowed(const struct hm_wait *wait, enum hostmem_result result)
{
    if (result == HOSTMEM_NOT_OWNER) return wait->lock_wait;
    if (!wait_memory_is_possible(wait)) return 0;
    return load_relaxed(&wait->waiters->memory_waits[wait->level]);
}

static uint32_t wait_blocker_cancels(const struct hm_wait *wait)
{
    return wait->blocker ? load_acquire(wait->blocker) : 0;
}

/* Begins to wait for memory or for a lock, or changes from one to the other; false where no wait is allowed. Each has
 * its own time, which runs from its first wait. */
static bool wait_aim(struct hm_wait *wait, enum hostmem_result result)
{
    const struct hostmem_backend *backend = wait->waiters->accounting->backend;
    uint32_t milliseconds = wait_allowed(wait, result);
    bool for_lock = result == HOSTMEM_NOT_OWNER;
    uint64_t *deadline = &wait->deadlines[for_lock];

    if (!milliseconds) return false;
    if (!*deadline)
        *deadline = milliseconds == HOSTMEM_FOREVER ? UINT64_MAX : backend->now(backend->context) + milliseconds;
    wait->for_lock = for_lock;
    wait->waited = wait->blocker;
    wait->blocker_cancels = wait_blocker_cancels(wait);
    return true;
}

static bool wait_start(struct hm_wait *wait, enum hostmem_result result)
{
    struct hm_waiters *waiters = wait->waiters;

    if (!wait_aim(wait, result)) return false;
    wait->cancels = load_acquire(&waiters->cancels);
    wait->stage = HM_WAIT_WAITING;
    add_relaxed(&waiters->waits, 1);
    event_begin_wait(&waiters->accounting->released);
    wait->event = load_ordered(&waiters->accounting->released.sequence);
    return true;
}

static bool wait_was_cancelled(const struct hm_wait *wait)
{
    return load_acquire(&wait->waiters->cancels) != wait->cancels ||
           wait_blocker_cancels(wait) != wait->blocker_cancels;
}

/* Milliseconds until the deadline: 0 where it has passed. */
static uint32_t wait_time_left(const struct hm_wait *wait, const struct hostmem_backend *backend)
{
    uint64_t deadline = wait->deadlines[wait->for_lock], now;

    if (deadline == UINT64_MAX) return HOSTMEM_FOREVER;
    now = backend->now(backend->context);
    return now < deadline ? (uint32_t)(deadline - now) : 0;
}

/* Memory that was freed meanwhile may be cached by a heap. Returning it is an event itself, later than the one that the
 * caller has just read. */
static bool wait_trim(const struct hm_wait *wait, enum hostmem_result *result, size_t *decommitted)
{
    if (wait->waiters->trim(wait->waiters->trim_context, decommitted) == HOSTMEM_OK) return true;
    *result = HOSTMEM_BROKEN;
    return false;
}

/* Sleeps; false when the wait is over, with its outcome in *result. */
static bool wait_sleep(struct hm_wait *wait, enum hostmem_result *result)
{
    struct hm_accounting *accounting = wait->waiters->accounting;
    const struct hostmem_backend *backend = accounting->backend;
    bool for_lock = *result == HOSTMEM_NOT_OWNER;
    uint32_t milliseconds;
    size_t decommitted;

    hm_assert_no_lock_is_held();
    if ((wait->for_lock != for_lock || wait->waited != wait->blocker) && !wait_aim(wait, *result)) return false;
    if (wait_was_cancelled(wait))
    {
        *result = HOSTMEM_ABANDONED;
        return false;
    }
    if (!(milliseconds = wait_time_left(wait, backend)))
    {
        if (for_lock) *result = HOSTMEM_TIMEOUT;
        return false;
    }
    backend->wait(backend->context, &accounting->released.sequence, wait->event, milliseconds);
    wait->event = load_ordered(&accounting->released.sequence);
    return for_lock || wait_trim(wait, result, &decommitted);
}

void hm_wait_end(struct hm_wait *wait)
{
    event_end_wait(&wait->waiters->accounting->released);
}

bool hm_wait_more(struct hm_wait *wait, enum hostmem_result *result)
{
    size_t decommitted;

    if (wait->stage == HM_WAIT_WAITING)
    {
        if (wait_sleep(wait, result)) return true;
        hm_wait_end(wait);
        return false;
    }
    if (*result != HOSTMEM_NOT_OWNER && wait->stage == HM_WAIT_FRESH && wait_memory_is_possible(wait))
    {
        wait->stage = HM_WAIT_TRIMMED;
        if (!wait_trim(wait, result, &decommitted)) return false;
        if (decommitted) return true;
    }
    return wait_start(wait, *result);
}
