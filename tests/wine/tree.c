/*
 * A fake machine.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_test.h"
#include "tree.h"
#include <stdarg.h>
#include <stdio.h>

#define PATH_SIZE 600

static char tree_root[MAX_PATH];

static void tree_path(const char *path, char *buffer)
{
    char *p;

    snprintf(buffer, PATH_SIZE, "%s%s", tree_root, path);
    for (p = buffer; *p; p++)
        if (*p == '/') *p = '\\';
}

static void make_directories(char *path)
{
    char *p;

    for (p = path + strlen(tree_root); (p = strchr(p + 1, '\\'));)
    {
        *p = 0;
        CreateDirectoryA(path, NULL);
        *p = '\\';
    }
}

void tree_write(const char *path, const char *format, ...)
{
    char file[PATH_SIZE], text[8192];
    HANDLE handle;
    va_list args;
    DWORD bytes;
    int length;

    va_start(args, format);
    length = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    tree_path(path, file);
    make_directories(file);
    handle = CreateFileA(file, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_ALWAYS,
                         0, NULL);
    ok(handle != INVALID_HANDLE_VALUE, "%s: error %lu\n", file, GetLastError());
    /* A reader never finds it empty or half written, like the kernel's files. */
    ok(WriteFile(handle, text, length, &bytes, NULL), "%s: error %lu\n", file, GetLastError());
    SetEndOfFile(handle);
    CloseHandle(handle);
}

static void remove_path(char *path)
{
    size_t length = strlen(path);
    WIN32_FIND_DATAA entry;
    HANDLE find;

    if (DeleteFileA(path)) return;
    strcpy(path + length, "\\*");
    find = FindFirstFileA(path, &entry);
    if (find == INVALID_HANDLE_VALUE) return;
    do
    {
        if (!strcmp(entry.cFileName, ".") || !strcmp(entry.cFileName, "..")) continue;
        strcpy(path + length + 1, entry.cFileName);
        remove_path(path);
    } while (FindNextFileA(find, &entry));
    FindClose(find);
    path[length] = 0;
    RemoveDirectoryA(path);
}

void tree_remove(const char *path)
{
    char file[PATH_SIZE];
    int i;

    tree_path(path, file);
    /* A monitor that is just ending may still have files open. */
    for (i = 0; i < 1000 && GetFileAttributesA(file) != INVALID_FILE_ATTRIBUTES; i++)
    {
        if (i) Sleep(5);
        remove_path(file);
    }
    ok(GetFileAttributesA(file) == INVALID_FILE_ATTRIBUTES, "%s is still there\n", file);
}

void tree_begin(void)
{
    char temp[MAX_PATH - 32];

    GetTempPathA(sizeof(temp), temp);
    snprintf(tree_root, sizeof(tree_root), "%sclrmem%04lx", temp, GetCurrentProcessId());
    tree_remove("");
    CreateDirectoryA(tree_root, NULL);
    tree_write("/proc/meminfo", "MemTotal: %u kB\nMemFree: 1 kB\nMemAvailable: %u kB\n", 1000 * 1024, 800 * 1024);
    SetEnvironmentVariableA("CLRMEM_CGROUP", NULL); /* as `clrmem run` sets it */
    SetEnvironmentVariableA("CLRMEM_UNIX_ROOT", tree_root);
    SetEnvironmentVariableA("CLRMEM_INTERVAL", "10");
    SetEnvironmentVariableA("CLRMEM_LOWINTERVAL", "10");
}

void tree_end(void)
{
    tree_remove("");
    SetEnvironmentVariableA("CLRMEM_UNIX_ROOT", NULL);
    SetEnvironmentVariableA("CLRMEM_INTERVAL", NULL);
    SetEnvironmentVariableA("CLRMEM_LOWINTERVAL", NULL);
}

void tree_write_groups(const char *text)
{
    tree_write("/proc/self/cgroup", "%s", text);
}

static void write_limit(const char *group, const char *name, unsigned int limit)
{
    char path[256];

    snprintf(path, sizeof(path), "/sys/fs/cgroup%s/%s", group, name);
    if (limit)
        tree_write(path, "%I64u\n", (ULONGLONG)limit << 20);
    else
        tree_write(path, "max\n");
}

void tree_write_group(const char *group, unsigned int used, unsigned int max, unsigned int high)
{
    char path[256];

    tree_write("/sys/fs/cgroup/cgroup.controllers", "memory pids\n");
    write_limit(group, "memory.max", max);
    write_limit(group, "memory.high", high);
    snprintf(path, sizeof(path), "/sys/fs/cgroup%s/memory.stat", group);
    tree_write(path, "anon 1\nfile 2\ninactive_anon 3\ninactive_file %u\n", 5 << 20);
    snprintf(path, sizeof(path), "/sys/fs/cgroup%s/memory.current", group);
    tree_write(path, "%I64u\n", (ULONGLONG)(used + 5) << 20);
}
