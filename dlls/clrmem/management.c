/*
 * IClrMemManager: the object; locks of regions and the end of waits; trim and shutdown.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

static HRESULT WINAPI clr_mem_manager_QueryInterface(IClrMemManager *iface, REFIID riid, void **out)
{
    return IHostMemoryManager_QueryInterface(&impl_from_IClrMemManager(iface)->IHostMemoryManager_iface, riid, out);
}

static ULONG WINAPI clr_mem_manager_AddRef(IClrMemManager *iface)
{
    return IHostMemoryManager_AddRef(&impl_from_IClrMemManager(iface)->IHostMemoryManager_iface);
}

static ULONG WINAPI clr_mem_manager_Release(IClrMemManager *iface)
{
    return IHostMemoryManager_Release(&impl_from_IClrMemManager(iface)->IHostMemoryManager_iface);
}

/***********************************************************************
 *              IClrMemManager::LockRegion
 *
 * In: any address of the region; the thread to lock it for, 0 for the caller;
 * milliseconds to wait for changes under way and another thread's lock, or
 * INFINITE. Out: the region, 0 on failure. S_OK, E_POINTER,
 * HOST_E_INVALIDOPERATION, HOST_E_NOT_OWNER, HOST_E_TIMEOUT,
 * HOST_E_ABANDONED, HOST_E_CLRNOTAVAILABLE. Any thread.
 */
static HRESULT WINAPI clr_mem_manager_LockRegion(IClrMemManager *iface, void *address, DWORD thread, DWORD milliseconds,
                                                 void **base, SIZE_T *size)
{
    void *found = NULL;
    size_t bytes = 0;
    HRESULT hr = E_POINTER;

    TRACE("iface %p, address %p, thread %#lx, milliseconds %lu, base %p, size %p\n", iface, address, thread,
          milliseconds, base, size);

    if (base && size)
        hr = clrmem_result(
            hostmem_manager_lock(impl_from_IClrMemManager(iface)->core, address, thread, milliseconds, &found, &bytes));
    if (base) *base = found;
    if (size) *size = bytes;
    TRACE("returning %#lx, base %p, size %#Ix\n", hr, found, (SIZE_T)bytes);
    return hr;
}

/***********************************************************************
 *              IClrMemManager::UnlockRegion
 *
 * In: any address of the region; the thread whose lock is removed, 0 for the
 * caller. S_OK, HOST_E_INVALIDOPERATION; HOST_E_NOT_OWNER where that thread
 * has none. Any thread, no wait.
 */
static HRESULT WINAPI clr_mem_manager_UnlockRegion(IClrMemManager *iface, void *address, DWORD thread)
{
    HRESULT hr;

    TRACE("iface %p, address %p, thread %#lx\n", iface, address, thread);

    hr = clrmem_result(hostmem_manager_unlock(impl_from_IClrMemManager(iface)->core, address, thread));
    TRACE("returning %#lx\n", hr);
    return hr;
}

/***********************************************************************
 *              IClrMemManager::CancelWaits
 *
 * In: any address of the region whose waits end, NULL for all waits. S_OK,
 * HOST_E_INVALIDOPERATION. Any thread, no wait.
 */
static HRESULT WINAPI clr_mem_manager_CancelWaits(IClrMemManager *iface, void *address)
{
    HRESULT hr;

    TRACE("iface %p, address %p\n", iface, address);

    hr = clrmem_result(hostmem_manager_cancel_waits(impl_from_IClrMemManager(iface)->core, address));
    TRACE("returning %#lx\n", hr);
    return hr;
}

/***********************************************************************
 *              IClrMemManager::Trim
 *
 * Out: bytes decommitted, bytes of address space released; 0 on failure.
 * S_OK, E_POINTER, HOST_E_CLRNOTAVAILABLE. Any thread; what another thread
 * works on stays.
 */
static HRESULT WINAPI clr_mem_manager_Trim(IClrMemManager *iface, SIZE_T *decommitted, SIZE_T *released)
{
    struct memory_manager *manager = impl_from_IClrMemManager(iface);
    size_t pages = 0, space = 0;
    HRESULT hr = E_POINTER;

    TRACE("iface %p, decommitted %p, released %p\n", iface, decommitted, released);

    if (decommitted && released) hr = clrmem_result(hostmem_manager_reclaim(manager->core, &pages, &space));
    if (decommitted) *decommitted = pages;
    if (released) *released = space;
    TRACE("returning %#lx, %#Ix decommitted, %#Ix released\n", hr, (SIZE_T)pages, (SIZE_T)space);
    return hr;
}

/***********************************************************************
 *              IClrMemManager::Shutdown
 *
 * Every call gives HOST_E_CLRNOTAVAILABLE from now on, also those that wait.
 * The callback is withdrawn: waits for a call of it under way. S_OK, also the
 * second time. Any thread.
 */
static HRESULT WINAPI clr_mem_manager_Shutdown(IClrMemManager *iface)
{
    struct memory_manager *manager = impl_from_IClrMemManager(iface);

    TRACE("iface %p\n", iface);

    hostmem_manager_shutdown(manager->core);
    pressure_register(manager->pressure, NULL);
    TRACE("returning 0\n");
    return S_OK;
}

/***********************************************************************
 *              IClrMemManager::FindRegion
 *
 * In: any address. Out: base and size of the live region it lies in, else NULL
 * and 0. S_OK, S_FALSE for none, E_POINTER. Any thread, no lock.
 */
static HRESULT WINAPI clr_mem_manager_FindRegion(IClrMemManager *iface, const void *address, void **base, SIZE_T *size)
{
    struct memory_manager *manager = impl_from_IClrMemManager(iface);
    HRESULT hr = E_POINTER;
    size_t bytes = 0;

    TRACE("iface %p, address %p, base %p, size %p\n", iface, address, base, size);

    if (base) *base = NULL;
    if (base && size) hr = hostmem_manager_owns(manager->core, address, base, &bytes) ? S_OK : S_FALSE;
    if (size) *size = bytes;
    TRACE("returning %#lx, %#Ix bytes\n", hr, (SIZE_T)bytes);
    return hr;
}

const IClrMemManagerVtbl clr_mem_manager_vtbl = {
    clr_mem_manager_QueryInterface, clr_mem_manager_AddRef,       clr_mem_manager_Release,
    clr_mem_manager_GetStatistics,  clr_mem_manager_SetLimits,    clr_mem_manager_GetLimits,
    clr_mem_manager_SetWaits,       clr_mem_manager_GetWaits,     clr_mem_manager_SetOption,
    clr_mem_manager_GetOption,      clr_mem_manager_EnumRegions,  clr_mem_manager_EnumBlocks,
    clr_mem_manager_LockRegion,     clr_mem_manager_UnlockRegion, clr_mem_manager_CancelWaits,
    clr_mem_manager_Trim,           clr_mem_manager_Shutdown,     clr_mem_manager_FindRegion,
};
