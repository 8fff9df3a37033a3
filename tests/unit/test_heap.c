/*
 * Heaps, on one thread.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "hostmem/api/manager.h"

#include <string.h>

static struct hostmem_heap *heap;

static void heap_setup(void)
{
    manager_setup();
    heap = must_heap_create();
}

static void free_ok(void *block)
{
    ck_result(hostmem_heap_free(heap, block), HOSTMEM_OK);
}

/* A refusal changes nothing. */
static void refused(struct hostmem_heap *from, void *block)
{
    struct hostmem_statistics before = statistics_now(), after;

    ck_result(hostmem_heap_free(from, block), HOSTMEM_NOT_OWNED);
    after = statistics_now();
    ck_same_amounts(&before, &after);
    ck_assert_uint_eq(after.refused_frees, before.refused_frees + 1);
}

static const size_t sizes[] = {0,      1,      15,     16,     17,     100,    128,     129,    1000,
                               4096,   8191,   8192,   8193,   10000,  16384,  40000,   65536,  65537,
                               100000, 262144, 500000, 524288, 524289, 600000, 1 << 20, 5000000};
#define SIZES (sizeof(sizes) / sizeof(*sizes))

START_TEST(blocks_of_any_size)
{
    size_t size = sizes[_i];
    unsigned char *blocks[20];

    for (unsigned i = 0; i < 20; i++)
    {
        blocks[i] = must_heap_alloc(heap, size);
        ck_assert_uint_eq((uintptr_t)blocks[i] % 16, 0);
        memset(blocks[i], (int)i, size);
        for (unsigned k = 0; k < i; k++)
            ck_assert(blocks[k] != blocks[i] && (blocks[k] + size <= blocks[i] || blocks[i] + size <= blocks[k]));
    }
    ck_assert_uint_eq(statistics_now().heap_blocks, 20);
    ck_assert_uint_ge(statistics_now().heap_live, 20 * size);
    for (unsigned i = 0; i < 20; i++)
    {
        for (size_t k = 0; k < size; k += size / 16 + 1) ck_assert_uint_eq(blocks[i][k], i);
        free_ok(blocks[i]);
    }
    for (unsigned i = 0; i < 20; i++) refused(heap, blocks[i]);
    ck_assert_uint_eq(statistics_now().heap_blocks, 0);
    ck_assert_uint_eq(statistics_now().heap_live, 0);
}
END_TEST

START_TEST(an_impossible_size_is_no_memory)
{
    static const size_t impossible[] = {SIZE_MAX, SIZE_MAX - PAGE, SIZE_MAX - PAGE + 1, SIZE_MAX - GRANULE};
    void *out = heap;

    ck_result(hostmem_heap_alloc(heap, impossible[_i], TASK, &out), HOSTMEM_NO_MEMORY);
    ck_assert_ptr_null(out);
    ck_assert_uint_eq(statistics_now().heap_reserved, 0);
}
END_TEST

/* Each size: the block is found while it is live, by its start and in its own heap only. */
START_TEST(a_live_block_is_found)
{
    struct hostmem_heap *other = must_heap_create();
    size_t found = 0, asked = sizes[_i];
    char *block = must_heap_alloc(heap, asked);

    ck_assert(hostmem_heap_find_block(heap, block, &found));
    ck_assert_uint_ge(found, asked);
    ck_assert_uint_eq(found, statistics_now().heap_live);
    ck_assert(!hostmem_heap_find_block(heap, block + 1, &found));
    ck_assert(!hostmem_heap_find_block(heap, block + 16, &found));
    ck_assert(!hostmem_heap_find_block(other, block, &found));
    free_ok(block);
    ck_assert(!hostmem_heap_find_block(heap, block, &found));
    ck_assert(!hostmem_heap_find_block(heap, NULL, &found));
    ck_assert(!hostmem_heap_find_block(heap, &found, &found));
    hostmem_heap_destroy(other);
}
END_TEST

