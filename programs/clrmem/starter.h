/*
 * clrmemstart.exe, the Windows side of `clrmem run`: starts a program with the shim attached.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_STARTER_H
#define CLRMEM_STARTER_H

#include <windows.h>

/* Exit statuses of clrmem's own, beside the program's. */
#define STARTER_FAILED     125
#define STARTER_CANNOT_RUN 126
#define STARTER_NOT_FOUND  127

/* The first argument of clrmemstart.exe. */
enum starter_mode
{
    STARTER_ATTACHED, /* "attached": the program gets the shim */
    STARTER_PLAIN,    /* "plain": it does not; clrmem's own use of Wine's tools */
    STARTER_CHILD,    /* "child": instead of PROGRAM and ARGUMENTS the ids of a suspended process and its thread */
};

/* What the command line asks for; the strings are NUL-terminated. */
struct starter_request
{
    enum starter_mode mode;
    WCHAR *program;         /* as the user gave it, without quoting; from the process heap */
    const WCHAR *arguments; /* what follows the program, unchanged; "" for nothing */
};

/* A program that was found, as Wine sees it. */
struct starter_program
{
    WCHAR *path;    /* full Windows path, from the process heap */
    USHORT machine; /* of the process that Wine will make of it: IMAGE_FILE_MACHINE_AMD64 or _I386 */
    BOOL windowed;  /* of the GUI subsystem */
};

/*
 * Splits a command line of the form `SELF MODE PROGRAM [ARGUMENTS]`.
 *
 * FALSE if MODE is unknown or PROGRAM is missing, or without memory.
 */
BOOL starter_parse_command_line(const WCHAR *command_line, struct starter_request *request);

/* What follows the program's name on a command line. */
const WCHAR *starter_skip_program_part(const WCHAR *command_line);

/*
 * The command line for a program: its path in quotes, as Wine gives it, and the arguments unchanged.
 * From the process heap; NULL without memory.
 */
WCHAR *starter_build_command_line(const WCHAR *path, const WCHAR *arguments);

/*
 * Finds a program by a Unix path, a Windows path, or a name that Windows finds (current directory, PATH, registered
 * applications), and asks Wine what it is.
 *
 * Returns 0, or the exit status after an error line.
 */
DWORD starter_find_program(const WCHAR *name, struct starter_program *program);

/* Queues a call that loads the shim in a suspended thread of this architecture; FALSE on failure. */
BOOL starter_queue_shim(HANDLE process, HANDLE thread, const WCHAR *shim);

/* Result of starter_attach. */
enum starter_attached
{
    ATTACH_DONE,   /* the shim has reported; the program may run */
    ATTACH_FAILED, /* the program has not run yet, and has no shim */
    ATTACH_ENDED,  /* the program ended before the shim could report */
};

/*
 * Loads the shim into a process created suspended and resumes its main thread. The program's entry point runs only
 * after ATTACH_DONE. After ATTACH_FAILED the caller has to end the process.
 *
 * shim: the DLL's full path. The process has this program's architecture.
 */
enum starter_attached starter_attach(const PROCESS_INFORMATION *process, const WCHAR *shim);

/* The event that a process sets to report; name: a format for the process id, hexadecimal. NULL on failure. */
HANDLE starter_create_report(const WCHAR *name, DWORD process_id);

/* Writes one line "clrmem: ..." to standard error in UTF-8; format as for wprintf: %s is a wide string. */
void starter_error(const WCHAR *format, ...);

/* The same: name "cannot be" what, with the error in words. Returns the exit status for it. */
DWORD starter_report_windows_error(const WCHAR *name, const WCHAR *what, DWORD error);

#endif
