/*
 * IHostMemoryManager over the core, free-threaded; no method calls managed code. VirtualAlloc, VirtualFree, VirtualQuery
 * and VirtualProtect never wait for another thread, unless SetWaits allows waits for limits and locks; so they may be
 * called while a collection has threads suspended. CreateMalloc takes the process heap's lock. Registering a callback
 * takes the loader's lock to start the monitor, and waits, as the last Release does, for a call of the previous callback.
 *
 * Every method may give E_FAIL when the manager fails, and HOST_E_CLRNOTAVAILABLE after it has failed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_private.h"
#include "ntmem/ntmem.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

C_ASSERT(HOSTMEM_TASK_CRITICAL == (int)eTaskCritical);
C_ASSERT(HOSTMEM_APPDOMAIN_CRITICAL == (int)eAppDomainCritical);
C_ASSERT(HOSTMEM_PROCESS_CRITICAL == (int)eProcessCritical);

static struct memory_manager *impl_from_IHostMemoryManager(IHostMemoryManager *iface)
{
    return CONTAINING_RECORD(iface, struct memory_manager, IHostMemoryManager_iface);
}

/* A NULL out parameter, which the core never sees. */
static HRESULT refuse_pointer(struct memory_manager *manager, enum hostmem_method method)
{
    hostmem_manager_count(manager->core, method, HOSTMEM_INVALID_PARAMETER);
    return E_POINTER;
}

/***********************************************************************
 *              IHostMemoryManager::QueryInterface
 *
 * Out: the manager for IID_IUnknown, IID_IHostMemoryManager and
 * IID_IClrMemManager, else NULL. S_OK, E_POINTER, E_INVALIDARG (no riid),
 * E_NOINTERFACE. Any thread.
 */
static HRESULT WINAPI manager_QueryInterface(IHostMemoryManager *iface, REFIID riid, void **out)
{
    const struct interface_entry entries[] = {
        {&IID_IUnknown, iface},
        {&IID_IHostMemoryManager, iface},
        {&IID_IClrMemManager, &impl_from_IHostMemoryManager(iface)->IClrMemManager_iface},
    };
    HRESULT hr;

    TRACE("iface %p, riid %s, out %p\n", iface, debugstr_guid(riid), out);

    hr = clrmem_query_interface(entries, ARRAYSIZE(entries), riid, out);
    TRACE("returning %#lx, *out %p\n", hr, out ? *out : NULL);
    return hr;
}

static ULONG WINAPI manager_AddRef(IHostMemoryManager *iface)
{
    struct memory_manager *manager = impl_from_IHostMemoryManager(iface);
    ULONG ref = InterlockedIncrement(&manager->ref);

    TRACE("iface %p, ref %lu\n", iface, ref);
    return ref;
}

/* The last reference releases every region that the manager still has. */
static ULONG WINAPI manager_Release(IHostMemoryManager *iface)
{
    struct memory_manager *manager = impl_from_IHostMemoryManager(iface);
    ULONG ref = InterlockedDecrement(&manager->ref);

    TRACE("iface %p, ref %lu\n", iface, ref);
    if (!ref)
    {
        clrmem_log_region_leaks(manager);
        pressure_end(manager->pressure);
        HeapFree(GetProcessHeap(), 0, manager);
        clrmem_module_release();
    }
    return ref;
}

/***********************************************************************
 *              IHostMemoryManager::CreateMalloc
 *
 * In: MALLOC_THREADSAFE, MALLOC_EXECUTABLE; the heap is thread safe either
 * way. Out: a new heap, or NULL. S_OK, E_POINTER, E_INVALIDARG for unknown
 * flags, E_OUTOFMEMORY. Any thread.
 */
static HRESULT WINAPI manager_CreateMalloc(IHostMemoryManager *iface, DWORD type, IHostMalloc **out)
{
    struct memory_manager *manager = impl_from_IHostMemoryManager(iface);
    HRESULT hr;

    TRACE("iface %p, type %#lx, out %p\n", iface, type, out);

    if (out)
        hr = host_malloc_create(manager, type, out);
    else
        hr = refuse_pointer(manager, HOSTMEM_METHOD_CREATE_MALLOC);
    TRACE("returning %#lx, *out %p\n", hr, out ? *out : NULL);
    return hr;
}

