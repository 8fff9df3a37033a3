/*
 * Finding clrmem's own Windows modules.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "modules.h"

static const char *const arch_folders[] = {[ARCH_X86_64] = "x86_64-windows", [ARCH_I386] = "i386-windows"};

/* The folder of this program, and `up` as a path from there, when the modules' folders lie in it; else NULL. */
static char *folder_beside_program(const char *up)
{
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    char *folder, *probe, *found = NULL;

    if (length <= 0) return NULL;
    program[length] = 0;
    *strrchr(program, '/') = 0;
    folder = text_format("%s/%s", program, up);
    probe = text_format("%s/%s", folder, arch_folders[ARCH_X86_64]);
    if (!access(probe, F_OK)) found = realpath(folder, NULL);
    free(probe);
    free(folder);
    return found;
}

static char *find_folder(void)
{
    const char *named = getenv("CLRMEM_LIBDIR");
    char *folder;

    if (named && *named && (folder = realpath(named, NULL))) return folder;
    if (named && *named) return text_copy(named, strlen(named));
    if ((folder = folder_beside_program("../lib/clrmem"))) return folder;
    if ((folder = folder_beside_program("../.."))) return folder;
    return text_copy(CLRMEM_LIBDIR, strlen(CLRMEM_LIBDIR));
}

char *module_path(enum arch arch, const char *name)
{
    char *folder = find_folder();
    char *path = text_format("%s/%s/%s", folder, arch_folders[arch], name);

    free(folder);
    if (!access(path, R_OK)) return path;
    complain(0, "%s is missing: clrmem is not installed completely; install it again, or set CLRMEM_LIBDIR", path);
    free(path);
    return NULL;
}
