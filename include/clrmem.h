/*
 * clrmem's flat exports, for programs that load clrmem.dll by name.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_H
#define CLRMEM_H

#include <windows.h>
#include <mscoree.h>
#include "hosting.h"
#include "clrmem_idl.h"

#ifdef __cplusplus
extern "C"
{
#endif

    /*
 * A new IHostControl with a memory manager of its own, for ICLRRuntimeHost::SetHostControl.
 *
 * riid: IID_IHostControl, IID_IHostMemoryManager (the manager of a new control) or IID_IUnknown.
 * *out: the interface, one reference; NULL on failure.
 * S_OK; E_POINTER (out is NULL), E_NOINTERFACE (another riid), E_OUTOFMEMORY. Any thread.
 */
    HRESULT WINAPI ClrMemCreateHostControl(REFIID riid, void **out);
    typedef HRESULT(WINAPI *ClrMemCreateHostControlFn)(REFIID riid, void **out);

    /*
 * Writes the statistics as a table, the way `clrmem run --stats` prints them: ASCII, lines ended by "\n".
 *
 * statistics: as GetStatistics fills them.
 * buffer: `size` bytes, terminated by NUL if size is not 0; NULL with size 0 for the length only.
 * CLRMEM_TABLE_SIZE bytes hold every table of this version.
 * Returns the length of the whole table in bytes without the NUL; 0 for another cbSize or dwVersion.
 */
    SIZE_T WINAPI ClrMemFormatStatistics(const CLRMEM_STATISTICS *statistics, char *buffer, SIZE_T size);
    typedef SIZE_T(WINAPI *ClrMemFormatStatisticsFn)(const CLRMEM_STATISTICS *statistics, char *buffer, SIZE_T size);
