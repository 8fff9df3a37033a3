/*
 * Memory pressure: the load and the level.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "memprobe/pressure.h"

#define REFUSAL_HOLDS 1000 /* milliseconds that a refusal keeps memory low, and between two notifications of it */

/* Rounded down, at most 100. */
static uint32_t percent_of(uint64_t part, uint64_t whole)
{
    if (part >= whole) return 100;
    return (uint32_t)(whole > UINT64_MAX / 100 ? part / (whole / 100) : part * 100 / whole);
}

static void add_load(struct memprobe_load *load, uint32_t percent, uint64_t available)
{
    if (load->percent < percent) load->percent = percent;
    if (load->available > available) load->available = available;
}

static void add_limit(struct memprobe_load *load, uint64_t used, uint64_t limit)
{
    if (limit != MEMPROBE_NO_LIMIT) add_load(load, percent_of(used, limit), used < limit ? limit - used : 0);
}

static void add_machine(struct memprobe_load *load, uint64_t total, uint64_t available)
{
    if (available > total) available = total;
    if (total) add_load(load, percent_of(total - available, total), available);
}

void memprobe_pressure_load(const struct memprobe_pressure_settings *settings, const struct memprobe_sample *sample,
                            struct memprobe_load *load)
{
    uint64_t stall = (uint64_t)sample->stalled * settings->low / settings->stall;

    *load = (struct memprobe_load){0, MEMPROBE_NO_LIMIT};
    add_limit(load, sample->limit.charged, sample->limit.hard);
    for (uint32_t i = 0; i < sample->container_count; i++)
        add_limit(load, sample->containers[i].used, sample->containers[i].max);
    add_machine(load, sample->machine_total, sample->machine_available);
    add_load(load, stall > 100 ? 100 : (uint32_t)stall, MEMPROBE_NO_LIMIT);
}

void memprobe_pressure_init(struct memprobe_pressure *state)
{
    *state = (struct memprobe_pressure){.level = MEMPROBE_AVAILABLE_NEUTRAL, .notified = MEMPROBE_AVAILABLE_NEUTRAL};
}

void memprobe_pressure_reset_notified(struct memprobe_pressure *state)
{
    state->notified = MEMPROBE_AVAILABLE_NEUTRAL;
}

static void record_refusals(struct memprobe_pressure *state, uint64_t refusals, uint64_t now)
{
    if (refusals != state->refusals)
    {
        state->refused = state->unnotified = true;
        state->refused_at = now;
    }
    else if (now - state->refused_at >= REFUSAL_HOLDS)
        state->refused = false;
    state->refusals = refusals;
}

static bool above(uint64_t used, uint64_t soft, uint32_t hysteresis)
{
    return soft != MEMPROBE_NO_LIMIT && used > soft - soft / 100 * hysteresis;
}

static bool above_soft_limit(const struct memprobe_sample *sample, uint32_t hysteresis)
{
    bool is_above = sample->limit.heap_over_soft || above(sample->limit.charged, sample->limit.soft, hysteresis);

    for (uint32_t i = 0; i < sample->container_count && !is_above; i++)
        is_above = above(sample->containers[i].used, sample->containers[i].soft, hysteresis);
    return is_above;
}

static bool is_low(const struct memprobe_pressure *state, const struct memprobe_pressure_settings *settings,
                   const struct memprobe_sample *sample, uint32_t percent)
{
    uint32_t hysteresis = state->level == MEMPROBE_AVAILABLE_LOW ? settings->hysteresis : 0;
    uint32_t low = settings->low > hysteresis ? settings->low - hysteresis : 1;

    return percent >= low || state->refused || above_soft_limit(sample, hysteresis);
}

static bool is_high(const struct memprobe_pressure *state, const struct memprobe_pressure_settings *settings,
                    uint32_t percent)
{
    uint32_t hysteresis = state->level == MEMPROBE_AVAILABLE_HIGH ? settings->hysteresis : 0;

    return percent <= settings->high + hysteresis;
}

/* Whether the level is to be notified now. */
static bool needs_notification(const struct memprobe_pressure *state, uint64_t now)
{
    if (state->level != state->notified) return true;
    return state->level == MEMPROBE_AVAILABLE_LOW && state->unnotified && now - state->notified_at >= REFUSAL_HOLDS;
}

bool memprobe_pressure_update(struct memprobe_pressure *state, const struct memprobe_pressure_settings *settings,
                              const struct memprobe_sample *sample, uint64_t now)
{
    struct memprobe_load load;

    memprobe_pressure_load(settings, sample, &load);
    record_refusals(state, sample->limit.refusals, now);
    if (is_low(state, settings, sample, load.percent))
        state->level = MEMPROBE_AVAILABLE_LOW;
    else
        state->level = is_high(state, settings, load.percent) ? MEMPROBE_AVAILABLE_HIGH : MEMPROBE_AVAILABLE_NEUTRAL;

    if (!needs_notification(state, now)) return false;
    state->notified = state->level;
    state->notified_at = now;
    state->unnotified = false;
    return true;
}
