/*
 * VirtualFree: ownership first, then a lock, then Win32's rules.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

struct call
{
    char *address;
    size_t size;
    uint32_t type;
    uintptr_t start, end; /* pages to decommit */
    struct model_region *region;
};

static enum hostmem_result expect_decommit(struct call *call)
{
    struct model_region *region = call->region;

    if (!call->size)
    {
        call->start = (uintptr_t)region->base;
        call->end = call->start + region->size;
        return (uintptr_t)call->address - call->start < PAGE ? HOSTMEM_OK : HOSTMEM_INVALID_ADDRESS;
    }
    if (!pages_of(call->address, call->size, &call->start, &call->end)) return HOSTMEM_INVALID_PARAMETER;
    return call->end <= (uintptr_t)region->base + region->size ? HOSTMEM_OK : HOSTMEM_INVALID_PARAMETER;
}

static enum hostmem_result expect_free(struct call *call)
{
    enum hostmem_result locked;

    if (stopped) return HOSTMEM_UNAVAILABLE;
    if (!(call->region = region_of(call->address))) return HOSTMEM_NOT_OWNED;
    if ((locked = lock_outcome(call->region)) != HOSTMEM_OK) return locked;
    if (call->type == HOSTMEM_DECOMMIT) return expect_decommit(call);
    if (call->type != HOSTMEM_RELEASE || call->size) return HOSTMEM_INVALID_PARAMETER;
    return (size_t)(call->address - call->region->base) < PAGE ? HOSTMEM_OK : HOSTMEM_INVALID_ADDRESS;
}

void do_virtual_free(void)
{
    static const uint32_t types[] = {HOSTMEM_RELEASE,
                                     HOSTMEM_RELEASE,
                                     HOSTMEM_DECOMMIT,
                                     HOSTMEM_DECOMMIT,
                                     HOSTMEM_DECOMMIT,
                                     HOSTMEM_RELEASE | HOSTMEM_DECOMMIT,
                                     0,
                                     HOSTMEM_RELEASE | HOSTMEM_COMMIT};
    struct call call = {.type = types[take_below(8)]};
    enum hostmem_result expected, result;

    call.address = some_address();
    if (call.type == HOSTMEM_DECOMMIT || take_byte() >= 240) call.size = some_size(call.address);
    expected = expect_free(&call);
    trace("VirtualFree(%p, %#zx, %#x)", (void *)call.address, call.size, call.type);
    call_begin();
    result = hostmem_virtual_free(manager, call.address, call.size, call.type);
    if (call_ended(HOSTMEM_METHOD_VIRTUAL_FREE, result, expected))
    {
        if (call.type == HOSTMEM_DECOMMIT)
            region_mark(call.region, call.start, call.end, 0);
        else
            region_remove(call.region);
    }
    else if (result == HOSTMEM_BROKEN) /* and no longer the manager's */
        region_remove(call.region);
    else if (result != expected && expected == HOSTMEM_OK && call.type == HOSTMEM_RELEASE)
        /* A release ends the locks before the backend refuses it. */
        call.region->locks = call.region->locked_for = 0;
}
