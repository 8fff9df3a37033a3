/*
 * Waiting for room below a limit, and for a lock: time-outs, cancellation, shutdown.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include <stdlib.h>
#include <unistd.h>

#define SOMEBODY 1u    /* not the id of a thread of this process */
#define LONG     60000 /* ms; longer than a test may take */

static void set_waits(uint32_t memory, uint32_t lock)
{
    struct hostmem_waits waits = {{memory, memory, memory}, lock};

    hostmem_manager_set_waits(manager, &waits);
}

static void limit_pages(uint64_t pages)
{
    struct hostmem_limits limits = {pages * PAGE, pages * PAGE, 0, 0};

    ck_result(hostmem_manager_set_limits(manager, &limits), HOSTMEM_OK);
}

static enum hostmem_result try_pages(size_t pages)
{
    void *out;

    return hostmem_virtual_alloc(manager, NULL, pages * PAGE, HOSTMEM_COMMIT, READWRITE, TASK, &out);
}

/* The main thread's part, once the other thread waits. */
static void (*rescue)(void);
static char *region;

/* Until a thread sleeps. */
static void await_a_waiter(void)
{
    for (;;)
    {
        uint64_t waits;

        pthread_mutex_lock(&native.wait_lock);
        waits = native.waits;
        pthread_mutex_unlock(&native.wait_lock);
        if (waits) return;
        usleep(1000);
    }
}

static void *come_to_the_rescue(void *arg)
{
    (void)arg;
    await_a_waiter();
    rescue();
    return NULL;
}

static pthread_t rescuer;

static void rescue_by(void (*what)(void))
{
    rescue = what;
    ck_assert_int_eq(pthread_create(&rescuer, NULL, come_to_the_rescue, NULL), 0);
}

static void rescued(void)
{
    pthread_join(rescuer, NULL);
}

START_TEST(waits_are_as_they_were_set)
{
    struct hostmem_waits waits = {{1, 2, 3}, 4}, now;

    hostmem_manager_get_waits(manager, &now);
    ck_assert_uint_eq(now.memory[0] | now.memory[1] | now.memory[2] | now.lock, 0);
    hostmem_manager_set_waits(manager, &waits);
    hostmem_manager_get_waits(manager, &now);
    ck_assert_mem_eq(&now, &waits, sizeof(now));
}
END_TEST

START_TEST(a_wait_for_memory_runs_out)
{
    uint64_t start = native.backend.now(&native);

    limit_pages(4);
    must_alloc(4 * PAGE, HOSTMEM_COMMIT);
    set_waits(80, 0);
    ck_result(try_pages(1), HOSTMEM_LIMIT);
    ck_assert_uint_ge(native.backend.now(&native) - start, 80);
    ck_assert_uint_eq(statistics_now().waits, 1);
    ck_assert_uint_eq(statistics_now().refusals[HOSTMEM_CAUSE_LIMIT][TASK], 1);
}
END_TEST

START_TEST(what_can_never_be_met_is_not_waited_for)
{
    limit_pages(4);
    set_waits(HOSTMEM_FOREVER, 0);
    ck_result(try_pages(5), HOSTMEM_LIMIT);
    ck_assert_uint_eq(statistics_now().waits, 0);
}
END_TEST

START_TEST(a_request_that_no_heap_can_meet_does_not_wait)
{
    struct hostmem_limits limits = {4 * PAGE, 4 * PAGE, PAGE, PAGE}, none = {0, 0, 0, 0};
    struct hostmem_heap *heap = must_heap_create();
    void *block;

    set_waits(HOSTMEM_FOREVER, 0);
    ck_result(hostmem_heap_set_limits(heap, &limits), HOSTMEM_OK);
    ck_result(hostmem_heap_alloc(heap, 5 * PAGE, HOSTMEM_PROCESS_CRITICAL, &block), HOSTMEM_HEAP_LIMIT);
    ck_result(hostmem_heap_alloc(heap, 2 * PAGE + 1, TASK, &block), HOSTMEM_HEAP_LIMIT);
    ck_result(hostmem_heap_alloc(heap, 2000000, TASK, &block), HOSTMEM_HEAP_LIMIT);
    ck_result(hostmem_heap_alloc(heap, SIZE_MAX, TASK, &block), HOSTMEM_NO_MEMORY);
    ck_result(hostmem_heap_set_limits(heap, &none), HOSTMEM_OK);
    ck_result(hostmem_heap_alloc(heap, 1, HOSTMEM_PROCESS_CRITICAL, &block), HOSTMEM_HEAP_LIMIT);
    ck_assert_uint_eq(statistics_now().waits, 0);
}
END_TEST

