/*
 * Windows' search for programs by name.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_SEARCH_H
#define CLRMEM_SEARCH_H

#include "prefix.h"

/*
 * Looks for a program by its name without a folder, with ".exe" added if it has no extension: in the current directory,
 * the folders of Windows' PATH (WINEPATH and the registry) and the registered applications.
 *
 * Returns a new Windows path or NULL.
 */
char *search_program(const struct prefix *prefix, const char *name);

#endif
