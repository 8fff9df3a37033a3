/*
 * IClrMemManager: locks of regions, and the end of waits.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "management.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

/***********************************************************************
 *              IClrMemManager::LockRegion
 *
 * In: any address of the region; the thread to lock it for, 0 for the caller;
 * milliseconds to wait for changes under way and another thread's lock, or
 * INFINITE. Out: the region, 0 on failure. S_OK, E_POINTER,
 * HOST_E_INVALIDOPERATION, HOST_E_NOT_OWNER, HOST_E_TIMEOUT,
 * HOST_E_ABANDONED, HOST_E_CLRNOTAVAILABLE. Any thread.
 */
HRESULT WINAPI clr_mem_manager_LockRegion(IClrMemManager *iface, void *address, DWORD thread, DWORD milliseconds,
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
 * In: any address of the region; the thread whose lock goes, 0 for the
 * caller. S_OK, HOST_E_INVALIDOPERATION; HOST_E_NOT_OWNER where that thread
 * has none. Any thread, no wait.
 */
HRESULT WINAPI clr_mem_manager_UnlockRegion(IClrMemManager *iface, void *address, DWORD thread)
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
HRESULT WINAPI clr_mem_manager_CancelWaits(IClrMemManager *iface, void *address)
{
    HRESULT hr;

    TRACE("iface %p, address %p\n", iface, address);

    hr = clrmem_result(hostmem_manager_cancel_waits(impl_from_IClrMemManager(iface)->core, address));
    TRACE("returning %#lx\n", hr);
    return hr;
}
