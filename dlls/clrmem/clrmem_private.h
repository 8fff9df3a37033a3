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
#include "pressure.h"

/* A host memory manager: one COM object, two interfaces, one manager of the core. */
struct memory_manager
{
    IHostMemoryManager IHostMemoryManager_iface;
    IClrMemManager IClrMemManager_iface;
    LONG ref;
    struct hostmem_manager *core; /* owned, by way of `pressure` */
    struct pressure *pressure;    /* owned */
    struct clrmem_options options;
    SRWLOCK settings_lock; /* held while limits, waits and options are changed, so that they agree */
    SRWLOCK heaps_lock;    /* held shared while heaps are walked, exclusive while one is destroyed */
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

/* main.c */
extern HINSTANCE clrmem_instance;

/* factory.c: what keeps the DLL loaded (objects, references to the class factory, LockServer) is counted there. */
void clrmem_module_addref(void);
void clrmem_module_release(void);

/* factory.c: QueryInterface of every object of the DLL, over the interfaces that it has. *out: one reference, or NULL.
 * S_OK, E_POINTER (no out), E_INVALIDARG (no riid), E_NOINTERFACE. Any thread. */
struct interface_entry
{
    const IID *iid;
    void *iface;
};
HRESULT clrmem_query_interface(const struct interface_entry *entries, unsigned int count, REFIID riid, void **out);

/* result.c: the HRESULT of what the core answered. On failure it sets the last error too, on success it does not. */
HRESULT clrmem_result(enum hostmem_result result);

/* backend.c: the pages of this process, by ntdll. */
void clrmem_backend_init(struct hostmem_backend *backend);

/* manager.c: a new manager with one reference. S_OK; E_OUTOFMEMORY and NULL. */
HRESULT memory_manager_create(struct memory_manager **out);

/* management.c, heapinterface.c */
extern const IClrMemManagerVtbl clr_mem_manager_vtbl;
extern const IClrMemHeapVtbl clr_mem_heap_vtbl;

/* leaklog.c: lists what is live through the debug channel, if the option `leaks` says so; just before a heap, or a
 * manager without heaps, is destroyed. */
void clrmem_log_heap_leaks(struct host_malloc *host_malloc);
void clrmem_log_region_leaks(struct memory_manager *manager);

/* malloc.c: a new heap of the manager, which it holds a reference to. The results of the core; *out NULL on failure.
 * The core has counted the call. */
HRESULT host_malloc_create(struct memory_manager *manager, DWORD type, IHostMalloc **out);

/* hostcontrol.c: a new control with a manager of its own. S_OK, E_NOINTERFACE, E_OUTOFMEMORY; *out NULL on failure. */
HRESULT host_control_create(REFIID riid, void **out);

#endif
