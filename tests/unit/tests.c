/*
 * What the suites share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

bool test_option(enum test_option option)
{
    static const char *const names[TEST_OPTION_COUNT] = {
        [TEST_LIMITS] = " limits ",     [TEST_HEAP_LIMIT] = " heap-limit ", [TEST_WAITS] = " waits ",
        [TEST_MONITOR] = " monitor ",   [TEST_EXECUTABLE] = " executable ", [TEST_ONE_SHARD] = " one-shard ",
        [TEST_CRITICAL] = " critical ",
    };
    const char *given = getenv("CLRMEM_UNIT_OPTIONS");
    char padded[256];

    snprintf(padded, sizeof(padded), " %s ", given ? given : "");
    return strstr(padded, names[option]) != NULL;
}

static const struct hostmem_limits far_limits = {
    .hard = HOSTMEM_NO_LIMIT - 1, .soft = 1, .appdomain_reserve = 1, .process_reserve = 1};

static enum hostmem_critical_level helper_level(void)
{
    return test_option(TEST_CRITICAL) ? HOSTMEM_PROCESS_CRITICAL : TASK;
}

static pthread_t monitor;
static _Atomic bool monitored;

static void *await_pressure(void *arg)
{
    uint32_t seen = 0;

    while (monitored) hostmem_manager_await_pressure(manager, &seen, HOSTMEM_FOREVER);
    return arg;
}

static uintptr_t same_hint(void *context)
{
    (void)context;
    return 0;
}

static void apply_options(void)
{
    static const struct hostmem_waits waits = {.memory = {1, 1, 1}, .lock = 1};

    if (test_option(TEST_LIMITS)) ck_result(hostmem_manager_set_limits(manager, &far_limits), HOSTMEM_OK);
    if (test_option(TEST_WAITS)) hostmem_manager_set_waits(manager, &waits);
    monitored = test_option(TEST_MONITOR);
    if (monitored && pthread_create(&monitor, NULL, await_pressure, NULL)) abort();
}

static void end_monitor(void)
{
    if (!monitored) return;
    monitored = false;
    hostmem_manager_wake_monitor(manager);
    pthread_join(monitor, NULL);
}

void manager_begin(void)
{
    ck_result(hostmem_manager_create(&native.backend, &manager), HOSTMEM_OK);
    apply_options();
}

void manager_end(void)
{
    end_monitor();
    hostmem_manager_destroy(manager);
    manager = NULL;
}

void manager_setup(void)
{
    native_init(&native);
    if (test_option(TEST_ONE_SHARD)) native.backend.thread_hint = same_hint;
    manager_begin();
}

void manager_teardown(void)
{
    tell_failures();
    native_fail_not(&native);
    native.hook = NULL;
    manager_end();
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

    ck_result(hostmem_virtual_alloc(manager, NULL, size, type, READWRITE, helper_level(), &address), HOSTMEM_OK);
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

    ck_result(hostmem_virtual_alloc(manager, address, size, HOSTMEM_COMMIT, READWRITE, helper_level(), &out),
              HOSTMEM_OK);
    return out;
}

void *must_heap_alloc(struct hostmem_heap *heap, size_t size)
{
    void *block;

    ck_result(hostmem_heap_alloc(heap, size, helper_level(), &block), HOSTMEM_OK);
    ck_assert_ptr_nonnull(block);
    return block;
}

struct hostmem_heap *must_heap_create(void)
{
    uint32_t flags = HOSTMEM_HEAP_THREADSAFE | (test_option(TEST_EXECUTABLE) ? HOSTMEM_HEAP_EXECUTABLE : 0);
    struct hostmem_heap *heap;

    ck_result(hostmem_heap_create(manager, flags, &heap), HOSTMEM_OK);
    if (test_option(TEST_HEAP_LIMIT)) ck_result(hostmem_heap_set_limits(heap, &far_limits), HOSTMEM_OK);
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
