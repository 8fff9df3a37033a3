/*
 * Which pages of a region are committed: one bit a page, so that committing twice and decommitting holes is counted
 * exactly. Callers may race.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_PAGES_H
#define CLRMEM_HOSTMEM_PAGES_H

#include "hostmem/base/atomics.h"
#include "hostmem/base/backend.h"

#define PAGES_A_WORD 64

/* The number of words of a bitmap for `count` pages. */
static inline size_t pages_words(size_t count)
{
    return count / PAGES_A_WORD + (count % PAGES_A_WORD != 0);
}

/* Sets the bits of pages [first, first+count). The number of pages that were clear before. */
size_t hm_pages_set(_Atomic uint64_t *words, size_t first, size_t count);
/* Clears them. The number of pages that were set before. */
size_t hm_pages_clear(_Atomic uint64_t *words, size_t first, size_t count);
/* The number of them that are clear. */
size_t hm_pages_count_clear(_Atomic uint64_t *words, size_t first, size_t count);
/* Sets the bits of pages [first, end), word by word, as long as no more than *allowance of them were clear; *allowance
 * goes down by those. The first page that is not set: `end` if all are. */
size_t hm_pages_set_within(_Atomic uint64_t *words, size_t first, size_t end, size_t *allowance);
bool hm_pages_test(_Atomic uint64_t *words, size_t page);

#endif
