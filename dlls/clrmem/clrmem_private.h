/*
 * What the files of clrmem.dll share.
 *
 * Data flows one way: a COM method checks its pointers, asks the core
 * (libs/hostmem), and turns the answer into an HRESULT with clrmem_result.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_PRIVATE_H
#define CLRMEM_PRIVATE_H

#define COBJMACROS
#include "clrmem.h"
#include "hostmem/api/hostmem.h"
#include "options.h"
#include "monitor.h"

/* A host memory manager: one COM object, two interfaces, one manager of the core. */
struct memory_manager
{
    IHostMemoryManager IHostMemoryManager_iface;
    IClrMemManager IClrMemManager_iface;
    LONG ref;
    struct hostmem_manager *core; /* owned, by way of `pressure` */
    struct pressure *pressure;    /* owned */
    SRWLOCK settings_lock; /* for `options`; exclusive while limits and waits change, so that these agree with them */
    struct clrmem_options options;
    SRWLOCK heaps_lock; /* shared while heaps are walked, exclusive while one is destroyed */
};

/* A heap of a manager: one COM object, two interfaces, one heap of the core. */
struct host_malloc
{
    IHostMalloc IHostMalloc_iface;
    IClrMemHeap IClrMemHeap_iface;
    LONG ref;
    struct memory_manager *manager; /* one reference: it outlives its heaps */
    struct hostmem_heap *heap;      /* owned */
};

static inline struct memory_manager *impl_from_IClrMemManager(IClrMemManager *iface)
{
    return CONTAINING_RECORD(iface, struct memory_manager, IClrMemManager_iface);
}

/* --- module.c ------------------------------------------------------------------------------------------------------ */

extern HINSTANCE clrmem_instance;

/* Counts what keeps the DLL loaded: objects, references to the class factory, LockServer. Any thread. */
void clrmem_module_addref(void);
void clrmem_module_release(void);

/* QueryInterface of every object of the DLL, over the interfaces that it has. *out: one reference, or NULL. S_OK,
 * E_POINTER (no out), E_INVALIDARG (no riid), E_NOINTERFACE. Any thread. */
struct interface_entry
{
    const IID *iid;
    void *iface;
};
HRESULT clrmem_query_interface(const struct interface_entry *entries, unsigned int count, REFIID riid, void **out);

/* --- result.c ------------------------------------------------------------------------------------------------------ */

/* The HRESULT of the core's result. On failure it also sets the last error, on success it preserves it. */
HRESULT clrmem_result(enum hostmem_result result);

/* --- the objects --------------------------------------------------------------------------------------------------- */

/* memory_manager.c: a new manager with one reference. S_OK; E_OUTOFMEMORY and NULL. */
HRESULT memory_manager_create(struct memory_manager **out);

/* host_malloc.c: a new heap of the manager, with a reference to it. The results of the core; *out NULL on failure. The
 * core has counted the call. */
HRESULT host_malloc_create(struct memory_manager *manager, DWORD type, IHostMalloc **out);

/* host_control.c: a new control with a manager of its own. S_OK, E_NOINTERFACE, E_OUTOFMEMORY; *out NULL on failure. */
HRESULT host_control_create(REFIID riid, void **out);

/* --- IClrMemManager: management.c, settings.c, enumeration.c, statistics_public.c --------------------------------------- */

extern const IClrMemManagerVtbl clr_mem_manager_vtbl;

HRESULT WINAPI clr_mem_manager_GetStatistics(IClrMemManager *iface, CLRMEM_STATISTICS *statistics);
HRESULT WINAPI clr_mem_manager_SetLimits(IClrMemManager *iface, const CLRMEM_LIMITS *limits);
HRESULT WINAPI clr_mem_manager_GetLimits(IClrMemManager *iface, CLRMEM_LIMITS *limits);
HRESULT WINAPI clr_mem_manager_SetWaits(IClrMemManager *iface, const CLRMEM_WAITS *waits);
HRESULT WINAPI clr_mem_manager_GetWaits(IClrMemManager *iface, CLRMEM_WAITS *waits);
HRESULT WINAPI clr_mem_manager_SetOption(IClrMemManager *iface, const char *name, const char *value);
HRESULT WINAPI clr_mem_manager_GetOption(IClrMemManager *iface, const char *name, char *buffer, SIZE_T size);
HRESULT WINAPI clr_mem_manager_EnumRegions(IClrMemManager *iface, CLRMEM_REGION_PROC proc, void *context);
HRESULT WINAPI clr_mem_manager_EnumBlocks(IClrMemManager *iface, CLRMEM_BLOCK_PROC proc, void *context);

/* --- settings.c: any thread ---------------------------------------------------------------------------------------- */

/* The effective value of an option. */
uint64_t clrmem_settings_value(struct memory_manager *manager, enum clrmem_option option);

/* Passes limits, waits and thresholds to the core and the monitor. pre: settings_lock is held, or the manager is new. */
void clrmem_settings_apply(struct memory_manager *manager);

/* The limits of a new heap of the manager. */
void clrmem_settings_apply_heap(struct memory_manager *manager, struct hostmem_heap *heap);

/* The caller's limits as the core takes them, which still has to check that they agree, and the other way. S_OK,
 * E_POINTER, E_INVALIDARG. */
HRESULT clrmem_limits_read(const CLRMEM_LIMITS *limits, struct hostmem_limits *out);
HRESULT clrmem_limits_write(const struct hostmem_limits *limits, CLRMEM_LIMITS *out);

/* --- enumeration.c ------------------------------------------------------------------------------------------------- */

/* Calls proc for every live block of a heap, NULL for all of the manager's. S_OK, E_POINTER, E_OUTOFMEMORY. */
HRESULT clrmem_enum_blocks(struct memory_manager *manager, struct hostmem_heap *heap, CLRMEM_BLOCK_PROC proc,
                           void *context);

/* Lists what is live through the debug channel, if the option `leaks` says so; just before a heap, or a manager without
 * heaps, is destroyed. */
void clrmem_log_heap_leaks(struct host_malloc *host_malloc);
void clrmem_log_region_leaks(struct memory_manager *manager);

#endif
