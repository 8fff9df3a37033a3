/*
 * The figures that a manager keeps, as its callers see them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_STATISTICS_H
#define CLRMEM_HOSTMEM_STATISTICS_H

#include "hostmem/base/backend.h"

/* The methods that statistics count: those of IHostMemoryManager and IHostMalloc, in their order. */
enum hostmem_method
{
    HOSTMEM_METHOD_CREATE_MALLOC,
    HOSTMEM_METHOD_VIRTUAL_ALLOC,
    HOSTMEM_METHOD_VIRTUAL_FREE,
    HOSTMEM_METHOD_VIRTUAL_QUERY,
    HOSTMEM_METHOD_VIRTUAL_PROTECT,
    HOSTMEM_METHOD_GET_MEMORY_LOAD,
    HOSTMEM_METHOD_REGISTER_CALLBACK,
    HOSTMEM_METHOD_NEEDS_ADDRESS_SPACE,
    HOSTMEM_METHOD_ACQUIRED_ADDRESS_SPACE,
    HOSTMEM_METHOD_RELEASED_ADDRESS_SPACE,
    HOSTMEM_METHOD_ALLOC,
    HOSTMEM_METHOD_DEBUG_ALLOC,
    HOSTMEM_METHOD_FREE,
    HOSTMEM_METHOD_COUNT
};

/* Why a request for memory was refused. */
enum hostmem_cause
{
    HOSTMEM_CAUSE_LIMIT,      /* the manager's limit, or the part of it that the critical level may use */
    HOSTMEM_CAUSE_HEAP_LIMIT, /* the heap's */
    HOSTMEM_CAUSE_SYSTEM,     /* no memory or address space, or no memory for the manager's own records */
    HOSTMEM_CAUSE_COUNT
};

/* The memory held by requests of one critical level. A region has the level of the request that reserved it. */
struct hostmem_level_statistics
{
    uint64_t reserved, peak_reserved;   /* bytes in regions */
    uint64_t committed, peak_committed; /* of these, bytes committed */
    uint64_t heap_live;                 /* bytes in live blocks (as rounded up by the heaps) */
    uint64_t heap_blocks;               /* live blocks, count */
};

/* Figures read while other threads go on: each is exact at some moment of the call, but not all at the same one. */
struct hostmem_statistics
{
    uint64_t calls[HOSTMEM_METHOD_COUNT];    /* calls that arrived */
    uint64_t failures[HOSTMEM_METHOD_COUNT]; /* of these, not HOSTMEM_OK */
    uint64_t refused_frees; /* VirtualFree and Free of memory that the manager does not own (HOSTMEM_NOT_OWNED) */
    uint64_t reserved, peak_reserved;             /* bytes in regions handed out by VirtualAlloc */
    uint64_t committed, peak_committed;           /* of these, bytes committed */
    uint64_t regions, peak_regions;               /* live regions, count */
    uint64_t heap_reserved;                       /* bytes of address space held by the heaps */
    uint64_t heap_committed, peak_heap_committed; /* of these, bytes committed */
    uint64_t heap_live;                           /* bytes in live blocks (as rounded up by the heaps) */
    uint64_t heap_blocks;                         /* live blocks, count */
    uint64_t heaps;                               /* live heaps, count */
    uint64_t mapped, peak_mapped;                 /* bytes in views that the runtime reported (size 0 counts 0) */
    uint64_t views;                               /* such views, count */
    uint64_t results[HOSTMEM_METHOD_COUNT][HOSTMEM_RESULT_COUNT]; /* calls by their result */
    uint64_t peak_heap_reserved;                                  /* bytes */
    uint64_t charged, peak_charged;                               /* bytes charged against the manager's limit */
    struct hostmem_level_statistics levels[HOSTMEM_CRITICAL_LEVEL_COUNT];
    uint64_t refusals[HOSTMEM_CAUSE_COUNT][HOSTMEM_CRITICAL_LEVEL_COUNT]; /* requests refused */
    uint64_t waits;          /* calls that waited, for memory or for a lock */
    uint64_t locked_regions; /* regions locked now, count */
};

#endif
