/*
 * The lists of what a manager counts: results, methods, causes of refusals, figures. The enumerations and structures of
 * the core, those of the public interface, and the table of `clrmem run --stats` are made from them. Macros only, so that
 * any program can include it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_FIGURES_H
#define CLRMEM_HOSTMEM_FIGURES_H

/* The methods of IHostMemoryManager and IHostMalloc: X(NAME, method). */
#define HOSTMEM_METHODS(X)                                                                                             \
    X(CREATE_MALLOC, CreateMalloc)                                                                                     \
    X(VIRTUAL_ALLOC, VirtualAlloc)                                                                                     \
    X(VIRTUAL_FREE, VirtualFree)                                                                                       \
    X(VIRTUAL_QUERY, VirtualQuery)                                                                                     \
    X(VIRTUAL_PROTECT, VirtualProtect)                                                                                 \
    X(GET_MEMORY_LOAD, GetMemoryLoad)                                                                                  \
    X(REGISTER_CALLBACK, RegisterMemoryNotificationCallback)                                                           \
    X(NEEDS_ADDRESS_SPACE, NeedsVirtualAddressSpace)                                                                   \
    X(ACQUIRED_ADDRESS_SPACE, AcquiredVirtualAddressSpace)                                                             \
    X(RELEASED_ADDRESS_SPACE, ReleasedVirtualAddressSpace)                                                             \
    X(ALLOC, Alloc)                                                                                                    \
    X(DEBUG_ALLOC, DebugAlloc)                                                                                         \
    X(FREE, Free)

/* The results of a call: X(NAME, public result, reason). The DLL maps each to an HRESULT and a last error. */
#define HOSTMEM_RESULTS(X)                                                                                             \
    X(OK, "S_OK", "done")                                                                                              \
    X(NOT_OWNED, "HOST_E_INVALIDOPERATION", "the address is in no region, or no block, of this manager or heap")       \
    X(INVALID_PARAMETER, "ERROR_INVALID_PARAMETER", "Win32 would refuse; a NULL pointer is counted here, too")         \
    X(INVALID_ADDRESS, "ERROR_INVALID_ADDRESS", "Win32 would refuse")                                                  \
    X(ACCESS_DENIED, "ERROR_ACCESS_DENIED", "Win32 would refuse")                                                      \
    X(NO_ACCESS, "ERROR_NOACCESS", "Win32 would refuse")                                                               \
    X(BAD_LENGTH, "ERROR_BAD_LENGTH", "Win32 would refuse")                                                            \
    X(NO_MEMORY, "E_OUTOFMEMORY, ERROR_NOT_ENOUGH_MEMORY", "no address space or no memory")                            \
    X(LIMIT, "E_OUTOFMEMORY, ERROR_COMMITMENT_LIMIT", "the manager's limit")                                           \
    X(HEAP_LIMIT, "E_OUTOFMEMORY, ERROR_COMMITMENT_LIMIT", "the heap's limit")                                         \
    X(NOT_OWNER, "HOST_E_NOT_OWNER", "the region is locked for another thread, and waiting is not allowed")            \
    X(TIMEOUT, "HOST_E_TIMEOUT", "it was still locked when the wait ran out")                                          \
    X(ABANDONED, "HOST_E_ABANDONED", "the wait was cancelled")                                                         \
    X(UNAVAILABLE, "HOST_E_CLRNOTAVAILABLE", "the manager has failed or was shut down")                                \
    X(BROKEN, "E_FAIL", "the manager's own records are inconsistent; returned once")

/* Why a request for memory was refused: X(NAME, row, reason). */
#define HOSTMEM_CAUSES(X)                                                                                              \
    X(LIMIT, "refused: limit", "the manager's limit, or the part of it that the critical level may use")               \
    X(HEAP_LIMIT, "refused: heap's", "the heap's limit")                                                               \
    X(SYSTEM, "refused: system", "no memory or address space, or no memory for the manager's own records")

/* Figures of a manager, in the order of the table's rows: X(member, Public, PEAK or PLAIN, row, meaning). PEAK: there is
 * a figure peak_<member> as well, the most so far. */
#define HOSTMEM_BYTE_FIGURES(X)                                                                                        \
    X(reserved, Reserved, PEAK, "regions, reserved", "in regions handed out by VirtualAlloc")                          \
    X(committed, Committed, PEAK, "regions, committed", "of these, committed")                                         \
    X(heap_reserved, HeapReserved, PEAK, "heaps, reserved", "address space held by the heaps")                         \
    X(heap_committed, HeapCommitted, PEAK, "heaps, committed", "of these, committed")                                  \
    X(heap_live, HeapLive, PLAIN, "heaps, in live blocks", "in live blocks, as the heaps round them")                  \
    X(mapped, Mapped, PEAK, "mapped views", "in views that the runtime reported; size 0 counts 0")                     \
    X(charged, Charged, PEAK, "charged against the limits", "charged against the manager's limit")                     \
    X(soft_limit, SoftLimit, PLAIN, "soft limit", "the manager's soft limit")                                          \
    X(hard_limit, HardLimit, PLAIN, "hard limit", "the manager's hard limit")
#define HOSTMEM_COUNT_FIGURES(X)                                                                                       \
    X(regions, Regions, PEAK, "regions", "live regions")                                                               \
    X(heaps, Heaps, PLAIN, "heaps", "live heaps")                                                                      \
    X(heap_blocks, HeapBlocks, PLAIN, "live blocks", "live blocks")                                                    \
    X(views, Views, PLAIN, "mapped views", "views that the runtime reported")                                          \
    X(locked_regions, LockedRegions, PLAIN, "locked regions", "regions locked now")                                    \
    X(waits, Waits, PLAIN, "calls that waited", "calls that waited, for memory or for a lock")
#define HOSTMEM_REFUSAL_FIGURES(X)                                                                                     \
    X(refused_frees, RefusedFrees, PLAIN, "frees refused, HOST_E_INVALIDOPERATION",                                    \
      "VirtualFree and Free of memory that the manager does not own")
#define HOSTMEM_FIGURES(X)                                                                                             \
    HOSTMEM_BYTE_FIGURES(X)                                                                                            \
    HOSTMEM_COUNT_FIGURES(X)                                                                                           \
    HOSTMEM_REFUSAL_FIGURES(X)

/* What the requests of one critical level hold: X(member, Public, row or NULL, meaning). A region has the level of the
 * request that reserved it. */
#define HOSTMEM_LEVEL_FIGURES(X)                                                                                       \
    X(reserved, Reserved, "reserved", "bytes in regions")                                                              \
    X(peak_reserved, PeakReserved, NULL, "the most so far")                                                            \
    X(committed, Committed, "committed", "of the regions' bytes, committed")                                           \
    X(peak_committed, PeakCommitted, "committed, peak", "the most so far")                                             \
    X(heap_live, HeapLive, "in live blocks", "bytes in live blocks, as the heaps round them")                          \
    X(heap_blocks, HeapBlocks, "blocks", "live blocks")

#endif
