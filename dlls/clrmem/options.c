/*
 * The state of a manager's options, loaded once and then changed by calls; the effective values; the reports on both.
 *
 * A limit stands as given; what does not fit below it is lowered. So a mistake elsewhere never costs the limit.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "options.h"
#include <stdio.h>
#include <string.h>
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

#define AUTO_RESERVE_PART 32           /* of the limit */
#define AUTO_RESERVE_MOST (8ull << 20) /* bytes */
#define SUMMARY_SIZE      800          /* bytes; a debug line has about a thousand */

C_ASSERT(CLRMEM_OPTION_COUNT <= 32); /* a bit each in a DWORD */

/* --- effective values --------------------------------------------------------------------------------------------- */

static uint64_t percent_of(uint64_t percent, uint64_t whole)
{
    return whole / 100 * percent + whole % 100 * percent / 100;
}

/* Of the option that bounds this one; without one, or where that is no limit, CLRMEM_OPTION_NO_LIMIT. */
static uint64_t bounding_value(const struct clrmem_options *options, enum clrmem_option option)
{
    enum clrmem_option bound = option_table[option].bound;

    return bound == CLRMEM_OPTION_NONE ? CLRMEM_OPTION_NO_LIMIT : clrmem_options_value(options, bound);
}

static uint64_t automatic_value(const struct clrmem_options *options, enum clrmem_option option)
{
    bool may_be_none = option_table[option].takes & CLRMEM_OPTION_TAKES_NONE; /* else it is a reserve */
    uint64_t limit = bounding_value(options, option);

    if (limit == CLRMEM_OPTION_NO_LIMIT) return may_be_none ? CLRMEM_OPTION_NO_LIMIT : 0;
    return may_be_none ? limit - limit / 10 : min(limit / AUTO_RESERVE_PART, AUTO_RESERVE_MOST);
}

/* What was asked for, in the option's unit. */
static uint64_t wanted_value(const struct clrmem_options *options, enum clrmem_option option)
{
    const struct option_value *value = &options->settings[option].value;
    uint64_t whole;

    if (value->unit == OPTION_AUTO) return automatic_value(options, option);
    if (value->unit == OPTION_EXACT) return value->number;
    whole = bounding_value(options, option);
    return percent_of(value->number, whole == CLRMEM_OPTION_NO_LIMIT ? options->memory : whole);
}

/* The most that the options around it leave to this one. */
static uint64_t most_value(const struct clrmem_options *options, enum clrmem_option option)
{
    uint64_t most = bounding_value(options, option);

    if (most == CLRMEM_OPTION_NO_LIMIT) return most;
    /* The two reserves lie below the limit side by side; the more important one is served first. */
    if (option == CLRMEM_OPTION_APPDOMAINRESERVE)
        return most - clrmem_options_value(options, CLRMEM_OPTION_PROCESSRESERVE);
    return option == CLRMEM_OPTION_HIGHLOAD ? most - 1 : most;
}

uint64_t clrmem_options_value(const struct clrmem_options *options, enum clrmem_option option)
{
    uint64_t wanted = wanted_value(options, option);

    /* No soft limit does not contradict a limit. */
    return wanted == CLRMEM_OPTION_NO_LIMIT ? wanted : min(wanted, most_value(options, option));
}

/* A bit for each option for which a source asks for more than is effective. */
static DWORD exceeding_options(const struct clrmem_options *options)
{
    const struct option_setting *setting = options->settings;
    DWORD exceeding = 0;
    unsigned int i;

    for (i = 0; i < CLRMEM_OPTION_COUNT; i++, setting++)
        if (setting->source != OPTION_SOURCE_DEFAULT && setting->value.unit != OPTION_AUTO &&
            clrmem_options_value(options, i) != wanted_value(options, i))
            exceeding |= 1u << i;
    return exceeding;
}

/* --- reports ------------------------------------------------------------------------------------------------------ */

static const char *effective_text(const struct clrmem_options *options, enum clrmem_option option, char *buffer)
{
    option_value_print(&option_table[option], clrmem_options_value(options, option), buffer);
    return buffer;
}

static const char *source_text(const struct clrmem_options *options, enum clrmem_option option, char *buffer)
{
    return option_source_describe(options->settings[option].source, option, buffer);
}

static void report_refused(enum option_source source, enum clrmem_option option, const char *text)
{
    char place[OPTION_PLACE_SIZE], expected[OPTION_TEXT_SIZE];

    option_value_expected(&option_table[option], expected);
    ERR("option %s: %s has %s, expected %s; ignored\n", option_table[option].name,
        option_source_describe(source, option, place), debugstr_a(text), expected);
}

/* refused: the value is not taken at all, else it is lowered. */
static void report_exceeding(const struct clrmem_options *options, enum clrmem_option option, bool refused)
{
    char place[OPTION_PLACE_SIZE], bound_place[OPTION_PLACE_SIZE];
    char wanted[OPTION_VALUE_SIZE], bound_value[OPTION_VALUE_SIZE], most[OPTION_VALUE_SIZE];
    enum clrmem_option bound = option_table[option].bound;

    option_value_print(&option_table[option], wanted_value(options, option), wanted);
    ERR("option %s: %s (%s) does not fit below option %s, %s (%s); %s %s\n", option_table[option].name, wanted,
        source_text(options, option, place), option_table[bound].name, effective_text(options, bound, bound_value),
        source_text(options, bound, bound_place), refused ? "refused, at most" : "lowered to",
        effective_text(options, option, most));
}

