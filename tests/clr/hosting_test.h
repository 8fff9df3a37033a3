/*
 * What the hosting tests share: a host with a memory manager of its own, and the way to a runtime.
 *
 * A process has one runtime, so every test is a process of its own.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTING_TEST_H
#define CLRMEM_HOSTING_TEST_H

#define COBJMACROS
#include <windows.h>
#include <metahost.h>
#include <mscoree.h>
#include <corerror.h>
#include "clrmem.h"
#include "wine/test.h"

/* --- a host with a memory manager of its own, which counts and checks the calls that it gets --- */

#define LOGGED_REGIONS 65536

struct logging_host
{
    IHostControl IHostControl_iface;
    IHostMemoryManager IHostMemoryManager_iface;
    IHostMalloc IHostMalloc_iface;

    /* How it answers; all zero is a plain host that supplies the memory manager. */
    HRESULT memory_result;        /* of GetHostManager for memory */
    BOOL no_memory_pointer;       /* GetHostManager leaves NULL there */
    HRESULT create_malloc_result; /* of CreateMalloc */
    BOOL no_malloc_pointer;       /* CreateMalloc leaves NULL there */
    void (*when_asked)(void);     /* called within GetHostManager for memory */
    BOOL low;                     /* reports low memory during every VirtualAlloc */
    SIZE_T region_offset;         /* bytes from Windows' base to the region's; whole pages */
    SIZE_T block_offset;          /* the same for blocks; at least a pointer's size */
    SIZE_T largest;               /* task-critical requests of more bytes are refused; 0: none */

    /* The calls that it got. */
    IID asked[32];
    unsigned int asked_count;
    LONG control_refs, manager_refs, manager_queries; /* AddRef minus Release; QueryInterface */
    LONG create_malloc, malloc_flags, register_callback;
    LONG virtual_alloc, virtual_free, virtual_query, virtual_protect, malloc_alloc, malloc_free, free_null;
    LONG foreign_regions, foreign_blocks; /* freed here, but not allocated here */
    LONG live_blocks, refused;
    ICLRMemoryNotificationCallback *callback;

    CRITICAL_SECTION lock;
    void *regions[LOGGED_REGIONS]; /* live ones, by base */
    unsigned int region_count;
    HANDLE heap;
};

void logging_host_init(struct logging_host *host);

/* --- runtime.c --- */

/* An interface of Wine's ICLRRuntimeHost by CLRCreateInstance, or by CorBindToRuntimeEx. */
ICLRRuntimeHost *get_runtime_host(void);
ICLRRuntimeHost *bind_runtime_host(const WCHAR *version);

/* Runs a static method of the managed workload; ~0 if it could not be run. */
DWORD run_managed(ICLRRuntimeHost *host, const WCHAR *method, const WCHAR *argument);

#endif
