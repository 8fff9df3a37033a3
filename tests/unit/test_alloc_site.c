/*
 * Allocation sites of DebugAlloc, kept with the blocks; enumeration of all blocks.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "hostmem/api/manager.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct hostmem_heap *heap;

static void sites_setup(void)
{
    manager_setup();
    heap = must_heap_create();
}

static void *must_debug_alloc(size_t size, const char *file, int line)
{
    void *block;

    ck_result(hostmem_heap_debug_alloc(heap, size, TASK, file, line, &block), HOSTMEM_OK);
    ck_assert_ptr_nonnull(block);
    return block;
}

/* The result of a visit for one address. */
struct search
{
    const void *address;
    unsigned found;
    struct hostmem_block_info info;
};

static bool record_match(void *arg, const struct hostmem_block_info *block)
{
    struct search *search = arg;

    if (block->address != search->address) return true;
    search->found++;
    search->info = *block;
    return true;
}

static struct hostmem_block_info must_find(const void *address)
{
    struct search by_heap = {.address = address}, by_manager = {.address = address};

    hostmem_heap_each_block(heap, record_match, &by_heap);
    hostmem_manager_each_block(manager, record_match, &by_manager);
    ck_assert_uint_eq(by_heap.found, 1);
    ck_assert_uint_eq(by_manager.found, 1);
    ck_assert_ptr_eq(by_heap.info.heap, heap);
    ck_assert_ptr_eq(by_manager.info.heap, heap);
    ck_assert_ptr_eq(by_heap.info.file, by_manager.info.file);
    return by_heap.info;
}

static bool count_block(void *arg, const struct hostmem_block_info *block)
{
    (void)block;
    ++*(unsigned *)arg;
    return true;
}

static unsigned count_blocks(struct hostmem_heap *of)
{
    unsigned count = 0;

    hostmem_heap_each_block(of, count_block, &count);
    return count;
}

static const size_t sizes[] = {0, 16, 100, 129, 3000, 8193, 50000, 300000, 524288, 524289, 2000000};
#define SIZES (sizeof(sizes) / sizeof(*sizes))

START_TEST(a_site_stays_with_its_block)
{
    size_t size = sizes[_i];
    void *block = must_debug_alloc(size, "here.c", 42), *plain = must_heap_alloc(heap, size);
    struct hostmem_block_info info = must_find(block);

    ck_assert_str_eq(info.file, "here.c");
    ck_assert_int_eq(info.line, 42);
    ck_assert_int_eq(info.level, TASK);
    ck_assert_uint_ge(info.size, size);
    info = must_find(plain);
    ck_assert_ptr_null(info.file);
    ck_assert_int_eq(info.line, 0);
    ck_result(hostmem_heap_free(heap, plain), HOSTMEM_OK);
    ck_assert_str_eq(must_find(block).file, "here.c");
    ck_result(hostmem_heap_free(heap, block), HOSTMEM_OK);
    ck_assert_uint_eq(count_blocks(heap), 0);
    ck_assert_uint_eq(statistics_now().calls[HOSTMEM_METHOD_DEBUG_ALLOC], 1);
    ck_assert_uint_eq(statistics_now().calls[HOSTMEM_METHOD_ALLOC], 1);
    ck_assert_uint_eq(statistics_now().results[HOSTMEM_METHOD_DEBUG_ALLOC][HOSTMEM_OK], 1);
    ck_assert_uint_eq(statistics_now().results[HOSTMEM_METHOD_ALLOC][HOSTMEM_OK], 1);
}
END_TEST

START_TEST(a_new_block_at_an_old_address_has_no_site)
{
    size_t size = sizes[_i];
    void *block = must_debug_alloc(size, "old.c", 7), *again;

    ck_result(hostmem_heap_free(heap, block), HOSTMEM_OK);
    again = must_heap_alloc(heap, size);
    ck_assert_ptr_null(must_find(again).file);
    ck_assert_int_eq(must_find(again).line, 0);
    ck_result(hostmem_heap_free(heap, again), HOSTMEM_OK);
    block = must_debug_alloc(size, "new.c", 8);
    ck_assert_str_eq(must_find(block).file, "new.c");
    ck_assert_int_eq(must_find(block).line, 8);
}
END_TEST

START_TEST(every_level_has_sites)
{
    size_t size = sizes[_i];
    void *blocks[HOSTMEM_CRITICAL_LEVEL_COUNT];

    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
        ck_result(hostmem_heap_debug_alloc(heap, size, level, "level.c", 100 + level, &blocks[level]), HOSTMEM_OK);
    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
    {
        ck_assert_int_eq(must_find(blocks[level]).level, level);
        ck_assert_int_eq(must_find(blocks[level]).line, 100 + level);
        ck_assert_uint_eq(statistics_now().levels[level].heap_blocks, 1);
        ck_result(hostmem_heap_free(heap, blocks[level]), HOSTMEM_OK);
        ck_assert_uint_eq(statistics_now().levels[level].heap_blocks, 0);
        ck_assert_uint_eq(statistics_now().levels[level].heap_live, 0);
    }
}
END_TEST

