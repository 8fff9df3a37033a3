/*
 * The map from addresses to owners.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "hostmem/base/map.h"

static struct hm_map *map;
static int red, blue; /* two owners */

static void *at(uintptr_t address)
{
    return (void *)address;
}

static void map_setup(void)
{
    native_setup();
    ck_result(hm_map_create(&native.backend, HM_MAP_GRANULES, &map), HOSTMEM_OK);
}

static void map_teardown(void)
{
    hm_map_destroy(map);
    native_teardown();
}

START_TEST(empty_map_knows_nothing)
{
    static const uintptr_t addresses[] = {0, 1, 0xffff, 0x10000, 0x7fff0000, UINTPTR_MAX / 2, UINTPTR_MAX};

    for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++)
        ck_assert_ptr_null(hm_map_get(map, at(addresses[i])));
}
END_TEST

START_TEST(set_covers_its_granules_and_no_other)
{
    ck_result(hm_map_set(map, at(0x120000), 0x30000, &red), HOSTMEM_OK);
    ck_assert_ptr_null(hm_map_get(map, at(0x11ffff)));
    ck_assert_ptr_eq(hm_map_get(map, at(0x120000)), &red);
    ck_assert_ptr_eq(hm_map_get(map, at(0x13abcd)), &red);
    ck_assert_ptr_eq(hm_map_get(map, at(0x14ffff)), &red);
    ck_assert_ptr_null(hm_map_get(map, at(0x150000)));
}
END_TEST

START_TEST(a_partial_last_granule_is_set_whole)
{
    ck_result(hm_map_set(map, at(0x200000), GRANULE + 1, &red), HOSTMEM_OK);
    ck_assert_ptr_eq(hm_map_get(map, at(0x21ffff)), &red);
    ck_assert_ptr_null(hm_map_get(map, at(0x220000)));
}
END_TEST

START_TEST(clearing_a_part_leaves_the_rest)
{
    ck_result(hm_map_set(map, at(0x400000), 4 * GRANULE, &red), HOSTMEM_OK);
    ck_result(hm_map_set(map, at(0x410000), GRANULE, &blue), HOSTMEM_OK);
    ck_result(hm_map_set(map, at(0x420000), GRANULE, NULL), HOSTMEM_OK);
    ck_assert_ptr_eq(hm_map_get(map, at(0x400000)), &red);
    ck_assert_ptr_eq(hm_map_get(map, at(0x410000)), &blue);
    ck_assert_ptr_null(hm_map_get(map, at(0x420000)));
    ck_assert_ptr_eq(hm_map_get(map, at(0x430000)), &red);
}
END_TEST

#if UINTPTR_MAX > UINT32_MAX
#define LEAF_SPAN (UINT64_C(1) << 32)

START_TEST(a_range_across_leaves)
{
    uintptr_t base = 5 * LEAF_SPAN - 2 * GRANULE;

    ck_result(hm_map_set(map, at(base), LEAF_SPAN + 4 * GRANULE, &red), HOSTMEM_OK);
    ck_assert_ptr_null(hm_map_get(map, at(base - 1)));
    ck_assert_ptr_eq(hm_map_get(map, at(base)), &red);
    ck_assert_ptr_eq(hm_map_get(map, at(5 * LEAF_SPAN)), &red);
    ck_assert_ptr_eq(hm_map_get(map, at(6 * LEAF_SPAN + 2 * GRANULE - 1)), &red);
    ck_assert_ptr_null(hm_map_get(map, at(6 * LEAF_SPAN + 2 * GRANULE)));
}
END_TEST

START_TEST(the_last_granule_of_the_range_counts)
{
    uintptr_t last = (UINT64_C(1) << 48) - GRANULE;

    ck_result(hm_map_set(map, at(last), GRANULE, &red), HOSTMEM_OK);
    ck_assert_ptr_eq(hm_map_get(map, at(last + GRANULE - 1)), &red);
}
END_TEST

START_TEST(addresses_beyond_the_range_have_no_owner)
{
    uintptr_t beyond = UINT64_C(1) << 48;

    ck_result(hm_map_set(map, at(beyond), GRANULE, &red), HOSTMEM_NO_MEMORY);
    ck_result(hm_map_set(map, at(beyond - GRANULE), 2 * GRANULE, &red), HOSTMEM_NO_MEMORY);
    ck_result(hm_map_set(map, at(beyond), GRANULE, NULL), HOSTMEM_OK);
    ck_assert_ptr_null(hm_map_get(map, at(beyond)));
    ck_assert_ptr_null(hm_map_get(map, at(beyond - GRANULE)));
    /* Not wrapped around to low addresses either. */
    ck_assert_ptr_null(hm_map_get(map, at(0)));
    ck_result(hm_map_set(map, at(0x120000), GRANULE, &red), HOSTMEM_OK);
    ck_assert_ptr_null(hm_map_get(map, at(beyond + 0x120000)));
    ck_assert_ptr_null(hm_map_get(map, at(4 * beyond + 0x120000)));
}
END_TEST

