/*
 * What every file of the shim may use: its module, its GUIDs, one line for the user.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#include "shim.h"
#include "clrcontrol.h"

#include <stdio.h>
#include <string.h>

HINSTANCE shim_instance;
bool shim_reports;

void shim_error(const char *message)
{
    HANDLE file = GetStdHandle(STD_ERROR_HANDLE);
    char line[256];
    DWORD written;

    snprintf(line, sizeof(line), "clrmem: %s\n", message);
    if (file && file != INVALID_HANDLE_VALUE) WriteFile(file, line, strlen(line), &written, NULL);
}

void shim_error_once(LONG *reported, const char *message)
{
    if (!InterlockedExchange(reported, 1)) shim_error(message);
}
