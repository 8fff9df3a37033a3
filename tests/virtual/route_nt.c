/*
 * ntdll's functions, by the manager.
 *
 * A last error stands for several statuses. Which one a call meant is not asked of ntdll: each function gives one
 * status for each error, that of the commonest reason; a test that can tell others apart shows a difference. What these
 * functions give besides, the pages a range comes to, the manager does not say: it is worked out here.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "adaptor.h"

#define BASIC_INFORMATION 0 /* MemoryBasicInformation */

NTSTATUS WINAPI NtAllocateVirtualMemory(HANDLE, void **, ULONG_PTR, SIZE_T *, ULONG, ULONG);
NTSTATUS WINAPI NtFreeVirtualMemory(HANDLE, void **, SIZE_T *, ULONG);
NTSTATUS WINAPI NtQueryVirtualMemory(HANDLE, const void *, int, void *, SIZE_T, SIZE_T *);
NTSTATUS WINAPI NtProtectVirtualMemory(HANDLE, void **, SIZE_T *, ULONG, ULONG *);

static const struct
{
    DWORD error;
    NTSTATUS statuses[ADAPTOR_CALLS];
} errors[] = {
    {ERROR_INVALID_PARAMETER,
     {STATUS_INVALID_PARAMETER, STATUS_INVALID_PARAMETER, STATUS_INVALID_PARAMETER, STATUS_INVALID_PARAMETER}},
    {ERROR_INVALID_ADDRESS,
     {STATUS_CONFLICTING_ADDRESSES, STATUS_FREE_VM_NOT_AT_BASE, STATUS_INVALID_PARAMETER, STATUS_NOT_COMMITTED}},
    {ERROR_ACCESS_DENIED, {STATUS_ACCESS_DENIED, STATUS_ACCESS_DENIED, STATUS_ACCESS_DENIED, STATUS_ACCESS_DENIED}},
    {ERROR_NOACCESS,
     {STATUS_ACCESS_VIOLATION, STATUS_ACCESS_VIOLATION, STATUS_ACCESS_VIOLATION, STATUS_ACCESS_VIOLATION}},
    {ERROR_NOT_ENOUGH_MEMORY, {STATUS_NO_MEMORY, STATUS_NO_MEMORY, STATUS_NO_MEMORY, STATUS_NO_MEMORY}},
    {ERROR_BAD_LENGTH,
     {STATUS_INFO_LENGTH_MISMATCH, STATUS_INFO_LENGTH_MISMATCH, STATUS_INFO_LENGTH_MISMATCH,
      STATUS_INFO_LENGTH_MISMATCH}},
};

/* ntdll's functions leave the last error alone: it is put back to `kept`. */
static NTSTATUS status_of(enum adaptor_call call, HRESULT hr, DWORD kept)
{
    DWORD error = GetLastError();
    unsigned int i;

    SetLastError(kept);
    if (hr == S_OK) return STATUS_SUCCESS;
    for (i = 0; i < ARRAYSIZE(errors); i++)
        if (errors[i].error == error) return errors[i].statuses[call];
    return STATUS_UNSUCCESSFUL;
}

NTSTATUS WINAPI route_NtAllocateVirtualMemory(HANDLE process, void **address, ULONG_PTR zero_bits, SIZE_T *size,
                                              ULONG type, ULONG protect)
{
    DWORD error = GetLastError();
    void *out;
    NTSTATUS status;
    BOOL passed;

    if (!adaptor_serves(ADAPTOR_ALLOC, process))
        return NtAllocateVirtualMemory(process, address, zero_bits, size, type, protect);
    if (zero_bits)
    {
        adaptor_unserved(ADAPTOR_ALLOC);
        return NtAllocateVirtualMemory(process, address, zero_bits, size, type, protect);
    }
    status = status_of(ADAPTOR_ALLOC, adaptor_alloc(*address, *size, type, protect, &out, &passed), error);
    if (passed) return NtAllocateVirtualMemory(process, address, zero_bits, size, type, protect);
    if (status) return status;
    if (!*address) *address = out;
    *size = page_span(*address, *size) + (page_down(*address) - (char *)out);
    *address = out;
    return status;
}

NTSTATUS WINAPI route_NtFreeVirtualMemory(HANDLE process, void **address, SIZE_T *size, ULONG type)
{
    DWORD error = GetLastError();
    SIZE_T released;
    NTSTATUS status;
    BOOL passed;

    if (!adaptor_serves(ADAPTOR_FREE, process)) return NtFreeVirtualMemory(process, address, size, type);
    status = status_of(ADAPTOR_FREE, adaptor_free(*address, *size, type, &released, &passed), error);
    if (passed) return NtFreeVirtualMemory(process, address, size, type);
    if (status) return status;
    /* A decommit of size 0 means all of the region, and the size stays 0. */
    *size = type == MEM_RELEASE ? released : *size ? page_span(*address, *size) : 0;
    *address = page_down(*address);
    return status;
}

NTSTATUS WINAPI route_NtQueryVirtualMemory(HANDLE process, const void *address, int class, void *buffer, SIZE_T length,
                                           SIZE_T *returned)
{
    DWORD error = GetLastError();
    SIZE_T bytes;
    NTSTATUS status;

    if (!adaptor_serves(ADAPTOR_QUERY, process))
        return NtQueryVirtualMemory(process, address, class, buffer, length, returned);
    if (class != BASIC_INFORMATION)
    {
        adaptor_unserved(ADAPTOR_QUERY);
        return NtQueryVirtualMemory(process, address, class, buffer, length, returned);
    }
    status = status_of(ADAPTOR_QUERY, adaptor_query(address, buffer, length, &bytes), error);
    if (!status && returned) *returned = bytes;
    return status;
}

NTSTATUS WINAPI route_NtProtectVirtualMemory(HANDLE process, void **address, SIZE_T *size, ULONG new_protect,
                                             ULONG *old_protect)
{
    DWORD error = GetLastError();
    NTSTATUS status;

    if (!adaptor_serves(ADAPTOR_PROTECT, process))
        return NtProtectVirtualMemory(process, address, size, new_protect, old_protect);
    status = status_of(ADAPTOR_PROTECT, adaptor_protect(*address, *size, new_protect, old_protect), error);
    if (status) return status;
    *size = page_span(*address, *size);
    *address = page_down(*address);
    return status;
}
