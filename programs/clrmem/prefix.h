/*
 * A Wine prefix: the folder that holds the registry and the drives.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_PREFIX_H
#define CLRMEM_PREFIX_H

#include "command.h"

struct prefix
{
    char *path;  /* absolute */
    bool exists; /* Wine has filled it */
    bool win32;  /* it has no 64-bit side; known if it exists */
};

/*
 * Finds the prefix: the given one, else WINEPREFIX, else ~/.wine. Programs started from here use it too. Nothing is
 * created.
 *
 * path: NULL for the default. Returns 0, or STATUS_FAILED after an error line.
 */
int prefix_find(const char *path, struct prefix *prefix);

/*
 * Lets Wine create the prefix if it does not exist, with a line on standard error.
 *
 * Returns 0, or STATUS_FAILED after an error line.
 */
int prefix_ensure(struct prefix *prefix, const char *wine);

/* A new path of a file in the Windows folder, as "system32/ntdll.dll"; it need not exist. */
char *prefix_windows_file(const struct prefix *prefix, const char *name);

#endif
