/*
 * A host with a memory manager of its own, which counts and checks the calls that it gets.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hosting_test.h"

/* Written in front of every block: identifies blocks that this host did not allocate. */
static ULONG_PTR block_mark(const void *block)
{
    return (ULONG_PTR)block ^ 0x6b636f6c;
}

static struct logging_host *from_control(IHostControl *iface)
{
    return CONTAINING_RECORD(iface, struct logging_host, IHostControl_iface);
}

static struct logging_host *from_memory(IHostMemoryManager *iface)
{
    return CONTAINING_RECORD(iface, struct logging_host, IHostMemoryManager_iface);
}

static struct logging_host *from_malloc(IHostMalloc *iface)
{
    return CONTAINING_RECORD(iface, struct logging_host, IHostMalloc_iface);
}

/* --- IHostControl --- */

static HRESULT WINAPI control_QueryInterface(IHostControl *iface, REFIID riid, void **out)
{
    (void)iface, (void)riid;
    *out = NULL;
    return E_NOINTERFACE;
}

static ULONG WINAPI control_AddRef(IHostControl *iface)
{
    return InterlockedIncrement(&from_control(iface)->control_refs) + 1;
}

static ULONG WINAPI control_Release(IHostControl *iface)
{
    return InterlockedDecrement(&from_control(iface)->control_refs) + 1;
}

static HRESULT WINAPI control_GetHostManager(IHostControl *iface, REFIID riid, void **out)
{
    struct logging_host *host = from_control(iface);

    ok(*out == NULL, "out parameter not preset\n");
    if (host->asked_count < ARRAY_SIZE(host->asked)) host->asked[host->asked_count++] = *riid;
    if (!IsEqualGUID(riid, &IID_IHostMemoryManager)) return E_NOINTERFACE;
    if (host->when_asked) host->when_asked();
    if (!host->no_memory_pointer) *out = &host->IHostMemoryManager_iface;
    return host->memory_result;
}

static HRESULT WINAPI control_SetAppDomainManager(IHostControl *iface, DWORD domain, IUnknown *manager)
{
    (void)iface, (void)domain, (void)manager;
    return S_OK;
}

static const IHostControlVtbl control_methods = {control_QueryInterface, control_AddRef, control_Release,
                                                 control_GetHostManager, control_SetAppDomainManager};

/* --- IHostMemoryManager: Win32 below, as real hosts have it --- */

static HRESULT last_error_result(void)
{
    return HRESULT_FROM_WIN32(GetLastError());
}

static HRESULT WINAPI memory_QueryInterface(IHostMemoryManager *iface, REFIID riid, void **out)
{
    (void)riid;
    InterlockedIncrement(&from_memory(iface)->manager_queries);
    *out = NULL;
    return E_NOINTERFACE;
}

static ULONG WINAPI memory_AddRef(IHostMemoryManager *iface)
{
    return InterlockedIncrement(&from_memory(iface)->manager_refs) + 1;
}

static ULONG WINAPI memory_Release(IHostMemoryManager *iface)
{
    return InterlockedDecrement(&from_memory(iface)->manager_refs) + 1;
}

static HRESULT WINAPI memory_CreateMalloc(IHostMemoryManager *iface, DWORD type, IHostMalloc **out)
{
    struct logging_host *host = from_memory(iface);

    InterlockedIncrement(&host->create_malloc);
    host->malloc_flags = type;
    if (!host->no_malloc_pointer) *out = &host->IHostMalloc_iface;
    return host->create_malloc_result;
}

