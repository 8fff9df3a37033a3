/*
 * Attaching the shim to a suspended process, by asynchronous calls on its main thread.
 *
 * The thread first initializes the process, then makes the queued calls in their order, then enters the program:
 * LoadLibraryW(shim), VirtualFree(its path), SetEvent(tried), wait for go, close both. In its DllMain the shim sets the event
 * "clrmem-attached-<process id>" (hexadecimal, lower case, no leading zeros), so it has reported when `tried` is set, or
 * it is not there.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <stdio.h>
#include <winternl.h>

#include "starter.h"

typedef void(WINAPI *apc_function)(ULONG_PTR, ULONG_PTR, ULONG_PTR);
typedef NTSTATUS(WINAPI *queue_apc_function)(HANDLE, apc_function, ULONG_PTR, ULONG_PTR, ULONG_PTR);

/* One event seen from both processes. */
struct shared_event
{
    HANDLE here;
    HANDLE there; /* a handle of the other process, which closes it itself */
};

static BOOL create_shared_event(HANDLE process, struct shared_event *event)
{
    event->here = CreateEventW(NULL, TRUE, FALSE, NULL);
    return event->here &&
           DuplicateHandle(GetCurrentProcess(), event->here, process, &event->there, 0, FALSE, DUPLICATE_SAME_ACCESS);
}

HANDLE starter_create_report(const WCHAR *name, DWORD process_id)
{
    WCHAR full[40];

    _snwprintf(full, ARRAYSIZE(full), name, process_id);
    return CreateEventW(NULL, TRUE, FALSE, full);
}

/* A copy of text in the other process; NULL on failure. */
static void *write_text(HANDLE process, const WCHAR *text)
{
    SIZE_T size = (lstrlenW(text) + 1) * sizeof(*text);
    void *copy = VirtualAllocEx(process, NULL, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

    if (copy && !WriteProcessMemory(process, copy, text, size, NULL))
    {
        VirtualFreeEx(process, copy, 0, MEM_RELEASE);
        return NULL;
    }
    return copy;
}

/* A system function for a call in another process: system modules are at the same address in all processes of an
 * architecture. */
static apc_function system_call(const WCHAR *module, const char *name)
{
    return (apc_function)(void *)GetProcAddress(GetModuleHandleW(module), name);
}

static BOOL queue_call(HANDLE thread, apc_function function, ULONG_PTR one, ULONG_PTR two, ULONG_PTR three)
{
    queue_apc_function queue = (queue_apc_function)(void *)system_call(L"ntdll.dll", "NtQueueApcThread");

    return queue && function && !queue(thread, function, one, two, three);
}

BOOL starter_queue_shim(HANDLE process, HANDLE thread, const WCHAR *shim)
{
    void *text = write_text(process, shim);

    return text && queue_call(thread, system_call(L"kernel32.dll", "LoadLibraryW"), (ULONG_PTR)text, 0, 0) &&
           queue_call(thread, system_call(L"kernel32.dll", "VirtualFree"), (ULONG_PTR)text, 0, MEM_RELEASE);
}

static BOOL queue_reports(HANDLE thread, HANDLE tried, HANDLE go)
{
    apc_function set_event = system_call(L"kernel32.dll", "SetEvent");
    apc_function close = system_call(L"kernel32.dll", "CloseHandle");
    apc_function wait = system_call(L"ntdll.dll", "NtWaitForSingleObject");

    return queue_call(thread, set_event, (ULONG_PTR)tried, 0, 0) && queue_call(thread, wait, (ULONG_PTR)go, FALSE, 0) &&
           queue_call(thread, close, (ULONG_PTR)tried, 0, 0) && queue_call(thread, close, (ULONG_PTR)go, 0, 0);
}

/* Lets the process load the shim, and run when the shim has reported. */
static enum starter_attached run_until_reported(const PROCESS_INFORMATION *process, HANDLE report, HANDLE tried,
                                                HANDLE go)
{
    HANDLE either[] = {tried, process->hProcess};

    if (ResumeThread(process->hThread) == (DWORD)-1) return ATTACH_FAILED;
    switch (WaitForMultipleObjects(ARRAYSIZE(either), either, FALSE, INFINITE))
    {
    case WAIT_OBJECT_0:
        break;
    case WAIT_OBJECT_0 + 1:
        return ATTACH_ENDED;
    default:
        return ATTACH_FAILED;
    }
    if (WaitForSingleObject(report, 0) != WAIT_OBJECT_0) return ATTACH_FAILED;
    SetEvent(go);
    return ATTACH_DONE;
}

enum starter_attached starter_attach(const PROCESS_INFORMATION *process, const WCHAR *shim)
{
    struct shared_event tried = {NULL, NULL}, go = {NULL, NULL};
    HANDLE report = starter_create_report(L"clrmem-attached-%lx", process->dwProcessId);
    enum starter_attached result = ATTACH_FAILED;

    if (report && starter_queue_shim(process->hProcess, process->hThread, shim) &&
        create_shared_event(process->hProcess, &tried) && create_shared_event(process->hProcess, &go) &&
        queue_reports(process->hThread, tried.there, go.there))
        result = run_until_reported(process, report, tried.here, go.here);
    if (tried.here) CloseHandle(tried.here);
    if (go.here) CloseHandle(go.here);
    if (report) CloseHandle(report);
    return result;
}
