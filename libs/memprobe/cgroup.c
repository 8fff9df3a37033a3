/*
 * Parsers for Linux's files about memory.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "memprobe/cgroup.h"
#include "memprobe/pressure.h"

#include <string.h>

/* Version 1 has the greatest number of whole pages for no limit, which varies; no real limit comes near. */
#define LEAST_NO_LIMIT (UINT64_C(1) << 62)

typedef struct memprobe_text text_t;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes the text up to `end`, which is skipped, or all of it; true if there was any text. */
static bool take_until(text_t *text, char end, text_t *part)
{
    const char *found;

    if (!text->length) return false;
    found = memchr(text->start, end, text->length);
    part->start = text->start;
    part->length = found ? (size_t)(found - text->start) : text->length;
    text->start += part->length + !!found;
    text->length -= part->length + !!found;
    return true;
}

static bool take_number(text_t *text, uint64_t *value)
{
    size_t i;

    *value = 0;
    for (i = 0; i < text->length && is_digit(text->start[i]); i++)
    {
        unsigned digit = (unsigned)(text->start[i] - '0');

        if (*value > (UINT64_MAX - digit) / 10) return false;
        *value = *value * 10 + digit;
    }
    text->start += i;
    text->length -= i;
    return i > 0;
}

static bool take_word(text_t *text, const char *word)
{
    size_t length = strlen(word);

    if (text->length < length || memcmp(text->start, word, length)) return false;
    text->start += length;
    text->length -= length;
    return true;
}

static void take_spaces(text_t *text)
{
    while (text->length && (*text->start == ' ' || *text->start == '\t'))
    {
        text->start++;
        text->length--;
    }
}

/* Whether a line begins with `name` and blanks; takes both. */
static bool take_name(text_t *line, const char *name)
{
    text_t rest = *line;

    if (!take_word(&rest, name) || !rest.length || (*rest.start != ' ' && *rest.start != '\t')) return false;
    take_spaces(&rest);
    *line = rest;
    return true;
}

/* The rest of the first line that begins with `name`. */
static bool find_line(text_t text, const char *name, text_t *rest)
{
    while (take_until(&text, '\n', rest))
        if (take_name(rest, name)) return true;
    return false;
}

bool memprobe_text_bytes(const char *text, size_t length, uint64_t *bytes)
{
    text_t rest = {text, length};

    return take_number(&rest, bytes) && (!rest.length || (rest.length == 1 && *rest.start == '\n'));
}

bool memprobe_text_limit(const char *text, size_t length, uint64_t *limit)
{
    text_t rest = {text, length};

    if (take_word(&rest, "max") && (!rest.length || (rest.length == 1 && *rest.start == '\n')))
        *limit = MEMPROBE_NO_LIMIT;
    else if (!memprobe_text_bytes(text, length, limit))
        return false;
    if (*limit >= LEAST_NO_LIMIT) *limit = MEMPROBE_NO_LIMIT;
    return true;
}

bool memprobe_text_stat(const char *text, size_t length, const char *name, uint64_t *value)
{
    text_t rest;

    return find_line((text_t){text, length}, name, &rest) && take_number(&rest, value) && !rest.length;
}

bool memprobe_text_stat_limit(const char *text, size_t length, const char *name, uint64_t *limit)
{
    if (!memprobe_text_stat(text, length, name, limit)) return false;
    if (*limit >= LEAST_NO_LIMIT) *limit = MEMPROBE_NO_LIMIT;
    return true;
}

uint64_t memprobe_cgroup_used(uint64_t usage, uint64_t inactive_file)
{
    return usage > inactive_file ? usage - inactive_file : 0;
}

/* --- groups ------------------------------------------------------------------ */

/* Whether one of the comma separated controllers is "memory". */
static bool has_memory(text_t controllers)
{
    text_t one;

    while (take_until(&controllers, ',', &one))
        if (one.length == 6 && !memcmp(one.start, "memory", 6)) return true;
    return false;
}

/* A group outside of the namespace is shown with a path that climbs. */
static bool climbs(text_t path)
{
    text_t component;

    while (take_until(&path, '/', &component))
        if (component.length == 2 && !memcmp(component.start, "..", 2)) return true;
    return false;
}

static text_t group_of_path(text_t path)
{
    if (!path.length || *path.start != '/' || climbs(path)) return (text_t){NULL, 0};
    while (path.length && path.start[path.length - 1] == '/') path.length--;
    return path;
}

void memprobe_cgroup_groups(const char *text, size_t length, struct memprobe_groups *groups)
{
    text_t rest = {text, length}, line, number, controllers;

    *groups = (struct memprobe_groups){{NULL, 0}, {NULL, 0}};
    while (take_until(&rest, '\n', &line))
    {
        /* "number:controllers:path", where the path may have colons of its own. */
        if (!take_until(&line, ':', &number) || !take_until(&line, ':', &controllers)) continue;
        if (has_memory(controllers)) groups->memory = group_of_path(line);
        if (!controllers.length && number.length == 1 && *number.start == '0') groups->unified = group_of_path(line);
    }
}

struct memprobe_text memprobe_cgroup_parent(struct memprobe_text group)
{
    if (!group.length) return (text_t){NULL, 0};
    do group.length--;
    while (group.length && group.start[group.length] != '/');
    while (group.length && group.start[group.length - 1] == '/') group.length--;
    return group;
}

/* --- the machine --------------------------------------------------------------- */

/* "12.34" as hundredths; the kernel gives two decimals. */
static bool take_hundredths(text_t *text, uint64_t *value)
{
    uint64_t decimals;
    size_t before;

    if (!take_number(text, value) || *value > 100 || !take_word(text, ".")) return false;
    before = text->length;
    if (!take_number(text, &decimals) || before - text->length != 2) return false;
    *value = *value * 100 + decimals;
    return true;
}

bool memprobe_text_stall(const char *text, size_t length, uint32_t *hundredths)
{
    text_t rest;
    uint64_t value;

    if (!find_line((text_t){text, length}, "some", &rest) || !take_word(&rest, "avg10=")) return false;
    if (!take_hundredths(&rest, &value)) return false;
    *hundredths = value > 10000 ? 10000 : (uint32_t)value;
    return true;
}

/* "MemTotal:   1234 kB" in bytes. */
static bool meminfo_bytes(text_t text, const char *name, uint64_t *bytes)
{
    text_t rest;

    if (!find_line(text, name, &rest) || !take_number(&rest, bytes) || *bytes > UINT64_MAX / 1024) return false;
    take_spaces(&rest);
    *bytes *= 1024;
    return rest.length == 2 && !memcmp(rest.start, "kB", 2);
}

bool memprobe_text_meminfo(const char *text, size_t length, uint64_t *total, uint64_t *available)
{
    text_t all = {text, length};
    uint64_t free_bytes, buffers, cached;

    if (!meminfo_bytes(all, "MemTotal:", total) || !*total) return false;
    if (meminfo_bytes(all, "MemAvailable:", available)) return true;
    if (!meminfo_bytes(all, "MemFree:", &free_bytes)) return false;
    if (!meminfo_bytes(all, "Buffers:", &buffers)) buffers = 0;
    if (!meminfo_bytes(all, "Cached:", &cached)) cached = 0;
    *available = free_bytes + buffers + cached;
    return true;
}
