/*
 * Trimming releases address space, and old blocks are never mistaken for new ones at the same address.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "hostmem/api/manager.h"

#include <stdatomic.h>
#include <string.h>

static struct hostmem_heap *heap;

static void trim_setup(void)
{
    manager_setup();
    heap = must_heap_create();
}

static void free_ok(void *block)
{
    ck_result(hostmem_heap_free(heap, block), HOSTMEM_OK);
}

static void refused(void *block)
{
    struct hostmem_statistics before = statistics_now(), after;

    ck_result(hostmem_heap_free(heap, block), HOSTMEM_NOT_OWNED);
    after = statistics_now();
    ck_same_amounts(&before, &after);
}

static const size_t sizes[] = {1, 16, 100, 200, 1000, 5000, 8193, 50000, 65537, 300000, 524288};
#define SIZES (sizeof(sizes) / sizeof(*sizes))
#define EACH  12

static void *blocks[SIZES * EACH];

static void allocate_all(void)
{
    for (unsigned i = 0; i < SIZES * EACH; i++)
        memset(blocks[i] = must_heap_alloc(heap, sizes[i % SIZES]), (int)i, sizes[i % SIZES]);
}

static void free_all(void)
{
    for (unsigned i = 0; i < SIZES * EACH; i++)
    {
        ck_assert_uint_eq(((unsigned char *)blocks[i])[sizes[i % SIZES] - 1], i & 0xff);
        free_ok(blocks[i]);
    }
}

/* Records of spans ever made. */
static unsigned records(void)
{
    unsigned count = 0;

    for (unsigned i = 0; i < SIZED_POOL_COUNT; i++) count += hm_pool_count(&manager->heaps.records.pools[i]);
    return count;
}

START_TEST(all_address_space_goes)
{
    size_t decommitted, released;
    struct hostmem_statistics full;

    allocate_all();
    full = statistics_now();
    free_all();
    ck_result(hostmem_manager_reclaim(manager, &decommitted, &released), HOSTMEM_OK);
    ck_assert_uint_gt(decommitted, 0);
    ck_assert_uint_eq(released, full.heap_reserved);
    ck_assert_uint_eq(statistics_now().heap_reserved, 0);
    ck_assert_uint_eq(statistics_now().heap_committed, 0);
    ck_assert_uint_eq(statistics_now().charged, 0);
    for (unsigned i = 0; i < SIZES * EACH; i++)
    {
        ck_assert(!native_is_reserved(&native, blocks[i]));
        refused(blocks[i]);
    }
    ck_assert_uint_eq(statistics_now().calls[HOSTMEM_METHOD_NEEDS_ADDRESS_SPACE], 0);
    ck_result(hostmem_manager_trim(manager), HOSTMEM_NO_MEMORY);
    ck_result(hostmem_manager_reclaim(manager, NULL, NULL), HOSTMEM_OK);
}
END_TEST

START_TEST(a_live_block_keeps_its_chunk)
{
    size_t released, kept = 0;
    char *block = NULL;

    allocate_all();
    for (unsigned i = 0; i < SIZES * EACH; i++)
    {
        /* Of all of them, one stays. */
        if (i == (unsigned)_i * EACH)
            block = blocks[i];
        else
            free_ok(blocks[i]);
    }
    for (struct hm_heap_chunk *chunk = heap->chunks; chunk; chunk = chunk->next)
        if ((uintptr_t)block - chunk->base < chunk->size) kept = chunk->size;
    ck_result(hostmem_manager_reclaim(manager, NULL, &released), HOSTMEM_OK);
    ck_assert_uint_gt(released, 0);
    ck_assert_uint_eq(statistics_now().heap_reserved, kept);
    ck_assert(native_is_committed(&native, block));
    *block = 1;
    for (unsigned i = 0; i < SIZES * EACH; i++)
        if (blocks[i] != block) refused(blocks[i]);
    free_ok(block);
    ck_result(hostmem_manager_trim(manager), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().heap_reserved, 0);
}
END_TEST

START_TEST(spans_are_attached_again)
{
    unsigned made = 0;

    for (unsigned round = 0; round < 30; round++)
    {
        void *old[SIZES * EACH];

        memcpy(old, blocks, sizeof(old));
        allocate_all();
        if (!round) made = records();
        /* Old pointers: live again where a new block has come to the same address, else refused. */
        for (unsigned i = 0; round && i < SIZES * EACH; i++)
        {
            bool live = false;
            for (unsigned k = 0; k < SIZES * EACH && !live; k++) live = blocks[k] == old[i];
            if (!live) refused(old[i]);
        }
        free_all();
        ck_result(hostmem_manager_trim(manager), HOSTMEM_OK);
        ck_assert_uint_eq(statistics_now().heap_reserved, 0);
        ck_assert_uint_eq(records(), made);
    }
    ck_assert_uint_gt(heap->spans->range & SPAN_GENERATION, 0);
}
END_TEST

