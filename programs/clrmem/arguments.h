/*
 * Options of the command and its subcommands, read by argp, with one line for each error.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_OPTIONS_H
#define CLRMEM_OPTIONS_H

#include <argp.h>
#include <stdbool.h>

/* The key of --help; every table of options holds OPTION_HELP. */
#define OPTION_HELP_KEY 'h'

/* Options without a letter have keys up to this; argp's own lie above. */
#define OPTION_KEY_LAST 0x1ff
#define OPTION_HELP                                                                                                    \
    {                                                                                                                  \
        "help", OPTION_HELP_KEY, NULL, 0, "Show this help and exit", -1                                                \
    }

/* What a command takes. */
struct option_syntax
{
    const struct argp_option *options;
    const char *operands; /* for the usage line */
    const char *doc;      /* before the options; after a \v what follows them */
    bool stop_at_operand; /* the first operand ends the options */

    /* Takes one option; value is NULL for none. False after an error line. */
    bool (*take)(void *command, int key, const char *value);
};

/*
 * Reads the options; argv[0] is the name for messages and help. Operands are moved behind the options.
 *
 * Returns the index of the first operand in argv, argc for none, -1 after an error line. --help does not return.
 */
int arguments_read(const struct option_syntax *syntax, int argc, char **argv, void *command);

#endif
