/*
 * What the tests of the management interfaces share: every test is run twice, through the interfaces and through the
 * flat exports.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_MANAGEMENT_TEST_H
#define CLRMEM_MANAGEMENT_TEST_H

#include "clrmem_test.h"

#ifndef HOST_E_TIMEOUT
#define HOST_E_TIMEOUT ((HRESULT)0x80131024)
#endif
#ifndef HOST_E_NOT_OWNER
#define HOST_E_NOT_OWNER ((HRESULT)0x80131025)
#endif
#ifndef HOST_E_ABANDONED
#define HOST_E_ABANDONED ((HRESULT)0x80131026)
#endif

/* The methods of both interfaces, as the flat exports have them. */
struct management
{
    ClrMemGetStatisticsFn get_statistics;
    ClrMemSetLimitsFn set_limits;
    ClrMemGetLimitsFn get_limits;
    ClrMemSetWaitsFn set_waits;
    ClrMemGetWaitsFn get_waits;
    ClrMemSetOptionFn set_option;
    ClrMemGetOptionFn get_option;
    ClrMemEnumRegionsFn enum_regions;
    ClrMemEnumBlocksFn enum_blocks;
    ClrMemLockRegionFn lock_region;
    ClrMemUnlockRegionFn unlock_region;
    ClrMemCancelWaitsFn cancel_waits;
    ClrMemTrimFn trim;
    ClrMemShutdownFn shutdown;
    ClrMemSetHeapLimitsFn set_heap_limits;
    ClrMemGetHeapLimitsFn get_heap_limits;
    ClrMemEnumHeapBlocksFn enum_heap_blocks;
};

/* The way that is under test. */
extern const struct management *management;

/* The exports; NULL, and a failed test, where one is missing. */
const struct management *load_flat_exports(void);

/* Runs the tests through the interfaces, and then through the flat exports. */
void run_both_ways(void (*tests)(void));

#define as_unknown(object) ((IUnknown *)(object))

/* Without reserves, and with no soft limit. */
void set_hard_limit(IHostMemoryManager *manager, ULONGLONG bytes);

/* The same wait for memory at every level, and one for locks; milliseconds. */
void set_waits(IHostMemoryManager *manager, DWORD memory, DWORD lock);

/* Lets pages be: nothing of the figures about memory has changed. */
#define check_same_figures(manager, before) check_same_figures_(__FILE__, __LINE__, manager, before)
void check_same_figures_(const char *file, int line, IHostMemoryManager *manager, const CLRMEM_STATISTICS *before);

/* One call on a thread of its own. */
struct call
{
    HRESULT (*function)(struct call *call); /* called on that thread */
    IHostMemoryManager *manager;
    void *address;
    SIZE_T size;
    DWORD type;   /* allocation type, free type, or milliseconds */
    void *out;    /* of VirtualAlloc and LockRegion */
    HRESULT hr;   /* the result */
    DWORD error;  /* the last error, KEEP_ERROR before */
    DWORD thread; /* its id */
    HANDLE handle;
};
void start_call(struct call *call);
void finish_call(struct call *call);
void run_call(struct call *call);

/* Returns when that many calls of the manager have waited, in all. */
void await_waits(IHostMemoryManager *manager, ULONGLONG count);

HRESULT call_alloc(struct call *call);   /* reserves and commits `size`, task-critical */
HRESULT call_commit(struct call *call);  /* VirtualAlloc at `address` with `type` */
HRESULT call_free(struct call *call);    /* VirtualFree */
HRESULT call_protect(struct call *call); /* read-only */
HRESULT call_lock(struct call *call);    /* LockRegion for itself, waiting `type` ms */

#endif
