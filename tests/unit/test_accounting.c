/*
 * The figures of regions: exact amounts, exact peaks.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

static void release(void *region)
{
    ck_result(hostmem_virtual_free(manager, region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
}

static void decommit(void *address, size_t size)
{
    ck_result(hostmem_virtual_free(manager, address, size, HOSTMEM_DECOMMIT), HOSTMEM_OK);
}

START_TEST(reserve_counts_bytes_and_regions)
{
    void *a = must_reserve(GRANULE), *b = must_reserve(3 * GRANULE);

    ck_assert_uint_eq(statistics_now().reserved, 4 * GRANULE);
    ck_assert_uint_eq(statistics_now().regions, 2);
    release(a);
    ck_assert_uint_eq(statistics_now().reserved, 3 * GRANULE);
    ck_assert_uint_eq(statistics_now().regions, 1);
    release(b);
    ck_assert_uint_eq(statistics_now().reserved, 0);
    ck_assert_uint_eq(statistics_now().regions, 0);
    ck_assert_uint_eq(statistics_now().peak_reserved, 4 * GRANULE);
    ck_assert_uint_eq(statistics_now().peak_regions, 2);
}
END_TEST

START_TEST(committing_twice_counts_once)
{
    char *region = must_reserve(GRANULE);

    must_commit(region, 4 * PAGE);
    must_commit(region, 4 * PAGE);
    must_commit(region + 2 * PAGE, 4 * PAGE);
    ck_assert_uint_eq(statistics_now().committed, 6 * PAGE);
}
END_TEST

START_TEST(decommitting_holes_is_exact)
{
    char *region = must_alloc(200 * PAGE, HOSTMEM_COMMIT);

    decommit(region + 10 * PAGE, 10 * PAGE);
    decommit(region + 15 * PAGE, 10 * PAGE);
    ck_assert_uint_eq(statistics_now().committed, 185 * PAGE);
    must_commit(region, 200 * PAGE);
    ck_assert_uint_eq(statistics_now().committed, 200 * PAGE);
    decommit(region + 60 * PAGE, 10 * PAGE);
    decommit(region + 199 * PAGE, PAGE);
    ck_assert_uint_eq(statistics_now().committed, 189 * PAGE);
    decommit(region, 0);
    ck_assert_uint_eq(statistics_now().committed, 0);
    ck_assert_uint_eq(statistics_now().peak_committed, 200 * PAGE);
}
END_TEST

START_TEST(release_takes_what_is_still_committed)
{
    char *a = must_alloc(10 * PAGE, HOSTMEM_COMMIT), *b = must_alloc(GRANULE, HOSTMEM_RESERVE | HOSTMEM_COMMIT);

    decommit(a, 3 * PAGE);
    release(a);
    ck_assert_uint_eq(statistics_now().committed, GRANULE);
    release(b);
    ck_assert_uint_eq(statistics_now().committed, 0);
    ck_assert_uint_eq(statistics_now().peak_committed, 10 * PAGE + GRANULE);
}
END_TEST

START_TEST(peaks_stay)
{
    char *region = must_reserve(GRANULE);

    must_commit(region, 5 * PAGE);
    decommit(region, 0);
    must_commit(region, 4 * PAGE);
    ck_assert_uint_eq(statistics_now().committed, 4 * PAGE);
    ck_assert_uint_eq(statistics_now().peak_committed, 5 * PAGE);
}
END_TEST

START_TEST(the_figures_agree_with_the_pages)
{
    char *region = must_reserve(300 * PAGE);
    uint32_t seed = 12345;

    for (unsigned i = 0; i < 2000; i++)
    {
        size_t first = random_next(&seed) % 300, count = 1 + random_next(&seed) % (300 - first);
        if (random_next(&seed) % 2)
            must_commit(region + first * PAGE, count * PAGE);
        else
            decommit(region + first * PAGE, count * PAGE);
        ck_assert_uint_eq(statistics_now().committed, native_committed(&native, region, 300 * PAGE));
    }
}
END_TEST

START_TEST(heaps_and_regions_are_kept_apart)
{
    struct hostmem_heap *heap = must_heap_create();

    must_heap_alloc(heap, 100);
    must_heap_alloc(heap, 1 << 20);
    ck_assert_uint_eq(statistics_now().reserved, 0);
    ck_assert_uint_eq(statistics_now().committed, 0);
    ck_assert_uint_eq(statistics_now().regions, 0);
    ck_assert_uint_gt(statistics_now().heap_reserved, 1 << 20);
}
END_TEST

/* Neighbouring pages, so that threads share words of the bitmap. */
static char *shared;

static void *commit_and_decommit(void *arg)
{
    unsigned me = *(unsigned *)arg;

    for (unsigned i = 0; i < 3000; i++)
    {
        char *page = shared + (me + 4 * (i % 60)) * PAGE;
        void *out;
        hostmem_virtual_alloc(manager, page, PAGE, HOSTMEM_COMMIT, READWRITE, TASK, &out);
        if (i % 3) hostmem_virtual_free(manager, page, PAGE, HOSTMEM_DECOMMIT);
    }
    return NULL;
}

START_TEST(threads_account_exactly)
{
    unsigned args[4] = {0, 1, 2, 3};
    struct hostmem_statistics now;

    shared = must_reserve(240 * PAGE);
    run_threads(4, commit_and_decommit, args, sizeof(*args));
    now = statistics_now();
    ck_assert_uint_eq(now.committed, native_committed(&native, shared, 240 * PAGE));
    ck_assert_uint_ge(now.peak_committed, now.committed);
    ck_assert_uint_le(now.peak_committed, 240 * PAGE);
    ck_assert_uint_eq(now.calls[HOSTMEM_METHOD_VIRTUAL_ALLOC], 1 + 4 * 3000);
    ck_assert_uint_eq(now.calls[HOSTMEM_METHOD_VIRTUAL_FREE], 4 * 2000);
    ck_assert_uint_eq(now.failures[HOSTMEM_METHOD_VIRTUAL_FREE], 0);
}
END_TEST

Suite *accounting_suite(void)
{
    Suite *suite = suite_create("accounting");
    TCase *tcase = tcase_create("accounting");

    tcase_add_checked_fixture(tcase, manager_setup, manager_teardown);
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, reserve_counts_bytes_and_regions);
    tcase_add_test(tcase, committing_twice_counts_once);
    tcase_add_test(tcase, decommitting_holes_is_exact);
    tcase_add_test(tcase, release_takes_what_is_still_committed);
    tcase_add_test(tcase, peaks_stay);
    tcase_add_test(tcase, the_figures_agree_with_the_pages);
    tcase_add_test(tcase, heaps_and_regions_are_kept_apart);
    tcase_add_test(tcase, threads_account_exactly);
    suite_add_tcase(suite, tcase);
    return suite;
}
