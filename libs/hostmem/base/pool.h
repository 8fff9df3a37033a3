/*
 * Fixed-size records that never go away before their pool does.
 *
 * A record that was put back may still be looked at by a thread that found it
 * earlier (type-stable memory): such a reader sees an old or a recycled record,
 * never unmapped memory, and tells by a generation in the record. Lock-free.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_POOL_H
#define CLRMEM_HOSTMEM_POOL_H

#include "hostmem/base/atomics.h"
#include "hostmem/base/backend.h"

#define POOL_CHUNKS 28 /* each twice the one before it */

/* The first member of every record; the pool's, also while the record is in use. */
struct hm_pool_link
{
    _Atomic uint32_t next; /* free list: 1 + index of the next record, 0 ends */
    uint32_t index;        /* the record's own, fixed at its first use */
};

struct hm_pool
{
    const struct hostmem_backend *backend;
    size_t stride;                                /* bytes from record to record */
    unsigned first_bits;                          /* log2 of the records in chunk 0 */
    _Atomic uint32_t used;                        /* records ever handed out */
    _Atomic uint64_t free;                        /* tag << 32 | 1 + index of the first free record */
    _Atomic(unsigned char *) chunks[POOL_CHUNKS]; /* chunk k: 1 << (first_bits + k) records */
};

/* pre: the pool's memory is zeroed; 0 < record_size <= 128 KiB */
void hm_pool_init(struct hm_pool *pool, const struct hostmem_backend *backend, size_t record_size);
void hm_pool_destroy(struct hm_pool *pool);

/* A record: zeroed past its link when new, else as it was put back. NULL: no memory. */
void *hm_pool_get(struct hm_pool *pool);
void hm_pool_put(struct hm_pool *pool, void *record);

/* All records ever handed out, in use or not: indices 0 to count-1. */
uint32_t hm_pool_count(const struct hm_pool *pool);
void *hm_pool_at(const struct hm_pool *pool, uint32_t index);

#endif
