/*
 * From options to what acts on them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

C_ASSERT(OPTION_NO_LIMIT == HOSTMEM_NO_LIMIT);
C_ASSERT(OPTION_FOREVER == HOSTMEM_FOREVER);

/* pre for all below: the lock is held */
static uint64_t least_of(uint64_t one, uint64_t other)
{
    return one < other ? one : other;
}

/* The core wants a soft limit that is not above the hard one; at the hard one it is never crossed. Where there is no
 * limit, reserves are parts of nothing. */
static void get_limits(const struct clrmem_options *options, struct hostmem_limits *limits)
{
    limits->hard = option_effective(options, OPTION_LIMIT);
    limits->soft = least_of(option_effective(options, OPTION_SOFT_LIMIT), limits->hard);
    limits->appdomain_reserve = 0;
    limits->process_reserve = 0;
    if (limits->hard == HOSTMEM_NO_LIMIT) return;
    limits->appdomain_reserve = option_effective(options, OPTION_APPDOMAIN_RESERVE);
    limits->process_reserve = option_effective(options, OPTION_PROCESS_RESERVE);
}

static void get_heap_limits(const struct clrmem_options *options, struct hostmem_limits *limits)
{
    limits->hard = option_effective(options, OPTION_HEAP_LIMIT);
    limits->soft = least_of(option_effective(options, OPTION_HEAP_SOFT_LIMIT), limits->hard);
    limits->appdomain_reserve = 0;
    limits->process_reserve = 0;
}

static void get_waits(const struct clrmem_options *options, struct hostmem_waits *waits)
{
    waits->memory[HOSTMEM_TASK_CRITICAL] = option_effective(options, OPTION_TASK_WAIT);
    waits->memory[HOSTMEM_APPDOMAIN_CRITICAL] = option_effective(options, OPTION_APPDOMAIN_WAIT);
    waits->memory[HOSTMEM_PROCESS_CRITICAL] = option_effective(options, OPTION_PROCESS_WAIT);
    waits->lock = option_effective(options, OPTION_LOCK_WAIT);
}

static void get_pressure_settings(const struct clrmem_options *options, struct pressure_settings *settings)
{
    settings->low = option_effective(options, OPTION_LOW_LOAD);
    settings->high = option_effective(options, OPTION_HIGH_LOAD);
    settings->hysteresis = option_effective(options, OPTION_HYSTERESIS);
    settings->interval = option_effective(options, OPTION_INTERVAL);
    settings->low_interval = option_effective(options, OPTION_LOW_INTERVAL);
    settings->psi = option_effective(options, OPTION_PSI);
    settings->container = option_effective(options, OPTION_CONTAINER);
}

void clrmem_options_apply(struct memory_manager *manager)
{
    struct clrmem_options *options = &manager->options;
    struct pressure_settings pressure;
    struct hostmem_limits limits;
    struct hostmem_waits waits;

    /* Until it is applied nobody else may change them, else the older of two changes could be applied last. */
    AcquireSRWLockExclusive(&options->lock);
    get_limits(options, &limits);
    get_waits(options, &waits);
    get_pressure_settings(options, &pressure);
    if (hostmem_manager_set_limits(manager->core, &limits) != HOSTMEM_OK) ERR("the limits contradict each other\n");
    hostmem_manager_set_waits(manager->core, &waits);
    clrmem_pressure_configure(manager, &pressure);
    ReleaseSRWLockExclusive(&options->lock);
}

void clrmem_options_apply_heap(struct memory_manager *manager, struct hostmem_heap *heap)
{
    struct hostmem_limits limits;

    AcquireSRWLockShared(&manager->options.lock);
    get_heap_limits(&manager->options, &limits);
    ReleaseSRWLockShared(&manager->options.lock);
    if (hostmem_heap_set_limits(heap, &limits) != HOSTMEM_OK) ERR("the limits contradict each other\n");
}
