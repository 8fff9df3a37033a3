/*
 * How a call waits.
 *
 * The waiter says that it waits, reads the event, tries once more, and only then sleeps on the event it read; who
 * gives something back changes the event if somebody waits. So nothing given back between is missed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/region/wait.h"
#include "hostmem/region/region.h"

static bool patience_is_possible(const struct hm_wait *patience)
{
    return hm_charge_is_possible(patience->manager, patience->heap, patience->bytes, patience->level);
}

/* Milliseconds this result may be waited for. */
static uint32_t patience_wait(const struct hm_wait *patience, enum hostmem_result result)
{
    if (result == HOSTMEM_NOT_OWNER) return patience->lock_wait;
    if (!patience_is_possible(patience)) return 0;
    return load_relaxed(&patience->manager->memory_waits[patience->level]);
}

static uint32_t patience_region_cancels(const struct hm_wait *patience)
{
    return patience->blocker ? load_acquire(&patience->blocker->cancels) : 0;
}

/* Begins to wait for memory or for a lock, or goes on after the other of them; false where that is not to be waited
 * for. Each has its own time, which runs from when it was first waited for. */
static bool patience_turn(struct hm_wait *patience, enum hostmem_result result)
{
    struct hostmem_manager *manager = patience->manager;
    uint32_t milliseconds = patience_wait(patience, result);
    bool for_lock = result == HOSTMEM_NOT_OWNER;
    uint64_t *deadline = &patience->deadlines[for_lock];

    if (!milliseconds) return false;
    if (!*deadline)
        *deadline = milliseconds == HOSTMEM_FOREVER ? UINT64_MAX
                                                    : manager->backend.now(manager->backend.context) + milliseconds;
    patience->for_lock = for_lock;
    patience->waited = patience->blocker;
    patience->region_cancels = patience_region_cancels(patience);
    return true;
}

static bool patience_start(struct hm_wait *patience, enum hostmem_result result)
{
    struct hostmem_manager *manager = patience->manager;

    if (!patience_turn(patience, result)) return false;
    patience->cancels = load_acquire(&manager->cancels);
    patience->stage = PATIENCE_WAITING;
    add_relaxed(&manager->waits, 1);
    atomic_fetch_add_explicit(&manager->waiting, 1, memory_order_seq_cst);
    patience->event = load_ordered(&manager->events);
    return true;
}

/* Sleeps; false when the waiting is over, and *result says how. */
static bool patience_sleep(struct hm_wait *patience, enum hostmem_result *result)
{
    struct hostmem_manager *manager = patience->manager;
    const struct hostmem_backend *backend = &manager->backend;
    uint32_t milliseconds = HOSTMEM_FOREVER;
    uint64_t deadline;

    if ((patience->for_lock != (*result == HOSTMEM_NOT_OWNER) || patience->waited != patience->blocker) &&
        !patience_turn(patience, *result))
        return false;
    if (load_acquire(&manager->cancels) != patience->cancels ||
        patience_region_cancels(patience) != patience->region_cancels)
    {
        *result = HOSTMEM_ABANDONED;
        return false;
    }
    deadline = patience->deadlines[patience->for_lock];
    if (deadline != UINT64_MAX)
    {
        uint64_t now = backend->now(backend->context);

        if (now >= deadline)
        {
            if (*result == HOSTMEM_NOT_OWNER) *result = HOSTMEM_TIMEOUT;
            return false;
        }
        milliseconds = (uint32_t)(deadline - now);
    }
    backend->wait(backend->context, &manager->events, patience->event, milliseconds);
    patience->event = load_ordered(&manager->events);
    /* What was freed meanwhile may be idle in some heap. Giving it back is an event itself, after the one just read. */
    if (*result != HOSTMEM_NOT_OWNER && hm_heaps_trim(manager).broken)
    {
        *result = HOSTMEM_BROKEN;
        return false;
    }
    return true;
}

void hm_wait_end(struct hm_wait *patience)
{
    atomic_fetch_sub_explicit(&patience->manager->waiting, 1, memory_order_relaxed);
}

bool hm_wait_more(struct hm_wait *patience, enum hostmem_result *result)
{
    struct hostmem_manager *manager = patience->manager;
    struct hm_trimmed trimmed;

    if (patience->stage == PATIENCE_WAITING)
    {
        if (patience_sleep(patience, result)) return true;
        hm_wait_end(patience);
        return false;
    }
    if (*result != HOSTMEM_NOT_OWNER && patience->stage == PATIENCE_FRESH && patience_is_possible(patience))
    {
        patience->stage = PATIENCE_TRIMMED;
        trimmed = hm_heaps_trim(manager);
        if (trimmed.broken) *result = HOSTMEM_BROKEN;
        if (trimmed.broken || trimmed.decommitted) return !trimmed.broken;
    }
    return patience_start(patience, *result);
}

/* --- what others set and send --------------------------------------------- */

void hostmem_manager_set_waits(struct hostmem_manager *manager, const struct hostmem_waits *waits)
{
    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
        store_relaxed(&manager->memory_waits[level], waits->memory[level]);
    store_relaxed(&manager->lock_wait, waits->lock);
}

void hostmem_manager_get_waits(struct hostmem_manager *manager, struct hostmem_waits *waits)
{
    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
        waits->memory[level] = load_relaxed(&manager->memory_waits[level]);
    waits->lock = load_relaxed(&manager->lock_wait);
}

enum hostmem_result hostmem_manager_cancel_waits(struct hostmem_manager *manager, const void *address)
{
    struct hm_region *region = NULL;

    if (address && !(region = hm_region_pin(manager, address))) return HOSTMEM_NOT_OWNED;
    atomic_fetch_add_explicit(region ? &region->cancels : &manager->cancels, 1, memory_order_acq_rel);
    if (region) hm_region_unpin(manager, region);
    hm_charge_wake(manager);
    return HOSTMEM_OK;
}
