/*
 * The manager: its status, the calls it passes on, its counts, mapped views.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

START_TEST(a_new_manager_serves)
{
    struct hostmem_statistics now = statistics_now();
    struct hostmem_limits limits;
    struct hostmem_statistics nothing = {0};

    hostmem_manager_get_limits(manager, &limits);
    nothing.hard_limit = limits.hard;
    nothing.soft_limit = limits.soft;
    ck_result(hostmem_manager_status(manager), HOSTMEM_OK);
    ck_assert_mem_eq(&now, &nothing, sizeof(now));
}
END_TEST

START_TEST(after_shutdown_every_call_is_refused)
{
    char *region = must_reserve(PAGE);
    struct hostmem_heap *heap = must_heap_create(), *other = heap;
    void *block = must_heap_alloc(heap, 10), *out = &out;
    struct native_page_info info;
    uint32_t protect;
    size_t returned;

    hostmem_manager_shutdown(manager);
    hostmem_manager_shutdown(manager);
    ck_result(hostmem_manager_status(manager), HOSTMEM_UNAVAILABLE);
    ck_result(hostmem_virtual_alloc(manager, NULL, PAGE, HOSTMEM_RESERVE, READWRITE, TASK, &out), HOSTMEM_UNAVAILABLE);
    ck_assert_ptr_null(out);
    ck_result(hostmem_virtual_free(manager, region, 0, HOSTMEM_RELEASE), HOSTMEM_UNAVAILABLE);
    ck_result(hostmem_virtual_query(manager, region, &info, sizeof(info), &returned), HOSTMEM_UNAVAILABLE);
    ck_result(hostmem_virtual_protect(manager, region, PAGE, READWRITE, &protect), HOSTMEM_UNAVAILABLE);
    ck_result(hostmem_manager_trim(manager), HOSTMEM_UNAVAILABLE);
    ck_result(hostmem_view_acquired(manager, region, 5), HOSTMEM_UNAVAILABLE);
    ck_result(hostmem_view_released(manager, region), HOSTMEM_UNAVAILABLE);
    ck_result(hostmem_heap_create(manager, 0, &other), HOSTMEM_UNAVAILABLE);
    ck_assert_ptr_null(other);
    out = &out;
    ck_result(hostmem_heap_alloc(heap, 10, TASK, &out), HOSTMEM_UNAVAILABLE);
    ck_assert_ptr_null(out);
    ck_result(hostmem_heap_debug_alloc(heap, 10, TASK, "f", 1, &out), HOSTMEM_UNAVAILABLE);
    ck_result(hostmem_heap_free(heap, block), HOSTMEM_UNAVAILABLE);
    ck_result(hostmem_heap_free(heap, NULL), HOSTMEM_UNAVAILABLE);
    ck_assert(native_is_reserved(&native, region));
    *(char *)block = 1;
    ck_assert(hostmem_manager_owns(manager, region, NULL, NULL));
}
END_TEST

START_TEST(query_and_protect_take_any_address)
{
    static char foreign[3 * PAGE];
    char *page = (char *)(((uintptr_t)foreign + PAGE) & ~(PAGE - 1)), *region = must_alloc(2 * PAGE, HOSTMEM_COMMIT);
    struct native_page_info info;
    uint32_t protect = 0;
    size_t returned = 0;

    ck_result(hostmem_virtual_query(manager, foreign, &info, sizeof(info), &returned), HOSTMEM_OK);
    ck_assert_uint_eq(returned, sizeof(info));
    ck_assert_ptr_null(info.base);
    ck_result(hostmem_virtual_query(manager, region + PAGE, &info, sizeof(info), &returned), HOSTMEM_OK);
    ck_assert_ptr_eq(info.base, region);
    ck_assert(info.committed);
    ck_result(hostmem_virtual_query(manager, region, &info, 1, &returned), HOSTMEM_BAD_LENGTH);
    ck_result(hostmem_virtual_protect(manager, page, PAGE, HOSTMEM_PAGE_EXECUTE_READWRITE, &protect), HOSTMEM_OK);
    ck_assert_uint_eq(protect, READWRITE);
    ck_result(hostmem_virtual_protect(manager, page, PAGE, READWRITE, &protect), HOSTMEM_OK);
    ck_result(hostmem_virtual_protect(manager, page, PAGE, READWRITE, NULL), HOSTMEM_NO_ACCESS);
    ck_result(hostmem_virtual_protect(manager, page, PAGE, 0x99, &protect), HOSTMEM_INVALID_PARAMETER);
    ck_result(hostmem_virtual_protect(manager, region, 0, READWRITE, &protect), HOSTMEM_INVALID_PARAMETER);
    ck_result(hostmem_virtual_protect(manager, region, SIZE_MAX, READWRITE, &protect), HOSTMEM_INVALID_PARAMETER);
    ck_assert_uint_eq(statistics_now().calls[HOSTMEM_METHOD_VIRTUAL_QUERY], 3);
    ck_assert_uint_eq(statistics_now().failures[HOSTMEM_METHOD_VIRTUAL_QUERY], 1);
    ck_assert_uint_eq(statistics_now().calls[HOSTMEM_METHOD_VIRTUAL_PROTECT], 6);
    ck_assert_uint_eq(statistics_now().failures[HOSTMEM_METHOD_VIRTUAL_PROTECT], 4);
}
END_TEST

START_TEST(views_are_accounted)
{
    char *view = (char *)(uintptr_t)0x12340000;

    ck_result(hostmem_view_acquired(manager, view, 0x23456), HOSTMEM_OK);
    ck_result(hostmem_view_acquired(manager, view + 3 * GRANULE, 0), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().mapped, 0x23456);
    ck_assert_uint_eq(statistics_now().views, 2);
    ck_result(hostmem_view_released(manager, view), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().mapped, 0);
    ck_assert_uint_eq(statistics_now().views, 1);
    ck_result(hostmem_view_released(manager, view), HOSTMEM_OK);
    ck_result(hostmem_view_released(manager, view + GRANULE), HOSTMEM_OK);
    ck_result(hostmem_view_released(manager, NULL), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().views, 1);
    ck_result(hostmem_view_released(manager, view + 3 * GRANULE), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().views, 0);
    /* A view is no region. */
    ck_assert(!hostmem_manager_owns(manager, view, NULL, NULL));
}
END_TEST

