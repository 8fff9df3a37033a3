/*
 * The terms of the core: page sizes, the numbers of the Win32 interface, results, critical levels, and the backend
 * interface through which the core reaches the system.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_BACKEND_H
#define CLRMEM_HOSTMEM_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOSTMEM_PAGE_SIZE   ((size_t)0x1000)  /* bytes, 4 KiB */
#define HOSTMEM_GRANULARITY ((size_t)0x10000) /* bytes, 64 KiB: where a reservation may begin */

/* Allocation types (VirtualAlloc) and free types (VirtualFree). */
#define HOSTMEM_COMMIT      UINT32_C(0x00001000)
#define HOSTMEM_RESERVE     UINT32_C(0x00002000)
#define HOSTMEM_DECOMMIT    UINT32_C(0x00004000)
#define HOSTMEM_RELEASE     UINT32_C(0x00008000)
#define HOSTMEM_RESET       UINT32_C(0x00080000)
#define HOSTMEM_TOP_DOWN    UINT32_C(0x00100000)
#define HOSTMEM_WRITE_WATCH UINT32_C(0x00200000)

#define HOSTMEM_PAGE_READWRITE         UINT32_C(0x04)
#define HOSTMEM_PAGE_EXECUTE_READWRITE UINT32_C(0x40)

/* What a call of the core came to. Each boundary has one table that turns it
 * into that boundary's error (an HRESULT and a last error, for COM). */
enum hostmem_result
{
    HOSTMEM_OK,
    HOSTMEM_NOT_OWNED,         /* the address is no region or block of this manager or heap */
    HOSTMEM_INVALID_PARAMETER, /* Win32 would refuse: ERROR_INVALID_PARAMETER */
    HOSTMEM_INVALID_ADDRESS,   /* Win32 would refuse: ERROR_INVALID_ADDRESS */
    HOSTMEM_ACCESS_DENIED,     /* Win32 would refuse: ERROR_ACCESS_DENIED */
    HOSTMEM_NO_ACCESS,         /* Win32 would refuse: ERROR_NOACCESS */
    HOSTMEM_BAD_LENGTH,        /* Win32 would refuse: ERROR_BAD_LENGTH */
    HOSTMEM_NO_MEMORY,         /* address space or memory ran out: ERROR_NOT_ENOUGH_MEMORY */
    HOSTMEM_LIMIT,             /* the manager's limit refuses: ERROR_COMMITMENT_LIMIT */
    HOSTMEM_HEAP_LIMIT,        /* the heap's does, likewise */
    HOSTMEM_NOT_OWNER,         /* the region is locked for another thread, and waiting is not allowed */
    HOSTMEM_TIMEOUT,           /* it was still locked when the wait ran out */
    HOSTMEM_ABANDONED,         /* the wait was cancelled */
    HOSTMEM_UNAVAILABLE,       /* the manager has failed or was shut down */
    HOSTMEM_BROKEN,            /* the manager's own records contradict themselves; given once */
    HOSTMEM_RESULT_COUNT
};

/* How bad a refusal would be; the values of EMemoryCriticalLevel. */
enum hostmem_critical_level
{
    HOSTMEM_TASK_CRITICAL,
    HOSTMEM_APPDOMAIN_CRITICAL,
    HOSTMEM_PROCESS_CRITICAL,
    HOSTMEM_CRITICAL_LEVEL_COUNT
};

/*
 * What the core needs from below. Preconditions the core keeps: sizes are not
 * zero and multiples of the page size, addresses are page aligned, ranges do not
 * wrap; commit, decommit, reset only inside one reservation; release only with a
 * base that reserve gave. Every call is thread safe and takes no lock that a
 * suspended thread could hold. On failure nothing is changed.
 */
struct hostmem_backend
{
    void *context;         /* passed to every call */
    uintptr_t address_end; /* where the addresses that memory can have end; 0: not known */
    /* Reserves `size` bytes at *address (granularity aligned), or anywhere if that is NULL.
     * type: HOSTMEM_RESERVE with any of COMMIT, TOP_DOWN, WRITE_WATCH. *address: the base. */
    enum hostmem_result (*reserve)(void *context, void **address, size_t size, uint32_t type, uint32_t protect);
    enum hostmem_result (*commit)(void *context, void *address, size_t size, uint32_t protect);
    enum hostmem_result (*decommit)(void *context, void *address, size_t size);
    enum hostmem_result (*release)(void *context, void *base);
    /* Any address of the process; the size is not 0, the range does not wrap, the protection is one Win32 has.
     * *old_protect: the first page's. */
    enum hostmem_result (*protect)(void *context, void *address, size_t size, uint32_t new_protect,
                                   uint32_t *old_protect);
    /* Any address of the process; buffer: the system's own description of the pages. */
    enum hostmem_result (*query)(void *context, const void *address, void *buffer, size_t length, size_t *returned);
    /* The contents may be dropped; the range stays committed. */
    enum hostmem_result (*reset)(void *context, void *address, size_t size);
    /* A number that tells threads apart, cheap (a few ns), used to spread contention only. */
    uintptr_t (*thread_hint)(void *context);
    /* Lets another thread run; called while a spin lock is waited for. */
    void (*yield)(void *context);
    /* The calling thread's id: not 0, and no other live thread has it. */
    uint32_t (*thread_id)(void *context);
    /* Milliseconds, by a clock that never goes back. */
    uint64_t (*now)(void *context);
    /* Sleeps while *word is `value`, until wake is called for it or about `milliseconds` have passed (HOSTMEM_FOREVER:
     * no end). May return at any time. */
    void (*wait)(void *context, _Atomic uint32_t *word, uint32_t value, uint32_t milliseconds);
    /* Wakes all that sleep on `word`. */
    void (*wake)(void *context, _Atomic uint32_t *word);
};

#define HOSTMEM_FOREVER UINT32_MAX /* milliseconds: no end */

#endif
