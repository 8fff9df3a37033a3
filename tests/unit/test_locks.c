/*
 * Locks of regions: the thread that may change a locked region, and the results of others.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "hostmem/api/manager.h"

#include <stdlib.h>
#include <unistd.h>

#define SOMEBODY 1u /* not the id of a thread of this process */

static void lock_for(void *address, uint32_t thread)
{
    ck_result(hostmem_manager_lock(manager, address, thread, 0, NULL, NULL), HOSTMEM_OK);
}

static enum hostmem_result try_commit(void *address, size_t size)
{
    void *out;

    return hostmem_virtual_alloc(manager, address, size, HOSTMEM_COMMIT, READWRITE, TASK, &out);
}

static enum hostmem_result try_reset(void *address)
{
    void *out;

    return hostmem_virtual_alloc(manager, address, PAGE, HOSTMEM_RESET, READWRITE, TASK, &out);
}

static enum hostmem_result try_protect(void *address)
{
    uint32_t old;

    return hostmem_virtual_protect(manager, address, PAGE, READWRITE, &old);
}

START_TEST(others_are_refused_at_once)
{
    char *region = must_alloc(GRANULE, HOSTMEM_COMMIT);

    lock_for(region, SOMEBODY);
    refused_free(region, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNER);
    refused_free(region + PAGE, PAGE, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNER);
    /* Decided before Win32's rules. */
    refused_free(region, 5, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNER);
    refused_free(region, 0, 0, HOSTMEM_NOT_OWNER);
    ck_result(try_commit(region, PAGE), HOSTMEM_NOT_OWNER);
    ck_result(try_reset(region), HOSTMEM_NOT_OWNER);
    ck_result(try_protect(region), HOSTMEM_NOT_OWNER);
    ck_result(hostmem_manager_lock(manager, region, 0, 0, NULL, NULL), HOSTMEM_NOT_OWNER);
    ck_result(hostmem_manager_unlock(manager, region, 0), HOSTMEM_NOT_OWNER);
    ck_assert_uint_eq(native_committed(&native, region, GRANULE), GRANULE);
    ck_result(hostmem_manager_unlock(manager, region, SOMEBODY), HOSTMEM_OK);
    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
}
END_TEST

START_TEST(the_owner_goes_on)
{
    char *region = must_alloc(GRANULE, HOSTMEM_COMMIT);
    void *base;
    size_t size;

    ck_result(hostmem_manager_lock(manager, region + 5 * PAGE + 7, 0, 0, &base, &size), HOSTMEM_OK);
    ck_assert_ptr_eq(base, region);
    ck_assert_uint_eq(size, GRANULE);
    ck_assert_uint_eq(statistics_now().locked_regions, 1);
    ck_result(try_free(region, PAGE, HOSTMEM_DECOMMIT), HOSTMEM_OK);
    ck_result(try_commit(region, PAGE), HOSTMEM_OK);
    ck_result(try_reset(region), HOSTMEM_OK);
    ck_result(try_protect(region), HOSTMEM_OK);
    ck_result(hostmem_manager_unlock(manager, region, 0), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().locked_regions, 0);
    ck_result(hostmem_manager_unlock(manager, region, 0), HOSTMEM_NOT_OWNER);
}
END_TEST

START_TEST(locks_of_a_thread_add_up)
{
    char *region = must_reserve(PAGE);

    for (unsigned i = 0; i < 3; i++) lock_for(region, SOMEBODY);
    ck_assert_uint_eq(statistics_now().locked_regions, 1);
    for (unsigned i = 0; i < 3; i++)
    {
        ck_result(try_commit(region, PAGE), HOSTMEM_NOT_OWNER);
        ck_result(hostmem_manager_unlock(manager, region, SOMEBODY), HOSTMEM_OK);
    }
    ck_result(try_commit(region, PAGE), HOSTMEM_OK);
}
END_TEST

START_TEST(the_owners_release_takes_the_lock_along)
{
    char *arena = native_use_arena(&native, 2 * GRANULE);
    void *region;

    ck_result(hostmem_virtual_alloc(manager, arena, GRANULE, HOSTMEM_RESERVE, READWRITE, TASK, &region), HOSTMEM_OK);
    lock_for(region, 0);
    lock_for(region, 0);
    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    ck_assert(!native_is_reserved(&native, region));
    ck_assert_uint_eq(statistics_now().locked_regions, 0);
    ck_result(hostmem_manager_unlock(manager, region, 0), HOSTMEM_NOT_OWNED);
    /* The next region in the same record is not locked. */
    ck_result(hostmem_virtual_alloc(manager, arena, GRANULE, HOSTMEM_RESERVE, READWRITE, TASK, &region), HOSTMEM_OK);
    lock_for(region, SOMEBODY);
    refused_free(region, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNER);
}
END_TEST

