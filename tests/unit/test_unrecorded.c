/*
 * Memory that is available while its records are not; and records that are rarely needed: the first and the largest of
 * their kind.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "hostmem/api/manager.h"
#include "ownership/ownership.h"

#define LARGE_SIZE (32 * GRANULE) /* of a block of its own */

static struct hostmem_heap *heap;
static char *arena;

/* Reserves of at least a chunk's size, at no fixed address, go to the arena, where the map has no leaf. */
static enum hostmem_result reserve_in_arena(void *context, void **address, size_t size, uint32_t type, uint32_t protect)
{
    if (!*address && size >= HEAP_FIRST_CHUNK && !native_is_reserved(&native, arena)) *address = arena;
    return native.backend.reserve(context, address, size, type, protect);
}

static void world_setup(void)
{
    manager_setup();
    arena = native_use_arena(&native, 256 * GRANULE);
    heap = must_heap_create();
}

/* The records for spans, chunks and large blocks exist already; the next of them goes to the arena. */
static void warm_up(void)
{
    void *small = must_heap_alloc(heap, 100), *large = must_heap_alloc(heap, LARGE_SIZE);
    struct hostmem_heap *passing = must_heap_create();

    must_heap_alloc(passing, 3000);
    hostmem_heap_destroy(passing);
    ck_result(hostmem_heap_free(heap, small), HOSTMEM_OK);
    ck_result(hostmem_heap_free(heap, large), HOSTMEM_OK);
    hostmem_manager_trim(manager);
    ck_assert_uint_eq(statistics_now().heap_reserved, 0);
    manager->backend.reserve = reserve_in_arena;
}

/* --- the first of their kind --------------------------------------------------- */

START_TEST(no_record_for_the_first_region)
{
    void *out = &out;

    native_fail(&native, 1u << NATIVE_RESERVE, 0, false, HOSTMEM_NO_MEMORY);
    ck_result(hostmem_virtual_alloc(manager, NULL, PAGE, HOSTMEM_COMMIT, READWRITE, TASK, &out), HOSTMEM_NO_MEMORY);
    ck_assert_ptr_null(out);
    ck_assert_uint_eq(statistics_now().charged, 0);
    must_alloc(PAGE, HOSTMEM_COMMIT);
}
END_TEST

/* Each reserve of a new manager's first block fails in turn. */
START_TEST(no_record_for_the_first_block)
{
    size_t size = _i ? LARGE_SIZE : 100;
    void *block = NULL;

    for (unsigned nth = 0; !block; nth++)
    {
        ck_assert_uint_lt(nth, 20);
        native_fail(&native, 1u << NATIVE_RESERVE, nth, true, HOSTMEM_NO_MEMORY);
        if (hostmem_heap_alloc(heap, size, TASK, &block) == HOSTMEM_OK) break;
        native_fail_not(&native);
        ck_assert_ptr_null(block);
        ck_assert_uint_eq(statistics_now().heap_committed, 0);
        ck_assert_uint_eq(statistics_now().charged, 0);
        manager_teardown();
        world_setup();
    }
    native_fail_not(&native);
    ck_assert_uint_eq(statistics_now().heap_blocks, 1);
}
END_TEST

START_TEST(no_record_for_a_site)
{
    void *block = NULL;
    unsigned nth;

    for (nth = 0; !block; nth++)
    {
        ck_assert_uint_lt(nth, 20);
        native_fail(&native, 1u << NATIVE_RESERVE, nth, true, HOSTMEM_NO_MEMORY);
        hostmem_heap_debug_alloc(heap, 100, TASK, "file.c", 3, &block);
        native_fail_not(&native);
        ck_assert_uint_eq(statistics_now().heap_blocks, block != NULL);
        manager_teardown();
        world_setup();
    }
    ck_assert_uint_gt(nth, 4);
}
END_TEST

/* --- no leaf of the map ------------------------------------------------------------ */

START_TEST(a_large_block_that_cannot_be_found_is_released)
{
    void *block;

    warm_up();
    native_fail(&native, 1u << NATIVE_RESERVE, 1, false, HOSTMEM_NO_MEMORY);
    ck_result(hostmem_heap_alloc(heap, LARGE_SIZE, TASK, &block), HOSTMEM_NO_MEMORY);
    ck_assert_uint_eq(native.failed, 1);
    ck_assert(!native_is_reserved(&native, arena));
    ck_assert_uint_eq(statistics_now().charged, 0);
    ck_assert_ptr_eq(must_heap_alloc(heap, LARGE_SIZE), arena);
}
END_TEST

