/*
 * Size classes, and the bits of a span.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "hostmem/span.h"

#include <stdlib.h>

static struct hostmem_span *span;

/* The span's memory is never touched: an address will do. */
#define SPAN_BASE ((uintptr_t)0x40000000)

static void make_span(unsigned bin)
{
    size_t bytes = span_record_bytes(hostmem_bin_span(bin) / hostmem_bin_size(bin));

    span = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
    hostmem_span_init(span, NULL, SPAN_BASE, bin);
}

static void open_all(void)
{
    span->opened = span->count;
    hostmem_span_unseal(span);
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
        unsigned bin = hostmem_bin_of(size);
        if (bin >= BIN_COUNT) ck_abort_msg("%u bytes have no bin", size);
        if (hostmem_bin_size(bin) < size) ck_abort_msg("%u bytes do not fit bin %u", size, bin);
        if (bin && hostmem_bin_size(bin - 1) >= size) ck_abort_msg("%u bytes fit below bin %u", size, bin);
    }
}
END_TEST

START_TEST(bins_waste_at_most_a_quarter)
{
    for (unsigned bin = 0; bin < BIN_COUNT; bin++)
    {
        uint32_t size = hostmem_bin_size(bin);
        ck_assert_uint_eq(size % BIN_UNIT, 0);
        if (bin >= 8) ck_assert_uint_le(size * 4, hostmem_bin_size(bin - 1) * 5);
        ck_assert_uint_eq(hostmem_bin_span(bin) % GRANULE, 0);
        ck_assert_uint_ge(hostmem_bin_span(bin) / size, 2);
    }
}
END_TEST

/* Block starts, and nothing else, have an index: at every offset. */
static void check_indices(unsigned bin)
{
    make_span(bin);
    for (uint32_t offset = 0; offset < hostmem_bin_span(span->bin); offset++)
    {
        uint32_t index = hostmem_span_index(span, SPAN_BASE + offset), whole = offset / span->block_size;
        uint32_t expected = offset % span->block_size == 0 && whole < span->count ? whole : UINT32_MAX;
        if (index != expected) ck_abort_msg("bin %u offset %u: %u, not %u", bin, offset, index, expected);
    }
    ck_assert_uint_eq(hostmem_span_index(span, SPAN_BASE - 16), UINT32_MAX);
    ck_assert_uint_eq(hostmem_span_index(span, SPAN_BASE + hostmem_bin_span(span->bin)), UINT32_MAX);
    ck_assert_uint_eq(hostmem_span_index(span, 0), UINT32_MAX);
    ck_assert_uint_eq(hostmem_span_index(span, UINTPTR_MAX - 15), UINT32_MAX);
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
    ck_assert_ptr_null(hostmem_span_take(span)); /* cold: nothing is open */
    open_all();
    for (uint32_t i = 0; i < span->count; i++)
    {
        uintptr_t block = (uintptr_t)hostmem_span_take(span);
        ck_assert_uint_eq(block, SPAN_BASE + i * span->block_size);
    }
    ck_assert_ptr_null(hostmem_span_take(span));
    ck_assert(!hostmem_span_has_room(span));
    ck_assert_uint_eq(hostmem_span_live(span), span->count);
    span_teardown();
}

START_TEST(a_span_gives_each_block_once)
{
    for (unsigned bin = 0; bin < BIN_COUNT; bin++) check_taking(bin);
}
END_TEST

START_TEST(a_block_is_given_back_once)
{
    bool emptied;

    make_span(hostmem_bin_of(1024));
    open_all();
    hostmem_span_take(span);
    hostmem_span_take(span);
    ck_assert(!hostmem_span_give(span, 2, &emptied)); /* never taken */
    ck_assert(hostmem_span_give(span, 0, &emptied));
    ck_assert(!emptied);
    ck_assert(!hostmem_span_give(span, 0, &emptied));
    ck_assert(!hostmem_span_is_empty(span));
    ck_assert(hostmem_span_give(span, 1, &emptied));
    ck_assert(emptied);
    ck_assert(hostmem_span_is_empty(span));
}
END_TEST

