/*
 * Counting without contention: gauges that know their peak, and counters spread
 * over shards that are summed when somebody asks.
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

/* An amount that is exact at every moment, and the most it ever was. */
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

/* The calling thread's shard. Hints are addresses or small multiples: multiplying by the golden ratio spreads both. */
static inline unsigned shard_index(const struct hostmem_backend *backend)
{
    uint32_t hint = (uint32_t)(backend->thread_hint(backend->context) >> 2);

    return (hint * UINT32_C(2654435769)) >> (32 - SHARD_BITS);
}

#endif
