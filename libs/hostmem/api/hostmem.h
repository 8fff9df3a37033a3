/*
 * The core of a host memory manager: regions, heaps, charges, statistics.
 *
 * Plain C11 over a backend of a few calls; nothing here knows Windows. The
 * numbers of the Win32 interface (allocation types, protections) are part of
 * what the core decides on, so they are given here under names of its own.
 *
 * Every function may be called on any thread, and regions are handled without
 * locks, so that a thread suspended in the middle of one call never holds up
 * another. Heaps take short spin locks for a new span, and where heaps are
 * created, destroyed or trimmed, as malloc may.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_H
#define CLRMEM_HOSTMEM_H

#include "hostmem/account/statistics.h"

struct hostmem_manager;
struct hostmem_heap;

/* --- managers ------------------------------------------------------------ */

/* A new manager with no regions and no heaps. `backend` is copied, its context must outlive the manager.
 * HOSTMEM_NO_MEMORY and *out NULL where its own records find no room. */
enum hostmem_result hostmem_manager_create(const struct hostmem_backend *backend, struct hostmem_manager **out);

/* Releases every region and heap the manager still has, and the manager. Nobody may be calling it any more. */
void hostmem_manager_destroy(struct hostmem_manager *manager);

/* From now on every call gives HOSTMEM_UNAVAILABLE; memory handed out stays valid until destroy. Who waits is woken
 * and gets that, too. Idempotent. */
void hostmem_manager_shutdown(struct hostmem_manager *manager);

/* HOSTMEM_OK while the manager serves calls, else HOSTMEM_UNAVAILABLE. */
enum hostmem_result hostmem_manager_status(const struct hostmem_manager *manager);

/* VirtualAlloc: reserve, commit (in a region of this manager, or with an implicit reserve), reset, Win32's rules
 * (rounding, allowed combinations of `type`). *out is the address, or NULL on any failure. Committing, or
 * resetting, at an address that is in no region of this manager gives HOSTMEM_NOT_OWNED and touches nothing.
 * HOSTMEM_LIMIT where what would newly be committed is more than the limits allow at this level, after such a wait as
 * is set; every page and figure is then as before. The lock outcomes of hostmem_virtual_free apply. */
enum hostmem_result hostmem_virtual_alloc(struct hostmem_manager *manager, void *address, size_t size, uint32_t type,
                                          uint32_t protect, enum hostmem_critical_level level, void **out);

/* VirtualFree, deciding in this order: status, ownership (NULL, foreign, freed: HOSTMEM_NOT_OWNED), a lock for another
 * thread (HOSTMEM_NOT_OWNER, or after a wait HOSTMEM_TIMEOUT, HOSTMEM_ABANDONED), Win32's refusals of flags, size and
 * range, then decommit or release. Whoever loses a race to release gets NOT_OWNED. */
enum hostmem_result hostmem_virtual_free(struct hostmem_manager *manager, void *address, size_t size, uint32_t type);

/* VirtualQuery of any memory of the process; no lock, no wait. */
enum hostmem_result hostmem_virtual_query(struct hostmem_manager *manager, const void *address, void *buffer,
                                          size_t length, size_t *returned);

/* VirtualProtect of any memory of the process. For memory of this manager the lock outcomes of hostmem_virtual_free
 * apply. */
enum hostmem_result hostmem_virtual_protect(struct hostmem_manager *manager, void *address, size_t size,
                                            uint32_t new_protect, uint32_t *old_protect);

/* Whether the address lies in a live region of this manager; base and size (bytes) are optional. No lock. */
bool hostmem_manager_owns(struct hostmem_manager *manager, const void *address, void **base, size_t *size);

/* NeedsVirtualAddressSpace: gives back what can be given: the address space of heap chunks that no block lives in, and
 * the pages of empty spans. HOSTMEM_OK only if something was given back, else HOSTMEM_NO_MEMORY. Never waits for a lock:
 * what another thread is working on stays. */
enum hostmem_result hostmem_manager_trim(struct hostmem_manager *manager);

/* The same for the host's own use: bytes decommitted and bytes of address space released (each optional); not counted
 * as a call. HOSTMEM_OK, HOSTMEM_UNAVAILABLE, HOSTMEM_BROKEN. */
enum hostmem_result hostmem_manager_reclaim(struct hostmem_manager *manager, size_t *decommitted, size_t *released);

