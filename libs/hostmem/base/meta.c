/*
 * Records by size class.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/base/meta.h"
#include "hostmem/base/memory.h"

void hm_meta_init(struct hm_meta *meta, const struct hostmem_backend *backend)
{
    meta->backend = backend;
    for (unsigned i = 0; i < META_POOLS; i++)
        hm_pool_init(&meta->pools[i], backend, (size_t)1 << (META_MIN_BITS + i));
}

void hm_meta_destroy(struct hm_meta *meta)
{
    for (unsigned i = 0; i < META_POOLS; i++) hm_pool_destroy(&meta->pools[i]);
}

/* pre: size <= META_POOLED */
static struct hm_pool *meta_pool(struct hm_meta *meta, size_t size)
{
    if (size <= (size_t)1 << META_MIN_BITS) return &meta->pools[0];
    return &meta->pools[bits_highest((uint32_t)size - 1) + 1 - META_MIN_BITS];
}

void *hm_meta_get(struct hm_meta *meta, size_t size)
{
    if (size > META_POOLED) return memory_get(meta->backend, size);
    return hm_pool_get(meta_pool(meta, size));
}

void hm_meta_put(struct hm_meta *meta, void *record, size_t size)
{
    if (size > META_POOLED)
        memory_put(meta->backend, record);
    else
        hm_pool_put(meta_pool(meta, size), record);
}
