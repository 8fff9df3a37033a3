/*
 * Races with a call inside the backend: the backend's hook does the other thread's work, so the call loses the race
 * every time.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "hostmem/api/manager.h"

#include <stdio.h>

static enum native_call when;
static void (*meanwhile)(void);
static enum hostmem_result other_result;

static void let_in(struct native *from, enum native_call call, void *address)
{
    (void)address;
    if (call != when) return;
    from->hook = NULL;
    meanwhile();
}

/* Runs `work` before the next such call. */
static void during(enum native_call call, void (*work)(void))
{
    when = call;
    meanwhile = work;
    native.hook = let_in;
}

/* --- records that two threads make at once ---------------------------------- */

static struct hm_map *map;
static int mine, others;
#define MINE   ((void *)(uintptr_t)0x10000000)
#define OTHERS ((void *)(uintptr_t)0x10010000)

static void set_another_granule(void)
{
    other_result = hm_map_set(map, OTHERS, 1, &others);
}

START_TEST(two_make_a_leaf)
{
    size_t reserved;

    ck_result(hm_map_create(&native.backend, HM_MAP_GRANULES, &map), HOSTMEM_OK);
    ck_result(hm_map_set(map, (char *)MINE + ((uintptr_t)1 << 30), 1, &mine), HOSTMEM_OK); /* another leaf's size */
    reserved = native_total_reserved(&native);
    hm_map_destroy(map);
    ck_result(hm_map_create(&native.backend, HM_MAP_GRANULES, &map), HOSTMEM_OK);
    during(NATIVE_RESERVE, set_another_granule);
    ck_result(hm_map_set(map, MINE, 1, &mine), HOSTMEM_OK);
    ck_result(other_result, HOSTMEM_OK);
    ck_assert_ptr_eq(hm_map_get(map, MINE), &mine);
    ck_assert_ptr_eq(hm_map_get(map, OTHERS), &others);
    ck_assert_uint_eq(native_total_reserved(&native), reserved);
    hm_map_destroy(map);
}
END_TEST

static struct hostmem_heap *heap;
static const char *const files[] = {"allocator.cpp", NULL};
static const char *file;
static unsigned seen;

static void *block_with_site(void)
{
    void *block;

    ck_result(hostmem_heap_debug_alloc(heap, 100, TASK, file, 7, &block), HOSTMEM_OK);
    return block;
}

static void record_the_same(void)
{
    block_with_site();
}

static bool has_site(void *arg, const struct hostmem_block_info *block)
{
    const char **first = arg;

    if (!seen++) *first = block->file;
    ck_assert_int_eq(block->line, 7);
    ck_assert_ptr_eq(block->file, *first); /* one copy for both */
    if (file)
        ck_assert_str_eq(block->file, file);
    else
        ck_assert_ptr_null(block->file);
    return true;
}

START_TEST(two_threads_enter_a_site)
{
    const char *first = NULL;

    heap = must_heap_create();
    file = files[_i];
    seen = 0;
    during(NATIVE_RESERVE, record_the_same);
    block_with_site();
    ck_assert_ptr_null(native.hook);
    hostmem_heap_each_block(heap, has_site, &first);
    ck_assert_uint_eq(seen, 2);
    /* The loser's record is put back, and used again. */
    ck_assert_uint_ne(hm_alloc_sites_enter(&manager->heaps.sites, file, 8), 0);
    ck_assert_uint_eq(hm_pool_count(&manager->heaps.sites.records), 2);
}
END_TEST

/* Enough of them that every bucket gets some. */
static void enter_others(void)
{
    char name[32];

    for (int i = 0; i < 10000; i++)
    {
        snprintf(name, sizeof(name), "%d.cpp", i);
        ck_assert_uint_ne(hm_alloc_sites_enter(&manager->heaps.sites, file ? name : NULL, file ? 7 : 100 + i), 0);
    }
}

START_TEST(others_enter_their_sites)
{
    uint32_t number;

    file = files[_i];
    during(NATIVE_RESERVE, enter_others);
    number = hm_alloc_sites_enter(&manager->heaps.sites, file, 7);
    ck_assert_ptr_null(native.hook);
    ck_assert_uint_ne(number, 0);
    ck_assert_uint_eq(hm_alloc_sites_enter(&manager->heaps.sites, file, 7), number);
    ck_assert_int_eq(hm_alloc_sites_at(&manager->heaps.sites, number)->line, 7);
    ck_assert_uint_eq(hm_pool_count(&manager->heaps.sites.records), 10001);
    enter_others();
    ck_assert_uint_eq(hm_pool_count(&manager->heaps.sites.records), 10001); /* all are found again */
}
END_TEST

/* --- reading while other threads work ------------------------------------------ */

static struct hostmem_usage usage;

static void read_usage(void)
{
    hostmem_manager_usage(manager, &usage);
}

/* It counts the heaps' soft limits the next time. */
START_TEST(usage_is_read_while_heaps_are_trimmed)
{
    const struct hostmem_limits limits = {.hard = HOSTMEM_NO_LIMIT, .soft = PAGE};
    void *block;

    heap = must_heap_create();
    must_heap_create();
    hostmem_manager_usage(manager, &usage);
    ck_assert(!usage.heap_over_soft);
    ck_result(hostmem_heap_set_limits(heap, &limits), HOSTMEM_OK);
    must_heap_alloc(heap, 30000);
    block = must_heap_alloc(heap, 300000);
    hostmem_manager_usage(manager, &usage);
    ck_assert(usage.heap_over_soft);
    ck_result(hostmem_heap_free(heap, block), HOSTMEM_OK);
    during(NATIVE_DECOMMIT, read_usage);
    ck_result(hostmem_manager_trim(manager), HOSTMEM_OK);
    ck_assert_ptr_null(native.hook);
    ck_assert(!usage.heap_over_soft);
    hostmem_manager_usage(manager, &usage);
    ck_assert(usage.heap_over_soft);
}
END_TEST

