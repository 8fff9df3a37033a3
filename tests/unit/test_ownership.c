/*
 * The ownership map: what came from a host that keeps no records.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "ownership_tests.h"

struct ownership_map *owned;

void ownership_setup(void)
{
    native_setup();
    ck_result(ownership_create(&native.backend, &owned), HOSTMEM_OK);
}

void ownership_teardown(void)
{
    native_fail_not(&native);
    ownership_destroy(owned);
    native_teardown();
}

bool find_region(const void *address, void **base, size_t *size)
{
    struct ownership_region region;

    if (!ownership_find_region(owned, address, &region)) return false;
    if (base) *base = region.base;
    if (size) *size = region.size;
    return true;
}

bool take_region(void *base, size_t *size)
{
    struct ownership_region region;

    if (!ownership_find_region(owned, base, &region) || region.base != base) return false;
    if (!ownership_take_region(owned, &region)) return false;
    if (size) *size = region.size;
    return true;
}

enum hostmem_result add_block(void *address, size_t size)
{
    return ownership_add_block(owned, address, (struct ownership_block){.size = size});
}

bool find_block(const void *address, size_t *size)
{
    struct ownership_block block;

    if (!ownership_find_block(owned, address, &block)) return false;
    if (size) *size = block.size;
    return true;
}

bool take_block(void *address, size_t *size)
{
    struct ownership_block block;

    if (!ownership_take_block(owned, address, &block)) return false;
    if (size) *size = block.size;
    return true;
}

void totals_are(uint64_t regions, uint64_t region_bytes, uint64_t blocks, uint64_t block_bytes)
{
    struct ownership_totals found;

    ownership_totals(owned, &found);
    ck_assert_uint_eq(found.regions, regions);
    ck_assert_uint_eq(found.region_bytes, region_bytes);
    ck_assert_uint_eq(found.blocks, blocks);
    ck_assert_uint_eq(found.block_bytes, block_bytes);
    ck_assert_uint_eq(found.memory, native_total_committed(&native));
}

START_TEST(an_empty_map_has_no_owner)
{
    totals_are(0, 0, 0, 0);
    ck_assert(!find_region(NULL, NULL, NULL));
    ck_assert(!find_region(at(0x10000), NULL, NULL));
    ck_assert(!find_region(at(UINTPTR_MAX), NULL, NULL));
    ck_assert(!take_region(at(0x10000), NULL));
    ck_assert(!take_region(NULL, NULL));
    ck_assert(!find_block(NULL, NULL));
    ck_assert(!find_block(at(0x10008), NULL));
    ck_assert(!take_block(NULL, NULL));
    ck_assert(!take_block(at(UINTPTR_MAX), NULL));
}
END_TEST

START_TEST(a_region_is_found_by_any_address_in_it)
{
    size_t size = 0;
    void *base = NULL;

    ck_result(ownership_add_region(owned, at(0x120000), 0x25000), HOSTMEM_OK);
    ck_assert(find_region(at(0x120000), &base, &size));
    ck_assert_ptr_eq(base, at(0x120000));
    ck_assert_uint_eq(size, 0x25000);
    ck_assert(find_region(at(0x144fff), &base, &size));
    ck_assert_ptr_eq(base, at(0x120000));
    ck_assert(!find_region(at(0x145000), NULL, NULL));
    ck_assert(!find_region(at(0x11ffff), NULL, NULL));
    totals_are(1, 0x25000, 0, 0);
}
END_TEST

START_TEST(a_region_is_taken_once_at_its_base)
{
    size_t size = 0;

    ck_result(ownership_add_region(owned, at(0x120000), 0x25000), HOSTMEM_OK);
    ck_assert(!take_region(at(0x130000), NULL));
    ck_assert(!take_region(at(0x120001), NULL));
    ck_assert(take_region(at(0x120000), &size));
    ck_assert_uint_eq(size, 0x25000);
    ck_assert(!take_region(at(0x120000), NULL));
    ck_assert(!find_region(at(0x120000), NULL, NULL));
    totals_are(0, 0, 0, 0);
    ck_result(ownership_add_region(owned, at(0x120000), PAGE), HOSTMEM_OK);
    ck_assert(take_region(at(0x120000), NULL));
}
END_TEST

START_TEST(overlapping_regions_are_refused)
{
    ck_result(ownership_add_region(owned, at(0x200000), 0x20000), HOSTMEM_OK);
    ck_result(ownership_add_region(owned, at(0x200000), 0x10000), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_region(owned, at(0x210000), 0x10000), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_region(owned, at(0x1f0000), 0x10001), HOSTMEM_INVALID_ADDRESS);
    ck_assert(!find_region(at(0x1f0000), NULL, NULL));
    ck_result(ownership_add_region(owned, at(0x1f0000), 0x10000), HOSTMEM_OK);
    ck_result(ownership_add_region(owned, at(0x220000), 0x10000), HOSTMEM_OK);
    totals_are(3, 0x40000, 0, 0);
}
END_TEST

/* A host may cut one reservation of its own into regions at any page. */
START_TEST(a_granule_may_hold_many_regions)
{
    void *base;
    size_t size;

    for (uintptr_t i = 0; i < 16; i++)
        ck_result(ownership_add_region(owned, at(0x330000 + i * PAGE), i % 2 ? PAGE : 1), HOSTMEM_OK);
    totals_are(16, 8 * PAGE + 8, 0, 0);
    for (uintptr_t i = 0; i < 16; i++)
    {
        ck_result(ownership_add_region(owned, at(0x330000 + i * PAGE), PAGE), HOSTMEM_INVALID_ADDRESS);
        ck_assert(find_region(at(0x330000 + i * PAGE), &base, &size));
        ck_assert_ptr_eq(base, at(0x330000 + i * PAGE));
        ck_assert_uint_eq(size, i % 2 ? PAGE : 1);
        ck_assert_int_eq(find_region(at(0x330fff + i * PAGE), NULL, NULL), i % 2);
    }
    for (uintptr_t i = 0; i < 16; i += 3) ck_assert(take_region(at(0x330000 + i * PAGE), NULL));
    for (uintptr_t i = 0; i < 16; i++) ck_assert_int_eq(find_region(at(0x330000 + i * PAGE), NULL, NULL), i % 3 != 0);
}
END_TEST