/* An address in no heap of the manager is an answer, and not a refused free. */
START_TEST(frees_of_foreign_memory)
{
    static char foreign[100];
    struct hostmem_heap *other = must_heap_create();
    void *region = must_alloc(GRANULE, HOSTMEM_COMMIT), *block = must_heap_alloc(heap, sizes[_i]);
    struct hostmem_statistics before = statistics_now();
    enum hostmem_result result = HOSTMEM_BROKEN;

    ck_assert(!hostmem_heap_free_owned(heap, foreign, &result));
    ck_assert(!hostmem_heap_free_owned(heap, region, &result));
    ck_result(result, HOSTMEM_BROKEN);
    ck_assert_uint_eq(statistics_now().refused_frees, before.refused_frees);
    ck_assert_uint_eq(statistics_now().calls[HOSTMEM_METHOD_FREE], before.calls[HOSTMEM_METHOD_FREE]);
    ck_assert(hostmem_heap_free_owned(other, block, &result));
    ck_result(result, HOSTMEM_NOT_OWNED);
    ck_assert_uint_eq(statistics_now().refused_frees, before.refused_frees + 1);
    ck_assert(hostmem_heap_free_owned(heap, block, &result));
    ck_result(result, HOSTMEM_OK);
    ck_assert(hostmem_heap_free_owned(heap, NULL, &result));
    ck_result(result, HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().heap_blocks, 0);
    ck_assert_uint_eq(statistics_now().calls[HOSTMEM_METHOD_FREE], before.calls[HOSTMEM_METHOD_FREE] + 3);
    hostmem_manager_shutdown(manager);
    ck_assert(!hostmem_heap_free_owned(heap, foreign, &result));
    ck_assert(hostmem_heap_free_owned(heap, NULL, &result));
    ck_result(result, HOSTMEM_UNAVAILABLE);
    ck_result(hostmem_heap_free(heap, foreign), HOSTMEM_UNAVAILABLE);
    hostmem_heap_destroy(other);
}
END_TEST

START_TEST(null_is_freed_for_nothing)
{
    ck_result(hostmem_heap_free(heap, NULL), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().calls[HOSTMEM_METHOD_FREE], 1);
    ck_assert_uint_eq(statistics_now().refused_frees, 0);
}
END_TEST

START_TEST(an_address_of_no_heap_is_refused)
{
    static char foreign[100];
    char on_stack, *region = must_alloc(GRANULE, HOSTMEM_COMMIT);

    refused(heap, foreign);
    refused(heap, &on_stack);
    refused(heap, region);
    refused(heap, (void *)1);
    refused(heap, (void *)16);
    refused(heap, (void *)UINTPTR_MAX);
    refused(heap, heap);
}
END_TEST

START_TEST(interior_pointers_are_refused)
{
    size_t size = sizes[_i] ? sizes[_i] : 1;
    char *block = must_heap_alloc(heap, size);

    for (size_t offset = 1; offset < size; offset += size / 50 + 1) refused(heap, block + offset);
    refused(heap, block - 1);
    refused(heap, block + 8);
    free_ok(block);
}
END_TEST

START_TEST(blocks_never_allocated_are_refused)
{
    char *block = must_heap_alloc(heap, 64);

    /* Neighbours in the same span, and everywhere else in the chunk. */
    for (size_t offset = 64; offset < 1 << 20; offset += 64) refused(heap, block + offset);
    free_ok(block);
}
END_TEST

START_TEST(a_double_free_is_refused)
{
    size_t size = sizes[_i];
    void *block = must_heap_alloc(heap, size), *kept = must_heap_alloc(heap, size);

    free_ok(block);
    for (unsigned i = 0; i < 3; i++) refused(heap, block);
    free_ok(kept);
    refused(heap, block);
    refused(heap, kept);
    hostmem_manager_trim(manager);
    refused(heap, block);
    refused(heap, kept);
}
END_TEST