START_TEST(no_memory_sets_nothing)
{
    uintptr_t base = 8 * LEAF_SPAN - GRANULE;

    native_fail(&native, 1u << NATIVE_RESERVE, 1, false, HOSTMEM_NO_MEMORY);
    ck_result(hm_map_set(map, at(base), 2 * GRANULE, &red), HOSTMEM_NO_MEMORY);
    ck_assert_ptr_null(hm_map_get(map, at(base)));
    ck_assert_ptr_null(hm_map_get(map, at(base + GRANULE)));
    ck_result(hm_map_set(map, at(base), 2 * GRANULE, &red), HOSTMEM_OK);
    ck_assert_ptr_eq(hm_map_get(map, at(base)), &red);
}
END_TEST
#endif

START_TEST(clearing_needs_no_memory)
{
    uint64_t before = native.calls[NATIVE_RESERVE];

    ck_result(hm_map_set(map, at(0x10000000), 16 * GRANULE, NULL), HOSTMEM_OK);
    ck_assert_uint_eq(native.calls[NATIVE_RESERVE], before);
}
END_TEST

START_TEST(claim_takes_free_granules_only)
{
    ck_result(hm_map_claim(map, at(0x100000), 2 * GRANULE, &red), HOSTMEM_OK);
    ck_result(hm_map_claim(map, at(0xf0000), 2 * GRANULE, &blue), HOSTMEM_INVALID_ADDRESS);
    ck_assert_ptr_null(hm_map_get(map, at(0xf0000)));
    ck_assert_ptr_eq(hm_map_get(map, at(0x100000)), &red);
    ck_result(hm_map_claim(map, at(0x110000), GRANULE, &blue), HOSTMEM_INVALID_ADDRESS);
    ck_result(hm_map_claim(map, at(0x120000), GRANULE, &blue), HOSTMEM_OK);
    ck_assert_ptr_eq(hm_map_get(map, at(0x120000)), &blue);
}
END_TEST

START_TEST(conditional_clear_leaves_what_others_have)
{
    ck_result(hm_map_set(map, at(0x100000), 4 * GRANULE, &red), HOSTMEM_OK);
    ck_result(hm_map_set(map, at(0x110000), GRANULE, &blue), HOSTMEM_OK);
    hm_map_clear(map, at(0x100000), 2 * GRANULE + 1, &red);
    ck_assert_ptr_null(hm_map_get(map, at(0x100000)));
    ck_assert_ptr_eq(hm_map_get(map, at(0x110000)), &blue);
    ck_assert_ptr_null(hm_map_get(map, at(0x120000)));
    ck_assert_ptr_eq(hm_map_get(map, at(0x130000)), &red);
    hm_map_clear(map, at(0x70000000), 4 * GRANULE, &red); /* where nothing ever was */
}
END_TEST

/* --- maps of pages ----------------------------------------------------------- */

static void pages_setup(void)
{
    native_setup();
    ck_result(hm_map_create(&native.backend, HM_MAP_PAGES, &map), HOSTMEM_OK);
}

START_TEST(every_page_has_an_entry)
{
    ck_result(hm_map_set(map, at(0x123000), 2 * PAGE + 1, &red), HOSTMEM_OK);
    ck_result(hm_map_claim(map, at(0x122000), PAGE, &blue), HOSTMEM_OK);
    ck_result(hm_map_claim(map, at(0x121000), 3 * PAGE, &blue), HOSTMEM_INVALID_ADDRESS);
    ck_assert_ptr_null(hm_map_get(map, at(0x121fff)));
    ck_assert_ptr_eq(hm_map_get(map, at(0x122fff)), &blue);
    ck_assert_ptr_eq(hm_map_get(map, at(0x123000)), &red);
    ck_assert_ptr_eq(hm_map_get(map, at(0x125fff)), &red);
    ck_assert_ptr_null(hm_map_get(map, at(0x126000)));
    hm_map_clear(map, at(0x122000), 2 * PAGE, &red);
    ck_assert_ptr_eq(hm_map_get(map, at(0x122000)), &blue);
    ck_assert_ptr_null(hm_map_get(map, at(0x123000)));
    ck_result(hm_map_set(map, at(0x124000), PAGE, NULL), HOSTMEM_OK);
    ck_assert_ptr_null(hm_map_get(map, at(0x124000)));
    ck_assert_ptr_eq(hm_map_get(map, at(0x125000)), &red);
}
END_TEST