START_TEST(levels_wait_as_set_for_each)
{
    struct hostmem_waits waits = {{0, 0, 50}, 0};
    void *out;

    limit_pages(1);
    must_alloc(PAGE, HOSTMEM_COMMIT);
    hostmem_manager_set_waits(manager, &waits);
    ck_result(try_pages(1), HOSTMEM_LIMIT);
    ck_assert_uint_eq(statistics_now().waits, 0);
    ck_result(hostmem_virtual_alloc(manager, NULL, 1, HOSTMEM_COMMIT, READWRITE, HOSTMEM_PROCESS_CRITICAL, &out),
              HOSTMEM_LIMIT);
    ck_assert_uint_eq(statistics_now().waits, 1);
}
END_TEST

static void release_region(void)
{
    if (hostmem_virtual_free(manager, region, 0, HOSTMEM_RELEASE) != HOSTMEM_OK) abort();
}

static void unlock_region(void)
{
    if (hostmem_manager_unlock(manager, region, SOMEBODY) != HOSTMEM_OK) abort();
}

static void decommit_a_page(void)
{
    if (hostmem_virtual_free(manager, region, PAGE, HOSTMEM_DECOMMIT) != HOSTMEM_OK) abort();
}

static void raise_the_limit(void)
{
    limit_pages(8);
}

START_TEST(freed_memory_ends_the_wait)
{
    static void (*const ways[])(void) = {release_region, decommit_a_page, raise_the_limit};

    limit_pages(4);
    region = must_alloc(4 * PAGE, HOSTMEM_COMMIT);
    set_waits(LONG, 0);
    rescue_by(ways[_i]);
    ck_result(try_pages(1), HOSTMEM_OK);
    rescued();
    ck_assert_uint_eq(statistics_now().waits, 1);
    ck_assert_uint_eq(statistics_now().refusals[HOSTMEM_CAUSE_LIMIT][TASK], 0);
}
END_TEST

static struct hostmem_heap *full_heap;
static void *full_blocks[64];

static void free_all_blocks(void)
{
    for (unsigned i = 0; i < 64; i++)
        if (hostmem_heap_free(full_heap, full_blocks[i]) != HOSTMEM_OK) abort();
}

/* Pages of freed blocks stay charged to their heap; a thread that waits gets them nevertheless. */
START_TEST(freed_blocks_end_the_wait)
{
    void *block;

    full_heap = must_heap_create();
    limit_pages(16);
    for (unsigned i = 0; i < 64; i++) full_blocks[i] = must_heap_alloc(full_heap, 1024);
    ck_assert_uint_eq(statistics_now().charged, 16 * PAGE);
    set_waits(LONG, 0);
    rescue_by(free_all_blocks);
    if (_i == 0) ck_result(try_pages(16), HOSTMEM_OK);
    if (_i == 1) ck_result(hostmem_heap_alloc(full_heap, 5000, TASK, &block), HOSTMEM_OK);
    if (_i == 2) ck_result(hostmem_heap_alloc(full_heap, 1024, TASK, &block), HOSTMEM_OK);
    rescued();
}
END_TEST

/* Each kind of wait has its own time. */
START_TEST(a_lock_that_goes_leaves_the_limits_refusal)
{
    void *out;

    limit_pages(2);
    region = must_reserve(GRANULE);
    must_alloc(2 * PAGE, HOSTMEM_COMMIT);
    ck_result(hostmem_manager_lock(manager, region, SOMEBODY, 0, NULL, NULL), HOSTMEM_OK);
    set_waits(0, HOSTMEM_FOREVER);
    rescue_by(unlock_region);
    ck_result(hostmem_virtual_alloc(manager, region, PAGE, HOSTMEM_COMMIT, READWRITE, TASK, &out), HOSTMEM_LIMIT);
    rescued();
}
END_TEST

static void cancel_all(void)
{
    hostmem_manager_cancel_waits(manager, NULL);
}

static void cancel_region(void)
{
    if (hostmem_manager_cancel_waits(manager, region) != HOSTMEM_OK) abort();
}

static void shut_down(void)
{
    hostmem_manager_shutdown(manager);
}

START_TEST(a_wait_for_memory_is_cancelled)
{
    limit_pages(4);
    region = must_alloc(4 * PAGE, HOSTMEM_COMMIT);
    set_waits(HOSTMEM_FOREVER, 0);
    rescue_by(cancel_all);
    ck_result(try_pages(1), HOSTMEM_ABANDONED);
    rescued();
}
END_TEST

