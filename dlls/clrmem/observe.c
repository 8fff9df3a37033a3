/*
 * IClrMemManager: what is live, one callback each.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "management.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

/* The layouts are public: the same for both architectures. */
C_ASSERT(sizeof(CLRMEM_REGION) == 40);
C_ASSERT(sizeof(CLRMEM_BLOCK) == 48);
C_ASSERT(FIELD_OFFSET(CLRMEM_BLOCK, lLine) == 40);
C_ASSERT(sizeof(CLRMEM_LEAK) == 48);
C_ASSERT(FIELD_OFFSET(CLRMEM_LEAK, ullFile) == 40);

struct region_listener
{
    CLRMEM_REGION_PROC proc;
    void *context;
};

struct block_listener
{
    CLRMEM_BLOCK_PROC proc;
    void *context;
};

struct leak_listener
{
    CLRMEM_LEAK_PROC proc;
    void *context;
    bool stopped;
};

static bool tell_region(void *arg, const struct hostmem_region_info *info)
{
    struct region_listener *listener = arg;
    CLRMEM_REGION region = {
        .cbSize = sizeof(region),
        .dwCriticalLevel = info->level,
        .ullBase = (ULONG_PTR)info->base,
        .ullSize = info->size,
        .ullCommitted = info->committed,
        .dwLockedFor = info->locked_for,
    };

    return listener->proc(&region, listener->context);
}

static bool tell_block(void *arg, const struct hostmem_block_info *info)
{
    struct block_listener *listener = arg;
    CLRMEM_BLOCK block = {
        .cbSize = sizeof(block),
        .dwCriticalLevel = info->level,
        .ullAddress = (ULONG_PTR)info->address,
        .ullSize = info->size,
        .ullHeap = (ULONG_PTR)info->heap,
        .ullFile = (ULONG_PTR)info->file,
        .lLine = info->line,
    };

    return listener->proc(&block, listener->context);
}

static bool tell_leak(struct leak_listener *listener, const CLRMEM_LEAK *leak)
{
    listener->stopped = !listener->proc(leak, listener->context);
    return !listener->stopped;
}

static bool tell_region_leak(void *arg, const struct hostmem_region_info *info)
{
    CLRMEM_LEAK leak = {
        .cbSize = sizeof(leak),
        .dwKind = CLRMEM_LEAK_REGION,
        .dwCriticalLevel = info->level,
        .ullAddress = (ULONG_PTR)info->base,
        .ullSize = info->size,
        .ullCommitted = info->committed,
    };

    return tell_leak(arg, &leak);
}

static bool tell_block_leak(void *arg, const struct hostmem_block_info *info)
{
    CLRMEM_LEAK leak = {
        .cbSize = sizeof(leak),
        .dwKind = CLRMEM_LEAK_BLOCK,
        .dwCriticalLevel = info->level,
        .lLine = info->line,
        .ullAddress = (ULONG_PTR)info->address,
        .ullSize = info->size,
        .ullCommitted = info->size,
        .ullFile = (ULONG_PTR)info->file,
    };

    return tell_leak(arg, &leak);
}

HRESULT clrmem_tell_blocks(struct memory_manager *manager, struct hostmem_heap *heap, CLRMEM_BLOCK_PROC proc,
                           void *context)
{
    struct block_listener listener = {proc, context};

    return proc ? clrmem_each_block(manager, heap, tell_block, &listener) : E_POINTER;
}

/***********************************************************************
 *              IClrMemManager::EnumRegions
 *
 * In: what is called for each live region until it returns FALSE. S_OK,
 * E_POINTER. Any thread, no lock.
 */
HRESULT WINAPI clr_mem_manager_EnumRegions(IClrMemManager *iface, CLRMEM_REGION_PROC proc, void *context)
{
    struct region_listener listener = {proc, context};
    HRESULT hr = S_OK;

    TRACE("iface %p, proc %p, context %p\n", iface, proc, context);

    if (proc)
        hostmem_manager_each_region(impl_from_IClrMemManager(iface)->core, tell_region, &listener);
    else
        hr = E_POINTER;
    TRACE("returning %#lx\n", hr);
    return hr;
}

/***********************************************************************
 *              IClrMemManager::EnumBlocks
 *
 * In: what is called for each live block of every heap until it returns
 * FALSE; no lock is held then. S_OK, E_POINTER, E_OUTOFMEMORY. Any thread.
 */
HRESULT WINAPI clr_mem_manager_EnumBlocks(IClrMemManager *iface, CLRMEM_BLOCK_PROC proc, void *context)
{
    HRESULT hr;

    TRACE("iface %p, proc %p, context %p\n", iface, proc, context);

    hr = clrmem_tell_blocks(impl_from_IClrMemManager(iface), NULL, proc, context);
    TRACE("returning %#lx\n", hr);
    return hr;
}

/***********************************************************************
 *              IClrMemManager::EnumLeaks
 *
 * In: what is called for each live region, then for each live block, until it
 * returns FALSE; no lock is held then. S_OK, E_POINTER, E_OUTOFMEMORY. Any
 * thread.
 */
HRESULT WINAPI clr_mem_manager_EnumLeaks(IClrMemManager *iface, CLRMEM_LEAK_PROC proc, void *context)
{
    struct memory_manager *manager = impl_from_IClrMemManager(iface);
    struct leak_listener listener = {proc, context, false};
    HRESULT hr = E_POINTER;

    TRACE("iface %p, proc %p, context %p\n", iface, proc, context);

    if (proc)
    {
        hr = S_OK;
        hostmem_manager_each_region(manager->core, tell_region_leak, &listener);
        if (!listener.stopped) hr = clrmem_each_block(manager, NULL, tell_block_leak, &listener);
    }
    TRACE("returning %#lx\n", hr);
    return hr;
}