/***********************************************************************
 *              IHostMemoryManager::VirtualAlloc
 *
 * Win32's VirtualAlloc. Out: the address, or NULL. S_OK, E_POINTER,
 * E_OUTOFMEMORY (by a limit: last error ERROR_COMMITMENT_LIMIT),
 * HOST_E_INVALIDOPERATION for a commit or reset outside this manager's regions,
 * the results of VirtualFree for a locked region, HOST_E_ABANDONED for a cancelled
 * wait, Win32's refusals with their last error. Any thread; it waits at a limit
 * and for a locked region as set by SetWaits.
 */
static HRESULT WINAPI manager_VirtualAlloc(IHostMemoryManager *iface, void *address, SIZE_T size, DWORD type,
                                           DWORD protect, EMemoryCriticalLevel level, void **out)
{
    struct memory_manager *manager = impl_from_IHostMemoryManager(iface);
    HRESULT hr;

    TRACE("iface %p, address %p, size %#Ix, type %#lx, protect %#lx, level %d, out %p\n", iface, address, size, type,
          protect, level, out);

    if (out)
    {
        *out = NULL;
        hr = clrmem_result(hostmem_virtual_alloc(manager->core, address, size, type, protect,
                                                 (enum hostmem_critical_level)level, out));
    }
    else
        hr = refuse_pointer(manager, HOSTMEM_METHOD_VIRTUAL_ALLOC);
    TRACE("returning %#lx, *out %p\n", hr, out ? *out : NULL);
    return hr;
}

/***********************************************************************
 *              IHostMemoryManager::VirtualFree
 *
 * Win32's VirtualFree, for this manager's regions. The core checks in this
 * order; a refused call changes nothing:
 *   1. the manager has failed                         HOST_E_CLRNOTAVAILABLE
 *   2. the address is in no live region of it         HOST_E_INVALIDOPERATION
 *      (NULL, foreign, freed, another manager's)
 *   3. the region is locked for another thread, and
 *      - no wait is set                               HOST_E_NOT_OWNER
 *      - it still is when the wait runs out           HOST_E_TIMEOUT
 *      - the wait is cancelled                        HOST_E_ABANDONED
 *   4. flags, size or range that Win32 refuses        Win32's error
 *   5. the pages are decommitted or released          S_OK
 *   6. the manager's own records are inconsistent     E_FAIL
 * docs/semantics.md has the same table with the last errors. Any thread, no
 * lock; it waits only for locked regions, as set by SetWaits.
 */
static HRESULT WINAPI manager_VirtualFree(IHostMemoryManager *iface, void *address, SIZE_T size, DWORD type)
{
    struct memory_manager *manager = impl_from_IHostMemoryManager(iface);
    HRESULT hr;

    TRACE("iface %p, address %p, size %#Ix, type %#lx\n", iface, address, size, type);

    hr = clrmem_result(hostmem_virtual_free(manager->core, address, size, type));
    TRACE("returning %#lx\n", hr);
    return hr;
}

/***********************************************************************
 *              IHostMemoryManager::VirtualQuery
 *
 * Win32's VirtualQuery, of any memory. Out: a MEMORY_BASIC_INFORMATION, and
 * the bytes of it (0 on failure, optional). S_OK, Win32's refusals. Any
 * thread, no lock.
 */
static HRESULT WINAPI manager_VirtualQuery(IHostMemoryManager *iface, void *address, void *buffer, SIZE_T length,
                                           SIZE_T *returned)
{
    struct memory_manager *manager = impl_from_IHostMemoryManager(iface);
    size_t bytes = 0;
    HRESULT hr;

    TRACE("iface %p, address %p, buffer %p, length %#Ix, returned %p\n", iface, address, buffer, length, returned);

    hr = clrmem_result(hostmem_virtual_query(manager->core, address, buffer, length, &bytes));
    if (returned) *returned = SUCCEEDED(hr) ? bytes : 0;
    TRACE("returning %#lx, %#Ix bytes\n", hr, SUCCEEDED(hr) ? (SIZE_T)bytes : 0);
    return hr;
}