START_TEST(shutdown_ends_every_wait)
{
    limit_pages(4);
    region = must_alloc(4 * PAGE, HOSTMEM_COMMIT);
    ck_result(hostmem_manager_lock(manager, region, SOMEBODY, 0, NULL, NULL), HOSTMEM_OK);
    set_waits(HOSTMEM_FOREVER, HOSTMEM_FOREVER);
    rescue_by(shut_down);
    if (_i == 0) ck_result(try_pages(1), HOSTMEM_UNAVAILABLE);
    if (_i == 1) ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_UNAVAILABLE);
    if (_i == 2) ck_result(hostmem_manager_lock(manager, region, 0, HOSTMEM_FOREVER, NULL, NULL), HOSTMEM_UNAVAILABLE);
    rescued();
}
END_TEST

START_TEST(a_wait_for_a_lock_runs_out)
{
    uint64_t start = native.backend.now(&native);

    region = must_alloc(PAGE, HOSTMEM_COMMIT);
    ck_result(hostmem_manager_lock(manager, region, SOMEBODY, 0, NULL, NULL), HOSTMEM_OK);
    set_waits(0, 60);
    refused_free(region, 0, HOSTMEM_RELEASE, HOSTMEM_TIMEOUT);
    ck_assert_uint_ge(native.backend.now(&native) - start, 60);
    ck_result(hostmem_manager_lock(manager, region, 0, 60, NULL, NULL), HOSTMEM_TIMEOUT);
    ck_assert_uint_ge(native.backend.now(&native) - start, 120);
    ck_assert_uint_eq(statistics_now().waits, 2);
}
END_TEST

START_TEST(unlocking_ends_the_wait)
{
    region = must_alloc(PAGE, HOSTMEM_COMMIT);
    ck_result(hostmem_manager_lock(manager, region, SOMEBODY, 0, NULL, NULL), HOSTMEM_OK);
    set_waits(0, HOSTMEM_FOREVER);
    rescue_by(unlock_region);
    if (_i)
        ck_result(hostmem_manager_lock(manager, region, 0, LONG, NULL, NULL), HOSTMEM_OK);
    else
        ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    rescued();
}
END_TEST

START_TEST(a_wait_for_a_lock_is_cancelled)
{
    region = must_alloc(PAGE, HOSTMEM_COMMIT);
    ck_result(hostmem_manager_lock(manager, region, SOMEBODY, 0, NULL, NULL), HOSTMEM_OK);
    set_waits(0, HOSTMEM_FOREVER);
    rescue_by(_i % 2 ? cancel_all : cancel_region);
    if (_i / 2)
        ck_result(hostmem_manager_lock(manager, region, 0, HOSTMEM_FOREVER, NULL, NULL), HOSTMEM_ABANDONED);
    else
        refused_free(region, 0, HOSTMEM_RELEASE, HOSTMEM_ABANDONED);
    rescued();
}
END_TEST

static char *other;

static void cancel_the_other_then_unlock(void)
{
    if (hostmem_manager_cancel_waits(manager, other) != HOSTMEM_OK) abort();
    usleep(20000);
    unlock_region();
}

START_TEST(cancelling_is_for_one_region)
{
    region = must_alloc(PAGE, HOSTMEM_COMMIT);
    other = must_alloc(PAGE, HOSTMEM_COMMIT);
    ck_result(hostmem_manager_lock(manager, region, SOMEBODY, 0, NULL, NULL), HOSTMEM_OK);
    set_waits(0, LONG);
    rescue_by(cancel_the_other_then_unlock);
    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    rescued();
}
END_TEST

static _Atomic bool locked;

/* The lock's owner releases the region while a thread waits for it. */
static void *own_and_release(void *arg)
{
    (void)arg;
    if (hostmem_manager_lock(manager, region, 0, 0, NULL, NULL) != HOSTMEM_OK) abort();
    locked = true;
    await_a_waiter();
    if (hostmem_virtual_free(manager, region, 0, HOSTMEM_RELEASE) != HOSTMEM_OK) abort();
    return NULL;
}

START_TEST(a_wait_for_a_released_region_ends)
{
    uint64_t protects = native.calls[NATIVE_PROTECT];
    uint32_t old;
    void *out;

    region = must_alloc(PAGE, HOSTMEM_COMMIT);
    set_waits(0, LONG);
    ck_assert_int_eq(pthread_create(&rescuer, NULL, own_and_release, NULL), 0);
    while (!locked) usleep(1000);
    if (_i == 0) ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_NOT_OWNED);
    if (_i == 1)
        ck_result(hostmem_virtual_alloc(manager, region, PAGE, HOSTMEM_COMMIT, READWRITE, TASK, &out),
                  HOSTMEM_NOT_OWNED);
    /* The call does not mean memory that is there by now. */
    if (_i == 2) ck_result(hostmem_virtual_protect(manager, region, PAGE, READWRITE, &old), HOSTMEM_NOT_OWNED);
    if (_i == 3) ck_result(hostmem_manager_lock(manager, region, 0, LONG, NULL, NULL), HOSTMEM_NOT_OWNED);
    rescued();
    ck_assert_uint_eq(native.calls[NATIVE_PROTECT], protects);
}
END_TEST

