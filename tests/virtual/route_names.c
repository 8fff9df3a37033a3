/*
 * GetProcAddress, for tests that look up by name what they call.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <string.h>
#include "adaptor.h"

#define ROUTED(function)                                                                                               \
    {                                                                                                                  \
#function, (FARPROC)(void *)route_##function                                                                   \
    }

static const struct
{
    const char *name;
    FARPROC function;
} routed[] = {
    ROUTED(VirtualAlloc),        ROUTED(VirtualAllocEx),       ROUTED(VirtualFree),
    ROUTED(VirtualFreeEx),       ROUTED(VirtualQuery),         ROUTED(VirtualQueryEx),
    ROUTED(VirtualProtect),      ROUTED(VirtualProtectEx),     ROUTED(NtAllocateVirtualMemory),
    ROUTED(NtFreeVirtualMemory), ROUTED(NtQueryVirtualMemory), ROUTED(NtProtectVirtualMemory),
};

FARPROC WINAPI route_GetProcAddress(HMODULE module, const char *name)
{
    FARPROC function = GetProcAddress(module, name);
    unsigned int i;

    if (!function || !((ULONG_PTR)name >> 16)) return function;
    for (i = 0; i < ARRAYSIZE(routed); i++)
        if (!strcmp(name, routed[i].name)) return routed[i].function;
    return function;
}
