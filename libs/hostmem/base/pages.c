/*
 * The bitmaps of committed pages.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/base/pages.h"
#include "hostmem/base/bits.h"

/* The bits of one word that are in pages [first, end). */
static uint64_t pages_mask(size_t word, size_t first, size_t end)
{
    size_t base = word * PAGES_A_WORD;
    uint64_t mask = UINT64_MAX;

    if (first > base) mask &= UINT64_MAX << (first - base);
    if (end < base + PAGES_A_WORD) mask &= ~(UINT64_MAX << (end - base));
    return mask;
}

size_t hm_pages_set(_Atomic uint64_t *words, size_t first, size_t count)
{
    size_t end = first + count, changed = 0;

    for (size_t i = first / PAGES_A_WORD; i * PAGES_A_WORD < end; i++)
    {
        uint64_t mask = pages_mask(i, first, end);
        changed += bits_count(mask & ~atomic_fetch_or_explicit(&words[i], mask, memory_order_relaxed));
    }
    return changed;
}

size_t hm_pages_clear(_Atomic uint64_t *words, size_t first, size_t count)
{
    size_t end = first + count, changed = 0;

    for (size_t i = first / PAGES_A_WORD; i * PAGES_A_WORD < end; i++)
    {
        uint64_t mask = pages_mask(i, first, end);
        changed += bits_count(mask & atomic_fetch_and_explicit(&words[i], ~mask, memory_order_relaxed));
    }
    return changed;
}

size_t hm_pages_count_clear(_Atomic uint64_t *words, size_t first, size_t count)
{
    size_t end = first + count, clear = 0;

    for (size_t i = first / PAGES_A_WORD; i * PAGES_A_WORD < end; i++)
        clear += bits_count(pages_mask(i, first, end) & ~load_relaxed(&words[i]));
    return clear;
}

size_t hm_pages_set_within(_Atomic uint64_t *words, size_t first, size_t end, size_t *allowance)
{
    for (size_t i = first / PAGES_A_WORD; i * PAGES_A_WORD < end; i++)
    {
        uint64_t mask = pages_mask(i, first, end), word = load_relaxed(&words[i]);
        size_t fresh;

        do
        {
            fresh = bits_count(mask & ~word);
            if (fresh > *allowance) return i * PAGES_A_WORD > first ? i * PAGES_A_WORD : first;
        } while (!cas_weak(&words[i], &word, word | mask));
        *allowance -= fresh;
    }
    return end;
}

bool hm_pages_test(_Atomic uint64_t *words, size_t page)
{
    return load_relaxed(&words[page / PAGES_A_WORD]) >> page % PAGES_A_WORD & 1;
}
