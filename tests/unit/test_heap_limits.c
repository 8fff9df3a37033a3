/*
 * Pages of heaps are charged before they are committed, and limits refuse them; blocks by their critical level.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "hostmem/api/manager.h"

#include <stdatomic.h>

#define APPDOMAIN HOSTMEM_APPDOMAIN_CRITICAL
#define PROCESS   HOSTMEM_PROCESS_CRITICAL
#define KIB       ((uint64_t)1024)

static struct hostmem_heap *heap;

static void limits_setup(void)
{
    manager_setup();
    heap = must_heap_create();
}

static void limit_manager(uint64_t hard)
{
    const struct hostmem_limits limits = {.hard = hard, .soft = hard};

    ck_result(hostmem_manager_set_limits(manager, &limits), HOSTMEM_OK);
}

static void limit_heap(uint64_t hard)
{
    const struct hostmem_limits limits = {.hard = hard, .soft = hard};

    ck_result(hostmem_heap_set_limits(heap, &limits), HOSTMEM_OK);
}

static enum hostmem_result get_at(enum hostmem_critical_level level, size_t size)
{
    void *block;

    return hostmem_heap_alloc(heap, size, level, &block);
}

/* Refused, and nothing has changed. */
static void refused(size_t size, enum hostmem_critical_level level, enum hostmem_result expected)
{
    struct hostmem_statistics before = statistics_now(), after;
    void *block = heap;

    ck_result(hostmem_heap_alloc(heap, size, level, &block), expected);
    ck_assert_ptr_null(block);
    after = statistics_now();
    ck_same_amounts(&before, &after);
    ck_assert_uint_eq(after.peak_charged, before.peak_charged);
    ck_assert_uint_eq(after.results[HOSTMEM_METHOD_ALLOC][expected],
                      before.results[HOSTMEM_METHOD_ALLOC][expected] + 1);
}

/* Allocates until a request is refused. The number of blocks. */
static unsigned fill(size_t size, enum hostmem_critical_level level, enum hostmem_result expected)
{
    unsigned count = 0;
    enum hostmem_result result;

    while ((result = get_at(level, size)) == HOSTMEM_OK) count++;
    ck_result(result, expected);
    return count;
}

static const size_t sizes[] = {1, 100, 3000, 5000, 20000, 100000, 524288, 524289, 3000000};
#define SIZES (sizeof(sizes) / sizeof(*sizes))

START_TEST(what_is_committed_is_charged)
{
    void *blocks[10];

    for (unsigned i = 0; i < 10; i++)
    {
        blocks[i] = must_heap_alloc(heap, sizes[_i]);
        ck_assert_uint_ge(statistics_now().charged, sizes[_i]);
        ck_assert_uint_eq(statistics_now().charged, statistics_now().heap_committed);
        ck_assert_uint_eq(load_relaxed(&heap->account.charged.now), statistics_now().heap_committed);
    }
    for (unsigned i = 0; i < 10; i++) ck_result(hostmem_heap_free(heap, blocks[i]), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().charged, statistics_now().heap_committed);
    hostmem_manager_trim(manager);
    ck_assert_uint_eq(statistics_now().charged, 0);
    ck_assert_uint_eq(load_relaxed(&heap->account.charged.now), 0);
}
END_TEST

/* Whenever the backend is called: before a commit, more is charged than committed; until a release, as much. */
static unsigned looks;

static void look(struct native *from, enum native_call call, void *address)
{
    struct hostmem_statistics now;
    struct native_reservation found;
    bool ours = from->hook_arg && address && map_find(manager->regions.map, address, HM_MAP_SPAN);

    if (!ours || !native_find(from, address, &found)) return;
    now = statistics_now();
    if (call == NATIVE_COMMIT)
        ck_assert_uint_gt(now.charged, now.heap_committed);
    else if (call == NATIVE_DECOMMIT)
        ck_assert_uint_eq(now.charged, now.heap_committed);
    else
        return;
    looks++;
}

