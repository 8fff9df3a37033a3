/*
 * The ownership map: what came from a host that keeps no records.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "ownership/ownership.h"

#include <stdatomic.h>

static struct ownership_map *map;

/* The map never touches the recorded memory: any address will do. */
static void *at(uintptr_t address)
{
    return (void *)address;
}

static void ownership_setup(void)
{
    native_setup();
    ck_result(ownership_create(&native.backend, &map), HOSTMEM_OK);
}

static void ownership_teardown(void)
{
    native_fail_not(&native);
    ownership_destroy(map);
    native_teardown();
}

static void totals_are(uint64_t regions, uint64_t region_bytes, uint64_t blocks, uint64_t block_bytes)
{
    uint64_t found[4];

    ownership_totals(map, &found[0], &found[1], &found[2], &found[3]);
    ck_assert_uint_eq(found[0], regions);
    ck_assert_uint_eq(found[1], region_bytes);
    ck_assert_uint_eq(found[2], blocks);
    ck_assert_uint_eq(found[3], block_bytes);
}

START_TEST(an_empty_map_has_no_owner)
{
    totals_are(0, 0, 0, 0);
    ck_assert(!ownership_find_region(map, NULL, NULL, NULL));
    ck_assert(!ownership_find_region(map, at(0x10000), NULL, NULL));
    ck_assert(!ownership_find_region(map, at(UINTPTR_MAX), NULL, NULL));
    ck_assert(!ownership_take_region(map, at(0x10000), NULL));
    ck_assert(!ownership_take_region(map, NULL, NULL));
    ck_assert(!ownership_find_block(map, NULL, NULL));
    ck_assert(!ownership_find_block(map, at(0x10008), NULL));
    ck_assert(!ownership_take_block(map, NULL, NULL));
    ck_assert(!ownership_take_block(map, at(UINTPTR_MAX), NULL));
}
END_TEST

START_TEST(a_region_is_found_by_any_address_in_it)
{
    size_t size = 0;
    void *base = NULL;

    ck_result(ownership_add_region(map, at(0x120000), 0x25000), HOSTMEM_OK);
    ck_assert(ownership_find_region(map, at(0x120000), &base, &size));
    ck_assert_ptr_eq(base, at(0x120000));
    ck_assert_uint_eq(size, 0x25000);
    ck_assert(ownership_find_region(map, at(0x144fff), &base, &size));
    ck_assert_ptr_eq(base, at(0x120000));
    ck_assert(!ownership_find_region(map, at(0x145000), NULL, NULL));
    ck_assert(!ownership_find_region(map, at(0x11ffff), NULL, NULL));
    totals_are(1, 0x25000, 0, 0);
}
END_TEST

START_TEST(a_region_is_taken_once_at_its_base)
{
    size_t size = 0;

    ck_result(ownership_add_region(map, at(0x120000), 0x25000), HOSTMEM_OK);
    ck_assert(!ownership_take_region(map, at(0x130000), NULL));
    ck_assert(!ownership_take_region(map, at(0x120001), NULL));
    ck_assert(ownership_take_region(map, at(0x120000), &size));
    ck_assert_uint_eq(size, 0x25000);
    ck_assert(!ownership_take_region(map, at(0x120000), NULL));
    ck_assert(!ownership_find_region(map, at(0x120000), NULL, NULL));
    totals_are(0, 0, 0, 0);
    ck_result(ownership_add_region(map, at(0x120000), PAGE), HOSTMEM_OK);
    ck_assert(ownership_take_region(map, at(0x120000), NULL));
}
END_TEST

START_TEST(overlapping_regions_are_refused)
{
    ck_result(ownership_add_region(map, at(0x200000), 0x20000), HOSTMEM_OK);
    ck_result(ownership_add_region(map, at(0x200000), 0x10000), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_region(map, at(0x210000), 0x10000), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_region(map, at(0x1f0000), 0x10001), HOSTMEM_INVALID_ADDRESS);
    ck_assert(!ownership_find_region(map, at(0x1f0000), NULL, NULL));
    ck_result(ownership_add_region(map, at(0x1f0000), 0x10000), HOSTMEM_OK);
    ck_result(ownership_add_region(map, at(0x220000), 0x10000), HOSTMEM_OK);
    totals_are(3, 0x40000, 0, 0);
}
END_TEST

