/*
 * This process's id in /proc.
 *
 * Wine does not tell it, and /proc/self, opened by the wineserver, is the wineserver's. But Wine gives the name of a
 * thread to Linux: so a thread is made whose name nobody else has, and the process is the one that has it. The thread
 * never runs, so that nothing in the process hears of it, and the caller waits for nobody.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <ntstatus.h>
#define WIN32_NO_STATUS
#include "memory_probe.h"
#include <winternl.h>
#include <stdio.h>
#include <string.h>
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

#define NAME_LENGTH 15 /* bytes that Linux keeps of a thread's name */
#define ATTEMPTS    20 /* looks for a thread that Linux may not have started yet */
#define SEARCHES    3  /* in the life of a process */
#define DIGITS      12 /* of an id, with the NUL */
#define CANDIDATES  64

struct search
{
    char mark[NAME_LENGTH + 1];          /* the thread's name */
    char program[NAME_LENGTH + 1];       /* what Linux calls the process, most probably */
    char candidates[CANDIDATES][DIGITS]; /* processes that are called so */
    unsigned int count;
    char text[UNIX_TEXT_SIZE];
};

void unix_name_thread(HANDLE thread, const WCHAR *name)
{
    THREAD_NAME_INFORMATION information;

    RtlInitUnicodeString(&information.ThreadName, name);
    NtSetInformationThread(thread, ThreadNameInformation, &information, sizeof(information));
}

/* The name of a process ("task" NULL) or a task is `name`. */
static BOOL has_name(struct search *search, const char *process, const char *task, const char *name)
{
    const char *parts[] = {"/proc/", process, task ? "/task/" : "", task ? task : "", "/comm"};
    WCHAR path[UNIX_PATH_LENGTH];
    size_t length = strlen(name);
    HANDLE file;
    BOOL same;

    if (!unix_path(UNIX_ROOT, parts, ARRAYSIZE(parts), path) || !(file = unix_open(path))) return FALSE;
    same = unix_read(file, search->text) == length + 1 && !memcmp(search->text, name, length);
    unix_close(&file);
    return same;
}

/* Calls `visit` for the directory's entries that are numbers until it returns TRUE. */
static BOOL each_number(struct search *search, const char *process,
                        BOOL (*visit)(struct search *search, const char *process, const char *number), char *found)
{
    const char *parts[] = {"/proc/", process ? process : "", process ? "/task/*" : "*"};
    WCHAR path[UNIX_PATH_LENGTH];
    WIN32_FIND_DATAW entry;
    BOOL stop = FALSE;
    HANDLE find;
    int i;

    if (!unix_path(UNIX_ROOT, parts, ARRAYSIZE(parts), path)) return FALSE;
    find = FindFirstFileW(path, &entry);
    if (find == INVALID_HANDLE_VALUE) return FALSE;
    do
    {
        for (i = 0; i < 11 && entry.cFileName[i] >= '0' && entry.cFileName[i] <= '9'; i++)
            found[i] = entry.cFileName[i];
        if (!i || entry.cFileName[i]) continue;
        found[i] = 0;
        stop = visit(search, process, found);
    } while (!stop && FindNextFileW(find, &entry));
    FindClose(find);
    return stop;
}

static BOOL is_marked_task(struct search *search, const char *process, const char *task)
{
    return has_name(search, process, task, search->mark);
}

static BOOL has_marked_task(struct search *search, const char *none, const char *process)
{
    char task[DIGITS];

    (void)none;
    return each_number(search, process, is_marked_task, task);
}

static BOOL add_candidate(struct search *search, const char *none, const char *process)
{
    (void)none;
    if (has_name(search, process, NULL, search->program)) lstrcpyA(search->candidates[search->count++], process);
    return search->count == CANDIDATES;
}

static BOOL find_among_candidates(struct search *search, char *process)
{
    unsigned int i;

    for (i = 0; i < search->count; i++)
    {
        if (!has_marked_task(search, NULL, search->candidates[i])) continue;
        lstrcpyA(process, search->candidates[i]);
        return TRUE;
    }
    return FALSE;
}

static DWORD to_number(const char *digits)
{
    DWORD number = 0;

    while (*digits) number = number * 10 + *digits++ - '0';
    return number;
}

/* Reading the names of all threads of the machine takes longest, and is rarely needed. */
static DWORD find_mark(struct search *search, HANDLE thread, const WCHAR *mark)
{
    char process[DIGITS];
    int attempt;

    search->count = 0;
    each_number(search, NULL, add_candidate, process);
    for (attempt = 0; attempt < ATTEMPTS; attempt++)
    {
        unix_name_thread(thread, mark);
        if (find_among_candidates(search, process)) return to_number(process);
        Sleep(attempt < 4 ? 0 : 1);
    }
    return each_number(search, NULL, has_marked_task, process) ? to_number(process) : 0;
}

/* A name that no other thread has, of this process or of another. */
static void make_mark(WCHAR *mark, char *text)
{
    LARGE_INTEGER counter;
    int i;

    QueryPerformanceCounter(&counter);
    snprintf(text, NAME_LENGTH + 1, "clr%04lx%08lx", GetCurrentThreadId() & 0xffff,
             counter.LowPart ^ GetCurrentProcessId() << 20);
    for (i = 0; i <= NAME_LENGTH; i++) mark[i] = text[i];
}

static void program_name(char *name)
{
    char path[MAX_PATH], *last;

    GetModuleFileNameA(NULL, path, sizeof(path));
    path[sizeof(path) - 1] = 0;
    last = strrchr(path, '\\');
    lstrcpynA(name, last ? last + 1 : path, NAME_LENGTH + 1);
}

static DWORD search_process_id(void)
{
    struct search *search = HeapAlloc(GetProcessHeap(), 0, sizeof(*search));
    WCHAR mark[NAME_LENGTH + 1];
    HANDLE thread = NULL;
    DWORD id = 0;

    if (search)
        thread = CreateThread(NULL, 0x10000, (LPTHREAD_START_ROUTINE)(void *)RtlExitUserThread, NULL, CREATE_SUSPENDED,
                              NULL);
    if (thread)
    {
        make_mark(mark, search->mark);
        program_name(search->program);
        id = find_mark(search, thread, mark);
        TerminateThread(thread, 0);
        CloseHandle(thread);
    }
    HeapFree(GetProcessHeap(), 0, search);
    if (!id) WARN("this process is not in /proc: its groups are taken for the mount's root\n");
    TRACE("Linux process %lu\n", id);
    return id;
}

DWORD unix_process_id(void)
{
    static LONG process_id, searching, searches;
    DWORD id = ReadNoFence(&process_id);

    if (id || ReadNoFence(&searches) == SEARCHES || InterlockedExchange(&searching, TRUE)) return id;
    id = ReadNoFence(&process_id);
    if (!id)
    {
        id = search_process_id();
        WriteNoFence(&process_id, id);
        InterlockedIncrement(&searches);
    }
    InterlockedExchange(&searching, FALSE);
    return id;
}
