/*
 * The shim's own record of what came from the host, as a host's manager need not check.
 *
 * The tables stand in memory of the process's own, got from ntdll: what the shim
 * needs must never pass through the manager that it guards.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "shim.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

static struct ownership_map *owned;
static struct ownership_map *moved;

static enum hostmem_result table_reserve(void *context, void **address, size_t size, uint32_t type, uint32_t protect)
{
    SIZE_T length = size;
    void *base = *address;

    (void)context;
    if (NtAllocateVirtualMemory(GetCurrentProcess(), &base, 0, &length, type, protect)) return HOSTMEM_NO_MEMORY;
    *address = base;
    return HOSTMEM_OK;
}

static enum hostmem_result table_commit(void *context, void *address, size_t size, uint32_t protect)
{
    SIZE_T length = size;

    (void)context;
    if (NtAllocateVirtualMemory(GetCurrentProcess(), &address, 0, &length, MEM_COMMIT, protect))
        return HOSTMEM_NO_MEMORY;
    return HOSTMEM_OK;
}

static enum hostmem_result table_free(void *address, size_t size, DWORD type)
{
    SIZE_T length = size;

    if (NtFreeVirtualMemory(GetCurrentProcess(), &address, &length, type)) return HOSTMEM_INVALID_ADDRESS;
    return HOSTMEM_OK;
}

static enum hostmem_result table_decommit(void *context, void *address, size_t size)
{
    (void)context;
    return table_free(address, size, MEM_DECOMMIT);
}

static enum hostmem_result table_release(void *context, void *base)
{
    (void)context;
    return table_free(base, 0, MEM_RELEASE);
}

static uintptr_t table_thread_hint(void *context)
{
    (void)context;
    return GetCurrentThreadId();
}

static void table_yield(void *context)
{
    (void)context;
    NtYieldExecution();
}

static const struct hostmem_backend table_backend = {
    .reserve = table_reserve,
    .commit = table_commit,
    .decommit = table_decommit,
    .release = table_release,
    .thread_hint = table_thread_hint,
    .yield = table_yield,
};

bool shim_host_memory_init(void)
{
    enum hostmem_result result = ownership_create(&table_backend, &owned);

    if (result == HOSTMEM_OK) result = ownership_create(&table_backend, &moved);
    if (result != HOSTMEM_OK) ERR("no memory for the record of the host's memory\n");
    return result == HOSTMEM_OK;
}

struct ownership_map *shim_owned(void)
{
    return owned;
}

struct ownership_map *shim_moved(void)
{
    return moved;
}