START_TEST(a_sealed_span_gives_nothing)
{
    bool emptied;

    make_span(hostmem_bin_of(16));
    open_all();
    ck_assert(hostmem_span_seal(span));
    ck_assert_ptr_null(hostmem_span_take(span));
    for (uint32_t i = 0; i < span->count; i++) ck_assert(!hostmem_span_give(span, i, &emptied));
    ck_assert_ptr_null(hostmem_span_take(span));
    hostmem_span_unseal(span);
    ck_assert_ptr_nonnull(hostmem_span_take(span));
}
END_TEST

/* Blocks of one word, of the next, of one in the middle, of the last. */
static const uint32_t kept[] = {0, 31, 32, 500, 1023};

START_TEST(a_live_block_anywhere_prevents_sealing)
{
    bool emptied;

    make_span(hostmem_bin_of(64));
    open_all();
    for (uint32_t i = 0; i < span->count; i++) hostmem_span_take(span);
    for (uint32_t i = 0; i < span->count; i++)
        if (i != kept[_i]) ck_assert(hostmem_span_give(span, i, &emptied));
    ck_assert(!hostmem_span_seal(span));
    /* And it is as before: all but one can be taken. */
    for (uint32_t i = 1; i < span->count; i++) ck_assert_ptr_nonnull(hostmem_span_take(span));
    ck_assert_ptr_null(hostmem_span_take(span));
}
END_TEST

START_TEST(opening_step_by_step)
{
    make_span(hostmem_bin_of(1024));
    span->opened = 33;
    hostmem_span_unseal(span);
    for (uint32_t i = 0; i < 33; i++) ck_assert_ptr_nonnull(hostmem_span_take(span));
    ck_assert_ptr_null(hostmem_span_take(span));
    span->opened = 40;
    hostmem_span_unseal(span);
    for (uint32_t i = 0; i < 7; i++) ck_assert_ptr_nonnull(hostmem_span_take(span));
    ck_assert_ptr_null(hostmem_span_take(span));
}
END_TEST

static _Atomic unsigned long wrong;

static void *take_and_give(void *arg)
{
    bool emptied;

    (void)arg;
    for (unsigned i = 0; i < 100000; i++)
    {
        void *block = hostmem_span_take(span);
        uint32_t index = hostmem_span_index(span, (uintptr_t)block);
        if (!block || !hostmem_span_give(span, index, &emptied)) wrong++;
    }
    return NULL;
}

START_TEST(threads_share_a_word)
{
    make_span(hostmem_bin_of(8192));
    open_all();
    wrong = 0;
    run_threads(4, take_and_give, NULL, 0);
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq(hostmem_span_live(span), 0);
}
END_TEST

/* Many frees of the same live block: one succeeds. */
static _Atomic unsigned won, round_number;
static pthread_barrier_t barrier;

static void *give_the_same(void *arg)
{
    bool emptied;

    for (unsigned i = 0; i < 2000; i++)
    {
        pthread_barrier_wait(&barrier);
        if (!*(unsigned *)arg)
        {
            won = 0;
            hostmem_span_take(span);
            round_number = i + 1;
        }
        while (round_number != i + 1) continue; /* all leave here at once */
        if (hostmem_span_give(span, 0, &emptied)) won++;
        pthread_barrier_wait(&barrier);
        if (won != 1) wrong++;
    }
    return NULL;
}

START_TEST(one_of_two_gives_a_block_back)
{
    unsigned args[2] = {0, 1};

    make_span(hostmem_bin_of(8192));
    open_all();
    wrong = 0;
    round_number = 0;
    pthread_barrier_init(&barrier, NULL, 2);
    run_threads(2, give_the_same, args, sizeof(*args));
    pthread_barrier_destroy(&barrier);
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
    tcase_add_test(tcase, a_span_gives_each_block_once);
    tcase_add_test(tcase, a_block_is_given_back_once);
    tcase_add_test(tcase, a_sealed_span_gives_nothing);
    tcase_add_loop_test(tcase, a_live_block_anywhere_prevents_sealing, 0, sizeof(kept) / sizeof(*kept));
    tcase_add_test(tcase, opening_step_by_step);
    tcase_add_test(tcase, threads_share_a_word);
    tcase_add_test(tcase, one_of_two_gives_a_block_back);
    suite_add_tcase(suite, tcase);
    return suite;
}
