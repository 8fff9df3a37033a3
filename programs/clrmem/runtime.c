/*
 * Looking for Wine Mono as Wine's mscoree.dll does.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <glob.h>
#include <stdlib.h>
#include <unistd.h>

#include "pe.h"
#include "registry.h"
#include "runtime.h"
#include "wine.h"

/* Whether a runtime lies in a folder; frees its name, which may be NULL. */
static bool folder_has_runtime(char *folder, enum arch arch)
{
    const char *const names[] = {
        arch == ARCH_X86_64 ? "bin/libmono-2.0-x86_64.dll" : "bin/libmono-2.0-x86.dll",
        "bin/mono-2.0.dll",
        "bin/libmono-2.0.dll",
    };
    bool found = false;

    for (size_t i = 0; folder && i < sizeof(names) / sizeof(*names) && !found; i++)
    {
        char *file = text_format("%s/%s", folder, names[i]);

        found = !access(file, R_OK);
        free(file);
    }
    free(folder);
    return found;
}

static bool registry_has_runtime(const struct prefix *prefix, enum arch arch)
{
    char *file = prefix_file(prefix, "user.reg");
    char *folder = registry_value(file, "Software\\Wine\\Mono", "RuntimePath");
    char *path = folder ? prefix_unix_path(prefix, folder) : NULL;

    free(folder);
    free(file);
    return folder_has_runtime(path, arch);
}

/* Any version beside each other in a folder, which is freed: Wine knows which of them it wants. */
static bool shared_folder_has_runtime(char *folder, enum arch arch)
{
    char *pattern = text_format("%s/wine-mono-*", folder);
    bool found = false;
    glob_t folders;

    free(folder);
    if (!glob(pattern, GLOB_NOSORT, NULL, &folders))
        for (size_t i = 0; i < folders.gl_pathc && !found; i++)
            found = folder_has_runtime(text_format("%s", folders.gl_pathv[i]), arch);
    globfree(&folders);
    free(pattern);
    return found;
}

static bool system_has_runtime(const char *wine, enum arch arch)
{
    static const char *const folders[] = {"../share/wine/mono", "../share/wine/wine/mono", "../../share/wine/mono"};
    static const char *const fixed[] = {"/usr/share/wine/wine/mono", "/usr/share/wine/mono", "/opt/wine/mono"};

    for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
        if (shared_folder_has_runtime(wine_sibling(wine, folders[i]), arch)) return true;
    for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
        if (shared_folder_has_runtime(text_format("%s", fixed[i]), arch)) return true;
    return false;
}

/* An installed .NET Framework replaces Wine's mscoree.dll by its own. */
static bool prefix_has_framework(const struct prefix *prefix, enum arch arch)
{
    const char *folder = arch == ARCH_I386 && prefix->arch == ARCH_X86_64 ? "syswow64" : "system32";
    char *name = text_format("C:\\windows\\%s\\mscoree.dll", folder);
    char *path = prefix_unix_path(prefix, name);
    struct pe_info info = {.kind = PE_UNREADABLE};

    if (path) info = pe_inspect(path);
    free(path);
    free(name);
    return info.kind == PE_LIBRARY && !info.builtin;
}

bool runtime_found(const struct prefix *prefix, const char *wine, enum arch arch)
{
    return folder_has_runtime(prefix_unix_path(prefix, "C:\\windows\\mono\\mono-2.0"), arch) ||
           registry_has_runtime(prefix, arch) || system_has_runtime(wine, arch) || prefix_has_framework(prefix, arch);
}
