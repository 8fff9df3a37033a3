/*
 * Attaching the shim to a suspended process, by asynchronous calls on its main thread.
 *
 * The thread first initializes the process, then makes the queued calls in their order, then enters the program:
 * LoadLibraryW(shim), SetEvent(tried), wait for go, close both. In its DllMain the shim sets the event
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

/* A system function by name, as an asynchronous call of one argument; system modules are at the same address in all
 * processes. */
static PAPCFUNC system_call(const WCHAR *module, const char *name)
{
    return (PAPCFUNC)(void *)GetProcAddress(GetModuleHandleW(module), name);
}

/* NtWaitForSingleObject takes three arguments, exactly what an asynchronous call of ntdll's passes. */
static BOOL queue_wait(HANDLE thread, HANDLE event)
{
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
    queue_apc_function queue = (queue_apc_function)(void *)GetProcAddress(ntdll, "NtQueueApcThread");
    apc_function wait = (apc_function)(void *)GetProcAddress(ntdll, "NtWaitForSingleObject");

    return queue && wait && !queue(thread, wait, (ULONG_PTR)event, FALSE, 0);
}

static BOOL queue_calls(HANDLE thread, const void *shim, HANDLE tried, HANDLE go)
{
    PAPCFUNC load = system_call(L"kernel32.dll", "LoadLibraryW");
    PAPCFUNC set_event = system_call(L"kernel32.dll", "SetEvent");
    PAPCFUNC close = system_call(L"kernel32.dll", "CloseHandle");

    return load && set_event && close && QueueUserAPC(load, thread, (ULONG_PTR)shim) &&
           QueueUserAPC(set_event, thread, (ULONG_PTR)tried) && queue_wait(thread, go) &&
           QueueUserAPC(close, thread, (ULONG_PTR)tried) && QueueUserAPC(close, thread, (ULONG_PTR)go);
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
    void *path = write_text(process->hProcess, shim);
    enum starter_attached result = ATTACH_FAILED;

    if (report && path && create_shared_event(process->hProcess, &tried) &&
        create_shared_event(process->hProcess, &go) && queue_calls(process->hThread, path, tried.there, go.there))
        result = run_until_reported(process, report, tried.here, go.here);
    if (path && result == ATTACH_DONE) VirtualFreeEx(process->hProcess, path, 0, MEM_RELEASE);
    if (tried.here) CloseHandle(tried.here);
    if (go.here) CloseHandle(go.here);
    if (report) CloseHandle(report);
    return result;
}
