/*
 * The values of options as text: parsed, printed, and what would have been right. Plain C11.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_OPTIONVALUE_H
#define CLRMEM_OPTIONVALUE_H

#include <stdbool.h>
#include <stddef.h>
#include "optiontable.h"

#define OPTION_TEXT_SIZE  128 /* bytes with the NUL: no value as given, and no text about one, is longer */
#define OPTION_VALUE_SIZE 24  /* bytes with the NUL: no value as printed is longer */

enum option_unit
{
    OPTION_EXACT,      /* in the unit of its kind; flags: 0, 1 */
    OPTION_PERCENTAGE, /* of another option or of the memory */
    OPTION_AUTO
};

struct option_value
{
    uint64_t number; /* 0 where the unit is OPTION_AUTO */
    enum option_unit unit;
};

/* False, and *out unchanged, where the option does not take this. Blanks around the text are no part of it, and case
 * does not matter. */
bool option_value_parse(const struct option_definition *definition, const char *text, struct option_value *out);

/* An exact value such as option_value_parse takes it, sizes with the largest suffix that keeps them exact.
 * buffer: OPTION_VALUE_SIZE bytes. */
void option_value_print(const struct option_definition *definition, uint64_t number, char *buffer);

/* What the option takes, to end a sentence with. buffer: OPTION_TEXT_SIZE bytes. */
void option_value_expected(const struct option_definition *definition, char *buffer);

#endif
