/*
 * clrmemstart.exe, the Windows side of `clrmem run`: starts a program with the shim attached.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_START_H
#define CLRMEM_START_H

#include <windows.h>

/* Exit statuses of clrmem's own, beside the program's. */
#define START_FAILED     125
#define START_CANNOT_RUN 126
#define START_NOT_FOUND  127

/* How the program is to be started: the first argument of clrmemstart.exe. */
enum start_mode
{
    START_CONSOLE,    /* "console": with the shim, on the caller's console */
    START_WINDOWED,   /* "windowed": with the shim, as a program of the GUI subsystem */
    START_UNATTACHED, /* "unattached": without the shim */
};

/* What the command line asks for; the strings are NUL-terminated. */
struct start_request
{
    enum start_mode mode;
    WCHAR *program;         /* as the user gave it, quoting taken off; from the process heap */
    const WCHAR *arguments; /* what follows the program, byte for byte; "" for nothing */
};

/*
 * Takes a command line of the form `SELF MODE PROGRAM [ARGUMENTS]` apart.
 *
 * FALSE if MODE is unknown or PROGRAM is missing, or without memory.
 */
BOOL start_parse_command_line(const WCHAR *command_line, struct start_request *request);

/*
 * The full Windows path of a program given by a Unix path, a DOS path or a name in the current directory, as Wine itself
 * reads its first argument. The file need not exist. From the process heap; NULL without memory.
 */
WCHAR *start_program_path(const WCHAR *program);

/*
 * The command line for a program: its path in quotes, as Wine gives it, and the arguments unchanged.
 * From the process heap; NULL without memory.
 */
WCHAR *start_build_command_line(const WCHAR *path, const WCHAR *arguments);

/* What came of attaching. */
enum attach_result
{
    ATTACH_DONE,   /* the shim has reported; the program may run */
    ATTACH_FAILED, /* the program stands before its first instruction, without the shim */
    ATTACH_ENDED,  /* the program ended before the shim could report */
};

/*
 * Loads the shim into a process created suspended and resumes its main thread; the program's entry point is only
 * entered after ATTACH_DONE. After ATTACH_FAILED the caller has to end the process.
 *
 * shim: the DLL's full path. The process has this program's architecture.
 */
enum attach_result attach_shim(const PROCESS_INFORMATION *process, const WCHAR *shim);

/*
 * Writes one line "clrmem: ..." to standard error, UTF-8; format as for wprintf's family: %s is a wide string.
 */
void start_complain(const WCHAR *format, ...);

#endif
