/*
 * Arithmetic on bits and on addresses. It calls no library function: on some targets, a popcount or a 64-bit division
 * is a call into libgcc.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_BITS_H
#define CLRMEM_HOSTMEM_BITS_H

#include "hostmem/base/backend.h"
#include "hostmem/base/debug.h"

static inline unsigned bits_count(uint64_t word)
{
    word -= (word >> 1) & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + ((word >> 2) & UINT64_C(0x3333333333333333));
    word = (word + (word >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (unsigned)((word * UINT64_C(0x0101010101010101)) >> 56);
}

/* Number of the lowest set bit. pre: word is not 0 */
static inline unsigned bits_lowest(uint32_t word)
{
    hm_assert(word);
    return (unsigned)__builtin_ctz(word);
}

/* Number of the highest set bit. pre: word is not 0 */
static inline unsigned bits_highest(uint32_t word)
{
    hm_assert(word);
    return 31u - (unsigned)__builtin_clz(word);
}

static inline uintptr_t page_down(uintptr_t address)
{
    return address & ~(uintptr_t)(HOSTMEM_PAGE_SIZE - 1);
}

/* pre: address + HOSTMEM_PAGE_SIZE - 1 does not wrap */
static inline uintptr_t page_up(uintptr_t address)
{
    hm_assert(address <= UINTPTR_MAX - (HOSTMEM_PAGE_SIZE - 1));
    return page_down(address + HOSTMEM_PAGE_SIZE - 1);
}

/* The pages that [address, address+size) touches; false where the end wraps. */
static inline bool page_range(uintptr_t address, size_t size, uintptr_t *start, uintptr_t *end)
{
    if (size > UINTPTR_MAX - address || address + size > UINTPTR_MAX - (HOSTMEM_PAGE_SIZE - 1)) return false;
    *start = page_down(address);
    *end = page_up(address + size);
    return true;
}

#endif
