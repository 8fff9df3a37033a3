/*
 * Where a call goes, and whether it may be made there.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

#define HOME_OFFSETS ((SIZE_T)16 << 20) /* a region at a given address begins in this much of its slot's room */

SIZE_T page_down(SIZE_T value)
{
    return value & ~(PAGE - 1);
}

SIZE_T page_up(SIZE_T value)
{
    return page_down(value + PAGE - 1);
}

BYTE *call_address(const struct call *call, enum side side)
{
    switch (call->place)
    {
    case AT_SLOT:
        return fuzz.slots[call->slot].base[side] + call->offset;
    case AT_ADDRESS:
        return (BYTE *)call->offset;
    case AT_IMAGE:
        return (BYTE *)GetModuleHandleA("kernel32.dll") + call->offset;
    case AT_NULL:
        break;
    }
    return NULL;
}

BOOL call_wraps(const struct call *call)
{
    SIZE_T address = (SIZE_T)call_address(call, HOST);

    return call->size > MAX_ADDRESS - address || address + call->size > MAX_ADDRESS - (PAGE - 1);
}

BOOL call_is_owned(const struct call *call)
{
    const struct slot *slot = &fuzz.slots[call->slot];

    return call->place == AT_SLOT && call->slot != FOREIGN_SLOT && slot->live && call->offset < slot->size;
}

BOOL call_is_inside(const struct call *call)
{
    const struct slot *slot = &fuzz.slots[call->slot];

    if (!slot->live || call->place != AT_SLOT || call_wraps(call) || call->offset >= slot->size) return FALSE;
    return page_up(call->offset + call->size) <= slot->size;
}

BOOL call_is_reserve(const struct call *call)
{
    return call->kind == CALL_ALLOC && (call->place == AT_NULL || (call->type & MEM_RESERVE));
}

/* A reservation takes a free slot's place, or is refused: there is no other that would be known of. */
static BOOL reserve_is_possible(const struct call *call)
{
    const struct slot *slot = &fuzz.slots[call->slot];
    BOOL refused = !call->size || call->size >= OVERSIZED;

    if (call->place == AT_ADDRESS) return TRUE;
    if (call->place == AT_IMAGE) return refused || call->size <= MAX_REGION;
    if (call->place == AT_NULL && slot->live) return refused;
    if (call->place == AT_NULL) return refused || call->size <= MAX_REGION;
    /* A region that the system placed may end where all memory does, which is another refusal. */
    if (slot->live && slot->floating) return call_is_inside(call);
    if (slot->live) return call->offset < slot->size && (refused || call->size <= MAX_REGION);
    return call->offset < HOME_OFFSETS && (refused || call->size <= MAX_REGION - HOME_OFFSETS);
}

BOOL call_is_possible(const struct call *call)
{
    const struct slot *slot = &fuzz.slots[call->slot];

    if (call_is_reserve(call)) return reserve_is_possible(call);
    if (call->place != AT_SLOT) return call->kind != CALL_WRITE;
    /* What lies around a region that the system placed may be anybody's. */
    if (slot->floating || call->slot == FOREIGN_SLOT) return call->offset < slot->size;
    return call->offset + GRANULE < (slot->live ? slot->size : HOME_OFFSETS) + 2 * GRANULE;
}
