/*
 * What is live: IClrMemManager's enumerations, and the list of leaks when a heap or a manager ends.
 *
 * Blocks are copied before any is reported: a callback may free blocks, release heaps, or take as long as it likes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

#define FIRST_ROOM      256 /* blocks */
#define MOST_LEAK_LINES 100 /* of a heap or a manager */

/* The layouts are public: the same for both architectures. */
C_ASSERT(sizeof(CLRMEM_REGION) == 40);
C_ASSERT(sizeof(CLRMEM_BLOCK) == 48);
C_ASSERT(FIELD_OFFSET(CLRMEM_BLOCK, lLine) == 40);

typedef bool visit_block(void *arg, const struct hostmem_block_info *block);

/* --- a copy of the live blocks ------------------------------------------------------------------------------------- */

struct block_list
{
    struct hostmem_block_info *blocks;
    SIZE_T count, room;
    bool complete;
};

static bool grow(struct block_list *list)
{
    SIZE_T room = list->room ? 2 * list->room : FIRST_ROOM;
    struct hostmem_block_info *blocks;

    if (room > MAXLONG / sizeof(*blocks)) return false;
    blocks = list->blocks ? HeapReAlloc(GetProcessHeap(), 0, list->blocks, room * sizeof(*blocks))
                          : HeapAlloc(GetProcessHeap(), 0, room * sizeof(*blocks));
    if (!blocks) return false;
    list->blocks = blocks;
    list->room = room;
    return true;
}

static bool add(void *arg, const struct hostmem_block_info *block)
{
    struct block_list *list = arg;

    list->complete = list->count < list->room || grow(list);
    if (list->complete) list->blocks[list->count++] = *block;
    return list->complete;
}

static void collect(struct memory_manager *manager, struct hostmem_heap *heap, struct block_list *list)
{
    AcquireSRWLockShared(&manager->heaps_lock);
    if (heap)
        hostmem_heap_each_block(heap, add, list);
    else
        hostmem_manager_each_block(manager->core, add, list);
    ReleaseSRWLockShared(&manager->heaps_lock);
}

/* Calls visit for every live block of a heap, NULL for all of the manager's, until it returns false. Unlike the core's
 * own walk it visits with no lock held, and heaps may end meanwhile. S_OK, E_OUTOFMEMORY. */
static HRESULT each_block(struct memory_manager *manager, struct hostmem_heap *heap, visit_block *visit, void *arg)
{
    struct block_list list = {.complete = true};
    SIZE_T i;

    collect(manager, heap, &list);
    for (i = 0; list.complete && i < list.count && visit(arg, &list.blocks[i]);) i++;
    if (list.blocks) HeapFree(GetProcessHeap(), 0, list.blocks);
    return clrmem_result(list.complete ? HOSTMEM_OK : HOSTMEM_NO_MEMORY);
}

/* --- the methods --------------------------------------------------------------------------------------------------- */

struct region_callback
{
    CLRMEM_REGION_PROC proc;
    void *context;
};

struct block_callback
{
    CLRMEM_BLOCK_PROC proc;
    void *context;
};

static bool report_region(void *arg, const struct hostmem_region_info *info)
{
    struct region_callback *callback = arg;
    CLRMEM_REGION region = {
        .cbSize = sizeof(region),
        .dwCriticalLevel = info->level,
        .ullBase = (ULONG_PTR)info->base,
        .ullSize = info->size,
        .ullCommitted = info->committed,
        .dwLockedFor = info->locked_for,
    };

    return callback->proc(&region, callback->context);
}

static bool report_block(void *arg, const struct hostmem_block_info *info)
{
    struct block_callback *callback = arg;
    CLRMEM_BLOCK block = {
        .cbSize = sizeof(block),
        .dwCriticalLevel = info->level,
        .ullAddress = (ULONG_PTR)info->address,
        .ullSize = info->size,
        .ullHeap = (ULONG_PTR)info->heap,
        .ullFile = (ULONG_PTR)info->file,
        .lLine = info->line,
    };

    return callback->proc(&block, callback->context);
}

HRESULT clrmem_enum_blocks(struct memory_manager *manager, struct hostmem_heap *heap, CLRMEM_BLOCK_PROC proc,
                           void *context)
{
    struct block_callback callback = {proc, context};

    return proc ? each_block(manager, heap, report_block, &callback) : E_POINTER;
}

