/*
 * Included before a source of the core: its spin locks exclude other threads but order no memory accesses. It works on
 * most machines and nothing crashes; only ThreadSanitizer can find the fault, and must.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_TESTS_UNORDERED_H
#define CLRMEM_TESTS_UNORDERED_H

#include "hostmem/base/spin.h"

static inline void unordered_lock(struct hm_spin *spin, const struct hostmem_backend *backend)
{
    hm_debug_lock_wait(spin, spin->rank);
    while (atomic_exchange_explicit(&spin->held, 1, memory_order_relaxed)) backend->yield(backend->context);
    hm_debug_lock_taken(spin, spin->rank);
}

static inline void unordered_unlock(struct hm_spin *spin)
{
    hm_debug_lock_freed(spin);
    store_relaxed(&spin->held, 0);
}

#define spin_lock(spin, backend) unordered_lock(spin, backend)
#define spin_unlock(spin)        unordered_unlock(spin)

#endif
