/*
 * IHostMalloc and IClrMemHeap: a heap of a manager.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

C_ASSERT(HOSTMEM_HEAP_THREADSAFE == MALLOC_THREADSAFE);
C_ASSERT(HOSTMEM_HEAP_EXECUTABLE == MALLOC_EXECUTABLE);

static struct host_malloc *impl_from_IHostMalloc(IHostMalloc *iface)
{
    return CONTAINING_RECORD(iface, struct host_malloc, IHostMalloc_iface);
}

/* A NULL out parameter, which the core never sees. */
static HRESULT refuse_pointer(struct host_malloc *host_malloc, enum hostmem_method method)
{
    hostmem_manager_count(host_malloc->manager->core, method, HOSTMEM_INVALID_PARAMETER);
    return E_POINTER;
}

/***********************************************************************
 *              IHostMalloc::QueryInterface
 *
 * Out: the heap for IID_IUnknown, IID_IHostMalloc and IID_IClrMemHeap, else
 * NULL. S_OK, E_POINTER, E_INVALIDARG (no riid), E_NOINTERFACE. Any thread.
 */
static HRESULT WINAPI malloc_QueryInterface(IHostMalloc *iface, REFIID riid, void **out)
{
    const struct interface_entry entries[] = {
        {&IID_IUnknown, iface},
        {&IID_IHostMalloc, iface},
        {&IID_IClrMemHeap, &impl_from_IHostMalloc(iface)->IClrMemHeap_iface},
    };
    HRESULT hr;

    TRACE("iface %p, riid %s, out %p\n", iface, debugstr_guid(riid), out);

    hr = clrmem_query_interface(entries, ARRAYSIZE(entries), riid, out);
    TRACE("returning %#lx, *out %p\n", hr, out ? *out : NULL);
    return hr;
}

static ULONG WINAPI malloc_AddRef(IHostMalloc *iface)
{
    struct host_malloc *host_malloc = impl_from_IHostMalloc(iface);
    ULONG ref = InterlockedIncrement(&host_malloc->ref);

    TRACE("iface %p, ref %lu\n", iface, ref);
    return ref;
}

/* Releases the heap's memory, live blocks too. The lock keeps other threads from walking the manager's heaps. */
static void malloc_destroy(struct host_malloc *host_malloc)
{
    struct memory_manager *manager = host_malloc->manager;

    clrmem_log_heap_leaks(host_malloc);
    AcquireSRWLockExclusive(&manager->heaps_lock);
    hostmem_heap_destroy(host_malloc->heap);
    ReleaseSRWLockExclusive(&manager->heaps_lock);
    IHostMemoryManager_Release(&manager->IHostMemoryManager_iface);
    HeapFree(GetProcessHeap(), 0, host_malloc);
    clrmem_module_release();
}

static ULONG WINAPI malloc_Release(IHostMalloc *iface)
{
    struct host_malloc *host_malloc = impl_from_IHostMalloc(iface);
    ULONG ref = InterlockedDecrement(&host_malloc->ref);

    TRACE("iface %p, ref %lu\n", iface, ref);
    if (!ref) malloc_destroy(host_malloc);
    return ref;
}

/***********************************************************************
 *              IHostMalloc::Alloc
 *
 * In: bytes (0 gives a block too), and how bad a refusal would be. Out: a
 * block aligned to 16 bytes, or NULL. S_OK, E_POINTER, E_INVALIDARG for an
 * unknown level, E_OUTOFMEMORY (by a limit: last error
 * ERROR_COMMITMENT_LIMIT), HOST_E_ABANDONED, HOST_E_CLRNOTAVAILABLE, E_FAIL.
 * Any thread; at a limit it waits as SetWaits has it.
 */
static HRESULT WINAPI malloc_Alloc(IHostMalloc *iface, SIZE_T size, EMemoryCriticalLevel level, void **out)
{
    struct host_malloc *host_malloc = impl_from_IHostMalloc(iface);
    HRESULT hr;

    TRACE("iface %p, size %#Ix, level %d, out %p\n", iface, size, level, out);

    if (out)
    {
        *out = NULL;
        hr = clrmem_result(hostmem_heap_alloc(host_malloc->heap, size, (enum hostmem_critical_level)level, out));
    }
    else
        hr = refuse_pointer(host_malloc, HOSTMEM_METHOD_ALLOC);
    TRACE("returning %#lx, *out %p\n", hr, out ? *out : NULL);
    return hr;
}

