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
    return (call->type & MEM_WRITE_WATCH) || ((call->type & MEM_TOP_DOWN) && call->place != AT_NULL);
}

static BOOL matches_foreign_alloc(const struct call *call)
{
    if (!is_plausible_alloc(call) || (call->type & MEM_RESERVE) || call->place == AT_NULL) return FALSE;
    return !call_wraps(call) && !call_is_owned(call);
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

static BOOL matches_partial_reset(const struct call *call)
{
    if (!is_plausible_alloc(call) || call->type != MEM_RESET || !call_is_inside(call)) return FALSE;
    return ((call->offset | call->size) & (PAGE - 1)) != 0;
}

static BOOL matches_oversized(const struct call *call)
{
    return is_plausible_alloc(call) && call_is_reserve(call) && call->size >= OVERSIZED;
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

/* A commit or reset that leaves not only its region, but all the memory there could be. */
static BOOL matches_beyond_memory(const struct call *call)
{
    if (!is_plausible_alloc(call) || (call->type & MEM_RESERVE) || !call_is_owned(call) || call_wraps(call))
        return FALSE;
    return !call_is_inside(call) && call->size > memory_end() - (SIZE_T)call_address(call, PLAIN);
}

static BOOL matches_no_buffer(const struct call *call)
{
    return call->kind == CALL_QUERY && !call->size;
}

enum
{
    RESET_COMBINED,
    MODIFIER_WITHOUT_RESERVE,
    FOREIGN_ALLOC,
    FOREIGN_FREE,
    WRAPPING_FREE,
    PARTIAL_RESET,
    OVERSIZED_RESERVE,
    BEYOND_MEMORY,
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
                                  "MEM_WRITE_WATCH and MEM_TOP_DOWN are for reservations; Wine ignores them elsewhere",
                                  matches_modifier_without_reserve, REFUSED(ERROR_INVALID_PARAMETER)},
    [FOREIGN_ALLOC] = {"commit or reset of another's memory", "ownership comes before what Win32 makes of the pages",
                       matches_foreign_alloc, NOT_OURS},
    [FOREIGN_FREE] = {"free of another's memory", "ownership comes before what Win32 makes of flags and pages",
                      matches_foreign_free, NOT_OURS},
    [WRAPPING_FREE] = {"free of a size that wraps", "Wine takes it for 0 or a page, and frees that",
                       matches_wrapping_free, REFUSED(ERROR_INVALID_PARAMETER)},
    [PARTIAL_RESET] = {"reset of a part of a page", "Windows keeps a page of which only a part is meant; Wine drops it",
                       matches_partial_reset, S_OK, 0, 0},
    [OVERSIZED_RESERVE] = {"oversized reservation", "the manager's own records may not find room first",
                           matches_oversized, E_OUTOFMEMORY, ERROR_NOT_ENOUGH_MEMORY, 0},
    [BEYOND_MEMORY] = {"commit or reset beyond all memory",
                       "the manager says what it says of any range that leaves its region", matches_beyond_memory,
                       REFUSED(ERROR_INVALID_ADDRESS)},
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
    case OVERSIZED_RESERVE:
    case BEYOND_MEMORY:
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
