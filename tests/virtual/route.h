/*
 * Put before a test by the compiler's -include: its calls of Windows' virtual memory go to clrmem's manager.
 *
 * What is no call of these eight, or not for this process, stays what it was.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_ROUTE_H
#define CLRMEM_ROUTE_H

#include <stdarg.h>
#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <windef.h>
#include <winbase.h>
#include <winternl.h>

/* Win32's functions of the same names: arguments, results and last errors are theirs. Any thread. */
void *WINAPI route_VirtualAlloc(void *address, SIZE_T size, DWORD type, DWORD protect);
void *WINAPI route_VirtualAllocEx(HANDLE process, void *address, SIZE_T size, DWORD type, DWORD protect);
BOOL WINAPI route_VirtualFree(void *address, SIZE_T size, DWORD type);
BOOL WINAPI route_VirtualFreeEx(HANDLE process, void *address, SIZE_T size, DWORD type);
SIZE_T WINAPI route_VirtualQuery(const void *address, MEMORY_BASIC_INFORMATION *info, SIZE_T length);
SIZE_T WINAPI route_VirtualQueryEx(HANDLE process, const void *address, MEMORY_BASIC_INFORMATION *info, SIZE_T length);
BOOL WINAPI route_VirtualProtect(void *address, SIZE_T size, DWORD new_protect, DWORD *old_protect);
BOOL WINAPI route_VirtualProtectEx(HANDLE process, void *address, SIZE_T size, DWORD new_protect, DWORD *old_protect);

/* ntdll's functions of the same names; `class` is a MEMORY_INFORMATION_CLASS, which some headers lack. Any thread. */
NTSTATUS WINAPI route_NtAllocateVirtualMemory(HANDLE process, void **address, ULONG_PTR zero_bits, SIZE_T *size,
                                              ULONG type, ULONG protect);
NTSTATUS WINAPI route_NtFreeVirtualMemory(HANDLE process, void **address, SIZE_T *size, ULONG type);
NTSTATUS WINAPI route_NtQueryVirtualMemory(HANDLE process, const void *address, int class, void *buffer, SIZE_T length,
                                           SIZE_T *returned);
NTSTATUS WINAPI route_NtProtectVirtualMemory(HANDLE process, void **address, SIZE_T *size, ULONG new_protect,
                                             ULONG *old_protect);

/* kernel32's GetProcAddress, which finds the functions above under the names of those they stand for. */
FARPROC WINAPI route_GetProcAddress(HMODULE module, const char *name);

#ifndef ROUTE_IMPLEMENTATION
#define VirtualAlloc            route_VirtualAlloc
#define VirtualAllocEx          route_VirtualAllocEx
#define VirtualFree             route_VirtualFree
#define VirtualFreeEx           route_VirtualFreeEx
#define VirtualQuery            route_VirtualQuery
#define VirtualQueryEx          route_VirtualQueryEx
#define VirtualProtect          route_VirtualProtect
#define VirtualProtectEx        route_VirtualProtectEx
#define NtAllocateVirtualMemory route_NtAllocateVirtualMemory
#define NtFreeVirtualMemory     route_NtFreeVirtualMemory
#define NtQueryVirtualMemory    route_NtQueryVirtualMemory
#define NtProtectVirtualMemory  route_NtProtectVirtualMemory
#define GetProcAddress          route_GetProcAddress
#endif

#endif
