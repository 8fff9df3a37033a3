/*
 * Random calls, most of them where it matters.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t random_state;

void random_seed(uint64_t seed)
{
    random_state = seed;
}

/* SplitMix64. */
static uint32_t below(uint32_t limit)
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ (z >> 31)) >> 32) % limit;
}

static BOOL one_in(uint32_t chance)
{
    return !below(chance);
}

/* --- arguments --------------------------------------------------------------- */

static DWORD draw_protect(void)
{
    static const DWORD usual[] = {PAGE_READWRITE,    PAGE_READWRITE, PAGE_READWRITE,         PAGE_READWRITE,
                                  PAGE_READONLY,     PAGE_NOACCESS,  PAGE_EXECUTE_READWRITE, PAGE_EXECUTE_READ,
                                  PAGE_EXECUTE_READ, PAGE_EXECUTE,   PAGE_READONLY};
    static const DWORD modified[] = {PAGE_READWRITE | PAGE_GUARD,        PAGE_READONLY | PAGE_GUARD,
                                     PAGE_EXECUTE_READ | PAGE_GUARD,     PAGE_NOACCESS | PAGE_GUARD,
                                     PAGE_READWRITE | PAGE_NOCACHE,      PAGE_NOACCESS | PAGE_NOCACHE,
                                     PAGE_READWRITE | PAGE_WRITECOMBINE, PAGE_READWRITE | 0x40000000};
    static const DWORD invalid[] = {
        0,          PAGE_WRITECOPY, PAGE_EXECUTE_WRITECOPY,       PAGE_READWRITE | PAGE_READONLY, 0xffff,
        PAGE_GUARD, 0x80000000,     PAGE_EXECUTE | PAGE_READWRITE};

    if (one_in(12)) return invalid[below(COUNT(invalid))];
    if (one_in(8)) return modified[below(COUNT(modified))];
    return usual[below(COUNT(usual))];
}

/* Sizes that no address space has, and those that wrap. */
static SIZE_T draw_huge(void)
{
    switch (below(6))
    {
    case 0:
        return MAX_ADDRESS;
    case 1:
        return MAX_ADDRESS - below(0x3000);
    case 2:
        return (MAX_ADDRESS >> 1) + 1;
    case 3:
        return OVERSIZED;
    case 4:
        return MAX_ADDRESS - below(0x40000000);
    default:
        return (SIZE_T)0 - PAGE * below(20);
    }
}

static SIZE_T draw_region_size(void)
{
    if (one_in(40)) return 0;
    if (one_in(30)) return draw_huge();
    if (one_in(200)) return 1 + below((uint32_t)MAX_REGION / 2);
    if (one_in(6)) return 1 + below(80 * (uint32_t)GRANULE);
    if (one_in(3)) return 1 + below(3 * (uint32_t)GRANULE);
    return PAGE * (1 + below(40));
}

/* A range in a region, or where it has its edges. */
static void draw_range(struct call *call)
{
    uint32_t size = (uint32_t)fuzz.slots[call->slot].size, pages = size / (uint32_t)PAGE, left;

    if (!pages) pages = 16, size = (uint32_t)GRANULE;
    call->offset = PAGE * below(pages);
    left = pages - (uint32_t)(call->offset / PAGE);
    call->size = PAGE * (1 + below(one_in(4) || left < 6 ? left : 6));
    switch (below(24))
    {
    case 0:
    case 1: /* all */
        call->offset = 0;
        call->size = size;
        break;
    case 2: /* beyond the end */
        call->size = left * PAGE + 1 + below(2 * PAGE);
        break;
    case 3: /* around the edges */
        call->offset = below(2) ? size - 1 + below(3) : (SIZE_T)0 - below(3) * PAGE;
        break;
    case 4:
        call->size = 0;
        break;
    case 5:
        call->offset = 0;
        call->size = 0;
        break;
    case 6:
        call->size = draw_huge();
        call->offset += below(2) ? below(PAGE) : 0;
        break;
    case 7:
    case 8:
    case 9: /* from within a page to within another */
        call->offset += below(PAGE);
        call->size = 1 + below(5 * PAGE);
        break;
    default:
        break;
    }
}

/* --- calls ------------------------------------------------------------------- */

