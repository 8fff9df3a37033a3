/*
 * The core's backend by ntdll.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <stdarg.h>
#include <string.h>
#include <windef.h>
#include <winbase.h>
#include <winternl.h>
#include "ntmem/ntmem.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

/* The core's numbers are Win32's. */
C_ASSERT(HOSTMEM_COMMIT == MEM_COMMIT);
C_ASSERT(HOSTMEM_RESERVE == MEM_RESERVE);
C_ASSERT(HOSTMEM_DECOMMIT == MEM_DECOMMIT);
C_ASSERT(HOSTMEM_RELEASE == MEM_RELEASE);
C_ASSERT(HOSTMEM_RESET == MEM_RESET);
C_ASSERT(HOSTMEM_TOP_DOWN == MEM_TOP_DOWN);
C_ASSERT(HOSTMEM_WRITE_WATCH == MEM_WRITE_WATCH);
C_ASSERT(HOSTMEM_PAGE_READWRITE == PAGE_READWRITE);
C_ASSERT(HOSTMEM_PAGE_EXECUTE_READWRITE == PAGE_EXECUTE_READWRITE);
C_ASSERT(HOSTMEM_FOREVER == INFINITE);

/* Each status with the result whose last error Win32 gives for it. */
static const struct
{
    NTSTATUS status;
    enum hostmem_result result;
} statuses[] = {
    {STATUS_SUCCESS, HOSTMEM_OK},
    {STATUS_INVALID_PARAMETER, HOSTMEM_INVALID_PARAMETER},
    {STATUS_INVALID_PARAMETER_3, HOSTMEM_INVALID_PARAMETER},
    {STATUS_INVALID_PARAMETER_4, HOSTMEM_INVALID_PARAMETER},
    {STATUS_INVALID_PAGE_PROTECTION, HOSTMEM_INVALID_PARAMETER},
    {STATUS_UNABLE_TO_FREE_VM, HOSTMEM_INVALID_PARAMETER},
    {STATUS_WORKING_SET_LIMIT_RANGE, HOSTMEM_INVALID_PARAMETER}, /* a success code for a refusal */
    {STATUS_FREE_VM_NOT_AT_BASE, HOSTMEM_INVALID_ADDRESS},
    {STATUS_CONFLICTING_ADDRESSES, HOSTMEM_INVALID_ADDRESS},
    {STATUS_NOT_MAPPED_VIEW, HOSTMEM_INVALID_ADDRESS},
    {STATUS_NOT_COMMITTED, HOSTMEM_INVALID_ADDRESS},
    {STATUS_MEMORY_NOT_ALLOCATED, HOSTMEM_INVALID_ADDRESS},
    {STATUS_ACCESS_DENIED, HOSTMEM_ACCESS_DENIED},
    {STATUS_ALREADY_COMMITTED, HOSTMEM_ACCESS_DENIED},
    {STATUS_ACCESS_VIOLATION, HOSTMEM_NO_ACCESS},
    {STATUS_INFO_LENGTH_MISMATCH, HOSTMEM_BAD_LENGTH},
    {STATUS_NO_MEMORY, HOSTMEM_NO_MEMORY},
    {STATUS_COMMITMENT_LIMIT, HOSTMEM_NO_MEMORY},
    {STATUS_INSUFFICIENT_RESOURCES, HOSTMEM_NO_MEMORY},
};

static enum hostmem_result from_status(NTSTATUS status)
{
    unsigned int i;

    for (i = 0; i < ARRAYSIZE(statuses); i++)
        if (statuses[i].status == status) return statuses[i].result;
    /* An unknown status does not prove the manager's records wrong. */
    WARN("unexpected status %#lx\n", status);
    return HOSTMEM_ACCESS_DENIED;
}

static BOOL is_executable(uint32_t protect)
{
    return !!(protect & (PAGE_EXECUTE | PAGE_EXECUTE_READ | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY));
}

static enum hostmem_result ntmem_reserve(void *context, void **address, size_t size, uint32_t type, uint32_t protect)
{
    void *base = *address;
    SIZE_T bytes = size;
    NTSTATUS status;

    (void)context;
    status = NtAllocateVirtualMemory(GetCurrentProcess(), &base, 0, &bytes, type, protect);
    if (!status) *address = base;
    return from_status(status);
}

/* Wine says "access denied" when the kernel has no room for another mapping. Data pages of our own are never denied
 * for another reason; executable ones may be, by a security policy. */
static enum hostmem_result ntmem_commit(void *context, void *address, size_t size, uint32_t protect)
{
    void *base = address;
    SIZE_T bytes = size;
    NTSTATUS status;

