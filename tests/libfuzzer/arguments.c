/*
 * Arguments: most of them valid, others just beside valid ones.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

char *some_address(void)
{
    static const uintptr_t odd[] = {0, 1, 0xffff, 0x10000, UINTPTR_MAX, UINTPTR_MAX - PAGE, (uintptr_t)1 << 47, 8};
    uint32_t kind = take_byte();
    size_t delta;

    switch (kind % 8)
    {
    case 0:
        return (char *)odd[kind / 8 % 8];
    case 1:
        return block_count ? (char *)blocks[take_below(block_count)].address : NULL;
    case 2:
    case 3:
        return arena + take_below(FIXED_GRANULES) * GRANULE;
    case 4:
        return arena + take_below(FIXED_SIZE / PAGE) * PAGE + (kind & 128 ? kind : 0);
    default:
        break;
    }
    if (!region_count) return arena;
    delta = kind & 64 ? take_below(1024) * PAGE + (kind & 128 ? kind : 0) : 0;
    return regions[take_below(region_count)].base + delta;
}

size_t some_size(const char *address)
{
    uint32_t kind = take_byte();

    switch (kind % 16)
    {
    case 0:
        return 0;
    case 1:
        return SIZE_MAX - kind / 16 * (PAGE / 2);
    case 2:
        return (size_t) - (uintptr_t)address - kind / 16;
    case 3:
        return (size_t)take_below(256) << 20; /* up to 255 MiB */
    case 4:
        return kind / 16 == 7 ? ((size_t)5 << 28) + PAGE : (size_t)kind << 30;
    case 5:
    case 6:
        return 1 + take_number();
    default:
        return (1 + take_below(96)) * PAGE;
    }
}

uint32_t some_alloc_type(void)
{
    static const uint32_t usual[] = {
        HOSTMEM_RESERVE,
        HOSTMEM_RESERVE,
        HOSTMEM_RESERVE | HOSTMEM_COMMIT,
        HOSTMEM_COMMIT,
        HOSTMEM_COMMIT,
        HOSTMEM_RESET,
        HOSTMEM_RESERVE | HOSTMEM_TOP_DOWN,
        HOSTMEM_COMMIT | HOSTMEM_TOP_DOWN,
        HOSTMEM_RESERVE | HOSTMEM_WRITE_WATCH,
        HOSTMEM_COMMIT | HOSTMEM_WRITE_WATCH,
        HOSTMEM_RESERVE | HOSTMEM_RESET,
        HOSTMEM_TOP_DOWN,
        0,
        HOSTMEM_RESERVE | HOSTMEM_RELEASE,
        HOSTMEM_RESERVE | HOSTMEM_COMMIT | HOSTMEM_TOP_DOWN | HOSTMEM_WRITE_WATCH,
        HOSTMEM_RESERVE,
    };

    return usual[take_below(16)];
}

uint32_t some_protection(void)
{
    uint32_t kind = take_byte();

    if (kind < 200) return HOSTMEM_PAGE_READWRITE;
    return kind < 230 ? 0x02 : kind < 250 ? 0x01 : NO_PROTECTION;
}

enum hostmem_critical_level some_level(void)
{
    return (enum hostmem_critical_level)(take_byte() % 16 < 15 ? take_byte() % HOSTMEM_CRITICAL_LEVEL_COUNT
                                                               : HOSTMEM_CRITICAL_LEVEL_COUNT);
}
