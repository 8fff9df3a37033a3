/*
 * Win32's functions, by the manager. Its HRESULT becomes success or not; the last error it has set itself.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "adaptor.h"

void *WINAPI route_VirtualAlloc(void *address, SIZE_T size, DWORD type, DWORD protect)
{
    void *out;
    BOOL passed;

    if (adaptor_alloc(address, size, type, protect, &out, &passed) == S_OK) return out;
    return passed ? VirtualAlloc(address, size, type, protect) : NULL;
}

void *WINAPI route_VirtualAllocEx(HANDLE process, void *address, SIZE_T size, DWORD type, DWORD protect)
{
    if (adaptor_serves(ADAPTOR_ALLOC, process)) return route_VirtualAlloc(address, size, type, protect);
    return VirtualAllocEx(process, address, size, type, protect);
}

BOOL WINAPI route_VirtualFree(void *address, SIZE_T size, DWORD type)
{
    SIZE_T released;
    BOOL passed;

    if (adaptor_free(address, size, type, &released, &passed) == S_OK) return TRUE;
    return passed && VirtualFree(address, size, type);
}

BOOL WINAPI route_VirtualFreeEx(HANDLE process, void *address, SIZE_T size, DWORD type)
{
    if (adaptor_serves(ADAPTOR_FREE, process)) return route_VirtualFree(address, size, type);
    return VirtualFreeEx(process, address, size, type);
}

SIZE_T WINAPI route_VirtualQuery(const void *address, MEMORY_BASIC_INFORMATION *info, SIZE_T length)
{
    SIZE_T returned;

    return adaptor_query(address, info, length, &returned) == S_OK ? returned : 0;
}

SIZE_T WINAPI route_VirtualQueryEx(HANDLE process, const void *address, MEMORY_BASIC_INFORMATION *info, SIZE_T length)
{
    if (adaptor_serves(ADAPTOR_QUERY, process)) return route_VirtualQuery(address, info, length);
    return VirtualQueryEx(process, address, info, length);
}

BOOL WINAPI route_VirtualProtect(void *address, SIZE_T size, DWORD new_protect, DWORD *old_protect)
{
    return adaptor_protect(address, size, new_protect, old_protect) == S_OK;
}

BOOL WINAPI route_VirtualProtectEx(HANDLE process, void *address, SIZE_T size, DWORD new_protect, DWORD *old_protect)
{
    if (adaptor_serves(ADAPTOR_PROTECT, process)) return route_VirtualProtect(address, size, new_protect, old_protect);
    return VirtualProtectEx(process, address, size, new_protect, old_protect);
}
