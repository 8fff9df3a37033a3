/*
 * Accounts and their ceilings.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/heap.h"

#define SETTING_TRIES 1000000 /* yields to a thread that is setting the same limits: some tenths of a second */

void hm_account_init(struct hm_account *account)
{
    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
        store_relaxed(&account->ceilings[level], HOSTMEM_NO_LIMIT);
    store_relaxed(&account->soft, HOSTMEM_NO_LIMIT);
}

/* Who asks for the limits gets those of one call. A setter that is suspended holds nobody up for long, though: then what
 * two of them set may mix, but for the hard limit, which bounds every level. False: the sequence is not to be ended. */
static bool account_begin_setting(struct hm_account *account, const struct hostmem_backend *backend, uint32_t *sequence)
{
    *sequence = load_relaxed(&account->sequence) & ~UINT32_C(1);
    for (unsigned tries = 0; tries < SETTING_TRIES; tries++)
    {
        if (cas_ordered(&account->sequence, sequence, *sequence + 1)) return true;
        *sequence &= ~UINT32_C(1);
        backend->yield(backend->context);
    }
    return false;
}

static uint64_t account_ceiling(struct hm_account *account, enum hostmem_critical_level level)
{
    uint64_t ceiling = load_relaxed(&account->ceilings[level]);
    uint64_t hard = load_relaxed(&account->ceilings[HOSTMEM_PROCESS_CRITICAL]);

    return ceiling < hard ? ceiling : hard;
}

enum hostmem_result hm_account_set_limits(struct hm_account *account, const struct hostmem_backend *backend,
                                          const struct hostmem_limits *limits)
{
    uint64_t hard = limits->hard;
    uint32_t sequence;
    bool alone;

    if (limits->soft > hard) return HOSTMEM_INVALID_PARAMETER;
    if (limits->process_reserve > hard || limits->appdomain_reserve > hard - limits->process_reserve)
        return HOSTMEM_INVALID_PARAMETER;
    alone = account_begin_setting(account, backend, &sequence);
    store_ordered(&account->ceilings[HOSTMEM_PROCESS_CRITICAL], hard);
    hard -= limits->process_reserve;
    store_ordered(&account->ceilings[HOSTMEM_APPDOMAIN_CRITICAL], hard);
    hard -= limits->appdomain_reserve;
    store_ordered(&account->ceilings[HOSTMEM_TASK_CRITICAL], hard);
    store_ordered(&account->soft, limits->soft);
    if (alone) store_ordered(&account->sequence, sequence + 2);
    return HOSTMEM_OK;
}

/* Whether to read the limits again, which somebody was setting. */
static bool account_was_being_set(struct hm_account *account, const struct hostmem_backend *backend, uint32_t sequence)
{
    if (!(sequence & 1) && load_ordered(&account->sequence) == sequence) return false;
    backend->yield(backend->context);
    return true;
}

void hm_account_get_limits(struct hm_account *account, const struct hostmem_backend *backend,
                           struct hostmem_limits *limits)
{
    uint64_t task, appdomain;
    uint32_t sequence;
    unsigned tries = 0;

    /* A setter may be suspended: then what it has set so far will have to do. */
    do
    {
        sequence = load_ordered(&account->sequence);
        task = load_ordered(&account->ceilings[HOSTMEM_TASK_CRITICAL]);
        appdomain = load_ordered(&account->ceilings[HOSTMEM_APPDOMAIN_CRITICAL]);
        limits->hard = load_ordered(&account->ceilings[HOSTMEM_PROCESS_CRITICAL]);
        limits->soft = load_ordered(&account->soft);
    } while (account_was_being_set(account, backend, sequence) && ++tries < SETTING_TRIES);
    if (appdomain > limits->hard) appdomain = limits->hard;
    if (task > appdomain) task = appdomain;
    limits->process_reserve = limits->hard - appdomain;
    limits->appdomain_reserve = appdomain - task;
}

/* False where the charge would pass the ceiling. *crossed_soft: it went above the soft limit by this. */
static bool account_take(struct hm_account *account, uint64_t bytes, enum hostmem_critical_level level,
                         bool *crossed_soft)
{
    uint64_t ceiling = account_ceiling(account, level), soft = load_relaxed(&account->soft);
    uint64_t now = load_relaxed(&account->charged.now);

    do
    {
        if (bytes > ceiling || now > ceiling - bytes) return false;
    } while (!cas_weak(&account->charged.now, &now, now + bytes));
    gauge_raise_peak(&account->charged, now + bytes);
    if (now <= soft && now + bytes > soft) *crossed_soft = true;
    return true;
}

enum hostmem_result hm_charge_take(struct hostmem_manager *manager, struct hm_account *heap, uint64_t bytes,
                                   enum hostmem_critical_level level)
{
    bool crossed_soft = false;

    if (heap && !account_take(heap, bytes, level, &crossed_soft)) return HOSTMEM_HEAP_LIMIT;
    if (!account_take(&manager->account, bytes, level, &crossed_soft))
    {
        if (heap)
        {
            /* Somebody may have been refused for what was charged here for a moment. */
            atomic_fetch_sub_explicit(&heap->charged.now, bytes, memory_order_seq_cst);
            hm_charge_wake(manager);
        }
        return HOSTMEM_LIMIT;
    }
    if (crossed_soft) hostmem_manager_wake_monitor(manager);
    return HOSTMEM_OK;
}

void hm_charge_give(struct hostmem_manager *manager, struct hm_account *heap, uint64_t bytes)
{
    if (!bytes) return;
    if (heap) gauge_sub(&heap->charged, bytes);
    /* Ordered before the look for waiters, as theirs at the charge is ordered after they said that they wait. */
    atomic_fetch_sub_explicit(&manager->account.charged.now, bytes, memory_order_seq_cst);
    hm_charge_wake(manager);
}

bool hm_charge_is_possible(struct hostmem_manager *manager, struct hm_account *heap, uint64_t bytes,
                           enum hostmem_critical_level level)
{
    if (heap && bytes > account_ceiling(heap, level)) return false;
    return bytes <= account_ceiling(&manager->account, level);
}

void hm_charge_wake(struct hostmem_manager *manager)
{
    if (!load_ordered(&manager->waiting)) return;
    atomic_fetch_add_explicit(&manager->events, 1, memory_order_seq_cst);
    manager->backend.wake(manager->backend.context, &manager->events);
}

enum hostmem_result hostmem_manager_set_limits(struct hostmem_manager *manager, const struct hostmem_limits *limits)
{
    enum hostmem_result result = hm_account_set_limits(&manager->account, &manager->backend, limits);

    if (result != HOSTMEM_OK) return result;
    hm_charge_wake(manager);
    hostmem_manager_wake_monitor(manager);
    return HOSTMEM_OK;
}

void hostmem_manager_get_limits(struct hostmem_manager *manager, struct hostmem_limits *limits)
{
    hm_account_get_limits(&manager->account, &manager->backend, limits);
}

enum hostmem_result hostmem_heap_set_limits(struct hostmem_heap *heap, const struct hostmem_limits *limits)
{
    enum hostmem_result result = hm_account_set_limits(&heap->account, &heap->manager->backend, limits);

    if (result != HOSTMEM_OK) return result;
    hm_charge_wake(heap->manager);
    hostmem_manager_wake_monitor(heap->manager);
    return HOSTMEM_OK;
}

void hostmem_heap_get_limits(struct hostmem_heap *heap, struct hostmem_limits *limits)
{
    hm_account_get_limits(&heap->account, &heap->manager->backend, limits);
}
