/*
 * Where the manager is meant to answer otherwise than this Wine. This is the only such table.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

#define ALLOC_TYPES (MEM_COMMIT | MEM_RESERVE | MEM_RESET | MEM_TOP_DOWN | MEM_WRITE_WATCH)

/* An allocation that no side refuses for its size or for types that do not exist. */
static BOOL is_plausible_alloc(const struct call *call)
{
    if (call->kind != CALL_ALLOC || !call->size || (call->type & ~ALLOC_TYPES)) return FALSE;
    return !!(call->type & (MEM_COMMIT | MEM_RESERVE | MEM_RESET));
}

static BOOL matches_reset_combined(const struct call *call)
{
    if (!is_plausible_alloc(call) || !(call->type & MEM_RESET)) return FALSE;
    return call->type != MEM_RESET || call->place == AT_NULL;
}

static BOOL matches_modifier_without_reserve(const struct call *call)
{
    if (!is_plausible_alloc(call) || (call->type & (MEM_RESET | MEM_RESERVE))) return FALSE;
    return !!(call->type & MEM_WRITE_WATCH);
}

/* Where the highest address that memory may be at is left behind. */
static SIZE_T memory_end(void)
{
    static SIZE_T end;
    SYSTEM_INFO info;

    if (end) return end;
    GetSystemInfo(&info);
    return end = (SIZE_T)info.lpMaximumApplicationAddress + 1;
}

/* A range that leaves all the memory there could be, which both sides refuse first. */
static BOOL is_beyond_memory(const struct call *call)
{
    SIZE_T address = (SIZE_T)call_address(call, HOST);

    return call_wraps(call) || address >= memory_end() || call->size > memory_end() - address;
}

/* Wine looks no further than this. */
static BOOL has_base_protection(DWORD protect)
{
    DWORD base = protect & 0xff;

    return base && !(base & (base - 1));
}

/* One base protection and at most one modifier, which goes with access only. */
static BOOL protection_exists(DWORD protect)
{
    DWORD base = protect & 0xff, modifiers = protect & (PAGE_GUARD | PAGE_NOCACHE | PAGE_WRITECOMBINE);

    if (!has_base_protection(protect) || (modifiers & (modifiers - 1))) return FALSE;
    if ((protect & 0x40000000) && !(base & 0xf0)) return FALSE;
    return !(protect & ~(base | modifiers | 0x40000000)) && !(modifiers && base == PAGE_NOACCESS);
}

static BOOL matches_protection(const struct call *call)
{
    return (is_plausible_alloc(call) || call->kind == CALL_PROTECT) && !protection_exists(call->protect);
}

static BOOL matches_empty_protect(const struct call *call)
{
    return call->kind == CALL_PROTECT && !call->type && (!call->size || call_wraps(call));
}

static BOOL matches_protect_of_nothing(const struct call *call)
{
    return call->kind == CALL_PROTECT && !is_beyond_memory(call) && !call_is_inside(call);
}

static BOOL matches_foreign_alloc(const struct call *call)
{
    if (!is_plausible_alloc(call) || (call->type & MEM_RESERVE) || call->place == AT_NULL) return FALSE;
    return !is_beyond_memory(call) && !call_is_owned(call);
}

static BOOL matches_foreign_free(const struct call *call)
{
    return call->kind == CALL_FREE && !call_is_owned(call);
}

static BOOL matches_wrapping_free(const struct call *call)
{
    if (call->kind != CALL_FREE || (call->type != MEM_DECOMMIT && call->type != MEM_RELEASE)) return FALSE;
    return call->size > MAX_ADDRESS - (PAGE - 1) - (call->offset & (PAGE - 1));
}

static BOOL matches_free_type(const struct call *call)
{
    return call->kind == CALL_FREE && call->type != MEM_DECOMMIT && call->type != MEM_RELEASE;
}

static BOOL matches_partial_reset(const struct call *call)
{
    if (!is_plausible_alloc(call) || call->type != MEM_RESET || !call_is_inside(call)) return FALSE;
    return ((call->offset | call->size) & (PAGE - 1)) != 0;
}

static BOOL matches_no_buffer(const struct call *call)
{
    return call->kind == CALL_QUERY && !call->size;
}

enum
{
    RESET_COMBINED,
    MODIFIER_WITHOUT_RESERVE,
    NO_PROTECTION,
    EMPTY_PROTECT,
    PROTECT_OF_NOTHING,
    FOREIGN_ALLOC,
    FOREIGN_FREE,
    WRAPPING_FREE,
    FREE_TYPE,
    PARTIAL_RESET,
    NO_BUFFER,
    DEPARTURES
};