/***********************************************************************
 *              IHostMalloc::DebugAlloc
 *
 * Alloc, with the allocation site in the caller's source; file may be NULL.
 */
static HRESULT WINAPI malloc_DebugAlloc(IHostMalloc *iface, SIZE_T size, EMemoryCriticalLevel level, char *file,
                                        int line, void **out)
{
    struct host_malloc *host_malloc = impl_from_IHostMalloc(iface);
    HRESULT hr;

    TRACE("iface %p, size %#Ix, level %d, file %s, line %d, out %p\n", iface, size, level, debugstr_a(file), line, out);

    if (out)
    {
        *out = NULL;
        hr = clrmem_result(
            hostmem_heap_debug_alloc(host_malloc->heap, size, (enum hostmem_critical_level)level, file, line, out));
    }
    else
        hr = refuse_pointer(host_malloc, HOSTMEM_METHOD_DEBUG_ALLOC);
    TRACE("returning %#lx, *out %p\n", hr, out ? *out : NULL);
    return hr;
}

/***********************************************************************
 *              IHostMalloc::Free
 *
 * In: a live block of this heap, or NULL, which is nothing to do. S_OK;
 * HOST_E_INVALIDOPERATION for anything else, which is not touched;
 * HOST_E_CLRNOTAVAILABLE, E_FAIL. Any thread.
 */
static HRESULT WINAPI malloc_Free(IHostMalloc *iface, void *block)
{
    struct host_malloc *host_malloc = impl_from_IHostMalloc(iface);
    HRESULT hr;

    TRACE("iface %p, block %p\n", iface, block);

    hr = clrmem_result(hostmem_heap_free(host_malloc->heap, block));
    TRACE("returning %#lx\n", hr);
    return hr;
}

static const IHostMallocVtbl malloc_vtbl = {
    malloc_QueryInterface, malloc_AddRef, malloc_Release, malloc_Alloc, malloc_DebugAlloc, malloc_Free,
};

/* --- IClrMemHeap ---------------------------------------------------------------------------------------------------- */

static struct host_malloc *impl_from_IClrMemHeap(IClrMemHeap *iface)
{
    return CONTAINING_RECORD(iface, struct host_malloc, IClrMemHeap_iface);
}

static HRESULT WINAPI clr_mem_heap_QueryInterface(IClrMemHeap *iface, REFIID riid, void **out)
{
    return IHostMalloc_QueryInterface(&impl_from_IClrMemHeap(iface)->IHostMalloc_iface, riid, out);
}

static ULONG WINAPI clr_mem_heap_AddRef(IClrMemHeap *iface)
{
    return IHostMalloc_AddRef(&impl_from_IClrMemHeap(iface)->IHostMalloc_iface);
}

static ULONG WINAPI clr_mem_heap_Release(IClrMemHeap *iface)
{
    return IHostMalloc_Release(&impl_from_IClrMemHeap(iface)->IHostMalloc_iface);
}

/***********************************************************************
 *              IClrMemHeap::SetLimits
 *
 * In: limits on the committed bytes of this heap. S_OK, E_POINTER;
 * E_INVALIDARG, and nothing changed, for a cbSize of no version, limits that
 * contradict each other, or of less than a page. Any thread, no lock.
 */
static HRESULT WINAPI clr_mem_heap_SetLimits(IClrMemHeap *iface, const CLRMEM_LIMITS *limits)
{
    struct hostmem_limits core;
    HRESULT hr;

    TRACE("iface %p, limits %p\n", iface, limits);

    hr = clrmem_limits_read(limits, &core);
    if (SUCCEEDED(hr)) hr = clrmem_result(hostmem_heap_set_limits(impl_from_IClrMemHeap(iface)->heap, &core));
    TRACE("returning %#lx\n", hr);
    return hr;
}

/***********************************************************************
 *              IClrMemHeap::GetLimits
 *
 * In: cbSize. Out: the limits in effect, on success only. S_OK, E_POINTER,
 * E_INVALIDARG for a cbSize of no version. Any thread, no lock.
 */
