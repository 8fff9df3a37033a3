/*
 * Finding a prefix and files in it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pe.h"
#include "prefix.h"

/* The folder that is meant, as it was named; a new string, NULL without a home. */
static char *named_path(const char *path)
{
    const char *environment = getenv("WINEPREFIX"), *home = getenv("HOME");

    if (path) return text_copy(path, strlen(path));
    if (environment && *environment) return text_copy(environment, strlen(environment));
    return home && *home ? text_format("%s/.wine", home) : NULL;
}

/* The lines before the first key say which architecture a prefix was made for. */
static enum arch read_arch(const char *registry)
{
    FILE *stream = fopen(registry, "re");
    enum arch arch = ARCH_I386;
    char line[256];

    while (stream && fgets(line, sizeof(line), stream) && *line != '[')
        if (!strncmp(line, "#arch=win64", 11)) arch = ARCH_X86_64;
    if (stream) fclose(stream);
    return arch;
}

/* Wine refuses a prefix of somebody else's. */
static int check_owner(const char *path)
{
    struct stat status;

    if (!stat(path, &status) && status.st_uid == geteuid()) return 0;
    return complain(STATUS_FAILED, "the prefix %s belongs to another user, and Wine uses only one's own", path);
}

/* Wine makes a prefix only by an absolute path. */
static int complain_no_prefix(const char *named, const char *path)
{
    char *folder = path || *named == '/' ? NULL : getcwd(NULL, 0), *absolute;
    struct stat status;

    if (path && !stat(path, &status) && !S_ISDIR(status.st_mode))
        return complain(STATUS_FAILED, "%s is a file; give the folder of a Wine prefix", named);
    absolute =
        folder ? text_format("%s/%s", folder, named) : text_copy(path ? path : named, strlen(path ? path : named));
    complain(0, "%s is no Wine prefix (it has no system.reg); make one with 'WINEPREFIX=%s wineboot'", named, absolute);
    free(absolute);
    free(folder);
    return STATUS_FAILED;
}

static int read_prefix(const char *named, struct prefix *prefix)
{
    char *registry;

    prefix->path = realpath(named, NULL);
    registry = prefix->path ? prefix_file(prefix, "system.reg") : NULL;
    if (!registry || access(registry, R_OK))
    {
        free(registry);
        return complain_no_prefix(named, prefix->path);
    }
    prefix->arch = read_arch(registry);
    free(registry);
    return check_owner(prefix->path);
}

int prefix_find(const char *path, struct prefix *prefix)
{
    char *named = named_path(path);
    int status;

    *prefix = (struct prefix){NULL, ARCH_I386};
    if (!named) return complain(STATUS_FAILED, "no Wine prefix: neither WINEPREFIX nor HOME is set");
    if (*named)
        status = read_prefix(named, prefix);
    else
        status = complain(STATUS_FAILED, "the name of the prefix is empty; give the folder of a Wine prefix");
    /* Wine finds it by itself, unless it was named otherwise than Wine takes it. */
    if (!status && (path || *named != '/')) setenv("WINEPREFIX", prefix->path, 1);
    free(named);
    return status;
}

char *prefix_file(const struct prefix *prefix, const char *name)
{
    return text_format("%s/%s", prefix->path, name);
}

bool prefix_has_i386(const struct prefix *prefix)
{
    char *ntdll;
    bool found;

    if (prefix->arch == ARCH_I386) return true;
    ntdll = prefix_unix_path(prefix, "C:\\windows\\syswow64\\ntdll.dll");
    found = ntdll && pe_inspect(ntdll).machine == PE_MACHINE_I386;
    free(ntdll);
    return found;
}

/* The entry of a folder whose name is the same but for the case; a new path or NULL. */
static char *find_entry(const char *folder, const char *name)
{
    char *path = text_format("%s/%s", folder, name);
    struct dirent *entry;
    DIR *stream;

    if (!access(path, F_OK)) return path;
    free(path);
    path = NULL;
    if (!(stream = opendir(folder))) return NULL;
    while (!path && (entry = readdir(stream)))
        if (!strcasecmp(entry->d_name, name)) path = text_format("%s/%s", folder, entry->d_name);
    closedir(stream);
    return path;
}

static bool ends_with_slash(const char *path)
{
    size_t length = strlen(path);

    return length && strchr("/\\", path[length - 1]);
}

static bool is_folder(const char *path)
{
    struct stat status;

    return !stat(path, &status) && S_ISDIR(status.st_mode);
}

/* Follows the parts of a path, separated by either slash, from a folder that it frees; NULL if one is missing. */
static char *follow_path(char *folder, const char *path)
{
    bool must_be_folder = ends_with_slash(path);

    while (folder && *(path += strspn(path, "/\\")))
    {
        size_t length = strcspn(path, "/\\");
        char *name = text_copy(path, length);
        char *next = find_entry(folder, name);

        free(name);
        free(folder);
        folder = next;
        path += length;
    }
    if (!folder || !must_be_folder || is_folder(folder)) return folder;
    free(folder);
    return NULL;
}

char *prefix_unix_path(const struct prefix *prefix, const char *windows_path)
{
    char *start;

    if (isalpha((unsigned char)windows_path[0]) && windows_path[1] == ':')
    {
        start = text_format("%s/dosdevices/%c:", prefix->path, tolower((unsigned char)windows_path[0]));
        return follow_path(start, windows_path + 2);
    }
    start = text_copy(strchr("/\\", *windows_path) ? "/" : ".", 1);
    return follow_path(start, windows_path);
}
