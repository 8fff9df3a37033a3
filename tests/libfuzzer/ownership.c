/*
 * An ownership map: regions of pages that may share
 * granules, and blocks at any multiple of a pointer's size.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

#include "ownership/ownership.h"

#include <string.h>

#define START  ((uintptr_t)0x400000000000 - 20 * PAGE) /* across an end of a leaf of the tables */
#define PAGES  64
#define BLOCKS 96

static struct ownership_map *map;
static size_t region_pages[PAGES]; /* by its first page; 0: none begins there */
static struct
{
    bool live;
    size_t size;
} owned_blocks[BLOCKS];

static void *page_at(size_t page)
{
    return (void *)(START + page * PAGE);
}

/* Blocks lie 8 bytes apart in three places. */
static void *block_at(size_t block)
{
    return (void *)(START + block % 3 * 5 * GRANULE + block / 3 * 8);
}

/* The first page of the region that the page lies in, or PAGES. */
static size_t first_page_of(size_t page)
{
    for (size_t first = 0; first <= page; first++)
        if (region_pages[first] > page - first) return first;
    return PAGES;
}

static void check_totals(void)
{
    uint64_t regions_now = 0, region_bytes = 0, blocks_now = 0, block_bytes = 0;
    struct ownership_totals totals;

    for (size_t i = 0; i < PAGES; i++)
    {
        regions_now += region_pages[i] != 0;
        region_bytes += region_pages[i] * PAGE;
    }
    for (size_t i = 0; i < BLOCKS; i++)
    {
        blocks_now += owned_blocks[i].live;
        block_bytes += owned_blocks[i].live ? owned_blocks[i].size : 0;
    }
    ownership_totals(map, &totals);
    REQUIRE(totals.regions == regions_now && totals.region_bytes == region_bytes, "ownership map: %llu regions",
            (unsigned long long)totals.regions);
    REQUIRE(totals.blocks == blocks_now && totals.block_bytes == block_bytes, "ownership map: %llu blocks",
            (unsigned long long)totals.blocks);
}

static void add_region(void)
{
    size_t page = take_below(PAGES), count = 1 + take_below(8);
    bool aligned = take_byte() < 240;
    enum hostmem_result expected = aligned ? HOSTMEM_OK : HOSTMEM_INVALID_ADDRESS, result;

    if (count > PAGES - page) count = PAGES - page;
    for (size_t i = page; i < page + count; i++)
        if (first_page_of(i) != PAGES) expected = HOSTMEM_INVALID_ADDRESS;
    trace("ownership map: add_region(%zu, %zu)", page, count);
    call_begin();
    result = ownership_add_region(map, (char *)page_at(page) + !aligned * 16, count * PAGE);
    if (call_ended(HOSTMEM_METHOD_COUNT, result, expected)) region_pages[page] = count;
}

static void add_block(void)
{
    size_t block = take_below(BLOCKS), size = take_byte() < 240 ? take_number() : SIZE_MAX - take_number();
    struct ownership_block entry = {.size = size, .moved = size & 1};
    enum hostmem_result expected = owned_blocks[block].live ? HOSTMEM_INVALID_ADDRESS : HOSTMEM_OK, result;

    trace("ownership map: add_block(%zu, %#zx)", block, size);
    call_begin();
    result = ownership_add_block(map, block_at(block), entry);
    if (!call_ended(HOSTMEM_METHOD_COUNT, result, expected)) return;
    owned_blocks[block].live = true;
    owned_blocks[block].size = size;
}

static void take_region(void)
{
    size_t page = take_below(PAGES);
    struct ownership_region region;
    bool found = ownership_find_region(map, page_at(page), &region);
    bool taken = found && region.base == page_at(page) && ownership_take_region(map, &region);

    trace("ownership map: take_region(%zu)", page);
    REQUIRE(taken == (region_pages[page] != 0), "taken: %d", taken);
    if (!taken) return;
    REQUIRE(region.size == region_pages[page] * PAGE, "%#zx bytes", region.size);
    REQUIRE(!ownership_take_region(map, &region), "taken twice");
    region_pages[page] = 0;
}

static void check_block(size_t block, const struct ownership_block *entry)
{
    REQUIRE(entry->size == owned_blocks[block].size, "block %zu: %#zx bytes", block, entry->size);
    REQUIRE(entry->moved == (entry->size & 1), "block %zu: moved %d", block, entry->moved);
}

static void take_block(void)
{
    size_t block = take_below(BLOCKS);
    struct ownership_block entry;
    bool taken = ownership_take_block(map, block_at(block), &entry);

    trace("ownership map: take_block(%zu)", block);
    REQUIRE(taken == owned_blocks[block].live, "taken: %d", taken);
    if (taken) check_block(block, &entry);
    owned_blocks[block].live = false;
}

static void find(void)
{
    size_t page = take_below(PAGES), first = first_page_of(page), block = take_below(BLOCKS);
    struct ownership_region region;
    struct ownership_block entry;
    bool found = ownership_find_region(map, (char *)page_at(page) + take_below(PAGE), &region);

    REQUIRE(found == (first != PAGES), "page %zu: %d", page, found);
    if (found)
        REQUIRE(region.base == page_at(first) && region.size == region_pages[first] * PAGE, "page %zu: %p", page,
                region.base);
    found = ownership_find_block(map, block_at(block), &entry);
    REQUIRE(found == owned_blocks[block].live, "block %zu: %d", block, found);
    if (found) check_block(block, &entry);
}

void use_ownership_map(void)
{
    static void (*const calls[])(void) = {add_region, add_region, add_block, add_block, take_region, take_block, find};

    memset(region_pages, 0, sizeof(region_pages));
    memset(owned_blocks, 0, sizeof(owned_blocks));
    REQUIRE(ownership_create(&backend, &map) == HOSTMEM_OK, "no ownership map");
    while (input.next < input.end)
    {
        uint32_t call = take_below(8);

        if (call == 7)
            do_arm();
        else
            calls[call]();
        check_totals();
    }
    ownership_destroy(map);
}
