/*
 * What the files of the management interfaces share: the methods of IClrMemManager, and what heaps have like managers.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_MANAGEMENT_H
#define CLRMEM_MANAGEMENT_H

#include "clrmem_private.h"

static inline struct memory_manager *impl_from_IClrMemManager(IClrMemManager *iface)
{
    return CONTAINING_RECORD(iface, struct memory_manager, IClrMemManager_iface);
}

/* statistics.c */
HRESULT WINAPI clr_mem_manager_GetStatistics(IClrMemManager *iface, CLRMEM_STATISTICS *statistics);

/* limits.c */
HRESULT WINAPI clr_mem_manager_SetLimits(IClrMemManager *iface, const CLRMEM_LIMITS *limits);
HRESULT WINAPI clr_mem_manager_GetLimits(IClrMemManager *iface, CLRMEM_LIMITS *limits);
HRESULT WINAPI clr_mem_manager_SetWaits(IClrMemManager *iface, const CLRMEM_WAITS *waits);
HRESULT WINAPI clr_mem_manager_GetWaits(IClrMemManager *iface, CLRMEM_WAITS *waits);

/* The caller's limits as the core takes them: S_OK, E_POINTER, E_INVALIDARG. The core still has to judge them. */
HRESULT clrmem_limits_read(const CLRMEM_LIMITS *limits, struct hostmem_limits *out);
/* The other way: S_OK, E_POINTER, E_INVALIDARG for the caller's cbSize. */
HRESULT clrmem_limits_write(const struct hostmem_limits *limits, CLRMEM_LIMITS *out);

/* observe.c */
HRESULT WINAPI clr_mem_manager_EnumRegions(IClrMemManager *iface, CLRMEM_REGION_PROC proc, void *context);
HRESULT WINAPI clr_mem_manager_EnumBlocks(IClrMemManager *iface, CLRMEM_BLOCK_PROC proc, void *context);
HRESULT WINAPI clr_mem_manager_EnumLeaks(IClrMemManager *iface, CLRMEM_LEAK_PROC proc, void *context);

/* Calls proc for every live block of a heap, NULL for all of the manager's. S_OK, E_POINTER, E_OUTOFMEMORY. */
HRESULT clrmem_tell_blocks(struct memory_manager *manager, struct hostmem_heap *heap, CLRMEM_BLOCK_PROC proc,
                           void *context);

/* blocklist.c: calls visit for every live block of a heap, NULL for all of the manager's, until it returns false. Unlike
 * the core's own walk it visits with no lock held, and heaps may end meanwhile. S_OK, E_OUTOFMEMORY. */
HRESULT clrmem_each_block(struct memory_manager *manager, struct hostmem_heap *heap,
                          bool (*visit)(void *arg, const struct hostmem_block_info *block), void *arg);

/* locking.c */
HRESULT WINAPI clr_mem_manager_LockRegion(IClrMemManager *iface, void *address, DWORD thread, DWORD milliseconds,
                                          void **base, SIZE_T *size);
HRESULT WINAPI clr_mem_manager_UnlockRegion(IClrMemManager *iface, void *address, DWORD thread);
HRESULT WINAPI clr_mem_manager_CancelWaits(IClrMemManager *iface, void *address);

#endif
