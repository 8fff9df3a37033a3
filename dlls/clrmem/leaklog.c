/*
 * What is live when a heap or a manager ends, through the debug channel: for whoever asked for it by the option, so
 * whatever WINEDEBUG says.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "management.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

#define MOST_LINES 100

struct leak_log
{
    ULONGLONG count, bytes;
};

static const char *const level_names[] = {
    [HOSTMEM_TASK_CRITICAL] = "task-critical",
    [HOSTMEM_APPDOMAIN_CRITICAL] = "AppDomain-critical",
    [HOSTMEM_PROCESS_CRITICAL] = "process-critical",
};

/* Whether there is to be a line for one more. */
static bool count_leak(struct leak_log *log, size_t size)
{
    log->bytes += size;
    return log->count++ < MOST_LINES;
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

static void log_sum(const char *what, const void *object, const struct leak_log *log)
{
    ULONGLONG more = log->count > MOST_LINES ? log->count - MOST_LINES : 0;

    if (log->count)
        MESSAGE("clrmem: %s %p ends; still live: %I64u, %I64u bytes; not listed: %I64u\n", what, object, log->count,
                log->bytes, more);
}

void clrmem_log_heap_leaks(struct host_malloc *host_malloc)
{
    struct leak_log log = {0};

    if (!clrmem_options_value(&host_malloc->manager->options, OPTION_LEAKS)) return;
    if (FAILED(clrmem_each_block(host_malloc->manager, host_malloc->heap, log_block, &log)))
        MESSAGE("clrmem: there is no memory to list the leaks of heap %p\n", &host_malloc->IHostMalloc_iface);
    log_sum("heap", &host_malloc->IHostMalloc_iface, &log);
}

void clrmem_log_region_leaks(struct memory_manager *manager)
{
    struct leak_log log = {0};

    if (!clrmem_options_value(&manager->options, OPTION_LEAKS)) return;
    hostmem_manager_each_region(manager->core, log_region, &log);
    log_sum("manager", &manager->IHostMemoryManager_iface, &log);
}