/* A host may cut one reservation of its own into regions at any page. */
START_TEST(a_granule_may_hold_many_regions)
{
    void *base;
    size_t size;

    for (uintptr_t i = 0; i < 16; i++)
        ck_result(ownership_add_region(map, at(0x330000 + i * PAGE), i % 2 ? PAGE : 1), HOSTMEM_OK);
    totals_are(16, 8 * PAGE + 8, 0, 0);
    for (uintptr_t i = 0; i < 16; i++)
    {
        ck_result(ownership_add_region(map, at(0x330000 + i * PAGE), PAGE), HOSTMEM_INVALID_ADDRESS);
        ck_assert(ownership_find_region(map, at(0x330000 + i * PAGE), &base, &size));
        ck_assert_ptr_eq(base, at(0x330000 + i * PAGE));
        ck_assert_uint_eq(size, i % 2 ? PAGE : 1);
        ck_assert_int_eq(ownership_find_region(map, at(0x330fff + i * PAGE), NULL, NULL), i % 2);
    }
    for (uintptr_t i = 0; i < 16; i += 3) ck_assert(ownership_take_region(map, at(0x330000 + i * PAGE), NULL));
    for (uintptr_t i = 0; i < 16; i++)
        ck_assert_int_eq(ownership_find_region(map, at(0x330000 + i * PAGE), NULL, NULL), i % 3 != 0);
}
END_TEST

START_TEST(regions_may_meet_in_the_middle_of_a_granule)
{
    void *base;

    ck_result(ownership_add_region(map, at(0x123000), 0x25000), HOSTMEM_OK);
    ck_result(ownership_add_region(map, at(0x147000), PAGE), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_region(map, at(0x122000), PAGE + 1), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_region(map, at(0x122000), PAGE), HOSTMEM_OK);
    ck_result(ownership_add_region(map, at(0x148000), 0x8000), HOSTMEM_OK);
    ck_assert(ownership_find_region(map, at(0x147fff), &base, NULL));
    ck_assert_ptr_eq(base, at(0x123000));
    ck_assert(ownership_find_region(map, at(0x148000), &base, NULL));
    ck_assert_ptr_eq(base, at(0x148000));
    ck_assert(!ownership_find_region(map, at(0x121fff), NULL, NULL));
    ck_assert(!ownership_take_region(map, at(0x130000), NULL));
    ck_assert(ownership_take_region(map, at(0x123000), NULL));
    ck_assert(!ownership_find_region(map, at(0x130000), NULL, NULL));
    totals_are(2, 0x9000, 0, 0);
}
END_TEST

START_TEST(a_very_large_region)
{
    uintptr_t base = 0x4fffe000; /* across two leaves of the map on 32 bits, and with the next across many */
    size_t size = (size_t)384 << 20;

    ck_result(ownership_add_region(map, at(base), size), HOSTMEM_OK);
    ck_result(ownership_add_region(map, at(base + size), size), HOSTMEM_OK);
    for (size_t offset = 0; offset < 2 * size; offset += size / 64)
    {
        void *found;
        ck_assert(ownership_find_region(map, at(base + offset), &found, NULL));
        ck_assert_ptr_eq(found, at(base + (offset < size ? 0 : size)));
    }
    ck_assert(ownership_take_region(map, at(base), NULL));
    ck_assert(!ownership_find_region(map, at(base + size - 1), NULL, NULL));
    ck_assert(ownership_find_region(map, at(base + size), NULL, NULL));
}
END_TEST

START_TEST(bad_regions_are_refused)
{
    ck_result(ownership_add_region(map, at(0x121800), PAGE), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_region(map, at(0x120001), PAGE), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_region(map, at(0x120fff), PAGE), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_region(map, NULL, PAGE), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_region(map, at(0x120000), SIZE_MAX), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_region(map, at(0x120000), 0), HOSTMEM_INVALID_ADDRESS);
    totals_are(0, 0, 0, 0);
}
END_TEST

START_TEST(blocks_are_found_by_their_start_only)
{
    size_t size = 99;

    ck_result(ownership_add_block(map, at(0x120008), 100), HOSTMEM_OK);
    ck_result(ownership_add_block(map, at(0x12fff8), 0), HOSTMEM_OK);
    ck_assert(ownership_find_block(map, at(0x120008), &size));
    ck_assert_uint_eq(size, 100);
    ck_assert(ownership_find_block(map, at(0x12fff8), &size));
    ck_assert_uint_eq(size, 0);
    ck_assert(ownership_find_block(map, at(0x12fff8), NULL));
    ck_assert(!ownership_find_block(map, at(0x120010), NULL));
    ck_assert(!ownership_find_block(map, at(0x120000), NULL));
    ck_assert(!ownership_find_block(map, at(0x120009), NULL));
    totals_are(0, 0, 2, 100);
}
END_TEST