static void report_lowered(const struct clrmem_options *options, DWORD exceeding)
{
    unsigned int i;

    for (i = 0; i < CLRMEM_OPTION_COUNT; i++)
        if (exceeding & 1u << i) report_exceeding(options, i, false);
}

/* The options that differ from the table, in the syntax of CLRMEM_CONFIG. */
static void log_summary(const struct clrmem_options *options)
{
    char summary[SUMMARY_SIZE] = "", value[OPTION_VALUE_SIZE];
    unsigned int i, length = 0;

    for (i = 0; i < CLRMEM_OPTION_COUNT; i++)
    {
        if (options->settings[i].source == OPTION_SOURCE_DEFAULT) continue;
        length += snprintf(summary + length, sizeof(summary) - length, "%s%s=%s", length ? ";" : "",
                           option_table[i].name, effective_text(options, i, value));
    }
    TRACE("effective configuration: %s\n", length ? summary : "all defaults");
}

void clrmem_options_log(const struct clrmem_options *options)
{
    char place[OPTION_PLACE_SIZE], value[OPTION_VALUE_SIZE];
    unsigned int i;

    if (!TRACE_ON(clrmem)) return;
    log_summary(options);
    for (i = 0; i < CLRMEM_OPTION_COUNT; i++)
        TRACE("%s = %s (%s)\n", option_table[i].name, effective_text(options, i, value),
              source_text(options, i, place));
}

/* --- loading and calls -------------------------------------------------------------------------------------------- */

static void take_value(struct clrmem_options *options, enum option_source source, enum clrmem_option option,
                       const char *text)
{
    struct option_setting *setting = &options->settings[option];

    if (option_value_parse(&option_table[option], text, &setting->value))
        setting->source = source;
    else
    {
        setting->refused = true;
        report_refused(source, option, text);
    }
}

/* Reading the container's files takes milliseconds, so they are read only for a percentage. */
static void find_memory(struct clrmem_options *options)
{
    unsigned int i;

    for (i = 0; i < CLRMEM_OPTION_COUNT && !options->memory; i++)
        if (options->settings[i].value.unit == OPTION_PERCENTAGE)
            options->memory = clrmem_physical_memory(!!clrmem_options_value(options, CLRMEM_OPTION_CONTAINER));
}

void clrmem_options_load(struct clrmem_options *options)
{
    char place[OPTION_PLACE_SIZE], value[OPTION_VALUE_SIZE];
    DWORD error = GetLastError();
    unsigned int i;

    for (i = 0; i < CLRMEM_OPTION_COUNT; i++) take_value(options, OPTION_SOURCE_DEFAULT, i, option_table[i].standard);
    option_sources_read(options, take_value);
    find_memory(options);
    report_lowered(options, exceeding_options(options));
    for (i = 0; i < CLRMEM_OPTION_COUNT; i++)
        if (options->settings[i].refused)
            ERR("option %s: using %s (%s)\n", option_table[i].name, effective_text(options, i, value),
                source_text(options, i, place));
    SetLastError(error);
}

HRESULT clrmem_options_set(struct clrmem_options *options, const char *name, const char *value)
{
    enum clrmem_option option = name ? option_by_name(name) : CLRMEM_OPTION_NONE;
    DWORD exceeding = exceeding_options(options), now;
    struct option_setting previous;

    if (option == CLRMEM_OPTION_NONE)
    {
        ERR("unknown option %s\n", debugstr_a(name));
        return E_INVALIDARG;
    }
    previous = options->settings[option];
    if (!value || !option_value_parse(&option_table[option], value, &options->settings[option].value))
    {
        report_refused(OPTION_SOURCE_CALL, option, value);
        return E_INVALIDARG;
    }
    options->settings[option].source = OPTION_SOURCE_CALL;
    find_memory(options);
    now = exceeding_options(options);
    if (now & 1u << option)
    {
        report_exceeding(options, option, true);
        options->settings[option] = previous;
        return E_INVALIDARG;
    }
    report_lowered(options, now & ~exceeding);
    return S_OK;
}

void clrmem_options_set_number(struct clrmem_options *options, enum clrmem_option option, uint64_t number)
{
    options->settings[option].value = (struct option_value){number, OPTION_EXACT};
    options->settings[option].source = OPTION_SOURCE_CALL;
}

HRESULT clrmem_options_get(const struct clrmem_options *options, const char *name, char *buffer, SIZE_T size)
{
    enum clrmem_option option = name ? option_by_name(name) : CLRMEM_OPTION_NONE;
    char text[OPTION_VALUE_SIZE];

    if (size) *buffer = 0;
    if (option == CLRMEM_OPTION_NONE) return E_INVALIDARG;
    effective_text(options, option, text);
    if (strlen(text) >= size) return HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER);
    strcpy(buffer, text);
    return S_OK;
}
