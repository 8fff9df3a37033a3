/*
 * Finding the program. Windows' own look-up finds it, and an image section says what it is: Wine reads the file as it
 * would to run it, so that nothing here has to know the format.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <ntstatus.h>
#define WIN32_NO_STATUS
#include "starter.h"

#include <stdio.h>
#include <winternl.h>

#define PATH_CHARACTERS 32768 /* the longest path */

/* ImageFlags: only managed code, for any processor, that does not ask for a 32-bit process. */
#define IMAGE_ANY_PROCESSOR 0x01

/* Class 1 of NtQuerySection, which mingw-w64's headers lack. */
struct section_image
{
    void *entry;
    ULONG zero_bits;
    SIZE_T stack, stack_commit;
    ULONG subsystem;
    ULONG subsystem_version, os_version;
    USHORT characteristics, dll_characteristics;
    USHORT machine;
    UCHAR has_code, flags;
    ULONG loader_flags, size, checksum;
};

NTSTATUS WINAPI NtCreateSection(HANDLE *, ACCESS_MASK, const OBJECT_ATTRIBUTES *, const LARGE_INTEGER *, ULONG, ULONG,
                                HANDLE);
NTSTATUS WINAPI NtQuerySection(HANDLE, int, void *, SIZE_T, SIZE_T *);
NTSTATUS WINAPI NtMapViewOfSection(HANDLE, HANDLE, void **, ULONG_PTR, SIZE_T, const LARGE_INTEGER *, SIZE_T *, int,
                                   ULONG, ULONG);
NTSTATUS WINAPI NtUnmapViewOfSection(HANDLE, void *);

/* Wine's, in its kernel32: the Windows path for a Unix one, from the process heap. */
typedef WCHAR *(CDECL *dos_name_function)(const char *);
typedef LSTATUS(WINAPI *get_value_function)(HKEY, const WCHAR *, const WCHAR *, DWORD, DWORD *, void *, DWORD *);

static void *kernel32_function(const char *name)
{
    return (void *)GetProcAddress(GetModuleHandleW(L"kernel32.dll"), name);
}

