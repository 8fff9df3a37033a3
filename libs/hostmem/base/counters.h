/*
 * Counting without contention: gauges that keep their peak, and the shard of counters that a thread uses. Readers add
 * up all shards.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_COUNTERS_H
#define CLRMEM_HOSTMEM_COUNTERS_H

#include "hostmem/base/atomics.h"
#include "hostmem/base/backend.h"
#include "hostmem/base/memory.h"

#define SHARD_BITS  4
#define SHARD_COUNT (1u << SHARD_BITS) /* 16 */

/* An amount that is exact at every moment, and its highest value so far. */
struct hm_gauge
{
    _Atomic uint64_t now;
    _Atomic uint64_t peak;
};

static inline void gauge_raise_peak(struct hm_gauge *gauge, uint64_t now)
{
    uint64_t peak = load_relaxed(&gauge->peak);

    while (now > peak && !cas_weak(&gauge->peak, &peak, now)) continue;
}

static inline void gauge_add(struct hm_gauge *gauge, uint64_t amount)
{
    gauge_raise_peak(gauge, add_relaxed(&gauge->now, amount) + amount);
}

static inline void gauge_sub(struct hm_gauge *gauge, uint64_t amount)
{
    sub_relaxed(&gauge->now, amount);
}

/* The shard for a thread hint: a multiplicative hash. Hints come in steps (consecutive ids, Wine's ids, which are
 * multiples of 4, addresses of thread control blocks). This multiplier gives eight threads that are one step apart
 * eight different shards, for all steps that were seen. */
static inline unsigned shard_of(uintptr_t hint)
{
    return ((uint32_t)hint * UINT32_C(0xb13ec4ed)) >> (32 - SHARD_BITS);
}

/* The calling thread's shard. */
static inline unsigned shard_index(const struct hostmem_backend *backend)
{
    return shard_of(backend->thread_hint(backend->context));
}

#endif
