/*
 * Numbers with units, and the words that stand for some.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "optionvalue.h"
#include <stdio.h>
#include <string.h>

static const char size_suffixes[] = "KMGT"; /* each 1024 of the one before */

static const struct
{
    const char *what;
    bool size, percent, none, automatic, forever, flag; /* what it may be beside a number */
} kinds[OPTION_KIND_COUNT] = {
    [OPTION_LIMIT_SIZE] = {"a size", .size = true, .none = true},
    [OPTION_SOFT_LIMIT_SIZE] = {"a size", .size = true, .none = true, .automatic = true},
    [OPTION_RESERVE_SIZE] = {"a size", .size = true, .automatic = true},
    [OPTION_WAIT] = {"milliseconds", .forever = true},
    [OPTION_PERIOD] = {"milliseconds"},
    [OPTION_PERCENT] = {"percent", .percent = true},
    [OPTION_FLAG] = {"yes or no", .flag = true},
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Copies the text without the blanks around it; false where it is empty or does not fit. */
static bool trim(const char *text, char *buffer)
{
    size_t length;

    while (is_blank(*text)) text++;
    length = strlen(text);
    while (length && is_blank(text[length - 1])) length--;
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

/* Takes K, M, G or T; false where the number gets too large. */
static bool parse_size_suffix(const char **text, uint64_t *number)
{
    char suffix[2] = {**text, 0}, known[2] = {0};
    unsigned int i;

    for (i = 0; size_suffixes[i]; i++)
    {
        known[0] = size_suffixes[i];
        if (!option_text_equal(suffix, known)) continue;
        if (*number > UINT64_MAX >> 10 * (i + 1)) return false;
        *number <<= 10 * (i + 1);
        ++*text;
        break;
    }
    return true;
}

static bool parse_word(const struct option_definition *definition, const char *text, struct option_value *out)
{
    const struct
    {
        bool allowed;
        const char *word;
        struct option_value value;
    } words[] = {
        {kinds[definition->kind].none, "none", {OPTION_NO_LIMIT, OPTION_EXACT}},
        {kinds[definition->kind].automatic, "auto", {0, OPTION_AUTO}},
        {kinds[definition->kind].forever, "forever", {OPTION_FOREVER, OPTION_EXACT}},
        {kinds[definition->kind].flag, "yes", {1, OPTION_EXACT}},
        {kinds[definition->kind].flag, "no", {0, OPTION_EXACT}},
    };

    for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++)
    {
        if (!words[i].allowed || !option_text_equal(text, words[i].word)) continue;
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
    if (kinds[definition->kind].percent && *text == '%') text++;
    if (kinds[definition->kind].size && *text == '%')
    {
        value.unit = OPTION_PERCENTAGE;
        least = least ? 1 : 0;
        most = 100;
        text++;
    }
    else if (kinds[definition->kind].size && !parse_size_suffix(&text, &value.number))
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

/* Decimal digits and a unit, which may be 0. */
static void print_digits(uint64_t number, char unit, char *buffer)
{
    char reversed[OPTION_VALUE_SIZE];
    unsigned int count = 0;

    do reversed[count++] = '0' + number % 10;
    while (number /= 10);
    while (count) *buffer++ = reversed[--count];
    *buffer++ = unit;
    *buffer = 0;
}

static void print_size(uint64_t number, char *buffer)
{
    unsigned int suffix = 0; /* 0: bytes */

    while (number && !(number % 1024) && size_suffixes[suffix])
    {
        number /= 1024;
        suffix++;
    }
    print_digits(number, suffix ? size_suffixes[suffix - 1] : 0, buffer);
}

void option_value_print(const struct option_definition *definition, uint64_t number, char *buffer)
{
    if (kinds[definition->kind].none && number == OPTION_NO_LIMIT)
        strcpy(buffer, "none");
    else if (kinds[definition->kind].forever && number == OPTION_FOREVER)
        strcpy(buffer, "forever");
    else if (kinds[definition->kind].flag)
        strcpy(buffer, number ? "yes" : "no");
    else if (kinds[definition->kind].size)
        print_size(number, buffer);
    else
        print_digits(number, kinds[definition->kind].percent ? '%' : 0, buffer);
}

/* Such as "bytes from 4K on, also with K, M, G or T; or up to 100%; or none". */
void option_value_expected(const struct option_definition *definition, char *buffer)
{
    char least[OPTION_VALUE_SIZE], most[OPTION_VALUE_SIZE];

    option_value_print(definition, definition->least, least);
    option_value_print(definition, definition->most, most);
    if (kinds[definition->kind].flag)
        strcpy(buffer, kinds[definition->kind].what);
    else if (kinds[definition->kind].size)
        snprintf(buffer, OPTION_TEXT_SIZE, "bytes from %s on, also with K, M, G or T; or up to 100%%%s%s", least,
                 kinds[definition->kind].none ? "; or none" : "", kinds[definition->kind].automatic ? "; or auto" : "");
    else
        snprintf(buffer, OPTION_TEXT_SIZE, "%s from %s to %s%s", kinds[definition->kind].what, least, most,
                 kinds[definition->kind].forever ? "; or forever" : "");
}