/* AcquiredVirtualAddressSpace, ReleasedVirtualAddressSpace: accounts a mapped view of `size` bytes (0: unknown,
 * a whole file). Releasing a start that was never acquired is HOSTMEM_OK, as a CLR maps before it tells. */
enum hostmem_result hostmem_view_acquired(struct hostmem_manager *manager, void *start, size_t size);
enum hostmem_result hostmem_view_released(struct hostmem_manager *manager, void *start);

/* Counts one call that the boundary serves by itself (GetMemoryLoad, RegisterMemoryNotificationCallback, …);
 * the calls that the core serves count themselves, including CREATE_MALLOC, NEEDS/ACQUIRED/RELEASED. */
void hostmem_manager_count(struct hostmem_manager *manager, enum hostmem_method method, enum hostmem_result result);

void hostmem_manager_statistics(struct hostmem_manager *manager, struct hostmem_statistics *out);

struct hostmem_region_info
{
    void *base;
    size_t size, committed; /* bytes */
    enum hostmem_critical_level level;
    uint32_t locked_for; /* thread id, 0: not locked */
};

/* Calls `visit` for every live region until it returns false. Regions that come or go meanwhile may be missed. */
void hostmem_manager_each_region(struct hostmem_manager *manager,
                                 bool (*visit)(void *arg, const struct hostmem_region_info *region), void *arg);

/* --- limits and waiting --------------------------------------------------- */

#define HOSTMEM_NO_LIMIT UINT64_MAX

/*
 * Limits on committed bytes: those of the regions and of the heaps' pages. A request is refused that would take the
 * charge above `hard`; a task-critical one already where it would touch either reserve, an AppDomain-critical one
 * where it would touch the process reserve.
 */
struct hostmem_limits
{
    uint64_t hard;              /* bytes, or HOSTMEM_NO_LIMIT */
    uint64_t soft;              /* bytes above which memory counts as low, or HOSTMEM_NO_LIMIT */
    uint64_t appdomain_reserve; /* bytes below `hard` */
    uint64_t process_reserve;   /* bytes below `hard` */
};

/* How long calls wait, in milliseconds (0: not at all; HOSTMEM_FOREVER). */
struct hostmem_waits
{
    uint32_t memory[HOSTMEM_CRITICAL_LEVEL_COUNT]; /* for a limit to give way */
    uint32_t lock;                                 /* for a region that is locked for another thread */
};

/* A new manager, and a new heap, has no limits and waits for nothing. HOSTMEM_INVALID_PARAMETER, and nothing changed,
 * where soft is above hard or the reserves are. Limits below what is charged already refuse what comes next, and take
 * nothing away. Served after shutdown, too. */
enum hostmem_result hostmem_manager_set_limits(struct hostmem_manager *manager, const struct hostmem_limits *limits);
void hostmem_manager_get_limits(struct hostmem_manager *manager, struct hostmem_limits *limits);
enum hostmem_result hostmem_heap_set_limits(struct hostmem_heap *heap, const struct hostmem_limits *limits);
void hostmem_heap_get_limits(struct hostmem_heap *heap, struct hostmem_limits *limits);
void hostmem_manager_set_waits(struct hostmem_manager *manager, const struct hostmem_waits *waits);
void hostmem_manager_get_waits(struct hostmem_manager *manager, struct hostmem_waits *waits);

/* What the watcher of memory pressure goes by; read without a lock. */
struct hostmem_usage
{
    uint64_t charged, hard, soft; /* bytes; limits or HOSTMEM_NO_LIMIT */
    uint64_t refusals;            /* requests the limits have refused so far */
    bool heap_over_soft;          /* whether some heap has more charged than its own soft limit */
};
void hostmem_manager_usage(struct hostmem_manager *manager, struct hostmem_usage *usage);

/* Sleeps until a charge goes above a soft limit, a limit refuses a request, hostmem_manager_wake_monitor is called, or
 * `milliseconds` have passed. *seen: 0 at first, then as the last call left it, so that nothing in between is missed. */
void hostmem_manager_await_pressure(struct hostmem_manager *manager, uint32_t *seen, uint32_t milliseconds);
void hostmem_manager_wake_monitor(struct hostmem_manager *manager);

/* --- locking regions ------------------------------------------------------ */