START_TEST(a_block_is_taken_once)
{
    size_t size = 0;

    ck_result(ownership_add_block(map, at(0x120008), 100), HOSTMEM_OK);
    ck_assert(!ownership_take_block(map, at(0x120010), NULL));
    ck_assert(!ownership_take_block(map, at(0x12000c), NULL));
    ck_assert(ownership_take_block(map, at(0x120008), &size));
    ck_assert_uint_eq(size, 100);
    ck_assert(!ownership_take_block(map, at(0x120008), NULL));
    ck_assert(!ownership_find_block(map, at(0x120008), NULL));
    totals_are(0, 0, 0, 0);
    ck_result(ownership_add_block(map, at(0x120008), 5), HOSTMEM_OK);
    totals_are(0, 0, 1, 5);
}
END_TEST

START_TEST(blocks_at_every_multiple_of_a_pointers_size)
{
    for (uintptr_t i = 0; i <= 2 * GRANULE; i += sizeof(void *))
        ck_result(ownership_add_block(map, at(0x120000 + i), i % 1000), HOSTMEM_OK);
    for (uintptr_t i = 0; i <= 2 * GRANULE; i += sizeof(void *))
    {
        size_t size;
        ck_assert(ownership_take_block(map, at(0x120000 + i), &size));
        ck_assert_uint_eq(size, i % 1000);
    }
    totals_are(0, 0, 0, 0);
}
END_TEST

START_TEST(bad_blocks_are_refused)
{
    ck_result(ownership_add_block(map, at(0x120000 + sizeof(void *) / 2), 1), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_block(map, at(0x120001), 1), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_block(map, NULL, 1), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_block(map, at(0x120008), 1), HOSTMEM_OK);
    ck_result(ownership_add_block(map, at(0x120008), 2), HOSTMEM_INVALID_ADDRESS);
    totals_are(0, 0, 1, 1);
}
END_TEST

static const size_t big[] = {UINT32_MAX - 2, UINT32_MAX - 1, UINT32_MAX, SIZE_MAX - 1, SIZE_MAX};

START_TEST(sizes_beyond_32_bits)
{
    size_t size = 0;

    ck_result(ownership_add_block(map, at(0x340018), big[_i]), HOSTMEM_OK);
    ck_result(ownership_add_block(map, at(0x340018), big[_i]), HOSTMEM_INVALID_ADDRESS);
    ck_result(ownership_add_block(map, at(0x340018), 3), HOSTMEM_INVALID_ADDRESS);
    ck_assert(ownership_find_block(map, at(0x340018), &size));
    ck_assert_uint_eq(size, big[_i]);
    totals_are(0, 0, 1, big[_i]);
    size = 0;
    ck_assert(ownership_take_block(map, at(0x340018), &size));
    ck_assert_uint_eq(size, big[_i]);
    ck_assert(!ownership_take_block(map, at(0x340018), NULL));
    ck_assert(!ownership_find_block(map, at(0x340018), NULL));
    totals_are(0, 0, 0, 0);
    ck_result(ownership_add_block(map, at(0x340020), big[_i]), HOSTMEM_OK);
}
END_TEST

START_TEST(a_big_block_on_a_recorded_small_one_is_refused)
{
    size_t size;

    ck_result(ownership_add_block(map, at(0x340018), 3), HOSTMEM_OK);
    ck_result(ownership_add_block(map, at(0x340018), SIZE_MAX), HOSTMEM_INVALID_ADDRESS);
    ck_assert(ownership_find_block(map, at(0x340018), &size));
    ck_assert_uint_eq(size, 3);
    /* Nothing of it stayed. */
    ck_result(ownership_add_block(map, at(0x340028), SIZE_MAX), HOSTMEM_OK);
}
END_TEST

START_TEST(regions_and_blocks_do_not_mix)
{
    ck_result(ownership_add_region(map, at(0x500000), GRANULE), HOSTMEM_OK);
    ck_result(ownership_add_block(map, at(0x500000), 64), HOSTMEM_OK);
    ck_result(ownership_add_block(map, at(0x500040), 64), HOSTMEM_OK);
    ck_assert(ownership_take_block(map, at(0x500000), NULL));
    ck_assert(ownership_find_region(map, at(0x500040), NULL, NULL));
    ck_assert(ownership_take_region(map, at(0x500000), NULL));
    ck_assert(ownership_find_block(map, at(0x500040), NULL));
    totals_are(0, 0, 1, 64);
}
END_TEST

START_TEST(many_blocks)
{
    uint64_t bytes = 0;

    for (uintptr_t i = 1; i <= 50000; i++, bytes += i % 1000)
        ck_result(ownership_add_block(map, at(0x10000000 + i * 104), (i + 1) % 1000), HOSTMEM_OK);
    totals_are(0, 0, 50000, bytes);
    for (uintptr_t i = 1; i <= 50000; i += 2)
    {
        size_t size;
        ck_assert(ownership_take_block(map, at(0x10000000 + i * 104), &size));
        ck_assert_uint_eq(size, (i + 1) % 1000);
        bytes -= size;
    }
    totals_are(0, 0, 25000, bytes);
}
END_TEST

