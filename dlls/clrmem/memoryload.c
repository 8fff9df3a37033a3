/*
 * How full the memory is, as the collector asks it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_private.h"

/* The least of what the machine has left, what the address space has left, and what a SIZE_T can say. */
static SIZE_T available_bytes(const MEMORYSTATUSEX *status)
{
    ULONGLONG bytes = status->ullAvailPhys;

    if (bytes > status->ullAvailVirtual) bytes = status->ullAvailVirtual;
    if (bytes > ~(SIZE_T)0) bytes = ~(SIZE_T)0;
    return bytes;
}

BOOL clrmem_memory_load(DWORD *percent, SIZE_T *available)
{
    MEMORYSTATUSEX status = {.dwLength = sizeof(status)};

    if (!GlobalMemoryStatusEx(&status)) return FALSE;
    *percent = status.dwMemoryLoad;
    *available = available_bytes(&status);
    return TRUE;
}
