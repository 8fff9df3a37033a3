/*
 * Memory for the core's own records. A pool serves records of one size; sized pools serve records of any size, with a
 * pool for each power of two and whole pages above the largest.
 *
 * A record stays mapped until its pool is destroyed (type-stable memory). A thread that found a record earlier may
 * still read it after it was put back: the thread sees an old or a reused record, never unmapped memory, and detects
 * reuse by a generation in the record. Lock-free.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_RECORD_POOL_H
#define CLRMEM_HOSTMEM_RECORD_POOL_H

#include "hostmem/base/atomics.h"
#include "hostmem/base/backend.h"

#define POOL_CHUNKS         28                  /* each twice the size of the previous one */
#define POOL_LARGEST_RECORD ((size_t)128 << 10) /* bytes */

/* First member of every record. It belongs to the pool, also while the record is in use. */
struct hm_pool_link
{
    _Atomic uint32_t next; /* free list: 1 + index of the next record, 0 at the end */
    uint32_t index;        /* of this record; set at its first use */
};

struct hm_pool
{
    const struct hostmem_backend *backend;
    size_t stride;                                /* bytes from record to record */
    unsigned first_bits;                          /* log2 of the number of records in chunk 0 */
    _Atomic uint32_t used;                        /* records ever handed out */
    _Atomic uint64_t free;                        /* tag << 32 | 1 + index of the first free record */
    _Atomic(unsigned char *) chunks[POOL_CHUNKS]; /* chunk k holds 1 << (first_bits + k) records */
};

/* pre: the memory is zeroed; 0 < record_size <= POOL_LARGEST_RECORD */
void hm_pool_init(struct hm_pool *pool, const struct hostmem_backend *backend, size_t record_size);
void hm_pool_destroy(struct hm_pool *pool);

/* A record: zeroed past its link when new, else unchanged since it was put back. NULL: no memory. */
void *hm_pool_get(struct hm_pool *pool);
void hm_pool_put(struct hm_pool *pool, void *record);

/* Number of records ever handed out, in use or not; their indices are 0 to count-1. */
uint32_t hm_pool_count(const struct hm_pool *pool);
/* pre: index < hm_pool_count */
void *hm_pool_at(const struct hm_pool *pool, uint32_t index);
/* Bytes of memory that the pool has committed. */
size_t hm_pool_memory(const struct hm_pool *pool);

#define SIZED_POOL_MIN_BITS 6  /* smallest record: 64 bytes */
#define SIZED_POOL_MAX_BITS 15 /* largest pooled record: 32 KiB */
#define SIZED_POOL_COUNT    (SIZED_POOL_MAX_BITS - SIZED_POOL_MIN_BITS + 1)
#define SIZED_POOL_LARGEST  ((size_t)1 << SIZED_POOL_MAX_BITS) /* bytes; larger records get zeroed pages of their own */

struct hm_sized_pools
{
    const struct hostmem_backend *backend;
    struct hm_pool pools[SIZED_POOL_COUNT];
};

/* pre: the memory is zeroed */
void hm_sized_pools_init(struct hm_sized_pools *sized, const struct hostmem_backend *backend);
/* Records above SIZED_POOL_LARGEST must have been put back. */
void hm_sized_pools_destroy(struct hm_sized_pools *sized);

/* A record of at least `size` bytes, contents undefined up to SIZED_POOL_LARGEST, zeroed above. NULL: no memory. */
void *hm_sized_pools_get(struct hm_sized_pools *sized, size_t size);
/* `size` is the size that the record was requested with. */
void hm_sized_pools_put(struct hm_sized_pools *sized, void *record, size_t size);

#endif
