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

static void *host_alloc(const struct shim_host *host, size_t size)
{
    static LONG complained;
    void *block = NULL;
    HRESULT hr;

    /* malloc(0) gives a block; a host may take a request for nothing for a mistake. */
    hr = IHostMalloc_Alloc(host->heap, size ? size : 1, eProcessCritical, &block);
    if (hr == S_OK && block)
    {
        if (hostmem_ledger_add_block(shim_ledger(), block, size) == HOSTMEM_OK) return block;
        ERR("block %p of %Iu bytes could not be recorded\n", block, size);
        shim_complain_once(&complained, "the host gave a block that is not aligned to a pointer, or there is no memory"
                                        " to record it: given back");
        IHostMalloc_Free(host->heap, block);
    }
    WARN("%Iu bytes: %#lx\n", size, hr);
    out_of_memory();
    return NULL;
}

static void host_free(const struct shim_host *host, void *block)
{
    HRESULT hr = IHostMalloc_Free(host->heap, block);

    if (hr != S_OK) WARN("%p: %#lx\n", block, hr);
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

    if (host && (!block || hostmem_ledger_take_block(shim_ledger(), block, NULL)))
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
    if (!host || !hostmem_ledger_find_block(shim_ledger(), block, &old_size))
        return shim_originals.realloc(block, size);
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
