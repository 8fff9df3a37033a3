/*
 * Every call to the backend is made to fail in turn, once and for good: the core returns an error, every figure and
 * page is as before, nothing is leaked, and the next call works.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "ownership/ownership.h"

#define MAX_CALLS 200 /* no scenario makes more; the loop must end by itself */

static struct hostmem_heap *heap;
static char *region;
static void *small_block, *large_block;
static struct ownership_map *map;
static struct hostmem_heap *made_heap;
static void *made;

/* Each works once on a new manager, and undoes its work. */
struct scenario
{
    const char *name;
    enum hostmem_result (*run)(void);
    void (*undo)(void);
    unsigned never; /* bits of enum native_call that do not fail here */
};

static enum hostmem_result run_reserve(void)
{
    return hostmem_virtual_alloc(manager, NULL, GRANULE, HOSTMEM_RESERVE, READWRITE, TASK, &made);
}

static enum hostmem_result run_reserve_commit_big(void)
{
    return hostmem_virtual_alloc(manager, NULL, 80000 * PAGE, HOSTMEM_RESERVE | HOSTMEM_COMMIT, READWRITE, TASK, &made);
}

static enum hostmem_result run_reserve_middle(void)
{
    return hostmem_virtual_alloc(manager, NULL, 900 * PAGE, HOSTMEM_COMMIT, READWRITE, TASK, &made);
}

static enum hostmem_result run_reserve_fixed(void)
{
    /* A leaf of the map that does not exist yet. */
    return hostmem_virtual_alloc(manager, (void *)native.arena, GRANULE, HOSTMEM_RESERVE, READWRITE, TASK, &made);
}