START_TEST(regions_may_meet_in_the_middle_of_a_granule)
{
    void *base;

    ck_result(ownership_add_region(owned, at(0x123000), 0x25000), HOSTMEM_OK);
    ck_result(ownership_add_region(owned, at(0x147000), PAGE), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_region(owned, at(0x122000), PAGE + 1), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_region(owned, at(0x122000), PAGE), HOSTMEM_OK);
    ck_result(ownership_add_region(owned, at(0x148000), 0x8000), HOSTMEM_OK);
    ck_assert(find_region(at(0x147fff), &base, NULL));
    ck_assert_ptr_eq(base, at(0x123000));
    ck_assert(find_region(at(0x148000), &base, NULL));
    ck_assert_ptr_eq(base, at(0x148000));
    ck_assert(!find_region(at(0x121fff), NULL, NULL));
    ck_assert(!take_region(at(0x130000), NULL));
    ck_assert(take_region(at(0x123000), NULL));
    ck_assert(!find_region(at(0x130000), NULL, NULL));
    totals_are(2, 0x9000, 0, 0);
}
END_TEST

START_TEST(a_very_large_region)
{
    uintptr_t base = 0x4fffe000; /* across two leaves of the page map on 32 bits; with the next region, across many */
    size_t size = (size_t)384 << 20;

    ck_result(ownership_add_region(owned, at(base), size), HOSTMEM_OK);
    ck_result(ownership_add_region(owned, at(base + size), size), HOSTMEM_OK);
    for (size_t offset = 0; offset < 2 * size; offset += size / 64)
    {
        void *found;
        ck_assert(find_region(at(base + offset), &found, NULL));
        ck_assert_ptr_eq(found, at(base + (offset < size ? 0 : size)));
    }
    ck_assert(take_region(at(base), NULL));
    ck_assert(!find_region(at(base + size - 1), NULL, NULL));
    ck_assert(find_region(at(base + size), NULL, NULL));
}
END_TEST

