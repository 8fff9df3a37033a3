/*
 * Calls that change no page: VirtualQuery, VirtualProtect, ownership of an address.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

void do_virtual_query(void)
{
    char *address = some_address();
    size_t length = take_byte() < 240 ? sizeof(struct native_page_info) : sizeof(struct native_page_info) - 1;
    const struct model_region *region = region_of(address);
    struct native_page_info info;
    size_t returned = 0;
    enum hostmem_result expected, result;

    expected = stopped ? HOSTMEM_UNAVAILABLE : length < sizeof(info) ? HOSTMEM_BAD_LENGTH : HOSTMEM_OK;
    trace("VirtualQuery(%p)", (void *)address);
    call_begin();
    result = hostmem_virtual_query(manager, address, &info, length, &returned);
    if (!call_ended(HOSTMEM_METHOD_VIRTUAL_QUERY, result, expected) || !region) return;
    REQUIRE(returned == sizeof(info), "%zu bytes", returned);
    REQUIRE(info.base == region->base, "base %p", info.base);
    REQUIRE(info.committed == region->pages[(size_t)(address - region->base) / PAGE], "committed %d", info.committed);
}

/* Only in the manager's own regions: other memory may be the core's. */
void do_virtual_protect(void)
{
    struct model_region *region = region_count ? &regions[take_below(region_count)] : NULL;
    uint32_t old, protect = some_protection(), *old_out = take_byte() < 240 ? &old : NULL;
    enum hostmem_result expected = HOSTMEM_UNAVAILABLE, result;
    size_t offset, size;

    if (!region) return;
    offset = take_below((uint32_t)(region->size / PAGE < 65536 ? region->size / PAGE : 65536)) * PAGE;
    size = (1 + take_byte()) * PAGE;
    if (size > region->size - offset) size = region->size - offset;
    if (!stopped) expected = lock_outcome(region);
    if (expected == HOSTMEM_OK && protect == NO_PROTECTION) expected = HOSTMEM_INVALID_PARAMETER;
    if (expected == HOSTMEM_OK && !old_out) expected = HOSTMEM_NO_ACCESS;
    trace("VirtualProtect(%p, %#zx, %#x)", (void *)(region->base + offset), size, protect);
    call_begin();
    result = hostmem_virtual_protect(manager, region->base + offset, size, protect, old_out);
    call_ended(HOSTMEM_METHOD_VIRTUAL_PROTECT, result, expected);
}

void do_owns(void)
{
    char *address = some_address();
    const struct model_region *region = region_of(address);
    void *base = NULL;
    size_t size = 0;

    trace("owns(%p)", (void *)address);
    REQUIRE(hostmem_manager_owns(manager, address, &base, &size) == (region != NULL), "%p", (void *)address);
    if (region) REQUIRE(base == region->base && size == region->size, "%p: %p, %#zx", (void *)address, base, size);
}