static void undo_reserve(void)
{
    ck_result(hostmem_virtual_free(manager, made, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
}

static enum hostmem_result run_commit(void)
{
    return hostmem_virtual_alloc(manager, region + PAGE, 5 * PAGE, HOSTMEM_COMMIT, READWRITE, TASK, &made);
}

static void undo_commit(void)
{
    ck_result(hostmem_virtual_free(manager, region + 2 * PAGE, 4 * PAGE, HOSTMEM_DECOMMIT), HOSTMEM_OK);
}

static enum hostmem_result run_decommit(void)
{
    return hostmem_virtual_free(manager, region, 2 * PAGE, HOSTMEM_DECOMMIT);
}

static void undo_decommit(void)
{
    must_commit(region, 2 * PAGE);
}

static enum hostmem_result run_reset(void)
{
    return hostmem_virtual_alloc(manager, region, PAGE, HOSTMEM_RESET, READWRITE, TASK, &made);
}

static enum hostmem_result run_create_heap(void)
{
    return hostmem_heap_create(manager, 0, &made_heap);
}

static void undo_create_heap(void)
{
    hostmem_heap_destroy(made_heap);
}

static enum hostmem_result run_alloc_new_bin(void)
{
    return hostmem_heap_alloc(heap, 3000, TASK, &made);
}

static enum hostmem_result run_alloc_medium(void)
{
    return hostmem_heap_alloc(heap, 200000, TASK, &made);
}

static enum hostmem_result run_alloc_large(void)
{
    return hostmem_heap_alloc(heap, 3000000, TASK, &made);
}

static enum hostmem_result run_debug_alloc_small(void)
{
    return hostmem_heap_debug_alloc(heap, 3000, TASK, "failure.c", 1, &made);
}

static enum hostmem_result run_debug_alloc_in_use(void)
{
    /* A block of an existing span: only the allocation site needs memory. */
    return hostmem_heap_debug_alloc(heap, 100, HOSTMEM_PROCESS_CRITICAL, "failure.c", 2, &made);
}

static enum hostmem_result run_debug_alloc_large(void)
{
    return hostmem_heap_debug_alloc(heap, 3000000, TASK, NULL, 3, &made);
}

static void undo_alloc(void)
{
    ck_result(hostmem_heap_free(heap, made), HOSTMEM_OK);
    hostmem_manager_trim(manager);
}

static enum hostmem_result run_first_alloc(void)
{
    enum hostmem_result result = hostmem_heap_create(manager, 0, &made_heap);

    if (result != HOSTMEM_OK) return result;
    result = hostmem_heap_alloc(made_heap, 100, TASK, &made);
    if (result == HOSTMEM_OK) return result;
    native_fail_not(&native);
    hostmem_heap_destroy(made_heap);
    return result;
}

static enum hostmem_result run_free_large(void)
{
    return hostmem_heap_free(heap, large_block);
}

static void undo_free_large(void)
{
    large_block = must_heap_alloc(heap, 2000000);
}

static enum hostmem_result run_view(void)
{
    return hostmem_view_acquired(manager, (void *)(uintptr_t)0x340000, 5);
}

static void undo_view(void)
{
    ck_result(hostmem_view_released(manager, (void *)(uintptr_t)0x340000), HOSTMEM_OK);
}

static const struct scenario scenarios[] = {
    {"reserve", run_reserve, undo_reserve, 0},
    {"reserve and commit, big", run_reserve_commit_big, undo_reserve, 0},
    {"reserve and commit, middle", run_reserve_middle, undo_reserve, 0},
    /* Where releases fail too, the address stays reserved: see what_cannot_be_undone below. */
    {"reserve, fixed", run_reserve_fixed, undo_reserve, 1u << NATIVE_RELEASE},
    {"commit", run_commit, undo_commit, 0},
    {"decommit", run_decommit, undo_decommit, 0},
    {"reset", run_reset, NULL, 0},
    {"create a heap", run_create_heap, undo_create_heap, 0},
    {"alloc, new bin", run_alloc_new_bin, undo_alloc, 0},
    {"alloc, medium", run_alloc_medium, undo_alloc, 0},
    {"alloc, large", run_alloc_large, undo_alloc, 0},
    {"debug alloc, small", run_debug_alloc_small, undo_alloc, 0},
    {"debug alloc, in use", run_debug_alloc_in_use, undo_alloc, 0},
    {"debug alloc, large", run_debug_alloc_large, undo_alloc, 0},
    {"first alloc of a heap", run_first_alloc, undo_create_heap, 0},
    {"free, large", run_free_large, undo_free_large, 0},
    {"view", run_view, undo_view, 0},
};
#define SCENARIOS ((int)(sizeof(scenarios) / sizeof(*scenarios)))

static void world_setup(void)
{
    manager_setup();
    native_use_arena(&native, 16 * GRANULE);
    heap = must_heap_create();
    small_block = must_heap_alloc(heap, 100);
    large_block = must_heap_alloc(heap, 2000000);
    region = must_reserve(GRANULE);
    must_commit(region, 2 * PAGE);
}

/* The nth call fails; true while there was an nth call. */
static bool fail_nth(const struct scenario *scenario, unsigned nth, bool for_good)
{
    struct hostmem_statistics before, after;
    size_t region_pages = native_committed(&native, region, GRANULE);
    enum hostmem_result result;

    before = statistics_now();
    native_fail(&native, NATIVE_ALL_CALLS & ~scenario->never, nth, for_good, HOSTMEM_NO_MEMORY);
    result = scenario->run();
    native_fail_not(&native);
    if (result == HOSTMEM_OK)
    {
        /* No call failed, or the core recovered from the failure. */
        if (scenario->undo) scenario->undo();
        return native.failed;
    }
    ck_result(result, HOSTMEM_NO_MEMORY);
    after = statistics_now();
    /* A heap may keep address space that it reserved before the failure; blocks and pages are as they were. */
    ck_assert_uint_ge(after.heap_reserved, before.heap_reserved);
    after.heap_reserved = before.heap_reserved;
    ck_same_amounts(&before, &after);
    ck_assert_uint_eq(native_committed(&native, region, GRANULE), region_pages);
    ck_assert_uint_eq(after.heap_blocks, 2);
    /* It works again. */
    ck_result(scenario->run(), HOSTMEM_OK);
    if (scenario->undo) scenario->undo();
    return true;
}

/* A new manager for every failure, because memory that a call allocates for the records stays for the next call. */
static unsigned fail_each(const struct scenario *scenario, bool for_good)
{
    for (unsigned nth = 0; nth < MAX_CALLS; nth++)
    {
        bool more;
        world_setup();
        more = fail_nth(scenario, nth, for_good);
        manager_teardown();
        if (!more) return nth;
    }
    ck_abort_msg("%s: no end", scenario->name);
}

START_TEST(failing_once)
{
    ck_assert_uint_gt(fail_each(&scenarios[_i], false), 0);
}
END_TEST

START_TEST(failing_for_good)
{
    ck_assert_uint_gt(fail_each(&scenarios[_i], true), 0);
}
END_TEST

START_TEST(creating_a_manager)
{
    unsigned nth;

    native_setup();
    for (nth = 0; nth < MAX_CALLS; nth++)
    {
        enum hostmem_result result;
        struct hostmem_manager *none = (void *)&nth;
        native_fail(&native, 1u << NATIVE_RESERVE, nth, _i, HOSTMEM_NO_MEMORY);
        result = hostmem_manager_create(&native.backend, &none);
        native_fail_not(&native);
        if (result == HOSTMEM_OK)
        {
            hostmem_manager_destroy(none);
            break;
        }
        ck_result(result, HOSTMEM_NO_MEMORY);
        ck_assert_ptr_null(none);
        ck_assert_uint_eq(native_total_reserved(&native), 0);
    }
    ck_assert_uint_ge(nth, 3);
    native_teardown();
}
END_TEST

/* --- the ownership map ------------------------------------------------------------- */

#define OWNED_REGION ((void *)(uintptr_t)0x10000000)

START_TEST(recording_a_region)
{
    struct ownership_region region;
    struct ownership_totals totals;

    for (unsigned nth = 0; nth < MAX_CALLS; nth++)
    {
        enum hostmem_result result;
        native_setup();
        ck_result(ownership_create(&native.backend, &map), HOSTMEM_OK);
        native_fail(&native, NATIVE_ALL_CALLS, nth, _i, HOSTMEM_NO_MEMORY);
        result = ownership_add_region(map, OWNED_REGION, 3 * GRANULE);
        native_fail_not(&native);
        if (result != HOSTMEM_OK)
        {
            ck_result(result, HOSTMEM_NO_MEMORY);
            ownership_totals(map, &totals);
            ck_assert_uint_eq(totals.regions, 0);
            ck_assert_uint_eq(totals.region_bytes, 0);
            ck_assert(!ownership_find_region(map, OWNED_REGION, &region));
            ck_result(ownership_add_region(map, OWNED_REGION, 3 * GRANULE), HOSTMEM_OK);
        }
        ownership_destroy(map);
        native_teardown();
        if (result == HOSTMEM_OK)
        {
            ck_assert_uint_gt(nth, 0);
            return;
        }
    }
    ck_abort_msg("no end");
}
END_TEST

#define OWNED_BLOCKS 20000

static void *owned_block(unsigned i)
{
    return (void *)(uintptr_t)(0x10000000 + i * 48);
}

/* Records blocks until one cannot be recorded, and then the rest. True if there was one. */
static bool record_blocks(void)
{
    struct ownership_block block = {.size = 0};
    struct ownership_totals totals;
    bool refused = false;

    for (unsigned i = 0; i < OWNED_BLOCKS; i++)
    {
        block.size = i;
        enum hostmem_result result = ownership_add_block(map, owned_block(i), block);
        if (result == HOSTMEM_OK) continue;
        ck_result(result, HOSTMEM_NO_MEMORY);
        ck_assert(!refused);
        refused = true;
        ownership_totals(map, &totals);
        ck_assert_uint_eq(totals.blocks, i);
        ck_assert(!ownership_find_block(map, owned_block(i), &block));
        native_fail_not(&native);
        i--;
    }
    return refused;
}

/* Without memory for a block, the block is refused; without memory for an entry point, the table is slower. */
START_TEST(recording_blocks)
{
    unsigned refused = 0, absorbed = 0, failed;

    for (unsigned nth = 0; nth < MAX_CALLS; nth++)
    {
        native_setup();
        ck_result(ownership_create(&native.backend, &map), HOSTMEM_OK);
        native_fail(&native, NATIVE_ALL_CALLS, nth, _i, HOSTMEM_NO_MEMORY);
        if (record_blocks())
            refused++;
        else if (native.failed)
            absorbed++;
        failed = native.failed;
        native_fail_not(&native);
        for (unsigned i = 0; i < OWNED_BLOCKS; i++)
        {
            struct ownership_block block;
            ck_assert(ownership_take_block(map, owned_block(i), &block));
            ck_assert_uint_eq(block.size, i);
        }
        ownership_destroy(map);
        native_teardown();
        if (!failed) break;
    }
    ck_assert_uint_gt(refused, 5);
    if (!_i) ck_assert_uint_gt(absorbed, 3);
}
END_TEST

START_TEST(creating_an_ownership_map)
{
    unsigned nth;

    native_setup();
    for (nth = 0; nth < MAX_CALLS; nth++)
    {
        enum hostmem_result result;
        native_fail(&native, 1u << NATIVE_RESERVE | 1u << NATIVE_COMMIT, nth, _i, HOSTMEM_NO_MEMORY);
        result = ownership_create(&native.backend, &map);
        native_fail_not(&native);
        if (result == HOSTMEM_OK) break;
        ck_result(result, HOSTMEM_NO_MEMORY);
        ck_assert_ptr_null(map);
        ck_assert_uint_eq(native_total_reserved(&native), 0);
    }
    ck_assert_uint_ge(nth, 4);
    ownership_destroy(map);
    native_teardown();
}
END_TEST

/* --- particular failures ---------------------------------------------------- */

START_TEST(what_cannot_be_undone_is_released_at_the_end)
{
    void *out;

    /* The reserve works, recording the memory fails, and then its release fails too. */
    world_setup();
    native_fail(&native, 1u << NATIVE_RESERVE | 1u << NATIVE_RELEASE, 1, true, HOSTMEM_NO_MEMORY);
    ck_result(run_reserve_fixed(), HOSTMEM_NO_MEMORY);
    native_fail_not(&native);
    ck_assert(native_is_reserved(&native, (void *)native.arena));
    ck_assert(!hostmem_manager_owns(manager, (void *)native.arena, NULL, NULL));
    ck_assert_uint_eq(statistics_now().regions, 1);
    ck_result(hostmem_virtual_free(manager, (void *)native.arena, 0, HOSTMEM_RELEASE), HOSTMEM_NOT_OWNED);
    ck_result(hostmem_virtual_alloc(manager, NULL, PAGE, HOSTMEM_RESERVE, READWRITE, TASK, &out), HOSTMEM_OK);
    manager_teardown();
}
END_TEST

START_TEST(a_span_that_cannot_be_decommitted_stays_usable)
{
    void *block;

    world_setup();
    ck_result(hostmem_heap_free(heap, small_block), HOSTMEM_OK);
    native_fail(&native, 1u << NATIVE_DECOMMIT, 0, true, HOSTMEM_NO_MEMORY);
    ck_result(hostmem_manager_trim(manager), HOSTMEM_NO_MEMORY);
    ck_assert_uint_gt(statistics_now().heap_committed, 2000000);
    block = must_heap_alloc(heap, 100);
    *(char *)block = 1;
    ck_result(hostmem_heap_free(heap, block), HOSTMEM_OK);
    native_fail_not(&native);
    ck_result(hostmem_manager_trim(manager), HOSTMEM_OK);
    manager_teardown();
}
END_TEST

/* --- trimming ---------------------------------------------------------------- */

/* Every kind of span, used once and cached now. */
static void leave_cached_memory(void)
{
    void *blocks[27];

    for (unsigned i = 0; i < 27; i++) blocks[i] = must_heap_alloc(heap, (size_t)1000 << i % 9);
    for (unsigned i = 0; i < 27; i++) ck_result(hostmem_heap_free(heap, blocks[i]), HOSTMEM_OK);
}

/* Whichever call fails: memory that was not released is still usable, and in the figures. */
static bool trim_failing(unsigned nth, bool for_good)
{
    struct hostmem_statistics before = statistics_now(), after;
    size_t decommitted, released;

    native_fail(&native, NATIVE_ALL_CALLS, nth, for_good, HOSTMEM_NO_MEMORY);
    ck_result(hostmem_manager_reclaim(manager, &decommitted, &released), HOSTMEM_OK);
    native_fail_not(&native);
    after = statistics_now();
    ck_assert_uint_eq(after.heap_committed, before.heap_committed - decommitted);
    ck_assert_uint_eq(after.charged, before.charged - decommitted);
    ck_assert_uint_eq(after.heap_reserved, before.heap_reserved - released);
    ck_assert_uint_eq(after.heap_blocks, before.heap_blocks);
    leave_cached_memory();
    ck_result(hostmem_heap_free(heap, small_block), HOSTMEM_OK);
    ck_result(hostmem_heap_free(heap, large_block), HOSTMEM_OK);
    ck_result(hostmem_manager_trim(manager), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().heap_committed, 0);
    ck_assert_uint_eq(statistics_now().heap_reserved, 0);
    ck_assert_uint_eq(statistics_now().charged, statistics_now().committed);
    return native.failed;
}

START_TEST(trimming)
{
    for (unsigned nth = 0; nth < MAX_CALLS; nth++)
    {
        bool more;
        world_setup();
        leave_cached_memory();
        more = trim_failing(nth, _i);
        manager_teardown();
        if (more) continue;
        ck_assert_uint_ge(nth, 8); /* spans and chunks */
        return;
    }
    ck_abort_msg("no end");
}
END_TEST

/* A request at the limit, which needs cached memory to be returned first: refused or not, nothing is lost. */
static bool alloc_at_limit(unsigned nth, bool for_good)
{
    struct hostmem_limits limits = {.hard = statistics_now().charged, .soft = statistics_now().charged};
    enum hostmem_result result;

    ck_result(hostmem_manager_set_limits(manager, &limits), HOSTMEM_OK);
    native_fail(&native, NATIVE_ALL_CALLS, nth, for_good, HOSTMEM_NO_MEMORY);
    result = hostmem_heap_alloc(heap, 100000, TASK, &made);
    native_fail_not(&native);
    ck_assert(result == HOSTMEM_OK || result == HOSTMEM_NO_MEMORY || result == HOSTMEM_LIMIT);
    ck_assert_int_eq(made != NULL, result == HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().heap_blocks, 2 + (made != NULL));
    ck_assert_uint_eq(statistics_now().charged, statistics_now().heap_committed + statistics_now().committed);
    ck_assert_uint_le(statistics_now().charged, limits.hard);
    if (!made) ck_result(hostmem_heap_alloc(heap, 100000, TASK, &made), HOSTMEM_OK);
    ck_result(hostmem_heap_free(heap, made), HOSTMEM_OK);
    return native.failed;
}

START_TEST(allocating_at_a_limit)
{
    for (unsigned nth = 0; nth < MAX_CALLS; nth++)
    {
        bool more;
        world_setup();
        leave_cached_memory();
        more = alloc_at_limit(nth, _i);
        manager_teardown();
        if (more) continue;
        ck_assert_uint_ge(nth, 4);
        return;
    }
    ck_abort_msg("no end");
}
END_TEST

START_TEST(a_small_chunk_where_no_big_one_is_to_be_had)
{
    world_setup();
    must_heap_alloc(heap, 500000); /* the first chunk has no room left for such a span */
    native_fail(&native, 1u << NATIVE_RESERVE, 0, false, HOSTMEM_NO_MEMORY);
    for (unsigned i = 0; native.fail_armed; i++)
    {
        must_heap_alloc(heap, 500000);
        ck_assert_uint_lt(i, 100);
    }
    manager_teardown();
}
END_TEST

Suite *failure_suite(void)
{
    Suite *suite = suite_create("failure");
    TCase *tcase = tcase_create("failure");

    tcase_set_timeout(tcase, 30);
    tcase_add_loop_test(tcase, failing_once, 0, SCENARIOS);
    tcase_add_loop_test(tcase, failing_for_good, 0, SCENARIOS);
    tcase_add_loop_test(tcase, creating_a_manager, 0, 2);
    tcase_add_loop_test(tcase, recording_a_region, 0, 2);
    tcase_add_loop_test(tcase, recording_blocks, 0, 2);
    tcase_add_loop_test(tcase, creating_an_ownership_map, 0, 2);
    tcase_add_test(tcase, what_cannot_be_undone_is_released_at_the_end);
    tcase_add_test(tcase, a_span_that_cannot_be_decommitted_stays_usable);
    tcase_add_loop_test(tcase, trimming, 0, 2);
    tcase_add_loop_test(tcase, allocating_at_a_limit, 0, 2);
    tcase_add_test(tcase, a_small_chunk_where_no_big_one_is_to_be_had);
    suite_add_tcase(suite, tcase);
    return suite;
}
