/*
 * Effective values: percentages computed, automatic values chosen, options that contradict each other brought together.
 *
 * A limit stands as it was asked for; what does not fit below it is lowered. So a mistake elsewhere never costs the
 * limit.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "options.h"

#define AUTO_RESERVE_PART 32           /* of the limit */
#define AUTO_RESERVE_MOST (8ull << 20) /* bytes */

static uint64_t percent_of(uint64_t percent, uint64_t whole)
{
    return whole / 100 * percent + whole % 100 * percent / 100;
}

/* The option that bounds this one; OPTION_NO_LIMIT where that is none, or where nothing bounds it. */
static uint64_t bounding_value(const struct clrmem_options *options, enum clrmem_option option)
{
    enum clrmem_option of = option_table[option].of;

    return of == OPTION_COUNT ? OPTION_NO_LIMIT : option_effective(options, of);
}

static uint64_t automatic_value(const struct clrmem_options *options, enum clrmem_option option)
{
    bool is_reserve = option_table[option].kind == OPTION_RESERVE_SIZE;
    uint64_t limit = bounding_value(options, option);

    if (limit == OPTION_NO_LIMIT) return is_reserve ? 0 : OPTION_NO_LIMIT;
    if (!is_reserve) return limit - limit / 10;
    return limit / AUTO_RESERVE_PART < AUTO_RESERVE_MOST ? limit / AUTO_RESERVE_PART : AUTO_RESERVE_MOST;
}

static uint64_t percentage_value(const struct clrmem_options *options, enum clrmem_option option)
{
    uint64_t whole = bounding_value(options, option);

    return percent_of(options->settings[option].value.number, whole == OPTION_NO_LIMIT ? options->memory : whole);
}

uint64_t option_wanted(const struct clrmem_options *options, enum clrmem_option option)
{
    switch (options->settings[option].value.unit)
    {
    case OPTION_AUTO:
        return automatic_value(options, option);
    case OPTION_PERCENTAGE:
        return percentage_value(options, option);
    default:
        return options->settings[option].value.number;
    }
}

/* The most that the options around it leave to this one. */
static uint64_t bound(const struct clrmem_options *options, enum clrmem_option option)
{
    uint64_t most = bounding_value(options, option);

    if (most == OPTION_NO_LIMIT) return most;
    /* The two reserves lie below the limit side by side; the more important one is served first. */
    if (option == OPTION_APPDOMAIN_RESERVE) return most - option_effective(options, OPTION_PROCESS_RESERVE);
    if (option == OPTION_HIGH_LOAD) return most - 1;
    return most;
}

uint64_t option_effective(const struct clrmem_options *options, enum clrmem_option option)
{
    uint64_t wanted = option_wanted(options, option), most = bound(options, option);

    /* No soft limit is no contradiction to a limit. */
    if (wanted == OPTION_NO_LIMIT || wanted <= most) return wanted;
    return most;
}

bool option_exceeds(const struct clrmem_options *options, enum clrmem_option option)
{
    const struct option_setting *setting = &options->settings[option];

    if (setting->source == OPTION_SOURCE_DEFAULT || setting->value.unit == OPTION_AUTO) return false;
    return option_effective(options, option) != option_wanted(options, option);
}