START_TEST(another_heaps_block_is_refused)
{
    struct hostmem_heap *other = must_heap_create();
    void *mine = must_heap_alloc(heap, sizes[_i]), *theirs = must_heap_alloc(other, sizes[_i]);

    refused(heap, theirs);
    refused(other, mine);
    ck_result(hostmem_heap_free(other, theirs), HOSTMEM_OK);
    free_ok(mine);
    refused(other, mine);
    hostmem_heap_destroy(other);
    refused(heap, theirs);
}
END_TEST

START_TEST(another_managers_block_is_refused)
{
    struct hostmem_manager *other;
    struct hostmem_heap *their_heap;
    void *theirs;

    ck_result(hostmem_manager_create(&native.backend, &other), HOSTMEM_OK);
    ck_result(hostmem_heap_create(other, 0, &their_heap), HOSTMEM_OK);
    ck_result(hostmem_heap_alloc(their_heap, 100, TASK, &theirs), HOSTMEM_OK);
    refused(heap, theirs);
    hostmem_manager_destroy(other);
}
END_TEST

START_TEST(unknown_flags_are_refused)
{
    static const uint32_t flags[] = {4, 8, 0x80000000, 0xffffffff, 5};
    struct hostmem_heap *none = heap;

    ck_result(hostmem_heap_create(manager, flags[_i], &none), HOSTMEM_INVALID_PARAMETER);
    ck_assert_ptr_null(none);
    ck_assert_uint_eq(statistics_now().heaps, 1);
}
END_TEST

START_TEST(an_executable_heap_commits_executable_memory)
{
    static const unsigned char code[] = {0xb8, 0x2a, 0, 0, 0, 0xc3}; /* mov eax, 42; ret */
    struct hostmem_heap *executable;
    void *small, *large;

    ck_result(hostmem_heap_create(manager, HOSTMEM_HEAP_THREADSAFE | HOSTMEM_HEAP_EXECUTABLE, &executable), HOSTMEM_OK);
    small = must_heap_alloc(executable, sizeof(code));
    large = must_heap_alloc(executable, 1 << 20);
    memcpy(small, code, sizeof(code));
    memcpy(large, code, sizeof(code));
#if defined(__i386__) || defined(__x86_64__)
    ck_assert_int_eq(((int (*)(void))(uintptr_t)small)(), 42);
    ck_assert_int_eq(((int (*)(void))(uintptr_t)large)(), 42);
#endif
}
END_TEST

START_TEST(a_heap_starts_small)
{
    ck_assert_uint_eq(statistics_now().heap_reserved, 0);
    must_heap_alloc(heap, 1);
    ck_assert_uint_eq(statistics_now().heap_reserved, HEAP_FIRST_CHUNK);
    ck_assert_uint_eq(statistics_now().heap_committed, HEAP_OPEN_STEP);
    must_heap_alloc(heap, 500000);
    ck_assert_uint_eq(statistics_now().heap_reserved, HEAP_FIRST_CHUNK + HEAP_CHUNK);
    ck_assert_uint_le(statistics_now().heap_committed, GRANULE + 524288);
}
END_TEST

START_TEST(space_is_used_again)
{
    void *blocks[1000];
    uint64_t reserved = 0;

    for (unsigned round = 0; round < 20; round++)
    {
        for (unsigned i = 0; i < 1000; i++) blocks[i] = must_heap_alloc(heap, 3000);
        if (!round) reserved = statistics_now().heap_reserved;
        for (unsigned i = 0; i < 1000; i++) free_ok(blocks[(i * 7) % 1000]);
    }
    ck_assert_uint_eq(statistics_now().heap_reserved, reserved);
    ck_assert_uint_eq(statistics_now().heap_live, 0);
}
END_TEST

