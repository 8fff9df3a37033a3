/*
 * A program that does not end by itself: it appends a dot to the file its argument names, ten times a second, until a
 * file of that name with ".stop" appended is there, for two minutes at most. With a second argument it first starts
 * itself once more, on that file, as a child.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <stdio.h>
#include <windows.h>

static void start_child(const WCHAR *file)
{
    WCHAR image[MAX_PATH], line[2 * MAX_PATH];
    STARTUPINFOW startup = {.cb = sizeof(startup)};
    PROCESS_INFORMATION process;

    GetModuleFileNameW(NULL, image, ARRAYSIZE(image));
    _snwprintf(line, ARRAYSIZE(line), L"linger \"%s\"", file);
    CreateProcessW(image, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process);
}

static BOOL must_stop(const WCHAR *file)
{
    WCHAR name[MAX_PATH];

    _snwprintf(name, ARRAYSIZE(name), L"%ls.stop", file);
    return GetFileAttributesW(name) != INVALID_FILE_ATTRIBUTES;
}

int wmain(int argc, WCHAR **argv)
{
    HANDLE file;
    DWORD written;

    if (argc < 2) return 1;
    if (argc > 2) start_child(argv[2]);
    file = CreateFileW(argv[1], FILE_APPEND_DATA, FILE_SHARE_READ, NULL, OPEN_ALWAYS, 0, NULL);
    for (int i = 0; i < 1200 && !must_stop(argv[1]) && WriteFile(file, ".", 1, &written, NULL); i++) Sleep(100);
    return 0;
}
