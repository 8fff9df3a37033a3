/*
 * A program of the GUI subsystem: writes its command line and whether it has a console to standard output, ends with 7.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <stdio.h>
#include <windows.h>

int WINAPI wWinMain(HINSTANCE instance, HINSTANCE previous, WCHAR *arguments, int show)
{
    HANDLE console = CreateFileW(L"CONIN$", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    char text[1024];
    DWORD written;
    int length;

    (void)instance;
    (void)previous;
    length = snprintf(text, sizeof(text), "line %ls\narguments %ls\nconsole %d\nshow %d\n", GetCommandLineW(),
                      arguments, console != INVALID_HANDLE_VALUE, show);
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, length, &written, NULL);
    return 7;
}