/* Every span filled, one block of each freed: these must be found again before new spans are made. */
START_TEST(full_spans_come_back)
{
    enum
    {
        SPANS = 30,
        EACH = 64
    };
    void *blocks[SPANS * EACH];
    uint64_t committed;

    for (unsigned i = 0; i < SPANS * EACH; i++) blocks[i] = must_heap_alloc(heap, 1024);
    committed = statistics_now().heap_committed;
    ck_assert_uint_eq(committed, SPANS * GRANULE);
    for (unsigned round = 0; round < 5; round++)
    {
        for (unsigned i = round; i < SPANS * EACH; i += EACH) free_ok(blocks[i]);
        for (unsigned i = round; i < SPANS * EACH; i += EACH) blocks[i] = must_heap_alloc(heap, 1024);
        ck_assert_uint_eq(statistics_now().heap_committed, committed);
    }
}
END_TEST

START_TEST(empty_spans_are_decommitted)
{
    enum
    {
        COUNT = 20000
    };
    static void *blocks[COUNT];
    struct hostmem_statistics full, empty;

    for (unsigned i = 0; i < COUNT; i++) blocks[i] = must_heap_alloc(heap, 1024);
    full = statistics_now();
    for (unsigned i = 0; i < COUNT; i++) free_ok(blocks[i]);
    empty = statistics_now();
    ck_assert_uint_ge(full.heap_committed, COUNT * 1024);
    ck_assert_uint_le(empty.heap_committed, HEAP_CACHE_MOST + 2 * GRANULE);
    ck_assert_uint_eq(empty.peak_heap_committed, full.heap_committed);
    ck_assert_uint_eq(empty.heap_reserved, full.heap_reserved);
    ck_result(hostmem_manager_trim(manager), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().heap_committed, 0);
    ck_result(hostmem_manager_trim(manager), HOSTMEM_NO_MEMORY);
    /* And it all works again. */
    for (unsigned i = 0; i < COUNT; i++) *(char *)(blocks[i] = must_heap_alloc(heap, 1024)) = 1;
    ck_assert_uint_eq(statistics_now().heap_reserved, full.heap_reserved);
    for (unsigned i = 0; i < COUNT; i++) free_ok(blocks[i]);
    ck_assert_uint_eq(statistics_now().heap_committed, empty.heap_committed);
}
END_TEST

/* A thread may have read a shard's current span before it was taken out of use, and use it afterwards. */
START_TEST(a_span_out_of_use_has_no_free_block)
{
    void *block = must_heap_alloc(heap, 1000), *blocks[200];
    struct hm_span *span = map_find(manager->regions.map, block, HM_MAP_SPAN);

    /* The current span, by trim. */
    free_ok(block);
    ck_assert_uint_eq(span->state, SPAN_CURRENT);
    ck_result(hostmem_manager_trim(manager), HOSTMEM_OK);
    ck_assert_uint_eq(span->state, SPAN_DETACHED);
    ck_assert_ptr_null(hm_span_alloc(span, TASK));
    /* A full one whose last block was freed. */
    for (unsigned i = 0; i < 200; i++) blocks[i] = must_heap_alloc(heap, 1000);
    span = map_find(manager->regions.map, blocks[0], HM_MAP_SPAN);
    ck_assert_uint_eq(span->state, SPAN_FULL);
    for (unsigned i = 0; i < 200; i++) free_ok(blocks[i]);
    ck_assert_uint_eq(span->state, SPAN_CACHED);
    ck_assert_ptr_null(hm_span_alloc(span, TASK));
}
END_TEST

START_TEST(trim_keeps_what_lives)
{
    char *kept[SIZES];

    for (unsigned i = 0; i < SIZES; i++)
    {
        void *other = must_heap_alloc(heap, sizes[i]);
        kept[i] = must_heap_alloc(heap, sizes[i]);
        memset(kept[i], 0x5a, sizes[i]);
        free_ok(other);
    }
    hostmem_manager_trim(manager);
    for (unsigned i = 0; i < SIZES; i++)
    {
        if (sizes[i]) ck_assert_int_eq(kept[i][sizes[i] - 1], 0x5a);
        free_ok(kept[i]);
    }
    ck_result(hostmem_manager_trim(manager), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().heap_committed, 0);
}
END_TEST

