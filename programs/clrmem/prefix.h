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
    char *path;     /* absolute */
    enum arch arch; /* ARCH_I386: it has no 64-bit side */
};

/*
 * Finds the prefix that is meant: the given one, else WINEPREFIX, else ~/.wine; what is started from here uses it too.
 * Nothing is created.
 *
 * path: NULL for the default. Returns 0, or STATUS_FAILED after a complaint.
 */
int prefix_find(const char *path, struct prefix *prefix);

/* One of the registry files, as "system.reg"; a new string. */
char *prefix_file(const struct prefix *prefix, const char *name);

/* Whether 32-bit programs have their system folder in the prefix. */
bool prefix_has_i386(const struct prefix *prefix);

/*
 * Finds the file of a Windows path such as `C:\folder\name.exe`, `\folder\name.exe` or `folder/name.exe`, in any case,
 * through the drives of the prefix.
 *
 * Returns a new Unix path of a file or folder that exists, else NULL.
 */
char *prefix_unix_path(const struct prefix *prefix, const char *windows_path);

#endif
