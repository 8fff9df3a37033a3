/*
 * The spin lock of the heaps' slow paths. debug.h says in which order locks are taken.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_SPIN_H
#define CLRMEM_HOSTMEM_SPIN_H

#include "hostmem/base/atomics.h"
#include "hostmem/base/backend.h"
#include "hostmem/base/debug.h"

#define SPIN_TRIES 100 /* pauses before the first yield: about as long as the lock is held without a backend call */

struct hm_spin
{
    _Atomic uint32_t held; /* 0 or 1 */
    uint32_t rank;         /* enum hm_lock_rank */
};

static inline void spin_init(struct hm_spin *spin, enum hm_lock_rank rank)
{
    spin->rank = rank;
}

static inline void spin_lock(struct hm_spin *spin, const struct hostmem_backend *backend)
{
    hm_debug_lock_wait(spin, spin->rank);
    for (unsigned tries = 0; atomic_exchange_explicit(&spin->held, 1, memory_order_acquire); tries++)
    {
        while (load_relaxed(&spin->held))
        {
            if (tries < SPIN_TRIES)
            {
#if defined(__i386__) || defined(__x86_64__)
                __builtin_ia32_pause();
#endif
                tries++;
            }
            else
                backend->yield(backend->context);
        }
    }
    hm_debug_lock_taken(spin, spin->rank);
}

/* False where another thread holds it. Never waits. */
static inline bool spin_try(struct hm_spin *spin)
{
    if (atomic_exchange_explicit(&spin->held, 1, memory_order_acquire)) return false;
    hm_debug_lock_taken(spin, spin->rank);
    return true;
}

/* pre: the calling thread holds the lock */
static inline void spin_unlock(struct hm_spin *spin)
{
    hm_debug_lock_freed(spin);
    store_release(&spin->held, 0);
}

#define hm_assert_held(spin)        hm_assert(hm_debug_lock_is_held(spin))
#define hm_assert_no_lock_is_held() hm_assert(!hm_debug_lock_is_held(NULL))

#endif
