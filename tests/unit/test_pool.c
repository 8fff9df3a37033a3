/*
 * The pools that the core's own records come from.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "hostmem/base/record_pool.h"
#include "hostmem/base/pages.h"

#include <string.h>

struct record
{
    struct hm_pool_link link;
    unsigned char bytes[72];
    _Atomic unsigned users;
};

static struct hm_pool pool;
static struct hm_sized_pools meta;

static void pool_setup(void)
{
    native_setup();
    memset(&pool, 0, sizeof(pool));
    memset(&meta, 0, sizeof(meta));
    hm_pool_init(&pool, &native.backend, sizeof(struct record));
    hm_sized_pools_init(&meta, &native.backend);
}

static void pool_teardown(void)
{
    hm_pool_destroy(&pool);
    hm_sized_pools_destroy(&meta);
    native_teardown();
}

START_TEST(records_are_distinct_zeroed_and_found_by_index)
{
    enum
    {
        COUNT = 20000
    };
    static struct record *records[COUNT];
    static const unsigned char zeroes[72];

    for (unsigned i = 0; i < COUNT; i++)
    {
        records[i] = hm_pool_get(&pool);
        ck_assert_ptr_nonnull(records[i]);
        ck_assert_mem_eq(records[i]->bytes, zeroes, sizeof(zeroes));
        memset(records[i]->bytes, (int)i, sizeof(zeroes));
    }
    ck_assert_uint_eq(hm_pool_count(&pool), COUNT);
    for (unsigned i = 0; i < COUNT; i++)
    {
        ck_assert_ptr_eq(hm_pool_at(&pool, i), records[i]);
        ck_assert_uint_eq(records[i]->bytes[0], i & 0xff);
        ck_assert_uint_eq(records[i]->bytes[71], i & 0xff);
        ck_assert_uint_eq((uintptr_t)records[i] % 64, 0);
    }
}
END_TEST

START_TEST(the_last_record_put_back_comes_first)
{
    void *a = hm_pool_get(&pool), *b = hm_pool_get(&pool);

    hm_pool_put(&pool, a);
    hm_pool_put(&pool, b);
    ck_assert_ptr_eq(hm_pool_get(&pool), b);
    ck_assert_ptr_eq(hm_pool_get(&pool), a);
    ck_assert_uint_eq(hm_pool_count(&pool), 2);
}
END_TEST

START_TEST(a_recycled_record_is_as_it_was)
{
    struct record *record = hm_pool_get(&pool);

    memset(record->bytes, 7, sizeof(record->bytes));
    hm_pool_put(&pool, record);
    ck_assert_ptr_eq(hm_pool_get(&pool), record);
    ck_assert_uint_eq(record->bytes[0], 7);
    ck_assert_uint_eq(record->bytes[71], 7);
}
END_TEST

START_TEST(no_memory_leaves_the_pool_usable)
{
    native_fail(&native, NATIVE_ALL_CALLS, 0, false, HOSTMEM_NO_MEMORY);
    ck_assert_ptr_null(hm_pool_get(&pool));
    ck_assert_uint_eq(hm_pool_count(&pool), 0);
    ck_assert_ptr_nonnull(hm_pool_get(&pool));
    ck_assert_uint_eq(hm_pool_count(&pool), 1);
}
END_TEST

/* A thread suspended between reading the stack's head and changing it must notice that the same record came back. */
START_TEST(the_stack_never_has_the_same_head_twice)
{
    void *record = hm_pool_get(&pool);
    uint64_t seen[10];

    for (unsigned i = 0; i < 10; i++)
    {
        hm_pool_put(&pool, record);
        seen[i] = pool.free;
        for (unsigned k = 0; k < i; k++) ck_assert_uint_ne(seen[i], seen[k]);
        ck_assert_ptr_eq(hm_pool_get(&pool), record);
    }
}
END_TEST

static _Atomic unsigned collisions;

/* No other thread may have a record while this one has it. */
static void *get_and_put(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < 20000; i++)
    {
        struct record *mine[3];
        for (unsigned k = 0; k < 3; k++)
        {
            mine[k] = hm_pool_get(&pool);
            if (!mine[k] || atomic_fetch_add(&mine[k]->users, 1)) collisions++;
        }
        for (unsigned k = 0; k < 3; k++)
        {
            atomic_fetch_sub(&mine[k]->users, 1);
            hm_pool_put(&pool, mine[k]);
        }
    }
    return NULL;
}

START_TEST(threads_never_share_a_record)
{
    collisions = 0;
    run_threads(4, get_and_put, NULL, 0);
    ck_assert_uint_eq(collisions, 0);
    ck_assert_uint_le(hm_pool_count(&pool), 4 * 3);
}
END_TEST

START_TEST(metadata_of_every_size_is_big_enough)
{
    for (size_t size = 16; size <= 100000; size += size / 3)
    {
        unsigned char *record = hm_sized_pools_get(&meta, size), *again;

        ck_assert_ptr_nonnull(record);
        memset(record + sizeof(struct hm_pool_link), 0xaa, size - sizeof(struct hm_pool_link));
        again = hm_sized_pools_get(&meta, size);
        ck_assert(again >= record + size || again + size <= record);
        hm_sized_pools_put(&meta, again, size);
        hm_sized_pools_put(&meta, record, size);
    }
}
END_TEST

START_TEST(page_bits_count_what_changes)
{
    _Atomic uint64_t words[4] = {0};

    ck_assert_uint_eq(hm_pages_set(words, 60, 10), 10);
    ck_assert_uint_eq(hm_pages_set(words, 0, 256), 246);
    ck_assert_uint_eq(hm_pages_set(words, 0, 256), 0);
    ck_assert_uint_eq(hm_pages_clear(words, 63, 2), 2);
    ck_assert_uint_eq(hm_pages_clear(words, 62, 4), 2);
    ck_assert_uint_eq(words[0], UINT64_MAX >> 2);
    ck_assert_uint_eq(words[1], UINT64_MAX << 2);
    ck_assert_uint_eq(hm_pages_clear(words, 255, 1), 1);
    ck_assert_uint_eq(hm_pages_clear(words, 0, 256), 251);
}
END_TEST

Suite *pool_suite(void)
{
    Suite *suite = suite_create("pool");
    TCase *tcase = tcase_create("pool");

    tcase_add_checked_fixture(tcase, pool_setup, pool_teardown);
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, records_are_distinct_zeroed_and_found_by_index);
    tcase_add_test(tcase, the_last_record_put_back_comes_first);
    tcase_add_test(tcase, a_recycled_record_is_as_it_was);
    tcase_add_test(tcase, no_memory_leaves_the_pool_usable);
    tcase_add_test(tcase, the_stack_never_has_the_same_head_twice);
    tcase_add_test(tcase, threads_never_share_a_record);
    tcase_add_test(tcase, metadata_of_every_size_is_big_enough);
    tcase_add_test(tcase, page_bits_count_what_changes);
    suite_add_tcase(suite, tcase);
    return suite;
}
