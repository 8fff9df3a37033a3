/*
 * The core of a host memory manager: regions, heaps, charges, statistics.
 *
 * Plain C11 on top of a backend of a few calls; nothing here knows Windows. The constants of the Win32 interface that the
 * core decides on (allocation types, protections) are in backend.h, under names of its own.
 *
 * Every function may be called on any thread. Regions are handled without locks, so a thread suspended in the middle of
 * one call never holds up another. Heaps take short spin locks for a new span, and where heaps are created, destroyed or
 * trimmed, as malloc may.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_H
#define CLRMEM_HOSTMEM_H

#include "hostmem/account/limits.h"
#include "hostmem/account/statistics.h"
#include "hostmem/base/backend.h"
#include "hostmem/heap/hostmem_heap.h"
#include "hostmem/region/region_info.h"

struct hostmem_manager;

/* --- managers ------------------------------------------------------------ */

/* A new manager without regions and heaps. `backend` is copied; its context must outlive the manager.
 * HOSTMEM_NO_MEMORY, *out NULL: no memory for the manager's records. */
enum hostmem_result hostmem_manager_create(const struct hostmem_backend *backend, struct hostmem_manager **out);

/* Releases every region and heap of the manager, and the manager. No other thread uses it. */
void hostmem_manager_destroy(struct hostmem_manager *manager);

/* From now on every call is HOSTMEM_UNAVAILABLE, also calls that wait now. Memory handed out stays valid until destroy.
 * Idempotent. */
void hostmem_manager_shutdown(struct hostmem_manager *manager);

/* HOSTMEM_OK while the manager serves calls, else HOSTMEM_UNAVAILABLE. */
enum hostmem_result hostmem_manager_status(const struct hostmem_manager *manager);

/* --- virtual memory -------------------------------------------------------- */

/* VirtualAlloc: reserve, commit (in a region of this manager, or with an implicit reserve) or reset, by Win32's rules of
 * rounding and of combinations of `type`. *out is the address, or NULL on any failure. A commit or reset at an address in
 * no region of this manager is HOSTMEM_NOT_OWNED and touches nothing. HOSTMEM_LIMIT: the limits do not allow the newly
 * committed bytes at this level, after the wait that is set; every page and figure is as before. The lock results of
 * hostmem_virtual_free apply. */
enum hostmem_result hostmem_virtual_alloc(struct hostmem_manager *manager, void *address, size_t size, uint32_t type,
                                          uint32_t protect, enum hostmem_critical_level level, void **out);

/* VirtualFree. Decides in this order: status, ownership (NULL, foreign, freed: HOSTMEM_NOT_OWNED), a lock for another
 * thread (HOSTMEM_NOT_OWNER, or after a wait HOSTMEM_TIMEOUT, HOSTMEM_ABANDONED), Win32's rules of flags, size and range;
 * then decommits or releases. The loser of a race to release gets HOSTMEM_NOT_OWNED. */
enum hostmem_result hostmem_virtual_free(struct hostmem_manager *manager, void *address, size_t size, uint32_t type);

/* VirtualQuery of any memory of the process. No lock, no wait. */
enum hostmem_result hostmem_virtual_query(struct hostmem_manager *manager, const void *address, void *buffer,
                                          size_t length, size_t *returned);

/* VirtualProtect of any memory of the process. For memory of this manager, the lock results of hostmem_virtual_free
 * apply. */
enum hostmem_result hostmem_virtual_protect(struct hostmem_manager *manager, void *address, size_t size,
                                            uint32_t new_protect, uint32_t *old_protect);

/* Whether the address is in a live region of this manager; base and size (bytes) are optional. No lock. */
bool hostmem_manager_owns(struct hostmem_manager *manager, const void *address, void **base, size_t *size);

/* Calls `visit` for every live region until it returns false. Regions that appear or disappear meanwhile may be missed. */
void hostmem_manager_each_region(struct hostmem_manager *manager,
                                 bool (*visit)(void *arg, const struct hostmem_region_info *region), void *arg);

/* --- returning memory ------------------------------------------------------ */

/* NeedsVirtualAddressSpace: releases heap chunks without live blocks and the pages of empty spans. HOSTMEM_OK only if
 * something was released, else HOSTMEM_NO_MEMORY. Never waits for a lock: skips what another thread works on. */
enum hostmem_result hostmem_manager_trim(struct hostmem_manager *manager);

/* The same for the host's own use, not counted as a call: bytes decommitted and bytes of address space released (each
 * optional). HOSTMEM_OK, HOSTMEM_UNAVAILABLE, HOSTMEM_BROKEN. */
