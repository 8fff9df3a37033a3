/*
 * The split-ordered list and its nodes.
 *
 * The list is Harris' and Michael's: the taker sets a mark in the node's own link, and any thread that meets a marked
 * node unlinks it. The thread whose exchange unlinks a node puts it on the free list.
 *
 * Fields of a node are read first and the link that led to the node second: if that link is unchanged, the node was in
 * the list all the time, and the fields were its own.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "ownership/block_table.h"
#include "hostmem/base/memory.h"

#define BUCKET_LOAD 4    /* blocks for each bucket before the directory doubles */
#define STEP_NODES  2048 /* nodes of chunk 0; chunks are committed in steps of so many */

/* A link: tag << 33 | mark << 32 | index of the next node; index 0 ends the list, as node 0 begins it. */
#define LINK_MARK (UINT64_C(1) << 32)
#define LINK_TAG  (UINT64_C(1) << 33)

#define HASH_BITS (sizeof(uintptr_t) * 8)
#if UINTPTR_MAX > UINT32_MAX
#define HASH_FACTOR UINT64_C(0x9e3779b97f4a7c15) /* 2^64 over the golden ratio, odd */
#else
#define HASH_FACTOR UINT32_C(0x9e3779b9)
#endif
#define HASH_BLOCK ((uintptr_t)1) /* of a block; entry points have 0 there */
#define HASH_ENTRY ((uintptr_t)2) /* the entry's mark, which does not count in comparisons */

struct block_node
{
    _Atomic uint64_t link;
    _Atomic uintptr_t hash;
    _Atomic size_t size;
};

/* A place in the list: `next` follows the link `before`, which was `link`. */
struct position
{
    _Atomic uint64_t *before;
    uint64_t link, next_link;
    struct block_node *next; /* NULL at the end */
    uintptr_t hash;          /* of next */
    size_t size;
};

/* Different for different blocks: the factor is odd, and an aligned address has two bits to spare. */
static uintptr_t hash_block(uintptr_t block)
{
    return (block / BLOCK_ALIGNMENT * HASH_FACTOR) << 2 | HASH_BLOCK;
}

/* --- nodes ------------------------------------------------------------------- */

/* Chunk k holds STEP_NODES << k nodes, in 1 << k steps, and begins with step (1 << k) - 1. */
static unsigned chunk_of_step(uint32_t step, uint32_t *within)
{
    unsigned k = bits_highest(step + 1);

    *within = step + 1 - (UINT32_C(1) << k);
    return k;
}

static struct block_node *node_at(struct block_table *table, uint32_t index)
{
    uint32_t step;
    unsigned k = chunk_of_step(index / STEP_NODES, &step);

    return load_acquire(&table->chunks[k]) + (size_t)step * STEP_NODES + index % STEP_NODES;
}

static bool reserve_chunk(struct block_table *table, unsigned k)
{
    const struct hostmem_backend *backend = table->backend;
    struct block_node *none = NULL;
    void *chunk = NULL;

    if (k >= NODE_CHUNKS) return false;
    if (load_acquire(&table->chunks[k])) return true;
    if (backend->reserve(backend->context, &chunk, (STEP_NODES * sizeof(struct block_node)) << k, HOSTMEM_RESERVE,
                         HOSTMEM_PAGE_READWRITE) != HOSTMEM_OK)
        return false;
    if (!cas_strong(&table->chunks[k], &none, chunk)) memory_put(backend, chunk);
    return true;
}

/* Commits one more step; another thread may do the same at the same time. */
static bool commit_step(struct block_table *table, uint32_t step)
{
    const struct hostmem_backend *backend = table->backend;
    size_t bytes = STEP_NODES * sizeof(struct block_node);
    uint32_t within;
    unsigned k = chunk_of_step(step, &within);

    if (!reserve_chunk(table, k)) return false;
    if (backend->commit(backend->context, load_acquire(&table->chunks[k]) + (size_t)within * STEP_NODES, bytes,
                        HOSTMEM_PAGE_READWRITE) != HOSTMEM_OK)
        return false;
    if (cas_strong(&table->steps, &step, step + 1)) add_relaxed(&table->bytes, bytes);
    return true;
}

/* A node that was never used; 0: no memory. */
static uint32_t extend_nodes(struct block_table *table)
{
    uint32_t index = load_acquire(&table->used), bits;

    do
    {
        uint32_t step = index / STEP_NODES;
        if (step >= load_acquire(&table->steps) && !commit_step(table, step)) return 0;
    } while (!cas_weak(&table->used, &index, index + 1));
    bits = load_relaxed(&table->bucket_bits);
    /* Each bucket has a node of its own as well. */
    if (bits < MOST_BUCKET_BITS && index >> bits > BUCKET_LOAD) cas_strong(&table->bucket_bits, &bits, bits + 1);
    return index;
}

