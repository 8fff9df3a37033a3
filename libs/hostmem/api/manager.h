/*
 * A manager: one part for each layer, in one allocation. Each part keeps pointers to the parts below it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_MANAGER_H
#define CLRMEM_HOSTMEM_MANAGER_H

#include "hostmem/api/hostmem.h"
#include "hostmem/api/view.h"
#include "hostmem/heap/heap.h"

struct hostmem_manager
{
    struct hostmem_backend backend; /* copied from the caller */
    struct hm_accounting accounting;
    struct hm_waiters waiters;
    struct hm_region_table regions;
    struct hm_heaps heaps;
    struct hm_views views;
};

static inline bool manager_serving(const struct hostmem_manager *manager)
{
    return accounting_serving(&manager->accounting);
}

/* The calling thread's counters. */
static inline struct hm_call_counts *manager_calls(struct hostmem_manager *manager)
{
    return &manager->accounting.calls[shard_index(&manager->backend)];
}

/* Counts a call; its result. */
static inline enum hostmem_result manager_count(struct hostmem_manager *manager, enum hostmem_method method,
                                                enum hostmem_result result)
{
    return hm_calls_count(manager_calls(manager), method, result);
}

#endif
