/*
 * The program that `clrmem run` is to start.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_PROGRAM_H
#define CLRMEM_PROGRAM_H

#include "prefix.h"

struct program
{
    char *argument; /* how to name it to Wine */
    char *file;     /* where it lies; a Unix path */
    enum arch arch; /* of the process that it will be */
    bool windowed;  /* of the GUI subsystem */
};

/*
 * Finds a program as `wine NAME` does: a Unix path, a Windows path, or a name that is in the current directory or in
 * the folders in which Windows looks for programs; and makes sure that it can run in this prefix under this Wine.
 *
 * Returns 0, or the exit status after a complaint.
 */
int program_find(const struct prefix *prefix, const char *wine, const char *name, struct program *program);

#endif
