/*
 * A manager's accounting: its charge, the counts of its calls, whether it still serves calls, and the events that a
 * change of the charge raises.
 *
 * Every byte is charged before it is committed, and its charge is freed after it was decommitted. Lock-free.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_ACCOUNTING_H
#define CLRMEM_HOSTMEM_ACCOUNTING_H

#include "hostmem/account/charge.h"
#include "hostmem/account/statistics.h"
#include "hostmem/base/event.h"

/* One thread's share of the counters; threads may share one. Only the sum over all shards has a meaning. */
struct hm_call_counts
{
    _Alignas(CACHE_LINE) _Atomic uint64_t results[HOSTMEM_METHOD_COUNT][HOSTMEM_RESULT_COUNT];
    _Atomic uint64_t refusals[HOSTMEM_CAUSE_COUNT][HOSTMEM_CRITICAL_LEVEL_COUNT];
};

struct hm_accounting
{
    const struct hostmem_backend *backend;
    _Atomic uint32_t stopped;  /* shut down, or found broken */
    struct hm_event released;  /* memory or a lock was released */
    struct hm_account account; /* regions and heaps */
    struct hm_event pressure;  /* a charge above a soft limit, a refusal */
    struct hm_call_counts calls[SHARD_COUNT];
};

/* pre: the memory is zeroed */
void hm_accounting_init(struct hm_accounting *accounting, const struct hostmem_backend *backend);

/* --- the stopped state ---------------------------------------------------- */

static inline bool accounting_serving(const struct hm_accounting *accounting)
{
    return !load_relaxed(&((struct hm_accounting *)accounting)->stopped);
}

/* From now on calls are HOSTMEM_UNAVAILABLE; waiting ones are woken. Idempotent. */
void hm_accounting_stop(struct hm_accounting *accounting);

/* The manager's records are inconsistent, so it stops. HOSTMEM_BROKEN for the caller that stops it by this,
 * HOSTMEM_UNAVAILABLE if it had stopped before. */
enum hostmem_result hm_accounting_break(struct hm_accounting *accounting);

/* Checks the backend's answer to the release of a base that it had returned. Answers that contradict the records stop
 * the manager, as hm_accounting_break; others are returned as they are. */
enum hostmem_result hm_accounting_check_release(struct hm_accounting *accounting, enum hostmem_result result);

/* --- charges -------------------------------------------------------------- */

/* Charges `bytes` to the manager, and first to the heap's account unless that is NULL. HOSTMEM_LIMIT,
 * HOSTMEM_HEAP_LIMIT: refused, nothing charged. Never waits. */
enum hostmem_result hm_charge_take(struct hm_accounting *accounting, struct hm_account *heap, uint64_t bytes,
                                   enum hostmem_critical_level level);
/* Frees a charge, and wakes calls that wait for one. */
void hm_charge_free(struct hm_accounting *accounting, struct hm_account *heap, uint64_t bytes);

/* Whether a request of `bytes` could be met if nothing else were charged. `heap` as above. */
bool hm_charge_is_possible(struct hm_accounting *accounting, struct hm_account *heap, uint64_t bytes,
                           enum hostmem_critical_level level);

/* Wakes calls that wait for a charge or a lock, if there are any. */
static inline void accounting_signal_released(struct hm_accounting *accounting)
{
    event_signal(&accounting->released, accounting->backend);
}

/* Sets the limits of the manager's account or of a heap's, as hm_account_set_limits, and wakes the calls and the monitor
 * that they concern. */
enum hostmem_result hm_accounting_set_limits(struct hm_accounting *accounting, struct hm_account *account,
                                             const struct hostmem_limits *limits);

/* --- the monitor of memory pressure ---------------------------------------- */

/* Wakes the monitor. */
void hm_accounting_post_pressure(struct hm_accounting *accounting);

/* Sleeps until pressure was posted since the call that stored *seen, or for `milliseconds`. */
void hm_accounting_await_pressure(struct hm_accounting *accounting, uint32_t *seen, uint32_t milliseconds);

/* The manager's charge, limits and refusals; not the heaps' part. */
void hm_accounting_usage(struct hm_accounting *accounting, struct hostmem_usage *usage);

/* --- call_counts.c: counting calls ----------------------------------------- */

/* Counts a call in a shard; its result. */
enum hostmem_result hm_calls_count(struct hm_call_counts *calls, enum hostmem_method method,
                                   enum hostmem_result result);

/* Counts a call that requested memory at a level: also among the refusals, where it was refused. */
enum hostmem_result hm_calls_count_request(struct hm_accounting *accounting, struct hm_call_counts *calls,
                                           enum hostmem_method method, enum hostmem_critical_level level,
                                           enum hostmem_result result);

/* An amount and its peak, which follows the amount a moment later. */
uint64_t hm_gauge_read(struct hm_gauge *gauge, uint64_t *peak);

/* Adds the results, the refusals and the charge to *out. */
void hm_accounting_statistics(struct hm_accounting *accounting, struct hostmem_statistics *out);

/* Fills in the sums over the results, once all results are there. */
void hm_statistics_sum_calls(struct hostmem_statistics *out);

#endif
