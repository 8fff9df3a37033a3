/*
 * The terms of the core: page sizes, the constants of the Win32 interface, results, critical levels, and the backend,
 * the interface through which the core reaches the operating system.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_BACKEND_H
#define CLRMEM_HOSTMEM_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "hostmem/base/figures.h"

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

/* The result of a call of the core: HOSTMEM_RESULTS. The DLL has one table that maps it to an HRESULT and a Win32 error. */
enum hostmem_result
{
#define HOSTMEM_RESULT(NAME, ...) HOSTMEM_##NAME,
    HOSTMEM_RESULTS(HOSTMEM_RESULT)
#undef HOSTMEM_RESULT
        HOSTMEM_RESULT_COUNT
};

/* The consequence of a refused request; the values of EMemoryCriticalLevel. */
enum hostmem_critical_level
{
    HOSTMEM_TASK_CRITICAL,
    HOSTMEM_APPDOMAIN_CRITICAL,
    HOSTMEM_PROCESS_CRITICAL,
    HOSTMEM_CRITICAL_LEVEL_COUNT
};

/*
 * The operating system. The core keeps these preconditions: sizes are not 0 and are multiples of the page size,
 * addresses are page aligned, ranges do not wrap; commit, decommit and reset stay inside one reservation; release gets
 * a base that reserve returned. Every call is thread safe and takes no lock that a suspended thread could hold. A call
 * that fails changes nothing.
 */
struct hostmem_backend
{
    void *context;         /* passed to every call */
    uintptr_t address_end; /* end of the user address space; 0: not known */
    /* Reserves `size` bytes at *address (granularity aligned; NULL: anywhere) and stores the base in *address.
     * type: HOSTMEM_RESERVE with any of COMMIT, TOP_DOWN, WRITE_WATCH. */
    enum hostmem_result (*reserve)(void *context, void **address, size_t size, uint32_t type, uint32_t protect);
    enum hostmem_result (*commit)(void *context, void *address, size_t size, uint32_t protect);
    enum hostmem_result (*decommit)(void *context, void *address, size_t size);
    enum hostmem_result (*release)(void *context, void *base);
    /* Any address of the process; the size is not 0, the range does not wrap, Win32 accepts the protection.
     * *old_protect: the protection of the first page. */
    enum hostmem_result (*protect)(void *context, void *address, size_t size, uint32_t new_protect,
                                   uint32_t *old_protect);
    /* Any address of the process; buffer: the system's own description of the pages. */
    enum hostmem_result (*query)(void *context, const void *address, void *buffer, size_t length, size_t *returned);
    /* The contents may be dropped; the range stays committed. */
    enum hostmem_result (*reset)(void *context, void *address, size_t size);
    /* A number that differs between threads (an id or an address), within a few ns; only spreads contention. */
    uintptr_t (*thread_hint)(void *context);
    /* Lets another thread run; called while waiting for a spin lock. */
    void (*yield)(void *context);
    /* The calling thread's id: not 0, unique among live threads. */
    uint32_t (*thread_id)(void *context);
    /* Milliseconds of a monotonic clock. */
    uint64_t (*now)(void *context);
    /* Sleeps while *word is `value`, until a wake for it or for about `milliseconds` (HOSTMEM_FOREVER: no end). May
     * return early. */
    void (*wait)(void *context, _Atomic uint32_t *word, uint32_t value, uint32_t milliseconds);
    /* Wakes all threads that sleep on `word`. */
    void (*wake)(void *context, _Atomic uint32_t *word);
};

#define HOSTMEM_FOREVER UINT32_MAX /* milliseconds: no end */

#endif
