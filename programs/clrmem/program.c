/*
 * Finding the program and judging what it is.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pe.h"
#include "program.h"
#include "runtime.h"
#include "search.h"
#include "wine.h"

static char *copy(const char *text)
{
    return text_copy(text, strlen(text));
}

static bool is_unix_path(const char *name)
{
    return *name == '/' && (!access(name, F_OK) || errno == EACCES);
}

static bool is_folder(const char *path)
{
    struct stat status;

    return !stat(path, &status) && S_ISDIR(status.st_mode);
}

/* A name without a folder is looked for in Windows' folders too; a folder of that name does not hide the program. */
static void find_by_name(const struct prefix *prefix, const char *name, struct program *program)
{
    char *path = search_program(prefix, name);
    char *file = path ? prefix_unix_path(prefix, path) : NULL;

    if (!file)
    {
        free(path);
        return;
    }
    free(program->argument);
    free(program->file);
    program->argument = path;
    program->file = file;
}

static int find_file(const struct prefix *prefix, const char *name, struct program *program)
{
    bool has_folder = name[strcspn(name, "/\\:")];

    program->argument = copy(name);
    program->file = is_unix_path(name) ? copy(name) : prefix_unix_path(prefix, name);
    if (!has_folder && (!program->file || is_folder(program->file))) find_by_name(prefix, name, program);
    if (program->file) return 0;
    return complain(STATUS_NOT_FOUND, "%s: no such program%s", name,
                    has_folder ? "" : " in the current directory or where Windows looks for programs");
}

/* Complains about what is not a Windows program. */
static int check_kind(const char *name, const struct pe_info *info)
{
    switch (info->kind)
    {
    case PE_PROGRAM:
        return 0;
    case PE_UNREADABLE:
        if (errno == EISDIR) return complain(STATUS_CANNOT_RUN, "%s: is a folder, not a program", name);
        return complain(STATUS_CANNOT_RUN, "%s: cannot be read: %s", name, strerror(errno));
    case PE_LIBRARY:
        return complain(STATUS_CANNOT_RUN, "%s: is a DLL, not a program", name);
    case PE_DAMAGED:
        return complain(STATUS_CANNOT_RUN, "%s: is damaged: the file ends before what its headers tell of; get it anew",
                        name);
    case PE_16_BIT:
        return complain(STATUS_CANNOT_RUN, "%s: is a 16-bit program; only 32-bit and 64-bit ones can be run", name);
    case PE_DOS:
        return complain(STATUS_CANNOT_RUN, "%s: is a DOS program or damaged, not a Windows program", name);
    default:
        return complain(STATUS_CANNOT_RUN, "%s: is not a Windows program", name);
    }
}

/* Chooses the architecture of the process, and complains if it cannot be had. */
static int choose_arch(const struct prefix *prefix, const char *wine, const char *name, const struct pe_info *info,
                       enum arch *arch)
{
    if (info->machine != PE_MACHINE_I386 && info->machine != PE_MACHINE_AMD64)
        return complain(STATUS_CANNOT_RUN, "%s: is for %s (machine %#06x); only x86-64 and x86 programs can be run",
                        name, pe_machine_name(info->machine), info->machine);
    *arch = info->any_cpu ? prefix->arch : info->machine == PE_MACHINE_AMD64 ? ARCH_X86_64 : ARCH_I386;
    if (*arch == ARCH_X86_64 && prefix->arch == ARCH_I386)
        return complain(STATUS_CANNOT_RUN, "%s: is a 64-bit program, and the prefix %s is a 32-bit one", name,
                        prefix->path);
    if (*arch == ARCH_X86_64) return 0;
    if (!prefix_has_i386(prefix))
        return complain(STATUS_CANNOT_RUN, "%s: is a 32-bit program, and the prefix %s has no 32-bit side", name,
                        prefix->path);
    if (!wine_has_i386(wine))
        return complain(STATUS_CANNOT_RUN, "%s: is a 32-bit program, and this Wine (%s) has no 32-bit side", name,
                        wine);
    return 0;
}

int program_find(const struct prefix *prefix, const char *wine, const char *name, struct program *program)
{
    struct pe_info info;
    int status;

    *program = (struct program){0};
    if ((status = find_file(prefix, name, program))) return status;
    info = pe_inspect(program->file);
    if ((status = check_kind(name, &info))) return status;
    if ((status = choose_arch(prefix, wine, name, &info, &program->arch))) return status;
    program->windowed = info.windowed;
    if (info.managed && !runtime_found(prefix, wine, program->arch))
        return complain(STATUS_FAILED,
                        "%s: is a .NET program, and Wine has no %s .NET runtime for the prefix %s; install Wine Mono",
                        name, arch_name(program->arch), prefix->path);
    return 0;
}
