/*
 * Charges: committed bytes counted against a limit.
 *
 * Every byte is charged before it is committed and given back after it was decommitted, and no charge goes above
 * its account's ceiling even for a moment, so that no number of threads can pass a limit together. Lock-free.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_CHARGE_H
#define CLRMEM_HOSTMEM_CHARGE_H

#include "hostmem/api/hostmem.h"
#include "hostmem/base/counters.h"

/* The charge of a manager, or of a heap, and what bounds it. */
struct hm_account
{
    struct hm_gauge charged;                                 /* bytes */
    _Atomic uint64_t ceilings[HOSTMEM_CRITICAL_LEVEL_COUNT]; /* bytes, by level; the last is the hard limit */
    _Atomic uint64_t soft;                                   /* bytes */
    _Atomic uint32_t sequence;                               /* odd while the limits are being set */
};

/* No limits. pre: the memory is zeroed */
void hm_account_init(struct hm_account *account);

/* HOSTMEM_INVALID_PARAMETER, and nothing changed, for limits that contradict themselves. */
enum hostmem_result hm_account_set_limits(struct hm_account *account, const struct hostmem_backend *backend,
                                          const struct hostmem_limits *limits);
void hm_account_get_limits(struct hm_account *account, const struct hostmem_backend *backend,
                           struct hostmem_limits *limits);

/* Charges `bytes` to the manager, and first to the heap's account unless that is NULL. HOSTMEM_LIMIT,
 * HOSTMEM_HEAP_LIMIT: refused, nothing charged. Waits for nothing, takes no lock. */
enum hostmem_result hm_charge_take(struct hostmem_manager *manager, struct hm_account *heap, uint64_t bytes,
                                   enum hostmem_critical_level level);
void hm_charge_give(struct hostmem_manager *manager, struct hm_account *heap, uint64_t bytes);

/* Whether a request of `bytes` could be met at all, were nothing else charged. `heap` as above. */
bool hm_charge_is_possible(struct hostmem_manager *manager, struct hm_account *heap, uint64_t bytes,
                           enum hostmem_critical_level level);

/* Wakes those who wait for a charge or a lock to go, if there are any. */
void hm_charge_wake(struct hostmem_manager *manager);

#endif
