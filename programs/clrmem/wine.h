/*
 * Wine itself, and clrmem's own Windows modules.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_WINE_H
#define CLRMEM_WINE_H

#include <stdio.h>

#include "command.h"

/*
 * Finds Wine: WINE, else WINELOADER, else `wine` in PATH.
 *
 * Returns a new path that can be executed, NULL after an error line.
 */
char *wine_find(void);

/*
 * Runs Wine to its end without input.
 *
 * arguments: those after Wine's own name, NULL at the end.
 * *output: a new stream, at its start, of all that was written; NULL if there is none.
 * Returns the exit status; -1 if Wine could not be started, did not end in time or ended by a signal.
 */
int wine_run(const char *wine, const char *const *arguments, FILE **output);

/*
 * Finds a file of clrmem's folder for an architecture: in CLRMEM_LIBDIR, beside the command as it was built or
 * installed, or where it was configured to be.
 *
 * Returns a new absolute path; NULL after an error line if there is no such file.
 */
char *module_path(enum arch arch, const char *name);

#endif
