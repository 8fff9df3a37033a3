/*
 * What the tests of the management interfaces share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "management_test.h"

#define WAIT 60000 /* ms: nothing here takes seconds */

const struct management *management;

static void *query(IUnknown *object, REFIID riid)
{
    void *out = NULL;

    ok_hr(IUnknown_QueryInterface(object, riid, &out), S_OK);
    if (!out) ExitProcess(1);
    return out;
}

/* One method of an interface the way the flat export has it. */
#define THROUGH(interface, method, parameters, ...)                                                                    \
    static HRESULT WINAPI through_##interface##_##method parameters {                                                  \
        interface *iface = query(object, &IID_##interface);                                                            \
        HRESULT hr = interface##_##method(iface, ##__VA_ARGS__);                                                       \
        interface##_Release(iface);                                                                                    \
        return hr;                                                                                                     \
    }

THROUGH(IClrMemManager, GetStatistics, (IUnknown * object, CLRMEM_STATISTICS *statistics), statistics)
THROUGH(IClrMemManager, SetLimits, (IUnknown * object, const CLRMEM_LIMITS *limits), limits)
THROUGH(IClrMemManager, GetLimits, (IUnknown * object, CLRMEM_LIMITS *limits), limits)
THROUGH(IClrMemManager, SetWaits, (IUnknown * object, const CLRMEM_WAITS *waits), waits)
THROUGH(IClrMemManager, GetWaits, (IUnknown * object, CLRMEM_WAITS *waits), waits)
THROUGH(IClrMemManager, SetOption, (IUnknown * object, const char *name, const char *value), name, value)
THROUGH(IClrMemManager, GetOption, (IUnknown * object, const char *name, char *buffer, SIZE_T size), name, buffer, size)
THROUGH(IClrMemManager, EnumRegions, (IUnknown * object, CLRMEM_REGION_PROC proc, void *context), proc, context)
THROUGH(IClrMemManager, EnumBlocks, (IUnknown * object, CLRMEM_BLOCK_PROC proc, void *context), proc, context)
THROUGH(IClrMemManager, LockRegion,
        (IUnknown * object, void *address, DWORD thread, DWORD milliseconds, void **base, SIZE_T *size), address,
        thread, milliseconds, base, size)
THROUGH(IClrMemManager, UnlockRegion, (IUnknown * object, void *address, DWORD thread), address, thread)
THROUGH(IClrMemManager, CancelWaits, (IUnknown * object, void *address), address)
THROUGH(IClrMemManager, Trim, (IUnknown * object, SIZE_T *decommitted, SIZE_T *released), decommitted, released)
THROUGH(IClrMemManager, Shutdown, (IUnknown * object))
THROUGH(IClrMemHeap, SetLimits, (IUnknown * object, const CLRMEM_LIMITS *limits), limits)
THROUGH(IClrMemHeap, GetLimits, (IUnknown * object, CLRMEM_LIMITS *limits), limits)
THROUGH(IClrMemHeap, EnumBlocks, (IUnknown * object, CLRMEM_BLOCK_PROC proc, void *context), proc, context)

static const struct management through_interfaces = {
    .get_statistics = through_IClrMemManager_GetStatistics,
    .set_limits = through_IClrMemManager_SetLimits,
    .get_limits = through_IClrMemManager_GetLimits,
    .set_waits = through_IClrMemManager_SetWaits,
    .get_waits = through_IClrMemManager_GetWaits,
    .set_option = through_IClrMemManager_SetOption,
    .get_option = through_IClrMemManager_GetOption,
    .enum_regions = through_IClrMemManager_EnumRegions,
    .enum_blocks = through_IClrMemManager_EnumBlocks,
    .lock_region = through_IClrMemManager_LockRegion,
    .unlock_region = through_IClrMemManager_UnlockRegion,
    .cancel_waits = through_IClrMemManager_CancelWaits,
    .trim = through_IClrMemManager_Trim,
    .shutdown = through_IClrMemManager_Shutdown,
    .set_heap_limits = through_IClrMemHeap_SetLimits,
    .get_heap_limits = through_IClrMemHeap_GetLimits,
    .enum_heap_blocks = through_IClrMemHeap_EnumBlocks,
};

const struct management *load_flat_exports(void)
{
    static struct management flat;
    static const struct
    {
        const char *name;
        void *function;
    } exports[] = {
        {"ClrMemGetStatistics", &flat.get_statistics},
        {"ClrMemSetLimits", &flat.set_limits},
        {"ClrMemGetLimits", &flat.get_limits},
        {"ClrMemSetWaits", &flat.set_waits},
        {"ClrMemGetWaits", &flat.get_waits},
        {"ClrMemSetOption", &flat.set_option},
        {"ClrMemGetOption", &flat.get_option},
        {"ClrMemEnumRegions", &flat.enum_regions},
        {"ClrMemEnumBlocks", &flat.enum_blocks},
        {"ClrMemLockRegion", &flat.lock_region},
        {"ClrMemUnlockRegion", &flat.unlock_region},
        {"ClrMemCancelWaits", &flat.cancel_waits},
        {"ClrMemTrim", &flat.trim},
        {"ClrMemShutdown", &flat.shutdown},
        {"ClrMemSetHeapLimits", &flat.set_heap_limits},
        {"ClrMemGetHeapLimits", &flat.get_heap_limits},
        {"ClrMemEnumHeapBlocks", &flat.enum_heap_blocks},
    };
    BOOL complete = TRUE;
    unsigned int i;

    C_ASSERT(ARRAY_SIZE(exports) == sizeof(flat) / sizeof(void *));
    for (i = 0; i < ARRAY_SIZE(exports); i++)
    {
        FARPROC address = GetProcAddress(clrmem.module, exports[i].name);

        ok(!!address, "no export %s\n", exports[i].name);
        memcpy(exports[i].function, &address, sizeof(address));
        complete = complete && address;
    }
    return complete ? &flat : NULL;
}

