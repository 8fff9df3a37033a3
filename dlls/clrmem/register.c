/*
 * Registration of the class: exactly the keys of the tables below.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_private.h"
#include <wchar.h>
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

#define CLASS_ID       L"{E0830821-ABCE-4575-B6E0-5A3F249F1F25}"
#define CLASS_KEY      L"CLSID\\" CLASS_ID
#define PROG_ID        L"ClrMem.HostControl.1"
#define PROG_ID_LATEST L"ClrMem.HostControl"
#define DESCRIPTION    L"clrmem host control"
#define PATH_SIZE      1024 /* WCHARs */

/* Values below HKEY_CLASSES_ROOT; a NULL name is the key's default value, a NULL text the path of the DLL. */
static const struct
{
    const WCHAR *key;
    const WCHAR *name;
    const WCHAR *text;
} class_values[] = {
    {CLASS_KEY, NULL, DESCRIPTION},
    {CLASS_KEY L"\\InprocServer32", NULL, NULL},
    {CLASS_KEY L"\\InprocServer32", L"ThreadingModel", L"Both"},
    {CLASS_KEY L"\\ProgID", NULL, PROG_ID},
    {CLASS_KEY L"\\VersionIndependentProgID", NULL, PROG_ID_LATEST},
    {PROG_ID, NULL, DESCRIPTION},
    {PROG_ID L"\\CLSID", NULL, CLASS_ID},
    {PROG_ID_LATEST, NULL, DESCRIPTION},
    {PROG_ID_LATEST L"\\CLSID", NULL, CLASS_ID},
    {PROG_ID_LATEST L"\\CurVer", NULL, PROG_ID},
};

static const WCHAR *const class_keys[] = {CLASS_KEY, PROG_ID, PROG_ID_LATEST};

/* Renames the 32-bit system directory to the name that both architectures have for theirs, so that either finds its own
 * DLL whichever of the two registered it. */
static void use_common_system_directory(WCHAR *path)
{
    WCHAR system32[MAX_PATH], syswow64[MAX_PATH];
    UINT old_length = GetSystemWow64DirectoryW(syswow64, MAX_PATH); /* 0 where there is but one architecture */
    UINT new_length = GetSystemDirectoryW(system32, MAX_PATH);
    size_t rest;

    if (!old_length || old_length >= MAX_PATH || !new_length || new_length >= MAX_PATH) return;
    if (_wcsnicmp(path, syswow64, old_length) || path[old_length] != '\\') return;
    rest = wcslen(path + old_length) + 1;
    if (new_length + rest > PATH_SIZE) return;
    wmemmove(path + new_length, path + old_length, rest);
    wmemcpy(path, system32, new_length);
}

/* What a process is to load: the full path. A bare name is refused by the loader where a program has restricted its
 * search path. */
static LSTATUS get_server_path(WCHAR *path)
{
    DWORD length = GetModuleFileNameW(clrmem_instance, path, PATH_SIZE);

    if (!length) return GetLastError();
    if (length >= PATH_SIZE) return ERROR_FILENAME_EXCED_RANGE;
    use_common_system_directory(path);
    return ERROR_SUCCESS;
}

static LSTATUS set_text(const WCHAR *key, const WCHAR *name, const WCHAR *text)
{
    TRACE("%s %s = %s\n", debugstr_w(key), debugstr_w(name), debugstr_w(text));
    return RegSetKeyValueW(HKEY_CLASSES_ROOT, key, name, REG_SZ, text, (wcslen(text) + 1) * sizeof(*text));
}

/***********************************************************************
 *              DllRegisterServer (clrmem.@)
 *
 * S_OK, or the registry's error as an HRESULT; what was written until then
 * stays, and is removed by DllUnregisterServer.
 */
HRESULT WINAPI DllRegisterServer(void)
{
    WCHAR path[PATH_SIZE];
    const WCHAR *text;
    LSTATUS status;
    unsigned int i;

    TRACE("\n");

    status = get_server_path(path);
    for (i = 0; !status && i < ARRAYSIZE(class_values); i++)
    {
        text = class_values[i].text ? class_values[i].text : path;
        status = set_text(class_values[i].key, class_values[i].name, text);
    }
    TRACE("returning error %ld\n", status);
    return HRESULT_FROM_WIN32(status);
}

/***********************************************************************
 *              DllUnregisterServer (clrmem.@)
 *
 * S_OK, also when nothing was registered, or the registry's first error as an
 * HRESULT after trying every key.
 */
HRESULT WINAPI DllUnregisterServer(void)
{
    LSTATUS status, result = ERROR_SUCCESS;
    unsigned int i;

    TRACE("\n");

    for (i = 0; i < ARRAYSIZE(class_keys); i++)
    {
        status = RegDeleteTreeW(HKEY_CLASSES_ROOT, class_keys[i]);
        if (status && status != ERROR_FILE_NOT_FOUND && !result) result = status;
    }
    TRACE("returning error %ld\n", result);
    return HRESULT_FROM_WIN32(result);
}