START_TEST(bad_regions_are_refused)
{
    ck_result(ownership_add_region(owned, at(0x121800), PAGE), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_region(owned, at(0x120001), PAGE), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_region(owned, at(0x120fff), PAGE), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_region(owned, NULL, PAGE), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_region(owned, at(0x120000), SIZE_MAX), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_region(owned, at(0x120000), 0), HOSTMEM_INVALID_ADDRESS);
    totals_are(0, 0, 0, 0);
}
END_TEST

START_TEST(blocks_are_found_by_their_start_only)
{
    size_t size = 99;

    ck_result(add_block(at(0x120008), 100), HOSTMEM_OK);
    ck_result(add_block(at(0x12fff8), 0), HOSTMEM_OK);
    ck_assert(find_block(at(0x120008), &size));
    ck_assert_uint_eq(size, 100);
    ck_assert(find_block(at(0x12fff8), &size));
    ck_assert_uint_eq(size, 0);
    ck_assert(find_block(at(0x12fff8), NULL));
    ck_assert(!find_block(at(0x120010), NULL));
    ck_assert(!find_block(at(0x120000), NULL));
    ck_assert(!find_block(at(0x120009), NULL));
    totals_are(0, 0, 2, 100);
}
END_TEST

START_TEST(a_block_is_taken_once)
{
    size_t size = 0;

    ck_result(add_block(at(0x120008), 100), HOSTMEM_OK);
    ck_assert(!take_block(at(0x120010), NULL));
    ck_assert(!take_block(at(0x12000c), NULL));
    ck_assert(take_block(at(0x120008), &size));
    ck_assert_uint_eq(size, 100);
    ck_assert(!take_block(at(0x120008), NULL));
    ck_assert(!find_block(at(0x120008), NULL));
    totals_are(0, 0, 0, 0);
    ck_result(add_block(at(0x120008), 5), HOSTMEM_OK);
    totals_are(0, 0, 1, 5);
}
END_TEST

START_TEST(blocks_at_every_multiple_of_a_pointers_size)
{
    for (uintptr_t i = 0; i <= 2 * GRANULE; i += sizeof(void *))
        ck_result(add_block(at(0x120000 + i), i % 1000), HOSTMEM_OK);
    for (uintptr_t i = 0; i <= 2 * GRANULE; i += sizeof(void *))
    {
        size_t size;
        ck_assert(take_block(at(0x120000 + i), &size));
        ck_assert_uint_eq(size, i % 1000);
    }
    totals_are(0, 0, 0, 0);
}
END_TEST

START_TEST(bad_blocks_are_refused)
{
    ck_result(add_block(at(0x120000 + sizeof(void *) / 2), 1), HOSTMEM_INVALID_ADDRESS);
    ck_result(add_block(at(0x120001), 1), HOSTMEM_INVALID_ADDRESS);
    ck_result(add_block(NULL, 1), HOSTMEM_INVALID_ADDRESS);
    ck_result(add_block(at(0x120008), 1), HOSTMEM_OK);
    ck_result(add_block(at(0x120008), 2), HOSTMEM_INVALID_ADDRESS);
    totals_are(0, 0, 1, 1);
}
END_TEST

static const size_t big[] = {UINT32_MAX - 2, UINT32_MAX - 1, UINT32_MAX, SIZE_MAX - 1, SIZE_MAX};

