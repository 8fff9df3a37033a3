/*
 * The configuration of one manager.
 *
 * The first that says something counts: a call, the option's own environment variable, CLRMEM_CONFIG, the registry for
 * this program, the registry, the default. What is wrong is reported by ERR and ignored.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_OPTIONS_H
#define CLRMEM_OPTIONS_H

#include <stdarg.h>
#include <windef.h>
#include <winbase.h>
#include "optionvalue.h"

struct hostmem_heap;
struct memory_manager;

/* Later ones count before earlier ones. */
enum option_source
{
    OPTION_SOURCE_DEFAULT,
    OPTION_SOURCE_REGISTRY,     /* HKCU\Software\Wine\clrmem */
    OPTION_SOURCE_APP_DEFAULTS, /* HKCU\Software\Wine\AppDefaults\<program>\clrmem */
    OPTION_SOURCE_CONFIG,       /* CLRMEM_CONFIG */
    OPTION_SOURCE_ENVIRONMENT,  /* CLRMEM_<NAME> */
    OPTION_SOURCE_CALL          /* clrmem_options_set */
};

struct option_setting
{
    struct option_value value; /* as given: percentages are computed, and bounds kept, when it is read */
    enum option_source source;
    bool refused; /* some source had a value for it that it does not take */
};

struct clrmem_options
{
    SRWLOCK lock;    /* for all below, once clrmem_options_load is done */
    uint64_t memory; /* bytes: what percentages of no other option are of; 0 until there is one */
    struct option_setting settings[OPTION_COUNT];
};

/* --- options.c, optionapply.c, optionlog.c: for the rest of the DLL; any thread, but for load --------------------- */

/* Reads every source. pre: the memory is zeroed, nobody else uses it. Leaves the last error alone. */
void clrmem_options_load(struct clrmem_options *options);

/* Sets an option, the name in any case. S_OK; E_INVALIDARG, an ERR, and nothing changed for an unknown name, for a
 * value that the option does not take, and for one above the option that bounds it. Takes effect by
 * clrmem_options_apply. */
HRESULT clrmem_options_set(struct clrmem_options *options, const char *name, const char *value);

/* The effective value, in a form that clrmem_options_set takes. size: bytes; OPTION_VALUE_SIZE always does. S_OK,
 * E_INVALIDARG for an unknown name, HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER); an empty text on failure. */
HRESULT clrmem_options_get(struct clrmem_options *options, const char *name, char *buffer, SIZE_T size);

/* The effective value: bytes, milliseconds, percent, or 0 and 1 for no and yes. */
uint64_t clrmem_options_value(struct clrmem_options *options, enum clrmem_option option);

/* Hands limits and waits to the manager's core, and to what watches the pressure. */
void clrmem_options_apply(struct memory_manager *manager);

/* The limits of a new heap of the manager. */
void clrmem_options_apply_heap(struct memory_manager *manager, struct hostmem_heap *heap);

/* Traces the effective value and the source of each option, and on one line what differs from the default. */
void clrmem_options_log(struct clrmem_options *options);

/* --- among the files of the options; pre: the lock is held, or there is nobody else yet --------------------------- */

/* options.c: a value from a source other than a call. */
void option_take(struct clrmem_options *options, enum option_source source, enum clrmem_option option,
                 const char *text);

/* optionresolve.c: what was asked for, in the option's unit, and what of it the option that bounds it leaves. */
uint64_t option_wanted(const struct clrmem_options *options, enum clrmem_option option);
uint64_t option_effective(const struct clrmem_options *options, enum clrmem_option option);
/* Whether somebody asked for more than is effective. */
bool option_exceeds(const struct clrmem_options *options, enum clrmem_option option);

/* optionsource.c: calls option_take for what the registry and the environment have, the weakest source first. */
void option_sources_read(struct clrmem_options *options);
/* Where an option of that source is set. buffer: OPTION_PLACE_SIZE bytes. */
#define OPTION_PLACE_SIZE 512
void option_source_describe(enum option_source source, enum clrmem_option option, char *buffer);

/* optionlog.c: the ERR lines. refused: what exceeds is not taken at all, else it is lowered. */
void option_report_refused(enum option_source source, enum clrmem_option option, const char *text);
void option_report_exceeding(const struct clrmem_options *options, enum clrmem_option option, bool refused);
void option_report_used(const struct clrmem_options *options, enum clrmem_option option);

/* optionmemory.c: bytes of memory that there are for this process, the container's if that counts and has a limit; not
 * 0. Takes milliseconds. */
ULONGLONG clrmem_physical_memory(BOOL with_container);

#endif
