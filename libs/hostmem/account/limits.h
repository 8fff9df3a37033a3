/*
 * Limits on memory, the waits for them, and the use that the monitor of memory pressure reads.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_LIMITS_H
#define CLRMEM_HOSTMEM_LIMITS_H

#include "hostmem/base/backend.h"

#define HOSTMEM_NO_LIMIT UINT64_MAX

/*
 * Limits on committed bytes: those of the regions and of the heaps' pages. A request is refused if it would take the
 * charge above `hard`. A task-critical request is refused earlier, where it would touch either reserve; an
 * AppDomain-critical one where it would touch the process reserve.
 */
struct hostmem_limits
{
    uint64_t hard;              /* bytes, or HOSTMEM_NO_LIMIT */
    uint64_t soft;              /* bytes above which memory counts as low, or HOSTMEM_NO_LIMIT */
    uint64_t appdomain_reserve; /* bytes below `hard` */
    uint64_t process_reserve;   /* bytes below `hard` */
};

/* How long calls wait, in milliseconds (0: not at all; HOSTMEM_FOREVER). */
struct hostmem_waits
{
    uint32_t memory[HOSTMEM_CRITICAL_LEVEL_COUNT]; /* for room below a limit */
    uint32_t lock;                                 /* for a region that is locked for another thread */
};

/* Read without a lock. */
struct hostmem_usage
{
    uint64_t charged, hard, soft; /* bytes; the limits may be HOSTMEM_NO_LIMIT */
    uint64_t refusals;            /* requests that limits have refused so far */
    bool heap_over_soft;          /* the charge of some heap is above the heap's own soft limit */
};

#endif
