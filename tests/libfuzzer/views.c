/*
 * Mapped views that the runtime reports: one record a granule.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

#define MAX_VIEWS 32

static struct
{
    uintptr_t start;
    size_t size;
} views[MAX_VIEWS];
static unsigned view_count;

static uintptr_t some_start(void)
{
    uint32_t kind = take_byte();

    if (kind < 8) return 0;
    return (uintptr_t)0x300000000000 + take_below(24) * GRANULE + (kind < 32 ? kind * 8 : 0);
}

/* The number of the view of that granule, view_count where there is none. */
static unsigned view_of(uintptr_t start)
{
    unsigned i = 0;

    while (i < view_count && views[i].start / GRANULE != start / GRANULE) i++;
    return i;
}

void do_view_acquired(void)
{
    uintptr_t start = some_start();
    size_t size = take_byte() < 50 ? 0 : take_number() * PAGE + 1;
    unsigned i = view_of(start);
    enum hostmem_result expected = HOSTMEM_OK, result;

    if (view_count == MAX_VIEWS) return;
    if (!start) expected = HOSTMEM_INVALID_PARAMETER;
    if (i < view_count && views[i].start != start) expected = HOSTMEM_INVALID_ADDRESS;
    if (stopped) expected = HOSTMEM_UNAVAILABLE;
    trace("view_acquired(%#zx, %#zx)", (size_t)start, size);
    call_begin();
    result = hostmem_view_acquired(manager, (void *)start, size);
    call_ended(HOSTMEM_METHOD_ACQUIRED_ADDRESS_SPACE, result, expected);
    /* A view recorded there was unmapped without a report, also where the new one cannot be recorded. */
    if (expected == HOSTMEM_OK && i < view_count) views[i] = views[--view_count];
    if (result != HOSTMEM_OK) return;
    views[view_count].start = start;
    views[view_count++].size = size;
}

void do_view_released(void)
{
    uintptr_t start = some_start();
    unsigned i = view_of(start);
    enum hostmem_result result;

    trace("view_released(%#zx)", (size_t)start);
    call_begin();
    result = hostmem_view_released(manager, (void *)start);
    if (!call_ended(HOSTMEM_METHOD_RELEASED_ADDRESS_SPACE, result, stopped ? HOSTMEM_UNAVAILABLE : HOSTMEM_OK)) return;
    if (i < view_count && views[i].start == start) views[i] = views[--view_count];
}

uint64_t views_now(uint64_t *bytes)
{
    *bytes = 0;
    for (unsigned i = 0; i < view_count; i++) *bytes += views[i].size;
    return view_count;
}

void views_end(void)
{
    view_count = 0;
}
