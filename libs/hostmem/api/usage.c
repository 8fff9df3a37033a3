/*
 * What the watcher of memory pressure goes by, and how it is woken.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/heap.h"

static bool usage_over_soft(struct hm_account *account)
{
    return load_relaxed(&account->charged.now) > load_relaxed(&account->soft);
}

/* A heap that is being created or destroyed right now can wait for the next look. */
static bool usage_heap_over_soft(struct hostmem_manager *manager)
{
    bool over = false;

    if (!spin_try(&manager->heap_lock)) return false;
    for (struct hostmem_heap *heap = manager->heaps; heap && !over; heap = heap->next)
        over = usage_over_soft(&heap->account);
    spin_unlock(&manager->heap_lock);
    return over;
}

void hostmem_manager_usage(struct hostmem_manager *manager, struct hostmem_usage *usage)
{
    *usage = (struct hostmem_usage){
        .charged = load_relaxed(&manager->account.charged.now),
        .hard = load_relaxed(&manager->account.ceilings[HOSTMEM_PROCESS_CRITICAL]),
        .soft = load_relaxed(&manager->account.soft),
        .heap_over_soft = usage_heap_over_soft(manager),
    };
    for (unsigned i = 0; i < SHARD_COUNT; i++)
        for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
            usage->refusals += load_relaxed(&manager->shards[i].refusals[HOSTMEM_CAUSE_LIMIT][level]) +
                               load_relaxed(&manager->shards[i].refusals[HOSTMEM_CAUSE_HEAP_LIMIT][level]);
}

void hostmem_manager_await_pressure(struct hostmem_manager *manager, uint32_t *seen, uint32_t milliseconds)
{
    const struct hostmem_backend *backend = &manager->backend;

    atomic_fetch_add_explicit(&manager->watching, 1, memory_order_seq_cst);
    if (load_ordered(&manager->pressure) == *seen)
        backend->wait(backend->context, &manager->pressure, *seen, milliseconds);
    *seen = load_ordered(&manager->pressure);
    atomic_fetch_sub_explicit(&manager->watching, 1, memory_order_relaxed);
}

void hostmem_manager_wake_monitor(struct hostmem_manager *manager)
{
    atomic_fetch_add_explicit(&manager->pressure, 1, memory_order_seq_cst);
    if (load_ordered(&manager->watching)) manager->backend.wake(manager->backend.context, &manager->pressure);
}