static HRESULT WINAPI memory_VirtualAlloc(IHostMemoryManager *iface, void *address, SIZE_T size, DWORD type,
                                          DWORD protect, EMemoryCriticalLevel level, void **out)
{
    struct logging_host *host = from_memory(iface);
    void *memory;

    InterlockedIncrement(&host->virtual_alloc);
    if (host->largest && level == eTaskCritical && size > host->largest)
    {
        InterlockedIncrement(&host->refused);
        return E_OUTOFMEMORY;
    }
    if (host->low) ICLRMemoryNotificationCallback_OnMemoryNotification(host->callback, eMemoryAvailableLow);
    if (!address) size += host->region_offset;
    if (!(memory = VirtualAlloc(address, size, type, protect))) return last_error_result();
    if (!address) memory = (char *)memory + host->region_offset;
    if (!address || (type & MEM_RESERVE))
    {
        EnterCriticalSection(&host->lock);
        if (host->region_count < LOGGED_REGIONS) host->regions[host->region_count++] = memory;
        LeaveCriticalSection(&host->lock);
    }
    *out = memory;
    return S_OK;
}

/* Forgets a region; FALSE if this host did not allocate it. */
static BOOL forget_region(struct logging_host *host, void *base)
{
    unsigned int i;
    BOOL found;

    EnterCriticalSection(&host->lock);
    for (i = 0; i < host->region_count && host->regions[i] != base; i++)
        ;
    if ((found = i < host->region_count)) host->regions[i] = host->regions[--host->region_count];
    LeaveCriticalSection(&host->lock);
    return found;
}

static HRESULT WINAPI memory_VirtualFree(IHostMemoryManager *iface, void *address, SIZE_T size, DWORD type)
{
    struct logging_host *host = from_memory(iface);

    InterlockedIncrement(&host->virtual_free);
    if (type == MEM_RELEASE)
    {
        if (!forget_region(host, address)) InterlockedIncrement(&host->foreign_regions);
        if ((ULONG_PTR)address % 0x10000) address = (char *)address - host->region_offset;
    }
    return VirtualFree(address, size, type) ? S_OK : last_error_result();
}

/* Whether a live region begins there. */
static BOOL is_region(struct logging_host *host, const void *base)
{
    unsigned int i;
    BOOL found;

    EnterCriticalSection(&host->lock);
    for (i = 0; i < host->region_count && host->regions[i] != base; i++)
        ;
    found = i < host->region_count;
    LeaveCriticalSection(&host->lock);
    return found;
}

static HRESULT WINAPI memory_VirtualQuery(IHostMemoryManager *iface, void *address, void *buffer, SIZE_T length,
                                          SIZE_T *result)
{
    struct logging_host *host = from_memory(iface);
    MEMORY_BASIC_INFORMATION *info = buffer;
    char *shifted;

    InterlockedIncrement(&host->virtual_query);
    if (!(*result = VirtualQuery(address, buffer, length))) return last_error_result();
    shifted = (char *)info->AllocationBase + host->region_offset;
    if (host->region_offset && is_region(host, shifted)) info->AllocationBase = shifted;
    return S_OK;
}

static HRESULT WINAPI memory_VirtualProtect(IHostMemoryManager *iface, void *address, SIZE_T size, DWORD protect,
                                            DWORD *old)
{
    InterlockedIncrement(&from_memory(iface)->virtual_protect);
    return VirtualProtect(address, size, protect, old) ? S_OK : last_error_result();
}

static HRESULT WINAPI memory_GetMemoryLoad(IHostMemoryManager *iface, DWORD *load, SIZE_T *available)
{
    (void)iface;
    *load = 50;
    *available = 1 << 30;
    return S_OK;
}

static HRESULT WINAPI memory_RegisterMemoryNotificationCallback(IHostMemoryManager *iface,
                                                                ICLRMemoryNotificationCallback *callback)
{
    struct logging_host *host = from_memory(iface);

    InterlockedIncrement(&host->register_callback);
    host->callback = callback;
    return S_OK;
}

static HRESULT WINAPI memory_NeedsVirtualAddressSpace(IHostMemoryManager *iface, void *start, SIZE_T size)
{
    (void)iface, (void)start, (void)size;
    return S_OK;
}

