/*
 * Wine itself: where it is and how it is run.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_WINE_H
#define CLRMEM_WINE_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Finds Wine: WINE, else WINELOADER, else `wine` in PATH.
 *
 * Returns a new path that can be executed, NULL after a complaint.
 */
char *wine_find(void);

/* A new path, named from the folder in which Wine's program really lies, as "../share/wine"; it need not exist. */
char *wine_sibling(const char *wine, const char *relative);

/* Whether Wine can run 32-bit programs, as far as its own modules can be found; true if they cannot. */
bool wine_has_i386(const char *wine);

/*
 * Runs Wine to its end, quietly, without input.
 *
 * arguments: those after Wine's own name, NULL at the end.
 * *output: a new stream, at its start, of all that was written; NULL if there is none.
 * Returns the exit status; -1 if Wine could not be started, did not end in time or ended by a signal.
 */
int wine_run(const char *wine, const char *const *arguments, FILE **output);

#endif