START_TEST(charged_before_it_is_committed)
{
    void *blocks[200];

    native.hook_arg = heap;
    native.hook = look;
    for (unsigned i = 0; i < 200; i++) blocks[i] = must_heap_alloc(heap, 3000);
    for (unsigned i = 0; i < 200; i++) ck_result(hostmem_heap_free(heap, blocks[i]), HOSTMEM_OK);
    hostmem_manager_trim(manager);
    native.hook = NULL;
    ck_assert_uint_gt(looks, 20);
}
END_TEST

START_TEST(a_limit_is_used_up_and_never_passed)
{
    size_t size = sizes[_i], pages = (size + PAGE - 1) / PAGE * PAGE;
    struct hostmem_statistics now;

    limit_manager(6000 * KIB);
    fill(size, TASK, HOSTMEM_LIMIT);
    now = statistics_now();
    ck_assert_uint_le(now.charged, 6000 * KIB);
    ck_assert_uint_le(now.peak_charged, 6000 * KIB);
    /* The rest is too small for one more block: sizes are rounded up by at most a quarter. */
    ck_assert_uint_lt(6000 * KIB - now.charged, pages + pages / 4 + PAGE);
    ck_assert_uint_eq(now.refusals[HOSTMEM_CAUSE_LIMIT][TASK], 1);
    refused(size, TASK, HOSTMEM_LIMIT);
    refused(size, PROCESS, HOSTMEM_LIMIT);
    limit_manager(HOSTMEM_NO_LIMIT);
    ck_result(get_at(TASK, size), HOSTMEM_OK);
}
END_TEST

START_TEST(a_refusal_takes_no_address_space)
{
    limit_manager(0);
    for (unsigned i = 0; i < SIZES; i++) refused(sizes[i], TASK, HOSTMEM_LIMIT);
    ck_assert_uint_eq(statistics_now().heap_reserved, 0);
    ck_assert_uint_eq(statistics_now().peak_heap_reserved, 0);
    limit_manager(HOSTMEM_NO_LIMIT);
    limit_heap(PAGE - 1);
    for (unsigned i = 0; i < SIZES; i++) refused(sizes[i], PROCESS, HOSTMEM_HEAP_LIMIT);
    ck_assert_uint_eq(statistics_now().refusals[HOSTMEM_CAUSE_HEAP_LIMIT][PROCESS], SIZES);
}
END_TEST

START_TEST(a_heaps_limit_is_its_own)
{
    struct hostmem_heap *other = must_heap_create();

    limit_heap(100 * KIB);
    fill(1000, TASK, HOSTMEM_HEAP_LIMIT);
    refused(1000, TASK, HOSTMEM_HEAP_LIMIT);
    refused(1000000, TASK, HOSTMEM_HEAP_LIMIT);
    ck_assert_uint_le(load_relaxed(&heap->account.charged.now), 100 * KIB);
    must_heap_alloc(other, 1000);
    must_heap_alloc(other, 1000000);
}
END_TEST

START_TEST(reserves_are_for_worse_requests)
{
    const struct hostmem_limits limits = {
        .hard = 1000 * KIB, .soft = 500 * KIB, .appdomain_reserve = 100 * KIB, .process_reserve = 200 * KIB};

    ck_result(hostmem_manager_set_limits(manager, &limits), HOSTMEM_OK);
    fill(8000, TASK, HOSTMEM_LIMIT);
    ck_assert_uint_le(statistics_now().charged, 700 * KIB);
    ck_assert_uint_gt(statistics_now().charged, 690 * KIB);
    ck_assert_uint_gt(fill(8000, APPDOMAIN, HOSTMEM_LIMIT), 10);
    ck_assert_uint_le(statistics_now().charged, 800 * KIB);
    ck_assert_uint_gt(fill(8000, PROCESS, HOSTMEM_LIMIT), 20);
    ck_assert_uint_le(statistics_now().charged, 1000 * KIB);
    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
        ck_assert_uint_eq(statistics_now().refusals[HOSTMEM_CAUSE_LIMIT][level], 1);
}
END_TEST