/* --- threads ---------------------------------------------------------------- */

#define THREADS 4
#define ENTRIES 3000
static _Atomic unsigned added[ENTRIES], region_added[ENTRIES], taken[ENTRIES], region_taken[ENTRIES];
static pthread_barrier_t barrier;

/* All add all, then all take all. */
static void *add_and_take(void *arg)
{
    (void)arg;
    for (uintptr_t i = 0; i < ENTRIES; i++)
    {
        if (ownership_add_block(map, at(0x10000000 + i * 0x1230), i % 10 ? i : SIZE_MAX) == HOSTMEM_OK) added[i]++;
        if (ownership_add_region(map, at(0x20000000 + i * 4 * GRANULE), 3 * GRANULE) == HOSTMEM_OK) region_added[i]++;
    }
    pthread_barrier_wait(&barrier);
    for (uintptr_t i = 0; i < ENTRIES; i++)
    {
        if (ownership_take_block(map, at(0x10000000 + i * 0x1230), NULL)) taken[i]++;
        if (ownership_take_region(map, at(0x20000000 + i * 4 * GRANULE), NULL)) region_taken[i]++;
    }
    return NULL;
}

START_TEST(each_entry_has_one_taker)
{
    pthread_barrier_init(&barrier, NULL, THREADS);
    run_threads(THREADS, add_and_take, NULL, 0);
    pthread_barrier_destroy(&barrier);
    for (unsigned i = 0; i < ENTRIES; i++)
    {
        /* A big block may lose to another in its granule, so at most one. */
        if (i % 10) ck_assert_uint_eq(added[i], 1);
        ck_assert_uint_le(added[i], 1);
        ck_assert_uint_eq(taken[i], added[i]);
        ck_assert_uint_eq(region_added[i], 1);
        ck_assert_uint_eq(region_taken[i], 1);
    }
    totals_are(0, 0, 0, 0);
}
END_TEST

static _Atomic unsigned long wrong;

/* One entry at a time, both threads leaving the line at once. */
static _Atomic unsigned round_number, takers;

static void *take_the_same(void *arg)
{
    for (unsigned i = 1; i <= 3000; i++)
    {
        pthread_barrier_wait(&barrier);
        if (!*(unsigned *)arg)
        {
            takers = 0;
            ownership_add_block(map, at(0x10008), i);
            round_number = i;
        }
        while (round_number != i) continue;
        if (ownership_take_block(map, at(0x10008), NULL)) takers++;
        pthread_barrier_wait(&barrier);
        if (takers != 1) wrong++;
    }
    return NULL;
}

START_TEST(one_of_two_takes_a_block)
{
    unsigned args[2] = {0, 1};

    wrong = 0;
    round_number = 0;
    pthread_barrier_init(&barrier, NULL, 2);
    run_threads(2, take_the_same, args, sizeof(*args));
    pthread_barrier_destroy(&barrier);
    ck_assert_uint_eq(wrong, 0);
    totals_are(0, 0, 0, 0);
}
END_TEST

/* Records are recycled between threads while others look: what is found is never a mixture. */
static void *recycle(void *arg)
{
    uintptr_t mine = 1 + *(unsigned *)arg, theirs = 1 + (*(unsigned *)arg + 1) % THREADS;

    for (unsigned i = 0; i < 20000; i++)
    {
        size_t size = 0;
        void *base = NULL;
        if (ownership_add_region(map, at(mine * 0x1000000), mine * GRANULE) != HOSTMEM_OK) wrong++;
        if (ownership_find_region(map, at(theirs * 0x1000000), &base, &size) &&
            (base != at(theirs * 0x1000000) || size != theirs * GRANULE))
            wrong++;
        if (!ownership_take_region(map, at(mine * 0x1000000), &size) || size != mine * GRANULE) wrong++;
    }
    return NULL;
}

START_TEST(recycled_records_are_not_mixed_up)
{
    unsigned args[THREADS] = {0, 1, 2, 3};

    wrong = 0;
    run_threads(THREADS, recycle, args, sizeof(*args));
    ck_assert_uint_eq(wrong, 0);
    totals_are(0, 0, 0, 0);
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
    tcase_add_test(tcase, each_entry_has_one_taker);
    tcase_add_test(tcase, one_of_two_takes_a_block);
    tcase_add_test(tcase, recycled_records_are_not_mixed_up);
    suite_add_tcase(suite, tcase);
    return suite;
}