/* Memory that cannot be released either is at least decommitted, and released with its heap or the manager. */
START_TEST(a_large_block_that_cannot_be_released_is_released_later)
{
    void *block;

    warm_up();
    native_fail(&native, 1u << NATIVE_RESERVE | 1u << NATIVE_RELEASE, 1, true, HOSTMEM_NO_MEMORY);
    ck_result(hostmem_heap_alloc(heap, LARGE_SIZE, TASK, &block), HOSTMEM_NO_MEMORY);
    native_fail_not(&native);
    ck_assert(native_is_reserved(&native, arena));
    ck_assert_uint_eq(native_committed(&native, arena, LARGE_SIZE), 0);
    ck_assert_uint_eq(statistics_now().charged, 0);
    ck_assert_uint_eq(statistics_now().heap_blocks, 0);
    hostmem_heap_destroy(must_heap_create());
    ck_assert(native_is_reserved(&native, arena));
    if (_i) return;
    hostmem_heap_destroy(heap);
    ck_assert(!native_is_reserved(&native, arena));
}
END_TEST

static uint32_t records_made(void)
{
    uint32_t made = 0;

    for (unsigned i = 0; i < SIZED_POOL_COUNT; i++) made += hm_pool_count(&manager->heaps.records.pools[i]);
    return made;
}

/* The span is new, or was detached from its chunk before. */
START_TEST(a_span_that_cannot_be_found_is_not_used)
{
    size_t size = _i ? 100 : 3000;
    uint32_t records;
    void *block;

    warm_up();
    records = records_made();
    native_fail(&native, 1u << NATIVE_RESERVE, 1, false, HOSTMEM_NO_MEMORY);
    ck_result(hostmem_heap_alloc(heap, size, TASK, &block), HOSTMEM_NO_MEMORY);
    ck_assert_uint_eq(native.failed, 1);
    ck_assert_uint_eq(statistics_now().charged, 0);
    ck_assert_uint_eq(statistics_now().heap_committed, 0);
    block = must_heap_alloc(heap, size);
    ck_assert_uint_lt((size_t)((char *)block - arena), HEAP_FIRST_CHUNK);
    ck_assert_uint_eq(records_made(), records); /* the same span is attached now */
    ck_result(hostmem_heap_free(heap, block), HOSTMEM_OK);
}
END_TEST

/* --- the biggest --------------------------------------------------------------------- */

/* Its bitmap takes pages of its own. */
START_TEST(a_region_of_gigabytes)
{
    size_t size = (size_t)5 << 28, reserved = 0;

    for (unsigned round = 0; round < 3; round++)
    {
        char *region = must_reserve(size);

        must_commit(region, PAGE);
        must_commit(region + size - 3 * PAGE, 3 * PAGE);
        must_commit(region + ((size_t)1 << 30) - PAGE, 2 * PAGE);
        ck_assert_uint_eq(statistics_now().committed, 6 * PAGE);
        ck_result(try_free(region + size - 2 * PAGE, 2 * PAGE, HOSTMEM_DECOMMIT), HOSTMEM_OK);
        ck_assert_uint_eq(statistics_now().committed, 4 * PAGE);
        ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
        ck_assert_uint_eq(statistics_now().committed, 0);
        /* Only the memory that the first one left is available. */
        if (round) ck_assert_uint_le(native_total_reserved(&native), reserved + 16 * GRANULE);
        if (!round) reserved = native_total_reserved(&native);
    }
}
END_TEST

/* As many records were handed out as indices allow. */
START_TEST(a_pool_that_is_used_up)
{
    static const size_t sizes[] = {64, 128 * 1024};
    static struct hm_pool pool;

    pool = (struct hm_pool){0};
    hm_pool_init(&pool, &native.backend, sizes[_i]);
    store_relaxed(&pool.used, UINT32_MAX - 1);
    ck_assert_ptr_null(hm_pool_get(&pool));
    ck_assert_uint_eq(native.calls[NATIVE_RESERVE], 0);
    hm_pool_destroy(&pool);
}
END_TEST

START_TEST(nothing_can_be_destroyed)
{
    hostmem_manager_destroy(NULL);
    hostmem_heap_destroy(NULL);
    ownership_destroy(NULL);
    hm_map_destroy(NULL);
}
END_TEST

Suite *unrecorded_suite(void)
{
    Suite *suite = suite_create("unrecorded");
    TCase *tcase = tcase_create("manager");

    tcase_add_checked_fixture(tcase, world_setup, manager_teardown);
    tcase_add_test(tcase, no_record_for_the_first_region);
    tcase_add_loop_test(tcase, no_record_for_the_first_block, 0, 2);
    tcase_add_test(tcase, no_record_for_a_site);
    tcase_add_test(tcase, a_large_block_that_cannot_be_found_is_released);
    tcase_add_loop_test(tcase, a_large_block_that_cannot_be_released_is_released_later, 0, 2);
    tcase_add_loop_test(tcase, a_span_that_cannot_be_found_is_not_used, 0, 2);
    tcase_add_test(tcase, a_region_of_gigabytes);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("native");
    tcase_add_checked_fixture(tcase, native_setup, native_teardown);
    tcase_add_loop_test(tcase, a_pool_that_is_used_up, 0, 2);
    tcase_add_test(tcase, nothing_can_be_destroyed);
    suite_add_tcase(suite, tcase);
    return suite;
}
