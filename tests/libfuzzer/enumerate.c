/*
 * Enumerations: every region and every block of the model, once.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

#include <string.h>

static unsigned shown;
static uint64_t shown_bytes;

static bool is_region(void *arg, const struct hostmem_region_info *info)
{
    const struct model_region *region = region_of(info->base);

    (void)arg;
    REQUIRE(region && region->base == info->base && region->size == info->size, "a region at %p", info->base);
    REQUIRE(region->committed == info->committed && region->level == info->level, "the region at %p", info->base);
    REQUIRE(region->locked_for == info->locked_for, "%p is locked for %u", info->base, info->locked_for);
    shown++;
    return true;
}

static void regions_are_shown(void)
{
    shown = 0;
    hostmem_manager_each_region(manager, is_region, NULL);
    REQUIRE(shown == region_count, "%u regions", shown);
}

static bool is_block(void *arg, const struct hostmem_block_info *info)
{
    const struct model_block *block = blocks;

    while (block < blocks + block_count && block->address != info->address) block++;
    REQUIRE(block < blocks + block_count, "a block at %p", info->address);
    REQUIRE(heaps[block->heap] == info->heap && (!arg || info->heap == arg), "the block at %p", info->address);
    REQUIRE(info->size >= block->size && info->level == block->level, "the block at %p", info->address);
    REQUIRE(info->line == block->line && !info->file == !block->file, "the block at %p", info->address);
    if (info->file) REQUIRE(!strcmp(info->file, block->file), "the block at %p", info->address);
    shown++;
    shown_bytes += info->size;
    return true;
}

static void blocks_are_shown(void)
{
    struct hostmem_statistics now;

    shown = 0;
    shown_bytes = 0;
    hostmem_manager_each_block(manager, is_block, NULL);
    hostmem_manager_statistics(manager, &now);
    REQUIRE(shown == block_count && shown_bytes == now.heap_live, "%u blocks", shown);
    shown = 0;
    for (unsigned i = 0; i < MAX_HEAPS; i++)
        if (heaps[i]) hostmem_heap_each_block(heaps[i], is_block, heaps[i]);
    REQUIRE(shown == block_count, "%u blocks of heaps", shown);
}

void do_enumerate(void)
{
    trace("each_region, each_block");
    regions_are_shown();
    blocks_are_shown();
}
