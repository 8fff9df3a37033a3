/*
 * An account: the committed bytes of a manager or of a heap, and the limits on them.
 *
 * No charge goes above a ceiling of its account even for a moment, so no number of threads can pass a limit together.
 * Lock-free.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_CHARGE_H
#define CLRMEM_HOSTMEM_CHARGE_H

#include "hostmem/account/limits.h"
#include "hostmem/base/counters.h"

struct hm_account
{
    struct hm_gauge charged;                                 /* bytes */
    _Atomic uint64_t ceilings[HOSTMEM_CRITICAL_LEVEL_COUNT]; /* bytes, by level; the last is the hard limit */
    _Atomic uint64_t soft;                                   /* bytes */
    _Atomic uint32_t sequence;                               /* odd while a thread sets the limits */
};

/* No limits. pre: the memory is zeroed */
void hm_account_init(struct hm_account *account);

/* HOSTMEM_INVALID_PARAMETER, and nothing changed, for inconsistent limits. */
enum hostmem_result hm_account_set_limits(struct hm_account *account, const struct hostmem_backend *backend,
                                          const struct hostmem_limits *limits);
void hm_account_get_limits(struct hm_account *account, const struct hostmem_backend *backend,
                           struct hostmem_limits *limits);

/* The most that a request of that level may take the charge to, in bytes. */
uint64_t hm_account_ceiling(struct hm_account *account, enum hostmem_critical_level level);

/* Charges `bytes`; false, and nothing charged, where they would pass the ceiling of the level. *crossed_soft becomes
 * true where this took the charge above the soft limit. */
bool hm_account_take(struct hm_account *account, uint64_t bytes, enum hostmem_critical_level level, bool *crossed_soft);

/* Takes `bytes` off the charge. Ordered before a later look for waiting threads, whose attempt at a charge is ordered
 * after they counted themselves as waiting. pre: they are charged */
void hm_account_free(struct hm_account *account, uint64_t bytes);

bool hm_account_is_over_soft(struct hm_account *account);

#endif
