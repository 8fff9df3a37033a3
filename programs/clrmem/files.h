/*
 * Files as a whole.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_FILES_H
#define CLRMEM_FILES_H

#include <stdbool.h>

/* Whether a text occurs in a file; false too if it cannot be read. */
bool file_contains(const char *path, const char *text);

/* Whether two files hold the same bytes; false too if one cannot be read. */
bool file_same(const char *path, const char *other);

/*
 * Copies a file to a new name or over another file; the target is the old one or the whole new one at any time.
 * Returns 0, or -1 with errno.
 */
int file_copy(const char *source, const char *target);

#endif
