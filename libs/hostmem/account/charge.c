/*
 * Ceilings, and charges below them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/account/charge.h"
#include "hostmem/base/debug.h"

#define SETTING_TRIES 1000000 /* yields to a thread that sets the same limits: some tenths of a second */

void hm_account_init(struct hm_account *account)
{
    hm_assert(!load_relaxed(&account->charged.now) && !load_relaxed(&account->sequence));
    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
        store_relaxed(&account->ceilings[level], HOSTMEM_NO_LIMIT);
    store_relaxed(&account->soft, HOSTMEM_NO_LIMIT);
}

/* A reader gets the limits of one call. A setter that is suspended holds other setters up for a short time only: then
 * the limits of two calls may mix, except for the hard limit, which bounds every level. False: the caller does not own
 * the sequence. */
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

uint64_t hm_account_ceiling(struct hm_account *account, enum hostmem_critical_level level)
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

/* Whether another thread set the limits while they were read. */
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

    /* A setter may be suspended: after many tries, a mix of old and new limits is the answer. */
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

bool hm_account_take(struct hm_account *account, uint64_t bytes, enum hostmem_critical_level level, bool *crossed_soft)
{
    uint64_t ceiling = hm_account_ceiling(account, level), soft = load_relaxed(&account->soft);
    uint64_t now = load_relaxed(&account->charged.now);

    do
    {
        if (bytes > ceiling || now > ceiling - bytes) return false;
    } while (!cas_weak(&account->charged.now, &now, now + bytes));
    gauge_raise_peak(&account->charged, now + bytes);
    if (now <= soft && now + bytes > soft) *crossed_soft = true;
    return true;
}

void hm_account_free(struct hm_account *account, uint64_t bytes)
{
    uint64_t before = atomic_fetch_sub_explicit(&account->charged.now, bytes, memory_order_seq_cst);

    hm_assert(before >= bytes);
    (void)before;
}

bool hm_account_is_over_soft(struct hm_account *account)
{
    return load_relaxed(&account->charged.now) > load_relaxed(&account->soft);
}
