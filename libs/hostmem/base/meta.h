/*
 * Records of varying size: a pool per power of two, and whole pages beyond.
 * Every record begins with a struct hm_pool_link. Lock-free.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_META_H
#define CLRMEM_HOSTMEM_META_H

#include "hostmem/base/pool.h"

#define META_MIN_BITS 6  /* smallest record: 64 bytes */
#define META_MAX_BITS 15 /* largest pooled record: 32 KiB */
#define META_POOLS    (META_MAX_BITS - META_MIN_BITS + 1)
#define META_POOLED   ((size_t)1 << META_MAX_BITS) /* above this, pages of their own, zeroed */

struct hm_meta
{
    const struct hostmem_backend *backend;
    struct hm_pool pools[META_POOLS];
};

/* pre: the memory is zeroed */
void hm_meta_init(struct hm_meta *meta, const struct hostmem_backend *backend);
/* Records above META_POOLED must have been put back. */
void hm_meta_destroy(struct hm_meta *meta);

/* A record of at least `size` bytes, contents undefined up to META_POOLED, zeroed above. NULL: no memory. */
void *hm_meta_get(struct hm_meta *meta, size_t size);
/* pre: `size` is what the record was asked for with */
void hm_meta_put(struct hm_meta *meta, void *record, size_t size);

#endif
