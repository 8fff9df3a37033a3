/*
 * Counting calls, and adding the counts up.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/account/accounting.h"

enum hostmem_result hm_calls_count(struct hm_call_counts *calls, enum hostmem_method method, enum hostmem_result result)
{
    add_relaxed(&calls->results[method][(unsigned)result < HOSTMEM_RESULT_COUNT ? result : HOSTMEM_BROKEN], 1);
    return result;
}

enum hostmem_result hm_calls_count_request(struct hm_accounting *accounting, struct hm_call_counts *calls,
                                           enum hostmem_method method, enum hostmem_critical_level level,
                                           enum hostmem_result result)
{
    switch (result)
    {
    case HOSTMEM_LIMIT:
        add_relaxed(&calls->refusals[HOSTMEM_CAUSE_LIMIT][level], 1);
        break;
    case HOSTMEM_HEAP_LIMIT:
        add_relaxed(&calls->refusals[HOSTMEM_CAUSE_HEAP_LIMIT][level], 1);
        break;
    case HOSTMEM_NO_MEMORY:
        add_relaxed(&calls->refusals[HOSTMEM_CAUSE_SYSTEM][level], 1);
        break;
    default:
        break;
    }
    /* After the count, which the monitor reads once it is awake. */
    if (result == HOSTMEM_LIMIT || result == HOSTMEM_HEAP_LIMIT) hm_accounting_post_pressure(accounting);
    return hm_calls_count(calls, method, result);
}

uint64_t hm_gauge_read(struct hm_gauge *gauge, uint64_t *peak)
{
    uint64_t now = load_relaxed(&gauge->now);

    *peak = load_relaxed(&gauge->peak);
    if (*peak < now) *peak = now;
    return now;
}

static void statistics_add_shard(struct hostmem_statistics *out, struct hm_call_counts *calls)
{
    for (unsigned method = 0; method < HOSTMEM_METHOD_COUNT; method++)
        for (unsigned result = 0; result < HOSTMEM_RESULT_COUNT; result++)
            out->results[method][result] += load_relaxed(&calls->results[method][result]);
    for (unsigned cause = 0; cause < HOSTMEM_CAUSE_COUNT; cause++)
        for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
            out->refusals[cause][level] += load_relaxed(&calls->refusals[cause][level]);
}

void hm_accounting_statistics(struct hm_accounting *accounting, struct hostmem_statistics *out)
{
    for (unsigned i = 0; i < SHARD_COUNT; i++) statistics_add_shard(out, &accounting->calls[i]);
    out->charged = hm_gauge_read(&accounting->account.charged, &out->peak_charged);
}

void hm_statistics_sum_calls(struct hostmem_statistics *out)
{
    for (unsigned method = 0; method < HOSTMEM_METHOD_COUNT; method++)
    {
        for (unsigned result = 0; result < HOSTMEM_RESULT_COUNT; result++)
            out->calls[method] += out->results[method][result];
        out->failures[method] = out->calls[method] - out->results[method][HOSTMEM_OK];
    }
    out->refused_frees = out->results[HOSTMEM_METHOD_VIRTUAL_FREE][HOSTMEM_NOT_OWNED] +
                         out->results[HOSTMEM_METHOD_FREE][HOSTMEM_NOT_OWNED];
}
