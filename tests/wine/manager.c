/*
 * IHostMemoryManager besides virtual memory: creation of heaps, memory load, the callback, mapped views.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_test.h"

struct callback
{
    ICLRMemoryNotificationCallback ICLRMemoryNotificationCallback_iface;
    LONG ref;
};

static struct callback *impl_from_callback(ICLRMemoryNotificationCallback *iface)
{
    return CONTAINING_RECORD(iface, struct callback, ICLRMemoryNotificationCallback_iface);
}

static HRESULT WINAPI callback_QueryInterface(ICLRMemoryNotificationCallback *iface, REFIID riid, void **out)
{
    (void)iface;
    (void)riid;
    ok(0, "nobody asks a callback for anything\n");
    *out = NULL;
    return E_NOINTERFACE;
}

static ULONG WINAPI callback_AddRef(ICLRMemoryNotificationCallback *iface)
{
    return InterlockedIncrement(&impl_from_callback(iface)->ref);
}

static ULONG WINAPI callback_Release(ICLRMemoryNotificationCallback *iface)
{
    return InterlockedDecrement(&impl_from_callback(iface)->ref);
}

static HRESULT WINAPI callback_OnMemoryNotification(ICLRMemoryNotificationCallback *iface, EMemoryAvailable available)
{
    (void)iface;
    (void)available;
    return S_OK;
}

static const ICLRMemoryNotificationCallbackVtbl callback_vtbl = {
    callback_QueryInterface,
    callback_AddRef,
    callback_Release,
    callback_OnMemoryNotification,
};

static void test_CreateMalloc(void)
{
    static const DWORD good[] = {0, MALLOC_THREADSAFE, MALLOC_EXECUTABLE, MALLOC_THREADSAFE | MALLOC_EXECUTABLE};
    static const DWORD bad[] = {4, 8, 0x80000000, 0xffffffff, MALLOC_THREADSAFE | 4};
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(good); i++)
    {
        SetLastError(KEEP_ERROR);
        ok_hr(IHostMemoryManager_CreateMalloc(manager, good[i], &heap), S_OK);
        ok_error(KEEP_ERROR);
        ok(get_ref(heap) == 1, "got %lu\n", get_ref(heap));
        ok(!IHostMalloc_Release(heap), "reference left\n");
    }
    for (i = 0; i < ARRAY_SIZE(bad); i++)
    {
        heap = (IHostMalloc *)0xdeadbeef;
        SetLastError(KEEP_ERROR);
        ok_hr(IHostMemoryManager_CreateMalloc(manager, bad[i], &heap), E_INVALIDARG);
        ok_error(ERROR_INVALID_PARAMETER);
        ok(!heap, "got %p\n", heap);
    }
    ok_hr(IHostMemoryManager_CreateMalloc(manager, 0, NULL), E_POINTER);
    ok(get_ref(manager) == 1, "got %lu\n", get_ref(manager));
    IHostMemoryManager_Release(manager);
}

static void test_GetMemoryLoad(void)
{
    MEMORYSTATUSEX status = {.dwLength = sizeof(status)};
    IHostMemoryManager *manager = create_manager();
    DWORD load = 0xdeadbeef;
    SIZE_T available = 0;
    ULONGLONG most;

    SetLastError(KEEP_ERROR);
    ok_hr(IHostMemoryManager_GetMemoryLoad(manager, &load, &available), S_OK);
    ok_error(KEEP_ERROR);
    GlobalMemoryStatusEx(&status);
    most = min(min(status.ullAvailPhys, status.ullAvailVirtual), (ULONGLONG)MAX_ADDRESS);
    /* A container may make it worse than the machine has it. */
    ok(load <= 100 && load + 10 >= status.dwMemoryLoad, "got %lu, system %lu\n", load, status.dwMemoryLoad);
    ok(available && available / 2 <= most, "got %#Ix, system %#I64x\n", available, most);
    IHostMemoryManager_Release(manager);
}

static void test_GetMemoryLoad_pointers(void)
{
    IHostMemoryManager *manager = create_manager();
    SIZE_T available = 0xdeadbeef;
    DWORD load = 0xdeadbeef;

    ok_hr(IHostMemoryManager_GetMemoryLoad(manager, NULL, &available), E_POINTER);
    ok(!available, "got %#Ix\n", available);
    ok_hr(IHostMemoryManager_GetMemoryLoad(manager, &load, NULL), E_POINTER);
    ok(!load, "got %#lx\n", load);
    ok_hr(IHostMemoryManager_GetMemoryLoad(manager, NULL, NULL), E_POINTER);
    IHostMemoryManager_Release(manager);
}

