/*
 * Options by argp, with one line for each mistake.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "arguments.h"

/* One reading of a command line. */
struct reading
{
    const struct option_syntax *syntax;
    void *command;
    int operands;   /* index of the first operand; 0: none so far */
    int after_good; /* where argp stood after the last good option */
    bool reported;
};

static bool option_known(const struct option_syntax *syntax, const char *word)
{
    for (const struct argp_option *option = syntax->options; option->name; option++)
    {
        if (word[0] == '-' && word[1] == '-' && !strcmp(word + 2, option->name)) return true;
        if (word[0] == '-' && word[1] == option->key && !word[2]) return true;
    }
    return false;
}

/* argp does not say which word was wrong: it is the last that it took, or the next if it took none. */
static void report_option(const struct reading *reading, const struct argp_state *state)
{
    bool taken = state->next > reading->after_good;
    const char *word = state->argv[taken || state->next >= state->argc ? state->next - 1 : state->next];
    const char *name = state->argv[0];

    if (option_known(reading->syntax, word))
        report_error(0, "option '%s' needs a value; see '%s --help'", word, name);
    else
        report_error(0, "unknown option '%s' of '%s'; '%s --help' lists the options", word, name, name);
}

static error_t read_option(int key, char *value, struct argp_state *state)
{
    struct reading *reading = state->input;

    switch (key)
    {
    case OPTION_HELP_KEY:
        state->flags &= ~ARGP_NO_ERRS; /* it silences help too */
        argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
        return 0;
    case ARGP_KEY_INIT:
        reading->after_good = 1;
        return 0;
    case ARGP_KEY_ARG:
        if (!reading->syntax->stop_at_operand) return ARGP_ERR_UNKNOWN;
        reading->operands = state->next - 1;
        state->next = state->argc;
        return 0;
    case ARGP_KEY_ARGS:
        reading->operands = state->next;
        state->next = state->argc;
        return 0;
    case ARGP_KEY_ERROR:
        if (!reading->reported) report_option(reading, state);
        return 0;
    }
    if (key > OPTION_KEY_LAST) return ARGP_ERR_UNKNOWN;
    reading->reported = !reading->syntax->take(reading->command, key, value);
    reading->after_good = state->next;
    return reading->reported ? EINVAL : 0;
}

/* Leaves out argp's note on the arguments of short options. */
static char *filter_help(int key, const char *text, void *input)
{
    (void)input;
    return key == ARGP_KEY_HELP_DUP_ARGS_NOTE ? NULL : (char *)text;
}

int arguments_read(const struct option_syntax *syntax, int argc, char **argv, void *command)
{
    const struct argp argp = {syntax->options, read_option, syntax->operands, syntax->doc, NULL, filter_help, NULL};
    struct reading reading = {.syntax = syntax, .command = command};
    unsigned int flags = ARGP_NO_ERRS | ARGP_NO_HELP | (syntax->stop_at_operand ? ARGP_IN_ORDER : 0);

    if (argp_parse(&argp, argc, argv, flags, NULL, &reading)) return -1;
    return reading.operands ? reading.operands : argc;
}
