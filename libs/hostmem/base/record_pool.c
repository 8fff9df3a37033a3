/*
 * Pools: records in chunks of doubling size, found by index, and a tagged stack of the free ones.
 *
 * Indices instead of pointers leave 32 bits of the stack's head for a tag. The tag changes with every operation, so
 * that a thread suspended in the middle of a pop notices that the head was used meanwhile.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/base/record_pool.h"
#include "hostmem/base/memory.h"

#define POOL_TAG (UINT64_C(1) << 32)

void hm_pool_init(struct hm_pool *pool, const struct hostmem_backend *backend, size_t record_size)
{
    hm_assert(record_size && record_size <= POOL_LARGEST_RECORD);
    hm_assert(!pool->stride && !pool->first_bits && !hm_pool_count(pool));
    pool->backend = backend;
    pool->stride = (record_size + CACHE_LINE - 1) & ~(size_t)(CACHE_LINE - 1);
    /* Chunk 0 fills one granule where it can: a reservation takes that much anyway. */
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

/* The chunk of a record and its offset there: chunk k begins at index ((1 << k) - 1) << first_bits. */
static unsigned pool_chunk_of(const struct hm_pool *pool, uint32_t index, uint32_t *offset)
{
    unsigned k = bits_highest((index >> pool->first_bits) + 1);

    *offset = index - (((UINT32_C(1) << k) - 1) << pool->first_bits);
    return k;
}

/* Also for a record that is not counted yet. */
static void *pool_record(const struct hm_pool *pool, uint32_t index)
{
    uint32_t offset;
    unsigned k = pool_chunk_of(pool, index, &offset);

    return load_acquire(&((struct hm_pool *)pool)->chunks[k]) + (size_t)offset * pool->stride;
}

void *hm_pool_at(const struct hm_pool *pool, uint32_t index)
{
    hm_assert(index < hm_pool_count(pool));
    return pool_record(pool, index);
}

uint32_t hm_pool_count(const struct hm_pool *pool)
{
    return load_acquire(&((struct hm_pool *)pool)->used);
}

size_t hm_pool_memory(const struct hm_pool *pool)
{
    size_t bytes = 0;

    for (unsigned k = 0; k < POOL_CHUNKS; k++)
        if (load_relaxed(&((struct hm_pool *)pool)->chunks[k]))
            bytes += page_up(pool->stride << (pool->first_bits + k));
    return bytes;
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

/* A record that was never handed out before. */
static void *pool_extend(struct hm_pool *pool)
{
    uint32_t index = load_acquire(&pool->used), offset;
    struct hm_pool_link *link;

    do
    {
        if (!pool_ensure_chunk(pool, pool_chunk_of(pool, index, &offset))) return NULL;
    } while (!cas_weak(&pool->used, &index, index + 1));
    link = pool_record(pool, index);
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
        link = pool_record(pool, (uint32_t)head - 1);
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

void hm_sized_pools_init(struct hm_sized_pools *sized, const struct hostmem_backend *backend)
{
    sized->backend = backend;
    for (unsigned i = 0; i < SIZED_POOL_COUNT; i++)
        hm_pool_init(&sized->pools[i], backend, (size_t)1 << (SIZED_POOL_MIN_BITS + i));
}

void hm_sized_pools_destroy(struct hm_sized_pools *sized)
{
    for (unsigned i = 0; i < SIZED_POOL_COUNT; i++) hm_pool_destroy(&sized->pools[i]);
}

/* The pool for a size up to SIZED_POOL_LARGEST. */
static struct hm_pool *sized_pool(struct hm_sized_pools *sized, size_t size)
{
    hm_assert(size <= SIZED_POOL_LARGEST);
    if (size <= (size_t)1 << SIZED_POOL_MIN_BITS) return &sized->pools[0];
    return &sized->pools[bits_highest((uint32_t)size - 1) + 1 - SIZED_POOL_MIN_BITS];
}

void *hm_sized_pools_get(struct hm_sized_pools *sized, size_t size)
{
    if (size > SIZED_POOL_LARGEST) return memory_get(sized->backend, size);
    return hm_pool_get(sized_pool(sized, size));
}

void hm_sized_pools_put(struct hm_sized_pools *sized, void *record, size_t size)
{
    if (size > SIZED_POOL_LARGEST)
        memory_put(sized->backend, record);
    else
        hm_pool_put(sized_pool(sized, size), record);
}