void run_both_ways(void (*tests)(void))
{
    if (!load_clrmem()) return;
    management = &through_interfaces;
    winetest_push_context("interface");
    tests();
    winetest_pop_context();
    ok_hr(clrmem.can_unload_now(), S_OK);
    if (!(management = load_flat_exports())) return;
    winetest_push_context("flat");
    tests();
    winetest_pop_context();
    ok_hr(clrmem.can_unload_now(), S_OK);
}

void set_hard_limit(IHostMemoryManager *manager, ULONGLONG bytes)
{
    CLRMEM_LIMITS limits = {.cbSize = sizeof(limits), .ullHardLimit = bytes, .ullSoftLimit = CLRMEM_NO_LIMIT};

    ok_hr(management->set_limits(as_unknown(manager), &limits), S_OK);
}

void set_waits(IHostMemoryManager *manager, DWORD memory, DWORD lock)
{
    CLRMEM_WAITS waits = {.cbSize = sizeof(waits),
                          .dwTaskCritical = memory,
                          .dwAppDomainCritical = memory,
                          .dwProcessCritical = memory,
                          .dwLock = lock};

    ok_hr(management->set_waits(as_unknown(manager), &waits), S_OK);
}

void check_same_figures_(const char *file, int line, IHostMemoryManager *manager, const CLRMEM_STATISTICS *before)
{
    CLRMEM_STATISTICS now = get_statistics(manager);

    ok_(file, line)(now.ullReserved == before->ullReserved && now.ullCommitted == before->ullCommitted &&
                        now.ullRegions == before->ullRegions,
                    "regions changed: %I64u, %#I64x, %#I64x; were %I64u, %#I64x, %#I64x\n", now.ullRegions,
                    now.ullReserved, now.ullCommitted, before->ullRegions, before->ullReserved, before->ullCommitted);
    ok_(file, line)(now.ullHeapLive == before->ullHeapLive && now.ullHeapBlocks == before->ullHeapBlocks,
                    "blocks changed: %I64u, %#I64x; were %I64u, %#I64x\n", now.ullHeapBlocks, now.ullHeapLive,
                    before->ullHeapBlocks, before->ullHeapLive);
    ok_(file, line)(now.ullCharged == before->ullCharged, "the charge changed: %#I64x; was %#I64x\n", now.ullCharged,
                    before->ullCharged);
}

static DWORD WINAPI call_thread(void *arg)
{
    struct call *call = arg;

    SetLastError(KEEP_ERROR);
    call->hr = call->function(call);
    call->error = GetLastError();
    return 0;
}

void start_call(struct call *call)
{
    call->handle = CreateThread(NULL, 0, call_thread, call, 0, &call->thread);
    ok(!!call->handle, "no thread, error %lu\n", GetLastError());
}

void finish_call(struct call *call)
{
    BOOL hangs = WaitForSingleObject(call->handle, WAIT) != WAIT_OBJECT_0;

    ok(!hangs, "the call hangs\n");
    if (hangs) ExitProcess(1);
    CloseHandle(call->handle);
}

void run_call(struct call *call)
{
    start_call(call);
    finish_call(call);
}

void await_waits(IHostMemoryManager *manager, ULONGLONG count)
{
    int tries;

    for (tries = 0; tries < WAIT / 5 && get_statistics(manager).ullWaits < count; tries++) Sleep(5);
    ok(get_statistics(manager).ullWaits == count, "%I64u calls waited, expected %I64u\n",
       get_statistics(manager).ullWaits, count);
}

HRESULT call_alloc(struct call *call)
{
    return IHostMemoryManager_VirtualAlloc(call->manager, NULL, call->size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE,
                                           eTaskCritical, &call->out);
}

HRESULT call_commit(struct call *call)
{
    return IHostMemoryManager_VirtualAlloc(call->manager, call->address, call->size, call->type, PAGE_READWRITE,
                                           eTaskCritical, &call->out);
}

HRESULT call_free(struct call *call)
{
    return IHostMemoryManager_VirtualFree(call->manager, call->address, call->size, call->type);
}

HRESULT call_protect(struct call *call)
{
    DWORD old;

    return IHostMemoryManager_VirtualProtect(call->manager, call->address, call->size, PAGE_READONLY, &old);
}

HRESULT call_lock(struct call *call)
{
    return management->lock_region(as_unknown(call->manager), call->address, 0, call->type, &call->out, &call->size);
}
