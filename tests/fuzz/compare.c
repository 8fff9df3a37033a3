/*
 * What both sides said, and what their pages are like.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

#define SAMPLES 64 /* pages of a run of pages of which a few words are compared */
#define WHOLE   8  /* pages of the touched range that are compared byte by byte */

static HRESULT hr_of(const struct outcome *plain)
{
    if (plain->success) return S_OK;
    if (plain->error == ERROR_NOT_ENOUGH_MEMORY) return E_OUTOFMEMORY;
    return HRESULT_FROM_WIN32(plain->error);
}

/* Result and last error where they are to be Win32's. */
static BOOL compare_results(const struct outcome *host, const struct outcome *plain)
{
    if (host->hr == hr_of(plain) && host->error == plain->error) return TRUE;
    return complain("got %#lx, last error %lu; Win32 %s, last error %lu", host->hr, host->error,
                    plain->success ? "succeeds" : "refuses", plain->error);
}

static BOOL compare_departure(struct departure *departure, const struct outcome *host, const struct outcome *plain)
{
    DWORD error = departure->hr == S_OK ? KEEP_ERROR : departure->error;

    if (plain->called && host->hr == hr_of(plain) && host->error == plain->error) return TRUE;
    if (host->hr != departure->hr || host->error != error)
        return complain("%s: got %#lx, last error %lu, expected %#lx, last error %lu", departure->name, host->hr,
                        host->error, departure->hr, error);
    if (plain->success) return complain("%s: Win32 succeeds", departure->name);
    if (fuzz.counting) departure->met++;
    return TRUE;
}

/* Where an allocation must be, given that there is one. */
static BOOL check_address(const struct call *call, enum side side, const struct outcome *outcome)
{
    SIZE_T address = (SIZE_T)call_address(call, side), given = (SIZE_T)outcome->address;
    SIZE_T expected = call->type & MEM_RESERVE ? address & ~(GRANULE - 1) : page_down(address);
    const char *name = side == HOST ? "manager" : "Win32";

    if (!outcome->called) return TRUE;
    if (!outcome->success) return !given || complain("%s: refused, yet an address %p", name, outcome->address);
    if (call->place == AT_NULL) return (given && !(given % GRANULE)) || complain("%s: address %#llx", name, HEX(given));
    return given == expected || complain("%s: address off by %#llx", name, HEX(given - expected));
}

static BOOL compare_old(const struct call *call, const struct outcome *host, const struct outcome *plain)
{
    if (call->type) return TRUE;
    if (host->success && host->old != plain->old)
        return complain("old protection %#lx, Win32 %#lx", host->old, plain->old);
    return host->success || !host->old || complain("refused, yet an old protection %#lx", host->old);
}

static BOOL complain_pages(SIZE_T offset, const MEMORY_BASIC_INFORMATION *host, const MEMORY_BASIC_INFORMATION *plain)
{
    return complain("page at %#llx: state %#lx protect %#lx first %#lx type %#lx size %#llx base %p; "
                    "Win32 %#lx %#lx %#lx %#lx %#llx %p",
                    HEX(offset), host->State, host->Protect, host->AllocationProtect, host->Type, HEX(host->RegionSize),
                    host->AllocationBase, plain->State, plain->Protect, plain->AllocationProtect, plain->Type,
                    HEX(plain->RegionSize), plain->AllocationBase);
}

/* Descriptions of a slot's pages. How far free memory reaches is nobody's business. */
static BOOL compare_infos(const struct slot *slot, SIZE_T offset, const MEMORY_BASIC_INFORMATION *host,
                          const MEMORY_BASIC_INFORMATION *plain)
{
    BOOL same = host->State == plain->State && host->Protect == plain->Protect && host->Type == plain->Type;

    if (host->State == MEM_FREE)
        same = same && !host->AllocationBase && !plain->AllocationBase;
    else
        same = same && host->RegionSize == plain->RegionSize && host->AllocationProtect == plain->AllocationProtect &&
               host->AllocationBase == slot->base[HOST] && plain->AllocationBase == slot->base[PLAIN];
    same = same && (BYTE *)host->BaseAddress - slot->base[HOST] == (BYTE *)plain->BaseAddress - slot->base[PLAIN];
    return same || complain_pages(offset, host, plain);
}

static BOOL compare_queries(const struct call *call, const struct outcome *host, const struct outcome *plain)
{
    if (!host->success) return !host->length || complain("refused, yet a length of %#llx", HEX(host->length));
    if (host->length != plain->length)
        return complain("length %#llx, Win32 %#llx", HEX(host->length), HEX(plain->length));
    if (call->place == AT_SLOT) return compare_infos(&fuzz.slots[call->slot], call->offset, &host->info, &plain->info);
    return !memcmp(&host->info, &plain->info, sizeof(host->info)) ||
           complain_pages(call->offset, &host->info, &plain->info);
}