START_TEST(a_span_has_a_last_range)
{
    void *block = must_heap_alloc(heap, 100);
    struct hm_span *span = map_find(manager->regions.map, block, HM_MAP_SPAN), *other;

    free_ok(block);
    hostmem_manager_trim(manager);
    /* As after so many trims. */
    span->range |= SPAN_GENERATION - 1;
    block = must_heap_alloc(heap, 100);
    ck_assert_ptr_eq(map_find(manager->regions.map, block, HM_MAP_SPAN), span);
    ck_assert_uint_eq(span->range & SPAN_GENERATION, SPAN_GENERATION);
    free_ok(block);
    refused(block);
    hostmem_manager_trim(manager);
    ck_assert_uint_eq(statistics_now().heap_reserved, 0);
    refused(block);
    block = must_heap_alloc(heap, 100);
    other = map_find(manager->regions.map, block, HM_MAP_SPAN);
    ck_assert_ptr_ne(other, span);
    ck_assert_ptr_null(hm_span_alloc(span, TASK));
    free_ok(block);
    hostmem_manager_trim(manager);
    block = must_heap_alloc(heap, 100);
    ck_assert_ptr_eq(map_find(manager->regions.map, block, HM_MAP_SPAN), other);
}
END_TEST

START_TEST(sites_and_levels_move_along)
{
    void *block;

    for (unsigned round = 0; round < 5; round++)
    {
        ck_result(hostmem_heap_debug_alloc(heap, 100, round % 3, "a", 1, &block), HOSTMEM_OK);
        ck_assert_uint_eq(statistics_now().levels[round % 3].heap_blocks, 1);
        free_ok(block);
        ck_assert_uint_eq(statistics_now().levels[round % 3].heap_blocks, 0);
        hostmem_manager_trim(manager);
    }
}
END_TEST

START_TEST(a_refused_release_leaves_the_chunk_with_the_heap)
{
    struct hostmem_statistics full;
    uint64_t reserves;

    allocate_all();
    full = statistics_now();
    free_all();
    native_fail(&native, 1u << NATIVE_RELEASE, 0, true, HOSTMEM_NO_MEMORY);
    ck_result(hostmem_manager_trim(manager), HOSTMEM_OK); /* the pages went */
    ck_result(hostmem_manager_trim(manager), HOSTMEM_NO_MEMORY);
    ck_assert_uint_eq(statistics_now().heap_reserved, full.heap_reserved);
    ck_assert_uint_eq(statistics_now().heap_committed, 0);
    for (unsigned i = 0; i < SIZES * EACH; i++) refused(blocks[i]);
    /* It is used again. */
    reserves = native.calls[NATIVE_RESERVE];
    allocate_all();
    ck_assert_uint_le(statistics_now().heap_reserved, full.heap_reserved + HEAP_CHUNK);
    ck_assert_uint_le(native.calls[NATIVE_RESERVE], reserves + 1);
    free_all();
    native_fail_not(&native);
    ck_result(hostmem_manager_trim(manager), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().heap_reserved, 0);
}
END_TEST

START_TEST(one_refused_release_does_not_stop_the_others)
{
    struct hostmem_statistics full;
    size_t released;

    allocate_all();
    full = statistics_now();
    free_all();
    native_fail(&native, 1u << NATIVE_RELEASE, 1, false, HOSTMEM_NO_MEMORY);
    ck_result(hostmem_manager_reclaim(manager, NULL, &released), HOSTMEM_OK);
    ck_assert_uint_gt(released, 0);
    ck_assert_uint_gt(statistics_now().heap_reserved, 0);
    ck_assert_uint_eq(statistics_now().heap_reserved + released, full.heap_reserved);
    allocate_all();
    free_all();
}
END_TEST

