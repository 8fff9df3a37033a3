/*
 * Files of Linux, read through Wine's \\?\unix.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "memory_probe.h"
#include <string.h>

/* Wine treats every backslash of a path as a separator, so a Linux name that has one cannot be opened. */
static BOOL append(WCHAR *path, size_t *length, const char *part)
{
    int size = UNIX_PATH_LENGTH - (int)*length, i, count;

    if (strchr(part, '\\')) return FALSE;
    count = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, part, -1, path + *length, size);
    if (!count) return FALSE;
    for (i = 0; i < count; i++)
        if (path[*length + i] == '/') path[*length + i] = '\\';
    *length += count - 1;
    return TRUE;
}

BOOL unix_path(const WCHAR *root, const char *const *parts, unsigned int count, WCHAR *path)
{
    size_t length = lstrlenW(root);
    unsigned int i;

    if (length >= UNIX_PATH_LENGTH) return FALSE;
    memcpy(path, root, (length + 1) * sizeof(*path));
    for (i = 0; i < count; i++)
        if (!append(path, &length, parts[i])) return FALSE;
    return TRUE;
}

HANDLE unix_open(const WCHAR *path)
{
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, 0, NULL);

    return file == INVALID_HANDLE_VALUE ? NULL : file;
}

/* A figure that is cut in two would be a wrong one. */
static size_t whole_lines(const char *text, size_t length)
{
    while (length && text[length - 1] != '\n') length--;
    return length;
}

size_t unix_read(HANDLE file, char *text)
{
    size_t length = 0;
    DWORD bytes = 0;

    if (!file || SetFilePointer(file, 0, NULL, FILE_BEGIN) == INVALID_SET_FILE_POINTER) return 0;
    while (length < UNIX_TEXT_SIZE && ReadFile(file, text + length, UNIX_TEXT_SIZE - length, &bytes, NULL) && bytes)
        length += bytes;
    return length < UNIX_TEXT_SIZE ? length : whole_lines(text, length);
}

void unix_close(HANDLE *file)
{
    if (*file) CloseHandle(*file);
    *file = NULL;
}
