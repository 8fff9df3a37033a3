/*
 * IClrMemManager: the object, its options, and what acts on the manager as a whole.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "management.h"
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
 *              IClrMemManager::SetOption
 *
 * In: an option's name, in any case, and its new value, in effect when this
 * returns. S_OK, E_POINTER; E_INVALIDARG, and nothing changed, for an unknown
 * name or a value that it does not take. Any thread.
 */
static HRESULT WINAPI clr_mem_manager_SetOption(IClrMemManager *iface, const char *name, const char *value)
{
    struct memory_manager *manager = impl_from_IClrMemManager(iface);
    HRESULT hr = E_POINTER;

    TRACE("iface %p, name %s, value %s\n", iface, debugstr_a(name), debugstr_a(value));

    if (name && value)
    {
        AcquireSRWLockExclusive(&manager->settings_lock);
        hr = clrmem_options_set(&manager->options, name, value);
        if (SUCCEEDED(hr)) clrmem_options_apply(manager);
        ReleaseSRWLockExclusive(&manager->settings_lock);
    }
    TRACE("returning %#lx\n", hr);
    return hr;
}

/***********************************************************************
 *              IClrMemManager::GetOption
 *
 * In: an option's name, in any case, and the bytes of the buffer. Out: the
 * effective value and a NUL, on failure an empty text. S_OK, E_POINTER,
 * E_INVALIDARG, HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER). Any thread.
 */
static HRESULT WINAPI clr_mem_manager_GetOption(IClrMemManager *iface, const char *name, char *buffer, SIZE_T size)
{
    struct memory_manager *manager = impl_from_IClrMemManager(iface);
    HRESULT hr = E_POINTER;

    TRACE("iface %p, name %s, buffer %p, size %#Ix\n", iface, debugstr_a(name), buffer, size);

    if (buffer && size) *buffer = 0;
    if (name && buffer) hr = clrmem_options_get(&manager->options, name, buffer, size);
    TRACE("returning %#lx, value %s\n", hr, SUCCEEDED(hr) ? debugstr_a(buffer) : "none");
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

const IClrMemManagerVtbl clr_mem_manager_vtbl = {
    clr_mem_manager_QueryInterface, clr_mem_manager_AddRef,       clr_mem_manager_Release,
    clr_mem_manager_GetStatistics,  clr_mem_manager_SetLimits,    clr_mem_manager_GetLimits,
    clr_mem_manager_SetWaits,       clr_mem_manager_GetWaits,     clr_mem_manager_SetOption,
    clr_mem_manager_GetOption,      clr_mem_manager_EnumRegions,  clr_mem_manager_EnumBlocks,
    clr_mem_manager_LockRegion,     clr_mem_manager_UnlockRegion, clr_mem_manager_CancelWaits,
    clr_mem_manager_Trim,           clr_mem_manager_EnumLeaks,    clr_mem_manager_Shutdown,
};
