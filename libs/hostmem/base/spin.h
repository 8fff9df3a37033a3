/*
 * The spin lock of the heaps' slow paths.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_SPIN_H
#define CLRMEM_HOSTMEM_SPIN_H

#include "hostmem/base/atomics.h"
#include "hostmem/base/backend.h"

#define SPIN_TRIES 100 /* pauses before the first yield: about as long as the lock is held without a backend call */

struct hm_spin
{
    _Atomic uint32_t held; /* 0 or 1 */
};

static inline void spin_lock(struct hm_spin *spin, const struct hostmem_backend *backend)
{
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
}

/* False where somebody has it: nobody is waited for. */
static inline bool spin_try(struct hm_spin *spin)
{
    return !atomic_exchange_explicit(&spin->held, 1, memory_order_acquire);
}

static inline void spin_unlock(struct hm_spin *spin)
{
    store_release(&spin->held, 0);
}

#endif