    (void)context;
    status = NtAllocateVirtualMemory(GetCurrentProcess(), &base, 0, &bytes, MEM_COMMIT, protect);
    if (status == STATUS_ACCESS_DENIED && !is_executable(protect)) return HOSTMEM_NO_MEMORY;
    return from_status(status);
}

static enum hostmem_result ntmem_decommit(void *context, void *address, size_t size)
{
    void *base = address;
    SIZE_T bytes = size;

    (void)context;
    return from_status(NtFreeVirtualMemory(GetCurrentProcess(), &base, &bytes, MEM_DECOMMIT));
}

static enum hostmem_result ntmem_release(void *context, void *base)
{
    SIZE_T bytes = 0;

    (void)context;
    return from_status(NtFreeVirtualMemory(GetCurrentProcess(), &base, &bytes, MEM_RELEASE));
}

static enum hostmem_result ntmem_protect(void *context, void *address, size_t size, uint32_t new_protect,
                                         uint32_t *old_protect)
{
    void *base = address;
    SIZE_T bytes = size;
    ULONG old = 0;
    NTSTATUS status;

    (void)context;
    status = NtProtectVirtualMemory(GetCurrentProcess(), &base, &bytes, new_protect, &old);
    if (!status) *old_protect = old;
    /* Wine's status for a range outside any allocation; the arguments have been checked by now. */
    if (status == STATUS_INVALID_PARAMETER) return HOSTMEM_INVALID_ADDRESS;
    return from_status(status);
}

/* ntdll fills the buffer while it holds its lock for all memory calls, which a fault would leave locked. So it gets a
 * buffer of ours. */
static enum hostmem_result ntmem_query(void *context, const void *address, void *buffer, size_t length,
                                       size_t *returned)
{
    MEMORY_BASIC_INFORMATION info = {0};
    NTSTATUS status;

    (void)context;
    if (length < sizeof(info)) return HOSTMEM_BAD_LENGTH;
    if (!buffer) return HOSTMEM_NO_ACCESS;
    status = NtQueryVirtualMemory(GetCurrentProcess(), address, MemoryBasicInformation, &info, sizeof(info), NULL);
    if (status) return from_status(status);
    memcpy(buffer, &info, sizeof(info));
    if (returned) *returned = sizeof(info);
    return HOSTMEM_OK;
}

static enum hostmem_result ntmem_reset(void *context, void *address, size_t size)
{
    void *base = address;
    SIZE_T bytes = size;

    (void)context;
    return from_status(NtAllocateVirtualMemory(GetCurrentProcess(), &base, 0, &bytes, MEM_RESET, PAGE_NOACCESS));
}

/* The id as it is: the core hashes it. */
static uintptr_t ntmem_thread_hint(void *context)
{
    (void)context;
    return (uintptr_t)NtCurrentTeb()->ClientId.UniqueThread;
}

static void ntmem_yield(void *context)
{
    (void)context;
    NtYieldExecution();
}

static uint32_t ntmem_thread_id(void *context)
{
    (void)context;
    return GetCurrentThreadId();
}

static uint64_t ntmem_now(void *context)
{
    (void)context;
    return GetTickCount64();
}

/* Wine's futexes, not an object of the wineserver's. Waiting threads stand in queues under spin locks of ntdll's, held for
 * a few instructions: so waits, which are off unless a host sets them, are not for threads that a collection may suspend
 * at any instruction. Without waiting threads there is nothing to wake. */
static void ntmem_wait(void *context, _Atomic uint32_t *word, uint32_t value, uint32_t milliseconds)
{
    LARGE_INTEGER timeout;

    (void)context;
    timeout.QuadPart = -(LONGLONG)milliseconds * 10000;
    RtlWaitOnAddress((const void *)word, &value, sizeof(value), milliseconds == HOSTMEM_FOREVER ? NULL : &timeout);
}

static void ntmem_wake(void *context, _Atomic uint32_t *word)
{
    (void)context;
    RtlWakeAddressAll((const void *)word);
}

static const struct hostmem_backend ntmem_backend = {
    .reserve = ntmem_reserve,
    .commit = ntmem_commit,
    .decommit = ntmem_decommit,
    .release = ntmem_release,
    .protect = ntmem_protect,
    .query = ntmem_query,
    .reset = ntmem_reset,
    .thread_hint = ntmem_thread_hint,
    .yield = ntmem_yield,
    .thread_id = ntmem_thread_id,
    .now = ntmem_now,
    .wait = ntmem_wait,
    .wake = ntmem_wake,
};

void ntmem_backend_init(struct hostmem_backend *backend)
{
    SYSTEM_INFO info;

    *backend = ntmem_backend;
    GetSystemInfo(&info);
    backend->address_end = (uintptr_t)info.lpMaximumApplicationAddress + 1;
}
