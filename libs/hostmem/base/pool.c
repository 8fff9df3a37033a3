/*
 * Records in chunks of doubling size, found by index; a tagged stack of free ones.
 *
 * Indices instead of pointers leave 32 bits of the stack's head for a tag that
 * changes with every operation, so that a thread that slept in the middle of a pop
 * notices.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/base/pool.h"
#include "hostmem/base/memory.h"

#define POOL_TAG (UINT64_C(1) << 32)

void hm_pool_init(struct hm_pool *pool, const struct hostmem_backend *backend, size_t record_size)
{
    pool->backend = backend;
    pool->stride = (record_size + CACHE_LINE - 1) & ~(size_t)(CACHE_LINE - 1);
    /* Chunk 0 fills one granule where it can: that is what a reservation takes anyway. */
    while ((pool->stride << (pool->first_bits + 1)) <= HOSTMEM_GRANULARITY) pool->first_bits++;
}

void hm_pool_destroy(struct hm_pool *pool)
{
    for (unsigned k = 0; k < POOL_CHUNKS; k++)
    {
        memory_put(pool->backend, load_relaxed(&pool->chunks[k]));
        store_relaxed(&pool->chunks[k], NULL);
    }
}

/* Which chunk holds a record, and where in it: chunk k begins at index ((1 << k) - 1) << first_bits. */
static unsigned pool_chunk_of(const struct hm_pool *pool, uint32_t index, uint32_t *offset)
{
    unsigned k = bits_highest((index >> pool->first_bits) + 1);

    *offset = index - (((UINT32_C(1) << k) - 1) << pool->first_bits);
    return k;
}

void *hm_pool_at(const struct hm_pool *pool, uint32_t index)
{
    uint32_t offset;
    unsigned k = pool_chunk_of(pool, index, &offset);

    return load_acquire(&((struct hm_pool *)pool)->chunks[k]) + (size_t)offset * pool->stride;
}

uint32_t hm_pool_count(const struct hm_pool *pool)
{
    return load_acquire(&((struct hm_pool *)pool)->used);
}

static bool pool_ensure_chunk(struct hm_pool *pool, unsigned k)
{
    unsigned char *found = NULL, *chunk;
    unsigned bits = pool->first_bits + k;

    if (k >= POOL_CHUNKS || bits >= 31 || pool->stride > (SIZE_MAX / 2) >> bits) return false;
    if (load_acquire(&pool->chunks[k])) return true;
    if (!(chunk = memory_get(pool->backend, pool->stride << bits))) return false;
    if (!cas_strong(&pool->chunks[k], &found, chunk)) memory_put(pool->backend, chunk);
    return true;
}

/* A record nobody had before. */
static void *pool_extend(struct hm_pool *pool)
{
    uint32_t index = load_acquire(&pool->used), offset;
    struct hm_pool_link *link;

    do
    {
        if (!pool_ensure_chunk(pool, pool_chunk_of(pool, index, &offset))) return NULL;
    } while (!cas_weak(&pool->used, &index, index + 1));
    link = hm_pool_at(pool, index);
    link->index = index;
    return link;
}

void *hm_pool_get(struct hm_pool *pool)
{
    uint64_t head = load_acquire(&pool->free), next;
    struct hm_pool_link *link;

    do
    {
        if (!(uint32_t)head) return pool_extend(pool);
        link = hm_pool_at(pool, (uint32_t)head - 1);
        next = ((head & ~(POOL_TAG - 1)) + POOL_TAG) | load_relaxed(&link->next);
    } while (!cas_weak(&pool->free, &head, next));
    return link;
}

void hm_pool_put(struct hm_pool *pool, void *record)
{
    struct hm_pool_link *link = record;
    uint64_t head = load_acquire(&pool->free), next;

    do
    {
        store_relaxed(&link->next, (uint32_t)head);
        next = ((head & ~(POOL_TAG - 1)) + POOL_TAG) | (link->index + 1);
    } while (!cas_weak(&pool->free, &head, next));
}
