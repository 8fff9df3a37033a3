/*
 * Limits: the requests that are refused, at which level; a refusal changes nothing.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define APPDOMAIN HOSTMEM_APPDOMAIN_CRITICAL
#define PROCESS   HOSTMEM_PROCESS_CRITICAL

static void limit(uint64_t hard, uint64_t soft, uint64_t appdomain_reserve, uint64_t process_reserve)
{
    struct hostmem_limits limits = {hard, soft, appdomain_reserve, process_reserve};

    ck_result(hostmem_manager_set_limits(manager, &limits), HOSTMEM_OK);
}

static enum hostmem_result try_alloc(void *address, size_t size, uint32_t type, enum hostmem_critical_level level)
{
    void *out = (void *)1;
    enum hostmem_result result = hostmem_virtual_alloc(manager, address, size, type, READWRITE, level, &out);

    ck_assert_int_eq(out != NULL, result == HOSTMEM_OK);
    return result;
}

/* Refused, and everything as before: figures, pages, calls to the backend. */
static void refused_alloc(void *address, size_t size, uint32_t type, enum hostmem_critical_level level)
{
    struct hostmem_statistics before = statistics_now(), after;
    uint64_t calls[NATIVE_CALL_COUNT];

    memcpy(calls, native.calls, sizeof(calls));
    ck_result(try_alloc(address, size, type, level), HOSTMEM_LIMIT);
    after = statistics_now();
    ck_same_amounts(&before, &after);
    ck_assert_mem_eq(calls, native.calls, sizeof(calls));
    ck_assert_uint_eq(after.peak_charged, before.peak_charged);
    ck_assert_uint_eq(after.refusals[HOSTMEM_CAUSE_LIMIT][level], before.refusals[HOSTMEM_CAUSE_LIMIT][level] + 1);
}

START_TEST(a_new_manager_has_no_limits)
{
    struct hostmem_limits limits;

    hostmem_manager_get_limits(manager, &limits);
    ck_assert_uint_eq(limits.hard, HOSTMEM_NO_LIMIT);
    ck_assert_uint_eq(limits.soft, HOSTMEM_NO_LIMIT);
    ck_assert_uint_eq(limits.appdomain_reserve, 0);
    ck_assert_uint_eq(limits.process_reserve, 0);
}
END_TEST

START_TEST(limits_are_as_they_were_set)
{
    struct hostmem_limits limits;

    limit(100 * PAGE, 80 * PAGE, 7 * PAGE, 3 * PAGE);
    hostmem_manager_get_limits(manager, &limits);
    ck_assert_uint_eq(limits.hard, 100 * PAGE);
    ck_assert_uint_eq(limits.soft, 80 * PAGE);
    ck_assert_uint_eq(limits.appdomain_reserve, 7 * PAGE);
    ck_assert_uint_eq(limits.process_reserve, 3 * PAGE);
}
END_TEST

START_TEST(contradicting_limits_change_nothing)
{
    static const struct hostmem_limits wrong[] = {
        {100, 101, 0, 0}, {100, 50, 60, 50}, {100, 50, 0, 101}, {100, 50, UINT64_MAX, 50}, {100, UINT64_MAX, 0, 0},
    };
    struct hostmem_limits limits;

    limit(90 * PAGE, 70 * PAGE, 2 * PAGE, PAGE);
    ck_result(hostmem_manager_set_limits(manager, &wrong[_i]), HOSTMEM_INVALID_PARAMETER);
    hostmem_manager_get_limits(manager, &limits);
    ck_assert_uint_eq(limits.hard, 90 * PAGE);
    ck_assert_uint_eq(limits.soft, 70 * PAGE);
    ck_assert_uint_eq(limits.appdomain_reserve, 2 * PAGE);
    ck_assert_uint_eq(limits.process_reserve, PAGE);
}
END_TEST

START_TEST(reserving_is_free)
{
    limit(0, 0, 0, 0);
    ck_result(try_alloc(NULL, 1000 * PAGE, HOSTMEM_RESERVE, TASK), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().charged, 0);
}
END_TEST

START_TEST(the_limit_is_met_to_the_byte)
{
    char *region = must_reserve(GRANULE);

    limit(10 * PAGE, 10 * PAGE, 0, 0);
    ck_result(try_alloc(region, 10 * PAGE, HOSTMEM_COMMIT, TASK), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().charged, 10 * PAGE);
    refused_alloc(region + 10 * PAGE, 1, HOSTMEM_COMMIT, PROCESS);
    refused_alloc(NULL, 1, HOSTMEM_COMMIT, PROCESS);
    refused_alloc(NULL, PAGE, HOSTMEM_RESERVE | HOSTMEM_COMMIT, PROCESS);
    ck_result(try_free(region, PAGE, HOSTMEM_DECOMMIT), HOSTMEM_OK);
    refused_alloc(region, 11 * PAGE, HOSTMEM_COMMIT, PROCESS);
    ck_assert_uint_eq(native_committed(&native, region, GRANULE), 9 * PAGE);
    ck_result(try_alloc(NULL, 1, HOSTMEM_COMMIT, TASK), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().peak_charged, 10 * PAGE);
}
END_TEST