/*
 * Locks the region of `address` for a thread (0: the caller): until it is unlocked, only that thread changes it (free,
 * decommit, commit, reset, protect); queries go on. Waits up to `milliseconds` for changes under way and for another
 * thread's lock. Locks of the same thread add up. The lock goes with the region when its owner releases that.
 * *base, *size (bytes; optional): the region. HOSTMEM_NOT_OWNED, HOSTMEM_NOT_OWNER (milliseconds 0), HOSTMEM_TIMEOUT,
 * HOSTMEM_ABANDONED, HOSTMEM_UNAVAILABLE.
 */
enum hostmem_result hostmem_manager_lock(struct hostmem_manager *manager, void *address, uint32_t thread,
                                         uint32_t milliseconds, void **base, size_t *size);

/* Takes one lock of that thread (0: the caller) back. HOSTMEM_NOT_OWNED; HOSTMEM_NOT_OWNER: it has none. Served after
 * shutdown, too. */
enum hostmem_result hostmem_manager_unlock(struct hostmem_manager *manager, void *address, uint32_t thread);

/* Ends the waits under way with HOSTMEM_ABANDONED: those for the region of `address`, or with NULL all, those for
 * memory too. HOSTMEM_NOT_OWNED: the address is in no region. */
enum hostmem_result hostmem_manager_cancel_waits(struct hostmem_manager *manager, const void *address);

/* --- heaps --------------------------------------------------------------- */

#define HOSTMEM_HEAP_THREADSAFE UINT32_C(1) /* MALLOC_THREADSAFE; heaps here always are */
#define HOSTMEM_HEAP_EXECUTABLE UINT32_C(2) /* MALLOC_EXECUTABLE: blocks may be executed */

/* A new heap of the manager. Unknown flags: HOSTMEM_INVALID_PARAMETER. */
enum hostmem_result hostmem_heap_create(struct hostmem_manager *manager, uint32_t flags, struct hostmem_heap **out);

/* Gives back all its memory, live blocks too. Nobody may be calling it any more. */
void hostmem_heap_destroy(struct hostmem_heap *heap);

/* A block of at least `size` bytes (0 gives a distinct block too), aligned to 16 bytes; contents undefined.
 * HOSTMEM_NO_MEMORY, HOSTMEM_LIMIT, HOSTMEM_HEAP_LIMIT (after such a wait as is set), HOSTMEM_ABANDONED,
 * HOSTMEM_INVALID_PARAMETER for an unknown level; *out NULL. */
enum hostmem_result hostmem_heap_alloc(struct hostmem_heap *heap, size_t size, enum hostmem_critical_level level,
                                       void **out);

/* The same, counted as DebugAlloc; the place in the caller's source is kept with the block until it is freed. `file`
 * is copied, and may be NULL. HOSTMEM_NO_MEMORY also where there is no memory to keep the place. */
enum hostmem_result hostmem_heap_debug_alloc(struct hostmem_heap *heap, size_t size, enum hostmem_critical_level level,
                                             const char *file, int line, void **out);

/* Frees a block of this heap; NULL is HOSTMEM_OK. Anything else that is not the start of a live block of this
 * heap (foreign, interior, freed already, another heap's) gives HOSTMEM_NOT_OWNED, always, and is not touched. */
enum hostmem_result hostmem_heap_free(struct hostmem_heap *heap, void *block);

/* The same for a caller whose free also gets memory of other allocators. False: the address is in no heap of the
 * manager; nothing was done or counted. True: *result is what hostmem_heap_free gives. */
bool hostmem_heap_free_owned(struct hostmem_heap *heap, void *block, enum hostmem_result *result);

/* Whether a live block of this heap begins there; its size in bytes, as the heap rounded it up. Any address, no lock. */
bool hostmem_heap_find_block(struct hostmem_heap *heap, const void *block, size_t *size);

struct hostmem_block_info
{
    struct hostmem_heap *heap;
    void *address;
    size_t size; /* bytes, as the heap rounded it up */
    enum hostmem_critical_level level;
    const char *file; /* of DebugAlloc, else NULL; valid while the manager lives */
    int line;
};

/* Calls `visit` for every live block of the heap, or of every heap, until it returns false. Blocks that come or go
 * meanwhile may be missed. Nobody may destroy a heap meanwhile. */
void hostmem_heap_each_block(struct hostmem_heap *heap,
                             bool (*visit)(void *arg, const struct hostmem_block_info *block), void *arg);
void hostmem_manager_each_block(struct hostmem_manager *manager,
                                bool (*visit)(void *arg, const struct hostmem_block_info *block), void *arg);

#endif
