/*
 * The native command: declarations that its subcommands share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_COMMAND_H
#define CLRMEM_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/* Exit statuses of clrmem's own; otherwise `run` ends with the program's. */
#define STATUS_FAILED     125 /* clrmem cannot do what it was asked */
#define STATUS_CANNOT_RUN 126 /* the program is there and cannot be run */
#define STATUS_NOT_FOUND  127 /* the program is not there */

/* The two architectures that Windows modules come for. */
enum arch
{
    ARCH_X86_64,
    ARCH_I386,
};

/* The subcommands: argv[0] is "clrmem NAME". They return the exit status. */
int command_run(int argc, char **argv);
int command_install(int argc, char **argv);
int command_uninstall(int argc, char **argv);

/*
 * Writes one line "clrmem: ..." to standard error, with '?' for control characters, and returns status.
 */
int report_error(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A new string; without memory the command ends. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *text_copy(const char *text, size_t length);

/* "64-bit" or "32-bit". */
const char *arch_name(enum arch arch);

#endif
