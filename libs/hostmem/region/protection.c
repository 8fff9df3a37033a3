/*
 * Which page protections Win32 accepts.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/region/protection.h"

#define PAGE_NOACCESS_   UINT32_C(0x01)
#define PAGE_BASES       UINT32_C(0xff)
#define PAGE_EXECUTABLES UINT32_C(0xf0)
#define PAGE_MODIFIERS   UINT32_C(0x700) /* PAGE_GUARD, PAGE_NOCACHE, PAGE_WRITECOMBINE */
#define PAGE_TARGETS     UINT32_C(0x40000000)

static bool is_one_bit(uint32_t bits)
{
    return bits && !(bits & (bits - 1));
}

bool hm_protection_is_valid(uint32_t protect)
{
    uint32_t base = protect & PAGE_BASES, modifiers = protect & PAGE_MODIFIERS;

    if (protect & ~(PAGE_BASES | PAGE_MODIFIERS | PAGE_TARGETS)) return false;
    if (!is_one_bit(base)) return false;
    if ((protect & PAGE_TARGETS) && !(base & PAGE_EXECUTABLES)) return false;
    if (!modifiers) return true;
    return is_one_bit(modifiers) && base != PAGE_NOACCESS_;
}
