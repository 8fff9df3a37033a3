/*
 * Checks of contracts and of the lock order, in debug builds (HM_DEBUG): the unit tests and the fuzzer are such builds,
 * the DLLs are not. A failed check ends the process.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_DEBUG_H
#define CLRMEM_HOSTMEM_DEBUG_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The lock order. A thread that waits for a lock holds only locks of a lower rank. A lock that is only tried never
 * blocks, so it may be taken in any order: trimming takes bin locks inside the grow lock that way.
 */
enum hm_lock_rank
{
    HM_RANK_HEAPS = 1, /* the list of heaps */
    HM_RANK_BIN,       /* the spans of a size class of a heap */
    HM_RANK_GROW,      /* the chunks of a heap */
};

#ifdef HM_DEBUG

#define hm_assert(condition) hm_debug_check((condition), #condition, __FILE__, __LINE__)

/* Ends the process where `holds` is false. */
void hm_debug_check(bool holds, const char *condition, const char *file, int line);

/* The calling thread is about to wait for a lock; has taken it; gives it back. */
void hm_debug_lock_wait(const void *lock, uint32_t rank);
void hm_debug_lock_taken(const void *lock, uint32_t rank);
void hm_debug_lock_freed(const void *lock);

/* Whether the calling thread holds `lock`; NULL: any lock. */
bool hm_debug_lock_is_held(const void *lock);

#else

#define hm_assert(condition)            ((void)0)
#define hm_debug_lock_wait(lock, rank)  ((void)0)
#define hm_debug_lock_taken(lock, rank) ((void)0)
#define hm_debug_lock_freed(lock)       ((void)0)

#endif

#endif