/***********************************************************************
 *              IHostMemoryManager::VirtualProtect
 *
 * Win32's VirtualProtect, of any memory. Out: the first page's old protection
 * (0 on failure), which may not be NULL. S_OK, the results of VirtualFree
 * for a locked region, Win32's refusals. Any thread; it waits for a locked
 * region as set by SetWaits.
 */
static HRESULT WINAPI manager_VirtualProtect(IHostMemoryManager *iface, void *address, SIZE_T size, DWORD new_protect,
                                             DWORD *old_protect)
{
    struct memory_manager *manager = impl_from_IHostMemoryManager(iface);
    uint32_t old = 0;
    HRESULT hr;

    TRACE("iface %p, address %p, size %#Ix, new_protect %#lx, old_protect %p\n", iface, address, size, new_protect,
          old_protect);

    if (old_protect) *old_protect = 0;
    hr = clrmem_result(hostmem_virtual_protect(manager->core, address, size, new_protect, old_protect ? &old : NULL));
    if (SUCCEEDED(hr) && old_protect) *old_protect = old;
    TRACE("returning %#lx, old protection %#x\n", hr, (unsigned int)old);
    return hr;
}

/***********************************************************************
 *              IHostMemoryManager::GetMemoryLoad
 *
 * Out: percent of memory in use, the worst of the limit's, the container's and
 * the machine's figure and of the time stalled for memory; bytes available, the
 * least of what these and the address space have left; 0 on failure. S_OK,
 * E_POINTER, the system's error. Any thread, no wait.
 */
static HRESULT WINAPI manager_GetMemoryLoad(IHostMemoryManager *iface, DWORD *percent, SIZE_T *available)
{
    struct memory_manager *manager = impl_from_IHostMemoryManager(iface);
    enum hostmem_result result;
    HRESULT hr;

    TRACE("iface %p, percent %p, available %p\n", iface, percent, available);

    if (percent) *percent = 0;
    if (available) *available = 0;
    if (!percent || !available)
    {
        hr = refuse_pointer(manager, HOSTMEM_METHOD_GET_MEMORY_LOAD);
        TRACE("returning %#lx\n", hr);
        return hr;
    }

    result = hostmem_manager_status(manager->core);
    if (result == HOSTMEM_OK && !clrmem_memory_load(manager->pressure, percent, available)) result = HOSTMEM_NO_MEMORY;
    hostmem_manager_count(manager->core, HOSTMEM_METHOD_GET_MEMORY_LOAD, result);
    hr = clrmem_result(result);
    TRACE("returning %#lx, %lu percent, %#Ix bytes\n", hr, *percent, *available);
    return hr;
}

/***********************************************************************
 *              IHostMemoryManager::RegisterMemoryNotificationCallback
 *
 * In: the callback for memory pressure, which replaces the previous one; NULL
 * withdraws it. It is kept with a reference, and called on a thread of the
 * manager's, without a lock, when memory becomes low, plentiful or neither;
 * neither is its initial state. When this returns, the previous one is not
 * being called and will not be, unless this is called from within that call.
 * S_OK, E_OUTOFMEMORY. Any thread; waits for the previous callback to return.
 */
static HRESULT WINAPI manager_RegisterMemoryNotificationCallback(IHostMemoryManager *iface,
                                                                 ICLRMemoryNotificationCallback *callback)
{
    struct memory_manager *manager = impl_from_IHostMemoryManager(iface);
    enum hostmem_result result;
    HRESULT hr;

    TRACE("iface %p, callback %p\n", iface, callback);

    result = hostmem_manager_status(manager->core);
    if (result == HOSTMEM_OK && !pressure_register(manager->pressure, callback)) result = HOSTMEM_NO_MEMORY;
    hostmem_manager_count(manager->core, HOSTMEM_METHOD_REGISTER_CALLBACK, result);
    hr = clrmem_result(result);
    TRACE("returning %#lx\n", hr);
    return hr;
}

