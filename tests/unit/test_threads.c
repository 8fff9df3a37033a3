/*
 * Regions on several threads: exactly one releases, and no thread is ever held up.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include <stdatomic.h>

#define THREADS 4
#define REGIONS 300

static void *regions[REGIONS];
static _Atomic unsigned winners[REGIONS];
static _Atomic unsigned long wrong, reserved, released;
static pthread_barrier_t barrier;
static char *arena;

static void threads_setup(void)
{
    manager_setup();
    arena = native_use_arena(&native, 8 * GRANULE);
    wrong = reserved = released = 0;
    pthread_barrier_init(&barrier, NULL, THREADS);
}

static void threads_teardown(void)
{
    pthread_barrier_destroy(&barrier);
    manager_teardown();
}

static void expect(bool condition)
{
    if (!condition) wrong++;
}

static void expect_nothing_left(void)
{
    struct hostmem_statistics now = statistics_now();

    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq(now.regions, 0);
    ck_assert_uint_eq(now.reserved, 0);
    ck_assert_uint_eq(now.committed, 0);
}

static void *release_all(void *arg)
{
    for (unsigned round = 0; round < 5; round++)
    {
        pthread_barrier_wait(&barrier);
        if (!*(unsigned *)arg)
            for (unsigned i = 0; i < REGIONS; i++)
            {
                winners[i] = 0;
                expect(hostmem_virtual_alloc(manager, NULL, GRANULE * (1 + i % 5), HOSTMEM_RESERVE, READWRITE, TASK,
                                             &regions[i]) == HOSTMEM_OK);
            }
        pthread_barrier_wait(&barrier);
        for (unsigned i = 0; i < REGIONS; i++)
        {
            enum hostmem_result result = hostmem_virtual_free(manager, regions[i], 0, HOSTMEM_RELEASE);
            expect(result == HOSTMEM_OK || result == HOSTMEM_NOT_OWNED);
            if (result == HOSTMEM_OK) winners[i]++;
        }
        pthread_barrier_wait(&barrier);
        for (unsigned i = 0; i < REGIONS; i++) expect(winners[i] == 1);
    }
    return NULL;
}

START_TEST(a_double_release_has_one_winner)
{
    unsigned args[THREADS] = {0, 1, 2, 3};

    run_threads(THREADS, release_all, args, sizeof(*args));
    expect_nothing_left();
    ck_assert_uint_eq(statistics_now().refused_frees, 5 * REGIONS * (THREADS - 1));
}
END_TEST

/* One thread reserves and releases; the others commit, decommit and release in any region that they find. */
static void *disturb(void *arg)
{
    unsigned me = *(unsigned *)arg;
    void *out;

    for (unsigned i = 0; i < 4000; i++)
    {
        char *address = arena + (i % 8) * GRANULE;
        enum hostmem_result result;

        switch (me)
        {
        case 0:
            result = hostmem_virtual_alloc(manager, address, GRANULE, HOSTMEM_RESERVE, READWRITE, TASK, &out);
            expect(result == HOSTMEM_OK || result == HOSTMEM_INVALID_ADDRESS);
            if (result == HOSTMEM_OK) reserved++;
            break;
        case 1:
            result = hostmem_virtual_alloc(manager, address + PAGE, 2 * PAGE, HOSTMEM_COMMIT, READWRITE, TASK, &out);
            expect(result == HOSTMEM_OK || result == HOSTMEM_NOT_OWNED);
            break;
        case 2:
            result = hostmem_virtual_free(manager, address, 2 * PAGE, HOSTMEM_DECOMMIT);
            expect(result == HOSTMEM_OK || result == HOSTMEM_NOT_OWNED);
            break;
        }
        if (me != 3 && i % 3) continue;
        result = hostmem_virtual_free(manager, address, 0, HOSTMEM_RELEASE);
        expect(result == HOSTMEM_OK || result == HOSTMEM_NOT_OWNED);
        if (result == HOSTMEM_OK) released++;
    }
    return NULL;
}

START_TEST(commit_decommit_and_release_race)
{
    unsigned args[THREADS] = {0, 1, 2, 3};
    unsigned long left = 0;

    run_threads(THREADS, disturb, args, sizeof(*args));
    for (unsigned i = 0; i < 8; i++)
        if (hostmem_virtual_free(manager, arena + i * GRANULE, 0, HOSTMEM_RELEASE) == HOSTMEM_OK) left++;
    ck_assert_uint_eq(reserved, released + left);
    ck_assert_uint_gt(released, 0);
    expect_nothing_left();
}
END_TEST