START_TEST(trim_without_anything_to_release)
{
    ck_result(hostmem_manager_trim(manager), HOSTMEM_NO_MEMORY);
    must_heap_alloc(heap, 100);
    ck_result(hostmem_manager_trim(manager), HOSTMEM_NO_MEMORY);
}
END_TEST

/* A pair at the edge of a span must not commit and decommit each time. */
START_TEST(pairs_do_not_thrash)
{
    size_t size = sizes[_i] > BIN_LARGEST ? BIN_LARGEST : sizes[_i];
    uint64_t commits, decommits;

    free_ok(must_heap_alloc(heap, size));
    commits = native.calls[NATIVE_COMMIT];
    decommits = native.calls[NATIVE_DECOMMIT];
    for (unsigned i = 0; i < 100; i++)
    {
        void *blocks[64];
        unsigned deep = size > 65536 ? 2 : 64;
        for (unsigned k = 0; k < deep; k++) blocks[k] = must_heap_alloc(heap, size);
        if (i < 3) commits = native.calls[NATIVE_COMMIT]; /* the first rounds open what they need */
        for (unsigned k = deep; k-- > 0;) free_ok(blocks[k]);
    }
    ck_assert_uint_eq(native.calls[NATIVE_COMMIT], commits);
    ck_assert_uint_eq(native.calls[NATIVE_DECOMMIT], decommits);
}
END_TEST

START_TEST(the_figures_agree_with_the_pages)
{
    enum
    {
        COUNT = 300
    };
    void *blocks[COUNT] = {0};
    size_t block_sizes[COUNT] = {0};
    uint32_t seed = 99;

    for (unsigned i = 0; i < 20000; i++)
    {
        unsigned k = random_next(&seed) % COUNT;
        if (blocks[k])
        {
            free_ok(blocks[k]);
            blocks[k] = NULL;
        }
        else
        {
            block_sizes[k] = random_next(&seed) % (1u << (random_next(&seed) % 21));
            blocks[k] = must_heap_alloc(heap, block_sizes[k]);
            memset(blocks[k], (int)k, block_sizes[k] > 32 ? 32 : block_sizes[k]);
        }
        if (i % 1000 == 999)
        {
            uint64_t count = 0, bytes = 0;
            for (k = 0; k < COUNT; k++)
            {
                if (!blocks[k]) continue;
                count++;
                bytes += block_sizes[k];
                if (block_sizes[k]) ck_assert_uint_eq(*(unsigned char *)blocks[k], k & 0xff);
            }
            ck_assert_uint_eq(statistics_now().heap_blocks, count);
            ck_assert_uint_ge(statistics_now().heap_live, bytes);
            ck_assert_uint_le(statistics_now().heap_live, statistics_now().heap_committed);
            ck_assert_uint_le(statistics_now().heap_committed, statistics_now().heap_reserved);
        }
    }
}
END_TEST

START_TEST(destroy_takes_everything_off_the_books)
{
    struct hostmem_statistics before = statistics_now(), after;
    struct hostmem_heap *other = must_heap_create();

    for (unsigned i = 0; i < SIZES; i++)
        for (unsigned k = 0; k < 5; k++) must_heap_alloc(other, sizes[i]);
    hostmem_heap_destroy(other);
    after = statistics_now();
    ck_same_amounts(&before, &after);
    hostmem_heap_destroy(NULL);
}
END_TEST

START_TEST(heaps_come_and_go)
{
    struct hostmem_heap *heaps[10];

    for (unsigned round = 0; round < 3; round++)
    {
        for (unsigned i = 0; i < 10; i++)
        {
            heaps[i] = must_heap_create();
            memset(must_heap_alloc(heaps[i], 1000), 1, 1000);
        }
        ck_assert_uint_eq(statistics_now().heaps, 11);
        for (unsigned i = 0; i < 10; i++) hostmem_heap_destroy(heaps[(i * 3 + round) % 10]);
        ck_assert_uint_eq(statistics_now().heaps, 1);
    }
}
END_TEST