/***********************************************************************
 *              IClrMemManager::EnumRegions
 *
 * In: a callback for each live region, called until it returns FALSE. S_OK,
 * E_POINTER. Any thread, no lock.
 */
HRESULT WINAPI clr_mem_manager_EnumRegions(IClrMemManager *iface, CLRMEM_REGION_PROC proc, void *context)
{
    struct region_callback callback = {proc, context};
    HRESULT hr = S_OK;

    TRACE("iface %p, proc %p, context %p\n", iface, proc, context);

    if (proc)
        hostmem_manager_each_region(impl_from_IClrMemManager(iface)->core, report_region, &callback);
    else
        hr = E_POINTER;
    TRACE("returning %#lx\n", hr);
    return hr;
}

/***********************************************************************
 *              IClrMemManager::EnumBlocks
 *
 * In: a callback for each live block of every heap, called with no lock held
 * until it returns FALSE. S_OK, E_POINTER, E_OUTOFMEMORY. Any thread.
 */
HRESULT WINAPI clr_mem_manager_EnumBlocks(IClrMemManager *iface, CLRMEM_BLOCK_PROC proc, void *context)
{
    HRESULT hr;

    TRACE("iface %p, proc %p, context %p\n", iface, proc, context);

    hr = clrmem_enum_blocks(impl_from_IClrMemManager(iface), NULL, proc, context);
    TRACE("returning %#lx\n", hr);
    return hr;
}

/* --- the list of leaks, which the option `leaks` asks for: printed whatever WINEDEBUG says --------------------------- */

struct leak_log
{
    ULONGLONG count, bytes;
};

static const char *const level_names[] = {
    [HOSTMEM_TASK_CRITICAL] = "task-critical",
    [HOSTMEM_APPDOMAIN_CRITICAL] = "AppDomain-critical",
    [HOSTMEM_PROCESS_CRITICAL] = "process-critical",
};

/* Whether this one is listed. */
static bool count_leak(struct leak_log *log, size_t size)
{
    log->bytes += size;
    return log->count++ < MOST_LEAK_LINES;
}

static bool log_region(void *arg, const struct hostmem_region_info *region)
{
    if (count_leak(arg, region->size))
        MESSAGE("clrmem: leak: region %p, %Iu bytes, %Iu committed, %s\n", region->base, (SIZE_T)region->size,
                (SIZE_T)region->committed, level_names[region->level]);
    return true;
}

static bool log_block(void *arg, const struct hostmem_block_info *block)
{
    if (!count_leak(arg, block->size)) return true;
    if (block->file)
        MESSAGE("clrmem: leak: block %p, %Iu bytes, %s, %.300s:%d\n", block->address, (SIZE_T)block->size,
                level_names[block->level], block->file, block->line);
    else
        MESSAGE("clrmem: leak: block %p, %Iu bytes, %s\n", block->address, (SIZE_T)block->size,
                level_names[block->level]);
    return true;
}

static void log_total(const char *what, const void *object, const struct leak_log *log)
{
    ULONGLONG more = log->count > MOST_LEAK_LINES ? log->count - MOST_LEAK_LINES : 0;

    if (log->count)
        MESSAGE("clrmem: %s %p ends; still live: %I64u, %I64u bytes; not listed: %I64u\n", what, object, log->count,
                log->bytes, more);
}

void clrmem_log_heap_leaks(struct host_malloc *host_malloc)
{
    struct leak_log log = {0};

    if (!clrmem_settings_value(host_malloc->manager, CLRMEM_OPTION_LEAKS)) return;
    if (FAILED(each_block(host_malloc->manager, host_malloc->heap, log_block, &log)))
        MESSAGE("clrmem: not enough memory to list the leaks of heap %p\n", &host_malloc->IHostMalloc_iface);
    log_total("heap", &host_malloc->IHostMalloc_iface, &log);
}

void clrmem_log_region_leaks(struct memory_manager *manager)
{
    struct leak_log log = {0};

    if (!clrmem_settings_value(manager, CLRMEM_OPTION_LEAKS)) return;
    hostmem_manager_each_region(manager->core, log_region, &log);
    log_total("manager", &manager->IHostMemoryManager_iface, &log);
}
