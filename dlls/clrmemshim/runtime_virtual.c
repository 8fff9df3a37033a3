/*
 * libmono's virtual memory calls, passed to the host.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "shim.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

/* The refusal of a larger request becomes a managed OutOfMemoryException. Smaller requests, and commits inside a
 * reservation, are the collector's own: their refusal ends the process. SGen reserves 2 MiB to align 1 MiB. */
#define LARGEST_PROCESS_CRITICAL ((SIZE_T)0x200000) /* bytes */

/* The last error that the Win32 function would set; hosts need not set one. */
static void set_last_error(HRESULT hr)
{
    if (hr == E_OUTOFMEMORY || hr == S_OK)
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    else if (HRESULT_FACILITY(hr) == FACILITY_WIN32)
        SetLastError(HRESULT_CODE(hr));
    else
        SetLastError(ERROR_INVALID_ADDRESS);
}

/* Bytes from the region's base to the end of the request, in whole pages. Win32 rounds a requested address down, so the
 * region may begin before it. */
static SIZE_T region_size(const void *memory, const void *address, SIZE_T size)
{
    ULONG_PTR end = (ULONG_PTR)(address ? address : memory) + size;

    return (end - (ULONG_PTR)memory + HOSTMEM_PAGE_SIZE - 1) & ~(HOSTMEM_PAGE_SIZE - 1);
}

LPVOID WINAPI shim_VirtualAlloc(LPVOID address, SIZE_T size, DWORD type, DWORD protect)
{
    const struct shim_host *host = shim_host();
    BOOL reserves = !address || (type & MEM_RESERVE);
    EMemoryCriticalLevel level = reserves && size > LARGEST_PROCESS_CRITICAL ? eTaskCritical : eProcessCritical;
    static LONG reported;
    struct ownership_region region;
    void *memory = NULL;
    HRESULT hr;

    if (!host || (!reserves && !shim_find_region(host, address, &region)))
        return shim_originals.VirtualAlloc(address, size, type, protect);

    hr = IHostMemoryManager_VirtualAlloc(host->memory, address, size, type, protect, level, &memory);
    TRACE("%p, %#Ix, %#lx, %#lx: %#lx, %p\n", address, size, type, protect, hr, memory);
    if (hr != S_OK || !memory)
    {
        set_last_error(hr);
        return NULL;
    }
    if (reserves && shim_record_region(host, memory, region_size(memory, address, size)) != HOSTMEM_OK)
    {
        ERR("region %p of %#Ix bytes could not be recorded\n", memory, size);
        shim_error_once(&reported, "the host gave a region that is not aligned to a page, or there is no memory"
                                   " to record it: given back");
        IHostMemoryManager_VirtualFree(host->memory, memory, 0, MEM_RELEASE);
        set_last_error(E_OUTOFMEMORY);
        return NULL;
    }
    return memory;
}

BOOL WINAPI shim_VirtualFree(LPVOID address, SIZE_T size, DWORD type)
{
    const struct shim_host *host = shim_host();
    struct ownership_region region;
    bool whole;
    HRESULT hr;

    if (!host || !shim_find_region(host, address, &region)) return shim_originals.VirtualFree(address, size, type);

    /* Forgotten first: as soon as the host has released them, the addresses may belong to another region. */
    whole = type == MEM_RELEASE && !size && (ULONG_PTR)address - (ULONG_PTR)region.base < HOSTMEM_PAGE_SIZE;
    if (whole && !shim_forget_region(host, &region))
    {
        SetLastError(ERROR_INVALID_ADDRESS);
        return FALSE;
    }
    hr = IHostMemoryManager_VirtualFree(host->memory, address, size, type);
    TRACE("%p, %#Ix, %#lx: %#lx\n", address, size, type, hr);
    if (hr == S_OK) return TRUE;
    if (whole && shim_record_region(host, region.base, region.size) != HOSTMEM_OK)
        ERR("region %p lost its record\n", region.base);
    set_last_error(hr);
    return FALSE;
}

SIZE_T WINAPI shim_VirtualQuery(LPCVOID address, PMEMORY_BASIC_INFORMATION info, SIZE_T length)
{
    const struct shim_host *host = shim_host();
    SIZE_T returned = 0;
    HRESULT hr;

    if (!host) return shim_originals.VirtualQuery(address, info, length);
    hr = IHostMemoryManager_VirtualQuery(host->memory, (void *)address, info, length, &returned);
    TRACE("%p, %p, %Iu: %#lx, %Iu\n", address, info, length, hr, returned);
    if (SUCCEEDED(hr)) return returned;
    set_last_error(hr);
    return 0;
}

BOOL WINAPI shim_VirtualProtect(LPVOID address, SIZE_T size, DWORD protect, DWORD *old_protect)
{
    const struct shim_host *host = shim_host();
    HRESULT hr;

    if (!host) return shim_originals.VirtualProtect(address, size, protect, old_protect);
    hr = IHostMemoryManager_VirtualProtect(host->memory, address, size, protect, old_protect);
    TRACE("%p, %#Ix, %#lx, %p: %#lx\n", address, size, protect, old_protect, hr);
    if (hr == S_OK) return TRUE;
    set_last_error(hr);
    return FALSE;
}
