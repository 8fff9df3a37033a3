/*
 * Where options come from: the registry and the environment.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "options.h"
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <winreg.h>
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

#define COMMON_KEY   L"Software\\Wine\\clrmem"
#define PROGRAMS_KEY L"Software\\Wine\\AppDefaults\\"
#define PROGRAM_KEY  L"\\clrmem" /* below the program's */
#define PATH_SIZE    1024        /* WCHARs */
#define NAME_SIZE    256         /* WCHARs: a file's name with the NUL */
#define KEY_SIZE     (ARRAYSIZE(PROGRAMS_KEY) + NAME_SIZE + ARRAYSIZE(PROGRAM_KEY))

/* --- the registry ---------------------------------------------------------------------------------------------- */

static BOOL get_program_name(WCHAR *name)
{
    WCHAR path[PATH_SIZE], *base;
    DWORD length = GetModuleFileNameW(NULL, path, PATH_SIZE);

    if (!length || length >= PATH_SIZE) return FALSE;
    base = wcsrchr(path, '\\');
    base = base ? base + 1 : path;
    if (wcslen(base) >= NAME_SIZE) return FALSE;
    wcscpy(name, base);
    return TRUE;
}

/* The key of a registry source below HKEY_CURRENT_USER. FALSE where the program has no name. key: KEY_SIZE WCHARs. */
static BOOL get_key(enum option_source source, WCHAR *key)
{
    WCHAR name[NAME_SIZE];

    if (source == OPTION_SOURCE_REGISTRY)
    {
        wcscpy(key, COMMON_KEY);
        return TRUE;
    }
    if (!get_program_name(name)) return FALSE;
    wcscpy(key, PROGRAMS_KEY);
    wcscat(key, name);
    wcscat(key, PROGRAM_KEY);
    return TRUE;
}

static void read_registry_value(struct clrmem_options *options, enum option_source source, HKEY key, const char *name,
                                option_found *found)
{
    enum clrmem_option option = option_by_name(name);
    char text[OPTION_TEXT_SIZE], place[OPTION_PLACE_SIZE];
    DWORD size = sizeof(text), number, type;
    LSTATUS status;

    if (option == CLRMEM_OPTION_NONE)
    {
        ERR("%s: unknown option %s; ignored\n", option_source_describe(source, option, place), debugstr_a(name));
        return;
    }
    status = RegGetValueA(key, NULL, name, RRF_RT_REG_SZ | RRF_RT_REG_DWORD, &type, text, &size);
    if (status == ERROR_UNSUPPORTED_TYPE)
        strcpy(text, "(neither REG_SZ nor REG_DWORD)");
    else if (status)
        snprintf(text, sizeof(text), "(unreadable or too long: error %ld)", status);
    else if (type == REG_DWORD)
    {
        memcpy(&number, text, sizeof(number));
        snprintf(text, sizeof(text), "%lu", number);
    }
    found(options, source, option, text);
}

/* One registry call for a missing key; two for each value of an existing one. */
static void read_key(struct clrmem_options *options, enum option_source source, option_found *found)
{
    WCHAR path[KEY_SIZE];
    char name[NAME_SIZE];
    DWORD size, i;
    LSTATUS status;
    HKEY key;

    if (!get_key(source, path)) return;
    status = RegOpenKeyExW(HKEY_CURRENT_USER, path, 0, KEY_QUERY_VALUE, &key);
    if (status)
    {
        if (status != ERROR_FILE_NOT_FOUND) ERR("HKCU\\%s is not read: error %ld\n", debugstr_w(path), status);
        return;
    }
    /* Any other error would repeat for every index, as for a key that another process has deleted. */
    for (i = 0; !status || status == ERROR_MORE_DATA; i++)
    {
        size = sizeof(name);
        status = RegEnumValueA(key, i, name, &size, NULL, NULL, NULL, NULL);
        if (!status) read_registry_value(options, source, key, name, found);
    }
    RegCloseKey(key);
}

/* --- the environment ------------------------------------------------------------------------------------------- */