enum hostmem_result hostmem_manager_reclaim(struct hostmem_manager *manager, size_t *decommitted, size_t *released);

/* AcquiredVirtualAddressSpace, ReleasedVirtualAddressSpace: accounts for a mapped view of `size` bytes (0: unknown, a
 * whole file). Releasing a start that was never acquired is HOSTMEM_OK, because a CLR maps before it reports. */
enum hostmem_result hostmem_view_acquired(struct hostmem_manager *manager, void *start, size_t size);
enum hostmem_result hostmem_view_released(struct hostmem_manager *manager, void *start);

/* --- figures --------------------------------------------------------------- */

/* Counts one call that the caller served without the core (GetMemoryLoad, RegisterMemoryNotificationCallback, …). Calls
 * that the core serves count themselves, CREATE_MALLOC and NEEDS/ACQUIRED/RELEASED included. */
void hostmem_manager_count(struct hostmem_manager *manager, enum hostmem_method method, enum hostmem_result result);

void hostmem_manager_statistics(struct hostmem_manager *manager, struct hostmem_statistics *out);

/* --- limits and waiting --------------------------------------------------- */

/* A new manager has no limits and waits for nothing, and so has a new heap. HOSTMEM_INVALID_PARAMETER, and nothing
 * changed, where soft or the reserves are above hard. Limits below the present charge refuse later requests and take
 * nothing away. Served after shutdown, too. */
enum hostmem_result hostmem_manager_set_limits(struct hostmem_manager *manager, const struct hostmem_limits *limits);
void hostmem_manager_get_limits(struct hostmem_manager *manager, struct hostmem_limits *limits);
void hostmem_manager_set_waits(struct hostmem_manager *manager, const struct hostmem_waits *waits);
void hostmem_manager_get_waits(struct hostmem_manager *manager, struct hostmem_waits *waits);

/* What the monitor of memory pressure reads. */
void hostmem_manager_usage(struct hostmem_manager *manager, struct hostmem_usage *usage);

/* For the monitor: sleeps until a charge goes above a soft limit, a limit refuses a request, limits change,
 * hostmem_manager_wake_monitor is called, or `milliseconds` have passed. *seen: 0 at first, then as the last call stored
 * it, so that nothing in between is missed. */
void hostmem_manager_await_pressure(struct hostmem_manager *manager, uint32_t *seen, uint32_t milliseconds);
void hostmem_manager_wake_monitor(struct hostmem_manager *manager);

/* --- locking regions ------------------------------------------------------ */

/*
 * Locks the region of `address` for a thread (0: the caller): until it is unlocked, only that thread can change it (free,
 * decommit, commit, reset, protect); queries are still served. Waits up to `milliseconds` for changes under way and for
 * another thread's lock. Locks of the same thread add up. The lock ends with the region when its owner releases that.
 * *base, *size (bytes; optional): the region. HOSTMEM_NOT_OWNED, HOSTMEM_NOT_OWNER (milliseconds 0), HOSTMEM_TIMEOUT,
 * HOSTMEM_ABANDONED, HOSTMEM_UNAVAILABLE.
 */
enum hostmem_result hostmem_manager_lock(struct hostmem_manager *manager, void *address, uint32_t thread,
                                         uint32_t milliseconds, void **base, size_t *size);

/* Frees one lock of that thread (0: the caller). HOSTMEM_NOT_OWNED; HOSTMEM_NOT_OWNER: it has none. Served after
 * shutdown, too. */
enum hostmem_result hostmem_manager_unlock(struct hostmem_manager *manager, void *address, uint32_t thread);

/* Ends waits under way with HOSTMEM_ABANDONED: those for the region of `address`, or with NULL all, those for memory
 * too. HOSTMEM_NOT_OWNED: the address is in no region. */
enum hostmem_result hostmem_manager_cancel_waits(struct hostmem_manager *manager, const void *address);

/* --- heaps; hostmem_heap.h has their calls --------------------------------- */

/* A new heap of the manager. Unknown flags: HOSTMEM_INVALID_PARAMETER. */
enum hostmem_result hostmem_heap_create(struct hostmem_manager *manager, uint32_t flags, struct hostmem_heap **out);

/* hostmem_heap_each_block for every heap. */
void hostmem_manager_each_block(struct hostmem_manager *manager,
                                bool (*visit)(void *arg, const struct hostmem_block_info *block), void *arg);

#endif
