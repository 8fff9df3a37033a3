/*
 * Looking at memory from outside: what the files of Linux say of the container, the machine and stall.
 *
 * Files are read through Wine's \\?\unix, where proc\self is not this process but the wineserver.
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
#define UNIX_PATH_LENGTH 1024 /* characters, with the NUL; what is longer is not found */
#define UNIX_TEXT_SIZE   8192 /* bytes; what of a file is longer is cut off at a line's end */

/* --- unix_file.c: any thread; each file for one thread at a time ---------------------------------------------------- */

/* The root and a path of Linux, in UTF-8, as a path of Windows. FALSE where there is no room, or none can say it. */
BOOL unix_path(const WCHAR *root, const char *const *parts, unsigned int count, WCHAR *path);

/* Opens for reading; NULL where that fails. */
HANDLE unix_open(const WCHAR *path);

/* Reads the file from its start, fresh each time. Returns the bytes read, 0 also on failure. text: UNIX_TEXT_SIZE. */
size_t unix_read(HANDLE file, char *text);

void unix_close(HANDLE *file); /* and sets it to NULL */

/* --- unixpid.c ------------------------------------------------------------------------------------------------------- */

/* This process's id in /proc, found once per process; 0 where it is not to be found, or another thread is looking for
 * it right now. The first call takes milliseconds. Any thread. */
DWORD unix_process_id(void);

/* Names a thread, for its owner or for all who look: at most 15 characters. */
void unix_name_thread(HANDLE thread, const WCHAR *name);

/* --- container.c: one thread at a time ----------------------------------------------------------------------------- */

struct container_level
{
    HANDLE usage, max, soft, stat; /* of version 1 `max` is NULL: memory.stat has it */
};

/* The groups of processes around this one, as far as they can be seen. */
struct container
{
    struct container_level levels[MEMPROBE_CONTAINER_LEVELS]; /* the innermost first */
    unsigned int count;
    BOOL unified;     /* version 2 */
    BOOL has_root;    /* the last level is the mount's root */
    BOOL known;       /* whether the groups are those of groups_text */
    HANDLE stall;     /* memory.pressure of the own group, or NULL */
    HANDLE groups;    /* /proc/<pid>/cgroup, or NULL */
    DWORD process_id; /* whose that is */
    char groups_text[2048];
    size_t groups_length;
};

/* Looks whether the process is in other groups than before, and opens their files then. text: scratch. */
void container_refresh(struct container *container, const WCHAR *root, char *text);

/* Figures of all levels into the sample, but those that cannot be read. FALSE where there are such: the groups may be
 * gone, and the next refresh looks for them anew. text: scratch. */
BOOL container_read(struct container *container, struct memprobe_sample *sample, char *text);

void container_close(struct container *container);

/* --- memory_probe.c ------------------------------------------------------------------------------------------------------- */

/* The last look at all of this, and what is needed for the next. Zeroed memory, then memory_probe_init. */
struct memory_probe
{
    LONG busy;    /* whether a thread looks; it has all below but what follows */
    LONG version; /* of the last sample; 0: there is none */
    struct
    {
        struct memprobe_sample sample;
        ULONGLONG time;
    } slots[2]; /* the sample of version v in slot v % 2, so that nobody waits for who writes the next */

    ULONGLONG override; /* bytes: the container's limit by WINE_OVERRIDE_MEMORY_LIMIT_BYTES, or MEMPROBE_NO_LIMIT */
    HANDLE meminfo, stall;
    struct container container;
    WCHAR root[MAX_PATH];
    char text[UNIX_TEXT_SIZE];
};

/* From the environment: CLRMEM_UNIX_ROOT, where the files are instead of \\?\unix; WINE_OVERRIDE_MEMORY_LIMIT_BYTES. */
void memory_probe_init(struct memory_probe *probe);

/* The last sample, a new one where that is older than `age` ms and nobody else is at it; its part `limit` is empty.
 * FALSE where there is none. Never waits for another thread. */
BOOL memory_probe_get(struct memory_probe *probe, DWORD age, BOOL with_container, BOOL with_stall,
                      struct memprobe_sample *sample);

/* pre: nobody uses it any more */
void memory_probe_close(struct memory_probe *probe);

#endif