#define CLRMEM_TABLE_SIZE 4096

    /*
 * --- management of a manager or a heap ---
 *
 * manager: any interface of a memory manager of clrmem's, such as IHostMemoryManager; heap: one of its IHostMalloc's.
 * Each function below is the method of the same name of IClrMemManager, or IClrMemHeap, without the QueryInterface:
 * sizes are bytes, waits are milliseconds, any thread may call. In addition, all give E_POINTER for NULL (the
 * interface, a structure, a text, a callback, an out parameter) and E_NOINTERFACE for an object that is not clrmem's.
 */

    /* cbSize: in. S_OK; E_INVALIDARG for another cbSize. No lock. */
    HRESULT WINAPI ClrMemGetStatistics(IUnknown *manager, CLRMEM_STATISTICS *statistics);
    typedef HRESULT(WINAPI *ClrMemGetStatisticsFn)(IUnknown *manager, CLRMEM_STATISTICS *statistics);

    /* Limits on committed bytes. S_OK; E_INVALIDARG, and nothing changed, for another cbSize, limits that
     * contradict each other, or of less than a page. */
    HRESULT WINAPI ClrMemSetLimits(IUnknown *manager, const CLRMEM_LIMITS *limits);
    typedef HRESULT(WINAPI *ClrMemSetLimitsFn)(IUnknown *manager, const CLRMEM_LIMITS *limits);
    HRESULT WINAPI ClrMemGetLimits(IUnknown *manager, CLRMEM_LIMITS *limits);
    typedef HRESULT(WINAPI *ClrMemGetLimitsFn)(IUnknown *manager, CLRMEM_LIMITS *limits);

    /* The limits of one heap, in addition to its manager's; the same results. */
    HRESULT WINAPI ClrMemSetHeapLimits(IUnknown *heap, const CLRMEM_LIMITS *limits);
    typedef HRESULT(WINAPI *ClrMemSetHeapLimitsFn)(IUnknown *heap, const CLRMEM_LIMITS *limits);
    HRESULT WINAPI ClrMemGetHeapLimits(IUnknown *heap, CLRMEM_LIMITS *limits);
    typedef HRESULT(WINAPI *ClrMemGetHeapLimitsFn)(IUnknown *heap, CLRMEM_LIMITS *limits);

    /* How long calls wait before they are refused. S_OK; E_INVALIDARG for another cbSize. */
    HRESULT WINAPI ClrMemSetWaits(IUnknown *manager, const CLRMEM_WAITS *waits);
    typedef HRESULT(WINAPI *ClrMemSetWaitsFn)(IUnknown *manager, const CLRMEM_WAITS *waits);
    HRESULT WINAPI ClrMemGetWaits(IUnknown *manager, CLRMEM_WAITS *waits);
    typedef HRESULT(WINAPI *ClrMemGetWaitsFn)(IUnknown *manager, CLRMEM_WAITS *waits);

    /* Options by name: docs/options.md. size: bytes of the buffer. S_OK; E_INVALIDARG for an unknown name or a
     * value that the option does not take; HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER) for less than the value and a
     * NUL. */
    HRESULT WINAPI ClrMemSetOption(IUnknown *manager, const char *name, const char *value);
    typedef HRESULT(WINAPI *ClrMemSetOptionFn)(IUnknown *manager, const char *name, const char *value);
    HRESULT WINAPI ClrMemGetOption(IUnknown *manager, const char *name, char *buffer, SIZE_T size);
    typedef HRESULT(WINAPI *ClrMemGetOptionFn)(IUnknown *manager, const char *name, char *buffer, SIZE_T size);

    /* Calls proc on this thread for each live region, or for each live block of all heaps or of one, until it returns
     * FALSE, with no lock held. S_OK; E_OUTOFMEMORY. */
    HRESULT WINAPI ClrMemEnumRegions(IUnknown *manager, CLRMEM_REGION_PROC proc, void *context);
    typedef HRESULT(WINAPI *ClrMemEnumRegionsFn)(IUnknown *manager, CLRMEM_REGION_PROC proc, void *context);
    HRESULT WINAPI ClrMemEnumBlocks(IUnknown *manager, CLRMEM_BLOCK_PROC proc, void *context);
    typedef HRESULT(WINAPI *ClrMemEnumBlocksFn)(IUnknown *manager, CLRMEM_BLOCK_PROC proc, void *context);
    HRESULT WINAPI ClrMemEnumHeapBlocks(IUnknown *heap, CLRMEM_BLOCK_PROC proc, void *context);
    typedef HRESULT(WINAPI *ClrMemEnumHeapBlocksFn)(IUnknown *heap, CLRMEM_BLOCK_PROC proc, void *context);

    /* Locks the region of an address for a thread (0: the caller), waiting up to `milliseconds`. *base, *size (bytes):
     * the region. S_OK; HOST_E_INVALIDOPERATION, HOST_E_NOT_OWNER, HOST_E_TIMEOUT, HOST_E_ABANDONED,
     * HOST_E_CLRNOTAVAILABLE. */
    HRESULT WINAPI ClrMemLockRegion(IUnknown *manager, void *address, DWORD thread, DWORD milliseconds, void **base,
                                    SIZE_T *size);
    typedef HRESULT(WINAPI *ClrMemLockRegionFn)(IUnknown *manager, void *address, DWORD thread, DWORD milliseconds,
                                                void **base, SIZE_T *size);

    /* Removes one lock. S_OK; HOST_E_INVALIDOPERATION, HOST_E_NOT_OWNER. */
    HRESULT WINAPI ClrMemUnlockRegion(IUnknown *manager, void *address, DWORD thread);
    typedef HRESULT(WINAPI *ClrMemUnlockRegionFn)(IUnknown *manager, void *address, DWORD thread);

    /* Ends the waits for one region, or with NULL all waits. S_OK; HOST_E_INVALIDOPERATION. */
    HRESULT WINAPI ClrMemCancelWaits(IUnknown *manager, void *address);
    typedef HRESULT(WINAPI *ClrMemCancelWaitsFn)(IUnknown *manager, void *address);

    /* Releases unused memory of the heaps: bytes decommitted, bytes of address space released. S_OK;
     * HOST_E_CLRNOTAVAILABLE. */
    HRESULT WINAPI ClrMemTrim(IUnknown *manager, SIZE_T *decommitted, SIZE_T *released);
    typedef HRESULT(WINAPI *ClrMemTrimFn)(IUnknown *manager, SIZE_T *decommitted, SIZE_T *released);

    /* Every call gives HOST_E_CLRNOTAVAILABLE from now on; memory stays valid until the manager's end. S_OK. */
    HRESULT WINAPI ClrMemShutdown(IUnknown *manager);
    typedef HRESULT(WINAPI *ClrMemShutdownFn)(IUnknown *manager);

#ifdef __cplusplus
}
#endif

#endif