START_TEST(what_is_committed_already_is_not_charged_again)
{
    char *region = must_reserve(GRANULE);

    limit(8 * PAGE, 8 * PAGE, 0, 0);
    must_commit(region, 8 * PAGE);
    must_commit(region, 8 * PAGE);
    must_commit(region + PAGE, 3 * PAGE);
    ck_assert_uint_eq(statistics_now().charged, 8 * PAGE);
    ck_result(try_free(region + 2 * PAGE, 2 * PAGE, HOSTMEM_DECOMMIT), HOSTMEM_OK);
    must_commit(region, 8 * PAGE);
    ck_assert_uint_eq(statistics_now().charged, 8 * PAGE);
}
END_TEST

START_TEST(resetting_is_never_charged)
{
    char *region = must_reserve(GRANULE);

    must_commit(region, 4 * PAGE);
    limit(4 * PAGE, 4 * PAGE, 0, 0);
    ck_result(try_alloc(region, 4 * PAGE, HOSTMEM_RESET, TASK), HOSTMEM_OK);
    limit(0, 0, 0, 0);
    ck_result(try_alloc(region, 4 * PAGE, HOSTMEM_RESET, TASK), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().charged, 4 * PAGE);
}
END_TEST

START_TEST(reserves_are_kept_for_the_levels)
{
    limit(100 * PAGE, 100 * PAGE, 20 * PAGE, 10 * PAGE);
    must_alloc(70 * PAGE, HOSTMEM_COMMIT);
    refused_alloc(NULL, 1, HOSTMEM_COMMIT, TASK);
    ck_result(try_alloc(NULL, 20 * PAGE, HOSTMEM_COMMIT, APPDOMAIN), HOSTMEM_OK);
    refused_alloc(NULL, 1, HOSTMEM_COMMIT, TASK);
    refused_alloc(NULL, 1, HOSTMEM_COMMIT, APPDOMAIN);
    ck_result(try_alloc(NULL, 10 * PAGE, HOSTMEM_COMMIT, PROCESS), HOSTMEM_OK);
    refused_alloc(NULL, 1, HOSTMEM_COMMIT, TASK);
    refused_alloc(NULL, 1, HOSTMEM_COMMIT, APPDOMAIN);
    refused_alloc(NULL, 1, HOSTMEM_COMMIT, PROCESS);
}
END_TEST

START_TEST(releasing_frees_the_charge)
{
    char *region;

    limit(10 * PAGE, 10 * PAGE, 0, 0);
    region = must_alloc(10 * PAGE, HOSTMEM_COMMIT);
    ck_result(try_free(region + 5 * PAGE, 5 * PAGE, HOSTMEM_DECOMMIT), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().charged, 5 * PAGE);
    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().charged, 0);
    ck_result(try_free(must_alloc(10 * PAGE, HOSTMEM_COMMIT), 0, HOSTMEM_RELEASE), HOSTMEM_OK);
}
END_TEST

START_TEST(a_failed_call_frees_the_charge)
{
    char *region = must_reserve(GRANULE);

    limit(4 * PAGE, 4 * PAGE, 0, 0);
    native_fail(&native, 1u << NATIVE_COMMIT | 1u << NATIVE_RESERVE, 0, true, HOSTMEM_NO_MEMORY);
    for (unsigned i = 0; i < 3; i++)
    {
        ck_result(try_alloc(region, 4 * PAGE, HOSTMEM_COMMIT, TASK), HOSTMEM_NO_MEMORY);
        ck_result(try_alloc(NULL, 4 * PAGE, HOSTMEM_COMMIT, TASK), HOSTMEM_NO_MEMORY);
    }
    ck_assert_uint_eq(statistics_now().charged, 0);
    ck_assert_uint_eq(statistics_now().refusals[HOSTMEM_CAUSE_SYSTEM][TASK], 6);
    native_fail_not(&native);
    ck_result(try_alloc(region, 4 * PAGE, HOSTMEM_COMMIT, TASK), HOSTMEM_OK);
}
END_TEST

START_TEST(a_lower_limit_takes_nothing_away)
{
    char *region = must_alloc(10 * PAGE, HOSTMEM_COMMIT);

    limit(5 * PAGE, PAGE, 0, 0);
    memset(region, 1, 10 * PAGE);
    refused_alloc(NULL, 1, HOSTMEM_COMMIT, PROCESS);
    ck_result(try_free(region, 6 * PAGE, HOSTMEM_DECOMMIT), HOSTMEM_OK);
    ck_result(try_alloc(region, PAGE, HOSTMEM_COMMIT, TASK), HOSTMEM_OK);
    refused_alloc(NULL, 1, HOSTMEM_COMMIT, PROCESS);
}
END_TEST