static void generate_reserve(struct call *call)
{
    static const DWORD types[] = {MEM_RESERVE,
                                  MEM_RESERVE,
                                  MEM_RESERVE | MEM_COMMIT,
                                  MEM_RESERVE | MEM_COMMIT,
                                  MEM_RESERVE | MEM_TOP_DOWN,
                                  MEM_RESERVE | MEM_COMMIT | MEM_TOP_DOWN,
                                  MEM_RESERVE | MEM_WRITE_WATCH,
                                  MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH};
    static const DWORD odd[] = {MEM_COMMIT,
                                MEM_COMMIT | MEM_TOP_DOWN,
                                MEM_COMMIT | MEM_WRITE_WATCH,
                                MEM_RESET,
                                MEM_RESERVE | MEM_RESET,
                                0,
                                MEM_TOP_DOWN,
                                MEM_RESERVE | 0x1,
                                MEM_RESERVE | MEM_DECOMMIT,
                                MEM_RESERVE | 0x80000000};

    call->kind = CALL_ALLOC;
    call->place = below(3) ? AT_SLOT : AT_NULL;
    call->offset = one_in(3) ? below(4 * (uint32_t)GRANULE) : GRANULE * below(4);
    if (one_in(2)) call->offset = 0;
    call->size = draw_region_size();
    call->type = types[below(COUNT(types))];
    if (one_in(call->place == AT_NULL ? 6 : 30)) call->type = odd[below(COUNT(odd))];
    call->protect = draw_protect();
}

static void generate_commit(struct call *call)
{
    static const DWORD odd[] = {MEM_COMMIT | MEM_TOP_DOWN,
                                MEM_COMMIT | MEM_WRITE_WATCH,
                                MEM_COMMIT | MEM_RESET,
                                MEM_RESET | MEM_TOP_DOWN,
                                0,
                                MEM_COMMIT | 0x4000000,
                                MEM_RESERVE,
                                MEM_RESERVE | MEM_COMMIT,
                                MEM_COMMIT | MEM_DECOMMIT};

    call->kind = CALL_ALLOC;
    call->type = one_in(16) ? odd[below(COUNT(odd))] : MEM_COMMIT;
    call->protect = draw_protect();
}

static void generate_reset(struct call *call)
{
    call->kind = CALL_ALLOC;
    call->type = MEM_RESET;
    call->protect = draw_protect();
}

static void generate_decommit(struct call *call)
{
    static const DWORD odd[] = {0,        MEM_DECOMMIT | MEM_RELEASE, MEM_COMMIT,
                                MEM_FREE, MEM_RESERVE | MEM_RELEASE,  0x80000000};

    call->kind = CALL_FREE;
    call->type = one_in(16) ? odd[below(COUNT(odd))] : MEM_DECOMMIT;
}

/* Half of the releases are right. */
static void generate_release(struct call *call)
{
    call->kind = CALL_FREE;
    call->type = MEM_RELEASE;
    if (!one_in(4)) call->size = 0;
    if (!one_in(3)) call->offset = one_in(4) ? below(2 * PAGE) : 0;
}

static void generate_protect(struct call *call)
{
    call->kind = CALL_PROTECT;
    call->type = one_in(40);
    call->protect = draw_protect();
}

static void generate_query(struct call *call)
{
    call->kind = CALL_QUERY;
    call->size = sizeof(MEMORY_BASIC_INFORMATION);
    if (one_in(10)) call->size = below(2 * sizeof(MEMORY_BASIC_INFORMATION));
}

static void generate_write(struct call *call)
{
    call->kind = CALL_WRITE;
    call->protect = below(0x10000) + 1;
}

static void generate_any(struct call *call)
{
    uint32_t draw = below(100);

    draw_range(call);
    if (draw < 28)
        generate_commit(call);
    else if (draw < 44)
        generate_decommit(call);
    else if (draw < 52)
        generate_release(call);
    else if (draw < 66)
        generate_protect(call);
    else if (draw < 86)
        generate_write(call);
    else if (draw < 90)
        generate_reset(call);
    else if (draw < 98)
        generate_query(call);
    else
        generate_reserve(call);
}

/* Where there is no memory, and where there is the loader's. */
static void generate_elsewhere(struct call *call)
{
    static const SIZE_T addresses[] = {0x1000,
                                       0x8000,
                                       0xffff,
                                       MAX_ADDRESS,
                                       MAX_ADDRESS - 0xfff,
                                       MAX_ADDRESS - 0xffff,
                                       sizeof(SIZE_T) == 8 ? (SIZE_T)0x8000000000010000ull : (SIZE_T)0xfffe0000,
                                       sizeof(SIZE_T) == 8 ? (SIZE_T)0x7fffffff0000ull : (SIZE_T)0xffff0000};

    generate_any(call);
    call->offset = addresses[below(COUNT(addresses))];
    call->place = AT_ADDRESS;
    if (one_in(4)) call->place = AT_NULL;
    if (call->kind == CALL_PROTECT || !one_in(3)) return;
    call->offset = PAGE * below(8);
    call->place = AT_IMAGE;
}

void generate_call(struct call *call)
{
    memset(call, 0, sizeof(*call));
    call->slot = one_in(24) ? FOREIGN_SLOT : below(FOREIGN_SLOT);
    if (one_in(40))
        generate_elsewhere(call);
    else if (call->slot != FOREIGN_SLOT && !fuzz.slots[call->slot].live && !one_in(4))
        generate_reserve(call);
    else
        generate_any(call);
}
