/*
 * Heaps as their callers see them. hostmem_heap_create, which needs a manager, is in hostmem.h.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_HOSTMEM_HEAP_H
#define CLRMEM_HOSTMEM_HOSTMEM_HEAP_H

#include "hostmem/account/limits.h"

struct hostmem_heap;

#define HOSTMEM_HEAP_THREADSAFE UINT32_C(1) /* MALLOC_THREADSAFE; heaps here always are */
#define HOSTMEM_HEAP_EXECUTABLE UINT32_C(2) /* MALLOC_EXECUTABLE: blocks may be executed */

/* Releases all memory of the heap, live blocks too. No other thread uses the heap. */
void hostmem_heap_destroy(struct hostmem_heap *heap);

/* A block of at least `size` bytes (0: a distinct block too), aligned to 16 bytes; contents undefined.
 * HOSTMEM_NO_MEMORY, HOSTMEM_LIMIT, HOSTMEM_HEAP_LIMIT (after the wait that is set), HOSTMEM_ABANDONED,
 * HOSTMEM_INVALID_PARAMETER for an unknown level; *out NULL. */
enum hostmem_result hostmem_heap_alloc(struct hostmem_heap *heap, size_t size, enum hostmem_critical_level level,
                                       void **out);

/* The same, counted as DebugAlloc. The allocation site (file and line) is kept with the block until it is freed. `file`
 * is copied, and may be NULL. HOSTMEM_NO_MEMORY also where there is no memory to keep the site. */
enum hostmem_result hostmem_heap_debug_alloc(struct hostmem_heap *heap, size_t size, enum hostmem_critical_level level,
                                             const char *file, int line, void **out);

/* Frees a block of this heap; NULL is HOSTMEM_OK. An address that is not the start of a live block of this heap
 * (foreign, interior, freed already, another heap's) is always HOSTMEM_NOT_OWNED and is not touched. */
enum hostmem_result hostmem_heap_free(struct hostmem_heap *heap, void *block);

/* The same for a caller whose free also gets memory of other allocators. False: the address is in no heap of the manager,
 * and nothing was done or counted. True: *result is the result of hostmem_heap_free. */
bool hostmem_heap_free_owned(struct hostmem_heap *heap, void *block, enum hostmem_result *result);

/* Whether a live block of this heap begins at `block`; *size: its bytes, as the heap rounded them up. Any address, no
 * lock. */
bool hostmem_heap_find_block(struct hostmem_heap *heap, const void *block, size_t *size);

/* As hostmem_manager_set_limits, for the charge of this heap. */
enum hostmem_result hostmem_heap_set_limits(struct hostmem_heap *heap, const struct hostmem_limits *limits);
void hostmem_heap_get_limits(struct hostmem_heap *heap, struct hostmem_limits *limits);

struct hostmem_block_info
{
    struct hostmem_heap *heap;
    void *address;
    size_t size; /* bytes, as the heap rounded it up */
    enum hostmem_critical_level level;
    const char *file; /* of DebugAlloc, else NULL; valid while the manager lives */
    int line;
};

/* Calls `visit` for every live block of the heap until it returns false. Blocks that appear or disappear meanwhile may be
 * missed. No thread destroys the heap meanwhile. No lock is held during a visit. */
void hostmem_heap_each_block(struct hostmem_heap *heap,
                             bool (*visit)(void *arg, const struct hostmem_block_info *block), void *arg);

#endif