/***********************************************************************
 *              IHostMemoryManager::NeedsVirtualAddressSpace
 *
 * In: the range of a mapping that failed. Releases the unused memory of the
 * heaps; S_OK if there was any, so that the runtime tries again, else
 * E_OUTOFMEMORY. Any thread.
 */
static HRESULT WINAPI manager_NeedsVirtualAddressSpace(IHostMemoryManager *iface, void *start, SIZE_T size)
{
    struct memory_manager *manager = impl_from_IHostMemoryManager(iface);
    HRESULT hr;

    TRACE("iface %p, start %p, size %#Ix\n", iface, start, size);

    hr = clrmem_result(hostmem_manager_trim(manager->core));
    TRACE("returning %#lx\n", hr);
    return hr;
}

/***********************************************************************
 *              IHostMemoryManager::AcquiredVirtualAddressSpace
 *
 * In: a view that the runtime has mapped, for the statistics; size 0 is a whole
 * file of unknown length. S_OK, E_OUTOFMEMORY. Any thread.
 */
static HRESULT WINAPI manager_AcquiredVirtualAddressSpace(IHostMemoryManager *iface, void *start, SIZE_T size)
{
    struct memory_manager *manager = impl_from_IHostMemoryManager(iface);
    HRESULT hr;

    TRACE("iface %p, start %p, size %#Ix\n", iface, start, size);

    hr = clrmem_result(hostmem_view_acquired(manager->core, start, size));
    TRACE("returning %#lx\n", hr);
    return hr;
}

/***********************************************************************
 *              IHostMemoryManager::ReleasedVirtualAddressSpace
 *
 * In: the start of a view that the runtime has unmapped; one that it never
 * reported is no error. S_OK. Any thread.
 */
static HRESULT WINAPI manager_ReleasedVirtualAddressSpace(IHostMemoryManager *iface, void *start)
{
    struct memory_manager *manager = impl_from_IHostMemoryManager(iface);
    HRESULT hr;

    TRACE("iface %p, start %p\n", iface, start);

    hr = clrmem_result(hostmem_view_released(manager->core, start));
    TRACE("returning %#lx\n", hr);
    return hr;
}

static const IHostMemoryManagerVtbl manager_vtbl = {
    manager_QueryInterface,
    manager_AddRef,
    manager_Release,
    manager_CreateMalloc,
    manager_VirtualAlloc,
    manager_VirtualFree,
    manager_VirtualQuery,
    manager_VirtualProtect,
    manager_GetMemoryLoad,
    manager_RegisterMemoryNotificationCallback,
    manager_NeedsVirtualAddressSpace,
    manager_AcquiredVirtualAddressSpace,
    manager_ReleasedVirtualAddressSpace,
};

HRESULT memory_manager_create(struct memory_manager **out)
{
    struct memory_manager *manager = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*manager));
    struct hostmem_backend backend;
    enum hostmem_result result;

    *out = NULL;
    if (!manager) return clrmem_result(HOSTMEM_NO_MEMORY);
    ntmem_backend_init(&backend);
    result = hostmem_manager_create(&backend, &manager->core);
    if (result == HOSTMEM_OK && !(manager->pressure = pressure_create(manager->core)))
    {
        hostmem_manager_destroy(manager->core);
        result = HOSTMEM_NO_MEMORY;
    }
    if (result != HOSTMEM_OK)
    {
        HeapFree(GetProcessHeap(), 0, manager);
        return clrmem_result(result);
    }
    clrmem_options_load(&manager->options);
    clrmem_settings_apply(manager);
    clrmem_options_log(&manager->options);
    manager->IHostMemoryManager_iface.lpVtbl = &manager_vtbl;
    manager->IClrMemManager_iface.lpVtbl = &clr_mem_manager_vtbl;
    manager->ref = 1;
    clrmem_module_addref();
    *out = manager;
    return S_OK;
}
