/*
 * Accounts and their ceilings.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "heap.h"

void hostmem_account_init(struct hostmem_account *account)
{
    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
        store_relaxed(&account->ceilings[level], HOSTMEM_NO_LIMIT);
    store_relaxed(&account->soft, HOSTMEM_NO_LIMIT);
}

/* Requests go by one ceiling each, and do not care; but who asks for the limits gets those of one call. */
static uint32_t account_begin_setting(struct hostmem_account *account)
{
    uint32_t sequence = load_relaxed(&account->sequence) & ~UINT32_C(1);

    while (!cas_ordered(&account->sequence, &sequence, sequence + 1)) sequence &= ~UINT32_C(1);
    return sequence + 2;
}

enum hostmem_result hostmem_account_set_limits(struct hostmem_account *account, const struct hostmem_limits *limits)
{
    uint64_t hard = limits->hard;
    uint32_t sequence;

    if (limits->soft > hard) return HOSTMEM_INVALID_PARAMETER;
    if (limits->process_reserve > hard || limits->appdomain_reserve > hard - limits->process_reserve)
        return HOSTMEM_INVALID_PARAMETER;
    sequence = account_begin_setting(account);
    store_ordered(&account->ceilings[HOSTMEM_PROCESS_CRITICAL], hard);
    hard -= limits->process_reserve;
    store_ordered(&account->ceilings[HOSTMEM_APPDOMAIN_CRITICAL], hard);
    hard -= limits->appdomain_reserve;
    store_ordered(&account->ceilings[HOSTMEM_TASK_CRITICAL], hard);
    store_ordered(&account->soft, limits->soft);
    store_ordered(&account->sequence, sequence);
    return HOSTMEM_OK;
}

void hostmem_account_get_limits(struct hostmem_account *account, struct hostmem_limits *limits)
{
    uint64_t task, appdomain;
    uint32_t sequence;

    do
    {
        sequence = load_ordered(&account->sequence);
        task = load_ordered(&account->ceilings[HOSTMEM_TASK_CRITICAL]);
        appdomain = load_ordered(&account->ceilings[HOSTMEM_APPDOMAIN_CRITICAL]);
        limits->hard = load_ordered(&account->ceilings[HOSTMEM_PROCESS_CRITICAL]);
        limits->soft = load_ordered(&account->soft);
    } while ((sequence & 1) || load_ordered(&account->sequence) != sequence);
    limits->process_reserve = limits->hard - appdomain;
    limits->appdomain_reserve = appdomain - task;
}

/* False where the charge would pass the ceiling. *crossed_soft: it went above the soft limit by this. */
static bool account_take(struct hostmem_account *account, uint64_t bytes, enum hostmem_critical_level level,
                         bool *crossed_soft)
{
    uint64_t ceiling = load_relaxed(&account->ceilings[level]), soft = load_relaxed(&account->soft);
    uint64_t now = load_relaxed(&account->charged.now);

    do
    {
        if (bytes > ceiling || now > ceiling - bytes) return false;
    } while (!cas_weak(&account->charged.now, &now, now + bytes));
    gauge_raise_peak(&account->charged, now + bytes);
    if (now <= soft && now + bytes > soft) *crossed_soft = true;
    return true;
}

enum hostmem_result hostmem_charge_take(struct hostmem_manager *manager, struct hostmem_account *heap, uint64_t bytes,
                                        enum hostmem_critical_level level)
{
    bool crossed_soft = false;

    if (heap && !account_take(heap, bytes, level, &crossed_soft)) return HOSTMEM_HEAP_LIMIT;
    if (!account_take(&manager->account, bytes, level, &crossed_soft))
    {
        if (heap) gauge_sub(&heap->charged, bytes);
        return HOSTMEM_LIMIT;
    }
    if (crossed_soft) hostmem_manager_nudge(manager);
    return HOSTMEM_OK;
}

void hostmem_charge_give(struct hostmem_manager *manager, struct hostmem_account *heap, uint64_t bytes)
{
    if (!bytes) return;
    if (heap) gauge_sub(&heap->charged, bytes);
    /* Ordered before the look for waiters, as theirs at the charge is ordered after they said that they wait. */
    atomic_fetch_sub_explicit(&manager->account.charged.now, bytes, memory_order_seq_cst);
    hostmem_charge_wake(manager);
}

bool hostmem_charge_is_possible(struct hostmem_manager *manager, struct hostmem_account *heap, uint64_t bytes,
                                enum hostmem_critical_level level)
{
    if (heap && bytes > load_relaxed(&heap->ceilings[level])) return false;
    return bytes <= load_relaxed(&manager->account.ceilings[level]);
}

void hostmem_charge_wake(struct hostmem_manager *manager)
{
    if (!load_ordered(&manager->waiting)) return;
    atomic_fetch_add_explicit(&manager->events, 1, memory_order_seq_cst);
    manager->backend.wake(manager->backend.context, &manager->events);
}

enum hostmem_result hostmem_manager_set_limits(struct hostmem_manager *manager, const struct hostmem_limits *limits)
{
    enum hostmem_result result = hostmem_account_set_limits(&manager->account, limits);

    if (result != HOSTMEM_OK) return result;
    hostmem_charge_wake(manager);
    hostmem_manager_nudge(manager);
    return HOSTMEM_OK;
}

void hostmem_manager_get_limits(struct hostmem_manager *manager, struct hostmem_limits *limits)
{
    hostmem_account_get_limits(&manager->account, limits);
}

enum hostmem_result hostmem_heap_set_limits(struct hostmem_heap *heap, const struct hostmem_limits *limits)
{
    enum hostmem_result result = hostmem_account_set_limits(&heap->account, limits);

    if (result != HOSTMEM_OK) return result;
    hostmem_charge_wake(heap->manager);
    hostmem_manager_nudge(heap->manager);
    return HOSTMEM_OK;
}

void hostmem_heap_get_limits(struct hostmem_heap *heap, struct hostmem_limits *limits)
{
    hostmem_account_get_limits(&heap->account, limits);
}
