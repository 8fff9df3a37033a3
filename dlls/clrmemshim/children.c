/*
 * Programs that this process starts get the shim, too.
 *
 * kernelbase creates every process by NtCreateUserProcess, with its main thread suspended, and resumes the thread
 * afterwards unless its caller does not want that. Here the thread gets a queued call that loads the shim. The thread
 * makes the call once its process is initialized and before the program's first instruction, so the caller waits for
 * nothing and finds its handles as they were.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "shim.h"

#include <stdio.h>
#include <wchar.h>

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

#define PATH_LENGTH  32768 /* characters of the longest path */
#define HELPER_WAIT  30000 /* ms; Wine needs some 30 to start a process */
#define HELPER_NAME  L"clrmemstart.exe"
#define OTHER_HELPER L"..\\" OTHER_FOLDER L"\\" HELPER_NAME
#ifdef _WIN64
#define OTHER_FOLDER L"i386-windows"
#else
#define OTHER_FOLDER L"x86_64-windows"
#endif

static NTSTATUS(WINAPI *real_NtCreateUserProcess)(HANDLE *process, HANDLE *thread, ACCESS_MASK process_access,
                                                  ACCESS_MASK thread_access, OBJECT_ATTRIBUTES *process_attributes,
                                                  OBJECT_ATTRIBUTES *thread_attributes, ULONG process_flags,
                                                  ULONG thread_flags, RTL_USER_PROCESS_PARAMETERS *parameters,
                                                  void *information, void *attributes);

/* The full path of a file named from the shim's folder, on the process heap; NULL on failure. */
static WCHAR *sibling_path(const WCHAR *name)
{
    WCHAR *path = HeapAlloc(GetProcessHeap(), 0, PATH_LENGTH * sizeof(*path)), *base;
    DWORD length = path ? GetModuleFileNameW(shim_instance, path, PATH_LENGTH) : 0;

    if (length && length + wcslen(name) < PATH_LENGTH && (base = wcsrchr(path, '\\')))
    {
        wcscpy(base + 1, name);
        return path;
    }
    HeapFree(GetProcessHeap(), 0, path);
    return NULL;
}

/* A system function for a call in another process: system modules are at the same address in all processes of an
 * architecture. */
static PNTAPCFUNC system_call(const char *name)
{
    return (PNTAPCFUNC)(void *)GetProcAddress(GetModuleHandleW(L"kernel32.dll"), name);
}

/* The text is freed after its use. */
static bool queue_load(HANDLE process, HANDLE thread, const WCHAR *shim)
{
    SIZE_T size = (wcslen(shim) + 1) * sizeof(*shim);
    void *text = VirtualAllocEx(process, NULL, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

    if (!text) return false;
    if (WriteProcessMemory(process, text, shim, size, NULL) &&
        !NtQueueApcThread(thread, system_call("LoadLibraryW"), (ULONG_PTR)text, 0, 0))
    {
        NtQueueApcThread(thread, system_call("VirtualFree"), (ULONG_PTR)text, 0, MEM_RELEASE);
        return true;
    }
    VirtualFreeEx(process, text, 0, MEM_RELEASE);
    return false;
}

/* Another architecture's LoadLibraryW has an address that only a process of that architecture knows. */
static bool run_helper(HANDLE process, HANDLE thread, const WCHAR *helper)
{
    STARTUPINFOW startup = {.cb = sizeof(startup)};
    PROCESS_INFORMATION information;
    WCHAR arguments[64];
    DWORD code = STILL_ACTIVE;

    swprintf(arguments, ARRAY_SIZE(arguments), HELPER_NAME L" child %lu %lu", GetProcessId(process),
             GetThreadId(thread));
    if (!CreateProcessW(helper, arguments, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &information)) return false;
    WaitForSingleObject(information.hProcess, HELPER_WAIT);
    GetExitCodeProcess(information.hProcess, &code);
    CloseHandle(information.hThread);
    CloseHandle(information.hProcess);
    return !code;
}

static bool attach_child(HANDLE process, HANDLE thread)
{
    BOOL own = FALSE, other = FALSE, same;
    WCHAR *path;
    bool queued;

    IsWow64Process(GetCurrentProcess(), &own);
    IsWow64Process(process, &other);
    same = own == other;
    if (!(path = sibling_path(same ? L"clrmemshim.dll" : OTHER_HELPER))) return false;
    queued = same ? queue_load(process, thread, path) : run_helper(process, thread, path);
    HeapFree(GetProcessHeap(), 0, path);
    return queued;
}

static bool is_helper(const UNICODE_STRING *image)
{
    SIZE_T length = image->Length / sizeof(WCHAR), size = wcslen(HELPER_NAME);

    return length > size && !_wcsnicmp(image->Buffer + length - size, HELPER_NAME, size);
}

static NTSTATUS WINAPI shim_NtCreateUserProcess(HANDLE *process, HANDLE *thread, ACCESS_MASK process_access,
                                                ACCESS_MASK thread_access, OBJECT_ATTRIBUTES *process_attributes,
                                                OBJECT_ATTRIBUTES *thread_attributes, ULONG process_flags,
                                                ULONG thread_flags, RTL_USER_PROCESS_PARAMETERS *parameters,
                                                void *information, void *attributes)
{
    NTSTATUS status =
        real_NtCreateUserProcess(process, thread, process_access, thread_access, process_attributes, thread_attributes,
                                 process_flags, thread_flags, parameters, information, attributes);
    DWORD error = GetLastError();

    if (status || !(thread_flags & THREAD_CREATE_FLAGS_CREATE_SUSPENDED) || is_helper(&parameters->ImagePathName))
        return status;
    if (!attach_child(*process, *thread)) WARN("%p has no shim\n", *process);
    SetLastError(error);
    return status;
}

static const struct shim_import kernelbase_imports[] = {
    {"NtCreateUserProcess", shim_NtCreateUserProcess, (void **)&real_NtCreateUserProcess},
};

void shim_attach_children(void)
{
    WCHAR value[8];

    if (GetEnvironmentVariableW(L"CLRMEM_CHILDREN", value, ARRAY_SIZE(value)) && !wcscmp(value, L"no")) return;
    if (!shim_redirect_imports(GetModuleHandleW(L"kernelbase.dll"), kernelbase_imports, ARRAY_SIZE(kernelbase_imports)))
        ERR("kernelbase does not import NtCreateUserProcess: programs started from here have no shim\n");
}
