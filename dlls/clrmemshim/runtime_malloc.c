/*
 * libmono's malloc family, passed to the host's IHostMalloc.
 *
 * Some blocks that libmono frees are not the host's: they are from before the host was in force, or another module
 * allocated them (strdup of the C runtime). They go back to the function that libmono imported. clrmem's own heap tells
 * which blocks are its own, and their sizes; for any other heap the shim's ownership map does.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "shim.h"

#include <errno.h>
#include <string.h>

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

/* The caller's C runtime is not the shim's, and has an errno of its own. */
static void out_of_memory(void)
{
    if (shim_originals.errno_location) *shim_originals.errno_location() = ENOMEM;
}

/* What callers of malloc may rely on, and libmono does; IHostMalloc does not promise it. */
#define MALLOC_ALIGNMENT (2 * sizeof(void *))
#define LARGEST_MOVE     (sizeof(size_t) + MALLOC_ALIGNMENT - 1) /* bytes */

static LONG misaligns; /* 1 once the host has returned a block with less alignment */

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

/* --- clrmem's own heap --------------------------------------------------------- */

static void count_block(LONG blocks)
{
    if (shim_reports) InterlockedExchangeAdd(&shim_counts.blocks, blocks);
}

static void *own_alloc(const struct shim_host *host, size_t size)
{
    void *block = call_alloc(host, size);

    if (block) count_block(1);
    return block;
}

static void own_free(const struct shim_host *host, void *block)
{
    HRESULT hr = IClrMemHeap_FreeOwned(host->own_heap, block);

    if (hr == S_FALSE)
        shim_originals.free(block);
    else if (hr != S_OK)
        WARN("%p: %#lx\n", block, hr);
    else if (block)
        count_block(-1);
}

/* --- a host's heap -------------------------------------------------------------- */

/* A larger block, and an aligned address in it. The distance between the two is stored in front of that address. */
static void *alloc_moved(const struct shim_host *host, size_t size)
{
    char *block, *aligned;

    if (size > SIZE_MAX - LARGEST_MOVE || !(block = call_alloc(host, size + LARGEST_MOVE))) return NULL;
    aligned = (char *)(((ULONG_PTR)block + LARGEST_MOVE) & ~(ULONG_PTR)(MALLOC_ALIGNMENT - 1));
    ((size_t *)aligned)[-1] = aligned - block;
    return aligned;
}

static void *alloc_aligned(const struct shim_host *host, size_t size, bool *moved)
{
    void *block;

    *moved = misaligns;
    if (*moved) return alloc_moved(host, size);
    if (!(block = call_alloc(host, size)) || !((ULONG_PTR)block % MALLOC_ALIGNMENT)) return block;
    call_free(host, block);
    InterlockedExchange(&misaligns, 1);
    *moved = true;
    return alloc_moved(host, size);
}

static void foreign_free(const struct shim_host *host, void *block, bool moved)
{
    call_free(host, moved ? (char *)block - ((size_t *)block)[-1] : block);
}

static void *foreign_alloc(const struct shim_host *host, size_t size)
{
    static LONG reported;
    struct ownership_block entry = {.size = size};
    void *block = alloc_aligned(host, size, &entry.moved);

    if (!block) return NULL;
    if (ownership_add_block(shim_ownership_map(), block, entry) == HOSTMEM_OK) return block;
    ERR("block %p of %Iu bytes could not be recorded\n", block, size);
    shim_error_once(&reported, "there is no memory to record the host's blocks: given back");
    foreign_free(host, block, entry.moved);
    return NULL;
}

/* --- both ------------------------------------------------------------------------- */

static void *host_alloc(const struct shim_host *host, size_t size)
{
    void *block;

    /* malloc(0) returns a block; a host may refuse a request for 0 bytes. */
    if (!size) size = 1;
    block = host->own ? own_alloc(host, size) : foreign_alloc(host, size);
    if (!block) out_of_memory();
    return block;
}

static void host_free(const struct shim_host *host, void *block)
{
    struct ownership_block entry = {.moved = false};

    if (host->own)
        own_free(host, block);
    else if (!block || ownership_take_block(shim_ownership_map(), block, &entry))
        foreign_free(host, block, entry.moved);
    else
        shim_originals.free(block);
}

/* The bytes of a live block of the host's; false if it is not the host's. */
static bool find_block(const struct shim_host *host, const void *block, size_t *size)
{
    struct ownership_block entry;
    SIZE_T bytes;

    if (host->own)
    {
        if (IClrMemHeap_FindBlock(host->own_heap, block, &bytes) != S_OK) return false;
        *size = bytes;
        return true;
    }
    if (!ownership_find_block(shim_ownership_map(), block, &entry)) return false;
    *size = entry.size;
    return true;
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

    if (host)
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
    if (!host || !find_block(host, block, &old_size)) return shim_originals.realloc(block, size);
    if (!size)
    {
        shim_free(block);
        return NULL;
    }
    /* In place, unless that would waste more than half of the block. */
    if (size <= old_size && size >= old_size / 2) return block;
    if (!(copy = host_alloc(host, size))) return NULL;
    memcpy(copy, block, old_size < size ? old_size : size);
    shim_free(block);
    return copy;
}
