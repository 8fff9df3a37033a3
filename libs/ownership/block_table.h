/*
 * A lock-free hash table from a block's address to its size.
 *
 * The table is one list, sorted by hash, with a directory of entry points into it (a split-ordered list). Growing adds
 * entry points and moves nothing, so a thread may be suspended anywhere without delaying another. Nodes come from an
 * array that stays mapped; each change of a node's link changes a tag in it, which detects a node that was reused.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_OWNERSHIP_BLOCK_TABLE_H
#define CLRMEM_OWNERSHIP_BLOCK_TABLE_H

#include "hostmem/base/atomics.h"
#include "hostmem/base/backend.h"

#define BLOCK_ALIGNMENT sizeof(void *) /* bytes; an address that is not a multiple is never in the table */

#define FIRST_BUCKET_BITS 8 /* log2 of the entry points in the table's own structure */
#define MOST_BUCKET_BITS  25
#define NODE_CHUNKS       16

struct block_node;

struct block_table
{
    const struct hostmem_backend *backend;
    _Atomic uint32_t bucket_bits;                              /* log2 of the buckets in use */
    _Atomic uint32_t first_buckets[1u << FIRST_BUCKET_BITS];   /* node index of the entry point; 0: not made yet */
    _Atomic(_Atomic uint32_t *) buckets[MOST_BUCKET_BITS + 1]; /* [b]: those that the table of 2^b buckets adds */
    _Atomic(struct block_node *) chunks[NODE_CHUNKS];          /* each twice the size of the previous one */
    _Atomic uint32_t steps;                                    /* committed parts of the chunks */
    _Atomic uint32_t used;                                     /* nodes ever handed out */
    _Atomic uint64_t free;                                     /* tag << 32 | index of the first free node, 0: none */
    _Atomic size_t bytes;                                      /* committed by the table */
};

struct block_entry
{
    size_t size; /* bytes, any number */
    bool mark;   /* a bit of the caller's */
};

/* pre: the memory is zeroed. HOSTMEM_NO_MEMORY: destroy it all the same. */
enum hostmem_result block_table_init(struct block_table *table, const struct hostmem_backend *backend);
void block_table_destroy(struct block_table *table);

/* HOSTMEM_INVALID_ADDRESS: the block is in the table already; HOSTMEM_NO_MEMORY. pre: the address is aligned */
enum hostmem_result block_table_add(struct block_table *table, uintptr_t block, struct block_entry entry);
bool block_table_find(struct block_table *table, uintptr_t block, struct block_entry *entry);
/* Removes the block; true for exactly one of several callers. */
bool block_table_take(struct block_table *table, uintptr_t block, struct block_entry *entry);

#endif
