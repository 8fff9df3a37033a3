/*
 * Size classes, and the bits of a span.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "hostmem/heap/span.h"

#include <stdlib.h>

static struct hm_span *span;

/* The span's memory is never touched: an address will do. */
#define SPAN_BASE ((uintptr_t)0x40000000)

static void make_span(unsigned bin)
{
    size_t bytes = span_record_bytes(hm_size_class_span(bin) / hm_size_class_size(bin));

    span = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
    hm_span_init(span, NULL, SPAN_BASE, bin);
}

static void open_all(void)
{
    span->opened = span->count;
    hm_span_unseal(span);
}

static bool free_block(uint32_t index, struct hm_span_freed *freed)
{
    return hm_span_free(span, span_base(span) + (size_t)index * span->block_size, freed);
}

static void span_teardown(void)
{
    free(span);
    span = NULL;
}

START_TEST(every_size_has_the_tightest_bin)
{
    for (uint32_t size = 1; size <= BIN_LARGEST; size++)
    {
        unsigned bin = hm_size_class_of(size);
        if (bin >= BIN_COUNT) ck_abort_msg("%u bytes have no bin", size);
        if (hm_size_class_size(bin) < size) ck_abort_msg("%u bytes do not fit bin %u", size, bin);
        if (bin && hm_size_class_size(bin - 1) >= size) ck_abort_msg("%u bytes fit below bin %u", size, bin);
    }
}
END_TEST

START_TEST(bins_waste_at_most_a_quarter)
{
    for (unsigned bin = 0; bin < BIN_COUNT; bin++)
    {
        uint32_t size = hm_size_class_size(bin);
        ck_assert_uint_eq(size % BIN_UNIT, 0);
        if (bin >= 8) ck_assert_uint_le(size * 4, hm_size_class_size(bin - 1) * 5);
        ck_assert_uint_eq(hm_size_class_span(bin) % GRANULE, 0);
        ck_assert_uint_ge(hm_size_class_span(bin) / size, 2);
    }
}
END_TEST

/* Block starts, and nothing else, have an index: at every offset. */
static void check_indices(unsigned bin)
{
    make_span(bin);
    for (uint32_t offset = 0; offset < hm_size_class_span(span->bin); offset++)
    {
        uint32_t index = hm_span_index(span, SPAN_BASE + offset), whole = offset / span->block_size;
        uint32_t expected = offset % span->block_size == 0 && whole < span->count ? whole : UINT32_MAX;
        if (index != expected) ck_abort_msg("bin %u offset %u: %u, not %u", bin, offset, index, expected);
    }
    ck_assert_uint_eq(hm_span_index(span, SPAN_BASE - 16), UINT32_MAX);
    ck_assert_uint_eq(hm_span_index(span, SPAN_BASE + hm_size_class_span(span->bin)), UINT32_MAX);
    ck_assert_uint_eq(hm_span_index(span, 0), UINT32_MAX);
    ck_assert_uint_eq(hm_span_index(span, UINTPTR_MAX - 15), UINT32_MAX);
    span_teardown();
}

START_TEST(only_block_starts_have_an_index)
{
    for (unsigned bin = 0; bin < BIN_COUNT; bin++) check_indices(bin);
}
END_TEST

static void check_taking(unsigned bin)
{
    make_span(bin);
    ck_assert_ptr_null(hm_span_alloc(span, TASK)); /* decommitted: no block is open */
    open_all();
    for (uint32_t i = 0; i < span->count; i++)
    {
        uintptr_t block = (uintptr_t)hm_span_alloc(span, TASK);
        ck_assert_uint_eq(block, SPAN_BASE + i * span->block_size);
    }
    ck_assert_ptr_null(hm_span_alloc(span, TASK));
    ck_assert(!hm_span_has_room(span));
    ck_assert_uint_eq(hm_span_live(span, TASK), span->count);
    span_teardown();
}

