/*
 * The checks of debug builds; empty in others.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/base/debug.h"

#ifdef HM_DEBUG

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define LOCKS_HELD 64 /* trimming holds one for each size class, and two more */

struct held_lock
{
    const void *lock;
    uint32_t rank;
};

static _Thread_local struct held_lock held[LOCKS_HELD];
static _Thread_local unsigned held_count;

void hm_debug_check(bool holds, const char *condition, const char *file, int line)
{
    if (holds) return;
    fprintf(stderr, "hostmem: contract broken: %s, %s:%d\n", condition, file, line);
    abort();
}

void hm_debug_lock_wait(const void *lock, uint32_t rank)
{
    hm_assert(rank);
    hm_assert(!hm_debug_lock_is_held(lock));
    for (unsigned i = 0; i < held_count; i++) hm_assert(held[i].rank < rank);
}

void hm_debug_lock_taken(const void *lock, uint32_t rank)
{
    hm_assert(held_count < LOCKS_HELD);
    held[held_count++] = (struct held_lock){lock, rank};
}

void hm_debug_lock_freed(const void *lock)
{
    unsigned i = held_count;

    while (i > 0 && held[i - 1].lock != lock) i--;
    hm_assert(i > 0);
    held[i - 1] = held[--held_count];
}

bool hm_debug_lock_is_held(const void *lock)
{
    if (!lock) return held_count;
    for (unsigned i = 0; i < held_count; i++)
        if (held[i].lock == lock) return true;
    return false;
}

#endif
