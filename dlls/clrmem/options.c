/*
 * The state of a manager's options: loaded once, then set and asked by calls.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "options.h"
#include <string.h>
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

C_ASSERT(OPTION_COUNT <= 32); /* a bit each in a DWORD */

static DWORD exceeding_options(const struct clrmem_options *options)
{
    DWORD exceeding = 0;
    unsigned int i;

    for (i = 0; i < OPTION_COUNT; i++)
        if (option_exceeds(options, i)) exceeding |= 1u << i;
    return exceeding;
}

static void report_exceeding(const struct clrmem_options *options, DWORD exceeding)
{
    unsigned int i;

    for (i = 0; i < OPTION_COUNT; i++)
        if (exceeding & 1u << i) option_report_exceeding(options, i, false);
}

void option_take(struct clrmem_options *options, enum option_source source, enum clrmem_option option, const char *text)
{
    struct option_setting *setting = &options->settings[option];

    if (option_value_parse(&option_table[option], text, &setting->value))
        setting->source = source;
    else
    {
        setting->refused = true;
        option_report_refused(source, option, text);
    }
}

/* Looking at the container takes milliseconds, so only where a percentage asks for it. pre: nobody else uses the options,
 * or the lock is held for writing */
static void know_memory(struct clrmem_options *options)
{
    unsigned int i;

    for (i = 0; i < OPTION_COUNT && !options->memory; i++)
        if (options->settings[i].value.unit == OPTION_PERCENTAGE)
            options->memory = clrmem_physical_memory(!!option_effective(options, OPTION_CONTAINER));
}

void clrmem_options_load(struct clrmem_options *options)
{
    DWORD error = GetLastError();
    unsigned int i;

    InitializeSRWLock(&options->lock);
    for (i = 0; i < OPTION_COUNT; i++) option_take(options, OPTION_SOURCE_DEFAULT, i, option_table[i].standard);
    option_sources_read(options);
    know_memory(options);
    report_exceeding(options, exceeding_options(options));
    for (i = 0; i < OPTION_COUNT; i++)
        if (options->settings[i].refused) option_report_used(options, i);
    SetLastError(error);
}

/* pre: the lock is held for writing */
static HRESULT change_setting(struct clrmem_options *options, enum clrmem_option option,
                              const struct option_value *value)
{
    struct option_setting *setting = &options->settings[option], previous = *setting;
    DWORD exceeding = exceeding_options(options);

    setting->value = *value;
    setting->source = OPTION_SOURCE_CALL;
    know_memory(options);
    if (option_exceeds(options, option))
    {
        option_report_exceeding(options, option, true);
        *setting = previous;
        return E_INVALIDARG;
    }
    report_exceeding(options, exceeding_options(options) & ~exceeding);
    return S_OK;
}

HRESULT clrmem_options_set(struct clrmem_options *options, const char *name, const char *value)
{
    enum clrmem_option option = name ? option_by_name(name) : OPTION_COUNT;
    struct option_value parsed;
    HRESULT hr;

    if (option == OPTION_COUNT)
    {
        ERR("no option is called %s\n", debugstr_a(name));
        return E_INVALIDARG;
    }
    if (!value || !option_value_parse(&option_table[option], value, &parsed))
    {
        option_report_refused(OPTION_SOURCE_CALL, option, value);
        return E_INVALIDARG;
    }
    AcquireSRWLockExclusive(&options->lock);
    hr = change_setting(options, option, &parsed);
    ReleaseSRWLockExclusive(&options->lock);
    return hr;
}

uint64_t clrmem_options_value(struct clrmem_options *options, enum clrmem_option option)
{
    uint64_t value;

    AcquireSRWLockShared(&options->lock);
    value = option_effective(options, option);
    ReleaseSRWLockShared(&options->lock);
    return value;
}

HRESULT clrmem_options_get(struct clrmem_options *options, const char *name, char *buffer, SIZE_T size)
{
    enum clrmem_option option = name ? option_by_name(name) : OPTION_COUNT;
    char text[OPTION_VALUE_SIZE];

    if (size) *buffer = 0;
    if (option == OPTION_COUNT) return E_INVALIDARG;
    option_value_print(&option_table[option], clrmem_options_value(options, option), text);
    if (strlen(text) >= size) return HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER);
    strcpy(buffer, text);
    return S_OK;
}