#define REFUSED(error) MAKE_HRESULT(SEVERITY_ERROR, FACILITY_WIN32, error), error, 0
#define NOT_OURS       HOST_E_INVALIDOPERATION, ERROR_INVALID_ADDRESS, 0

/* In the order in which the manager decides. */
static struct departure departures[DEPARTURES] = {
    [RESET_COMBINED] = {"combined reset",
                        "MEM_RESET goes alone, and resets memory that is there; Wine ignores the rest",
                        matches_reset_combined, REFUSED(ERROR_INVALID_PARAMETER)},
    [MODIFIER_WITHOUT_RESERVE] = {"modifier without reserve",
                                  "MEM_WRITE_WATCH is for reservations; Wine ignores it elsewhere",
                                  matches_modifier_without_reserve, REFUSED(ERROR_INVALID_PARAMETER)},
    [NO_PROTECTION] = {"protection that does not exist",
                       "modifiers exclude each other and PAGE_NOACCESS; Wine accepts them", matches_protection,
                       REFUSED(ERROR_INVALID_PARAMETER)},
    [EMPTY_PROTECT] = {"protection of no bytes", "Windows refuses size 0 and sizes that wrap; Wine takes them for none",
                       matches_empty_protect, REFUSED(ERROR_INVALID_PARAMETER)},
    [PROTECT_OF_NOTHING] = {"protection of what is not allocated", "Windows calls that address invalid",
                            matches_protect_of_nothing, REFUSED(ERROR_INVALID_ADDRESS)},
    [FOREIGN_ALLOC] = {"commit or reset of another's memory", "ownership comes before what Win32 makes of the pages",
                       matches_foreign_alloc, NOT_OURS},
    [FOREIGN_FREE] = {"free of another's memory", "ownership comes before what Win32 makes of flags and pages",
                      matches_foreign_free, NOT_OURS},
    [WRAPPING_FREE] = {"free of a size that wraps", "Wine takes it for 0 or a page, and frees that",
                       matches_wrapping_free, REFUSED(ERROR_INVALID_PARAMETER)},
    [FREE_TYPE] = {"free of a type that does not exist",
                   "Windows looks at the type before the address; Wine 10 at the address first", matches_free_type,
                   REFUSED(ERROR_INVALID_PARAMETER)},
    [PARTIAL_RESET] = {"reset of a part of a page", "Windows keeps a page of which only a part is meant; Wine drops it",
                       matches_partial_reset, S_OK, 0, 0},
    [NO_BUFFER] = {"query without a buffer", "Wine writes to it under the lock of all its memory calls",
                   matches_no_buffer, REFUSED(ERROR_NOACCESS)},
};

/* Memory that Win32 would happily commit, reset or free, as it is not the manager's but somebody's. */
static BOOL is_somebodys(const struct call *call)
{
    return (call->place == AT_SLOT && call->slot == FOREIGN_SLOT) || call->place == AT_IMAGE;
}

static enum plan plan_for(unsigned int departure, const struct call *call)
{
    switch (departure)
    {
    case FOREIGN_ALLOC:
    case FOREIGN_FREE:
        return is_somebodys(call) ? PLAIN_SKIP : PLAIN_RUN;
    case NO_PROTECTION:
        if (call->kind == CALL_ALLOC && call->type == MEM_RESET) return PLAIN_SKIP;
        return has_base_protection(call->protect) ? PLAIN_SKIP : PLAIN_RUN;
    case PROTECT_OF_NOTHING:
    case FREE_TYPE:
        return PLAIN_RUN;
    case PARTIAL_RESET:
        return PLAIN_NARROWED;
    default:
        return PLAIN_SKIP;
    }
}

struct departure *departure_find(const struct call *call, enum plan *plan)
{
    unsigned int i;

    *plan = PLAIN_RUN;
    for (i = 0; i < DEPARTURES; i++)
    {
        if (!departures[i].matches(call)) continue;
        *plan = plan_for(i, call);
        return &departures[i];
    }
    return NULL;
}

unsigned long long departures_met(void)
{
    unsigned long long sum = 0;
    unsigned int i;

    for (i = 0; i < DEPARTURES; i++) sum += departures[i].met;
    return sum;
}

void departures_print(void)
{
    unsigned int i;

    for (i = 0; i < DEPARTURES; i++)
        printf("departure: %llu x %s: %s\n", departures[i].met, departures[i].name, departures[i].reason);
}
