/*
 * What is said about options: the effective configuration, and what is wrong with a value.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "options.h"
#include <stdio.h>
#include <string.h>
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

#define SUMMARY_SIZE 800 /* bytes; a debug line has about a thousand */

static const char *effective_text(const struct clrmem_options *options, enum clrmem_option option, char *buffer)
{
    option_value_print(&option_table[option], option_effective(options, option), buffer);
    return buffer;
}

static const char *place_of(const struct clrmem_options *options, enum clrmem_option option, char *buffer)
{
    option_source_describe(options->settings[option].source, option, buffer);
    return buffer;
}

void option_report_refused(enum option_source source, enum clrmem_option option, const char *text)
{
    char place[OPTION_PLACE_SIZE], expected[OPTION_TEXT_SIZE];

    option_source_describe(source, option, place);
    option_value_expected(&option_table[option], expected);
    ERR("option %s: %s has %s, expected %s; ignored\n", option_table[option].name, place, debugstr_a(text), expected);
}

void option_report_used(const struct clrmem_options *options, enum clrmem_option option)
{
    char place[OPTION_PLACE_SIZE], value[OPTION_VALUE_SIZE];

    ERR("option %s: using %s (%s)\n", option_table[option].name, effective_text(options, option, value),
        place_of(options, option, place));
}

void option_report_exceeding(const struct clrmem_options *options, enum clrmem_option option, bool refused)
{
    char place[OPTION_PLACE_SIZE], place_of_bound[OPTION_PLACE_SIZE];
    char wanted[OPTION_VALUE_SIZE], bound[OPTION_VALUE_SIZE], most[OPTION_VALUE_SIZE];
    enum clrmem_option of = option_table[option].of;

    option_value_print(&option_table[option], option_wanted(options, option), wanted);
    ERR("option %s: %s (%s) is more than option %s, %s (%s), leaves; %s %s\n", option_table[option].name, wanted,
        place_of(options, option, place), option_table[of].name, effective_text(options, of, bound),
        place_of(options, of, place_of_bound), refused ? "refused, as it may be at most" : "lowered to",
        effective_text(options, option, most));
}

/* The options that are not as the table has them, the way CLRMEM_CONFIG takes them. */
static void log_summary(const struct clrmem_options *options)
{
    char summary[SUMMARY_SIZE] = "", value[OPTION_VALUE_SIZE];
    unsigned int i, length = 0;

    for (i = 0; i < OPTION_COUNT; i++)
    {
        if (options->settings[i].source == OPTION_SOURCE_DEFAULT) continue;
        length += snprintf(summary + length, sizeof(summary) - length, "%s%s=%s", length ? ";" : "",
                           option_table[i].name, effective_text(options, i, value));
    }
    TRACE("effective configuration: %s\n", length ? summary : "all defaults");
}

void clrmem_options_log(struct clrmem_options *options)
{
    char place[OPTION_PLACE_SIZE], value[OPTION_VALUE_SIZE];
    unsigned int i;

    if (!TRACE_ON(clrmem)) return;
    AcquireSRWLockShared(&options->lock);
    log_summary(options);
    for (i = 0; i < OPTION_COUNT; i++)
        TRACE("%s = %s (%s)\n", option_table[i].name, effective_text(options, i, value), place_of(options, i, place));
    ReleaseSRWLockShared(&options->lock);
}
