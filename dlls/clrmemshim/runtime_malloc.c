/*
 * libmono's malloc family, served by the host's IHostMalloc.
 *
 * IHostMalloc neither resizes nor tells a block's size, so the record holds it. Blocks
 * that are not in the record came from before the switch, or from another module
 * (strdup and its like in the C runtime), and go back to where they came from.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "shim.h"

#include <errno.h>
#include <string.h>

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

/* Where the caller's C runtime, which is not ours, keeps errno. */
static void out_of_memory(void)
{
    if (shim_originals.errno_location) *shim_originals.errno_location() = ENOMEM;
}

/* What callers of malloc may rely on, and libmono does; IHostMalloc promises nothing of the kind. */
#define MALLOC_ALIGNMENT (2 * sizeof(void *))

static LONG misaligns; /* 1 once the host gave a block that is aligned to less */

static void *call_alloc(const struct shim_host *host, size_t size)
{
    void *block = NULL;
    HRESULT hr = IHostMalloc_Alloc(host->heap, size, eProcessCritical, &block);

    if (hr == S_OK && block) return block;
    WARN("%Iu bytes: %#lx\n", size, hr);
    return NULL;
}

static void call_free(const struct shim_host *host, void *block)
{
    HRESULT hr = IHostMalloc_Free(host->heap, block);

    if (hr != S_OK) WARN("%p: %#lx\n", block, hr);
}

/* An aligned block within a bigger one of the host's, and how far it is shifted. */
static void *alloc_shifted(const struct shim_host *host, size_t size)
{
    char *block, *aligned;

    if (size > SIZE_MAX - MALLOC_ALIGNMENT || !(block = call_alloc(host, size + MALLOC_ALIGNMENT))) return NULL;
    aligned = (char *)(((ULONG_PTR)block + MALLOC_ALIGNMENT) & ~(ULONG_PTR)(MALLOC_ALIGNMENT - 1));
    if (ownership_add_block(shim_moved(), aligned, aligned - block) == HOSTMEM_OK) return aligned;
    call_free(host, block);
    return NULL;
}

static void *alloc_aligned(const struct shim_host *host, size_t size)
{
    void *block;

    if (misaligns) return alloc_shifted(host, size);
    if (!(block = call_alloc(host, size)) || !((ULONG_PTR)block % MALLOC_ALIGNMENT)) return block;
    call_free(host, block);
    InterlockedExchange(&misaligns, 1);
    return alloc_shifted(host, size);
}

static void host_free(const struct shim_host *host, void *block)
{
    size_t shift;

    if (misaligns && ownership_take_block(shim_moved(), block, &shift)) block = (char *)block - shift;
    call_free(host, block);
}

static void *host_alloc(const struct shim_host *host, size_t size)
{
    static LONG reported;
    /* malloc(0) gives a block; a host may take a request for nothing for a mistake. */
    void *block = alloc_aligned(host, size ? size : 1);

    if (block)
    {
        if (ownership_add_block(shim_owned(), block, size) == HOSTMEM_OK) return block;
        ERR("block %p of %Iu bytes could not be recorded\n", block, size);
        shim_error_once(&reported, "there is no memory to record the host's blocks: given back");
        host_free(host, block);
    }
    out_of_memory();
    return NULL;
}

void *__cdecl shim_malloc(size_t size)
{
    const struct shim_host *host = shim_host();

    return host ? host_alloc(host, size) : shim_originals.malloc(size);
}

void *__cdecl shim_calloc(size_t count, size_t size)
{
    const struct shim_host *host = shim_host();
    void *block;

    if (!host) return shim_originals.calloc(count, size);
    if (size && count > SIZE_MAX / size)
    {
        out_of_memory();
        return NULL;
    }
    if ((block = host_alloc(host, count * size))) memset(block, 0, count * size);
    return block;
}

void __cdecl shim_free(void *block)
{
    const struct shim_host *host = shim_host();

    if (host && (!block || ownership_take_block(shim_owned(), block, NULL)))
        host_free(host, block);
    else
        shim_originals.free(block);
}

void *__cdecl shim_realloc(void *block, size_t size)
{
    const struct shim_host *host = shim_host();
    size_t old_size;
    void *copy;

    if (!block) return shim_malloc(size);
    if (!host || !ownership_find_block(shim_owned(), block, &old_size)) return shim_originals.realloc(block, size);
    if (!size)
    {
        shim_free(block);
        return NULL;
    }
    if (!(copy = host_alloc(host, size))) return NULL;
    memcpy(copy, block, old_size < size ? old_size : size);
    shim_free(block);
    return copy;
}
