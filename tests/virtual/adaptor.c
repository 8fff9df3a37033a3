/*
 * The manager of this process, asked and counted.
 *
 * CLRMEM_ROUTE_SABOTAGE in the environment: queries tell of a page less than there is, to see that this is found.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "adaptor.h"

#ifndef HOST_E_INVALIDOPERATION
#define HOST_E_INVALIDOPERATION ((HRESULT)0x80131022)
#endif

static struct
{
    IHostMemoryManager *manager;
    BOOL sabotage;
    LONG asked[ADAPTOR_CALLS];    /* calls that the manager was asked */
    LONG passed[ADAPTOR_CALLS];   /* of these, what it refused as foreign, and Windows was asked */
    LONG unserved[ADAPTOR_CALLS]; /* calls that it was not asked */
    LONG disowned;                /* refusals, as foreign, of what it had given */
    LONG contradictory;           /* refusals with a last error that is not the result's */
} adaptor;

static void print_counts(const char *what, const LONG *counts)
{
    printf("route: %ld calls %s: %ld alloc, %ld free, %ld query, %ld protect\n",
           counts[ADAPTOR_ALLOC] + counts[ADAPTOR_FREE] + counts[ADAPTOR_QUERY] + counts[ADAPTOR_PROTECT], what,
           counts[ADAPTOR_ALLOC], counts[ADAPTOR_FREE], counts[ADAPTOR_QUERY], counts[ADAPTOR_PROTECT]);
}

static void print_report(void)
{
    LONG answered[ADAPTOR_CALLS];
    unsigned int i;

    for (i = 0; i < ADAPTOR_CALLS; i++) answered[i] = adaptor.asked[i] - adaptor.passed[i];
    print_counts("answered by the manager", answered);
    print_counts("passed to Windows, as foreign", adaptor.passed);
    print_counts("not for the manager", adaptor.unserved);
    printf("route: %ld calls disowned\n", adaptor.disowned);
    printf("route: %ld calls refused with one error as the result, another as the last error\n", adaptor.contradictory);
    fflush(stdout);
}

/* The first call makes the manager get what it works with. */
static void warm_up(void)
{
    void *memory;

    if (IHostMemoryManager_VirtualAlloc(adaptor.manager, NULL, 1, MEM_RESERVE, PAGE_NOACCESS, eTaskCritical, &memory) ==
        S_OK)
        IHostMemoryManager_VirtualFree(adaptor.manager, memory, 0, MEM_RELEASE);
}

/* Before main, so that no test finds anything change under it. The plain programs do the same, so that what is where in
 * memory, which some tests can tell, is the same in both. */
static void __attribute__((constructor)) adaptor_create(void)
{
    HMODULE module = LoadLibraryA("clrmem.dll");
    FARPROC function = module ? GetProcAddress(module, "ClrMemCreateHostControl") : NULL;
    ClrMemCreateHostControlFn create;

    memcpy(&create, &function, sizeof(create));
    if (!create || create(&IID_IHostMemoryManager, (void **)&adaptor.manager) != S_OK)
    {
        printf("route: no manager, error %lu\n", GetLastError());
        ExitProcess(1);
    }
    adaptor.sabotage = !!getenv("CLRMEM_ROUTE_SABOTAGE");
    warm_up();
    atexit(print_report);
}

void adaptor_unserved(enum adaptor_call call)
{
    InterlockedIncrement(&adaptor.unserved[call]);
}

BOOL adaptor_serves(enum adaptor_call call, HANDLE process)
{
    if (process == GetCurrentProcess()) return TRUE;
    adaptor_unserved(call);
    return FALSE;
}

/* A Win32 error as the result is the last error, too. */
static HRESULT checked(HRESULT hr)
{
    if (hr != E_OUTOFMEMORY && HRESULT_FACILITY(hr) == FACILITY_WIN32 && (DWORD)HRESULT_CODE(hr) != GetLastError())
        InterlockedIncrement(&adaptor.contradictory);
    return hr;
}

static BOOL is_passed(enum adaptor_call call, HRESULT hr, const void *address)
{
    if (hr != HOST_E_INVALIDOPERATION) return FALSE;
    if (!given_contains(address))
    {
        InterlockedIncrement(&adaptor.passed[call]);
        return TRUE;
    }
    InterlockedIncrement(&adaptor.disowned);
    return FALSE;
}

HRESULT adaptor_alloc(void *address, SIZE_T size, DWORD type, DWORD protect, void **out, BOOL *passed)
{
    HRESULT hr;

    InterlockedIncrement(&adaptor.asked[ADAPTOR_ALLOC]);
    hr = IHostMemoryManager_VirtualAlloc(adaptor.manager, address, size, type, protect, eTaskCritical, out);
    if (hr == S_OK && (!address || (type & MEM_RESERVE)))
        given_add(*out,
                  page_span(address ? address : *out, size) + (page_down(address ? address : *out) - (char *)*out));
    *passed = is_passed(ADAPTOR_ALLOC, hr, address);
    return checked(hr);
}

HRESULT adaptor_free(void *address, SIZE_T size, DWORD type, SIZE_T *released, BOOL *passed)
{
    HRESULT hr;

    InterlockedIncrement(&adaptor.asked[ADAPTOR_FREE]);
    hr = IHostMemoryManager_VirtualFree(adaptor.manager, address, size, type);
    *released = hr == S_OK && type == MEM_RELEASE ? given_remove(page_down(address)) : 0;
    *passed = is_passed(ADAPTOR_FREE, hr, address);
    return checked(hr);
}

HRESULT adaptor_query(const void *address, void *buffer, SIZE_T length, SIZE_T *returned)
{
    HRESULT hr;

    InterlockedIncrement(&adaptor.asked[ADAPTOR_QUERY]);
    hr = IHostMemoryManager_VirtualQuery(adaptor.manager, (void *)address, buffer, length, returned);
    if (hr == S_OK && adaptor.sabotage) ((MEMORY_BASIC_INFORMATION *)buffer)->RegionSize -= PAGE_MASK + 1;
    return checked(hr);
}

HRESULT adaptor_protect(void *address, SIZE_T size, DWORD new_protect, DWORD *old_protect)
{
    InterlockedIncrement(&adaptor.asked[ADAPTOR_PROTECT]);
    return checked(IHostMemoryManager_VirtualProtect(adaptor.manager, address, size, new_protect, old_protect));
}
