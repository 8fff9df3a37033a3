/*
 * The adaptor between Windows' virtual memory functions and clrmem's manager.
 *
 * The manager answers every call for this process that it has a method for. One answer is not Windows': what is not in
 * a region of this manager it refuses with HOST_E_INVALIDOPERATION, by design. A test may well commit in a mapped view
 * or free what NtAllocateVirtualMemoryEx gave. Such a call goes on to Windows, as a program would send it that has
 * memory from both, and is counted. So is the opposite, a refusal of what did come from the manager and was not
 * released: that the test gets as a failure, and Windows never.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_ADAPTOR_H
#define CLRMEM_ADAPTOR_H

#define COBJMACROS
#define ROUTE_IMPLEMENTATION
#include "route.h"
#include "clrmem.h"

enum adaptor_call
{
    ADAPTOR_ALLOC,
    ADAPTOR_FREE,
    ADAPTOR_QUERY,
    ADAPTOR_PROTECT,
    ADAPTOR_CALLS
};

/* Whether the handle means this process; a call for another one is counted, as the manager is not asked. Any thread. */
BOOL adaptor_serves(enum adaptor_call call, HANDLE process);

/* Counts a call that the manager has no method for. Any thread. */
void adaptor_unserved(enum adaptor_call call);

/*
 * The manager's methods. *passed: the manager refused, as the memory is foreign, and Windows is to be asked; of
 * VirtualFree, *released: the size in bytes of the region that was released, else 0. Any thread.
 */
HRESULT adaptor_alloc(void *address, SIZE_T size, DWORD type, DWORD protect, void **out, BOOL *passed);
HRESULT adaptor_free(void *address, SIZE_T size, DWORD type, SIZE_T *released, BOOL *passed);
HRESULT adaptor_query(const void *address, void *buffer, SIZE_T length, SIZE_T *returned);
HRESULT adaptor_protect(void *address, SIZE_T size, DWORD new_protect, DWORD *old_protect);

/* What the manager gave and did not get back yet: by its base and size in bytes. Any thread. */
void given_add(void *base, SIZE_T size);
SIZE_T given_remove(void *base); /* the size; 0 if the base is unknown */
BOOL given_contains(const void *address);

#define PAGE_MASK ((SIZE_T)0xfff)

static inline char *page_down(const void *address)
{
    return (char *)((SIZE_T)address & ~PAGE_MASK);
}

/* Bytes of the pages that [address, address + size) touches. */
static inline SIZE_T page_span(const void *address, SIZE_T size)
{
    return (((SIZE_T)address & PAGE_MASK) + size + PAGE_MASK) & ~PAGE_MASK;
}

#endif