START_TEST(pages_across_leaves)
{
    uintptr_t base = 0x40000000 - PAGE; /* the edge of a leaf on 64 bits and on 32 */

    ck_result(hm_map_set(map, at(base), 2 * PAGE, &red), HOSTMEM_OK);
    ck_assert_ptr_null(hm_map_get(map, at(base - 1)));
    ck_assert_ptr_eq(hm_map_get(map, at(base)), &red);
    ck_assert_ptr_eq(hm_map_get(map, at(base + PAGE)), &red);
    ck_assert_ptr_null(hm_map_get(map, at(base + 2 * PAGE)));
}
END_TEST

START_TEST(the_last_page_counts)
{
#if UINTPTR_MAX > UINT32_MAX
    uintptr_t last = (UINT64_C(1) << 48) - PAGE;

    ck_result(hm_map_set(map, at(last), 2 * PAGE, &red), HOSTMEM_NO_MEMORY);
    ck_assert_ptr_null(hm_map_get(map, at(last + PAGE)));
    ck_assert_ptr_null(hm_map_get(map, at(UINTPTR_MAX)));
#else
    uintptr_t last = UINTPTR_MAX - PAGE + 1;
#endif
    ck_result(hm_map_set(map, at(last), PAGE, &red), HOSTMEM_OK);
    ck_assert_ptr_eq(hm_map_get(map, at(last + PAGE - 1)), &red);
    ck_assert_ptr_null(hm_map_get(map, at(last - 1)));
    ck_assert_ptr_null(hm_map_get(map, at(0)));
}
END_TEST

START_TEST(create_fails_without_memory)
{
    struct hm_map *other = map;

    native_fail(&native, NATIVE_ALL_CALLS, 0, false, HOSTMEM_NO_MEMORY);
    ck_result(hm_map_create(&native.backend, HM_MAP_GRANULES, &other), HOSTMEM_NO_MEMORY);
    ck_assert_ptr_null(other);
    hm_map_destroy(NULL);
}
END_TEST

#if UINTPTR_MAX > UINT32_MAX
/* Two threads set neighbouring granules of leaves that do not exist yet. */
static void *set_every_other(void *arg)
{
    unsigned first = *(unsigned *)arg;

    for (uintptr_t i = first; i < 4096; i += 2)
        if (hm_map_set(map, at(0x10000000 + i * 0x1000000), GRANULE, first ? &red : &blue) != HOSTMEM_OK) return NULL;
    return NULL;
}

START_TEST(threads_share_new_leaves)
{
    unsigned args[2] = {0, 1};

    run_threads(2, set_every_other, args, sizeof(*args));
    for (uintptr_t i = 0; i < 4096; i++)
        ck_assert_ptr_eq(hm_map_get(map, at(0x10000000 + i * 0x1000000)), i % 2 ? &red : &blue);
}
END_TEST
#endif

Suite *map_suite(void)
{
    Suite *suite = suite_create("map");
    TCase *tcase = tcase_create("map"), *pages = tcase_create("map of pages");

    tcase_add_checked_fixture(tcase, map_setup, map_teardown);
    tcase_add_test(tcase, empty_map_knows_nothing);
    tcase_add_test(tcase, set_covers_its_granules_and_no_other);
    tcase_add_test(tcase, a_partial_last_granule_is_set_whole);
    tcase_add_test(tcase, clearing_a_part_leaves_the_rest);
#if UINTPTR_MAX > UINT32_MAX
    tcase_add_test(tcase, a_range_across_leaves);
    tcase_add_test(tcase, the_last_granule_of_the_range_counts);
    tcase_add_test(tcase, addresses_beyond_the_range_have_no_owner);
    tcase_add_test(tcase, no_memory_sets_nothing);
    tcase_add_test(tcase, threads_share_new_leaves);
#endif
    tcase_add_test(tcase, clearing_needs_no_memory);
    tcase_add_test(tcase, claim_takes_free_granules_only);
    tcase_add_test(tcase, conditional_clear_leaves_what_others_have);
    tcase_add_test(tcase, create_fails_without_memory);
    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(pages, pages_setup, map_teardown);
    tcase_add_test(pages, every_page_has_an_entry);
    tcase_add_test(pages, pages_across_leaves);
    tcase_add_test(pages, the_last_page_counts);
    suite_add_tcase(suite, pages);
    return suite;
}
