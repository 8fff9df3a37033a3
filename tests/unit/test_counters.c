/*
 * Gauges, and the spread of threads over shards.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "hostmem/base/counters.h"

#include <sys/syscall.h>
#include <unistd.h>

#define THREADS 8 /* half as many as there are shards */

START_TEST(a_gauge_keeps_its_peak)
{
    struct hm_gauge gauge = {0};

    gauge_add(&gauge, 5);
    gauge_add(&gauge, 7);
    gauge_sub(&gauge, 10);
    gauge_add(&gauge, 3);
    ck_assert_uint_eq(gauge.now, 5);
    ck_assert_uint_eq(gauge.peak, 12);
}
END_TEST

static unsigned shards_of(const uintptr_t *hints, unsigned count)
{
    unsigned seen = 0, distinct = 0;

    for (unsigned i = 0; i < count; i++)
    {
        unsigned shard = shard_of(hints[i]);

        ck_assert_uint_lt(shard, SHARD_COUNT);
        distinct += !(seen & 1u << shard);
        seen |= 1u << shard;
    }
    return distinct;
}

/* Wine's thread ids are multiples of 4, and some of those are process ids; Linux's ids are consecutive. The other steps
 * are distances of thread environment blocks, and of pthreads with their stacks. */
static const uintptr_t steps[] = {1,        4,        8,        12,       16,       20,       24,       32,
                                  44,       0x1000,   0x2000,   0x3000,   0x4000,   0x10000,  0x100000, 0x101000,
                                  0x200000, 0x201000, 0x800000, 0x801000, 0x802000, 0x1000000};
#define STEPS ((int)(sizeof(steps) / sizeof(*steps)))

START_TEST(neighbours_have_shards_of_their_own)
{
    static const uintptr_t firsts[] = {4, 0x24, 0x108, 1000, 4194300, 0x7ffd0000, (uintptr_t)0x7f5500001740};

    for (unsigned i = 0; i < sizeof(firsts) / sizeof(*firsts); i++)
    {
        uintptr_t hints[THREADS];

        for (unsigned k = 0; k < THREADS; k++) hints[k] = firsts[i] + k * steps[_i];
        ck_assert_uint_eq(shards_of(hints, THREADS), THREADS);
    }
}
END_TEST

static uintptr_t ids[THREADS], pthreads[THREADS];

static void *record_ids(void *arg)
{
    unsigned i = *(unsigned *)arg;

    ids[i] = (uintptr_t)syscall(SYS_gettid);
    pthreads[i] = native.backend.thread_hint(native.backend.context);
    return NULL;
}

/* Threads of this process; other processes may get ids in between. */
START_TEST(real_threads_are_spread)
{
    unsigned args[THREADS];

    for (unsigned i = 0; i < THREADS; i++) args[i] = i;
    run_threads(THREADS, record_ids, args, sizeof(*args));
    ck_assert_uint_ge(shards_of(ids, THREADS), THREADS - 3);
    ck_assert_uint_ge(shards_of(pthreads, THREADS), THREADS - 3);
}
END_TEST

Suite *counters_suite(void)
{
    Suite *suite = suite_create("counters");
    TCase *tcase = tcase_create("counters");

    tcase_add_checked_fixture(tcase, native_setup, native_teardown);
    tcase_add_test(tcase, a_gauge_keeps_its_peak);
    tcase_add_loop_test(tcase, neighbours_have_shards_of_their_own, 0, STEPS);
    tcase_add_test(tcase, real_threads_are_spread);
    suite_add_tcase(suite, tcase);
    return suite;
}
