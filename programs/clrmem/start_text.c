/*
 * Command lines and messages of clrmemstart.exe.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <stdarg.h>
#include <stdio.h>

#include "start.h"

static const struct
{
    const WCHAR *name;
    enum start_mode mode;
} modes[] = {
    {L"console", START_CONSOLE},
    {L"windowed", START_WINDOWED},
    {L"unattached", START_UNATTACHED},
};

static const WCHAR *skip_blanks(const WCHAR *text)
{
    while (*text == ' ' || *text == '\t') text++;
    return text;
}

/* The program part of a command line has no escapes: a quote opens and the next one closes. */
static const WCHAR *skip_program_part(const WCHAR *text)
{
    BOOL quoted = FALSE;

    for (; *text && (quoted || (*text != ' ' && *text != '\t')); text++)
        if (*text == '"') quoted = !quoted;
    return skip_blanks(text);
}

/*
 * Copies one argument to out, its quoting taken off by the rules of CommandLineToArgvW; out has room for all of text.
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

static BOOL find_mode(const WCHAR *name, enum start_mode *mode)
{
    for (unsigned int i = 0; i < ARRAYSIZE(modes); i++)
    {
        if (lstrcmpW(name, modes[i].name)) continue;
        *mode = modes[i].mode;
        return TRUE;
    }
    return FALSE;
}

BOOL start_parse_command_line(const WCHAR *command_line, struct start_request *request)
{
    WCHAR *word = HeapAlloc(GetProcessHeap(), 0, (lstrlenW(command_line) + 1) * sizeof(*word));
    const WCHAR *rest;

    if (!word) return FALSE;
    rest = skip_blanks(take_argument(skip_program_part(command_line), word));
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

WCHAR *start_build_command_line(const WCHAR *path, const WCHAR *arguments)
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

void start_complain(const WCHAR *format, ...)
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
