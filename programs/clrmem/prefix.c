/*
 * Finding a prefix and letting Wine create it.
 *
 * A prefix is recognized by its ntdll.dll. Wine writes the registry's files only when its server exits, so a new prefix
 * does not have them yet.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "prefix.h"
#include "wine.h"

/* Of a PE file, by Microsoft's description of the format. */
#define PE_HEADER_POINTER 0x3c
#define PE_MACHINE        4 /* from the header on */
#define PE_MACHINE_I386   0x014c

/* The folder as it was named; a new string, NULL without a home. */
static char *named_path(const char *path)
{
    const char *environment = getenv("WINEPREFIX"), *home = getenv("HOME");

    if (path) return text_copy(path, strlen(path));
    if (environment && *environment) return text_copy(environment, strlen(environment));
    return home && *home ? text_format("%s/.wine", home) : NULL;
}

/* Wine takes absolute paths only; a new string. */
static char *absolute_path(const char *named)
{
    char *real = realpath(named, NULL), *folder, *path;

    if (real || *named == '/') return real ? real : text_copy(named, strlen(named));
    folder = getcwd(NULL, 0);
    path = text_format("%s/%s", folder ? folder : "", named);
    free(folder);
    return path;
}

static bool read_at(int fd, off_t offset, void *value, size_t size)
{
    return pread(fd, value, size, offset) == (ssize_t)size;
}

/* Sets prefix->exists and win32. */
static void inspect(struct prefix *prefix)
{
    char *ntdll = prefix_windows_file(prefix, "system32/ntdll.dll");
    int fd = open(ntdll, O_RDONLY | O_CLOEXEC);
    uint32_t header;
    uint16_t machine;

    prefix->exists = fd >= 0;
    prefix->win32 = fd >= 0 && read_at(fd, PE_HEADER_POINTER, &header, sizeof(header)) &&
                    read_at(fd, (off_t)header + PE_MACHINE, &machine, sizeof(machine)) && machine == PE_MACHINE_I386;
    if (fd >= 0) close(fd);
    free(ntdll);
}

/* Wine's own message on another user's prefix would not be clrmem's, nor its exit status. */
static int check_folder(const char *path)
{
    struct stat status;

    if (stat(path, &status)) return 0;
    if (!S_ISDIR(status.st_mode))
        return report_error(STATUS_FAILED, "%s is a file; name the folder of a Wine prefix", path);
    if (status.st_uid == geteuid()) return 0;
    return report_error(STATUS_FAILED, "the prefix %s belongs to another user, and Wine uses only your own", path);
}

int prefix_find(const char *path, struct prefix *prefix)
{
    char *named = named_path(path);

    *prefix = (struct prefix){.path = NULL};
    if (!named) return report_error(STATUS_FAILED, "no Wine prefix: neither WINEPREFIX nor HOME is set");
    if (!*named)
        return report_error(STATUS_FAILED, "the name of the prefix is empty; name the folder of a Wine prefix");
    prefix->path = absolute_path(named);
    /* Without WINEPREFIX Wine uses ~/.wine itself, and the program's environment stays as it is. */
    if (path || *named != '/') setenv("WINEPREFIX", prefix->path, 1);
    free(named);
    inspect(prefix);
    return check_folder(prefix->path);
}

/* The last line of what Wine wrote, without its "wine: ". */
static char *last_line(FILE *stream)
{
    char *line = NULL, *last = text_copy("", 0);
    size_t size = 0;

    while (stream && getline(&line, &size, stream) > 0)
    {
        line[strcspn(line, "\r\n")] = 0;
        if (!*line) continue;
        free(last);
        last = text_copy(line, strlen(line));
    }
    free(line);
    return last;
}

int prefix_ensure(struct prefix *prefix, const char *wine)
{
    const char *const arguments[] = {"wineboot.exe", "--init", NULL};
    FILE *output;
    char *line;

    if (prefix->exists) return 0;
    report_error(0, "there is no Wine prefix at %s yet; Wine creates it", prefix->path);
    wine_run(wine, arguments, &output);
    line = last_line(output);
    if (output) fclose(output);
    inspect(prefix);
    if (!prefix->exists)
        report_error(0, "Wine could not create the prefix %s%s%s", prefix->path, *line ? ": " : "", line);
    free(line);
    return prefix->exists ? 0 : STATUS_FAILED;
}

char *prefix_windows_file(const struct prefix *prefix, const char *name)
{
    return text_format("%s/dosdevices/c:/windows/%s", prefix->path, name);
}
