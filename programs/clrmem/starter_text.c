/*
 * Command lines and messages of clrmemstart.exe.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <stdarg.h>
#include <stdio.h>

#include "starter.h"

static const struct
{
    const WCHAR *name;
    enum starter_mode mode;
} modes[] = {
    {L"attached", STARTER_ATTACHED},
    {L"plain", STARTER_PLAIN},
    {L"child", STARTER_CHILD},
};

static const WCHAR *skip_blanks(const WCHAR *text)
{
    while (*text == ' ' || *text == '\t') text++;
    return text;
}

/* The program part of a command line has no escapes: a quote opens and the next one closes. */
const WCHAR *starter_skip_program_part(const WCHAR *text)
{
    BOOL quoted = FALSE;

    for (; *text && (quoted || (*text != ' ' && *text != '\t')); text++)
        if (*text == '"') quoted = !quoted;
    return skip_blanks(text);
}

/*
 * Copies one argument to out without its quoting, by the rules of CommandLineToArgvW; out has room for all of text.
 * Returns what follows the argument.
 */
static const WCHAR *take_argument(const WCHAR *text, WCHAR *out)
{
    BOOL quoted = FALSE;
    unsigned int backslashes = 0;

    for (; *text && (quoted || (*text != ' ' && *text != '\t')); text++)
    {
        if (*text == '\\')
        {
            *out++ = '\\';
            backslashes++;
            continue;
        }
        if (*text == '"')
        {
            out -= (backslashes + 1) / 2;
            if (backslashes % 2)
                *out++ = '"';
            else
                quoted = !quoted;
        }
        else
            *out++ = *text;
        backslashes = 0;
    }
    *out = 0;
    return text;
}

static BOOL find_mode(const WCHAR *name, enum starter_mode *mode)
{
    for (unsigned int i = 0; i < ARRAYSIZE(modes); i++)
    {
        if (lstrcmpW(name, modes[i].name)) continue;
        *mode = modes[i].mode;
        return TRUE;
    }
    return FALSE;
}

BOOL starter_parse_command_line(const WCHAR *command_line, struct starter_request *request)
{
    WCHAR *word = HeapAlloc(GetProcessHeap(), 0, (lstrlenW(command_line) + 1) * sizeof(*word));
    const WCHAR *rest;

    if (!word) return FALSE;
    rest = skip_blanks(take_argument(starter_skip_program_part(command_line), word));
    if (!find_mode(word, &request->mode) || !*rest)
    {
        HeapFree(GetProcessHeap(), 0, word);
        return FALSE;
    }
    rest = take_argument(rest, word);
    /* One blank stands between the arguments; what comes after it is the program's. */
    request->arguments = *rest ? rest + 1 : rest;
    request->program = word;
    return TRUE;
}

WCHAR *starter_build_command_line(const WCHAR *path, const WCHAR *arguments)
{
    SIZE_T length = 2 * lstrlenW(path) + lstrlenW(arguments) + 4;
    WCHAR *line = HeapAlloc(GetProcessHeap(), 0, length * sizeof(*line));
    WCHAR *out = line;

    if (!line) return NULL;
    *out++ = '"';
    for (; *path; path++)
    {
        if (*path == '"') *out++ = '\\';
        *out++ = *path;
    }
    *out++ = '"';
    *out = 0;
    if (!*arguments) return line;
    *out++ = ' ';
    lstrcpyW(out, arguments);
    return line;
}

void starter_error(const WCHAR *format, ...)
{
    WCHAR message[1024];
    char text[3 * ARRAYSIZE(message)];
    va_list arguments;
    DWORD written;
    int length;

    va_start(arguments, format);
    _vsnwprintf(message, ARRAYSIZE(message) - 1, format, arguments);
    va_end(arguments);
    message[ARRAYSIZE(message) - 1] = 0;
    for (WCHAR *c = message; *c; c++)
        if (*c < ' ') *c = '?';
    length = snprintf(text, sizeof(text), "clrmem: ");
    length +=
        WideCharToMultiByte(CP_UTF8, 0, message, lstrlenW(message), text + length, sizeof(text) - length - 1, 0, 0);
    text[length++] = '\n';
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), text, length, &written, NULL);
}

DWORD starter_report_windows_error(const WCHAR *name, const WCHAR *what, DWORD error)
{
    /* Some of the system's messages name the program: %1. No message has more than nine inserts. */
    static const WCHAR *const inserts[9] = {
        [0 ... 8] = L"the program",
    };
    WCHAR meaning[256] = L"";
    DWORD length = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_ARGUMENT_ARRAY, NULL, error, 0, meaning,
                                  ARRAYSIZE(meaning), (va_list *)(void *)inserts);

    while (length && (meaning[length - 1] <= ' ' || meaning[length - 1] == '.')) meaning[--length] = 0;
    starter_error(L"%s: cannot be %s: %s (Windows error %lu)", name, what, meaning, error);
    return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND ? STARTER_NOT_FOUND : STARTER_CANNOT_RUN;
}