START_TEST(the_file_is_copied)
{
    char name[] = "somewhere.cpp";
    void *block = must_debug_alloc(64, name, 1);

    memset(name, 'x', sizeof(name) - 1);
    ck_assert_str_eq(must_find(block).file, "somewhere.cpp");
}
END_TEST

START_TEST(no_file_but_a_line)
{
    void *block = must_debug_alloc(64, NULL, -5), *empty = must_debug_alloc(64, "", -5);

    ck_assert_ptr_null(must_find(block).file);
    ck_assert_int_eq(must_find(block).line, -5);
    ck_assert_str_eq(must_find(empty).file, "");
}
END_TEST

START_TEST(a_long_file_is_cut)
{
    static const size_t lengths[] = {1022, 1023, 1024, 100000};
    char *name = malloc(lengths[_i] + 1);
    void *block;

    memset(name, 'a', lengths[_i]);
    name[lengths[_i]] = 0;
    block = must_debug_alloc(64, name, 3);
    free(name);
    ck_assert_uint_eq(strlen(must_find(block).file), lengths[_i] < 1023 ? lengths[_i] : 1023);
    ck_assert_int_eq(must_find(block).line, 3);
}
END_TEST

START_TEST(a_site_used_often_takes_one_record)
{
    uint64_t reserved = 0;

    for (unsigned i = 0; i < 200000; i++)
    {
        ck_result(hostmem_heap_free(heap, must_debug_alloc(48, "often.c", 10)), HOSTMEM_OK);
        if (!i) reserved = native_total_reserved(&native);
    }
    ck_assert_uint_eq(hm_pool_count(&manager->heaps.sites.records), 1);
    ck_assert_uint_eq(native_total_reserved(&native), reserved);
}
END_TEST

START_TEST(many_sites_are_distinct)
{
    enum
    {
        COUNT = 6000
    };
    static void *blocks[COUNT];
    char name[20];

    for (int i = 0; i < COUNT; i++)
    {
        sprintf(name, "file%d.c", i / 10);
        blocks[i] = must_debug_alloc(32, name, i % 10);
    }
    ck_assert_uint_eq(hm_pool_count(&manager->heaps.sites.records), COUNT);
    for (int i = 0; i < COUNT; i += 97)
    {
        sprintf(name, "file%d.c", i / 10);
        ck_assert_str_eq(must_find(blocks[i]).file, name);
        ck_assert_int_eq(must_find(blocks[i]).line, i % 10);
    }
    ck_assert_uint_eq(count_blocks(heap), COUNT);
}
END_TEST

/* --- every block ----------------------------------------------------------- */

START_TEST(every_block_is_shown_once)
{
    void *blocks[SIZES * 50];
    struct hostmem_heap *other = must_heap_create();
    unsigned count = 0, all = 0;

    for (unsigned i = 0; i < SIZES * 50; i++) blocks[i] = must_heap_alloc(heap, sizes[i % SIZES]);
    for (unsigned i = 0; i < SIZES * 50; i += 3) ck_result(hostmem_heap_free(heap, blocks[i]), HOSTMEM_OK);
    must_heap_alloc(other, 10);
    must_heap_alloc(other, 1000000);
    for (unsigned i = 0; i < SIZES * 50; i++)
    {
        if (i % 3 == 0) continue;
        count++;
        ck_assert_uint_ge(must_find(blocks[i]).size, sizes[i % SIZES]);
    }
    ck_assert_uint_eq(count_blocks(heap), count);
    ck_assert_uint_eq(count_blocks(other), 2);
    hostmem_manager_each_block(manager, count_block, &all);
    ck_assert_uint_eq(all, count + 2);
}
END_TEST

static bool sum_sizes(void *arg, const struct hostmem_block_info *block)
{
    *(uint64_t *)arg += block->size;
    return true;
}

START_TEST(sizes_are_those_of_the_statistics)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < SIZES; i++) must_heap_alloc(heap, sizes[i]);
    hostmem_heap_each_block(heap, sum_sizes, &sum);
    ck_assert_uint_eq(sum, statistics_now().heap_live);
}
END_TEST

static bool stop_after(void *arg, const struct hostmem_block_info *block)
{
    (void)block;
    return --*(unsigned *)arg;
}

START_TEST(a_visit_stops_on_request)
{
    for (unsigned i = 0; i < SIZES; i++) must_heap_alloc(heap, sizes[i]);
    for (unsigned n = 1; n <= SIZES; n++)
    {
        unsigned left = n;
        hostmem_heap_each_block(heap, stop_after, &left);
        ck_assert_uint_eq(left, 0);
        left = n;
        hostmem_manager_each_block(manager, stop_after, &left);
        ck_assert_uint_eq(left, 0);
    }
}
END_TEST

static bool free_it(void *arg, const struct hostmem_block_info *block)
{
    ++*(unsigned *)arg;
    ck_result(hostmem_heap_free(block->heap, block->address), HOSTMEM_OK);
    hostmem_manager_trim(manager);
    return true;
}