START_TEST(a_span_hands_out_each_block_once)
{
    for (unsigned bin = 0; bin < BIN_COUNT; bin++) check_taking(bin);
}
END_TEST

START_TEST(a_block_is_freed_once)
{
    struct hm_span_freed freed;

    make_span(hm_size_class_of(1024));
    open_all();
    hm_span_alloc(span, TASK);
    hm_span_alloc(span, TASK);
    ck_assert(!free_block(2, &freed)); /* never taken */
    ck_assert(free_block(0, &freed));
    ck_assert(!freed.emptied);
    ck_assert(!free_block(0, &freed));
    ck_assert(!hm_span_is_empty(span));
    ck_assert(free_block(1, &freed));
    ck_assert(freed.emptied);
    ck_assert(hm_span_is_empty(span));
}
END_TEST

START_TEST(a_sealed_span_has_no_free_block)
{
    struct hm_span_freed freed;

    make_span(hm_size_class_of(16));
    open_all();
    ck_assert(hm_span_seal(span));
    ck_assert_ptr_null(hm_span_alloc(span, TASK));
    for (uint32_t i = 0; i < span->count; i++) ck_assert(!free_block(i, &freed));
    ck_assert_ptr_null(hm_span_alloc(span, TASK));
    hm_span_unseal(span);
    ck_assert_ptr_nonnull(hm_span_alloc(span, TASK));
}
END_TEST

/* Blocks of one word, of the next, of one in the middle, of the last. */
static const uint32_t kept[] = {0, 31, 32, 500, 1023};

START_TEST(a_live_block_anywhere_prevents_sealing)
{
    struct hm_span_freed freed;

    make_span(hm_size_class_of(64));
    open_all();
    for (uint32_t i = 0; i < span->count; i++) hm_span_alloc(span, TASK);
    for (uint32_t i = 0; i < span->count; i++)
        if (i != kept[_i]) ck_assert(free_block(i, &freed));
    ck_assert(!hm_span_seal(span));
    /* The span is as before: all blocks except one can be allocated. */
    for (uint32_t i = 1; i < span->count; i++) ck_assert_ptr_nonnull(hm_span_alloc(span, TASK));
    ck_assert_ptr_null(hm_span_alloc(span, TASK));
}
END_TEST

START_TEST(opening_step_by_step)
{
    make_span(hm_size_class_of(1024));
    span->opened = 33;
    hm_span_unseal(span);
    for (uint32_t i = 0; i < 33; i++) ck_assert_ptr_nonnull(hm_span_alloc(span, TASK));
    ck_assert_ptr_null(hm_span_alloc(span, TASK));
    span->opened = 40;
    hm_span_unseal(span);
    for (uint32_t i = 0; i < 7; i++) ck_assert_ptr_nonnull(hm_span_alloc(span, TASK));
    ck_assert_ptr_null(hm_span_alloc(span, TASK));
}
END_TEST

static _Atomic unsigned long wrong;

static void *alloc_and_free(void *arg)
{
    struct hm_span_freed freed;

    (void)arg;
    for (unsigned i = 0; i < 100000; i++)
    {
        void *block = hm_span_alloc(span, TASK);
        uint32_t index = hm_span_index(span, (uintptr_t)block);
        if (!block || !free_block(index, &freed)) wrong++;
    }
    return NULL;
}

START_TEST(threads_share_a_word)
{
    make_span(hm_size_class_of(8192));
    open_all();
    wrong = 0;
    run_threads(4, alloc_and_free, NULL, 0);
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq(hm_span_live(span, TASK), 0);
}
END_TEST

/* Many frees of the same live block: one succeeds. */
static _Atomic unsigned won, round_number;
static pthread_barrier_t barrier;

static void *free_the_same(void *arg)
{
    struct hm_span_freed freed;

    for (unsigned i = 0; i < 2000; i++)
    {
        pthread_barrier_wait(&barrier);
        if (!*(unsigned *)arg)
        {
            won = 0;
            hm_span_alloc(span, TASK);
            round_number = i + 1;
        }
        while (round_number != i + 1) continue; /* all leave here at once */
        if (free_block(0, &freed)) won++;
        pthread_barrier_wait(&barrier);
        if (won != 1) wrong++;
    }
    return NULL;
}