static HRESULT WINAPI clr_mem_heap_GetLimits(IClrMemHeap *iface, CLRMEM_LIMITS *limits)
{
    struct hostmem_limits core;
    HRESULT hr;

    TRACE("iface %p, limits %p\n", iface, limits);

    hostmem_heap_get_limits(impl_from_IClrMemHeap(iface)->heap, &core);
    hr = clrmem_limits_write(&core, limits);
    TRACE("returning %#lx, hard %#I64x, soft %#I64x\n", hr, core.hard, core.soft);
    return hr;
}

/***********************************************************************
 *              IClrMemHeap::EnumBlocks
 *
 * In: a callback for each live block of this heap, called with no lock held
 * until it returns FALSE. S_OK, E_POINTER, E_OUTOFMEMORY. Any thread.
 */
static HRESULT WINAPI clr_mem_heap_EnumBlocks(IClrMemHeap *iface, CLRMEM_BLOCK_PROC proc, void *context)
{
    struct host_malloc *host_malloc = impl_from_IClrMemHeap(iface);
    HRESULT hr;

    TRACE("iface %p, proc %p, context %p\n", iface, proc, context);

    hr = clrmem_enum_blocks(host_malloc->manager, host_malloc->heap, proc, context);
    TRACE("returning %#lx\n", hr);
    return hr;
}

/***********************************************************************
 *              IClrMemHeap::FindBlock
 *
 * In: any address. Out: bytes of the live block of this heap that begins there,
 * as the heap rounded them, else 0. S_OK, S_FALSE for none, E_POINTER. Any
 * thread, no lock.
 */
static HRESULT WINAPI clr_mem_heap_FindBlock(IClrMemHeap *iface, const void *block, SIZE_T *size)
{
    struct host_malloc *host_malloc = impl_from_IClrMemHeap(iface);
    HRESULT hr = E_POINTER;
    size_t bytes = 0;

    TRACE("iface %p, block %p, size %p\n", iface, block, size);

    if (size)
    {
        hr = hostmem_heap_find_block(host_malloc->heap, block, &bytes) ? S_OK : S_FALSE;
        *size = bytes;
    }
    TRACE("returning %#lx, %#Ix bytes\n", hr, (SIZE_T)bytes);
    return hr;
}

/***********************************************************************
 *              IClrMemHeap::FreeOwned
 *
 * IHostMalloc::Free, but S_FALSE, and nothing counted, for an address in no
 * heap of this manager.
 */
static HRESULT WINAPI clr_mem_heap_FreeOwned(IClrMemHeap *iface, void *block)
{
    struct host_malloc *host_malloc = impl_from_IClrMemHeap(iface);
    enum hostmem_result result;
    HRESULT hr = S_FALSE;

    TRACE("iface %p, block %p\n", iface, block);

    if (hostmem_heap_free_owned(host_malloc->heap, block, &result)) hr = clrmem_result(result);
    TRACE("returning %#lx\n", hr);
    return hr;
}

static const IClrMemHeapVtbl clr_mem_heap_vtbl = {
    clr_mem_heap_QueryInterface, clr_mem_heap_AddRef,     clr_mem_heap_Release,   clr_mem_heap_SetLimits,
    clr_mem_heap_GetLimits,      clr_mem_heap_EnumBlocks, clr_mem_heap_FindBlock, clr_mem_heap_FreeOwned,
};

/* --- creation ------------------------------------------------------------------------------------------------------- */

HRESULT host_malloc_create(struct memory_manager *manager, DWORD type, IHostMalloc **out)
{
    struct host_malloc *host_malloc;
    enum hostmem_result result;
    struct hostmem_heap *heap;

    *out = NULL;
    result = hostmem_heap_create(manager->core, type, &heap);
    if (result != HOSTMEM_OK) return clrmem_result(result);

    if (!(host_malloc = HeapAlloc(GetProcessHeap(), 0, sizeof(*host_malloc))))
    {
        hostmem_heap_destroy(heap);
        return clrmem_result(HOSTMEM_NO_MEMORY);
    }
    clrmem_settings_apply_heap(manager, heap);
    host_malloc->IHostMalloc_iface.lpVtbl = &malloc_vtbl;
    host_malloc->IClrMemHeap_iface.lpVtbl = &clr_mem_heap_vtbl;
    host_malloc->ref = 1;
    host_malloc->manager = manager;
    host_malloc->heap = heap;
    IHostMemoryManager_AddRef(&manager->IHostMemoryManager_iface);
    clrmem_module_addref();
    *out = &host_malloc->IHostMalloc_iface;
    return S_OK;
}