/* The caller that trimmed gets the result, once: the runtime, the host, or a request that a limit refused. */
START_TEST(a_contradicted_release_breaks_the_manager)
{
    struct hostmem_limits limits = {2 * GRANULE, 2 * GRANULE, 0, 0};
    void *block = must_heap_alloc(heap, 100), *out;

    free_ok(block);
    ck_result(hostmem_manager_set_limits(manager, &limits), HOSTMEM_OK);
    native_fail(&native, 1u << NATIVE_RELEASE, 0, false, HOSTMEM_INVALID_ADDRESS);
    if (_i == 0) ck_result(hostmem_manager_trim(manager), HOSTMEM_BROKEN);
    if (_i == 1) ck_result(hostmem_manager_reclaim(manager, NULL, NULL), HOSTMEM_BROKEN);
    if (_i == 2)
        ck_result(hostmem_virtual_alloc(manager, NULL, 2 * GRANULE, HOSTMEM_COMMIT, READWRITE, TASK, &out),
                  HOSTMEM_BROKEN);
    ck_result(hostmem_manager_trim(manager), HOSTMEM_UNAVAILABLE);
    ck_result(hostmem_manager_status(manager), HOSTMEM_UNAVAILABLE);
    native.backend.release(&native, (void *)((uintptr_t)block & ~(GRANULE - 1)));
}
END_TEST

START_TEST(a_span_that_cannot_be_committed_is_used_again)
{
    void *block;
    struct hm_span *span;

    for (unsigned round = 0; round < 3; round++)
    {
        native_fail(&native, 1u << NATIVE_COMMIT, 0, false, HOSTMEM_NO_MEMORY);
        ck_result(hostmem_heap_alloc(heap, 100, TASK, &block), HOSTMEM_NO_MEMORY);
        ck_assert_uint_eq(statistics_now().charged, 0);
        span = heap->spans;
        ck_assert_ptr_null(span->next_of_heap);
        block = must_heap_alloc(heap, 100);
        ck_assert_ptr_eq(map_find(manager->regions.map, block, HM_MAP_SPAN), span);
        free_ok(block);
        ck_result(hostmem_manager_trim(manager), HOSTMEM_OK);
        ck_assert_uint_eq(statistics_now().heap_reserved, 0);
    }
}
END_TEST

START_TEST(what_cannot_be_decommitted_is_not_released)
{
    allocate_all();
    free_all();
    native_fail(&native, 1u << NATIVE_DECOMMIT, 0, true, HOSTMEM_NO_MEMORY);
    ck_assert_uint_gt(statistics_now().heap_committed, 0);
    hostmem_manager_trim(manager);
    ck_assert_uint_gt(statistics_now().heap_reserved, 0);
    ck_assert_uint_eq(statistics_now().charged, statistics_now().heap_committed);
    allocate_all();
    free_all();
}
END_TEST

/* Memory that another, perhaps suspended, thread works on is neither waited for nor touched. */
static void trims_nothing(struct hm_spin *spin, bool pages, bool space)
{
    size_t decommitted, released;

    allocate_all();
    free_all();
    spin_lock(spin, &native.backend);
    ck_result(hostmem_manager_reclaim(manager, &decommitted, &released), HOSTMEM_OK);
    ck_assert_int_eq(decommitted != 0, pages);
    ck_assert_int_eq(released != 0, space);
    for (unsigned i = 0; i < SIZES * EACH; i++) refused(blocks[i]);
    spin_unlock(spin);
    ck_result(hostmem_manager_trim(manager), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().heap_reserved, 0);
}

START_TEST(trimming_waits_for_no_lock)
{
    trims_nothing(&manager->heaps.list_lock, false, false);
    trims_nothing(&heap->grow_lock, true, false);
    for (unsigned i = 0; i < SIZES; i++)
        trims_nothing(&heap->bins[hm_size_class_of((uint32_t)sizes[i])].lock, true, true);
}
END_TEST

/* --- protections ----------------------------------------------------------- */

static uint32_t wrong_protect, protect_calls;
static uint32_t expected_protect;

static enum hostmem_result (*real_commit)(void *context, void *address, size_t size, uint32_t protect);

static enum hostmem_result checked_commit(void *context, void *address, size_t size, uint32_t protect)
{
    protect_calls++;
    if (protect != expected_protect) wrong_protect++;
    return real_commit(context, address, size, protect);
}

START_TEST(pages_are_of_their_heaps_kind)
{
    static const uint32_t flags[] = {0, HOSTMEM_HEAP_EXECUTABLE};
    struct hostmem_heap *mine;
    struct native_reservation found;
    void *block;

    expected_protect = _i ? HOSTMEM_PAGE_EXECUTE_READWRITE : HOSTMEM_PAGE_READWRITE;
    real_commit = manager->backend.commit;
    manager->backend.commit = checked_commit;
    ck_result(hostmem_heap_create(manager, flags[_i], &mine), HOSTMEM_OK);
    for (unsigned round = 0; round < 3; round++)
    {
        for (unsigned i = 0; i < SIZES; i++)
        {
            blocks[i] = must_heap_alloc(mine, sizes[i]);
            ck_assert(native_find(&native, blocks[i], &found));
            ck_assert_uint_eq(found.protect, expected_protect);
        }
        block = must_heap_alloc(mine, 1000000);
        ck_assert(native_find(&native, block, &found));
        ck_assert_uint_eq(found.protect, expected_protect);
        ck_result(hostmem_heap_free(mine, block), HOSTMEM_OK);
        for (unsigned i = 0; i < SIZES; i++) ck_result(hostmem_heap_free(mine, blocks[i]), HOSTMEM_OK);
        hostmem_manager_trim(manager);
    }
    ck_assert_uint_gt(protect_calls, 20);
    ck_assert_uint_eq(wrong_protect, 0);
}
END_TEST

