/*
 * Options and their values as text: the table, parsing, printing. Plain C11, so that native programs can be built with
 * it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_OPTION_VALUE_H
#define CLRMEM_OPTION_VALUE_H

#include <stdbool.h>
#include "clrmem_options.h"

#define OPTION_TEXT_SIZE  128 /* bytes with the NUL: no value as given, and no text about one, is longer */
#define OPTION_VALUE_SIZE 24  /* bytes with the NUL: no value as printed is longer */

struct option_definition
{
    const char *name, *variable, *value; /* lower case; in the environment; in the registry */
    const char *unit;                    /* of an exact number */
    unsigned int takes;                  /* CLRMEM_OPTION_TAKES_… */
    const char *standard;                /* the default */
    uint64_t least, most;                /* in the unit */
    enum clrmem_option bound;            /* or CLRMEM_OPTION_NONE */
    const char *purpose, *risk;
};
extern const struct option_definition option_table[CLRMEM_OPTION_COUNT];

enum option_unit
{
    OPTION_EXACT,      /* in the option's unit; flags: 0, 1 */
    OPTION_PERCENTAGE, /* of another option or of the memory */
    OPTION_AUTO
};

struct option_value
{
    uint64_t number; /* 0 where the unit is OPTION_AUTO */
    enum option_unit unit;
};

/* The option of that name, in any case; CLRMEM_OPTION_NONE for an unknown one. */
enum clrmem_option option_by_name(const char *name);

/* False, and *out unchanged, where the option does not take the text. Blanks around it and case do not matter. */
bool option_value_parse(const struct option_definition *definition, const char *text, struct option_value *out);

/* An exact value such as option_value_parse takes it, sizes with the largest suffix that keeps them exact.
 * buffer: OPTION_VALUE_SIZE bytes. */
void option_value_print(const struct option_definition *definition, uint64_t number, char *buffer);

/* What the option takes, to end a sentence with: "milliseconds from 10 to 60000". buffer: OPTION_TEXT_SIZE bytes. */
void option_value_expected(const struct option_definition *definition, char *buffer);

#endif