/* pressure.c tests the notifications. The monitor has a reference during a call. */
static void test_callback(void)
{
    struct callback first = {{&callback_vtbl}, 1}, second = {{&callback_vtbl}, 1};
    IHostMemoryManager *manager = create_manager();

    ok_hr(IHostMemoryManager_RegisterMemoryNotificationCallback(manager, NULL), S_OK);
    SetLastError(KEEP_ERROR);
    ok_hr(IHostMemoryManager_RegisterMemoryNotificationCallback(manager, &first.ICLRMemoryNotificationCallback_iface),
          S_OK);
    ok_error(KEEP_ERROR);
    ok(first.ref >= 2, "got %ld\n", first.ref);
    ok_hr(IHostMemoryManager_RegisterMemoryNotificationCallback(manager, &first.ICLRMemoryNotificationCallback_iface),
          S_OK);
    ok(first.ref == 2 || first.ref == 3, "got %ld\n", first.ref);
    ok_hr(IHostMemoryManager_RegisterMemoryNotificationCallback(manager, &second.ICLRMemoryNotificationCallback_iface),
          S_OK);
    ok(first.ref == 1 && second.ref >= 2, "got %ld, %ld\n", first.ref, second.ref);
    ok_hr(IHostMemoryManager_RegisterMemoryNotificationCallback(manager, NULL), S_OK);
    ok(second.ref == 1, "got %ld\n", second.ref);
    ok_hr(IHostMemoryManager_RegisterMemoryNotificationCallback(manager, &second.ICLRMemoryNotificationCallback_iface),
          S_OK);
    IHostMemoryManager_Release(manager);
    ok(second.ref == 1, "the manager keeps it\n");
}

static void test_views(void)
{
    IHostMemoryManager *manager = create_manager();
    CLRMEM_STATISTICS statistics;
    BYTE *start = (BYTE *)0x10000000;

    SetLastError(KEEP_ERROR);
    ok_hr(IHostMemoryManager_AcquiredVirtualAddressSpace(manager, start, 3 * GRANULE), S_OK);
    ok_hr(IHostMemoryManager_AcquiredVirtualAddressSpace(manager, start + 16 * GRANULE, 0), S_OK);
    statistics = get_statistics(manager);
    ok(statistics.ullMapped == 3 * GRANULE, "got %#I64x\n", statistics.ullMapped);
    ok(statistics.ullViews == 2, "got %I64u\n", statistics.ullViews);
    ok_hr(IHostMemoryManager_ReleasedVirtualAddressSpace(manager, start), S_OK);
    ok_hr(IHostMemoryManager_ReleasedVirtualAddressSpace(manager, start + 16 * GRANULE), S_OK);
    ok_hr(IHostMemoryManager_ReleasedVirtualAddressSpace(manager, start), S_OK);
    ok_hr(IHostMemoryManager_ReleasedVirtualAddressSpace(manager, start + 32 * GRANULE), S_OK);
    ok_error(KEEP_ERROR);
    statistics = get_statistics(manager);
    ok(!statistics.ullMapped && !statistics.ullViews, "got %#I64x, %I64u\n", statistics.ullMapped, statistics.ullViews);
    IHostMemoryManager_Release(manager);
}

/* The manager does not own a view that the runtime reports. */
static void test_views_are_not_owned(void)
{
    IHostMemoryManager *manager = create_manager();
    BYTE *memory = VirtualAlloc(NULL, GRANULE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

    ok_hr(IHostMemoryManager_AcquiredVirtualAddressSpace(manager, memory, GRANULE), S_OK);
    ok_hr(IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE), HOST_E_INVALIDOPERATION);
    memory[0] = 1;
    ok_hr(IHostMemoryManager_ReleasedVirtualAddressSpace(manager, memory), S_OK);
    VirtualFree(memory, 0, MEM_RELEASE);
    IHostMemoryManager_Release(manager);
}

/* Memory can be released only after a heap has grown and emptied again. */
static void test_NeedsVirtualAddressSpace(void)
{
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0);
    void *blocks[2000];
    unsigned int i;
    HRESULT hr;

    SetLastError(KEEP_ERROR);
    hr = IHostMemoryManager_NeedsVirtualAddressSpace(manager, NULL, GRANULE);
    ok_hr(hr, E_OUTOFMEMORY);
    ok_error(ERROR_NOT_ENOUGH_MEMORY);

    for (i = 0; i < ARRAY_SIZE(blocks); i++) IHostMalloc_Alloc(heap, 1000, eTaskCritical, &blocks[i]);
    for (i = 0; i < ARRAY_SIZE(blocks); i++) IHostMalloc_Free(heap, blocks[i]);
    SetLastError(KEEP_ERROR);
    hr = IHostMemoryManager_NeedsVirtualAddressSpace(manager, NULL, GRANULE);
    ok_hr(hr, S_OK);
    ok_error(KEEP_ERROR);
    ok_hr(IHostMalloc_Alloc(heap, 1000, eTaskCritical, &blocks[0]), S_OK);
    ok_hr(IHostMalloc_Free(heap, blocks[0]), S_OK);
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(manager);
}

START_TEST(manager)
{
    if (!load_clrmem()) return;
    test_CreateMalloc();
    test_GetMemoryLoad();
    test_GetMemoryLoad_pointers();
    test_callback();
    test_views();
    test_views_are_not_owned();
    test_NeedsVirtualAddressSpace();
    ok_hr(clrmem.can_unload_now(), S_OK);
}
