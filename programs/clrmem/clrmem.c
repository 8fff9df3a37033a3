/*
 * clrmem: the command.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clrmem_options.h"
#include "command.h"
#include "arguments.h"

#define OPTION_VERSION 'V'

static const struct
{
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"run", command_run},
    {"install", command_install},
    {"uninstall", command_uninstall},
};

static const struct argp_option main_options[] = {
    {"version", OPTION_VERSION, NULL, 0, "Show the version and exit", -1},
    OPTION_HELP,
    {0},
};

static bool take_option(void *command, int key, const char *value)
{
    (void)command;
    (void)value;
    if (key != OPTION_VERSION) return true;
    printf("clrmem %s\n", PACKAGE_VERSION);
    exit(0);
}

/* The options of the memory manager, which the program's environment sets. */
#define MANAGER_OPTION(UPPER, lower, Mixed, kind, standard, least, most, bound, purpose, risk)                         \
    "  CLRMEM_" #UPPER "=" standard "\n      " purpose "\n"

static const struct option_syntax main_syntax = {
    .options = main_options,
    .operands = "COMMAND [ARGUMENTS...]",
    .doc = "A host memory manager for the .NET CLR under Wine."
           "\vCommands:\n"
           "  run PROGRAM [ARGUMENTS...]  run a Windows program under Wine with clrmem\n"
           "  install [PREFIX]            install clrmem.dll into a Wine prefix\n"
           "  uninstall [PREFIX]          remove it again\n"
           "  help [COMMAND]              show the options of a command\n\n"
           "The options of a command: clrmem COMMAND --help\n\n"
           "Options of the memory manager: environment variables, with their defaults\n" CLRMEM_OPTIONS(MANAGER_OPTION),
    .stop_at_operand = true,
    .take = take_option,
};

/* Runs a command by its name; argv[0] is the name. */
static int dispatch(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
    {
        if (strcmp(argv[0], commands[i].name)) continue;
        argv[0] = text_format("clrmem %s", commands[i].name);
        return commands[i].run(argc, argv);
    }
    return report_error(STATUS_FAILED, "unknown command '%s'; 'clrmem --help' lists the commands", argv[0]);
}

static int help(int argc, char **argv)
{
    static char option[] = "--help", name[] = "clrmem";
    char *topic[] = {argc > 1 ? argv[1] : name, option, NULL};

    if (argc > 1) return dispatch(2, topic);
    arguments_read(&main_syntax, 2, topic, NULL);
    return 0;
}

/* Wine would use the number of a closed standard stream for a connection of its own, and break. */
static void open_closed_streams(void)
{
    int fd = open("/dev/null", O_RDWR);

    while (fd >= 0 && fd <= STDERR_FILENO) fd = dup(fd);
    if (fd >= 0) close(fd);
}

int main(int argc, char **argv)
{
    static char name[] = "clrmem";
    int command;

    if (argc < 1) return STATUS_FAILED;
    open_closed_streams();
    argv[0] = name;
    command = arguments_read(&main_syntax, argc, argv, NULL);
    if (command < 0) return STATUS_FAILED;
    if (command == argc)
        return report_error(STATUS_FAILED, "the command is missing; 'clrmem --help' lists the commands");
    argc -= command;
    argv += command;
    return strcmp(argv[0], "help") ? dispatch(argc, argv) : help(argc, argv);
}
