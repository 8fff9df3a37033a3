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
#include "hostmem/hostmem.h"

/* A host memory manager: one COM object, two interfaces, one manager of the core. */
struct memory_manager
{
    IHostMemoryManager IHostMemoryManager_iface;
    IClrMemManager IClrMemManager_iface;
    LONG ref;
    struct hostmem_manager *core;             /* owned */
    ICLRMemoryNotificationCallback *callback; /* the registered one with a reference, or NULL; exchanged atomically */
};

/* main.c */
extern HINSTANCE clrmem_instance;

/* factory.c: what keeps the DLL loaded (objects, references to the class factory, LockServer) is counted there. */
void clrmem_module_addref(void);
void clrmem_module_release(void);

/* result.c: the HRESULT of what the core answered. On failure it sets the last error too, on success it does not. */
HRESULT clrmem_result(enum hostmem_result result);

/* backend.c: the pages of this process, by ntdll. */
extern const struct hostmem_backend clrmem_backend;

/* manager.c: a new manager with one reference. S_OK; E_OUTOFMEMORY and NULL. */
HRESULT memory_manager_create(struct memory_manager **out);

/* statistics.c */
extern const IClrMemManagerVtbl clr_mem_manager_vtbl;

/* malloc.c: a new heap of the manager, which it holds a reference to. The results of the core; *out NULL on failure.
 * The core has counted the call. */
HRESULT host_malloc_create(struct memory_manager *manager, DWORD type, IHostMalloc **out);

/* hostcontrol.c: a new control with a manager of its own. S_OK, E_NOINTERFACE, E_OUTOFMEMORY; *out NULL on failure. */
HRESULT host_control_create(REFIID riid, void **out);

/* memoryload.c: percent of physical memory in use, and bytes this process can still get.
 * FALSE and the last error where the system does not say. */
BOOL clrmem_memory_load(DWORD *percent, SIZE_T *available);

#endif
