/*
 * Waiting instead of refusing: for room below a limit, or for a locked region.
 *
 * A call that may wait is repeated, and holds nothing in between:
 *     do result = attempt(..., &wait); while (hm_wait_again(&wait, &result));
 * A result that cannot be waited for costs nothing here.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_WAIT_H
#define CLRMEM_HOSTMEM_WAIT_H

#include "hostmem/account/accounting.h"

/* What the waits of a manager share. */
struct hm_waiters
{
    struct hm_accounting *accounting;
    /* Returns cached memory of the layers above to the system: HOSTMEM_OK or HOSTMEM_BROKEN; bytes decommitted. Takes no
     * lock that it would have to wait for. */
    enum hostmem_result (*trim)(void *context, size_t *decommitted);
    void *trim_context;
    _Atomic uint32_t memory_waits[HOSTMEM_CRITICAL_LEVEL_COUNT]; /* ms */
    _Atomic uint32_t lock_wait;                                  /* ms */
    _Atomic uint32_t cancels;                                    /* of all waits, so far */
    _Atomic uint64_t waits;                                      /* calls that ever waited */
};

enum hm_wait_stage
{
    HM_WAIT_FRESH,
    HM_WAIT_TRIMMED, /* cached memory was returned for this call */
    HM_WAIT_WAITING
};

/* One call. */
struct hm_wait
{
    struct hm_waiters *waiters;
    enum hostmem_critical_level level;
    uint32_t lock_wait;        /* ms to wait for a lock */
    struct hm_account *heap;   /* of the heap that requests memory, or NULL */
    uint64_t bytes;            /* that the last attempt wanted to charge */
    _Atomic uint32_t *blocker; /* cancels of the locked region that the last attempt met; records outlive regions */
    enum hm_wait_stage stage;
    uint32_t event;                    /* sequence of the released event, from before the last attempt */
    uint32_t cancels, blocker_cancels; /* at the start of the wait */
    bool for_lock;                     /* now waiting for a lock, else for memory */
    _Atomic uint32_t *waited;          /* the blocker at the start of the wait */
    uint64_t deadlines[2];             /* ms, for memory and for a lock; 0: not begun, UINT64_MAX: none */
};

/* pre: the memory is zeroed */
void hm_waiters_init(struct hm_waiters *waiters, struct hm_accounting *accounting,
                     enum hostmem_result (*trim)(void *context, size_t *decommitted), void *trim_context);
void hm_waiters_set(struct hm_waiters *waiters, const struct hostmem_waits *waits);
void hm_waiters_get(struct hm_waiters *waiters, struct hostmem_waits *waits);

static inline struct hm_wait wait_begin(struct hm_waiters *waiters, enum hostmem_critical_level level)
{
    return (struct hm_wait){.waiters = waiters, .level = level, .lock_wait = load_relaxed(&waiters->lock_wait)};
}

/* The slow part of hm_wait_again. */
bool hm_wait_more(struct hm_wait *wait, enum hostmem_result *result);
void hm_wait_end(struct hm_wait *wait);

/* Whether to try again after *result; if not, *result is the result of the whole call. */
static inline bool hm_wait_again(struct hm_wait *wait, enum hostmem_result *result)
{
    if (*result == HOSTMEM_LIMIT || *result == HOSTMEM_HEAP_LIMIT || *result == HOSTMEM_NOT_OWNER)
        return hm_wait_more(wait, result);
    if (wait->stage == HM_WAIT_WAITING) hm_wait_end(wait);
    return false;
}

#endif
