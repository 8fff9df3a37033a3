/*
 * Heaps on several threads: no block is allocated twice, and of several frees of a live block exactly one succeeds.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include <stdatomic.h>
#include <string.h>

#define THREADS 4

static struct hostmem_heap *heap;
static _Atomic unsigned long wrong; /* errors that threads found; only the main thread may fail a test */

static void heap_setup(void)
{
    manager_setup();
    heap = must_heap_create();
    wrong = 0;
}

static void expect(bool condition)
{
    if (!condition) wrong++;
}

static void *get(size_t size)
{
    void *block;

    /* Of all levels, and one in eight by DebugAlloc. */
    if (size % 8)
        expect(hostmem_heap_alloc(heap, size, size % HOSTMEM_CRITICAL_LEVEL_COUNT, &block) == HOSTMEM_OK);
    else
        expect(hostmem_heap_debug_alloc(heap, size, size % HOSTMEM_CRITICAL_LEVEL_COUNT, "file", (int)(size % 64),
                                        &block) == HOSTMEM_OK);
    return block;
}

/* Sizes of all kinds, mostly small. */
static size_t some_size(uint32_t *seed)
{
    uint32_t random = random_next(seed);

    return 16 + random % (random % 64 == 0 ? 700000 : random % 8 == 0 ? 20000 : 500);
}

/* The whole block holds its owner's mark as long as the owner has it. */
static void mark(unsigned char *block, size_t size, unsigned char value)
{
    memset(block, value, size > 64 ? 64 : size);
    block[size - 1] = value;
}

static void check_mark(const unsigned char *block, size_t size, unsigned char value)
{
    for (size_t i = 0; i < (size > 64 ? 64 : size); i++) expect(block[i] == value);
    expect(block[size - 1] == value);
}

static void *churn(void *arg)
{
    uint32_t seed = 77 + *(unsigned *)arg;
    unsigned char *blocks[100] = {0}, me = (unsigned char)(1 + *(unsigned *)arg);
    size_t sizes[100];

    for (unsigned i = 0; i < 15000; i++)
    {
        unsigned k = random_next(&seed) % 100;
        if (blocks[k])
        {
            check_mark(blocks[k], sizes[k], me);
            expect(hostmem_heap_free(heap, blocks[k]) == HOSTMEM_OK);
            blocks[k] = NULL;
        }
        else if ((blocks[k] = get(sizes[k] = some_size(&seed))))
            mark(blocks[k], sizes[k], me);
    }
    for (unsigned k = 0; k < 100; k++)
        if (blocks[k]) expect(hostmem_heap_free(heap, blocks[k]) == HOSTMEM_OK);
    return NULL;
}

static void expect_empty(void)
{
    struct hostmem_statistics now = statistics_now();

    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq(now.heap_blocks, 0);
    ck_assert_uint_eq(now.heap_live, 0);
    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
    {
        ck_assert_uint_eq(now.levels[level].heap_blocks, 0);
        ck_assert_uint_eq(now.levels[level].heap_live, 0);
    }
    ck_assert_uint_eq(now.charged, now.heap_committed);
    hostmem_manager_trim(manager);
    ck_assert_uint_eq(statistics_now().heap_committed, 0);
    ck_assert_uint_eq(statistics_now().heap_reserved, 0);
    ck_assert_uint_eq(statistics_now().charged, 0);
}

START_TEST(threads_do_not_share_blocks)
{
    unsigned args[THREADS] = {0, 1, 2, 3};

    run_threads(THREADS, churn, args, sizeof(*args));
    expect_empty();
}
END_TEST

static _Atomic bool stop;

static void *churn_or_trim(void *arg)
{
    if (*(unsigned *)arg)
    {
        churn(arg);
        stop = true;
    }
    else
        while (!stop) hostmem_manager_trim(manager);
    return NULL;
}

START_TEST(trimming_meanwhile_loses_nothing)
{
    unsigned args[3] = {0, 1, 2};

    stop = false;
    run_threads(3, churn_or_trim, args, sizeof(*args));
    expect_empty();
}
END_TEST

/* --- blocks allocated on one thread, freed on another ----------------------- */

#define SLOTS 64
static _Atomic(size_t *) slots[SLOTS]; /* blocks that begin with their size */

static void *exchange(void *arg)
{
    uint32_t seed = 4242 + *(unsigned *)arg;

    for (unsigned i = 0; i < 15000; i++)
    {
        size_t size = some_size(&seed), *block = get(size);
        if (!block) continue;
        mark((unsigned char *)block, size, 0x33);
        *block = size;
        block = atomic_exchange(&slots[random_next(&seed) % SLOTS], block);
        if (!block) continue;
        if (*block >= 24) expect(((unsigned char *)block)[*block - 1] == 0x33);
        expect(hostmem_heap_free(heap, block) == HOSTMEM_OK);
    }
    return NULL;
}

START_TEST(threads_free_each_others_blocks)
{
    unsigned args[THREADS] = {0, 1, 2, 3};

    run_threads(THREADS, exchange, args, sizeof(*args));
    for (unsigned i = 0; i < SLOTS; i++)
        if (slots[i]) expect(hostmem_heap_free(heap, atomic_exchange(&slots[i], NULL)) == HOSTMEM_OK);
    expect_empty();
}
END_TEST

/* --- several threads free the same block ----------------------------------- */

#define CONTESTED 2000
static void *contested[CONTESTED];
static _Atomic unsigned winners[CONTESTED];
static pthread_barrier_t barrier;

