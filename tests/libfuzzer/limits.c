/*
 * Limits on what is committed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

static uint64_t charged_now(void)
{
    struct hostmem_usage usage;

    hostmem_manager_usage(manager, &usage);
    return usage.charged;
}

static uint64_t ceiling(enum hostmem_critical_level level)
{
    struct hostmem_limits limits;
    uint64_t bytes;

    hostmem_manager_get_limits(manager, &limits);
    bytes = limits.hard;
    if (level != HOSTMEM_PROCESS_CRITICAL) bytes -= limits.process_reserve;
    if (level == HOSTMEM_TASK_CRITICAL) bytes -= limits.appdomain_reserve;
    return bytes;
}

bool limit_refuses(uint64_t bytes, enum hostmem_critical_level level)
{
    return bytes && (bytes > ceiling(level) || charged_now() > ceiling(level) - bytes);
}

enum hostmem_result limit_outcome(uint64_t bytes, enum hostmem_critical_level level)
{
    struct hostmem_waits waits;

    hostmem_manager_get_waits(manager, &waits);
    /* A request that can never succeed does not wait. */
    if (bytes > ceiling(level)) return HOSTMEM_LIMIT;
    return waits.memory[level] == HOSTMEM_FOREVER ? HOSTMEM_ABANDONED : HOSTMEM_LIMIT;
}

/* Numbers near the interesting ones. */
static uint64_t some_limit(uint64_t charged)
{
    uint32_t kind = take_byte();

    switch (kind % 4)
    {
    case 0:
        return HOSTMEM_NO_LIMIT;
    case 1:
        return charged + take_below(64) * PAGE;
    case 2:
        return take_number() * PAGE;
    default:
        return charged > kind ? charged - kind : 0;
    }
}

/* Reserves that are a part of the limit, or just too large. */
static void some_limits(struct hostmem_limits *limits, uint64_t charged)
{
    limits->hard = some_limit(charged);
    limits->soft = take_byte() < 128 ? limits->hard : some_limit(charged);
    limits->process_reserve = take_byte() < 128 ? 0 : take_below(64) * PAGE;
    limits->appdomain_reserve = take_byte() < 128 ? 0 : take_below(64) * PAGE;
}

static enum hostmem_result expect_set(const struct hostmem_limits *limits)
{
    uint64_t reserves = limits->process_reserve + limits->appdomain_reserve;

    return limits->soft <= limits->hard && reserves <= limits->hard ? HOSTMEM_OK : HOSTMEM_INVALID_PARAMETER;
}

static bool limits_are(const struct hostmem_limits *a, const struct hostmem_limits *b)
{
    return a->hard == b->hard && a->soft == b->soft && a->process_reserve == b->process_reserve &&
           a->appdomain_reserve == b->appdomain_reserve;
}

static bool any_limits;

bool limits_are_set(void)
{
    return any_limits;
}

void limits_end(void)
{
    any_limits = false;
}

void do_set_limits(void)
{
    unsigned of = take_below(4);
    struct hostmem_heap *heap = of ? NULL : heaps[take_below(MAX_HEAPS)];
    struct hostmem_limits limits, before, after;
    enum hostmem_result expected, result;

    some_limits(&limits, charged_now());
    expected = expect_set(&limits);
    trace("set_limits(%s, hard %#llx, soft %#llx, process %#llx, appdomain %#llx)", heap ? "heap" : "manager",
          (unsigned long long)limits.hard, (unsigned long long)limits.soft, (unsigned long long)limits.process_reserve,
          (unsigned long long)limits.appdomain_reserve);
    call_begin();
    if (heap)
        hostmem_heap_get_limits(heap, &before);
    else
        hostmem_manager_get_limits(manager, &before);
    result = heap ? hostmem_heap_set_limits(heap, &limits) : hostmem_manager_set_limits(manager, &limits);
    if (call_ended(HOSTMEM_METHOD_COUNT, result, expected)) any_limits = true;
    if (heap)
        hostmem_heap_get_limits(heap, &after);
    else
        hostmem_manager_get_limits(manager, &after);
    REQUIRE(limits_are(&after, result == HOSTMEM_OK ? &limits : &before), "hard %#llx", (unsigned long long)after.hard);
}

bool limit_may_have_given_way(enum hostmem_critical_level level)
{
    bool any = false;

    for (unsigned i = 0; i < MAX_HEAPS; i++) any = any || heaps[i];
    return any && charged_now() <= ceiling(level);
}