START_TEST(a_large_block_that_cannot_be_released_stays)
{
    char *block = must_heap_alloc(heap, 1 << 20);
    struct hostmem_statistics before = statistics_now(), after;

    native_fail(&native, 1u << NATIVE_RELEASE, 0, false, HOSTMEM_NO_MEMORY);
    ck_result(hostmem_heap_free(heap, block), HOSTMEM_NO_MEMORY);
    after = statistics_now();
    ck_same_amounts(&before, &after);
    *block = 1;
    free_ok(block);
    refused(heap, block);
}
END_TEST

START_TEST(a_contradicted_large_block_breaks_the_manager)
{
    char *block = must_heap_alloc(heap, 1 << 20);

    native_fail(&native, 1u << NATIVE_RELEASE, 0, false, HOSTMEM_INVALID_ADDRESS);
    ck_result(hostmem_heap_free(heap, block), HOSTMEM_BROKEN);
    ck_result(hostmem_heap_free(heap, block), HOSTMEM_UNAVAILABLE);
    native.backend.release(&native, block);
}
END_TEST

START_TEST(debug_alloc_returns_a_block)
{
    void *block;

    ck_result(hostmem_heap_debug_alloc(heap, 50, TASK, NULL, -1, &block), HOSTMEM_OK);
    memset(block, 1, 50);
    free_ok(block);
}
END_TEST

Suite *heap_suite(void)
{
    Suite *suite = suite_create("heap");
    TCase *tcase = tcase_create("heap");

    tcase_add_checked_fixture(tcase, heap_setup, manager_teardown);
    tcase_set_timeout(tcase, 30);
    tcase_add_loop_test(tcase, blocks_of_any_size, 0, SIZES);
    tcase_add_loop_test(tcase, a_live_block_is_found, 0, SIZES);
    tcase_add_loop_test(tcase, frees_of_foreign_memory, 0, SIZES);
    tcase_add_loop_test(tcase, an_impossible_size_is_no_memory, 0, 4);
    tcase_add_test(tcase, null_is_freed_for_nothing);
    tcase_add_test(tcase, an_address_of_no_heap_is_refused);
    tcase_add_loop_test(tcase, interior_pointers_are_refused, 0, SIZES);
    tcase_add_test(tcase, blocks_never_allocated_are_refused);
    tcase_add_loop_test(tcase, a_double_free_is_refused, 0, SIZES);
    tcase_add_loop_test(tcase, another_heaps_block_is_refused, 0, SIZES);
    tcase_add_test(tcase, another_managers_block_is_refused);
    tcase_add_loop_test(tcase, unknown_flags_are_refused, 0, 5);
    tcase_add_test(tcase, an_executable_heap_commits_executable_memory);
    tcase_add_test(tcase, a_heap_starts_small);
    tcase_add_test(tcase, space_is_used_again);
    tcase_add_test(tcase, full_spans_come_back);
    tcase_add_test(tcase, empty_spans_are_decommitted);
    tcase_add_test(tcase, a_span_out_of_use_has_no_free_block);
    tcase_add_test(tcase, trim_keeps_what_lives);
    tcase_add_test(tcase, trim_without_anything_to_release);
    tcase_add_loop_test(tcase, pairs_do_not_thrash, 0, SIZES);
    tcase_add_test(tcase, the_figures_agree_with_the_pages);
    tcase_add_test(tcase, destroy_takes_everything_off_the_books);
    tcase_add_test(tcase, heaps_come_and_go);
    tcase_add_test(tcase, a_large_block_that_cannot_be_released_stays);
    tcase_add_test(tcase, a_contradicted_large_block_breaks_the_manager);
    tcase_add_test(tcase, debug_alloc_returns_a_block);
    suite_add_tcase(suite, tcase);
    return suite;
}