START_TEST(unknown_levels_are_refused)
{
    static const int levels[] = {3, 4, -1, 0x7fffffff};
    enum hostmem_critical_level level = (enum hostmem_critical_level)levels[_i];
    struct hostmem_statistics before, after;
    void *block = heap;

    must_heap_alloc(heap, 100);
    before = statistics_now();
    ck_result(hostmem_heap_alloc(heap, 100, level, &block), HOSTMEM_INVALID_PARAMETER);
    ck_assert_ptr_null(block);
    block = heap;
    ck_result(hostmem_heap_alloc(heap, 1000000, level, &block), HOSTMEM_INVALID_PARAMETER);
    ck_assert_ptr_null(block);
    block = heap;
    ck_result(hostmem_heap_debug_alloc(heap, 100, level, "file", 1, &block), HOSTMEM_INVALID_PARAMETER);
    ck_assert_ptr_null(block);
    after = statistics_now();
    ck_same_amounts(&before, &after);
    ck_assert_uint_eq(after.failures[HOSTMEM_METHOD_ALLOC], 2);
    ck_assert_uint_eq(after.failures[HOSTMEM_METHOD_DEBUG_ALLOC], 1);
}
END_TEST

/* --- committed memory is used before a request is refused ------------------- */

static uintptr_t hint;

static uintptr_t chosen_hint(void *context)
{
    (void)context;
    return hint;
}

/* All threads use this shard from now on. */
static void on_shard(unsigned shard)
{
    manager->backend.thread_hint = chosen_hint;
    for (hint = 0; shard_index(&manager->backend) != shard; hint += 4) continue;
}

START_TEST(at_the_limit_other_shards_blocks_are_used)
{
    unsigned rest;

    on_shard(3);
    must_heap_alloc(heap, 1000);
    limit_manager(statistics_now().charged);
    on_shard(5);
    rest = fill(1000, TASK, HOSTMEM_LIMIT);
    /* The step of 16 KiB that the first block opened, without that block. */
    ck_assert_uint_eq(rest, HEAP_OPEN_STEP / 1024 - 1);
    ck_assert_uint_eq(statistics_now().heap_blocks, 1 + rest);
}
END_TEST

START_TEST(at_the_limit_partial_and_cached_spans_are_used)
{
    enum
    {
        SPAN = 64 /* blocks of 1024 in a span */
    };
    void *blocks[4 * SPAN];

    for (unsigned i = 0; i < 4 * SPAN; i++) blocks[i] = must_heap_alloc(heap, 1024);
    must_heap_alloc(heap, 1024); /* the current span, opened in part */
    limit_manager(statistics_now().charged);
    /* One span becomes partial, another cached. */
    for (unsigned i = 0; i < SPAN; i++) ck_result(hostmem_heap_free(heap, blocks[i]), HOSTMEM_OK);
    for (unsigned i = SPAN; i < 2 * SPAN; i += 2) ck_result(hostmem_heap_free(heap, blocks[i]), HOSTMEM_OK);
    ck_assert_uint_eq(fill(1024, TASK, HOSTMEM_LIMIT), SPAN + SPAN / 2 + HEAP_OPEN_STEP / 1024 - 1);
}
END_TEST

START_TEST(cached_memory_is_returned_for_a_request)
{
    void *blocks[1000];

    for (unsigned i = 0; i < 1000; i++) blocks[i] = must_heap_alloc(heap, 1024);
    for (unsigned i = 0; i < 1000; i++) ck_result(hostmem_heap_free(heap, blocks[i]), HOSTMEM_OK);
    ck_assert_uint_ge(statistics_now().charged, 900 * KIB);
    limit_manager(1000 * KIB);
    ck_result(get_at(TASK, 900 * KIB), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().refusals[HOSTMEM_CAUSE_LIMIT][TASK], 0);
}
END_TEST

START_TEST(destroying_a_heap_frees_its_charge)
{
    limit_manager(5000 * KIB);
    for (unsigned i = 0; i < SIZES - 1; i++) must_heap_alloc(heap, sizes[i]);
    hostmem_heap_destroy(heap);
    ck_assert_uint_eq(statistics_now().charged, 0);
    heap = must_heap_create();
    ck_result(get_at(TASK, 5000 * KIB), HOSTMEM_OK);
}
END_TEST

/* --- waiting --------------------------------------------------------------- */

struct waiter
{
    size_t size;
    enum hostmem_result result;
    void *block;
};

