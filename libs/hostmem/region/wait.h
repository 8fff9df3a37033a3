/*
 * Waiting instead of refusing: for a limit to give way, or for a locked region.
 *
 * A call that may wait is made again and again, holding nothing in between:
 *     do result = attempt(..., &patience); while (hm_wait_again(&patience, &result));
 * What cannot be waited for costs nothing.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_PATIENCE_H
#define CLRMEM_HOSTMEM_PATIENCE_H

#include "hostmem/api/manager.h"

enum patience_stage
{
    PATIENCE_FRESH,
    PATIENCE_TRIMMED, /* idle memory was given back for it */
    PATIENCE_WAITING
};

struct hm_wait
{
    struct hostmem_manager *manager;
    enum hostmem_critical_level level;
    uint32_t lock_wait;        /* ms to wait for a lock */
    struct hm_account *heap;   /* the heap's that asks, or NULL */
    uint64_t bytes;            /* that the last attempt wanted to charge */
    struct hm_region *blocker; /* the locked region the last attempt met; records outlive their regions */
    enum patience_stage stage;
    uint32_t event;                   /* the manager's, from before the last attempt */
    uint32_t cancels, region_cancels; /* as the waiting began */
    bool for_lock;                    /* what is waited for now */
    struct hm_region *waited;         /* the blocker then */
    uint64_t deadlines[2];            /* ms, for memory and for a lock; 0: not begun, UINT64_MAX: none */
};

static inline struct hm_wait patience_begin(struct hostmem_manager *manager, enum hostmem_critical_level level)
{
    return (struct hm_wait){.manager = manager, .level = level, .lock_wait = load_relaxed(&manager->lock_wait)};
}

/* The slow part of what follows. */
bool hm_wait_more(struct hm_wait *patience, enum hostmem_result *result);
void hm_wait_end(struct hm_wait *patience);

/* Whether to try again after *result; if not, *result is what the whole call came to. */
static inline bool hm_wait_again(struct hm_wait *patience, enum hostmem_result *result)
{
    if (*result == HOSTMEM_LIMIT || *result == HOSTMEM_HEAP_LIMIT || *result == HOSTMEM_NOT_OWNER)
        return hm_wait_more(patience, result);
    if (patience->stage == PATIENCE_WAITING) hm_wait_end(patience);
    return false;
}

#endif
