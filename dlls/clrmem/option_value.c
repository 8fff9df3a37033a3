/*
 * The table of options; numbers with units, and the words that stand for some.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "option_value.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
#define KIND(kind, unit, takes) static const char kind##_UNIT[] = unit; enum { kind##_TAKES = (takes) };
CLRMEM_OPTION_KINDS(KIND)

const struct option_definition option_table[CLRMEM_OPTION_COUNT] = {
#define OPTION(UPPER, lower, Mixed, kind, standard, least, most, bound, purpose, risk) \
    {#lower, "CLRMEM_" #UPPER, #Mixed, kind##_UNIT, kind##_TAKES, standard, least, most, CLRMEM_OPTION_##bound, \
     purpose, risk},
    CLRMEM_OPTIONS(OPTION)
};
/* clang-format on */

static const char size_suffixes[] = "KMGT"; /* each 1024 of the one before */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* ASCII letters in any case. */
static bool is_same(const char *one, const char *other)
{
    for (; *one && lower(*one) == lower(*other); one++) other++;
    return lower(*one) == lower(*other);
}

enum clrmem_option option_by_name(const char *name)
{
    enum clrmem_option option = 0;

    while (option < CLRMEM_OPTION_COUNT && !is_same(name, option_table[option].name)) option++;
    return option;
}

/* Copies the text without the blanks around it; false where it is empty or does not fit. */
static bool trim(const char *text, char *buffer)
{
    size_t length;

    text += strspn(text, " \t");
    length = strlen(text);
    while (length && strchr(" \t", text[length - 1])) length--;
    if (!length || length >= OPTION_TEXT_SIZE) return false;
    memcpy(buffer, text, length);
    buffer[length] = 0;
    return true;
}

/* *text: the first character that is no digit. False where there is no digit, or too many. */
static bool parse_digits(const char **text, uint64_t *number)
{
    const char *p = *text;
    uint64_t value = 0, digit;

    for (; *p >= '0' && *p <= '9'; p++)
    {
        digit = *p - '0';
        if (value > (UINT64_MAX - digit) / 10) return false;
        value = value * 10 + digit;
    }
    if (p == *text) return false;
    *text = p;
    *number = value;
    return true;
}

/* K, M, G or T; false where the number gets too large. */
static bool parse_size_suffix(const char **text, uint64_t *number)
{
    const char *found = **text ? strchr(size_suffixes, lower(**text) - ('a' - 'A')) : NULL;
    unsigned int shift;

    if (!found || !*found) return true;
    shift = 10 * (found - size_suffixes + 1);
    if (*number > UINT64_MAX >> shift) return false;
    *number <<= shift;
    ++*text;
    return true;
}

static bool parse_word(const struct option_definition *definition, const char *text, struct option_value *out)
{
    static const struct
    {
        unsigned int takes;
        const char *word;
        struct option_value value;
    } words[] = {
        {CLRMEM_OPTION_TAKES_NONE, "none", {CLRMEM_OPTION_NO_LIMIT, OPTION_EXACT}},
        {CLRMEM_OPTION_TAKES_AUTO, "auto", {0, OPTION_AUTO}},
        {CLRMEM_OPTION_TAKES_FOREVER, "forever", {CLRMEM_OPTION_FOREVER, OPTION_EXACT}},
        {CLRMEM_OPTION_TAKES_FLAG, "yes", {1, OPTION_EXACT}},
        {CLRMEM_OPTION_TAKES_FLAG, "no", {0, OPTION_EXACT}},
    };

    for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++)
    {
        if (!(definition->takes & words[i].takes) || !is_same(text, words[i].word)) continue;
        *out = words[i].value;
        return true;
    }
    return false;
}

static bool parse_number(const struct option_definition *definition, const char *text, struct option_value *out)
{
    uint64_t least = definition->least, most = definition->most;
    struct option_value value = {0, OPTION_EXACT};

    if (!parse_digits(&text, &value.number)) return false;
    if (*text == '%' && definition->takes & CLRMEM_OPTION_TAKES_PERCENT)
        text++;
    else if (*text == '%' && definition->takes & CLRMEM_OPTION_TAKES_SIZE)
    {
        value.unit = OPTION_PERCENTAGE;
        least = least ? 1 : 0;
        most = 100;
        text++;
    }
    else if (definition->takes & CLRMEM_OPTION_TAKES_SIZE && !parse_size_suffix(&text, &value.number))
        return false;
    if (*text || value.number < least || value.number > most) return false;
    *out = value;
    return true;
}

bool option_value_parse(const struct option_definition *definition, const char *text, struct option_value *out)
{
    char trimmed[OPTION_TEXT_SIZE];

    return trim(text, trimmed) && (parse_word(definition, trimmed, out) || parse_number(definition, trimmed, out));
}

static void print_size(uint64_t number, char *buffer)
{
    unsigned int suffix = 0;

    for (; number && !(number % 1024) && size_suffixes[suffix]; suffix++) number /= 1024;
    snprintf(buffer, OPTION_VALUE_SIZE, "%" PRIu64 "%.1s", number, suffix ? &size_suffixes[suffix - 1] : "");
}

void option_value_print(const struct option_definition *definition, uint64_t number, char *buffer)
{
    unsigned int takes = definition->takes;

    if (takes & CLRMEM_OPTION_TAKES_NONE && number == CLRMEM_OPTION_NO_LIMIT)
        strcpy(buffer, "none");
    else if (takes & CLRMEM_OPTION_TAKES_FOREVER && number == CLRMEM_OPTION_FOREVER)
        strcpy(buffer, "forever");
    else if (takes & CLRMEM_OPTION_TAKES_FLAG)
        strcpy(buffer, number ? "yes" : "no");
    else if (takes & CLRMEM_OPTION_TAKES_SIZE)
        print_size(number, buffer);
    else
        snprintf(buffer, OPTION_VALUE_SIZE, "%" PRIu64 "%s", number, takes & CLRMEM_OPTION_TAKES_PERCENT ? "%" : "");
}

void option_value_expected(const struct option_definition *definition, char *buffer)
{
    char least[OPTION_VALUE_SIZE], most[OPTION_VALUE_SIZE];
    unsigned int takes = definition->takes;

    option_value_print(definition, definition->least, least);
    option_value_print(definition, definition->most, most);
    if (takes & CLRMEM_OPTION_TAKES_FLAG)
        strcpy(buffer, definition->unit);
    else if (takes & CLRMEM_OPTION_TAKES_SIZE)
        snprintf(buffer, OPTION_TEXT_SIZE, "%s from %s on, also with K, M, G or T; or up to 100%%%s%s",
                 definition->unit, least, takes & CLRMEM_OPTION_TAKES_NONE ? "; or none" : "",
                 takes & CLRMEM_OPTION_TAKES_AUTO ? "; or auto" : "");
    else
        snprintf(buffer, OPTION_TEXT_SIZE, "%s from %s to %s%s", definition->unit, least, most,
                 takes & CLRMEM_OPTION_TAKES_FOREVER ? "; or forever" : "");
}