static void *wait_for_block(void *arg)
{
    struct waiter *waiter = arg;

    waiter->result = hostmem_heap_alloc(heap, waiter->size, TASK, &waiter->block);
    return NULL;
}

static pthread_t start_waiter(struct waiter *waiter)
{
    const struct hostmem_waits waits = {.memory = {HOSTMEM_FOREVER, HOSTMEM_FOREVER, HOSTMEM_FOREVER}};
    pthread_t thread;

    hostmem_manager_set_waits(manager, &waits);
    ck_assert(!pthread_create(&thread, NULL, wait_for_block, waiter));
    while (!statistics_now().waits) sched_yield();
    return thread;
}

static const size_t wait_sizes[] = {100, 100000, 600000};

START_TEST(a_request_waits_for_a_free)
{
    struct waiter waiter = {.size = wait_sizes[_i]};
    void *block = must_heap_alloc(heap, 2000 * KIB);
    pthread_t thread;

    limit_manager(2000 * KIB);
    thread = start_waiter(&waiter);
    ck_result(hostmem_heap_free(heap, block), HOSTMEM_OK);
    pthread_join(thread, NULL);
    ck_result(waiter.result, HOSTMEM_OK);
    ck_assert_ptr_nonnull(waiter.block);
    ck_assert_uint_eq(statistics_now().heap_blocks, 1);
    ck_assert_uint_eq(statistics_now().refusals[HOSTMEM_CAUSE_LIMIT][TASK], 0);
    ck_assert_uint_eq(statistics_now().calls[HOSTMEM_METHOD_ALLOC], 2);
}
END_TEST

START_TEST(a_wait_is_cancelled)
{
    struct waiter waiter = {.size = wait_sizes[_i]};
    pthread_t thread;

    must_heap_alloc(heap, 2000 * KIB);
    limit_manager(2000 * KIB);
    thread = start_waiter(&waiter);
    ck_result(hostmem_manager_cancel_waits(manager, NULL), HOSTMEM_OK);
    pthread_join(thread, NULL);
    ck_result(waiter.result, HOSTMEM_ABANDONED);
    ck_assert_ptr_null(waiter.block);
}
END_TEST

/* --- several threads ------------------------------------------------------- */

static _Atomic unsigned long wrong;

static void *crowd(void *arg)
{
    uint32_t seed = 31 + *(unsigned *)arg;
    void *blocks[50] = {0};

    for (unsigned i = 0; i < 10000; i++)
    {
        void **block = &blocks[random_next(&seed) % 50];
        size_t size = random_next(&seed) % (i % 50 ? 5000 : 700000);
        enum hostmem_result result;

        if (*block)
        {
            if (hostmem_heap_free(heap, *block) != HOSTMEM_OK) wrong++;
            *block = NULL;
            continue;
        }
        result = hostmem_heap_alloc(heap, size, random_next(&seed) % HOSTMEM_CRITICAL_LEVEL_COUNT, block);
        if (result != HOSTMEM_OK && result != HOSTMEM_LIMIT) wrong++;
        if ((result == HOSTMEM_OK) != (*block != NULL)) wrong++;
    }
    for (unsigned i = 0; i < 50; i++)
        if (*(blocks + i) && hostmem_heap_free(heap, blocks[i]) != HOSTMEM_OK) wrong++;
    return NULL;
}

START_TEST(no_crowd_passes_a_limit)
{
    unsigned args[4] = {0, 1, 2, 3};

    wrong = 0;
    limit_manager(600 * KIB);
    run_threads(4, crowd, args, sizeof(*args));
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_le(statistics_now().peak_charged, 600 * KIB);
    ck_assert_uint_gt(statistics_now().results[HOSTMEM_METHOD_ALLOC][HOSTMEM_LIMIT], 0);
    ck_assert_uint_eq(statistics_now().heap_blocks, 0);
    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
        ck_assert_uint_eq(statistics_now().levels[level].heap_live, 0);
    hostmem_manager_trim(manager);
    ck_assert_uint_eq(statistics_now().charged, 0);
}
END_TEST

/* --- blocks by level ------------------------------------------------------- */