static uint32_t get_node(struct block_table *table)
{
    uint64_t head = load_acquire(&table->free), next;

    do
    {
        if (!(uint32_t)head) return extend_nodes(table);
        next = (head >> 32 << 32) + (UINT64_C(1) << 32);
        next |= (uint32_t)load_acquire(&node_at(table, (uint32_t)head)->link);
    } while (!cas_weak(&table->free, &head, next));
    return (uint32_t)head;
}

/* The link that replaces `old`: another next node, and the next tag. */
static uint64_t new_link(uint64_t old, uint64_t index_and_mark)
{
    return ((old & ~(LINK_TAG - 1)) + LINK_TAG) | index_and_mark;
}

static void put_node(struct block_table *table, uint32_t index)
{
    struct block_node *node = node_at(table, index);
    uint64_t link = load_relaxed(&node->link), head = load_acquire(&table->free);

    do store_release(&node->link, new_link(link, LINK_MARK | (uint32_t)head));
    while (!cas_weak(&table->free, &head, ((head >> 32 << 32) + (UINT64_C(1) << 32)) | index));
}

/* --- the list ----------------------------------------------------------------- */

/* Unlinks the marked node at the position; false if the link before it has changed. */
static bool unlink_marked(struct block_table *table, struct position *at)
{
    uint64_t link = new_link(at->link, (uint32_t)at->next_link);

    if (!cas_strong(at->before, &at->link, link)) return false;
    put_node(table, (uint32_t)at->link);
    at->link = link;
    return true;
}

/* Reads the node that follows; false if the link before it has changed meanwhile. */
static bool read_next(struct block_table *table, struct position *at)
{
    at->next = NULL;
    if (!(uint32_t)at->link) return true;
    at->next = node_at(table, (uint32_t)at->link);
    at->next_link = load_acquire(&at->next->link);
    at->hash = load_acquire(&at->next->hash);
    at->size = load_acquire(&at->next->size);
    return load_acquire(at->before) == at->link;
}

/* The first node from `start` on whose hash is not below `hash`; true if it is equal. `start` is an entry point. */
static bool search(struct block_table *table, uint32_t start, uintptr_t hash, struct position *at)
{
    for (;;)
    {
        at->before = &node_at(table, start)->link;
        at->link = load_acquire(at->before);
        while (read_next(table, at))
        {
            if (!at->next) return false;
            if (at->next_link & LINK_MARK)
            {
                if (!unlink_marked(table, at)) break;
                continue;
            }
            if ((at->hash | HASH_ENTRY) >= (hash | HASH_ENTRY)) return (at->hash | HASH_ENTRY) == (hash | HASH_ENTRY);
            at->before = &at->next->link;
            at->link = at->next_link;
        }
    }
}

/* Puts node `index` where its hash belongs. 0 if it is there; else the node of that hash, which was there before. */
static uint32_t insert(struct block_table *table, uint32_t start, uint32_t index)
{
    struct block_node *node = node_at(table, index);
    uint64_t old = load_relaxed(&node->link);
    struct position at;

    do
    {
        if (search(table, start, load_relaxed(&node->hash), &at)) return (uint32_t)at.link;
        store_release(&node->link, new_link(old, (uint32_t)at.link));
    } while (!cas_strong(at.before, &at.link, new_link(at.link, index)));
    return 0;
}

/* --- the directory -------------------------------------------------------------- */

/* Bucket `number` of 2^bits has the hashes whose highest bits are that number. Its entry point serves the first half of
 * the bucket, too, when the buckets double: only odd numbers need one of their own. */
struct bucket
{
    uint32_t number, bits;
};

static struct bucket bucket_of(uintptr_t hash, uint32_t bits)
{
    struct bucket bucket = {(uint32_t)(hash >> (HASH_BITS - bits)), bits};

    return bucket;
}

/* The smallest number of buckets in which it has the same entry point. */
static struct bucket simplest(struct bucket bucket)
{
    unsigned zeros = bucket.number ? bits_lowest(bucket.number) : bucket.bits;
    struct bucket simple = {bucket.number >> zeros, bucket.bits - zeros};

    return simple;
}

/* Where the directory has the entry point of an odd bucket; NULL where that part of it does not exist. */
static _Atomic uint32_t *bucket_slot(struct block_table *table, struct bucket bucket)
{
    uint32_t half = UINT32_C(1) << (bucket.bits - 1);
    _Atomic uint32_t *part;

    if (bucket.bits <= FIRST_BUCKET_BITS) return &table->first_buckets[half + bucket.number / 2];
    part = load_acquire(&table->buckets[bucket.bits]);
    return part ? &part[bucket.number / 2] : NULL;
}

