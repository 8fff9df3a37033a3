/*
 * Starts the program that its arguments name and ends with that program's exit code. What it writes to the program's
 * standard input goes through a pipe, whose handle the program inherits. With SPAWN_SUSPENDED the program is created
 * suspended: it must stay so until it is resumed, and be resumed by one call.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

/* What follows this program's own name on the command line. */
static WCHAR *skip_own_name(WCHAR *line)
{
    BOOL quoted = FALSE;

    for (; *line && (quoted || *line != ' '); line++)
        if (*line == '"') quoted = !quoted;
    while (*line == ' ') line++;
    return line;
}

static void fail(const char *what)
{
    fprintf(stderr, "spawn: %s: %lu\n", what, GetLastError());
    exit(99);
}

static HANDLE make_input(HANDLE *ours)
{
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof(inherited), .bInheritHandle = TRUE};
    HANDLE theirs;

    if (!CreatePipe(&theirs, ours, &inherited, 0)) fail("CreatePipe");
    SetHandleInformation(*ours, HANDLE_FLAG_INHERIT, 0);
    return theirs;
}

static void resume(const PROCESS_INFORMATION *process)
{
    if (WaitForSingleObject(process->hProcess, 300) != WAIT_TIMEOUT) fail("ran while suspended");
    if (ResumeThread(process->hThread) != 1) fail("suspended more than once, or not at all");
}

int wmain(void)
{
    STARTUPINFOW startup = {.cb = sizeof(startup), .dwFlags = STARTF_USESTDHANDLES};
    DWORD flags = getenv("SPAWN_SUSPENDED") ? CREATE_SUSPENDED : 0, code, written;
    PROCESS_INFORMATION process;
    HANDLE input;

    startup.hStdInput = make_input(&input);
    startup.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
    startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    if (!CreateProcessW(NULL, skip_own_name(GetCommandLineW()), NULL, NULL, TRUE, flags, NULL, NULL, &startup,
                        &process))
        fail("CreateProcessW");
    CloseHandle(startup.hStdInput);
    if (flags) resume(&process);
    if (process.dwThreadId != GetThreadId(process.hThread) || process.dwProcessId != GetProcessId(process.hProcess))
        fail("handles and ids do not match");
    WriteFile(input, "through the pipe\n", 17, &written, NULL);
    CloseHandle(input);
    WaitForSingleObject(process.hProcess, INFINITE);
    if (!GetExitCodeProcess(process.hProcess, &code)) fail("GetExitCodeProcess");
    return code;
}
