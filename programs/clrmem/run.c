/*
 * clrmem run: becomes Wine, which starts a Windows program with the shim attached.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arguments.h"
#include "prefix.h"
#include "wine.h"

#define OPTION_STATS       0x100
#define OPTION_CHILDREN    0x101
#define OPTION_NO_CHILDREN 0x102
#define STATS_PATH_MAX     32000 /* bytes; the shim takes a little more */

/* The values of the options. */
struct run
{
    char *statistics; /* for the shim: "-" or an absolute path; NULL: no table */
};

static const struct argp_option run_options[] = {
    {"stats", OPTION_STATS, "FILE", OPTION_ARG_OPTIONAL,
     "When the program ends, write the table of what passed through clrmem's memory manager to standard error, or to "
     "FILE",
     0},
    {"children", OPTION_CHILDREN, NULL, 0, "Serve the programs that the program starts, too (the default)", 0},
    {"no-children", OPTION_NO_CHILDREN, NULL, 0, "Serve only the program itself", 0},
    OPTION_HELP,
    {0},
};

/* The absolute path of a file, by its folder, which has to exist; a new string, or NULL and errno. */
static char *absolute_path(const char *file)
{
    const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
    char *named = slash ? text_copy(file, name - file) : text_copy(".", 1);
    char *folder = realpath(named, NULL), *path = NULL;

    if (folder) path = text_format("%s/%s", strcmp(folder, "/") ? folder : "", name);
    free(folder);
    free(named);
    return path;
}

/* Whether a file can be written or created; errno says why not. */
static bool is_writable(const char *file)
{
    struct stat status;
    char *folder;
    bool writable;

    if (!stat(file, &status))
    {
        errno = EISDIR;
        return !S_ISDIR(status.st_mode) && !access(file, W_OK);
    }
    if (errno != ENOENT) return false;
    folder = text_copy(file, strrchr(file, '/') + 1 - file);
    writable = !access(folder, W_OK);
    free(folder);
    return writable;
}

/* The shim writes the file when it is too late for an error, and by a Windows path, in which a backslash is a slash. */
static bool check_statistics_path(const char *path)
{
    errno = ENAMETOOLONG;
    if (strlen(path) > STATS_PATH_MAX) return false;
    errno = EINVAL;
    if (strchr(path, '\\')) return false;
    return is_writable(path);
}

static bool take_statistics(struct run *run, const char *file)
{
    free(run->statistics);
    run->statistics = NULL;
    if (file && !*file)
    {
        report_error(0, "--stats= names no file; give --stats=FILE, or --stats for standard error");
        return false;
    }
    if (!file || !strcmp(file, "-"))
    {
        run->statistics = text_copy("-", 1);
        return true;
    }
    run->statistics = absolute_path(file);
    if (run->statistics && check_statistics_path(run->statistics)) return true;
    report_error(0, "--stats: %s cannot be written: %s", file, strerror(errno));
    return false;
}

static bool take_option(void *command, int key, const char *value)
{
    switch (key)
    {
    case OPTION_STATS:
        return take_statistics(command, value);
    case OPTION_CHILDREN:
        unsetenv("CLRMEM_CHILDREN");
        return true;
    case OPTION_NO_CHILDREN:
        setenv("CLRMEM_CHILDREN", "no", 1);
        return true;
    default:
        return true;
    }
}

static const struct option_syntax run_syntax = {
    .options = run_options,
    .operands = "[--] PROGRAM [ARGUMENTS...]",
    .doc =
        "Run a Windows program under Wine with its .NET memory served by clrmem. Nothing in the Wine prefix changes; "
        "if there is no prefix yet, Wine creates it."
        "\vPROGRAM is a Unix path, a Windows path, or a name that Windows finds. Its arguments, standard streams, "
        "current directory and exit status are passed on unchanged. In its environment CLRMEM_CGROUP is set, with "
        "--stats also CLRMEM_STATS, and a relative WINEPREFIX becomes absolute. clrmem's own exit status is 125 if "
        "it fails, 126 if PROGRAM cannot be run and 127 if it is not found.",
    .stop_at_operand = true,
    .take = take_option,
};

/* The program's own /proc/self is out of its reach: under Wine, that is the wineserver's. */
static void pass_control_group(void)
{
    char groups[4096];
    FILE *stream = fopen("/proc/self/cgroup", "re");
    size_t length = stream ? fread(groups, 1, sizeof(groups), stream) : 0;

    if (stream) fclose(stream);
    if (!length || length == sizeof(groups)) return;
    groups[length] = 0;
    setenv("CLRMEM_CGROUP", groups, 1);
}

/* Replaces this process by Wine; returns the exit status after an error line. */
static int become_wine(const char *wine, const char *start, char **program)
{
    const char **argv;
    size_t count = 0;

    while (program[count]) count++;
    if (!(argv = calloc(count + 4, sizeof(*argv)))) return report_error(STATUS_FAILED, "out of memory");
    argv[0] = wine;
    argv[1] = start;
    argv[2] = "attached";
    memcpy(argv + 3, program, count * sizeof(*argv));
    execv(wine, (char *const *)argv);
    free(argv);
    return report_error(STATUS_FAILED, "%s: cannot be started: %s", wine, strerror(errno));
}

static int run_program(const char *wine, const struct run *run, char **program)
{
    struct prefix prefix;
    enum arch arch;
    char *start, *shim;
    int status;

    if ((status = prefix_find(NULL, &prefix))) return status;
    if ((status = prefix_ensure(&prefix, wine))) return status;
    arch = prefix.win32 ? ARCH_I386 : ARCH_X86_64;
    if (!(start = module_path(arch, "clrmemstart.exe"))) return STATUS_FAILED;
    if (!(shim = module_path(arch, "clrmemshim.dll"))) return STATUS_FAILED;
    if (run->statistics) setenv("CLRMEM_STATS", run->statistics, 1);
    pass_control_group();
    return become_wine(wine, start, program);
}

int command_run(int argc, char **argv)
{
    struct run run = {NULL};
    int operands = arguments_read(&run_syntax, argc, argv, &run);
    char *wine;

    if (operands < 0) return STATUS_FAILED;
    if (operands == argc || !*argv[operands])
        return report_error(STATUS_FAILED, "a PROGRAM to run is missing; see 'clrmem run --help'");
    if (!(wine = wine_find())) return STATUS_FAILED;
    return run_program(wine, &run, argv + operands);
}