/* All threads reserve the same few addresses; the thread that gets one releases it, and no other can. */
static void *fight_for_addresses(void *arg)
{
    uint32_t seed = 31 + *(unsigned *)arg;

    for (unsigned i = 0; i < 4000; i++)
    {
        char *address = arena + (random_next(&seed) % 7) * GRANULE;
        size_t size = PAGE * (1 + random_next(&seed) % 32);
        void *out, *base;

        if (hostmem_virtual_alloc(manager, address, size, HOSTMEM_RESERVE | HOSTMEM_COMMIT, READWRITE, TASK, &out) !=
            HOSTMEM_OK)
            continue;
        expect(out == address);
        *(unsigned *)address = *(unsigned *)arg;
        expect(hostmem_manager_owns(manager, address + size - 1, &base, &size) && base == address);
        expect(*(unsigned *)address == *(unsigned *)arg);
        reserved++;
        expect(hostmem_virtual_free(manager, address, 0, HOSTMEM_RELEASE) == HOSTMEM_OK);
    }
    return NULL;
}

START_TEST(released_addresses_change_hands)
{
    unsigned args[THREADS] = {0, 1, 2, 3};

    run_threads(THREADS, fight_for_addresses, args, sizeof(*args));
    ck_assert_uint_gt(reserved, 4000);
    expect_nothing_left();
}
END_TEST

static bool add_up(void *arg, const struct hostmem_region_info *region)
{
    (void)arg;
    expect(region->base && region->size && region->size % PAGE == 0 && region->committed % PAGE == 0);
    return true;
}

static _Atomic unsigned running;

static void *read_or_work(void *arg)
{
    struct hostmem_statistics now;

    if (*(unsigned *)arg)
    {
        fight_for_addresses(arg);
        running--;
        return NULL;
    }
    while (running)
    {
        void *base;
        size_t size;
        hostmem_manager_each_region(manager, add_up, NULL);
        for (unsigned i = 0; i < 8 * 16; i++)
            if (hostmem_manager_owns(manager, arena + i * PAGE, &base, &size))
                expect((char *)base <= arena + i * PAGE && arena + i * PAGE < (char *)base + size);
        hostmem_manager_statistics(manager, &now);
        expect(now.reserved <= now.peak_reserved && now.committed <= now.peak_committed);
    }
    return NULL;
}

START_TEST(reading_never_disturbs)
{
    unsigned args[3] = {0, 1, 2};

    running = 2;
    run_threads(3, read_or_work, args, sizeof(*args));
    expect_nothing_left();
}
END_TEST

/* Shutting down while other threads call: each call is served or refused, nothing else. */
static void *work_until_stopped(void *arg)
{
    void *out;

    for (unsigned i = 0;; i++)
    {
        enum hostmem_result result;
        if (!*(unsigned *)arg && i == 200) hostmem_manager_shutdown(manager);
        result = hostmem_virtual_alloc(manager, NULL, PAGE, HOSTMEM_RESERVE, READWRITE, TASK, &out);
        expect(result == HOSTMEM_OK || result == HOSTMEM_UNAVAILABLE);
        if (result != HOSTMEM_OK) return NULL;
        result = hostmem_virtual_free(manager, out, 0, HOSTMEM_RELEASE);
        expect(result == HOSTMEM_OK || result == HOSTMEM_UNAVAILABLE);
    }
}

START_TEST(shutdown_in_the_middle)
{
    unsigned args[THREADS] = {0, 1, 2, 3};

    run_threads(THREADS, work_until_stopped, args, sizeof(*args));
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_le(statistics_now().regions, THREADS);
}
END_TEST

/* The records are found inconsistent on every thread at once: one gets HOSTMEM_BROKEN. */
static void *find_it_broken(void *arg)
{
    enum hostmem_result result;

    pthread_barrier_wait(&barrier);
    result = hostmem_virtual_free(manager, regions[*(unsigned *)arg], 0, HOSTMEM_RELEASE);
    expect(result == HOSTMEM_BROKEN || result == HOSTMEM_UNAVAILABLE);
    if (result == HOSTMEM_BROKEN) winners[0]++;
    return NULL;
}

START_TEST(broken_is_said_once)
{
    unsigned args[THREADS] = {0, 1, 2, 3};

    for (unsigned i = 0; i < THREADS; i++) regions[i] = must_reserve(PAGE);
    winners[0] = 0;
    native_fail(&native, 1u << NATIVE_RELEASE, 0, true, HOSTMEM_INVALID_ADDRESS);
    run_threads(THREADS, find_it_broken, args, sizeof(*args));
    native_fail_not(&native);
    ck_assert_uint_eq(winners[0], 1);
    ck_assert_uint_eq(wrong, 0);
    for (unsigned i = 0; i < THREADS; i++)
        if (!hostmem_manager_owns(manager, regions[i], NULL, NULL)) native.backend.release(&native, regions[i]);
}
END_TEST

Suite *threads_suite(void)
{
    Suite *suite = suite_create("threads");
    TCase *tcase = tcase_create("threads");

    tcase_add_checked_fixture(tcase, threads_setup, threads_teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_double_release_has_one_winner);
    tcase_add_test(tcase, commit_decommit_and_release_race);
    tcase_add_test(tcase, released_addresses_change_hands);
    tcase_add_test(tcase, reading_never_disturbs);
    tcase_add_test(tcase, shutdown_in_the_middle);
    tcase_add_test(tcase, broken_is_said_once);
    suite_add_tcase(suite, tcase);
    return suite;
}