START_TEST(a_visitor_may_free)
{
    unsigned freed = 0;

    for (unsigned i = 0; i < 20 * SIZES; i++) must_heap_alloc(heap, sizes[i % SIZES]);
    hostmem_heap_each_block(heap, free_it, &freed);
    ck_assert_uint_eq(freed, 20 * SIZES);
    ck_assert_uint_eq(statistics_now().heap_blocks, 0);
}
END_TEST

/* --- several threads ------------------------------------------------------- */

#define THREADS 4

static _Atomic unsigned long wrong;
static _Atomic unsigned working;

static void *enter_sites(void *arg)
{
    char name[20];

    (void)arg;
    for (int i = 0; i < 3000; i++)
    {
        void *block;
        sprintf(name, "%d.c", i % 500 / 5);
        if (hostmem_heap_debug_alloc(heap, 40, TASK, name, i % 5, &block) != HOSTMEM_OK) wrong++;
    }
    return NULL;
}

START_TEST(threads_enter_each_site_once)
{
    unsigned distinct = 0;

    wrong = 0;
    run_threads(THREADS, enter_sites, NULL, 0);
    ck_assert_uint_eq(wrong, 0);
    for (unsigned i = 0; i < SITE_BUCKETS; i++)
        for (struct hm_alloc_site *place = manager->heaps.sites.sites[i]; place; place = place->next) distinct++;
    ck_assert_uint_eq(distinct, 500);
    ck_assert_uint_eq(count_blocks(heap), THREADS * 3000);
}
END_TEST

/* All blocks of the test are of a few known kinds. */
#define KIND_SMALL 1000
#define KIND_LARGE 600000

static bool check_kind(void *arg, const struct hostmem_block_info *block)
{
    bool small = block->size == 1024, large = block->size == (KIND_LARGE + PAGE - 1) / PAGE * PAGE;

    (void)arg;
    if (block->heap != heap || !block->address || (!small && !large) || (uintptr_t)block->address % 16) wrong++;
    if (block->level >= HOSTMEM_CRITICAL_LEVEL_COUNT) wrong++;
    if (block->file && (strcmp(block->file, "kind.c") || block->line != 9)) wrong++;
    return true;
}

static void *churn_kinds(unsigned number)
{
    uint32_t seed = 100 + number;
    void *blocks[300] = {0};

    for (unsigned i = 0; i < 20000; i++)
    {
        void **block = &blocks[random_next(&seed) % (i / 5000 % 2 ? 3 : 300)];
        size_t size = random_next(&seed) % 64 ? KIND_SMALL : KIND_LARGE;
        enum hostmem_critical_level level = random_next(&seed) % HOSTMEM_CRITICAL_LEVEL_COUNT;

        if (*block)
        {
            if (hostmem_heap_free(heap, *block) != HOSTMEM_OK) wrong++;
            *block = NULL;
        }
        else if ((i % 3 ? hostmem_heap_alloc(heap, size, level, block)
                        : hostmem_heap_debug_alloc(heap, size, level, "kind.c", 9, block)) != HOSTMEM_OK)
            wrong++;
    }
    for (unsigned i = 0; i < 300; i++)
        if (blocks[i] && hostmem_heap_free(heap, blocks[i]) != HOSTMEM_OK) wrong++;
    working--;
    return NULL;
}

static void *churn_or_read(void *arg)
{
    unsigned number = *(unsigned *)arg;

    if (number) return churn_kinds(number);
    while (working)
    {
        hostmem_heap_each_block(heap, check_kind, NULL);
        hostmem_manager_each_block(manager, check_kind, NULL);
        hostmem_manager_trim(manager);
    }
    return NULL;
}

START_TEST(reading_while_others_work)
{
    unsigned args[THREADS] = {0, 1, 2, 3};

    wrong = 0;
    working = THREADS - 1;
    run_threads(THREADS, churn_or_read, args, sizeof(*args));
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq(count_blocks(heap), 0);
    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
        ck_assert_uint_eq(statistics_now().levels[level].heap_blocks, 0);
}
END_TEST

Suite *alloc_site_suite(void)
{
    Suite *suite = suite_create("alloc_site");
    TCase *tcase = tcase_create("alloc_site");

    tcase_add_checked_fixture(tcase, sites_setup, manager_teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, a_site_stays_with_its_block, 0, SIZES);
    tcase_add_loop_test(tcase, a_new_block_at_an_old_address_has_no_site, 0, SIZES);
    tcase_add_loop_test(tcase, every_level_has_sites, 0, SIZES);
    tcase_add_test(tcase, the_file_is_copied);
    tcase_add_test(tcase, no_file_but_a_line);
    tcase_add_loop_test(tcase, a_long_file_is_cut, 0, 4);
    tcase_add_test(tcase, a_site_used_often_takes_one_record);
    tcase_add_test(tcase, many_sites_are_distinct);
    tcase_add_test(tcase, every_block_is_shown_once);
    tcase_add_test(tcase, sizes_are_those_of_the_statistics);
    tcase_add_test(tcase, a_visit_stops_on_request);
    tcase_add_test(tcase, a_visitor_may_free);
    tcase_add_test(tcase, threads_enter_each_site_once);
    tcase_add_test(tcase, reading_while_others_work);
    suite_add_tcase(suite, tcase);
    return suite;
}
