/*
 * The suites, and what they share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_TESTS_UNIT_H
#define CLRMEM_TESTS_UNIT_H

#include "backend_native.h"

#include <check.h>

#define PAGE      HOSTMEM_PAGE_SIZE
#define GRANULE   HOSTMEM_GRANULARITY
#define READWRITE HOSTMEM_PAGE_READWRITE
#define TASK      HOSTMEM_TASK_CRITICAL

/* One manager over one backend, for a test's length. */
extern struct native native;
extern struct hostmem_manager *manager;

/* Options that change the paths of the core, and no result that the suites of run_options.sh expect. The environment
 * variable CLRMEM_UNIT_OPTIONS names those that are on, separated by spaces. */
enum test_option
{
    TEST_LIMITS,     /* the manager has limits that are never reached, and a soft one that always is */
    TEST_HEAP_LIMIT, /* so has each heap */
    TEST_WAITS,      /* every call may wait */
    TEST_MONITOR,    /* a thread waits for memory pressure */
    TEST_EXECUTABLE, /* heaps are executable */
    TEST_ONE_SHARD,  /* all threads share one shard */
    TEST_CRITICAL,   /* the helpers' requests are process-critical */
    TEST_OPTION_COUNT
};
bool test_option(enum test_option option);

/* Checked fixtures: the end of each test also checks that destroying the manager leaves nothing behind. */
void manager_setup(void);
void manager_teardown(void);
/* For a test that ends the manager itself, and begins another one. */
void manager_begin(void);
void manager_end(void);
/* Only the backend. */
void native_setup(void);
void native_teardown(void);

/* Results compared by name. */
const char *result_name(enum hostmem_result result);
#define ck_result(call, expected) ck_assert_str_eq(result_name(call), result_name(expected))

/* Each of these calls must succeed, or fail as its name says. */
enum hostmem_result try_free(void *address, size_t size, uint32_t type);
/* VirtualFree gives `expected`, changes no figure and makes no call to the backend. */
void refused_free(void *address, size_t size, uint32_t type, enum hostmem_result expected);
void *must_reserve(size_t size);
void *must_alloc(size_t size, uint32_t type);
void *must_commit(void *address, size_t size);
void *must_heap_alloc(struct hostmem_heap *heap, size_t size);
struct hostmem_heap *must_heap_create(void);

/* The figures now. */
struct hostmem_statistics statistics_now(void);
/* Fails the test unless regions, bytes and heaps are the same in both (calls and peaks may differ). */
void ck_same_amounts(const struct hostmem_statistics *a, const struct hostmem_statistics *b);

/* A reproducible sequence of numbers. */
uint32_t random_next(uint32_t *seed);

/* Runs `work(arg of thread i)` on `count` threads that start together; waits for all. */
void run_threads(unsigned count, void *(*work)(void *), void *args, size_t arg_size);

Suite *debug_suite(void);
Suite *counters_suite(void);
Suite *map_suite(void);
Suite *pool_suite(void);
Suite *virtual_alloc_suite(void);
Suite *virtual_free_suite(void);
Suite *stale_regions_suite(void);
Suite *manager_suite(void);
Suite *accounting_suite(void);
Suite *limits_suite(void);
Suite *locks_suite(void);
Suite *waits_suite(void);
Suite *span_suite(void);
Suite *heap_suite(void);
Suite *heap_limits_suite(void);
Suite *alloc_site_suite(void);
Suite *heap_trim_suite(void);
Suite *heap_threads_suite(void);
Suite *ownership_suite(void);
Suite *failure_suite(void);
Suite *unrecorded_suite(void);
Suite *lost_races_suite(void);
Suite *threads_suite(void);
Suite *model_suite(void);
Suite *pressure_suite(void);
Suite *cgroup_suite(void);
Suite *kernel_text_suite(void);

#endif