BOOL compare_outcomes(const struct call *call, struct departure *departure, const struct outcome *host,
                      const struct outcome *plain)
{
    if (!(departure ? compare_departure(departure, host, plain) : compare_results(host, plain))) return FALSE;
    switch (call->kind)
    {
    case CALL_ALLOC:
        return check_address(call, HOST, host) && check_address(call, PLAIN, plain);
    case CALL_PROTECT:
        return compare_old(call, host, plain);
    case CALL_QUERY:
        return compare_queries(call, host, plain);
    default:
        return TRUE;
    }
}

/* --- pages ------------------------------------------------------------------- */

static BOOL is_readable(const MEMORY_BASIC_INFORMATION *info)
{
    DWORD protect = info->Protect & ~(PAGE_NOCACHE | PAGE_WRITECOMBINE);

    return is_writable(info) ||
           (info->State == MEM_COMMIT && (protect == PAGE_READONLY || protect == PAGE_EXECUTE_READ));
}

static BOOL page_is_same(const struct slot *slot, SIZE_T offset, BOOL whole)
{
    const uint32_t *host = (const uint32_t *)(slot->base[HOST] + offset);
    const uint32_t *plain = (const uint32_t *)(slot->base[PLAIN] + offset);
    SIZE_T words = PAGE / sizeof(*host);

    if (slot->undefined[offset / PAGE]) return TRUE;
    if (whole) return !memcmp(host, plain, PAGE);
    return host[0] == plain[0] && host[words / 2] == plain[words / 2] && host[words - 1] == plain[words - 1];
}

/* Samples of readable pages [start, end), the touched ones among them whole. */
static BOOL compare_contents(const struct slot *slot, SIZE_T start, SIZE_T end, SIZE_T touched, SIZE_T touched_end)
{
    SIZE_T stride = ((end - start) / PAGE / SAMPLES + 1) * PAGE, offset;

    for (offset = start; offset < end; offset += stride)
        if (!page_is_same(slot, offset, FALSE)) return complain("other contents of the page at %#llx", HEX(offset));
    if (touched < start) touched = start;
    if (touched_end > end) touched_end = end;
    for (offset = touched; offset < touched_end; offset += PAGE)
        if (!page_is_same(slot, offset, TRUE)) return complain("other contents in the page at %#llx", HEX(offset));
    return TRUE;
}

static BOOL query_both(const struct slot *slot, SIZE_T offset, MEMORY_BASIC_INFORMATION *plain)
{
    MEMORY_BASIC_INFORMATION host;

    VirtualQuery(slot->base[HOST] + offset, &host, sizeof(host));
    VirtualQuery(slot->base[PLAIN] + offset, plain, sizeof(*plain));
    return compare_infos(slot, offset, &host, plain);
}

static BOOL compare_free_slot(const struct slot *slot)
{
    MEMORY_BASIC_INFORMATION info;

    if (slot->floating) return TRUE;
    if (!query_both(slot, 0, &info)) return FALSE;
    return info.State == MEM_FREE || complain("not free: state %#lx", info.State);
}

BOOL compare_slot(unsigned int number, SIZE_T offset, SIZE_T size)
{
    struct slot *slot = &fuzz.slots[number];
    SIZE_T touched = page_down(offset), touched_end = page_up(offset + size), position = 0;
    MEMORY_BASIC_INFORMATION info;

    slot->committed = 0;
    if (!slot->live) return compare_free_slot(slot);
    if (touched_end - touched > WHOLE * PAGE) touched_end = touched + WHOLE * PAGE;
    for (; position < slot->size; position += info.RegionSize)
    {
        if (!query_both(slot, position, &info)) return FALSE;
        if (info.RegionSize > slot->size - position)
            return complain("larger than asked for: %#llx", HEX(info.RegionSize));
        if (info.State == MEM_COMMIT) slot->committed += info.RegionSize;
        if (is_readable(&info) && !compare_contents(slot, position, position + info.RegionSize, touched, touched_end))
            return FALSE;
    }
    return TRUE;
}

BOOL compare_statistics(void)
{
    CLRMEM_STATISTICS statistics = {.cbSize = sizeof(statistics)};
    ULONGLONG reserved = 0, committed = 0, regions = 0;
    unsigned int i;

    for (i = 0; i < FOREIGN_SLOT; i++)
    {
        if (!fuzz.slots[i].live) continue;
        reserved += fuzz.slots[i].size;
        committed += fuzz.slots[i].committed;
        regions++;
    }
    IClrMemManager_GetStatistics(fuzz.statistics, &statistics);
    if (statistics.ullReserved == reserved && statistics.ullCommitted == committed && statistics.ullRegions == regions)
        return TRUE;
    return complain("accounts: %#llx reserved, %#llx committed, %llu regions; Win32 %#llx, %#llx, %llu",
                    statistics.ullReserved, statistics.ullCommitted, statistics.ullRegions, reserved, committed,
                    regions);
}
