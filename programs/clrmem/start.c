/*
 * clrmemstart.exe MODE PROGRAM [ARGUMENTS]: starts PROGRAM with clrmemshim.dll, which lies beside this file, attached to
 * it, and ends with its exit code. Streams, environment and current directory are the program's own.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "start.h"

/* Wine's, in its kernel32: the Windows path for a Unix one, from the process heap. */
typedef WCHAR *(CDECL *dos_name_function)(const char *);

static WCHAR *unix_program_path(const WCHAR *program)
{
    dos_name_function dos_name;
    WCHAR *path = NULL;
    char *name;
    int size;

    dos_name = (dos_name_function)(void *)GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "wine_get_dos_file_name");
    if (!dos_name) return NULL;
    size = WideCharToMultiByte(CP_UTF8, 0, program, -1, NULL, 0, NULL, NULL);
    if (!(name = HeapAlloc(GetProcessHeap(), 0, size))) return NULL;
    WideCharToMultiByte(CP_UTF8, 0, program, -1, name, size, NULL, NULL);
    path = dos_name(name);
    HeapFree(GetProcessHeap(), 0, name);
    if (path && GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES) return path;
    if (path) HeapFree(GetProcessHeap(), 0, path);
    return NULL;
}

WCHAR *start_program_path(const WCHAR *program)
{
    WCHAR *path = NULL;
    DWORD length;

    if (*program == '/' && (path = unix_program_path(program))) return path;
    length = GetFullPathNameW(program, 0, NULL, NULL);
    if (!length || !(path = HeapAlloc(GetProcessHeap(), 0, length * sizeof(*path)))) return NULL;
    GetFullPathNameW(program, length, path, NULL);
    /* By hand: CharUpperBuffW would load user32 and all it brings, half the time that this program takes. */
    if (path[1] == ':' && *path >= 'a' && *path <= 'z') *path -= 'a' - 'A';
    return path;
}

/* The shim's full path, beside this program; NULL without memory. */
static WCHAR *shim_path(void)
{
    static const WCHAR name[] = L"clrmemshim.dll";
    DWORD size = 32768;
    WCHAR *path = HeapAlloc(GetProcessHeap(), 0, size * sizeof(*path)), *base = path;
    DWORD length = path ? GetModuleFileNameW(NULL, path, size - ARRAYSIZE(name)) : 0;

    if (!length) return NULL;
    for (WCHAR *c = path; *c; c++)
        if (*c == '\\') base = c + 1;
    lstrcpyW(base, name);
    return path;
}

/*
 * Ends the program when this process is ended, as if it were the one that Wine was started with. What the program
 * starts itself lives on, as it does under Wine.
 */
static void tie_to_this_process(HANDLE process)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
    HANDLE job = CreateJobObjectW(NULL, NULL); /* closed by the end of this process */

    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK;
    SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof(limits));
    AssignProcessToJobObject(job, process);
}

/* A terminal's Ctrl-C reaches the program too, and how it ends is the program's business. */
static BOOL WINAPI ignore_control(DWORD type)
{
    return type == CTRL_C_EVENT || type == CTRL_BREAK_EVENT;
}

/* Whether there is a console behind this process, and not only redirected streams. */
static BOOL has_console(void)
{
    HANDLE console =
        CreateFileW(L"CONIN$", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, 0);

    if (console == INVALID_HANDLE_VALUE) return FALSE;
    CloseHandle(console);
    return TRUE;
}

/*
 * Creates the program, suspended. A windowed program gets no console where Wine would give it none; its streams have to
 * be named then.
 */
static BOOL create_program(const struct start_request *request, const WCHAR *path, PROCESS_INFORMATION *process)
{
    WCHAR *command_line = start_build_command_line(path, request->arguments);
    DWORD flags = CREATE_SUSPENDED;
    STARTUPINFOW startup;

    if (!command_line)
    {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return FALSE;
    }
    GetStartupInfoW(&startup);
    startup.lpTitle = NULL;
    startup.cbReserved2 = 0;
    startup.lpReserved2 = NULL;
    if (request->mode == START_WINDOWED && !has_console())
    {
        flags |= DETACHED_PROCESS;
        startup.dwFlags |= STARTF_USESTDHANDLES;
        startup.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
        startup.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
        startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    }
    return CreateProcessW(path, command_line, NULL, NULL, TRUE, flags, NULL, NULL, &startup, process);
}

static DWORD complain_not_created(const WCHAR *path, DWORD error)
{
    /* Some of the system's messages name the program: %1. No message has more than nine inserts. */
    static const WCHAR *const inserts[9] = {
        [0 ... 8] = L"the program",
    };
    WCHAR meaning[256] = L"";
    DWORD length = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_ARGUMENT_ARRAY, NULL, error, 0, meaning,
                                  ARRAYSIZE(meaning), (va_list *)(void *)inserts);

    while (length && (meaning[length - 1] <= ' ' || meaning[length - 1] == '.')) meaning[--length] = 0;
    start_complain(L"%s: cannot be started: %s (Windows error %lu)", path, meaning, error);
    return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND ? START_NOT_FOUND : START_CANNOT_RUN;
}

static DWORD wait_for_end(HANDLE process)
{
    DWORD code = START_FAILED;

    WaitForSingleObject(process, INFINITE);
    GetExitCodeProcess(process, &code);
    return code;
}

/* Runs a created, suspended program to its end; returns the exit code for this process. */
static DWORD run_attached(const PROCESS_INFORMATION *process, const WCHAR *path, const WCHAR *shim)
{
    DWORD code;

    switch (attach_shim(process, shim))
    {
    case ATTACH_DONE:
        return wait_for_end(process->hProcess);
    case ATTACH_ENDED:
        code = wait_for_end(process->hProcess);
        start_complain(L"%s: the shim could not be attached: the program ended before, with %#lx", path, code);
        return code & 0xff ? code : START_FAILED; /* Wine passes on the low byte, and this is no success */
    default:
        TerminateProcess(process->hProcess, START_FAILED);
        start_complain(L"%s: the shim %s could not be attached; the program was not run", path, shim);
        return START_FAILED;
    }
}

static DWORD run_program(const struct start_request *request, const WCHAR *path)
{
    WCHAR *shim = request->mode == START_UNATTACHED ? NULL : shim_path();
    PROCESS_INFORMATION process;

    if (!create_program(request, path, &process)) return complain_not_created(path, GetLastError());
    tie_to_this_process(process.hProcess);
    SetConsoleCtrlHandler(ignore_control, TRUE);
    if (shim) return run_attached(&process, path, shim);
    ResumeThread(process.hThread);
    return wait_for_end(process.hProcess);
}

int wmain(void)
{
    struct start_request request;
    WCHAR *path;

    if (!start_parse_command_line(GetCommandLineW(), &request) || !(path = start_program_path(request.program)))
    {
        start_complain(L"clrmemstart.exe is started by `clrmem run`");
        return START_FAILED;
    }
    ExitProcess(run_program(&request, path));
}
