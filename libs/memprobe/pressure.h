/*
 * Memory pressure: from a sample of the limits, the container, the machine and the kernel's stall information to a load,
 * the bytes left, and one of three levels with hysteresis. No I/O and no clock: the caller has both.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef MEMPROBE_PRESSURE_H
#define MEMPROBE_PRESSURE_H

#include <stdbool.h>
#include <stdint.h>

#define MEMPROBE_NO_LIMIT UINT64_MAX

/* EMemoryAvailable's numbers. */
enum memprobe_available
{
    MEMPROBE_AVAILABLE_LOW = 1,
    MEMPROBE_AVAILABLE_NEUTRAL = 2,
    MEMPROBE_AVAILABLE_HIGH = 3
};

/* Percent, but for stall. */
struct memprobe_pressure_settings
{
    uint32_t low;        /* memory is low from this load on */
    uint32_t high;       /* memory is plentiful up to this load */
    uint32_t hysteresis; /* how far the load, or a soft limit's charge, has to go back before low or plentiful ends */
    uint32_t stall;      /* hundredths of a percent of time stalled that weigh as much as the load `low`; not 0 */
};

#define MEMPROBE_PRESSURE_STALL 1000 /* hundredths of a percent: the stall that weighs as much as the load `low` */

#define MEMPROBE_CONTAINER_LEVELS 16

/* One control group around this process. Bytes; limits or MEMPROBE_NO_LIMIT. */
struct memprobe_container
{
    uint64_t used, max, soft;
};

/* A manager's charge and limits. Bytes; limits or MEMPROBE_NO_LIMIT. */
struct memprobe_usage
{
    uint64_t charged, hard, soft;
    uint64_t refusals;   /* requests the limits have refused so far */
    bool heap_over_soft; /* a heap is above its own soft limit */
};

/* Figures of one moment. */
struct memprobe_sample
{
    struct memprobe_usage limit;
    struct memprobe_container containers[MEMPROBE_CONTAINER_LEVELS]; /* the innermost first */
    uint32_t container_count;
    uint32_t stalled;                          /* hundredths of a percent of the last ten seconds, 0 where unknown */
    uint64_t machine_total, machine_available; /* bytes; total 0: unknown */
};

struct memprobe_load
{
    uint32_t percent;   /* the worst of all, at most 100; soft limits are no part of it */
    uint64_t available; /* bytes: the least that is left anywhere, MEMPROBE_NO_LIMIT where nothing is known */
};

void memprobe_pressure_load(const struct memprobe_pressure_settings *settings, const struct memprobe_sample *sample,
                            struct memprobe_load *load);

/* The level so far, and the last notification. pre for all functions: no other thread uses it. */
struct memprobe_pressure
{
    enum memprobe_available level, notified;
    uint64_t refusals;    /* the last sample's */
    uint64_t refused_at;  /* milliseconds */
    uint64_t notified_at; /* milliseconds */
    bool refused;         /* a refusal at refused_at keeps memory low */
    bool unnotified;      /* no notification since the last refusal */
};

/* Neutral, as the last notification. */
void memprobe_pressure_init(struct memprobe_pressure *state);

/* The receiver has changed: the new one knows of neutral only. */
void memprobe_pressure_reset_notified(struct memprobe_pressure *state);

/* Takes a sample; `now` in milliseconds, never going back. TRUE if state->level is to be notified: it differs from the
 * last notification, or it is still Low and a limit has refused a request, which is repeated once a second at most.
 * Memory is low from the load `low` on, above a soft limit, and for a second after a refusal by a limit. */
bool memprobe_pressure_update(struct memprobe_pressure *state, const struct memprobe_pressure_settings *settings,
                              const struct memprobe_sample *sample, uint64_t now);

#endif
