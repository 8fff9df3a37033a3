/*
 * Charges to a manager and its heaps, the stopped state, and the events.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/account/accounting.h"
#include "hostmem/base/debug.h"

void hm_accounting_init(struct hm_accounting *accounting, const struct hostmem_backend *backend)
{
    hm_assert(!accounting->backend);
    accounting->backend = backend;
    hm_account_init(&accounting->account);
}

void hm_accounting_stop(struct hm_accounting *accounting)
{
    store_ordered(&accounting->stopped, 1);
    accounting_signal_released(accounting);
    hm_accounting_post_pressure(accounting);
}

enum hostmem_result hm_accounting_break(struct hm_accounting *accounting)
{
    uint32_t serving = 0;

    if (!cas_strong(&accounting->stopped, &serving, 1)) return HOSTMEM_UNAVAILABLE;
    hm_accounting_stop(accounting);
    return HOSTMEM_BROKEN;
}

enum hostmem_result hm_accounting_check_release(struct hm_accounting *accounting, enum hostmem_result result)
{
    switch (result)
    {
    case HOSTMEM_NOT_OWNED:
    case HOSTMEM_INVALID_PARAMETER:
    case HOSTMEM_INVALID_ADDRESS:
        return hm_accounting_break(accounting);
    default:
        return result;
    }
}

enum hostmem_result hm_charge_take(struct hm_accounting *accounting, struct hm_account *heap, uint64_t bytes,
                                   enum hostmem_critical_level level)
{
    bool crossed_soft = false;

    if (heap && !hm_account_take(heap, bytes, level, &crossed_soft)) return HOSTMEM_HEAP_LIMIT;
    if (!hm_account_take(&accounting->account, bytes, level, &crossed_soft))
    {
        if (heap)
        {
            /* Another call may have been refused because of this short charge. */
            hm_account_free(heap, bytes);
            accounting_signal_released(accounting);
        }
        return HOSTMEM_LIMIT;
    }
    if (crossed_soft) hm_accounting_post_pressure(accounting);
    return HOSTMEM_OK;
}

void hm_charge_free(struct hm_accounting *accounting, struct hm_account *heap, uint64_t bytes)
{
    if (!bytes) return;
    if (heap) hm_account_free(heap, bytes);
    hm_account_free(&accounting->account, bytes);
    accounting_signal_released(accounting);
}

bool hm_charge_is_possible(struct hm_accounting *accounting, struct hm_account *heap, uint64_t bytes,
                           enum hostmem_critical_level level)
{
    if (heap && bytes > hm_account_ceiling(heap, level)) return false;
    return bytes <= hm_account_ceiling(&accounting->account, level);
}

enum hostmem_result hm_accounting_set_limits(struct hm_accounting *accounting, struct hm_account *account,
                                             const struct hostmem_limits *limits)
{
    enum hostmem_result result = hm_account_set_limits(account, accounting->backend, limits);

    if (result != HOSTMEM_OK) return result;
    accounting_signal_released(accounting);
    hm_accounting_post_pressure(accounting);
    return HOSTMEM_OK;
}

void hm_accounting_post_pressure(struct hm_accounting *accounting)
{
    event_post(&accounting->pressure, accounting->backend);
}

void hm_accounting_await_pressure(struct hm_accounting *accounting, uint32_t *seen, uint32_t milliseconds)
{
    const struct hostmem_backend *backend = accounting->backend;
    struct hm_event *event = &accounting->pressure;

    event_begin_wait(event);
    if (load_ordered(&event->sequence) == *seen) backend->wait(backend->context, &event->sequence, *seen, milliseconds);
    *seen = load_ordered(&event->sequence);
    event_end_wait(event);
}

void hm_accounting_usage(struct hm_accounting *accounting, struct hostmem_usage *usage)
{
    struct hm_account *account = &accounting->account;

    *usage = (struct hostmem_usage){
        .charged = load_relaxed(&account->charged.now),
        .hard = load_relaxed(&account->ceilings[HOSTMEM_PROCESS_CRITICAL]),
        .soft = load_relaxed(&account->soft),
    };
    for (unsigned i = 0; i < SHARD_COUNT; i++)
        for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
            usage->refusals += load_relaxed(&accounting->calls[i].refusals[HOSTMEM_CAUSE_LIMIT][level]) +
                               load_relaxed(&accounting->calls[i].refusals[HOSTMEM_CAUSE_HEAP_LIMIT][level]);
}
