/*
 * Locks of regions, by the threads that the one thread plays.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

static uint32_t some_wait(void)
{
    static const uint32_t milliseconds[] = {0, 0, 5, HOSTMEM_FOREVER};

    return milliseconds[take_below(4)];
}

/* A wait for another thread's lock always runs out; one without an end is cancelled. */
static enum hostmem_result blocked(uint32_t milliseconds)
{
    if (!milliseconds) return HOSTMEM_NOT_OWNER;
    return milliseconds == HOSTMEM_FOREVER ? HOSTMEM_ABANDONED : HOSTMEM_TIMEOUT;
}

enum hostmem_result lock_outcome(const struct model_region *region)
{
    struct hostmem_waits waits;

    if (!region->locks || region->locked_for == current_thread) return HOSTMEM_OK;
    hostmem_manager_get_waits(manager, &waits);
    return blocked(waits.lock);
}

void do_lock(void)
{
    uint32_t thread = take_below(THREADS + 1), milliseconds = some_wait();
    char *address = some_address();
    struct model_region *region = region_of(address);
    enum hostmem_result expected = HOSTMEM_OK, result;
    void *base = NULL;
    size_t size = 0;

    if (stopped)
        expected = HOSTMEM_UNAVAILABLE;
    else if (!region)
        expected = HOSTMEM_NOT_OWNED;
    else if (region->locks && region->locked_for != (thread ? thread : current_thread))
        expected = blocked(milliseconds);
    trace("lock(%p, thread %u, %u ms)", (void *)address, thread, milliseconds);
    call_begin();
    result = hostmem_manager_lock(manager, address, thread, milliseconds, &base, &size);
    if (!call_ended(HOSTMEM_METHOD_COUNT, result, expected)) return;
    REQUIRE(base == region->base && size == region->size, "%p, %#zx", base, size);
    region->locked_for = thread ? thread : current_thread;
    region->locks++;
}

void do_unlock(void)
{
    uint32_t thread = take_below(THREADS + 1);
    char *address = some_address();
    struct model_region *region = region_of(address);
    enum hostmem_result expected = HOSTMEM_OK, result;

    if (!region)
        expected = HOSTMEM_NOT_OWNED;
    else if (!region->locks || region->locked_for != (thread ? thread : current_thread))
        expected = HOSTMEM_NOT_OWNER;
    trace("unlock(%p, thread %u)", (void *)address, thread);
    call_begin();
    result = hostmem_manager_unlock(manager, address, thread);
    if (call_ended(HOSTMEM_METHOD_COUNT, result, expected) && !--region->locks) region->locked_for = 0;
}

void do_cancel_waits(void)
{
    char *address = some_address();
    enum hostmem_result expected = address && !region_of(address) ? HOSTMEM_NOT_OWNED : HOSTMEM_OK, result;

    trace("cancel_waits(%p)", (void *)address);
    call_begin();
    result = hostmem_manager_cancel_waits(manager, address);
    call_ended(HOSTMEM_METHOD_COUNT, result, expected);
}

void do_set_waits(void)
{
    struct hostmem_waits waits = {.memory = {some_wait(), some_wait(), some_wait()}, .lock = some_wait()}, set;

    trace("set_waits(%u, %u, %u, %u)", waits.memory[0], waits.memory[1], waits.memory[2], waits.lock);
    hostmem_manager_set_waits(manager, &waits);
    hostmem_manager_get_waits(manager, &set);
    REQUIRE(set.lock == waits.lock && set.memory[2] == waits.memory[2], "%u, %u", set.lock, set.memory[2]);
}