/* --- several threads ------------------------------------------------------- */

#define THREADS 4
#define LIVE    60

static _Atomic unsigned long wrong;
static _Atomic unsigned working;
static _Atomic(unsigned char *) strays[THREADS];

/* Fills, checks and frees, so that from time to time no block is live. */
static void fill_and_free(unsigned number)
{
    unsigned char *mine[LIVE];
    uint32_t seed = 9 + number;

    for (unsigned round = 0; round < 300; round++)
    {
        size_t lengths[LIVE];
        unsigned count = 1 + random_next(&seed) % LIVE;

        for (unsigned i = 0; i < count; i++)
        {
            void *block;
            lengths[i] = 1 + random_next(&seed) % (i % 10 ? 3000 : 100000);
            if (hostmem_heap_alloc(heap, lengths[i], random_next(&seed) % 3, &block) != HOSTMEM_OK) wrong++;
            memset(mine[i] = block, (int)(16 * number + i % 16), lengths[i]);
        }
        strays[number] = mine[count - 1];
        for (unsigned i = 0; i < count; i++)
        {
            for (size_t k = 0; k < lengths[i]; k++)
                if (mine[i][k] != (unsigned char)(16 * number + i % 16)) wrong++;
            if (hostmem_heap_free(heap, mine[i]) != HOSTMEM_OK) wrong++;
        }
        if (round % 3 == 0) hostmem_manager_trim(manager);
    }
    working--;
}

/* Interior pointers are never a block, whatever blocks are there; nor is an address in no heap. */
static void free_strays(void)
{
    uint32_t seed = 3;

    while (working)
    {
        unsigned char *stray = strays[random_next(&seed) % THREADS];
        if (stray && hostmem_heap_free(heap, stray + 1 + random_next(&seed) % 15) != HOSTMEM_NOT_OWNED) wrong++;
        if (random_next(&seed) % 64 == 0) hostmem_manager_trim(manager);
    }
}

static void *trim_work(void *arg)
{
    unsigned number = *(unsigned *)arg;

    if (number)
        fill_and_free(number);
    else
        free_strays();
    return NULL;
}

START_TEST(chunks_come_and_go_while_others_work)
{
    unsigned args[THREADS] = {0, 1, 2, 3};
    unsigned moved = 0;

    wrong = 0;
    working = THREADS - 1;
    run_threads(THREADS, trim_work, args, sizeof(*args));
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq(statistics_now().heap_blocks, 0);
    for (struct hm_span *span = heap->spans; span; span = span->next_of_heap)
        moved += (span->range & SPAN_GENERATION) != 0;
    ck_assert_uint_gt(moved, 0);
    hostmem_manager_trim(manager);
    ck_assert_uint_eq(statistics_now().heap_reserved, 0);
    ck_assert_uint_eq(statistics_now().charged, 0);
}
END_TEST

Suite *heap_trim_suite(void)
{
    Suite *suite = suite_create("heap_trim");
    TCase *tcase = tcase_create("heap_trim");

    tcase_add_checked_fixture(tcase, trim_setup, manager_teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, all_address_space_goes);
    tcase_add_loop_test(tcase, a_live_block_keeps_its_chunk, 0, SIZES);
    tcase_add_test(tcase, spans_are_attached_again);
    tcase_add_test(tcase, a_span_has_a_last_range);
    tcase_add_test(tcase, sites_and_levels_move_along);
    tcase_add_test(tcase, a_refused_release_leaves_the_chunk_with_the_heap);
    tcase_add_test(tcase, one_refused_release_does_not_stop_the_others);
    tcase_add_loop_test(tcase, a_contradicted_release_breaks_the_manager, 0, 3);
    tcase_add_test(tcase, a_span_that_cannot_be_committed_is_used_again);
    tcase_add_test(tcase, what_cannot_be_decommitted_is_not_released);
    tcase_add_test(tcase, trimming_waits_for_no_lock);
    tcase_add_loop_test(tcase, pages_are_of_their_heaps_kind, 0, 2);
    tcase_add_test(tcase, chunks_come_and_go_while_others_work);
    suite_add_tcase(suite, tcase);
    return suite;
}