/* --- the monitor of pressure ----------------------------------------------------- */

START_TEST(the_monitor_sees_soft_limit_and_refusals)
{
    struct hostmem_limits limits = {10 * PAGE, 5 * PAGE, 0, 0};
    uint32_t seen = 0, before;
    char *first;

    ck_result(hostmem_manager_set_limits(manager, &limits), HOSTMEM_OK);
    hostmem_manager_await_pressure(manager, &seen, LONG);
    before = seen;
    first = must_alloc(5 * PAGE, HOSTMEM_COMMIT);
    hostmem_manager_await_pressure(manager, &seen, 0);
    ck_assert_uint_eq(seen, before);
    must_alloc(PAGE, HOSTMEM_COMMIT);
    hostmem_manager_await_pressure(manager, &seen, LONG);
    ck_assert_uint_ne(seen, before);
    before = seen;
    ck_result(try_pages(5), HOSTMEM_LIMIT);
    hostmem_manager_await_pressure(manager, &seen, LONG);
    ck_assert_uint_ne(seen, before);
    before = seen;
    /* Already above the soft limit: no event. */
    must_alloc(PAGE, HOSTMEM_COMMIT);
    ck_result(try_free(first, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    hostmem_manager_await_pressure(manager, &seen, 0);
    ck_assert_uint_eq(seen, before);
}
END_TEST

static void wake_monitor(void)
{
    hostmem_manager_wake_monitor(manager);
}

START_TEST(a_sleeping_monitor_is_woken)
{
    static void (*const ways[])(void) = {wake_monitor, shut_down};
    uint32_t seen = 0;

    rescue_by(ways[_i]);
    hostmem_manager_await_pressure(manager, &seen, HOSTMEM_FOREVER);
    rescued();
    ck_assert_uint_eq(seen, 1);
}
END_TEST

/* --- many threads --------------------------------------------------------------- */

#define CROWD 6

static void *take_turns(void *arg)
{
    for (unsigned i = 0; i < 300; i++)
    {
        void *mine;

        (void)arg;
        /* Room for two of six: no thread is refused, none waits without end. */
        if (hostmem_virtual_alloc(manager, NULL, 4 * PAGE, HOSTMEM_COMMIT, READWRITE, TASK, &mine) != HOSTMEM_OK)
            abort();
        sched_yield();
        if (hostmem_virtual_free(manager, mine, 0, HOSTMEM_RELEASE) != HOSTMEM_OK) abort();
    }
    return NULL;
}

START_TEST(no_wake_is_lost)
{
    limit_pages(8);
    set_waits(HOSTMEM_FOREVER, 0);
    run_threads(CROWD, take_turns, NULL, 0);
    ck_assert_uint_eq(statistics_now().charged, 0);
    ck_assert_uint_le(statistics_now().peak_charged, 8 * PAGE);
}
END_TEST

Suite *waits_suite(void)
{
    Suite *suite = suite_create("waits");
    TCase *tcase = tcase_create("waits");

    tcase_add_checked_fixture(tcase, manager_setup, manager_teardown);
    tcase_set_timeout(tcase, 50);
    tcase_add_test(tcase, waits_are_as_they_were_set);
    tcase_add_test(tcase, a_wait_for_memory_runs_out);
    tcase_add_test(tcase, what_can_never_be_met_is_not_waited_for);
    tcase_add_test(tcase, a_request_that_no_heap_can_meet_does_not_wait);
    tcase_add_test(tcase, levels_wait_as_set_for_each);
    tcase_add_loop_test(tcase, freed_memory_ends_the_wait, 0, 3);
    tcase_add_loop_test(tcase, freed_blocks_end_the_wait, 0, 3);
    tcase_add_test(tcase, a_lock_that_goes_leaves_the_limits_refusal);
    tcase_add_test(tcase, a_wait_for_memory_is_cancelled);
    tcase_add_loop_test(tcase, shutdown_ends_every_wait, 0, 3);
    tcase_add_test(tcase, a_wait_for_a_lock_runs_out);
    tcase_add_loop_test(tcase, unlocking_ends_the_wait, 0, 2);
    tcase_add_loop_test(tcase, a_wait_for_a_lock_is_cancelled, 0, 4);
    tcase_add_test(tcase, cancelling_is_for_one_region);
    tcase_add_loop_test(tcase, a_wait_for_a_released_region_ends, 0, 4);
    tcase_add_test(tcase, the_monitor_sees_soft_limit_and_refusals);
    tcase_add_loop_test(tcase, a_sleeping_monitor_is_woken, 0, 2);
    tcase_add_test(tcase, no_wake_is_lost);
    suite_add_tcase(suite, tcase);
    return suite;
}