static BOOL is_there(const WCHAR *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

static BOOL find_unix_path(const WCHAR *name, WCHAR *path)
{
    dos_name_function dos_name = (dos_name_function)kernel32_function("wine_get_dos_file_name");
    char *text = HeapAlloc(GetProcessHeap(), 0, 3 * PATH_CHARACTERS);
    WCHAR *found = NULL;

    if (dos_name && text && WideCharToMultiByte(CP_UTF8, 0, name, -1, text, 3 * PATH_CHARACTERS, NULL, NULL))
        found = dos_name(text);
    if (found) lstrcpynW(path, found, PATH_CHARACTERS);
    HeapFree(GetProcessHeap(), 0, found);
    HeapFree(GetProcessHeap(), 0, text);
    return found && is_there(path);
}

/* What a program registered as its path, for the shell; name: with its extension. */
static BOOL find_registered(const WCHAR *name, WCHAR *path)
{
    static const HKEY roots[] = {HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE};
    /* Of kernel32: advapi32 would take time to load at every start. */
    get_value_function get_value = (get_value_function)kernel32_function("RegGetValueW");
    WCHAR key[512];

    _snwprintf(key, ARRAYSIZE(key), L"Software\\Microsoft\\Windows\\CurrentVersion\\App Paths\\%s%s", name,
               wcschr(name, '.') ? L"" : L".exe");
    key[ARRAYSIZE(key) - 1] = 0;
    for (unsigned int i = 0; get_value && i < ARRAYSIZE(roots); i++)
    {
        DWORD size = PATH_CHARACTERS * sizeof(*path);

        if (!get_value(roots[i], key, NULL, RRF_RT_REG_SZ, NULL, path, &size) && is_there(path)) return TRUE;
    }
    return FALSE;
}

static BOOL find_path(const WCHAR *name, WCHAR *path)
{
    if (*name == '/' && find_unix_path(name, path)) return TRUE;
    if (name[wcscspn(name, L"/\\:")]) return GetFullPathNameW(name, PATH_CHARACTERS, path, NULL) && is_there(path);
    return SearchPathW(NULL, name, L".exe", PATH_CHARACTERS, path, NULL) || find_registered(name, path);
}

/* Wine gives programs their path with the drive in upper case. */
static void raise_drive(WCHAR *path)
{
    /* By hand: CharUpperBuffW would load user32 and its imports, half the time that this program takes. */
    if (path[1] == ':' && *path >= 'a' && *path <= 'z') *path -= 'a' - 'A';
}

/* What Wine says of a file that it makes no image of. */
static DWORD report_not_image(const WCHAR *name, NTSTATUS status)
{
    switch (status)
    {
    case STATUS_INVALID_IMAGE_NOT_MZ:
        starter_error(L"%s: is not a Windows program", name);
        break;
    case STATUS_INVALID_IMAGE_PROTECT:
        starter_error(L"%s: is a DOS program or damaged, not a Windows program", name);
        break;
    case STATUS_INVALID_IMAGE_NE_FORMAT:
    case STATUS_INVALID_IMAGE_LE_FORMAT:
    case STATUS_INVALID_IMAGE_WIN_16:
        starter_error(L"%s: is a 16-bit program; only x86-64 and x86 programs can be run", name);
        break;
    case STATUS_INVALID_IMAGE_WIN_64:
        starter_error(L"%s: is a 64-bit program, and this Wine prefix is a 32-bit one", name);
        break;
    default:
        starter_error(L"%s: is damaged or for another processor (status %#lx); only x86-64 and x86 programs can be run",
                      name, status);
    }
    return STARTER_CANNOT_RUN;
}

/* Mapping is Wine's own check that the file has all that its headers say. */
static DWORD read_image(const WCHAR *name, HANDLE file, struct section_image *image)
{
    HANDLE section;
    void *address = NULL;
    SIZE_T size = 0;
    NTSTATUS status = NtCreateSection(&section, SECTION_QUERY | SECTION_MAP_READ | SECTION_MAP_EXECUTE, NULL, NULL,
                                      PAGE_EXECUTE_READ, SEC_IMAGE, file);

    if (!status) status = NtQuerySection(section, 1, image, sizeof(*image), NULL);
    if (status) return report_not_image(name, status);
    status = NtMapViewOfSection(section, GetCurrentProcess(), &address, 0, 0, NULL, &size, 1, 0, PAGE_READONLY);
    if (address) NtUnmapViewOfSection(GetCurrentProcess(), address);
    CloseHandle(section);
    if (status >= 0) return 0; /* mapped at another address, or for another machine, is no error */
    starter_error(L"%s: is damaged: its headers and its contents do not match; get a new copy", name);
    return STARTER_CANNOT_RUN;
}

static DWORD check_file(const WCHAR *name, const WCHAR *path, struct section_image *image)
{
    DWORD attributes = GetFileAttributesW(path), result;
    HANDLE file;

    if (attributes != INVALID_FILE_ATTRIBUTES && attributes & FILE_ATTRIBUTE_DIRECTORY)
    {
        starter_error(L"%s: is a folder, not a program", name);
        return STARTER_CANNOT_RUN;
    }
    file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) return starter_report_windows_error(name, L"read", GetLastError());
    result = read_image(name, file, image);
    CloseHandle(file);
    return result;
}

static DWORD check_image(const WCHAR *name, const struct section_image *image, USHORT machine)
{
    if (image->characteristics & IMAGE_FILE_DLL)
        starter_error(L"%s: is a DLL, not a program", name);
    else if (machine != IMAGE_FILE_MACHINE_I386 && machine != IMAGE_FILE_MACHINE_AMD64)
        starter_error(L"%s: is for %s (machine %#x); only x86-64 and x86 programs can be run", name,
                      machine == IMAGE_FILE_MACHINE_ARM64 ? L"ARM64" : L"another processor", machine);
    else
        return 0;
    return STARTER_CANNOT_RUN;
}

DWORD starter_find_program(const WCHAR *name, struct starter_program *program)
{
    USHORT own = sizeof(void *) == 8 ? IMAGE_FILE_MACHINE_AMD64 : IMAGE_FILE_MACHINE_I386;
    WCHAR *path = HeapAlloc(GetProcessHeap(), 0, PATH_CHARACTERS * sizeof(*path));
    struct section_image image;
    DWORD result;

    if (!path || !find_path(name, path))
    {
        starter_error(L"%s: no such program%s", name,
                      name[wcscspn(name, L"/\\:")] ? L""
                                                   : L" in the current directory or where Windows looks for programs");
        return STARTER_NOT_FOUND;
    }
    raise_drive(path);
    if ((result = check_file(name, path, &image))) return result;
    program->path = path;
    program->machine = image.flags & IMAGE_ANY_PROCESSOR ? own : image.machine;
    program->windowed = image.subsystem == IMAGE_SUBSYSTEM_WINDOWS_GUI;
    return check_image(name, &image, program->machine);
}