START_TEST(a_view_reported_twice_counts_once)
{
    char *view = (char *)(uintptr_t)0x12340000;

    ck_result(hostmem_view_acquired(manager, view, 100), HOSTMEM_OK);
    ck_result(hostmem_view_acquired(manager, view, 300), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().mapped, 300);
    ck_assert_uint_eq(statistics_now().views, 1);
    ck_result(hostmem_view_acquired(manager, NULL, 300), HOSTMEM_INVALID_PARAMETER);
    ck_assert_uint_eq(statistics_now().views, 1);
}
END_TEST

START_TEST(calls_and_failures_are_counted)
{
    struct hostmem_heap *heap = must_heap_create(), *none;
    char *region = must_reserve(PAGE);
    struct hostmem_statistics now;
    void *block, *large, *out;

    must_commit(region, 1);
    ck_result(hostmem_virtual_alloc(manager, NULL, 0, HOSTMEM_RESERVE, READWRITE, TASK, &out),
              HOSTMEM_INVALID_PARAMETER);
    ck_result(hostmem_virtual_free(manager, &native, 0, HOSTMEM_RELEASE), HOSTMEM_NOT_OWNED);
    ck_result(hostmem_virtual_free(manager, region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    ck_result(hostmem_heap_create(manager, 99, &none), HOSTMEM_INVALID_PARAMETER);
    block = must_heap_alloc(heap, 10);
    large = must_heap_alloc(heap, 10000000);
    ck_result(hostmem_heap_debug_alloc(heap, 10, TASK, __FILE__, __LINE__, &out), HOSTMEM_OK);
    ck_result(hostmem_heap_alloc(heap, SIZE_MAX, TASK, &(void *){NULL}), HOSTMEM_NO_MEMORY);
    ck_result(hostmem_heap_debug_alloc(heap, SIZE_MAX, TASK, NULL, 0, &(void *){NULL}), HOSTMEM_NO_MEMORY);
    ck_result(hostmem_heap_free(heap, block), HOSTMEM_OK);
    ck_result(hostmem_heap_free(heap, large), HOSTMEM_OK);
    ck_result(hostmem_heap_free(heap, out), HOSTMEM_OK);
    ck_result(hostmem_heap_free(heap, NULL), HOSTMEM_OK);
    ck_result(hostmem_heap_free(heap, block), HOSTMEM_NOT_OWNED);
    hostmem_manager_count(manager, HOSTMEM_METHOD_GET_MEMORY_LOAD, HOSTMEM_OK);
    hostmem_manager_count(manager, HOSTMEM_METHOD_REGISTER_CALLBACK, HOSTMEM_INVALID_PARAMETER);
    hostmem_manager_count(manager, HOSTMEM_METHOD_COUNT, HOSTMEM_OK); /* no such method: nothing happens */
    ck_result(hostmem_manager_trim(manager), HOSTMEM_OK);
    hostmem_view_acquired(manager, region, 1);
    hostmem_view_released(manager, region);

    now = statistics_now();
#define COUNTED(method, made, failed)                                                                                  \
    ck_assert_uint_eq(now.calls[HOSTMEM_METHOD_##method], made);                                                       \
    ck_assert_uint_eq(now.failures[HOSTMEM_METHOD_##method], failed)
    COUNTED(CREATE_MALLOC, 2, 1);
    COUNTED(VIRTUAL_ALLOC, 3, 1);
    COUNTED(VIRTUAL_FREE, 2, 1);
    COUNTED(VIRTUAL_QUERY, 0, 0);
    COUNTED(VIRTUAL_PROTECT, 0, 0);
    COUNTED(GET_MEMORY_LOAD, 1, 0);
    COUNTED(REGISTER_CALLBACK, 1, 1);
    COUNTED(NEEDS_ADDRESS_SPACE, 1, 0);
    COUNTED(ACQUIRED_ADDRESS_SPACE, 1, 0);
    COUNTED(RELEASED_ADDRESS_SPACE, 1, 0);
    COUNTED(ALLOC, 3, 1);
    COUNTED(DEBUG_ALLOC, 2, 1);
    COUNTED(FREE, 5, 1);
#undef COUNTED
    ck_assert_uint_eq(now.refused_frees, 2);
}
END_TEST

START_TEST(destroying_a_heap_is_no_call_of_free)
{
    struct hostmem_heap *heap = must_heap_create();

    for (unsigned i = 0; i < 100; i++) must_heap_alloc(heap, 10 * i);
    hostmem_heap_destroy(heap);
    ck_assert_uint_eq(statistics_now().calls[HOSTMEM_METHOD_ALLOC], 100);
    ck_assert_uint_eq(statistics_now().calls[HOSTMEM_METHOD_FREE], 0);
    ck_assert_uint_eq(statistics_now().heap_blocks, 0);
}
END_TEST

struct visited
{
    void *stop_at;
    unsigned count;
    size_t size, committed;
};

static bool visit(void *arg, const struct hostmem_region_info *region)
{
    struct visited *visited = arg;

    visited->count++;
    visited->size += region->size;
    visited->committed += region->committed;
    return region->base != visited->stop_at;
}

START_TEST(each_region_visits_the_live_ones)
{
    struct visited all = {0}, one = {0};
    void *first = must_reserve(GRANULE), *freed = must_reserve(PAGE);

    must_commit(must_reserve(3 * GRANULE), GRANULE);
    ck_result(hostmem_virtual_free(manager, freed, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    must_heap_alloc(must_heap_create(), 100);
    hostmem_manager_each_region(manager, visit, &all);
    ck_assert_uint_eq(all.count, 2);
    ck_assert_uint_eq(all.size, 4 * GRANULE);
    ck_assert_uint_eq(all.committed, GRANULE);
    one.stop_at = first;
    hostmem_manager_each_region(manager, visit, &one);
    ck_assert_uint_eq(one.count, 1);
}
END_TEST

static bool release_it(void *arg, const struct hostmem_region_info *region)
{
    ++*(unsigned *)arg;
    return hostmem_virtual_free(manager, region->base, 0, HOSTMEM_RELEASE) == HOSTMEM_OK;
}

START_TEST(a_visit_may_release)
{
    unsigned released = 0;

    for (unsigned i = 0; i < 50; i++) must_reserve(PAGE);
    hostmem_manager_each_region(manager, release_it, &released);
    ck_assert_uint_eq(released, 50);
    ck_assert_uint_eq(statistics_now().regions, 0);
}
END_TEST

START_TEST(destroy_releases_everything)
{
    for (unsigned i = 0; i < 20; i++)
    {
        struct hostmem_heap *heap = must_heap_create();
        must_heap_alloc(heap, 1);
        must_heap_alloc(heap, 100000);
        must_heap_alloc(heap, 10000000);
        must_alloc(i * 50 * PAGE + 1, i % 2 ? HOSTMEM_RESERVE : HOSTMEM_COMMIT);
        hostmem_view_acquired(manager, (void *)((i + 1) * GRANULE), 5);
    }
    /* The teardown checks. */
}
END_TEST

Suite *manager_suite(void)
{
    Suite *suite = suite_create("manager");
    TCase *tcase = tcase_create("manager");

    tcase_add_checked_fixture(tcase, manager_setup, manager_teardown);
    tcase_add_test(tcase, a_new_manager_serves);
    tcase_add_test(tcase, after_shutdown_every_call_is_refused);
    tcase_add_test(tcase, query_and_protect_take_any_address);
    tcase_add_test(tcase, views_are_accounted);
    tcase_add_test(tcase, a_view_reported_twice_counts_once);
    tcase_add_test(tcase, calls_and_failures_are_counted);
    tcase_add_test(tcase, destroying_a_heap_is_no_call_of_free);
    tcase_add_test(tcase, each_region_visits_the_live_ones);
    tcase_add_test(tcase, a_visit_may_release);
    tcase_add_test(tcase, destroy_releases_everything);
    suite_add_tcase(suite, tcase);
    return suite;
}
