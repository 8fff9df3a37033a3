/*
 * Wine's registry files: lines of text, "[key] time" followed by "\"name\"=value" or "@=value", in which a backslash
 * escapes the next character, \xN... a character by its code.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "command.h"
#include "registry.h"

static char *put_utf8(char *out, unsigned int code)
{
    if (code < 0x80)
    {
        *out++ = code;
        return out;
    }
    if (code < 0x800)
        *out++ = 0xc0 | code >> 6;
    else
    {
        if (code < 0x10000)
            *out++ = 0xe0 | code >> 12;
        else
        {
            *out++ = 0xf0 | (code >> 18 & 7);
            *out++ = 0x80 | (code >> 12 & 0x3f);
        }
        *out++ = 0x80 | (code >> 6 & 0x3f);
    }
    *out++ = 0x80 | (code & 0x3f);
    return out;
}

/* Reads the at most four digits of \x; *text stands at the first. */
static unsigned int take_code_unit(const char **text)
{
    unsigned int code = 0;

    for (int digits = 0; digits < 4 && isxdigit((unsigned char)**text); digits++, ++*text)
        code = code * 16 + (isdigit((unsigned char)**text) ? **text - '0' : tolower((unsigned char)**text) - 'a' + 10);
    return code;
}

/* A character of Windows' UTF-16, which takes two code units beyond the first 65536. */
static unsigned int take_code(const char **text)
{
    unsigned int code = take_code_unit(text), low;
    const char *next = *text + 2;

    if ((code & 0xfc00) != 0xd800 || strncmp(*text, "\\x", 2)) return code;
    low = take_code_unit(&next);
    if ((low & 0xfc00) != 0xdc00) return code;
    *text = next;
    return 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
}

/* A new string: the text up to an unescaped end character, NULL if it is not there. *text is moved behind it. */
static char *take_escaped(const char **text, char end)
{
    const char *in = *text;
    char *copy = text_copy(in, strlen(in)), *out = copy;

    while (*in && *in != end)
    {
        if (*in != '\\')
            *out++ = *in++;
        else if (in[1] == 'x')
        {
            in += 2;
            out = put_utf8(out, take_code(&in));
        }
        else if (*++in)
            *out++ = *in++;
    }
    *out = 0;
    *text = in + 1;
    if (*in == end) return copy;
    free(copy);
    return NULL;
}

static bool line_is_key(const char *line, const char *key)
{
    char *name = NULL;
    bool found;

    if (*line != '[') return false;
    line++;
    name = take_escaped(&line, ']');
    found = name && !strcasecmp(name, key);
    free(name);
    return found;
}

/* Whether a line sets the value; *text is moved behind the '='. */
static bool line_is_value(const char **text, const char *name)
{
    const char *line = *text;
    char *found = NULL;
    bool same;

    if (*line == '@')
        line++;
    else if (*line++ == '"')
        found = take_escaped(&line, '"');
    else
        return false;
    same = found && name ? !strcasecmp(found, name) : !found && !name;
    free(found);
    *text = line + 1;
    return same && *line == '=';
}

/* The string of a value's right side: "..." or str(2):"..."; other types have no text. */
static char *value_text(const char *text)
{
    if (!strncmp(text, "str(2):", 7)) text += 7;
    if (*text++ != '"') return NULL;
    return take_escaped(&text, '"');
}

char *registry_value(const char *file, const char *key, const char *name)
{
    FILE *stream = fopen(file, "re");
    char *line = NULL, *value = NULL;
    bool inside = false;
    size_t size = 0;

    if (!stream) return NULL;
    while (!value && getline(&line, &size, stream) > 0)
    {
        const char *text = line;

        if (*line == '[')
            inside = line_is_key(line, key);
        else if (inside && line_is_value(&text, name))
            value = value_text(text);
    }
    free(line);
    fclose(stream);
    return value;
}
