/*
 * Windows' search for programs by name.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "registry.h"
#include "search.h"

#define MACHINE_ENVIRONMENT "System\\CurrentControlSet\\Control\\Session Manager\\Environment"
#define APP_PATHS           "Software\\Microsoft\\Windows\\CurrentVersion\\App Paths\\"

/* A folder of a PATH, its leading variable, if any, replaced: of those only the Windows folder's names stand there. */
static char *expand_folder(const char *folder, size_t length)
{
    static const char *const variables[] = {"%SystemRoot%", "%windir%"};

    while (length && folder[length - 1] == '\\') length--;
    for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
    {
        size_t size = strlen(variables[i]);

        if (length < size || strncasecmp(folder, variables[i], size)) continue;
        return text_format("C:\\windows%.*s", (int)(length - size), folder + size);
    }
    return text_copy(folder, length);
}

/* Looks in the folders of one PATH, which may be NULL; a new Windows path or NULL. */
static char *search_folders(const struct prefix *prefix, const char *folders, const char *name)
{
    for (const char *end; folders && *folders; folders = *end ? end + 1 : end)
    {
        char *folder, *path, *file;

        end = strchrnul(folders, ';');
        if (end == folders) continue;
        folder = expand_folder(folders, end - folders);
        path = text_format("%s\\%s", folder, name);
        file = prefix_unix_path(prefix, path);
        free(folder);
        if (file)
        {
            free(file);
            return path;
        }
        free(path);
    }
    return NULL;
}

/* A value of a registry file's key, by which a name is looked for. */
static char *registered(const struct prefix *prefix, const char *registry, const char *key, const char *value)
{
    char *file = prefix_file(prefix, registry);
    char *text = registry_value(file, key, value);

    free(file);
    return text;
}

static char *search_registered_path(const struct prefix *prefix, const char *registry, const char *key,
                                    const char *name)
{
    char *folders = registered(prefix, registry, key, "PATH");
    char *path = search_folders(prefix, folders, name);

    free(folders);
    return path;
}

static char *search_application(const struct prefix *prefix, const char *name)
{
    char *key = text_format(APP_PATHS "%s", name);
    char *path = registered(prefix, "system.reg", key, NULL);

    free(key);
    return path;
}

char *search_program(const struct prefix *prefix, const char *name)
{
    char *full = strchr(name, '.') ? text_copy(name, strlen(name)) : text_format("%s.exe", name);
    char *path = search_folders(prefix, ".", full);

    if (!path) path = search_folders(prefix, getenv("WINEPATH"), full);
    if (!path) path = search_registered_path(prefix, "system.reg", MACHINE_ENVIRONMENT, full);
    if (!path) path = search_registered_path(prefix, "user.reg", "Environment", full);
    if (!path) path = search_application(prefix, full);
    free(full);
    return path;
}