START_TEST(unknown_levels_are_refused)
{
    ck_result(try_alloc(NULL, 1, HOSTMEM_COMMIT, (enum hostmem_critical_level)3), HOSTMEM_INVALID_PARAMETER);
    ck_result(try_alloc(NULL, 1, HOSTMEM_RESERVE, (enum hostmem_critical_level) - 1), HOSTMEM_INVALID_PARAMETER);
    ck_assert_uint_eq(statistics_now().results[HOSTMEM_METHOD_VIRTUAL_ALLOC][HOSTMEM_INVALID_PARAMETER], 2);
    hostmem_manager_shutdown(manager);
    ck_result(try_alloc(NULL, 1, HOSTMEM_COMMIT, (enum hostmem_critical_level)3), HOSTMEM_UNAVAILABLE);
}
END_TEST

START_TEST(cached_heap_memory_is_returned_before_a_refusal)
{
    struct hostmem_heap *heap = must_heap_create();
    uint64_t idle;

    ck_result(hostmem_heap_free(heap, must_heap_alloc(heap, 10000)), HOSTMEM_OK);
    idle = statistics_now().charged;
    ck_assert_uint_gt(idle, 0);
    limit(idle, idle, 0, 0);
    ck_result(try_alloc(NULL, idle, HOSTMEM_COMMIT, TASK), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().heap_committed, 0);
}
END_TEST

