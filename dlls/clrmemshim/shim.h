/*
 * What the files of the shim share.
 *
 * Calls go one way, from the top of this list to its end:
 *   main.c             DllMain
 *   attach.c           patches mscoree and libmono when they are loaded
 *   children.c         gives the shim to programs that this process starts
 *   runtimehost.c      mscoree's ICLRRuntimeHost, as hosts of the .NET Framework expect it
 *   report.c           the table at the end of the process
 *   runtime_malloc.c, runtime_virtual.c   called by libmono in place of its imports
 *   host_memory.c      the ownership map of what came from a host's manager
 *   host.c             which memory manager is in force
 *   collect.c          collections on low memory
 *   own_manager.c      recognizes clrmem's own manager
 *   imports.c          import tables
 *   process.c          GUIDs, the shim's module, error messages
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_SHIM_H
#define CLRMEM_SHIM_H

#include <stdarg.h>
#include <stdbool.h>

#define COBJMACROS
#include <windef.h>
#include <winbase.h>
#include <winternl.h>
#include <objbase.h>
#include <mscoree.h>
#include <metahost.h>
#include <corerror.h>
#include "hosting.h"
#include "clrmem.h"
#include "ownership/ownership.h"
#include "wine/debug.h"

/* The memory manager that the runtime's calls go to, once there is one. */
struct shim_host
{
    IHostMemoryManager *memory;
    IHostMalloc *heap;
    /* Not NULL where the manager is clrmem's own, of this copy of clrmem.dll or another one. */
    IClrMemManager *own;
    IClrMemHeap *own_heap;
    ClrMemFormatStatisticsFn format;
};

/* --- host.c: whose manager serves the runtime ------------------------------ */

/* The host in force, NULL before the switch. Any thread, no lock; never changes once it is set. */
const struct shim_host *shim_host(void);

/* ICLRRuntimeHost::SetHostControl as the .NET Framework has it: E_INVALIDARG for NULL, E_ACCESSDENIED after the
 * runtime started, E_UNEXPECTED where the host's CreateMalloc fails, S_OK; asks for managers still missing only. */
HRESULT shim_set_host_control(IHostControl *control);

/* A manager of the host's beside memory, without a reference; NULL if it has none. Any thread. */
void *shim_host_manager(const IID *iid);
/* The first host control that was set, without a reference; NULL if there is none. Any thread. */
IHostControl *shim_host_control(void);

/* The runtime is about to start: from now on no host control is taken, and without a memory manager clrmem.dll's
 * own takes the place. Called once, on the thread that starts the runtime. */
void shim_runtime_starting(void);
bool shim_runtime_started(void);

/* --- host_memory.c: what came from the host -----------------------------------
 *
 * clrmem's own manager knows what is its own and is asked. For any other the shim keeps an ownership map. */

/* Makes the map, where the host needs one. False: no memory. */
bool shim_host_memory_init(const struct shim_host *host);
/* The map; NULL where there is none. */
struct ownership_map *shim_ownership_map(void);

/* The host has handed out a region, or gives it no longer. record: HOSTMEM_NO_MEMORY; HOSTMEM_INVALID_ADDRESS: the base is
 * not aligned to a page. find: the region that the address lies in. forget: false where another thread was quicker. */
enum hostmem_result shim_record_region(const struct shim_host *host, void *base, SIZE_T size);
bool shim_find_region(const struct shim_host *host, const void *address, struct ownership_region *region);
bool shim_forget_region(const struct shim_host *host, const struct ownership_region *region);

/* What passed through the redirected imports to clrmem's own manager: taken by the runtime minus given back. Blocks are
 * counted where a report was asked for. Counted apart from the manager, so that the report shows a difference. */
struct shim_counts
{
    volatile LONG regions, blocks;
    volatile LONG_PTR region_bytes;
};
extern struct shim_counts shim_counts;

/* --- runtime_virtual.c, runtime_malloc.c: called by libmono in place of its imports --- */

