/*
 * Parsers for Linux's files about memory: the control groups of a process, a group's figures, stall information, the
 * machine's memory. Texts need no terminating NUL. The functions return false for a missing or malformed figure.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef MEMPROBE_CGROUP_H
#define MEMPROBE_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A part of a text, or NULL and 0. */
struct memprobe_text
{
    const char *start;
    size_t length; /* bytes */
};

/* A process's groups, by /proc/<pid>/cgroup: below the mount of version 1's memory controller, and below version 2's.
 * Each begins with a slash and has no slash at its end, so that the root is empty; NULL for no such line, no path, or a
 * path that leads out of the mount. */
struct memprobe_groups
{
    struct memprobe_text memory, unified;
};
void memprobe_cgroup_groups(const char *text, size_t length, struct memprobe_groups *groups);

/* The parent group; NULL of the root. */
struct memprobe_text memprobe_cgroup_parent(struct memprobe_text group);

/* A number of bytes, and nothing else but a newline. */
bool memprobe_text_bytes(const char *text, size_t length, uint64_t *bytes);

/* A limit of either version, alone or by its name in memory.stat. "max", and version 1's numbers for no limit, give
 * MEMPROBE_NO_LIMIT. */
bool memprobe_text_limit(const char *text, size_t length, uint64_t *limit);
bool memprobe_text_stat_limit(const char *text, size_t length, const char *name, uint64_t *limit);

/* The number of the line "<name> <number>", as in memory.stat. */
bool memprobe_text_stat(const char *text, size_t length, const char *name, uint64_t *value);

/* Usage without the inactive part of the file cache, which the kernel reclaims first. Bytes. */
uint64_t memprobe_cgroup_used(uint64_t usage, uint64_t inactive_file);

/* The share of the last ten seconds in which some task was stalled for memory, in hundredths of a percent (at most
 * 10000), from a memory.pressure file. */
bool memprobe_text_stall(const char *text, size_t length, uint32_t *hundredths);

/* The machine's memory and the available part of it, bytes, by /proc/meminfo. Without MemAvailable, as in old kernels:
 * the free and the cached memory. */
bool memprobe_text_meminfo(const char *text, size_t length, uint64_t *total, uint64_t *available);

#endif
