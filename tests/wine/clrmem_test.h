/*
 * What the parts of clrmem_test.exe share.
 *
 * The DLL is loaded by name, as a host would; its public headers are all the
 * tests know of it. The HRESULTs are given by value, as the documentation has
 * them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_TEST_H
#define CLRMEM_TEST_H

#define COBJMACROS
#define CONST_VTABLE
#include "clrmem.h"
#include "wine/test.h"

#ifndef HOST_E_INVALIDOPERATION
#define HOST_E_INVALIDOPERATION ((HRESULT)0x80131022)
#endif
#ifndef HOST_E_CLRNOTAVAILABLE
#define HOST_E_CLRNOTAVAILABLE ((HRESULT)0x80131023)
#endif

#define PAGE        ((SIZE_T)0x1000)
#define GRANULE     ((SIZE_T)0x10000)
#define KEEP_ERROR  0xdeadbeef /* the last error before a call; success leaves it alone */
#define MAX_ADDRESS ((SIZE_T)-1)

#define ok_hr(hr, expected) ok_hr_(__FILE__, __LINE__, hr, expected)
#define ok_error(expected)  ok_error_(__FILE__, __LINE__, expected)

void ok_hr_(const char *file, int line, HRESULT hr, HRESULT expected);
void ok_error_(const char *file, int line, DWORD expected);

/* The DLL's exports. */
struct clrmem_exports
{
    HMODULE module;
    ClrMemCreateHostControlFn create_host_control;
    ClrMemFormatStatisticsFn format_statistics;
    HRESULT(WINAPI *can_unload_now)(void);
    HRESULT(WINAPI *get_class_object)(REFCLSID, REFIID, void **);
    HRESULT(WINAPI *register_server)(void);
    HRESULT(WINAPI *unregister_server)(void);
};
extern struct clrmem_exports clrmem;

/* Loads the DLL by name. FALSE, and a failed test, if that or an export is missing. */
BOOL load_clrmem(void);

/* New objects with one reference; the program ends if none can be created. */
IHostControl *create_control(void);
IHostMemoryManager *create_manager(void);
IHostMalloc *create_malloc(IHostMemoryManager *manager, DWORD type);

/* The reference count, by AddRef and Release. */
ULONG get_ref(void *object);

/* Reserves and commits, read-write. */
BYTE *commit_region(IHostMemoryManager *manager, SIZE_T size);

CLRMEM_STATISTICS get_statistics(IHostMemoryManager *manager);

/* A copy of VirtualQuery's description, and of the first page's bytes if they can be read. */
struct snapshot
{
    void *address;
    MEMORY_BASIC_INFORMATION info;
    BOOL readable;
    BYTE bytes[0x1000];
};
void take_snapshot(struct snapshot *snapshot, void *address);

#define check_unchanged(snapshot) check_unchanged_(__FILE__, __LINE__, snapshot)
void check_unchanged_(const char *file, int line, const struct snapshot *snapshot);

/* Fails unless the address is free, by Win32's VirtualQuery. */
#define check_free(address) check_free_(__FILE__, __LINE__, address)
void check_free_(const char *file, int line, const void *address);

void fill_pattern(BYTE *memory, SIZE_T size, BYTE seed);
BOOL is_pattern(const BYTE *memory, SIZE_T size, BYTE seed);
BOOL is_zero(const BYTE *memory, SIZE_T size);

#endif