static void read_variables(struct clrmem_options *options, option_found *found)
{
    char text[OPTION_TEXT_SIZE];
    unsigned int i;
    DWORD length;

    for (i = 0; i < CLRMEM_OPTION_COUNT; i++)
    {
        SetLastError(ERROR_SUCCESS);
        length = GetEnvironmentVariableA(option_table[i].variable, text, sizeof(text));
        if (!length && GetLastError() == ERROR_ENVVAR_NOT_FOUND) continue;
        if (!length) *text = 0;
        if (length >= sizeof(text)) strcpy(text, "(too long)");
        found(options, OPTION_SOURCE_ENVIRONMENT, i, text);
    }
}

/* Cuts blanks off both ends. */
static char *trim(char *text)
{
    size_t length;

    text += strspn(text, " \t");
    length = strlen(text);
    while (length && strchr(" \t", text[length - 1])) length--;
    text[length] = 0;
    return text;
}

static void read_assignment(struct clrmem_options *options, char *assignment, option_found *found)
{
    char *equals = strchr(assignment, '='), *name;
    enum clrmem_option option;

    if (equals) *equals = 0;
    name = trim(assignment);
    option = option_by_name(name);
    if (equals && option != CLRMEM_OPTION_NONE)
        found(options, OPTION_SOURCE_CONFIG, option, equals + 1);
    else if (equals)
        ERR("%s: unknown option %s; ignored\n", CLRMEM_OPTION_CONFIG_VARIABLE, debugstr_a(name));
    else if (*name)
        ERR("%s: %s is not OPTION=VALUE; ignored\n", CLRMEM_OPTION_CONFIG_VARIABLE, debugstr_a(name));
}

static void read_assignments(struct clrmem_options *options, char *text, option_found *found)
{
    char *semicolon;

    while ((semicolon = strchr(text, ';')))
    {
        *semicolon = 0;
        read_assignment(options, text, found);
        text = semicolon + 1;
    }
    read_assignment(options, text, found);
}

static void read_config(struct clrmem_options *options, option_found *found)
{
    DWORD size = GetEnvironmentVariableA(CLRMEM_OPTION_CONFIG_VARIABLE, NULL, 0), length;
    char *text;

    if (!size) return;
    text = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, size);
    length = text ? GetEnvironmentVariableA(CLRMEM_OPTION_CONFIG_VARIABLE, text, size) : size;
    if (length < size)
        read_assignments(options, text, found);
    else
        ERR("%s is not read: no memory for %lu bytes, or another thread has changed it\n",
            CLRMEM_OPTION_CONFIG_VARIABLE, size);
    HeapFree(GetProcessHeap(), 0, text);
}

void option_sources_read(struct clrmem_options *options, option_found *found)
{
    read_key(options, OPTION_SOURCE_REGISTRY, found);
    read_key(options, OPTION_SOURCE_APP_DEFAULTS, found);
    read_config(options, found);
    read_variables(options, found);
}

/* --- names ----------------------------------------------------------------------------------------------------- */

static void describe_key(enum option_source source, enum clrmem_option option, char *buffer)
{
    WCHAR path[KEY_SIZE];
    char text[KEY_SIZE];
    unsigned int i;

    if (!get_key(source, path)) *path = 0;
    for (i = 0; path[i]; i++) text[i] = path[i] < 128 ? path[i] : '?';
    text[i] = 0;
    snprintf(buffer, OPTION_PLACE_SIZE, "HKCU\\%s%s%s", text, option == CLRMEM_OPTION_NONE ? "" : "\\",
             option == CLRMEM_OPTION_NONE ? "" : option_table[option].value);
}

const char *option_source_describe(enum option_source source, enum clrmem_option option, char *buffer)
{
    static const char *const names[] = {
        [OPTION_SOURCE_DEFAULT] = "default",
        [OPTION_SOURCE_CONFIG] = CLRMEM_OPTION_CONFIG_VARIABLE,
        [OPTION_SOURCE_CALL] = "SetOption",
    };

    if (source == OPTION_SOURCE_ENVIRONMENT) return option_table[option].variable;
    if (source != OPTION_SOURCE_REGISTRY && source != OPTION_SOURCE_APP_DEFAULTS) return names[source];
    describe_key(source, option, buffer);
    return buffer;
}
