/*
 * The ownership map on several threads: every entry has one taker, and look-ups are exact meanwhile.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "ownership_tests.h"

#include <stdatomic.h>

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
        if (add_block(at(0x10000000 + i * 0x1230), i % 10 ? i : SIZE_MAX) == HOSTMEM_OK) added[i]++;
        if (ownership_add_region(owned, at(0x20000000 + i * 4 * GRANULE), 3 * GRANULE) == HOSTMEM_OK) region_added[i]++;
    }
    pthread_barrier_wait(&barrier);
    for (uintptr_t i = 0; i < ENTRIES; i++)
    {
        if (take_block(at(0x10000000 + i * 0x1230), NULL)) taken[i]++;
        if (take_region(at(0x20000000 + i * 4 * GRANULE), NULL)) region_taken[i]++;
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
        ck_assert_uint_eq(added[i], 1);
        ck_assert_uint_eq(taken[i], added[i]);
        ck_assert_uint_eq(region_added[i], 1);
        ck_assert_uint_eq(region_taken[i], 1);
    }
    totals_are(0, 0, 0, 0);
}
END_TEST

static _Atomic unsigned long wrong;

/* One entry at a time; both threads start at once. */
static _Atomic unsigned round_number, takers;

static void *take_the_same(void *arg)
{
    for (unsigned i = 1; i <= 3000; i++)
    {
        pthread_barrier_wait(&barrier);
        if (!*(unsigned *)arg)
        {
            takers = 0;
            add_block(at(0x10008), i);
            round_number = i;
        }
        while (round_number != i) continue;
        if (take_block(at(0x10008), NULL)) takers++;
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

/* Each thread has blocks of its own, in chains that all threads change; other threads' blocks are looked up meanwhile. */
#define OWN_BLOCKS 400

static void *churn(void *arg)
{
    unsigned me = *(unsigned *)arg, next = (me + 1) % THREADS;
    static _Atomic unsigned long found;
    bool live[OWN_BLOCKS] = {false};
    uint32_t random = me + 1;

    for (unsigned n = 0; n < 60000; n++)
    {
        unsigned i = (random = random * 1664525 + 1013904223) >> 8 & 0xffffff;
        void *mine = at(0x10000000 + (i % OWN_BLOCKS * THREADS + me) * 16);
        size_t size = 0;

        i %= OWN_BLOCKS;
        if (live[i])
        {
            if (!find_block(mine, &size) || size != i + 7 || add_block(mine, 1) != HOSTMEM_INVALID_ADDRESS) wrong++;
            if (!take_block(mine, &size) || size != i + 7) wrong++;
        }
        else
        {
            if (find_block(mine, NULL) || take_block(mine, NULL)) wrong++;
            if (add_block(mine, i + 7) != HOSTMEM_OK) wrong++;
        }
        live[i] = !live[i];
        if (find_block(at(0x10000000 + (i * THREADS + next) * 16), &size) && ++found && size != i + 7) wrong++;
    }
    for (unsigned i = 0; i < OWN_BLOCKS; i++)
        if (take_block(at(0x10000000 + (i * THREADS + me) * 16), NULL) != live[i]) wrong++;
    return NULL;
}

START_TEST(blocks_of_many_threads)
{
    unsigned args[THREADS] = {0, 1, 2, 3};

    wrong = 0;
    run_threads(THREADS, churn, args, sizeof(*args));
    ck_assert_uint_eq(wrong, 0);
    totals_are(0, 0, 0, 0);
}
END_TEST

/* Some blocks stay while the table grows around them: they are always found. */
static _Atomic unsigned growing;

static void *grow_or_look(void *arg)
{
    unsigned me = *(unsigned *)arg;

    if (me < 2)
    {
        for (uintptr_t i = 0; i < 30000; i++)
            if (add_block(at(0x20000000 + (i * 2 + me) * 32), i) != HOSTMEM_OK) wrong++;
        growing--;
    }
    else
        while (growing)
            for (uintptr_t i = 0; i < 64; i++)
            {
                size_t size;
                if (!find_block(at(0x10000000 + i * 208), &size) || size != i) wrong++;
                if (find_block(at(0x11000000 + i * 208), NULL)) wrong++;
            }
    return NULL;
}

START_TEST(blocks_are_found_while_the_table_grows)
{
    unsigned args[THREADS] = {0, 1, 2, 3};

    wrong = 0;
    growing = 2;
    for (uintptr_t i = 0; i < 64; i++) ck_result(add_block(at(0x10000000 + i * 208), i), HOSTMEM_OK);
    run_threads(THREADS, grow_or_look, args, sizeof(*args));
    ck_assert_uint_eq(wrong, 0);
    for (uintptr_t i = 0; i < 30000; i++)
        for (unsigned me = 0; me < 2; me++) ck_assert(take_block(at(0x20000000 + (i * 2 + me) * 32), NULL));
    for (uintptr_t i = 0; i < 64; i++) ck_assert(take_block(at(0x10000000 + i * 208), NULL));
    totals_are(0, 0, 0, 0);
}
END_TEST

/* Records pass between threads during look-ups: a look-up never returns a mixture of two regions. */
static void *recycle(void *arg)
{
    uintptr_t mine = 1 + *(unsigned *)arg, theirs = 1 + (*(unsigned *)arg + 1) % THREADS;

    for (unsigned i = 0; i < 20000; i++)
    {
        size_t size = 0;
        void *base = NULL;
        if (ownership_add_region(owned, at(mine * 0x1000000), mine * GRANULE) != HOSTMEM_OK) wrong++;
        if (find_region(at(theirs * 0x1000000), &base, &size) &&
            (base != at(theirs * 0x1000000) || size != theirs * GRANULE))
            wrong++;
        if (!take_region(at(mine * 0x1000000), &size) || size != mine * GRANULE) wrong++;
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

TCase *ownership_threads(void)
{
    TCase *tcase = tcase_create("threads");

    tcase_add_checked_fixture(tcase, ownership_setup, ownership_teardown);
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, blocks_of_many_threads);
    tcase_add_test(tcase, blocks_are_found_while_the_table_grows);
    tcase_add_test(tcase, each_entry_has_one_taker);
    tcase_add_test(tcase, one_of_two_takes_a_block);
    tcase_add_test(tcase, recycled_records_are_not_mixed_up);
    return tcase;
}
