/*
 * clrmemstart.exe MODE PROGRAM [ARGUMENTS]: starts PROGRAM with clrmemshim.dll, which lies beside this file, attached to
 * it, and ends with its exit code. Streams, environment and current directory are the program's own. A 32-bit program is
 * handed to the 32-bit clrmemstart.exe, as the shim can be attached only from a process of the same architecture.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "starter.h"

#include <stdlib.h>

#define STARTED_EVENT L"clrmem-started-%lx"

/* The full path of a file named from this program's folder; NULL without memory. */
static WCHAR *sibling_path(const WCHAR *name)
{
    DWORD size = 32768;
    WCHAR *path = HeapAlloc(GetProcessHeap(), 0, size * sizeof(*path)), *base = path;
    DWORD length = path ? GetModuleFileNameW(NULL, path, size - lstrlenW(name) - 1) : 0;

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
 * Creates a suspended process, as Wine would create the one that it is started with. A windowed program gets no console
 * where Wine would give it none; its streams have to be named then.
 */
static BOOL create_process(const WCHAR *path, const WCHAR *arguments, BOOL windowed, PROCESS_INFORMATION *process)
{
    WCHAR *command_line = starter_build_command_line(path, arguments);
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
    if (windowed && !has_console())
    {
        flags |= DETACHED_PROCESS;
        startup.dwFlags |= STARTF_USESTDHANDLES;
        startup.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
        startup.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
        startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    }
    if (!CreateProcessW(path, command_line, NULL, NULL, TRUE, flags, NULL, NULL, &startup, process)) return FALSE;
    tie_to_this_process(process->hProcess);
    SetConsoleCtrlHandler(ignore_control, TRUE);
    return TRUE;
}

static DWORD wait_for_end(HANDLE process)
{
    DWORD code = STARTER_FAILED;

    WaitForSingleObject(process, INFINITE);
    GetExitCodeProcess(process, &code);
    return code;
}

/* Runs a created, suspended program to its end; returns the exit code for this process. */
static DWORD run_attached(const PROCESS_INFORMATION *process, const WCHAR *path)
{
    WCHAR *shim = sibling_path(L"clrmemshim.dll");
    DWORD code;

    switch (shim ? starter_attach(process, shim) : ATTACH_FAILED)
    {
    case ATTACH_DONE:
        return wait_for_end(process->hProcess);
    case ATTACH_ENDED:
        code = wait_for_end(process->hProcess);
        starter_error(L"%s: the shim could not be attached: the program ended before, with %#lx", path, code);
        return code & 0xff ? code : STARTER_FAILED; /* Wine passes on the low byte, and this is not a success */
    default:
        TerminateProcess(process->hProcess, STARTER_FAILED);
        starter_error(L"%s: the shim %s could not be attached; the program was not run", path, shim ? shim : L"");
        return STARTER_FAILED;
    }
}

static DWORD run_program(enum starter_mode mode, const struct starter_program *program, const WCHAR *arguments)
{
    PROCESS_INFORMATION process;

    if (!create_process(program->path, arguments, program->windowed, &process))
        return starter_report_windows_error(program->path, L"started", GetLastError());
    if (mode == STARTER_ATTACHED) return run_attached(&process, program->path);
    ResumeThread(process.hThread);
    return wait_for_end(process.hProcess);
}

static DWORD report_no_32_bit_side(const WCHAR *program)
{
    starter_error(L"%s: is a 32-bit program, and this Wine or its prefix has no 32-bit side (on Debian: apt install "
                  L"wine32:i386, then 'wineboot -u')",
                  program);
    return STARTER_CANNOT_RUN;
}

/* Where Wine has no 32-bit side, Wine 8 starts a process all the same, which ends at once with status 0: so the other
 * clrmemstart.exe reports that it runs. Wine 10 waits for that end, and gives a wait's status as the error. */
static DWORD run_other_starter(const WCHAR *program)
{
    WCHAR *path = sibling_path(L"..\\i386-windows\\clrmemstart.exe");
    PROCESS_INFORMATION process;
    HANDLE started;
    DWORD code;

    if (!path || !create_process(path, starter_skip_program_part(GetCommandLineW()), FALSE, &process))
    {
        if (path && GetLastError() == ERROR_WAIT_1) return report_no_32_bit_side(program);
        return starter_report_windows_error(program, L"started", GetLastError());
    }
    started = starter_create_report(STARTED_EVENT, process.dwProcessId);
    ResumeThread(process.hThread);
    code = wait_for_end(process.hProcess);
    if (WaitForSingleObject(started, 0) == WAIT_OBJECT_0) return code;
    return report_no_32_bit_side(program);
}

/* For the shim of a process of the other architecture, which created this one suspended. */
static DWORD attach_child(const struct starter_request *request)
{
    HANDLE process = OpenProcess(PROCESS_ALL_ACCESS, FALSE, wcstoul(request->program, NULL, 10));
    HANDLE thread = OpenThread(THREAD_ALL_ACCESS, FALSE, wcstoul(request->arguments, NULL, 10));
    WCHAR *shim = sibling_path(L"clrmemshim.dll");

    return process && thread && shim && starter_queue_shim(process, thread, shim) ? 0 : STARTER_FAILED;
}

static DWORD start_program(const struct starter_request *request)
{
    struct starter_program program;
    DWORD result = starter_find_program(request->program, &program);

    if (result) return result;
    if (program.machine == IMAGE_FILE_MACHINE_I386 && sizeof(void *) == 8) return run_other_starter(request->program);
    return run_program(request->mode, &program, request->arguments);
}

/* Tells the 64-bit clrmemstart.exe, if it started this one. */
static void report_started(void)
{
    HANDLE event;

    if (sizeof(void *) == 8) return;
    event = starter_create_report(STARTED_EVENT, GetCurrentProcessId());
    SetEvent(event);
    CloseHandle(event);
}

int wmain(void)
{
    struct starter_request request;

    report_started();
    if (!starter_parse_command_line(GetCommandLineW(), &request))
    {
        starter_error(L"clrmemstart.exe is started by `clrmem run`");
        ExitProcess(STARTER_FAILED);
    }
    ExitProcess(request.mode == STARTER_CHILD ? attach_child(&request) : start_program(&request));
}