START_TEST(sizes_beyond_32_bits)
{
    size_t size = 0;

    ck_result(add_block(at(0x340018), big[_i]), HOSTMEM_OK);
    ck_result(add_block(at(0x340018), big[_i]), HOSTMEM_INVALID_ADDRESS);
    ck_result(add_block(at(0x340018), 3), HOSTMEM_INVALID_ADDRESS);
    ck_assert(find_block(at(0x340018), &size));
    ck_assert_uint_eq(size, big[_i]);
    totals_are(0, 0, 1, big[_i]);
    size = 0;
    ck_assert(take_block(at(0x340018), &size));
    ck_assert_uint_eq(size, big[_i]);
    ck_assert(!take_block(at(0x340018), NULL));
    ck_assert(!find_block(at(0x340018), NULL));
    totals_are(0, 0, 0, 0);
    ck_result(add_block(at(0x340020), big[_i]), HOSTMEM_OK);
}
END_TEST

START_TEST(a_big_block_on_a_recorded_small_one_is_refused)
{
    size_t size;

    ck_result(add_block(at(0x340018), 3), HOSTMEM_OK);
    ck_result(add_block(at(0x340018), SIZE_MAX), HOSTMEM_INVALID_ADDRESS);
    ck_assert(find_block(at(0x340018), &size));
    ck_assert_uint_eq(size, 3);
    /* The refused block left nothing behind. */
    ck_result(add_block(at(0x340028), SIZE_MAX), HOSTMEM_OK);
}
END_TEST

START_TEST(regions_and_blocks_do_not_mix)
{
    ck_result(ownership_add_region(owned, at(0x500000), GRANULE), HOSTMEM_OK);
    ck_result(add_block(at(0x500000), 64), HOSTMEM_OK);
    ck_result(add_block(at(0x500040), 64), HOSTMEM_OK);
    ck_assert(take_block(at(0x500000), NULL));
    ck_assert(find_region(at(0x500040), NULL, NULL));
    ck_assert(take_region(at(0x500000), NULL));
    ck_assert(find_block(at(0x500040), NULL));
    totals_are(0, 0, 1, 64);
}
END_TEST

START_TEST(many_blocks)
{
    uint64_t bytes = 0;

    for (uintptr_t i = 1; i <= 50000; i++, bytes += i % 1000)
        ck_result(add_block(at(0x10000000 + i * 104), (i + 1) % 1000), HOSTMEM_OK);
    totals_are(0, 0, 50000, bytes);
    for (uintptr_t i = 1; i <= 50000; i += 2)
    {
        size_t size;
        ck_assert(take_block(at(0x10000000 + i * 104), &size));
        ck_assert_uint_eq(size, (i + 1) % 1000);
        bytes -= size;
    }
    totals_are(0, 0, 25000, bytes);
}
END_TEST

START_TEST(the_callers_bit_is_kept)
{
    struct ownership_block block = {.size = 1, .moved = true};

    ck_result(ownership_add_block(owned, at(0x120008), block), HOSTMEM_OK);
    block.moved = false;
    ck_result(ownership_add_block(owned, at(0x120008), block), HOSTMEM_INVALID_ADDRESS);
    ck_assert(ownership_find_block(owned, at(0x120008), &block));
    ck_assert(block.moved);
    block.moved = false;
    ck_result(ownership_add_block(owned, at(0x120010), block), HOSTMEM_OK);
    ck_assert(ownership_take_block(owned, at(0x120008), &block));
    ck_assert(block.moved);
    ck_assert(ownership_take_block(owned, at(0x120010), &block));
    ck_assert(!block.moved);
}
END_TEST

START_TEST(a_region_that_was_found_is_taken_only_as_it_was)
{
    struct ownership_region first, again;

    ck_result(ownership_add_region(owned, at(0x120000), PAGE), HOSTMEM_OK);
    ck_assert(ownership_find_region(owned, at(0x120010), &first));
    ck_assert(ownership_find_region(owned, at(0x120ff0), &again));
    ck_assert(ownership_take_region(owned, &again));
    ck_assert(!ownership_take_region(owned, &first));
    ck_result(ownership_add_region(owned, at(0x120000), PAGE), HOSTMEM_OK);
    ck_assert(!ownership_take_region(owned, &first));
    totals_are(1, PAGE, 0, 0);
}
END_TEST