static void add_directory(struct block_table *table, uint32_t bits)
{
    size_t bytes = sizeof(_Atomic uint32_t) << (bits - 1);
    _Atomic uint32_t *none = NULL, *part;

    if (bits <= FIRST_BUCKET_BITS || load_acquire(&table->buckets[bits])) return;
    if (!(part = memory_get(table->backend, bytes))) return;
    if (cas_strong(&table->buckets[bits], &none, part))
        add_relaxed(&table->bytes, page_up(bytes));
    else
        memory_put(table->backend, part);
}

/* The closest entry point at or before the bucket. */
static uint32_t entry_before(struct block_table *table, struct bucket bucket)
{
    for (bucket = simplest(bucket); bucket.bits; bucket.number--, bucket = simplest(bucket))
    {
        _Atomic uint32_t *slot = bucket_slot(table, bucket);
        uint32_t index = slot ? load_acquire(slot) : 0;
        if (index) return index;
    }
    return 0;
}

/* Makes the entry point of an odd bucket; where there is no memory for it, the one before serves. */
static uint32_t make_entry(struct block_table *table, struct bucket bucket, uint32_t before)
{
    uint32_t index, there;
    _Atomic uint32_t *slot;
    struct block_node *node;

    add_directory(table, bucket.bits);
    if (!(slot = bucket_slot(table, bucket)) || !(index = get_node(table))) return before;
    node = node_at(table, index);
    store_release(&node->hash, (uintptr_t)bucket.number << (HASH_BITS - bucket.bits));
    if ((there = insert(table, before, index)))
    {
        put_node(table, index);
        index = there;
    }
    store_release(slot, index);
    return index;
}

/* Where the search for a hash starts. */
static uint32_t entry_for(struct block_table *table, uintptr_t hash, bool make)
{
    struct bucket bucket = simplest(bucket_of(hash, load_relaxed(&table->bucket_bits)));
    _Atomic uint32_t *slot = bucket.bits ? bucket_slot(table, bucket) : NULL;
    uint32_t index = slot ? load_acquire(slot) : 0;

    if (index || !bucket.bits) return index;
    index = entry_before(table, bucket);
    return make ? make_entry(table, bucket, index) : index;
}

/* --- the table -------------------------------------------------------------------- */

enum hostmem_result block_table_init(struct block_table *table, const struct hostmem_backend *backend)
{
    table->backend = backend;
    store_relaxed(&table->bucket_bits, FIRST_BUCKET_BITS);
    if (!commit_step(table, 0)) return HOSTMEM_NO_MEMORY;
    store_relaxed(&table->used, 1); /* node 0: hash 0, where the list begins */
    return HOSTMEM_OK;
}

void block_table_destroy(struct block_table *table)
{
    for (unsigned i = 0; i < NODE_CHUNKS; i++) memory_put(table->backend, load_relaxed(&table->chunks[i]));
    for (unsigned i = 0; i <= MOST_BUCKET_BITS; i++)
        memory_put(table->backend, (void *)load_relaxed(&table->buckets[i]));
}

enum hostmem_result block_table_add(struct block_table *table, uintptr_t block, struct block_entry entry)
{
    uintptr_t hash = hash_block(block);
    uint32_t start = entry_for(table, hash, true), index = get_node(table);
    struct block_node *node;

    if (!index) return HOSTMEM_NO_MEMORY;
    node = node_at(table, index);
    store_release(&node->hash, entry.mark ? hash | HASH_ENTRY : hash);
    store_release(&node->size, entry.size);
    if (!insert(table, start, index)) return HOSTMEM_OK;
    put_node(table, index);
    return HOSTMEM_INVALID_ADDRESS;
}

static void read_entry(const struct position *at, struct block_entry *entry)
{
    entry->size = at->size;
    entry->mark = at->hash & HASH_ENTRY;
}

bool block_table_find(struct block_table *table, uintptr_t block, struct block_entry *entry)
{
    uintptr_t hash = hash_block(block);
    struct position at;

    if (!search(table, entry_for(table, hash, false), hash, &at)) return false;
    read_entry(&at, entry);
    return true;
}

bool block_table_take(struct block_table *table, uintptr_t block, struct block_entry *entry)
{
    uintptr_t hash = hash_block(block);
    uint32_t start = entry_for(table, hash, false);
    struct position at;

    do
        if (!search(table, start, hash, &at)) return false;
    while (!cas_strong(&at.next->link, &at.next_link, new_link(at.next_link, LINK_MARK | (uint32_t)at.next_link)));
    read_entry(&at, entry);
    /* The block is taken. If the node cannot be unlinked now, the next search does it. */
    unlink_marked(table, &at);
    return true;
}
