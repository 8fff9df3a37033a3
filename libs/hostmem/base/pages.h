/*
 * Which pages of a region are committed: a bit a page, so that committing twice
 * and decommitting holes is counted exactly. Callers may race.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_PAGES_H
#define CLRMEM_HOSTMEM_PAGES_H

#include "hostmem/base/atomics.h"
#include "hostmem/base/backend.h"

#define PAGES_A_WORD 64

/* Words for a bitmap of `count` pages. */
static inline size_t pages_words(size_t count)
{
    return count / PAGES_A_WORD + (count % PAGES_A_WORD != 0);
}

/* Sets the bits of pages [first, first+count); how many were clear before. */
size_t hm_pages_set(_Atomic uint64_t *words, size_t first, size_t count);
/* Clears them; how many were set before. */
size_t hm_pages_clear(_Atomic uint64_t *words, size_t first, size_t count);
/* How many of them are clear. */
size_t hm_pages_count_clear(_Atomic uint64_t *words, size_t first, size_t count);
/* Sets the bits of pages [first, end) as long as no more than *allowance were clear, which goes down by those. The page
 * to go on from: `end` when all are set. */
size_t hm_pages_set_within(_Atomic uint64_t *words, size_t first, size_t end, size_t *allowance);
bool hm_pages_test(_Atomic uint64_t *words, size_t page);

#endif