START_TEST(blocks_are_counted_by_their_level)
{
    size_t size = sizes[_i];
    void *blocks[30];
    struct hostmem_statistics now;

    for (unsigned round = 0; round < 3; round++)
    {
        /* The same blocks get other levels each time. */
        for (unsigned i = 0; i < 30; i++)
            ck_result(hostmem_heap_alloc(heap, size, (i + round) % 3 == 0, &blocks[i]), HOSTMEM_OK);
        now = statistics_now();
        ck_assert_uint_eq(now.levels[TASK].heap_blocks, 20);
        ck_assert_uint_eq(now.levels[APPDOMAIN].heap_blocks, 10);
        ck_assert_uint_eq(now.levels[PROCESS].heap_blocks, 0);
        ck_assert_uint_eq(now.heap_blocks, 30);
        ck_assert_uint_ge(now.levels[APPDOMAIN].heap_live, 10 * size);
        ck_assert_uint_eq(now.levels[TASK].heap_live, 2 * now.levels[APPDOMAIN].heap_live);
        ck_assert_uint_eq(now.heap_live, now.levels[TASK].heap_live + now.levels[APPDOMAIN].heap_live);
        for (unsigned i = 0; i < 30; i++)
            if ((i + round) % 3 == 0) ck_result(hostmem_heap_free(heap, blocks[i]), HOSTMEM_OK);
        now = statistics_now();
        ck_assert_uint_eq(now.levels[APPDOMAIN].heap_blocks, 0);
        ck_assert_uint_eq(now.levels[APPDOMAIN].heap_live, 0);
        ck_assert_uint_eq(now.levels[TASK].heap_blocks, 20);
        for (unsigned i = 0; i < 30; i++)
            if ((i + round) % 3) ck_result(hostmem_heap_free(heap, blocks[i]), HOSTMEM_OK);
        ck_assert_uint_eq(statistics_now().levels[TASK].heap_blocks, 0);
    }
}
END_TEST

START_TEST(a_destroyed_heaps_levels_go_with_it)
{
    struct hostmem_statistics before = statistics_now(), after;
    struct hostmem_heap *other = must_heap_create();
    void *block;

    for (unsigned i = 0; i < SIZES; i++)
        for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
        {
            ck_result(hostmem_heap_alloc(other, sizes[i], level, &block), HOSTMEM_OK);
            ck_result(hostmem_heap_debug_alloc(other, sizes[i], level, "f", 1, &block), HOSTMEM_OK);
        }
    ck_assert_uint_eq(statistics_now().levels[PROCESS].heap_blocks, 2 * SIZES);
    hostmem_heap_destroy(other);
    after = statistics_now();
    ck_same_amounts(&before, &after);
}
END_TEST

Suite *heap_limits_suite(void)
{
    Suite *suite = suite_create("heap_limits");
    TCase *tcase = tcase_create("heap_limits");

    tcase_add_checked_fixture(tcase, limits_setup, manager_teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, what_is_committed_is_charged, 0, SIZES);
    tcase_add_test(tcase, charged_before_it_is_committed);
    tcase_add_loop_test(tcase, a_limit_is_used_up_and_never_passed, 0, SIZES);
    tcase_add_test(tcase, a_refusal_takes_no_address_space);
    tcase_add_test(tcase, a_heaps_limit_is_its_own);
    tcase_add_test(tcase, reserves_are_for_worse_requests);
    tcase_add_loop_test(tcase, unknown_levels_are_refused, 0, 4);
    tcase_add_test(tcase, at_the_limit_other_shards_blocks_are_used);
    tcase_add_test(tcase, at_the_limit_partial_and_cached_spans_are_used);
    tcase_add_test(tcase, cached_memory_is_returned_for_a_request);
    tcase_add_test(tcase, destroying_a_heap_frees_its_charge);
    tcase_add_loop_test(tcase, a_request_waits_for_a_free, 0, 3);
    tcase_add_loop_test(tcase, a_wait_is_cancelled, 0, 3);
    tcase_add_test(tcase, no_crowd_passes_a_limit);
    tcase_add_loop_test(tcase, blocks_are_counted_by_their_level, 0, SIZES);
    tcase_add_test(tcase, a_destroyed_heaps_levels_go_with_it);
    suite_add_tcase(suite, tcase);
    return suite;
}
