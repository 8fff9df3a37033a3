/*
 * Heaps and their blocks. The contents of a block must stay as written.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

#include <string.h>

#define FILLED 64 /* bytes checked at either end of a block */

struct hostmem_heap *heaps[MAX_HEAPS];
struct model_block blocks[MAX_BLOCKS];
unsigned block_count;
static unsigned char last_fill;

static size_t filled(const struct model_block *block)
{
    return block->size < FILLED ? block->size : FILLED;
}

static void block_fill(struct model_block *block)
{
    block->fill = ++last_fill;
    memset(block->address, block->fill, filled(block));
    memset(block->address + block->size - filled(block), block->fill, filled(block));
}

static void block_check(const struct model_block *block)
{
    for (size_t i = 0; i < filled(block); i++)
        REQUIRE(block->address[i] == block->fill && block->address[block->size - 1 - i] == block->fill,
                "block %p of %zu bytes has changed", (void *)block->address, block->size);
}

static void block_remove(unsigned i)
{
    blocks[i] = blocks[--block_count];
}

static void block_add(const struct model_block *made)
{
    struct model_block *block = &blocks[block_count++];
    unsigned char *address = made->address;
    size_t size = made->size;

    REQUIRE((uintptr_t)address % 16 == 0, "block %p", (void *)address);
    for (unsigned i = 0; i + 1 < block_count; i++)
        REQUIRE(address + size <= blocks[i].address || blocks[i].address + blocks[i].size <= address,
                "block %p of %zu bytes shares memory with %p", (void *)address, size, (void *)blocks[i].address);
    REQUIRE(!region_of(address), "block %p lies in a region", (void *)address);
    *block = *made;
    block_fill(block);
}

void do_heap_create(void)
{
    unsigned i = take_below(MAX_HEAPS);
    uint32_t flags = take_byte() % 20;
    enum hostmem_result expected = flags > 3 ? HOSTMEM_INVALID_PARAMETER : HOSTMEM_OK, result;
    struct hostmem_heap *heap = (void *)&i;

    if (heaps[i]) return;
    if (flags >= 8) expected = HOSTMEM_OK, flags = 0; /* mostly */
    if (stopped) expected = HOSTMEM_UNAVAILABLE;
    trace("heap_create(%u): heap %u", flags, i);
    call_begin();
    result = hostmem_heap_create(manager, flags, &heap);
    if (call_ended(HOSTMEM_METHOD_CREATE_MALLOC, result, expected))
        heaps[i] = heap;
    else
        REQUIRE(!heap, "a heap at %p", (void *)heap);
}

void do_heap_destroy(void)
{
    unsigned i = take_below(MAX_HEAPS);

    if (!heaps[i] || take_byte() < 100) return;
    trace("heap_destroy(heap %u)", i);
    for (unsigned k = block_count; k-- > 0;)
    {
        if (blocks[k].heap != i) continue;
        block_check(&blocks[k]);
        block_remove(k);
    }
    call_begin();
    hostmem_heap_destroy(heaps[i]);
    call_ended(HOSTMEM_METHOD_COUNT, HOSTMEM_OK, HOSTMEM_OK);
    heaps[i] = NULL;
}

static size_t some_block_size(void)
{
    uint32_t kind = take_byte();

    switch (kind % 8)
    {
    case 0:
        return kind / 8;
    case 1:
        return SIZE_MAX - kind;
    case 2:
    case 3:
        return take_number() * 16;
    case 4:
        return take_number() * 64;
    default:
        return take_number() % 2048;
    }
}

/* The results that a limit or a lack of address space allow. */
static enum hostmem_result expect_alloc(size_t size, enum hostmem_critical_level level, enum hostmem_result result)
{
    if (stopped) return HOSTMEM_UNAVAILABLE;
    if ((unsigned)level >= HOSTMEM_CRITICAL_LEVEL_COUNT) return HOSTMEM_INVALID_PARAMETER;
    if (size > ARENA_LARGEST) return HOSTMEM_NO_MEMORY;
    if (limits_are_set() && (result == HOSTMEM_LIMIT || result == HOSTMEM_HEAP_LIMIT || result == HOSTMEM_ABANDONED))
        return result;
    return HOSTMEM_OK;
}

