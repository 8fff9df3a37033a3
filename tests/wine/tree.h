/*
 * A fake machine: a directory with the files of Linux that clrmem.dll reads, for managers created from tree_begin to
 * tree_end.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_TEST_TREE_H
#define CLRMEM_TEST_TREE_H

#include <windows.h>

/* A machine with 1000 MiB, of which 800 MiB are available, without stall information and groups. */
void tree_begin(void);
void tree_end(void);

/* Writes or replaces a file; creates its directories. Paths begin with a slash. */
void tree_write(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tree_remove(const char *path);

/* The wineserver's groups, which are this process's unless CLRMEM_CGROUP has others. */
void tree_write_groups(const char *text);

/* The figures of a group of version 2, MiB. max, high: 0 for none. */
void tree_write_group(const char *group, unsigned int used, unsigned int max, unsigned int high);

#endif