LPVOID WINAPI shim_VirtualAlloc(LPVOID address, SIZE_T size, DWORD type, DWORD protect);
BOOL WINAPI shim_VirtualFree(LPVOID address, SIZE_T size, DWORD type);
SIZE_T WINAPI shim_VirtualQuery(LPCVOID address, PMEMORY_BASIC_INFORMATION info, SIZE_T length);
BOOL WINAPI shim_VirtualProtect(LPVOID address, SIZE_T size, DWORD protect, DWORD *old_protect);
void *__cdecl shim_malloc(size_t size);
void *__cdecl shim_calloc(size_t count, size_t size);
void *__cdecl shim_realloc(void *block, size_t size);
void __cdecl shim_free(void *block);

/* report.c: ends the process with status 3, as the C runtime's abort does, without calling DllMain of the modules. */
void __cdecl shim_abort(void);

/* What libmono imported under these names before it was redirected: serves until the switch, and for memory
 * that did not come from the host. */
struct shim_originals
{
    LPVOID(WINAPI *VirtualAlloc)(LPVOID, SIZE_T, DWORD, DWORD);
    BOOL(WINAPI *VirtualFree)(LPVOID, SIZE_T, DWORD);
    SIZE_T(WINAPI *VirtualQuery)(LPCVOID, PMEMORY_BASIC_INFORMATION, SIZE_T);
    BOOL(WINAPI *VirtualProtect)(LPVOID, SIZE_T, DWORD, DWORD *);
    void *(__cdecl *malloc)(size_t);
    void *(__cdecl *calloc)(size_t, size_t);
    void *(__cdecl *realloc)(void *, size_t);
    void(__cdecl *free)(void *);
    void(__cdecl *abort)(void);
    int *(__cdecl *errno_location)(void); /* of the C runtime that malloc came from; may be NULL */
};
extern struct shim_originals shim_originals;

/* --- imports.c: import tables ------------------------------------------------ */

struct shim_import
{
    const char *name;  /* the imported function, whatever module it comes from */
    void *replacement; /* what the module calls from now on */
    void **original;   /* set to what it called before; may be NULL */
};

/* Redirects the named imports of a loaded module whose imports are bound; returns how many were found. */
unsigned int shim_redirect_imports(HMODULE module, const struct shim_import *imports, unsigned int count);

/* Writes a pointer into memory that may be read-only; false if its protection could not be changed. */
bool shim_write_pointer(void **where, void *value);

/* --- attach.c, runtimehost.c, collect.c, report.c ------------------------------ */

/* Watches for mscoree and libmono from now on, and takes up those loaded already. Loader lock held. */
bool shim_attach_modules(void);
/* From now on, processes that this one creates get the shim, unless CLRMEM_CHILDREN is "no". */
void shim_attach_children(void);
/* At the end of the process: where a managed program did not run for want of a runtime, says so and ends with status
 * 125, as `clrmem run` does when it fails. */
void shim_check_runtime(void);

/* Patches the COM objects of a Wine mscoree; loader lock held, nothing of mscoree has run yet. */
void shim_attach_mscoree(HMODULE mscoree);
/* It is unloaded: forgets its objects. Loader lock held. */
void shim_detach_mscoree(void);

/* The runtime's callback for the host's memory notifications, a static object. */
ICLRMemoryNotificationCallback *shim_notification_callback(void);
/* The runtime has started: from now on it collects when it is told that memory is low. */
void shim_collect_start(void);

/* Reads CLRMEM_STATS. At attach. first: `clrmem run` started this process, whose table begins the file. */
void shim_report_init(bool first);
/* Finds out whether the manager, just got from its host, is clrmem's own, and keeps it if so. */
void shim_recognise_manager(struct shim_host *host);
/* Writes the table of what passed through the manager where CLRMEM_STATS says, after those of programs that ended
 * before. At process end. */
void shim_report(void);

/* One line to the standard error stream, prefixed "clrmem: ". */
void shim_error(const char *message);
/* The same, the first time only. */
void shim_error_once(LONG *reported, const char *message);

extern HINSTANCE shim_instance;
extern bool shim_reports; /* CLRMEM_STATS asks for a report; set at attach */

#endif