/* --- memory ----------------------------------------------------------------- */

static uint64_t memory_now(void)
{
    struct ownership_totals totals;

    ownership_totals(owned, &totals);
    ck_assert_uint_eq(totals.memory, native_total_committed(&native));
    return totals.memory;
}

static const size_t distances[] = {16, 48, 1 << 10, 64 << 10, 4096 + 8, 3 << 20};

/* Dense or sparse, a block costs the same. */
START_TEST(memory_is_in_proportion_to_the_blocks)
{
    uint64_t empty = memory_now();
    unsigned count = 0, most = UINTPTR_MAX / 8 / distances[_i] > 100000 ? 100000 : UINTPTR_MAX / 8 / distances[_i];

    while (count < most)
    {
        ck_result(add_block(at(0x10000 + count * distances[_i]), 8), HOSTMEM_OK);
        if (++count % 5000) continue;
        ck_assert_uint_le(memory_now(), empty + 64 * (uint64_t)count + (64 << 10));
    }
    for (unsigned i = 0; i < count; i++) ck_assert(take_block(at(0x10000 + i * distances[_i]), NULL));
    totals_are(0, 0, 0, 0);
}
END_TEST

/* Blocks that come and go at ever new addresses need no more memory than those that live at once. */
START_TEST(memory_follows_the_peak_not_the_history)
{
    uint64_t after_fill;

    for (uintptr_t i = 0; i < 1000; i++) ck_result(add_block(at(0x10000 + i * 16), i), HOSTMEM_OK);
    after_fill = memory_now();
    for (uintptr_t i = 0; i < 200000; i++)
    {
        size_t size;
        ck_assert(take_block(at(0x10000 + i * 16), &size));
        ck_assert_uint_eq(size, i);
        ck_result(add_block(at(0x10000 + (i + 1000) * 16), i + 1000), HOSTMEM_OK);
    }
    ck_assert_uint_eq(memory_now(), after_fill);
}
END_TEST

Suite *ownership_suite(void)
{
    Suite *suite = suite_create("ownership");
    TCase *tcase = tcase_create("ownership");

    tcase_add_checked_fixture(tcase, ownership_setup, ownership_teardown);
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, an_empty_map_has_no_owner);
    tcase_add_test(tcase, a_region_is_found_by_any_address_in_it);
    tcase_add_test(tcase, a_region_is_taken_once_at_its_base);
    tcase_add_test(tcase, overlapping_regions_are_refused);
    tcase_add_test(tcase, a_granule_may_hold_many_regions);
    tcase_add_test(tcase, regions_may_meet_in_the_middle_of_a_granule);
    tcase_add_test(tcase, a_very_large_region);
    tcase_add_test(tcase, bad_regions_are_refused);
    tcase_add_test(tcase, blocks_are_found_by_their_start_only);
    tcase_add_test(tcase, a_block_is_taken_once);
    tcase_add_test(tcase, blocks_at_every_multiple_of_a_pointers_size);
    tcase_add_test(tcase, bad_blocks_are_refused);
    tcase_add_loop_test(tcase, sizes_beyond_32_bits, 0, sizeof(big) / sizeof(*big));
    tcase_add_test(tcase, a_big_block_on_a_recorded_small_one_is_refused);
    tcase_add_test(tcase, regions_and_blocks_do_not_mix);
    tcase_add_test(tcase, many_blocks);
    tcase_add_test(tcase, the_callers_bit_is_kept);
    tcase_add_test(tcase, a_region_that_was_found_is_taken_only_as_it_was);
    tcase_add_loop_test(tcase, memory_is_in_proportion_to_the_blocks, 0, sizeof(distances) / sizeof(*distances));
    tcase_add_test(tcase, memory_follows_the_peak_not_the_history);
    suite_add_tcase(suite, tcase);
    suite_add_tcase(suite, ownership_threads());
    return suite;
}