START_TEST(amounts_are_kept_by_level)
{
    struct hostmem_statistics now;
    void *task = must_alloc(4 * PAGE, HOSTMEM_COMMIT);

    ck_result(try_alloc(NULL, 3 * GRANULE, HOSTMEM_RESERVE, APPDOMAIN), HOSTMEM_OK);
    ck_result(try_alloc(NULL, 2 * PAGE, HOSTMEM_COMMIT, PROCESS), HOSTMEM_OK);
    ck_result(try_free(task, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    now = statistics_now();
    ck_assert_uint_eq(now.levels[TASK].reserved, 0);
    ck_assert_uint_eq(now.levels[TASK].peak_reserved, 4 * PAGE);
    ck_assert_uint_eq(now.levels[TASK].peak_committed, 4 * PAGE);
    ck_assert_uint_eq(now.levels[APPDOMAIN].reserved, 3 * GRANULE);
    ck_assert_uint_eq(now.levels[APPDOMAIN].committed, 0);
    ck_assert_uint_eq(now.levels[PROCESS].committed, 2 * PAGE);
    ck_assert_uint_eq(now.charged, 2 * PAGE);
}
END_TEST

START_TEST(usage_has_charge_limits_and_refusals)
{
    struct hostmem_usage usage;

    limit(10 * PAGE, 5 * PAGE, 0, 0);
    must_alloc(6 * PAGE, HOSTMEM_COMMIT);
    refused_alloc(NULL, 5 * PAGE, HOSTMEM_COMMIT, TASK);
    hostmem_manager_usage(manager, &usage);
    ck_assert_uint_eq(usage.charged, 6 * PAGE);
    ck_assert_uint_eq(usage.hard, 10 * PAGE);
    ck_assert_uint_eq(usage.soft, 5 * PAGE);
    ck_assert_uint_eq(usage.refusals, 1);
    ck_assert(!usage.heap_over_soft);
}
END_TEST

/* --- many threads ----------------------------------------------------------- */

#define CROWD 8
#define LIMIT (64 * PAGE)

struct holding
{
    void *address;
    size_t size;
};

/* The threads' own count of their memory: added after a success, subtracted before the release. */
static _Atomic size_t held_by_all;

static void drop(struct holding *holding)
{
    held_by_all -= holding->size;
    if (hostmem_virtual_free(manager, holding->address, 0, HOSTMEM_RELEASE) != HOSTMEM_OK) abort();
    holding->address = NULL;
}

static void *push_against_the_limit(void *arg)
{
    uint32_t seed = *(unsigned *)arg * 7919 + 1;
    struct holding held[16] = {0};

    for (unsigned i = 0; i < 3000; i++)
    {
        struct holding *one = &held[random_next(&seed) % 16];
        enum hostmem_critical_level level = random_next(&seed) % 3;

        if (one->address)
        {
            drop(one);
            continue;
        }
        one->size = (random_next(&seed) % 12 + 1) * PAGE;
        if (hostmem_virtual_alloc(manager, NULL, one->size, HOSTMEM_COMMIT, READWRITE, level, &one->address) !=
            HOSTMEM_OK)
            continue;
        if (atomic_fetch_add(&held_by_all, one->size) + one->size > LIMIT) abort();
    }
    for (unsigned i = 0; i < 16; i++)
        if (held[i].address) drop(&held[i]);
    return NULL;
}

START_TEST(no_number_of_threads_passes_the_limit)
{
    unsigned args[CROWD];

    for (unsigned i = 0; i < CROWD; i++) args[i] = i;
    limit(LIMIT, LIMIT / 2, 4 * PAGE, 4 * PAGE);
    run_threads(CROWD, push_against_the_limit, args, sizeof(*args));
    ck_assert_uint_le(statistics_now().peak_charged, LIMIT);
    ck_assert_uint_gt(statistics_now().refusals[HOSTMEM_CAUSE_LIMIT][TASK], 0);
    ck_assert_uint_eq(statistics_now().charged, 0);
    ck_assert_uint_eq(statistics_now().committed, 0);
}
END_TEST

static void *set_and_get(void *arg)
{
    uint64_t pages = (*(unsigned *)arg + 1) * 100;

    for (unsigned i = 0; i < 20000; i++)
    {
        struct hostmem_limits limits = {pages * PAGE, pages * PAGE / 2, pages, pages * 2};

        if (hostmem_manager_set_limits(manager, &limits) != HOSTMEM_OK) abort();
        hostmem_manager_get_limits(manager, &limits);
        if (limits.soft != limits.hard / 2 || limits.appdomain_reserve != limits.hard / PAGE ||
            limits.process_reserve != 2 * limits.appdomain_reserve)
            abort();
    }
    return NULL;
}

START_TEST(limits_are_those_of_one_call)
{
    unsigned args[] = {0, 1, 2};

    run_threads(3, set_and_get, args, sizeof(*args));
}
END_TEST

/* All threads commit and decommit the same pages: the figures may be those of any order, and no page is committed
 * without a charge. */
static char *shared;

static void *fight_for_pages(void *arg)
{
    uint32_t seed = *(unsigned *)arg * 104729 + 3;

    for (unsigned i = 0; i < 3000; i++)
    {
        size_t first = random_next(&seed) % 150, count = random_next(&seed) % 90 + 1;
        void *out;

        if (random_next(&seed) % 2)
            hostmem_virtual_alloc(manager, shared + first * PAGE, count * PAGE, HOSTMEM_COMMIT, READWRITE, TASK, &out);
        else
            hostmem_virtual_free(manager, shared + first * PAGE, count * PAGE, HOSTMEM_DECOMMIT);
    }
    return NULL;
}

START_TEST(racing_commits_of_the_same_pages_keep_the_limit)
{
    unsigned args[CROWD];
    struct hostmem_statistics now;

    for (unsigned i = 0; i < CROWD; i++) args[i] = i;
    shared = must_reserve(240 * PAGE);
    limit(120 * PAGE, 120 * PAGE, 0, 0);
    run_threads(CROWD, fight_for_pages, args, sizeof(*args));
    now = statistics_now();
    ck_assert_uint_le(now.peak_charged, 120 * PAGE);
    ck_assert_uint_eq(now.charged, now.committed);
    ck_result(try_free(shared, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().charged, 0);
    ck_assert_uint_eq(statistics_now().committed, 0);
}
END_TEST

Suite *limits_suite(void)
{
    Suite *suite = suite_create("limits");
    TCase *tcase = tcase_create("limits");

    tcase_add_checked_fixture(tcase, manager_setup, manager_teardown);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, a_new_manager_has_no_limits);
    tcase_add_test(tcase, limits_are_as_they_were_set);
    tcase_add_loop_test(tcase, contradicting_limits_change_nothing, 0, 5);
    tcase_add_test(tcase, reserving_is_free);
    tcase_add_test(tcase, the_limit_is_met_to_the_byte);
    tcase_add_test(tcase, what_is_committed_already_is_not_charged_again);
    tcase_add_test(tcase, resetting_is_never_charged);
    tcase_add_test(tcase, reserves_are_kept_for_the_levels);
    tcase_add_test(tcase, releasing_frees_the_charge);
    tcase_add_test(tcase, a_failed_call_frees_the_charge);
    tcase_add_test(tcase, a_lower_limit_takes_nothing_away);
    tcase_add_test(tcase, unknown_levels_are_refused);
    tcase_add_test(tcase, cached_heap_memory_is_returned_before_a_refusal);
    tcase_add_test(tcase, amounts_are_kept_by_level);
    tcase_add_test(tcase, usage_has_charge_limits_and_refusals);
    tcase_add_test(tcase, no_number_of_threads_passes_the_limit);
    tcase_add_test(tcase, limits_are_those_of_one_call);
    tcase_add_test(tcase, racing_commits_of_the_same_pages_keep_the_limit);
    suite_add_tcase(suite, tcase);
    return suite;
}
