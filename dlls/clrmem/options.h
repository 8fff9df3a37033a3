/*
 * The configuration of one manager.
 *
 * The first source that sets an option counts: a call, the option's own environment variable, CLRMEM_CONFIG, the
 * registry for this program, the registry, the default. A wrong value is reported by ERR and ignored.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_OPTIONS_H
#define CLRMEM_OPTIONS_H

#include <stdarg.h>
#include <windef.h>
#include <winbase.h>
#include "option_value.h"

/* Later ones count before earlier ones. */
enum option_source
{
    OPTION_SOURCE_DEFAULT,
    OPTION_SOURCE_REGISTRY,     /* HKCU\Software\Wine\clrmem */
    OPTION_SOURCE_APP_DEFAULTS, /* HKCU\Software\Wine\AppDefaults\<program>\clrmem */
    OPTION_SOURCE_CONFIG,       /* CLRMEM_CONFIG */
    OPTION_SOURCE_ENVIRONMENT,  /* CLRMEM_<NAME> */
    OPTION_SOURCE_CALL
};

struct option_setting
{
    struct option_value value; /* as given: percentages and bounds are computed when it is read */
    enum option_source source;
    bool refused; /* some source had a value for it that it does not take */
};

struct clrmem_options
{
    uint64_t memory; /* bytes: what percentages of no other option are of; 0 until there is one */
    struct option_setting settings[CLRMEM_OPTION_COUNT];
};

/* --- options.c; pre: no other thread changes the options ---------------------------------------------------------- */

/* Reads every source. pre: the memory is zeroed. Preserves the last error. */
void clrmem_options_load(struct clrmem_options *options);

/* Sets an option, the name in any case. S_OK; E_INVALIDARG, an ERR, and nothing changed for an unknown name, for a
 * value that the option does not take, and for one above the option that bounds it. */
HRESULT clrmem_options_set(struct clrmem_options *options, const char *name, const char *value);

/* Sets an exact value, which the caller has checked, as by a call. */
void clrmem_options_set_number(struct clrmem_options *options, enum clrmem_option option, uint64_t number);

/* The effective value, in a form that clrmem_options_set takes. size: bytes; OPTION_VALUE_SIZE always do. S_OK,
 * E_INVALIDARG for an unknown name, HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER); an empty text on failure. */
HRESULT clrmem_options_get(const struct clrmem_options *options, const char *name, char *buffer, SIZE_T size);

/* The effective value: bytes, milliseconds, percent, or 0 and 1 for no and yes. */
uint64_t clrmem_options_value(const struct clrmem_options *options, enum clrmem_option option);

/* Traces the effective value and the source of each option, and on one line what differs from the default. */
void clrmem_options_log(const struct clrmem_options *options);

/* --- option_source.c ---------------------------------------------------------------------------------------------- */

/* Calls `found` for every value in the registry and the environment, the weakest source first; reports what names no
 * option. */
typedef void option_found(struct clrmem_options *options, enum option_source source, enum clrmem_option option,
                          const char *text);
void option_sources_read(struct clrmem_options *options, option_found *found);

/* Where a source sets the option; of CLRMEM_OPTION_NONE, the registry's key. buffer: OPTION_PLACE_SIZE bytes. */
#define OPTION_PLACE_SIZE 512
const char *option_source_describe(enum option_source source, enum clrmem_option option, char *buffer);

/* --- memory_load.c ------------------------------------------------------------------------------------------------ */

/* Bytes of memory for this process: the container's limit if that counts, else the machine's memory; not 0. Takes
 * milliseconds. */
ULONGLONG clrmem_physical_memory(BOOL with_container);

#endif