/* --- a lock that waits for a change to end -------------------------------------- */

static char *region;

static void release_it(void *context)
{
    (void)context;
    manager->backend.yield = native.backend.yield;
    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
}

static void cancel(void *context)
{
    (void)context;
    manager->backend.yield = native.backend.yield;
    ck_result(hostmem_manager_cancel_waits(manager, NULL), HOSTMEM_OK);
}

static void lock_it(void)
{
    other_result = hostmem_manager_lock(manager, region, 0, HOSTMEM_FOREVER, NULL, NULL);
}

START_TEST(a_region_is_released_while_a_lock_waits)
{
    void *out;

    region = must_reserve(GRANULE);
    manager->backend.yield = release_it;
    during(NATIVE_COMMIT, lock_it);
    ck_result(hostmem_virtual_alloc(manager, region, PAGE, HOSTMEM_COMMIT, READWRITE, TASK, &out), HOSTMEM_OK);
    ck_result(other_result, HOSTMEM_NOT_OWNED);
    ck_assert(!native_is_reserved(&native, region));
    ck_assert_uint_eq(statistics_now().regions, 0);
    ck_assert_uint_eq(statistics_now().charged, 0);
    ck_assert_uint_eq(statistics_now().locked_regions, 0);
}
END_TEST

START_TEST(a_lock_that_waits_for_a_change_is_cancelled)
{
    region = must_reserve(GRANULE);
    manager->backend.yield = cancel;
    during(NATIVE_COMMIT, lock_it);
    must_commit(region, PAGE);
    ck_result(other_result, HOSTMEM_ABANDONED);
    ck_assert_uint_eq(statistics_now().locked_regions, 0);
    ck_assert_uint_eq(statistics_now().committed, PAGE);
}
END_TEST

/* --- shut down in the middle ------------------------------------------------------ */

static void shut_down(void)
{
    hostmem_manager_shutdown(manager);
}

/* The backend contradicts the records of a manager that has stopped already: HOSTMEM_BROKEN is not returned again. */
START_TEST(a_contradiction_after_shutdown)
{
    size_t size = _i ? 2000000 : 100; /* a block of its own, or one in a chunk */
    char *block, *base;

    heap = must_heap_create();
    block = must_heap_alloc(heap, size);
    base = _i ? block : (char *)((uintptr_t)block & ~(GRANULE - 1));
    native_fail(&native, 1u << NATIVE_RELEASE, 0, false, HOSTMEM_INVALID_ADDRESS);
    if (!_i) ck_result(hostmem_heap_free(heap, block), HOSTMEM_OK);
    during(NATIVE_RELEASE, shut_down);
    if (_i)
        ck_result(hostmem_heap_free(heap, block), HOSTMEM_UNAVAILABLE);
    else
        hostmem_manager_trim(manager);
    ck_assert_uint_eq(native.failed, 1);
    ck_assert_uint_eq(statistics_now().heap_reserved, 0);
    ck_assert_uint_eq(statistics_now().charged, 0);
    native.backend.release(&native, base);
}
END_TEST

static void stop_instead_of_waiting(void *context, _Atomic uint32_t *word, uint32_t value, uint32_t milliseconds)
{
    (void)context, (void)word, (void)value, (void)milliseconds;
    shut_down();
}

START_TEST(a_request_that_waits_is_shut_down)
{
    const struct hostmem_limits limits = {.hard = GRANULE, .soft = GRANULE};
    const struct hostmem_waits waits = {.memory = {HOSTMEM_FOREVER, HOSTMEM_FOREVER, HOSTMEM_FOREVER}};
    void *block;

    heap = must_heap_create();
    must_alloc(GRANULE, HOSTMEM_COMMIT);
    ck_result(hostmem_manager_set_limits(manager, &limits), HOSTMEM_OK);
    hostmem_manager_set_waits(manager, &waits);
    manager->backend.wait = stop_instead_of_waiting;
    ck_result(hostmem_heap_alloc(heap, 100, TASK, &block), HOSTMEM_UNAVAILABLE);
    ck_assert_ptr_null(block);
    ck_assert_uint_eq(statistics_now().waits, 1);
}
END_TEST

Suite *lost_races_suite(void)
{
    Suite *suite = suite_create("lost_races");
    TCase *tcase = tcase_create("map");

    tcase_add_checked_fixture(tcase, native_setup, native_teardown);
    tcase_add_test(tcase, two_make_a_leaf);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("manager");
    tcase_add_checked_fixture(tcase, manager_setup, manager_teardown);
    tcase_add_loop_test(tcase, two_threads_enter_a_site, 0, 2);
    tcase_add_loop_test(tcase, others_enter_their_sites, 0, 2);
    tcase_add_test(tcase, usage_is_read_while_heaps_are_trimmed);
    tcase_add_test(tcase, a_region_is_released_while_a_lock_waits);
    tcase_add_test(tcase, a_lock_that_waits_for_a_change_is_cancelled);
    tcase_add_loop_test(tcase, a_contradiction_after_shutdown, 0, 2);
    tcase_add_test(tcase, a_request_that_waits_is_shut_down);
    suite_add_tcase(suite, tcase);
    return suite;
}
