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
 * buffer: room for `size` bytes, always ended by NUL if size is not 0; NULL with size 0 asks for the length only.
 * Returns the length of the whole table in bytes without the NUL; 0 if cbSize or dwVersion is not of this version.
 */
    SIZE_T WINAPI ClrMemFormatStatistics(const CLRMEM_STATISTICS *statistics, char *buffer, SIZE_T size);
    typedef SIZE_T(WINAPI *ClrMemFormatStatisticsFn)(const CLRMEM_STATISTICS *statistics, char *buffer, SIZE_T size);

#ifdef __cplusplus
}
#endif

#endif
