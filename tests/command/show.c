/*
 * A program that shows what it was given: command line, arguments, current directory, environment and start-up values on
 * its standard output, then copies standard input there, and writes one line to standard error. Ends with the code that
 * the environment's SHOW_EXIT names. With SHOW_SHIM it also shows whether clrmemshim.dll is loaded.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

static void put(DWORD stream, const char *text, DWORD length)
{
    DWORD written;

    WriteFile(GetStdHandle(stream), text, length, &written, NULL);
}

/* One line: a word and a text, its characters beyond ASCII and its control characters as their code. */
static void put_line(const char *word, const WCHAR *text)
{
    char code[16];

    put(STD_OUTPUT_HANDLE, word, lstrlenA(word));
    for (; *text; text++)
    {
        int length = snprintf(code, sizeof(code), *text < ' ' || *text > '~' ? "<%04x>" : "%c", *text);

        put(STD_OUTPUT_HANDLE, code, length);
    }
    put(STD_OUTPUT_HANDLE, "\n", 1);
}

static void put_number(const char *word, ULONG number)
{
    WCHAR text[16];

    _snwprintf(text, ARRAYSIZE(text), L"%#lx", number);
    put_line(word, text);
}

static void show_surroundings(void)
{
    WCHAR directory[MAX_PATH], image[MAX_PATH];
    WCHAR *variables = GetEnvironmentStringsW();

    GetCurrentDirectoryW(ARRAYSIZE(directory), directory);
    put_line("directory ", directory);
    GetModuleFileNameW(NULL, image, ARRAYSIZE(image));
    put_line("image ", image);
    for (WCHAR *variable = variables; *variable; variable += lstrlenW(variable) + 1) put_line("variable ", variable);
}

static void show_startup(void)
{
    STARTUPINFOW startup;

    GetStartupInfoW(&startup);
    put_line("title ", startup.lpTitle ? startup.lpTitle : L"(none)");
    put_number("flags ", startup.dwFlags);
    put_number("show ", startup.wShowWindow);
    put_number("input type ", GetFileType(GetStdHandle(STD_INPUT_HANDLE)));
    put_number("output type ", GetFileType(GetStdHandle(STD_OUTPUT_HANDLE)));
    put_number("error type ", GetFileType(GetStdHandle(STD_ERROR_HANDLE)));
    put_number("priority ", GetPriorityClass(GetCurrentProcess()));
    put_number("error mode ", GetErrorMode());
}

static void copy_input(void)
{
    char buffer[4096];
    DWORD length;

    while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), buffer, sizeof(buffer), &length, NULL) && length)
        put(STD_OUTPUT_HANDLE, buffer, length);
}

int wmain(int argc, WCHAR **argv)
{
    const char *exit_code = getenv("SHOW_EXIT");

    put_line("line ", GetCommandLineW());
    for (int i = 0; i < argc; i++) put_line("argument ", argv[i]);
    show_surroundings();
    show_startup();
    copy_input();
    if (getenv("SHOW_SHIM")) put_line("shim ", GetModuleHandleW(L"clrmemshim.dll") ? L"attached" : L"not attached");
    put(STD_ERROR_HANDLE, "to standard error\n", 18);
    return exit_code ? atoi(exit_code) : 0;
}
