/*
 * What the suites share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include <stdio.h>
#include <stdlib.h>

struct native native;
struct hostmem_manager *manager;

void native_setup(void)
{
    native_init(&native);
}

/* For the summary of the tests. */
static void tell_failures(void)
{
    if (native.failed_in_all) printf("calls made to fail: %u\n", native.failed_in_all);
    fflush(stdout);
}

void native_teardown(void)
{
    tell_failures();
    native_finish(&native);
}

void manager_setup(void)
{
    native_init(&native);
    ck_result(hostmem_manager_create(&native.backend, &manager), HOSTMEM_OK);
}

void manager_teardown(void)
{
    tell_failures();
    native_fail_not(&native);
    native.hook = NULL;
    hostmem_manager_destroy(manager);
    native_finish(&native);
}

const char *result_name(enum hostmem_result result)
{
    static const char *const names[] = {
#define NAMED(name) [HOSTMEM_##name] = #name
        NAMED(OK),        NAMED(NOT_OWNED),  NAMED(INVALID_PARAMETER), NAMED(INVALID_ADDRESS), NAMED(ACCESS_DENIED),
        NAMED(NO_ACCESS), NAMED(BAD_LENGTH), NAMED(NO_MEMORY),         NAMED(LIMIT),           NAMED(HEAP_LIMIT),
        NAMED(NOT_OWNER), NAMED(TIMEOUT),    NAMED(ABANDONED),         NAMED(UNAVAILABLE),     NAMED(BROKEN),
#undef NAMED
    };

    _Static_assert(sizeof(names) == HOSTMEM_RESULT_COUNT * sizeof(*names), "a name for each result");
    return (unsigned)result < HOSTMEM_RESULT_COUNT ? names[result] : "unknown";
}

void *must_alloc(size_t size, uint32_t type)
{
    void *address;

    ck_result(hostmem_virtual_alloc(manager, NULL, size, type, READWRITE, TASK, &address), HOSTMEM_OK);
    ck_assert_ptr_nonnull(address);
    return address;
}

void *must_reserve(size_t size)
{
    return must_alloc(size, HOSTMEM_RESERVE);
}

void *must_commit(void *address, size_t size)
{
    void *out;

    ck_result(hostmem_virtual_alloc(manager, address, size, HOSTMEM_COMMIT, READWRITE, TASK, &out), HOSTMEM_OK);
    return out;
}

void *must_heap_alloc(struct hostmem_heap *heap, size_t size)
{
    void *block;

    ck_result(hostmem_heap_alloc(heap, size, TASK, &block), HOSTMEM_OK);
    ck_assert_ptr_nonnull(block);
    return block;
}

struct hostmem_heap *must_heap_create(void)
{
    struct hostmem_heap *heap;

    ck_result(hostmem_heap_create(manager, HOSTMEM_HEAP_THREADSAFE, &heap), HOSTMEM_OK);
    return heap;
}

struct hostmem_statistics statistics_now(void)
{
    struct hostmem_statistics now;

    hostmem_manager_statistics(manager, &now);
    return now;
}

void ck_same_amounts(const struct hostmem_statistics *a, const struct hostmem_statistics *b)
{
    ck_assert_uint_eq(a->reserved, b->reserved);
    ck_assert_uint_eq(a->committed, b->committed);
    ck_assert_uint_eq(a->regions, b->regions);
    ck_assert_uint_eq(a->heap_reserved, b->heap_reserved);
    ck_assert_uint_eq(a->heap_committed, b->heap_committed);
    ck_assert_uint_eq(a->heap_live, b->heap_live);
    ck_assert_uint_eq(a->heap_blocks, b->heap_blocks);
    ck_assert_uint_eq(a->heaps, b->heaps);
    ck_assert_uint_eq(a->mapped, b->mapped);
    ck_assert_uint_eq(a->views, b->views);
    ck_assert_uint_eq(a->charged, b->charged);
    ck_assert_uint_eq(a->locked_regions, b->locked_regions);
    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
    {
        ck_assert_uint_eq(a->levels[level].reserved, b->levels[level].reserved);
        ck_assert_uint_eq(a->levels[level].committed, b->levels[level].committed);
        ck_assert_uint_eq(a->levels[level].heap_live, b->levels[level].heap_live);
        ck_assert_uint_eq(a->levels[level].heap_blocks, b->levels[level].heap_blocks);
    }
}

uint32_t random_next(uint32_t *seed)
{
    uint32_t x = *seed;

    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *seed = x;
}

struct starter
{
    pthread_barrier_t *barrier;
    void *(*work)(void *);
    void *arg;
};

static void *start(void *arg)
{
    struct starter *starter = arg;

    pthread_barrier_wait(starter->barrier);
    return starter->work(starter->arg);
}

void run_threads(unsigned count, void *(*work)(void *), void *args, size_t arg_size)
{
    pthread_t *threads = calloc(count, sizeof(*threads));
    struct starter *starters = calloc(count, sizeof(*starters));
    pthread_barrier_t barrier;

    pthread_barrier_init(&barrier, NULL, count);
    for (unsigned i = 0; i < count; i++)
    {
        starters[i] = (struct starter){&barrier, work, (char *)args + i * arg_size};
        if (pthread_create(&threads[i], NULL, start, &starters[i])) abort();
    }
    for (unsigned i = 0; i < count; i++) pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&barrier);
    free(starters);
    free(threads);
}

enum hostmem_result try_free(void *address, size_t size, uint32_t type)
{
    return hostmem_virtual_free(manager, address, size, type);
}

void refused_free(void *address, size_t size, uint32_t type, enum hostmem_result expected)
{
    struct hostmem_statistics before = statistics_now(), after;
    uint64_t releases = native.calls[NATIVE_RELEASE], decommits = native.calls[NATIVE_DECOMMIT];

    ck_result(try_free(address, size, type), expected);
    after = statistics_now();
    ck_same_amounts(&before, &after);
    ck_assert_uint_eq(native.calls[NATIVE_RELEASE], releases);
    ck_assert_uint_eq(native.calls[NATIVE_DECOMMIT], decommits);
    ck_assert_uint_eq(after.refused_frees - before.refused_frees, expected == HOSTMEM_NOT_OWNED);
    ck_assert_uint_eq(after.failures[HOSTMEM_METHOD_VIRTUAL_FREE] - before.failures[HOSTMEM_METHOD_VIRTUAL_FREE], 1);
}
