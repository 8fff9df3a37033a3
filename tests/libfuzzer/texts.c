/*
 * The kernel's texts: with any contents, nothing beyond their end is read.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

#include "memprobe/cgroup.h"

#include <string.h>

static void read_groups(const char *text, size_t length)
{
    struct memprobe_groups groups;
    struct memprobe_text group;

    memprobe_cgroup_groups(text, length, &groups);
    for (group = groups.memory; group.start; group = memprobe_cgroup_parent(group))
        REQUIRE(group.start >= text && group.length <= length, "a group of %zu bytes", group.length);
    for (group = groups.unified; group.start; group = memprobe_cgroup_parent(group))
        REQUIRE(group.start >= text && group.length <= length, "a group of %zu bytes", group.length);
}

void use_texts(void)
{
    static const char *const beginnings[] = {"",        "max",          "some avg10=",  "MemTotal: 4 kB\nMemFree: ",
                                             "cache ",  "0::/",         "2:memory:/",   "MemTotal: 8 kB\nMemAvailable:",
                                             "cache 9", "some avg10=1", "MemTotal: 18", "0:memory,x:/a\n0::/b/"};
    const char *beginning = beginnings[take_below(sizeof(beginnings) / sizeof(*beginnings))];
    size_t length = strlen(beginning) + (size_t)(input.end - input.next);
    char *text = malloc(length + !length); /* of that size, for the sanitizer to watch */
    uint64_t value, more;
    uint32_t share;

    memcpy(text, beginning, strlen(beginning));
    memcpy(text + strlen(beginning), input.next, (size_t)(input.end - input.next));
    read_groups(text, length);
    memprobe_text_bytes(text, length, &value);
    memprobe_text_limit(text, length, &value);
    memprobe_text_stat_limit(text, length, "cache", &value);
    if (memprobe_text_stall(text, length, &share)) REQUIRE(share <= 10000, "%u", share);
    if (memprobe_text_meminfo(text, length, &value, &more)) REQUIRE(value, "no memory");
    free(text);
}