static HRESULT WINAPI memory_AcquiredVirtualAddressSpace(IHostMemoryManager *iface, void *start, SIZE_T size)
{
    (void)iface, (void)start, (void)size;
    return S_OK;
}

static HRESULT WINAPI memory_ReleasedVirtualAddressSpace(IHostMemoryManager *iface, void *start)
{
    (void)iface, (void)start;
    return S_OK;
}

static const IHostMemoryManagerVtbl memory_methods = {
    memory_QueryInterface,
    memory_AddRef,
    memory_Release,
    memory_CreateMalloc,
    memory_VirtualAlloc,
    memory_VirtualFree,
    memory_VirtualQuery,
    memory_VirtualProtect,
    memory_GetMemoryLoad,
    memory_RegisterMemoryNotificationCallback,
    memory_NeedsVirtualAddressSpace,
    memory_AcquiredVirtualAddressSpace,
    memory_ReleasedVirtualAddressSpace,
};

/* --- IHostMalloc --- */

static HRESULT WINAPI malloc_QueryInterface(IHostMalloc *iface, REFIID riid, void **out)
{
    (void)riid;
    InterlockedIncrement(&from_malloc(iface)->manager_queries);
    *out = NULL;
    return E_NOINTERFACE;
}

static ULONG WINAPI malloc_AddRef(IHostMalloc *iface)
{
    return InterlockedIncrement(&from_malloc(iface)->manager_refs) + 1;
}

static ULONG WINAPI malloc_Release(IHostMalloc *iface)
{
    return InterlockedDecrement(&from_malloc(iface)->manager_refs) + 1;
}

static HRESULT WINAPI malloc_Alloc(IHostMalloc *iface, SIZE_T size, EMemoryCriticalLevel level, void **out)
{
    struct logging_host *host = from_malloc(iface);
    char *memory = HeapAlloc(host->heap, 0, host->block_offset + size);

    (void)level;
    InterlockedIncrement(&host->malloc_alloc);
    if (!memory) return E_OUTOFMEMORY;
    InterlockedIncrement(&host->live_blocks);
    *out = memory + host->block_offset;
    ((ULONG_PTR *)*out)[-1] = block_mark(*out);
    return S_OK;
}

static HRESULT WINAPI malloc_DebugAlloc(IHostMalloc *iface, SIZE_T size, EMemoryCriticalLevel level, char *file,
                                        int line, void **out)
{
    (void)file, (void)line;
    return malloc_Alloc(iface, size, level, out);
}

static HRESULT WINAPI malloc_Free(IHostMalloc *iface, void *block)
{
    struct logging_host *host = from_malloc(iface);
    ULONG_PTR *mark = (ULONG_PTR *)block - 1;

    InterlockedIncrement(&host->malloc_free);
    if (!block)
    {
        InterlockedIncrement(&host->free_null);
        return S_OK;
    }
    if (*mark != block_mark(block))
    {
        InterlockedIncrement(&host->foreign_blocks);
        return E_FAIL;
    }
    *mark = 0;
    InterlockedDecrement(&host->live_blocks);
    HeapFree(host->heap, 0, (char *)block - host->block_offset);
    return S_OK;
}

static const IHostMallocVtbl malloc_methods = {malloc_QueryInterface, malloc_AddRef,     malloc_Release,
                                               malloc_Alloc,          malloc_DebugAlloc, malloc_Free};

void logging_host_init(struct logging_host *host)
{
    memset(host, 0, sizeof(*host));
    host->IHostControl_iface.lpVtbl = (IHostControlVtbl *)&control_methods;
    host->IHostMemoryManager_iface.lpVtbl = (IHostMemoryManagerVtbl *)&memory_methods;
    host->IHostMalloc_iface.lpVtbl = (IHostMallocVtbl *)&malloc_methods;
    host->block_offset = 16;
    InitializeCriticalSection(&host->lock);
    host->heap = HeapCreate(0, 0, 0);
}
