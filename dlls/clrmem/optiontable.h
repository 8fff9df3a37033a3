/*
 * The options of a manager: the one table that the names in the environment and the registry, the defaults, the
 * accepted values and the texts about them come from. Plain C11, so that other programs can be built with it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_OPTIONTABLE_H
#define CLRMEM_OPTIONTABLE_H

#include <stdbool.h>
#include <stdint.h>

enum clrmem_option
{
    OPTION_LIMIT,
    OPTION_SOFT_LIMIT,
    OPTION_APPDOMAIN_RESERVE,
    OPTION_PROCESS_RESERVE,
    OPTION_TASK_WAIT,
    OPTION_APPDOMAIN_WAIT,
    OPTION_PROCESS_WAIT,
    OPTION_LOCK_WAIT,
    OPTION_HEAP_LIMIT,
    OPTION_HEAP_SOFT_LIMIT,
    OPTION_LOW_LOAD,
    OPTION_HIGH_LOAD,
    OPTION_HYSTERESIS,
    OPTION_INTERVAL,
    OPTION_LOW_INTERVAL,
    OPTION_PSI,
    OPTION_CONTAINER,
    OPTION_LEAKS,
    OPTION_COUNT
};

enum option_kind
{
    OPTION_LIMIT_SIZE,      /* bytes, a percentage, none */
    OPTION_SOFT_LIMIT_SIZE, /* bytes, a percentage, none, auto */
    OPTION_RESERVE_SIZE,    /* bytes, a percentage, auto */
    OPTION_WAIT,            /* milliseconds, forever */
    OPTION_PERIOD,          /* milliseconds */
    OPTION_PERCENT,         /* percent of memory in use */
    OPTION_FLAG,            /* yes, no */
    OPTION_KIND_COUNT
};

#define OPTION_NO_LIMIT UINT64_MAX /* bytes: none */
#define OPTION_FOREVER  UINT32_MAX /* milliseconds: no end */

struct option_definition
{
    const char *name;  /* lower case */
    const char *value; /* in the registry */
    enum option_kind kind;
    const char *standard; /* what it is where nothing sets it */
    uint64_t least, most; /* of a number; percentages of sizes end at 100 */
    enum clrmem_option
        of; /* it may not exceed that option, and its percentages are of it; OPTION_COUNT: no such option */
    const char *purpose;
};

/* In the order of enum clrmem_option. */
extern const struct option_definition option_table[OPTION_COUNT];

/* The variable that may set several options: "limit=512M;softlimit=75%". */
#define OPTION_CONFIG_VARIABLE "CLRMEM_CONFIG"

/* The option's own variable: CLRMEM_ and its name in upper case. buffer: OPTION_VARIABLE_SIZE bytes. */
#define OPTION_VARIABLE_PREFIX "CLRMEM_"
#define OPTION_VARIABLE_SIZE   32
void option_variable(enum clrmem_option option, char *buffer);

/* The option of that name, in any case; OPTION_COUNT where there is none. */
enum clrmem_option option_by_name(const char *name);

/* Whether two texts are the same but for the case of ASCII letters. */
bool option_text_equal(const char *one, const char *other);

#endif