void do_heap_alloc(void)
{
    static const char *const files[] = {"gc.c", "loader.c", "a much longer name of a file, with a path.cpp", NULL};
    struct model_block made = {.heap = take_below(MAX_HEAPS)};
    struct hostmem_heap *heap = heaps[made.heap];
    uint32_t debug = take_byte();
    enum hostmem_result result;
    void *block = &made;

    made.size = some_block_size();
    made.level = some_level();
    if (!heap || block_count == MAX_BLOCKS) return;
    trace("%s(heap %u, %#zx, %u)", debug >= 128 ? "debug_alloc" : "alloc", made.heap, made.size, made.level);
    call_begin();
    if (debug >= 128)
    {
        made.file = files[debug % 4];
        made.line = (int)(debug / 4 % 8);
        result = hostmem_heap_debug_alloc(heap, made.size, made.level, made.file, made.line, &block);
    }
    else
        result = hostmem_heap_alloc(heap, made.size, made.level, &block);
    if (call_ended(debug >= 128 ? HOSTMEM_METHOD_DEBUG_ALLOC : HOSTMEM_METHOD_ALLOC, result,
                   expect_alloc(made.size, made.level, result)))
    {
        made.address = block;
        block_add(&made);
    }
    else
        REQUIRE(!block, "gave %p", block);
}

/* A live block most of the time, else another address. */
static void *some_block(unsigned *number)
{
    uint32_t kind = take_byte();

    *number = MAX_BLOCKS;
    if (!block_count || kind < 16) return some_address();
    *number = take_below(block_count);
    if (kind >= 48) return blocks[*number].address;
    kind = take_number();
    return blocks[*number].address + (kind & 1 ? kind : kind * 16);
}

void do_heap_free(void)
{
    unsigned i = take_below(MAX_HEAPS), number;
    unsigned char *block = some_block(&number);
    enum hostmem_result expected, result;

    if (number < MAX_BLOCKS && take_byte() < 230) i = blocks[number].heap;
    if (!heaps[i]) return;
    for (number = 0; number < block_count; number++)
        if (blocks[number].address == block && blocks[number].heap == i) break;
    if (number < block_count) block_check(&blocks[number]);
    expected = !block || number < block_count ? HOSTMEM_OK : HOSTMEM_NOT_OWNED;
    if (stopped) expected = HOSTMEM_UNAVAILABLE;
    trace("free(heap %u, %p)", i, (void *)block);
    call_begin();
    result = hostmem_heap_free(heaps[i], block);
    if ((call_ended(HOSTMEM_METHOD_FREE, result, expected) && block) || result == HOSTMEM_BROKEN) block_remove(number);
}

/* The model does not know whether the heaps have memory to return. */
void do_trim(void)
{
    bool reclaim = take_byte() & 1;
    struct hostmem_statistics before, after;
    size_t decommitted = 0, released = 0;
    enum hostmem_result expected, result;

    hostmem_manager_statistics(manager, &before);
    trace(reclaim ? "reclaim" : "trim");
    call_begin();
    if (reclaim)
        result = hostmem_manager_reclaim(manager, &decommitted, &released);
    else
        result = hostmem_manager_trim(manager);
    hostmem_manager_statistics(manager, &after);
    expected = reclaim || after.heap_committed < before.heap_committed || after.heap_reserved < before.heap_reserved
                   ? HOSTMEM_OK
                   : HOSTMEM_NO_MEMORY;
    if (stopped) expected = HOSTMEM_UNAVAILABLE;
    call_ended(reclaim ? HOSTMEM_METHOD_COUNT : HOSTMEM_METHOD_NEEDS_ADDRESS_SPACE, result, expected);
    if (!reclaim) return;
    REQUIRE(before.heap_committed - after.heap_committed == decommitted, "%#zx decommitted", decommitted);
    REQUIRE(before.heap_reserved - after.heap_reserved == released, "%#zx released", released);
}
