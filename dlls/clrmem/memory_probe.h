/*
 * The memory probe: samples of the container, the machine and stall, from the files of Linux.
 *
 * Files are read through Wine's \\?\unix, where proc\self is the wineserver, not this process. So `clrmem run` passes the
 * program's control groups in CLRMEM_CGROUP. A program that is started without it is taken to be in the wineserver's.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_MEMORY_PROBE_H
#define CLRMEM_MEMORY_PROBE_H

#include <stdarg.h>
#include <windef.h>
#include <winbase.h>
#include <winnls.h>
#include "memprobe/cgroup.h"
#include "memprobe/pressure.h"

#define UNIX_ROOT        L"\\\\?\\unix"
#define UNIX_PATH_LENGTH 2048 /* WCHARs, with the NUL */
#define UNIX_TEXT_SIZE   8192 /* bytes; a longer file is cut off at a line's end */
#define GROUPS_SIZE      4096 /* bytes of /proc/<pid>/cgroup, as `clrmem run` passes them */

/* --- unix_file.c: any thread; each file for one thread at a time -------------------------------------------------- */

/* The root and a path of Linux, in UTF-8, as a Windows path. FALSE where there is no room, or the path has characters
 * that Wine cannot open. */
BOOL unix_path(const WCHAR *root, const char *const *parts, unsigned int count, WCHAR *path);

/* Opens for reading; NULL where that fails. */
HANDLE unix_open(const WCHAR *path);

/* Reads the file from its start, fresh each time. Returns the bytes read, 0 also on failure. text: UNIX_TEXT_SIZE. */
size_t unix_read(HANDLE file, char *text);

void unix_close(HANDLE *file); /* and sets it to NULL */

/* --- container.c: one thread at a time ---------------------------------------------------------------------------- */

struct container_level
{
    HANDLE usage, max, soft, stat; /* of version 1 `max` is NULL: memory.stat has it */
};

/* The control groups around this process, as far as they can be read. */
struct container
{
    struct container_level levels[MEMPROBE_CONTAINER_LEVELS]; /* the innermost first */
    unsigned int count;
    BOOL unified;  /* version 2 */
    BOOL has_root; /* the last level is the mount's root */
    BOOL known;    /* the levels are those of groups_text */
    BOOL passed;   /* groups_text comes from CLRMEM_CGROUP */
    HANDLE stall;  /* memory.pressure of the own group, or NULL */
    HANDLE groups; /* the wineserver's /proc/self/cgroup, or NULL */
    char groups_text[GROUPS_SIZE];
    size_t groups_length; /* bytes */
};

/* Takes the groups that CLRMEM_CGROUP has, if any. pre: the memory is zeroed. */
void container_init(struct container *container);

/* Opens the groups' files where they are not open, or the process is in other groups than before. text: scratch. */
void container_refresh(struct container *container, const WCHAR *root, char *text);

/* Reads the figures of all levels into the sample. FALSE where a level cannot be read: the groups may be gone, and the
 * next refresh opens them anew. text: scratch. */
BOOL container_read(struct container *container, struct memprobe_sample *sample, char *text);

void container_close(struct container *container);

/* --- memory_probe.c ----------------------------------------------------------------------------------------------- */

/* The last sample, and what the next one needs. Zeroed memory, then memory_probe_init. */
struct memory_probe
{
    LONG busy;    /* a thread takes a sample: it alone uses all below `slots` */
    LONG version; /* of the last sample; 0: there is none */
    struct
    {
        struct memprobe_sample sample;
        ULONGLONG time; /* milliseconds */
    } slots[2];         /* the sample of version v is in slot v % 2, so that readers never wait for the next */

    ULONGLONG override; /* bytes: the container's limit by WINE_OVERRIDE_MEMORY_LIMIT_BYTES, or MEMPROBE_NO_LIMIT */
    HANDLE meminfo, stall;
    struct container container;
    WCHAR root[MAX_PATH];
    char text[UNIX_TEXT_SIZE];
};

/* From the environment: CLRMEM_UNIX_ROOT, the files' root instead of \\?\unix; WINE_OVERRIDE_MEMORY_LIMIT_BYTES;
 * CLRMEM_CGROUP. */
void memory_probe_init(struct memory_probe *probe);

/* The last sample; a new one if that is older than `age` ms and no other thread takes one. Its part `limit` is empty.
 * FALSE where there is no sample yet. Never waits for another thread. */
BOOL memory_probe_get(struct memory_probe *probe, DWORD age, BOOL with_container, BOOL with_stall,
                      struct memprobe_sample *sample);

/* pre: no other thread uses the probe */
void memory_probe_close(struct memory_probe *probe);

#endif