START_TEST(one_of_two_frees_a_block)
{
    unsigned args[2] = {0, 1};

    make_span(hm_size_class_of(8192));
    open_all();
    wrong = 0;
    round_number = 0;
    pthread_barrier_init(&barrier, NULL, 2);
    run_threads(2, free_the_same, args, sizeof(*args));
    pthread_barrier_destroy(&barrier);
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* --- levels ---------------------------------------------------------------- */

START_TEST(each_block_has_its_level)
{
    static enum hostmem_critical_level levels[GRANULE / BIN_UNIT];
    struct hm_span_freed freed;

    make_span(_i);
    open_all();
    for (unsigned round = 0; round < 4; round++)
    {
        for (uint32_t i = 0; i < span->count; i++)
        {
            enum hostmem_critical_level level = (i + round) % 3;
            levels[hm_span_index(span, (uintptr_t)hm_span_alloc(span, level))] = level;
        }
        ck_assert_uint_eq(hm_span_live(span, 0) + hm_span_live(span, 1) + hm_span_live(span, 2), span->count);
        for (uint32_t i = 0; i < span->count; i++)
        {
            ck_assert_uint_eq(span_level(span, i), levels[i]);
            ck_assert(free_block(i, &freed));
            ck_assert_uint_eq(freed.level, levels[i]);
        }
    }
}
END_TEST

START_TEST(a_level_that_stands_there_is_not_written)
{
    uint64_t marks;
    struct hm_span_freed freed;

    make_span(hm_size_class_of(16));
    open_all();
    hm_span_alloc(span, HOSTMEM_PROCESS_CRITICAL);
    hm_span_alloc(span, TASK);
    marks = span->words[0].levels;
    ck_assert_uint_eq(marks, HOSTMEM_PROCESS_CRITICAL);
    ck_assert(free_block(0, &freed));
    hm_span_alloc(span, HOSTMEM_PROCESS_CRITICAL);
    ck_assert_uint_eq(span->words[0].levels, marks);
}
END_TEST

/* --- address ranges --------------------------------------------------------- */

#define OTHER_BASE ((uintptr_t)0x50000000)

START_TEST(a_moved_span_is_elsewhere)
{
    struct hm_span_freed freed;

    make_span(_i);
    open_all();
    ck_assert_uint_eq((uintptr_t)hm_span_alloc(span, TASK), SPAN_BASE);
    ck_assert(free_block(0, &freed));
    ck_assert(hm_span_seal(span));
    ck_assert(span_may_move(span));
    hm_span_attach(span, OTHER_BASE);
    ck_assert_uint_eq(span->opened, 0);
    ck_assert_ptr_null(hm_span_alloc(span, TASK));
    open_all();
    ck_assert_uint_eq((uintptr_t)hm_span_alloc(span, TASK), OTHER_BASE);
    ck_assert(!hm_span_free(span, SPAN_BASE, &freed));
    ck_assert(hm_span_free(span, OTHER_BASE, &freed));
    /* Back again: the same address, but another range. */
    ck_assert(hm_span_seal(span));
    hm_span_attach(span, SPAN_BASE);
    ck_assert_uint_eq(span->range, SPAN_BASE | 2);
    open_all();
    ck_assert_uint_eq((uintptr_t)hm_span_alloc(span, TASK), SPAN_BASE);
    ck_assert(!hm_span_free(span, OTHER_BASE, &freed));
    ck_assert(hm_span_free(span, SPAN_BASE, &freed));
}
END_TEST

START_TEST(ranges_are_not_used_twice)
{
    make_span(hm_size_class_of(8192));
    for (unsigned i = 1; i < GRANULE; i++)
    {
        ck_assert(span_may_move(span));
        hm_span_attach(span, SPAN_BASE);
        ck_assert_uint_eq(span->range, SPAN_BASE | i);
    }
    ck_assert(!span_may_move(span));
}
END_TEST

/* A thread that read the range before the span moved frees nothing afterwards: the block's number is the same, the
 * generation is not. */
START_TEST(a_late_free_hits_no_later_block)
{
    struct hm_span_freed freed;
    uintptr_t home;

    make_span(_i);
    open_all();
    home = span->range;
    hm_span_alloc(span, TASK);
    ck_assert(free_block(0, &freed));
    for (unsigned i = 0; i < 4; i++)
    {
        ck_assert(hm_span_seal(span));
        hm_span_attach(span, i % 2 ? SPAN_BASE : OTHER_BASE);
        ck_assert(!span_free_at(span, home, SPAN_BASE, &freed));
        open_all();
        hm_span_alloc(span, TASK);
        ck_assert(!span_free_at(span, home, SPAN_BASE, &freed));
        ck_assert(free_block(0, &freed));
    }
}
END_TEST

/* One thread frees an address over and over, live or not; the other thread's blocks in the same span are never hit. */
static _Atomic bool moving;

static void *free_at_the_first_base(void *arg)
{
    struct hm_span_freed freed;

    if (!*(unsigned *)arg)
    {
        while (moving) hm_span_free(span, SPAN_BASE, &freed);
        return NULL;
    }
    for (unsigned i = 0; i < 32000; i++)
    {
        open_all();
        hm_span_alloc(span, TASK); /* perhaps lost to the other thread */
        hm_span_free(span, SPAN_BASE, &freed);
        if (!hm_span_seal(span)) wrong++;
        hm_span_attach(span, OTHER_BASE);
        open_all();
        for (unsigned k = 0; k < 20; k++)
            if ((uintptr_t)hm_span_alloc(span, TASK) != OTHER_BASE || !hm_span_free(span, OTHER_BASE, &freed)) wrong++;
        if (!hm_span_seal(span)) wrong++;
        hm_span_attach(span, SPAN_BASE);
    }
    moving = false;
    return NULL;
}

START_TEST(frees_meanwhile_hit_no_later_block)
{
    unsigned args[4] = {1, 0, 0, 0};

    make_span(hm_size_class_of(8192));
    wrong = 0;
    moving = true;
    run_threads(4, free_at_the_first_base, args, sizeof(*args));
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

Suite *span_suite(void)
{
    Suite *suite = suite_create("span");
    TCase *tcase = tcase_create("span");

    tcase_add_checked_fixture(tcase, NULL, span_teardown);
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, every_size_has_the_tightest_bin);
    tcase_add_test(tcase, bins_waste_at_most_a_quarter);
    tcase_add_test(tcase, only_block_starts_have_an_index);
    tcase_add_test(tcase, a_span_hands_out_each_block_once);
    tcase_add_test(tcase, a_block_is_freed_once);
    tcase_add_test(tcase, a_sealed_span_has_no_free_block);
    tcase_add_loop_test(tcase, a_live_block_anywhere_prevents_sealing, 0, sizeof(kept) / sizeof(*kept));
    tcase_add_test(tcase, opening_step_by_step);
    tcase_add_test(tcase, threads_share_a_word);
    tcase_add_test(tcase, one_of_two_frees_a_block);
    tcase_add_loop_test(tcase, each_block_has_its_level, 0, BIN_COUNT);
    tcase_add_test(tcase, a_level_that_stands_there_is_not_written);
    tcase_add_loop_test(tcase, a_moved_span_is_elsewhere, 0, BIN_COUNT);
    tcase_add_test(tcase, ranges_are_not_used_twice);
    tcase_add_loop_test(tcase, a_late_free_hits_no_later_block, 0, BIN_COUNT);
    tcase_add_test(tcase, frees_meanwhile_hit_no_later_block);
    suite_add_tcase(suite, tcase);
    return suite;
}