START_TEST(foreign_memory_cannot_be_locked)
{
    static char foreign[PAGE];
    struct hostmem_heap *heap = must_heap_create();

    ck_result(hostmem_manager_lock(manager, foreign, 0, 0, NULL, NULL), HOSTMEM_NOT_OWNED);
    ck_result(hostmem_manager_lock(manager, NULL, 0, HOSTMEM_FOREVER, NULL, NULL), HOSTMEM_NOT_OWNED);
    ck_result(hostmem_manager_lock(manager, must_heap_alloc(heap, 10), 0, 0, NULL, NULL), HOSTMEM_NOT_OWNED);
    ck_result(hostmem_manager_unlock(manager, foreign, 0), HOSTMEM_NOT_OWNED);
    ck_result(hostmem_manager_cancel_waits(manager, foreign), HOSTMEM_NOT_OWNED);
}
END_TEST

START_TEST(another_region_is_not_concerned)
{
    char *locked = must_reserve(PAGE), *other = must_reserve(PAGE);

    lock_for(locked, SOMEBODY);
    ck_result(try_commit(other, PAGE), HOSTMEM_OK);
    ck_result(try_protect(other), HOSTMEM_OK);
    ck_result(try_free(other, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
}
END_TEST

static bool find_locked(void *arg, const struct hostmem_region_info *region)
{
    if (region->locked_for) *(struct hostmem_region_info *)arg = *region;
    return true;
}

START_TEST(enumeration_shows_locks_and_levels)
{
    struct hostmem_region_info info = {0};
    void *region;

    must_reserve(PAGE);
    ck_result(
        hostmem_virtual_alloc(manager, NULL, 3 * PAGE, HOSTMEM_COMMIT, READWRITE, HOSTMEM_PROCESS_CRITICAL, &region),
        HOSTMEM_OK);
    lock_for(region, SOMEBODY);
    hostmem_manager_each_region(manager, find_locked, &info);
    ck_assert_ptr_eq(info.base, region);
    ck_assert_uint_eq(info.size, 3 * PAGE);
    ck_assert_uint_eq(info.committed, 3 * PAGE);
    ck_assert_uint_eq(info.locked_for, SOMEBODY);
    ck_assert_int_eq(info.level, HOSTMEM_PROCESS_CRITICAL);
}
END_TEST

START_TEST(a_stopped_manager_locks_nothing_but_unlocks)
{
    char *region = must_reserve(PAGE);

    lock_for(region, SOMEBODY);
    hostmem_manager_shutdown(manager);
    ck_result(hostmem_manager_lock(manager, region, SOMEBODY, 0, NULL, NULL), HOSTMEM_UNAVAILABLE);
    ck_result(hostmem_manager_unlock(manager, region, SOMEBODY), HOSTMEM_OK);
}
END_TEST

/* --- changes under way ------------------------------------------------------ */

static enum hostmem_result lock_result;
static uint32_t lock_milliseconds;
static char *busy;

/* In the middle of the change: its thread does not go on before this returns. */
static bool stop_in_between;

static void lock_in_between(struct native *context, enum native_call call, void *address)
{
    (void)address;
    if (call != NATIVE_DECOMMIT && call != NATIVE_RELEASE) return;
    context->hook = NULL;
    if (stop_in_between) hostmem_manager_shutdown(manager);
    lock_result = hostmem_manager_lock(manager, busy, SOMEBODY, lock_milliseconds, NULL, NULL);
}

START_TEST(a_change_that_does_not_end_keeps_the_lock_away)
{
    busy = must_alloc(GRANULE, HOSTMEM_COMMIT);
    lock_milliseconds = _i ? 150 : 0;
    native.hook = lock_in_between;
    ck_result(try_free(busy, PAGE, HOSTMEM_DECOMMIT), HOSTMEM_OK);
    ck_result(lock_result, _i ? HOSTMEM_TIMEOUT : HOSTMEM_NOT_OWNER);
    ck_assert_uint_eq(statistics_now().locked_regions, 0);
    ck_result(try_free(busy, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
}
END_TEST

static enum hostmem_result second_result;

static void lock_twice_in_between(struct native *context, enum native_call call, void *address)
{
    (void)address;
    if (call != NATIVE_DECOMMIT) return;
    context->hook = NULL;
    lock_result = hostmem_manager_lock(manager, busy, SOMEBODY, 50, NULL, NULL);
    second_result = hostmem_manager_lock(manager, busy, SOMEBODY, 0, NULL, NULL);
}

/* Every lock waits for the change, also one that adds to another of its thread. */
START_TEST(no_lock_is_had_in_the_middle_of_a_change)
{
    busy = must_alloc(GRANULE, HOSTMEM_COMMIT);
    native.hook = lock_twice_in_between;
    ck_result(try_free(busy, PAGE, HOSTMEM_DECOMMIT), HOSTMEM_OK);
    ck_result(lock_result, HOSTMEM_TIMEOUT);
    ck_result(second_result, HOSTMEM_NOT_OWNER);
    ck_assert_uint_eq(statistics_now().locked_regions, 0);
    ck_result(hostmem_manager_unlock(manager, busy, SOMEBODY), HOSTMEM_NOT_OWNER);
}
END_TEST

START_TEST(a_stopped_manager_waits_for_no_change)
{
    busy = must_alloc(GRANULE, HOSTMEM_COMMIT);
    lock_milliseconds = HOSTMEM_FOREVER;
    stop_in_between = true;
    native.hook = lock_in_between;
    ck_result(try_free(busy, PAGE, HOSTMEM_DECOMMIT), HOSTMEM_OK);
    ck_result(lock_result, HOSTMEM_UNAVAILABLE);
}
END_TEST

START_TEST(a_region_on_its_way_out_is_not_locked)
{
    busy = must_alloc(GRANULE, HOSTMEM_COMMIT);
    lock_milliseconds = HOSTMEM_FOREVER;
    native.hook = lock_in_between;
    ck_result(try_free(busy, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    ck_result(lock_result, HOSTMEM_NOT_OWNED);
}
END_TEST

START_TEST(a_refused_release_leaves_no_lock)
{
    char *region = must_reserve(PAGE);

    lock_for(region, 0);
    native_fail(&native, 1u << NATIVE_RELEASE, 0, false, HOSTMEM_NO_MEMORY);
    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_NO_MEMORY);
    ck_assert_uint_eq(statistics_now().locked_regions, 0);
    lock_for(region, SOMEBODY);
    refused_free(region, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNER);
}
END_TEST

START_TEST(a_stale_region_loses_its_lock)
{
    char *arena = native_use_arena(&native, GRANULE);
    void *region;

    ck_result(hostmem_virtual_alloc(manager, arena, GRANULE, HOSTMEM_RESERVE, READWRITE, TASK, &region), HOSTMEM_OK);
    lock_for(region, SOMEBODY);
    native.backend.release(&native, region);
    ck_result(hostmem_virtual_alloc(manager, arena, GRANULE, HOSTMEM_RESERVE, READWRITE, TASK, &region), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().locked_regions, 0);
    ck_assert_uint_eq(statistics_now().regions, 1);
    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
}
END_TEST

/* --- many threads ------------------------------------------------------------ */

#define CROWD  8
#define ROUNDS 2000

static char *contested;
static _Atomic int inside;

static void *lock_or_change(void *arg)
{
    uint32_t seed = *(unsigned *)arg * 31337 + 11;

    for (unsigned i = 0; i < ROUNDS; i++)
    {
        if (random_next(&seed) % 4 == 0)
        {
            if (hostmem_manager_lock(manager, contested, 0, HOSTMEM_FOREVER, NULL, NULL) != HOSTMEM_OK) abort();
            /* No other thread has the lock, or is in the middle of a change. */
            if (inside++) abort();
            inside--;
            if (hostmem_manager_unlock(manager, contested, 0) != HOSTMEM_OK) abort();
        }
        else
            hostmem_virtual_free(manager, contested + random_next(&seed) % 16 * PAGE, PAGE, HOSTMEM_DECOMMIT);
    }
    return NULL;
}

static void count_inside(struct native *context, enum native_call call, void *address)
{
    (void)context;
    (void)address;
    if (call == NATIVE_DECOMMIT && inside) abort();
}

START_TEST(a_lock_keeps_every_change_out)
{
    unsigned args[CROWD];

    for (unsigned i = 0; i < CROWD; i++) args[i] = i;
    contested = must_alloc(GRANULE, HOSTMEM_COMMIT);
    native.hook = count_inside;
    run_threads(CROWD, lock_or_change, args, sizeof(*args));
    native.hook = NULL;
    ck_assert_uint_eq(statistics_now().locked_regions, 0);
    ck_result(try_free(contested, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
}
END_TEST

Suite *locks_suite(void)
{
    Suite *suite = suite_create("locks");
    TCase *tcase = tcase_create("locks");

    tcase_add_checked_fixture(tcase, manager_setup, manager_teardown);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, others_are_refused_at_once);
    tcase_add_test(tcase, the_owner_goes_on);
    tcase_add_test(tcase, locks_of_a_thread_add_up);
    tcase_add_test(tcase, the_owners_release_takes_the_lock_along);
    tcase_add_test(tcase, foreign_memory_cannot_be_locked);
    tcase_add_test(tcase, another_region_is_not_concerned);
    tcase_add_test(tcase, enumeration_shows_locks_and_levels);
    tcase_add_test(tcase, a_stopped_manager_locks_nothing_but_unlocks);
    tcase_add_loop_test(tcase, a_change_that_does_not_end_keeps_the_lock_away, 0, 2);
    tcase_add_test(tcase, no_lock_is_had_in_the_middle_of_a_change);
    tcase_add_test(tcase, a_stopped_manager_waits_for_no_change);
    tcase_add_test(tcase, a_region_on_its_way_out_is_not_locked);
    tcase_add_test(tcase, a_refused_release_leaves_no_lock);
    tcase_add_test(tcase, a_stale_region_loses_its_lock);
    tcase_add_test(tcase, a_lock_keeps_every_change_out);
    suite_add_tcase(suite, tcase);
    return suite;
}
