/*
 * libmono's virtual memory, served by the host.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "shim.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

/* A larger request that is refused costs the program a managed OutOfMemoryException; a smaller one, or a commit
 * inside a reservation, is the collector's own and would end the process. SGen reserves 2 MiB to align 1 MiB. */
#define LARGEST_PROCESS_CRITICAL ((SIZE_T)0x200000) /* bytes */

/* The last error a caller of the Win32 function would find; hosts need not set one. */
static void set_last_error(HRESULT hr)
{
    if (hr == E_OUTOFMEMORY || hr == S_OK)
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    else if (HRESULT_FACILITY(hr) == FACILITY_WIN32)
        SetLastError(HRESULT_CODE(hr));
    else
        SetLastError(ERROR_INVALID_ADDRESS);
}

/* A host can only hand out an address again that it has got back: an old record of it is stale. */
static enum hostmem_result record_region(void *base, SIZE_T size)
{
    struct ownership_map *owned = shim_owned();
    enum hostmem_result result = ownership_add_region(owned, base, size);
    const char *address;

    if (result != HOSTMEM_INVALID_ADDRESS || (ULONG_PTR)base % HOSTMEM_PAGE_SIZE) return result;
    for (address = base; address < (const char *)base + size; address += HOSTMEM_PAGE_SIZE)
    {
        void *old;

        if (!ownership_find_region(owned, address, &old, NULL)) continue;
        WARN("region %p went without VirtualFree\n", old);
        ownership_take_region(owned, old, NULL);
    }
    return ownership_add_region(owned, base, size);
}

/* Bytes from where the host put the region to the end of what was asked for, in whole pages. Win32 rounds an
 * address that was asked for down, so that the region begins before it. */
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
    void *memory = NULL;
    HRESULT hr;

    if (!host || (!reserves && !ownership_find_region(shim_owned(), address, NULL, NULL)))
        return shim_originals.VirtualAlloc(address, size, type, protect);

    hr = IHostMemoryManager_VirtualAlloc(host->memory, address, size, type, protect, level, &memory);
    TRACE("%p, %#Ix, %#lx, %#lx: %#lx, %p\n", address, size, type, protect, hr, memory);
    if (hr != S_OK || !memory)
    {
        set_last_error(hr);
        return NULL;
    }
    if (reserves && record_region(memory, region_size(memory, address, size)) != HOSTMEM_OK)
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
    struct ownership_map *owned = shim_owned();
    size_t region;
    void *base;
    bool whole;
    HRESULT hr;

    if (!host || !ownership_find_region(owned, address, &base, &region))
        return shim_originals.VirtualFree(address, size, type);

    /* Struck off first: the moment the host releases it, the address may be somebody else's. */
    whole = type == MEM_RELEASE && !size && (ULONG_PTR)address - (ULONG_PTR)base < HOSTMEM_PAGE_SIZE;
    if (whole && !ownership_take_region(owned, base, &region))
    {
        SetLastError(ERROR_INVALID_ADDRESS);
        return FALSE;
    }
    hr = IHostMemoryManager_VirtualFree(host->memory, address, size, type);
    TRACE("%p, %#Ix, %#lx: %#lx\n", address, size, type, hr);
    if (hr == S_OK) return TRUE;
    if (whole && record_region(base, region) != HOSTMEM_OK) ERR("region %p lost its record\n", base);
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
