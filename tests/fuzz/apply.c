/*
 * One call on both sides.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

#define MOST_WRITTEN 8 /* pages a write */

/* What is wrong on purpose, to see that it is found: a commit forgets its last page. */
static SIZE_T host_size(const struct call *call)
{
    if (!fuzz.sabotage || call->kind != CALL_ALLOC || call->type != MEM_COMMIT || call->place != AT_SLOT)
        return call->size;
    return call->size > PAGE ? call->size - PAGE : call->size;
}

static void host_call(const struct call *call, struct outcome *out)
{
    BYTE *address = call_address(call, HOST);
    SIZE_T size = host_size(call);
    void *memory = (void *)1;

    SetLastError(KEEP_ERROR);
    switch (call->kind)
    {
    case CALL_ALLOC:
        out->hr = IHostMemoryManager_VirtualAlloc(fuzz.manager, address, size, call->type, call->protect, eTaskCritical,
                                                  &memory);
        out->address = memory;
        break;
    case CALL_FREE:
        out->hr = IHostMemoryManager_VirtualFree(fuzz.manager, address, size, call->type);
        break;
    case CALL_PROTECT:
        out->old = 0xdeadbeef;
        out->hr = IHostMemoryManager_VirtualProtect(fuzz.manager, address, size, call->protect,
                                                    call->type ? NULL : &out->old);
        break;
    default:
        out->hr = IHostMemoryManager_VirtualQuery(fuzz.manager, address, size ? &out->info : NULL,
                                                  size ? size : sizeof(out->info), &out->length);
        break;
    }
    out->error = GetLastError();
    out->success = out->hr == S_OK;
    out->called = TRUE;
}

static void plain_call(const struct call *call, struct outcome *out)
{
    BYTE *address = call_address(call, PLAIN);

    SetLastError(KEEP_ERROR);
    switch (call->kind)
    {
    case CALL_ALLOC:
        out->address = VirtualAlloc(address, call->size, call->type, call->protect);
        out->success = !!out->address;
        break;
    case CALL_FREE:
        out->success = VirtualFree(address, call->size, call->type);
        break;
    case CALL_PROTECT:
        out->success = VirtualProtect(address, call->size, call->protect, call->type ? NULL : &out->old);
        break;
    default:
        out->length = VirtualQuery(address, &out->info, call->size);
        out->success = !!out->length;
        break;
    }
    out->error = GetLastError();
    out->called = TRUE;
}

/* Wine's reset of whole pages only is what the manager's is. */
static void plain_reset_whole(const struct call *call)
{
    BYTE *base = fuzz.slots[call->slot].base[PLAIN];
    SIZE_T start = page_up(call->offset), end = page_down(call->offset + call->size);

    if (start < end) VirtualAlloc(base + start, end - start, MEM_RESET, call->protect);
}

/* A free slot's old address holds only as long as nobody looks for memory. */
static void forget_old_addresses(void)
{
    unsigned int i;

    for (i = 0; i < FOREIGN_SLOT; i++)
    {
        struct slot *slot = &fuzz.slots[i];

        if (slot->live || !slot->floating) continue;
        slot->floating = FALSE;
        memcpy(slot->base, slot->home, sizeof(slot->base));
    }
}

static void settle_reserve(const struct call *call, const struct outcome *host, const struct outcome *plain)
{
    struct slot *slot = &fuzz.slots[call->slot];

    if (!plain->success) return;
    slot->size = call->place == AT_NULL ? page_up(call->size)
                                        : page_up(call->offset + call->size) - (call->offset & ~(GRANULE - 1));
    slot->live = TRUE;
    slot->floating = call->place == AT_NULL;
    slot->base[HOST] = host->address;
    slot->base[PLAIN] = plain->address;
    memset(slot->undefined, 0, slot->size / PAGE);
}

static void mark_pages(struct slot *slot, SIZE_T start, SIZE_T end, BOOL undefined)
{
    if (start < end) memset(slot->undefined + start / PAGE, undefined, (end - start) / PAGE);
}

/* The slot as it is now. */
static void settle(const struct call *call, const struct outcome *host, const struct outcome *plain)
{
    struct slot *slot = &fuzz.slots[call->slot];

    if (call_is_reserve(call))
        settle_reserve(call, host, plain);
    else if (call->kind == CALL_ALLOC && call->type == MEM_RESET && host->success)
        mark_pages(slot, page_up(call->offset), page_down(call->offset + call->size), TRUE);
    else if (call->kind != CALL_FREE || !plain->success)
        return;
    else if (call->type == MEM_RELEASE)
        slot->live = FALSE;
    else if (!call->size)
        mark_pages(slot, 0, slot->size, FALSE);
    else
        mark_pages(slot, page_down(call->offset), page_up(call->offset + call->size), FALSE);
}

static void fill_page(BYTE *page, DWORD pattern)
{
    uint32_t *words = (uint32_t *)page, i;

    for (i = 0; i < PAGE / sizeof(*words); i++) words[i] = (i + 1) * 2654435761u ^ pattern;
}

BOOL is_writable(const MEMORY_BASIC_INFORMATION *info)
{
    DWORD protect = info->Protect & ~(PAGE_NOCACHE | PAGE_WRITECOMBINE);

    return info->State == MEM_COMMIT && (protect == PAGE_READWRITE || protect == PAGE_EXECUTE_READWRITE);
}

/* The same pattern to the pages of both sides that can be written. */
static void write_pages(const struct call *call)
{
    struct slot *slot = &fuzz.slots[call->slot];
    SIZE_T offset = page_down(call->offset), end = page_up(call->offset + call->size);
    MEMORY_BASIC_INFORMATION host, plain;

    if (end > offset + MOST_WRITTEN * PAGE) end = offset + MOST_WRITTEN * PAGE;
    for (; offset < end; offset += PAGE)
    {
        VirtualQuery(slot->base[HOST] + offset, &host, sizeof(host));
        VirtualQuery(slot->base[PLAIN] + offset, &plain, sizeof(plain));
        if (!is_writable(&host) || !is_writable(&plain)) continue;
        fill_page(slot->base[HOST] + offset, call->protect + (DWORD)offset);
        fill_page(slot->base[PLAIN] + offset, call->protect + (DWORD)offset);
        slot->undefined[offset / PAGE] = FALSE;
    }
}

static BOOL apply_to_both(const struct call *call)
{
    struct outcome host = {0}, plain = {0};
    struct departure *departure;
    enum plan plan;
    BOOL same;

    departure = departure_find(call, &plan);
    host_call(call, &host);
    if (plan == PLAIN_RUN) plain_call(call, &plain);
    if (plan == PLAIN_NARROWED) plain_reset_whole(call);
    same = compare_outcomes(call, departure, &host, &plain);
    settle(call, &host, &plain);
    return same;
}

BOOL apply_call(const struct call *call)
{
    if (!call_is_possible(call)) return TRUE;
    if (call->kind == CALL_WRITE && !call_is_inside(call)) return TRUE;
    if (fuzz.counting) fuzz.calls[call->kind]++;
    if (call_is_reserve(call)) forget_old_addresses();

    if (call->kind == CALL_WRITE)
        write_pages(call);
    else if (!apply_to_both(call))
        return FALSE;
    if (call->place != AT_SLOT && !call_is_reserve(call)) return TRUE;
    return compare_slot(call->slot, call->offset, call->size) && compare_statistics();
}