static void *free_all(void *arg)
{
    for (unsigned round = 0; round < 5; round++)
    {
        pthread_barrier_wait(&barrier);
        if (!*(unsigned *)arg)
            for (unsigned i = 0; i < CONTESTED; i++)
            {
                winners[i] = 0;
                contested[i] = get(i % 200 == 0 ? 600000 : i % 20 == 0 ? 9000 : 16 + i % 500);
            }
        pthread_barrier_wait(&barrier);
        for (unsigned i = 0; i < CONTESTED; i++)
        {
            enum hostmem_result result = hostmem_heap_free(heap, contested[i]);
            expect(result == HOSTMEM_OK || result == HOSTMEM_NOT_OWNED);
            if (result == HOSTMEM_OK) winners[i]++;
        }
        pthread_barrier_wait(&barrier);
        for (unsigned i = 0; i < CONTESTED; i++) expect(winners[i] == 1);
    }
    return NULL;
}

START_TEST(a_double_free_has_one_winner)
{
    unsigned args[THREADS] = {0, 1, 2, 3};

    pthread_barrier_init(&barrier, NULL, THREADS);
    run_threads(THREADS, free_all, args, sizeof(*args));
    pthread_barrier_destroy(&barrier);
    ck_assert_uint_eq(statistics_now().refused_frees, 5 * CONTESTED * (THREADS - 1));
    expect_empty();
}
END_TEST

/* The same with one large block at a time; both threads start together. */
static _Atomic unsigned round_number;

static void *free_large(void *arg)
{
    for (unsigned i = 1; i <= 500; i++)
    {
        pthread_barrier_wait(&barrier);
        if (!*(unsigned *)arg)
        {
            winners[0] = 0;
            contested[0] = get(600000);
            round_number = i;
        }
        while (round_number != i) continue;
        if (hostmem_heap_free(heap, contested[0]) == HOSTMEM_OK) winners[0]++;
        pthread_barrier_wait(&barrier);
        expect(winners[0] == 1);
    }
    return NULL;
}

START_TEST(a_large_double_free_has_one_winner)
{
    unsigned args[2] = {0, 1};

    round_number = 0;
    pthread_barrier_init(&barrier, NULL, 2);
    run_threads(2, free_large, args, sizeof(*args));
    pthread_barrier_destroy(&barrier);
    expect_empty();
}
END_TEST

/* Frees of arbitrary addresses never hit a block that another thread has. */
static void *free_at_random(void *arg)
{
    uint32_t seed = 5 + *(unsigned *)arg;
    char *start = contested[0];

    if (!*(unsigned *)arg) return churn(arg);
    /* Offsets that are no multiple of the unit: interior pointers, of any block. */
    for (unsigned i = 0; i < 100000; i++)
        expect(hostmem_heap_free(heap, start + (random_next(&seed) % (4 << 20)) / 16 * 16 + 1 + i % 15) ==
               HOSTMEM_NOT_OWNED);
    return NULL;
}

START_TEST(stray_frees_hit_no_block)
{
    unsigned args[THREADS] = {0, 1, 2, 3};

    contested[0] = get(16);
    run_threads(THREADS, free_at_random, args, sizeof(*args));
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq(statistics_now().heap_blocks, 1);
    ck_assert_uint_eq(statistics_now().refused_frees, 3 * 100000);
}
END_TEST

static void *create_and_destroy(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < 50; i++)
    {
        struct hostmem_heap *mine;
        void *block;
        expect(hostmem_heap_create(manager, 0, &mine) == HOSTMEM_OK);
        for (unsigned k = 0; k < 20; k++) expect(hostmem_heap_alloc(mine, k * 100, TASK, &block) == HOSTMEM_OK);
        expect(hostmem_heap_free(heap, block) == HOSTMEM_NOT_OWNED);
        expect(hostmem_heap_free(mine, block) == HOSTMEM_OK);
        if (i % 10 == 0) hostmem_manager_trim(manager);
        hostmem_heap_destroy(mine);
    }
    return NULL;
}

START_TEST(threads_create_and_destroy_heaps)
{
    run_threads(THREADS, create_and_destroy, NULL, 0);
    ck_assert_uint_eq(statistics_now().heaps, 1);
    expect_empty();
}
END_TEST

static void *count_calls(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < 10000; i++) hostmem_heap_free(heap, get(33));
    return NULL;
}

START_TEST(calls_are_counted_exactly)
{
    run_threads(THREADS, count_calls, NULL, 0);
    ck_assert_uint_eq(statistics_now().calls[HOSTMEM_METHOD_ALLOC], THREADS * 10000);
    ck_assert_uint_eq(statistics_now().calls[HOSTMEM_METHOD_FREE], THREADS * 10000);
    ck_assert_uint_eq(statistics_now().failures[HOSTMEM_METHOD_FREE], 0);
    expect_empty();
}
END_TEST

Suite *heap_threads_suite(void)
{
    Suite *suite = suite_create("heap_threads");
    TCase *tcase = tcase_create("heap_threads");

    tcase_add_checked_fixture(tcase, heap_setup, manager_teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, threads_do_not_share_blocks);
    tcase_add_test(tcase, trimming_meanwhile_loses_nothing);
    tcase_add_test(tcase, threads_free_each_others_blocks);
    tcase_add_test(tcase, a_double_free_has_one_winner);
    tcase_add_test(tcase, a_large_double_free_has_one_winner);
    tcase_add_test(tcase, stray_frees_hit_no_block);
    tcase_add_test(tcase, threads_create_and_destroy_heaps);
    tcase_add_test(tcase, calls_are_counted_exactly);
    suite_add_tcase(suite, tcase);
    return suite;
}
