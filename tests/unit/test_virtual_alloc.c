/*
 * VirtualAlloc: valid requests, rounding, results.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include <string.h>

static enum hostmem_result try_alloc(void *address, size_t size, uint32_t type, void **out)
{
    *out = &native; /* must not survive */
    return hostmem_virtual_alloc(manager, address, size, type, READWRITE, TASK, out);
}

/* A refused call returns NULL and changes no figure. */
static void refused(void *address, size_t size, uint32_t type, enum hostmem_result expected)
{
    struct hostmem_statistics before = statistics_now(), after;
    void *out;

    ck_result(try_alloc(address, size, type, &out), expected);
    ck_assert_ptr_null(out);
    after = statistics_now();
    ck_same_amounts(&before, &after);
}

static const struct
{
    uint32_t type;
    bool with_null, with_address; /* valid with a NULL, with another address */
} types[] = {
    {HOSTMEM_RESERVE, true, true},
    {HOSTMEM_COMMIT, true, true},
    {HOSTMEM_RESERVE | HOSTMEM_COMMIT, true, true},
    {HOSTMEM_RESERVE | HOSTMEM_TOP_DOWN, true, true},
    {HOSTMEM_RESERVE | HOSTMEM_WRITE_WATCH, true, true},
    {HOSTMEM_RESERVE | HOSTMEM_COMMIT | HOSTMEM_WRITE_WATCH | HOSTMEM_TOP_DOWN, true, true},
    {HOSTMEM_COMMIT | HOSTMEM_TOP_DOWN, true, true}, /* a direction of search, without a search */
    {HOSTMEM_RESET, false, true},
    {0, false, false},
    {HOSTMEM_TOP_DOWN, false, false},
    {HOSTMEM_WRITE_WATCH, false, false},
    {HOSTMEM_COMMIT | HOSTMEM_WRITE_WATCH, false, false},
    {HOSTMEM_RESET | HOSTMEM_COMMIT, false, false},
    {HOSTMEM_RESET | HOSTMEM_RESERVE, false, false},
    {HOSTMEM_RESET | HOSTMEM_TOP_DOWN, false, false},
    {HOSTMEM_DECOMMIT, false, false},
    {HOSTMEM_RELEASE, false, false},
    {HOSTMEM_RESERVE | HOSTMEM_RELEASE, false, false},
    {HOSTMEM_RESERVE | 0x1, false, false},
    {HOSTMEM_RESERVE | 0x20000000, false, false}, /* large pages */
    {HOSTMEM_COMMIT | 0x80000000, false, false},
};

START_TEST(allocation_types_with_null)
{
    void *out;

    if (!types[_i].with_null)
        refused(NULL, PAGE, types[_i].type, HOSTMEM_INVALID_PARAMETER);
    else
    {
        ck_result(try_alloc(NULL, PAGE, types[_i].type, &out), HOSTMEM_OK);
        ck_assert(native_is_reserved(&native, out));
        ck_assert(native_is_committed(&native, out) == !!(types[_i].type & HOSTMEM_COMMIT));
    }
}
END_TEST

START_TEST(allocation_types_with_an_address)
{
    char *region = must_alloc(16 * PAGE, HOSTMEM_RESERVE | HOSTMEM_COMMIT);
    void *out;

    if (!types[_i].with_address)
        refused(region, PAGE, types[_i].type, HOSTMEM_INVALID_PARAMETER);
    else if (types[_i].type & HOSTMEM_RESERVE)
        refused(region, PAGE, types[_i].type, HOSTMEM_INVALID_ADDRESS); /* in use, by the backend's answer */
    else
    {
        ck_result(try_alloc(region + PAGE, PAGE, types[_i].type, &out), HOSTMEM_OK);
        ck_assert_ptr_eq(out, region + PAGE);
    }
}
END_TEST

static const struct
{
    uint32_t protect;
    bool valid;
} protections[] = {
    {0x01, true},        {0x02, true},        {0x04, true},   {0x10, true},        {0x20, true},
    {0x40, true},        {0x104, true},       {0x204, true},  {0x404, true},       {0x40000040, true},
    {0x40000110, true},  {0x402, true},       {0, false},     {0x03, false},       {0x14, false},
    {0x101, false},      {0x201, false},      {0x401, false}, {0x304, false},      {0x604, false},
    {0x100, false},      {0x40000004, false}, {0x804, false}, {0x80000004, false}, {0xffffffff, false},
    {0x40000000, false},
};

START_TEST(protections_are_as_win32_has_them)
{
    char *region = must_alloc(PAGE, HOSTMEM_COMMIT);
    enum hostmem_result expected = protections[_i].valid ? HOSTMEM_OK : HOSTMEM_INVALID_PARAMETER;
    uint32_t protect = protections[_i].protect, old;
    struct hostmem_statistics before = statistics_now(), after;
    void *out;

    ck_result(hostmem_virtual_protect(manager, region, PAGE, protect, &old), expected);
    ck_result(hostmem_virtual_alloc(manager, region, PAGE, HOSTMEM_COMMIT, protect, TASK, &out), expected);
    ck_result(hostmem_virtual_alloc(manager, region, PAGE, HOSTMEM_RESET, protect, TASK, &out), expected);
    after = statistics_now();
    ck_same_amounts(&before, &after);
    ck_result(hostmem_virtual_alloc(manager, NULL, PAGE, HOSTMEM_RESERVE, protect, TASK, &out), expected);
    ck_assert_int_eq(out != NULL, protections[_i].valid);
}
END_TEST

START_TEST(ranges_that_no_memory_can_have_are_refused)
{
    uint32_t old;
    char *region;
    void *end;

    manager_end();
    native.backend.address_end = (uintptr_t)1 << (sizeof(void *) == 8 ? 47 : 31);
    manager_begin();
    end = (void *)native.backend.address_end;
    region = must_reserve(PAGE);
    refused(NULL, native.backend.address_end + 1, HOSTMEM_RESERVE, HOSTMEM_INVALID_PARAMETER);
    refused(end, PAGE, HOSTMEM_RESERVE, HOSTMEM_INVALID_PARAMETER);
    refused(end, PAGE, HOSTMEM_COMMIT, HOSTMEM_INVALID_PARAMETER);
    refused(region, native.backend.address_end - (uintptr_t)region + 1, HOSTMEM_COMMIT, HOSTMEM_INVALID_PARAMETER);
    refused(region, native.backend.address_end - (uintptr_t)region, HOSTMEM_COMMIT, HOSTMEM_INVALID_ADDRESS);
    ck_result(hostmem_virtual_protect(manager, end, PAGE, READWRITE, &old), HOSTMEM_INVALID_PARAMETER);
}
END_TEST

START_TEST(size_zero_is_refused)
{
    char *region = must_reserve(PAGE);

    refused(NULL, 0, HOSTMEM_RESERVE, HOSTMEM_INVALID_PARAMETER);
    refused(NULL, 0, HOSTMEM_COMMIT, HOSTMEM_INVALID_PARAMETER);
    refused(region, 0, HOSTMEM_COMMIT, HOSTMEM_INVALID_PARAMETER);
    refused(region, 0, HOSTMEM_RESET, HOSTMEM_INVALID_PARAMETER);
}
END_TEST

START_TEST(sizes_that_wrap_are_refused)
{
    char *region = must_reserve(PAGE);

    for (size_t less = 0; less < PAGE; less += PAGE - 2)
    {
        refused(NULL, SIZE_MAX - less, HOSTMEM_RESERVE, HOSTMEM_INVALID_PARAMETER);
        refused(NULL, SIZE_MAX - less, HOSTMEM_COMMIT, HOSTMEM_INVALID_PARAMETER);
        refused(region, SIZE_MAX - less, HOSTMEM_COMMIT, HOSTMEM_INVALID_PARAMETER);
        refused(region, SIZE_MAX - less, HOSTMEM_RESET, HOSTMEM_INVALID_PARAMETER);
    }
    refused(region, (size_t) - (uintptr_t)region, HOSTMEM_COMMIT, HOSTMEM_INVALID_PARAMETER);
    refused(region, (size_t) - (uintptr_t)region - 1, HOSTMEM_RESERVE, HOSTMEM_INVALID_PARAMETER);
}
END_TEST

START_TEST(a_size_nobody_has_is_no_memory)
{
    refused(NULL, SIZE_MAX - GRANULE, HOSTMEM_RESERVE, HOSTMEM_NO_MEMORY);
}
END_TEST

START_TEST(a_reserve_is_rounded_to_pages)
{
    void *base, *region = must_reserve(PAGE + 1);
    size_t size;

    ck_assert_uint_eq((uintptr_t)region % GRANULE, 0);
    ck_assert(hostmem_manager_owns(manager, region, &base, &size));
    ck_assert_ptr_eq(base, region);
    ck_assert_uint_eq(size, 2 * PAGE);
    ck_assert_uint_eq(statistics_now().reserved, 2 * PAGE);
}
END_TEST

START_TEST(a_fixed_reserve_rounds_down_to_the_granule)
{
    char *free_space = must_reserve(4 * GRANULE);
    void *out, *base;
    size_t size;

    ck_result(hostmem_virtual_free(manager, free_space, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    ck_result(try_alloc(free_space + GRANULE + 0x2345, PAGE, HOSTMEM_RESERVE, &out), HOSTMEM_OK);
    ck_assert_ptr_eq(out, free_space + GRANULE);
    ck_assert(hostmem_manager_owns(manager, out, &base, &size));
    ck_assert_uint_eq(size, 4 * PAGE); /* 0x2345 + 0x1000, rounded up */
}
END_TEST

START_TEST(a_reserve_of_the_lowest_granule_is_refused)
{
    refused((void *)1, PAGE, HOSTMEM_RESERVE, HOSTMEM_INVALID_PARAMETER);
    refused((void *)0xffff, PAGE, HOSTMEM_RESERVE | HOSTMEM_COMMIT, HOSTMEM_INVALID_PARAMETER);
}
END_TEST

START_TEST(the_backend_decides_on_protections)
{
    void *out;

    ck_result(hostmem_virtual_alloc(manager, NULL, PAGE, HOSTMEM_RESERVE, 0x77, TASK, &out), HOSTMEM_INVALID_PARAMETER);
    ck_assert_ptr_null(out);
    ck_result(hostmem_virtual_alloc(manager, must_reserve(PAGE), PAGE, HOSTMEM_COMMIT, 0, TASK, &out),
              HOSTMEM_INVALID_PARAMETER);
    ck_assert_ptr_null(out);
    ck_assert_uint_eq(statistics_now().committed, 0);
}
END_TEST

START_TEST(type_and_protection_reach_the_backend)
{
    struct native_reservation found;
    void *out;

    ck_result(hostmem_virtual_alloc(manager, NULL, PAGE, HOSTMEM_RESERVE | HOSTMEM_WRITE_WATCH | HOSTMEM_TOP_DOWN,
                                    HOSTMEM_PAGE_EXECUTE_READWRITE, TASK, &out),
              HOSTMEM_OK);
    ck_assert(native_find(&native, out, &found));
    ck_assert_uint_eq(found.type, HOSTMEM_RESERVE | HOSTMEM_WRITE_WATCH | HOSTMEM_TOP_DOWN);
    ck_assert_uint_eq(found.protect, HOSTMEM_PAGE_EXECUTE_READWRITE);
}
END_TEST

START_TEST(a_commit_rounds_outwards)
{
    char *region = must_reserve(GRANULE);

    ck_assert_ptr_eq(must_commit(region + PAGE + 100, PAGE), region + PAGE);
    ck_assert(!native_is_committed(&native, region));
    ck_assert(native_is_committed(&native, region + PAGE));
    ck_assert(native_is_committed(&native, region + 2 * PAGE));
    ck_assert(!native_is_committed(&native, region + 3 * PAGE));
    ck_assert_uint_eq(statistics_now().committed, 2 * PAGE);
    memset(region + PAGE, 1, 2 * PAGE);
}
END_TEST

START_TEST(a_commit_that_leaves_its_region_is_refused)
{
    char *region = must_reserve(3 * PAGE);

    refused(region + 2 * PAGE, PAGE + 1, HOSTMEM_COMMIT, HOSTMEM_INVALID_ADDRESS);
    refused(region, 3 * PAGE + 1, HOSTMEM_COMMIT, HOSTMEM_INVALID_ADDRESS);
    refused(region + 2 * PAGE, PAGE + 1, HOSTMEM_RESET, HOSTMEM_INVALID_ADDRESS);
    must_commit(region, 3 * PAGE);
}
END_TEST

START_TEST(committing_what_is_not_ours_is_refused)
{
    char *region = must_reserve(3 * PAGE), *freed = must_reserve(PAGE);
    static char foreign[PAGE];

    ck_result(hostmem_virtual_free(manager, freed, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    refused(foreign, 1, HOSTMEM_COMMIT, HOSTMEM_NOT_OWNED);
    refused(foreign, 1, HOSTMEM_RESET, HOSTMEM_NOT_OWNED);
    refused(freed, PAGE, HOSTMEM_COMMIT, HOSTMEM_NOT_OWNED);
    refused(region + 3 * PAGE, PAGE, HOSTMEM_COMMIT, HOSTMEM_NOT_OWNED); /* the tail of its granule */
    refused((void *)1, PAGE, HOSTMEM_COMMIT, HOSTMEM_NOT_OWNED);
    refused((void *)(UINTPTR_MAX / 2), PAGE, HOSTMEM_COMMIT, HOSTMEM_NOT_OWNED);
}
END_TEST

START_TEST(another_managers_region_is_not_ours)
{
    struct hostmem_manager *other;
    void *theirs;

    ck_result(hostmem_manager_create(&native.backend, &other), HOSTMEM_OK);
    ck_result(hostmem_virtual_alloc(other, NULL, PAGE, HOSTMEM_RESERVE, READWRITE, TASK, &theirs), HOSTMEM_OK);
    refused(theirs, PAGE, HOSTMEM_COMMIT, HOSTMEM_NOT_OWNED);
    ck_assert(!hostmem_manager_owns(manager, theirs, NULL, NULL));
    hostmem_manager_destroy(other);
}
END_TEST

START_TEST(committed_memory_is_zero_and_keeps_its_contents)
{
    unsigned char *region = must_alloc(2 * PAGE, HOSTMEM_COMMIT);

    for (size_t i = 0; i < 2 * PAGE; i++) ck_assert_uint_eq(region[i], 0);
    memset(region, 5, 2 * PAGE);
    must_commit(region, 2 * PAGE);
    for (size_t i = 0; i < 2 * PAGE; i++) ck_assert_uint_eq(region[i], 5);
}
END_TEST

START_TEST(a_reset_drops_whole_pages_only)
{
    unsigned char *region = must_alloc(4 * PAGE, HOSTMEM_COMMIT);
    void *out;

    memset(region, 5, 4 * PAGE);
    ck_result(try_alloc(region + 100, 3 * PAGE, HOSTMEM_RESET, &out), HOSTMEM_OK);
    ck_assert_ptr_eq(out, region);
    ck_assert_uint_eq(region[0], 5);
    ck_assert_uint_eq(region[99], 5);
    ck_assert_uint_eq(region[PAGE - 1], 5); /* only a part of this page was in the range */
    ck_assert_uint_eq(region[PAGE], 0);
    ck_assert_uint_eq(region[3 * PAGE - 1], 0);
    ck_assert_uint_eq(region[3 * PAGE], 5);
    ck_assert_uint_eq(native.calls[NATIVE_RESET], 1);
    ck_assert_uint_eq(statistics_now().committed, 4 * PAGE);
}
END_TEST

START_TEST(a_reset_of_less_than_a_page_does_nothing)
{
    unsigned char *region = must_alloc(PAGE, HOSTMEM_COMMIT);
    void *out;

    ck_result(try_alloc(region + 1, PAGE - 2, HOSTMEM_RESET, &out), HOSTMEM_OK);
    ck_assert_ptr_eq(out, region);
    ck_assert_uint_eq(native.calls[NATIVE_RESET], 0);
}
END_TEST

START_TEST(a_big_region_commits_page_by_page)
{
    size_t pages = 70000; /* more than a pooled bitmap holds, not a multiple of 64 */
    char *region = must_reserve(pages * PAGE);

    must_commit(region + 63 * PAGE, 2 * PAGE);
    must_commit(region + (pages - 1) * PAGE, PAGE);
    ck_assert_uint_eq(statistics_now().committed, 3 * PAGE);
    must_commit(region, pages * PAGE);
    ck_assert_uint_eq(statistics_now().committed, pages * PAGE);
    ck_result(hostmem_virtual_free(manager, region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().committed, 0);
}
END_TEST

START_TEST(a_recycled_bitmap_starts_clear)
{
    for (unsigned round = 0; round < 3; round++)
    {
        char *region = must_reserve(100 * PAGE);
        ck_assert_uint_eq(statistics_now().committed, 0);
        must_commit(region, 100 * PAGE);
        ck_assert_uint_eq(statistics_now().committed, 100 * PAGE);
        ck_result(hostmem_virtual_free(manager, region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    }
}
END_TEST

START_TEST(owns_is_true_for_regions_only)
{
    char *region = must_reserve(GRANULE + PAGE);
    size_t size = 0;
    void *base = NULL;

    ck_assert(hostmem_manager_owns(manager, region + GRANULE + 1, &base, &size));
    ck_assert_ptr_eq(base, region);
    ck_assert_uint_eq(size, GRANULE + PAGE);
    ck_assert(hostmem_manager_owns(manager, region, NULL, NULL));
    ck_assert(!hostmem_manager_owns(manager, region + GRANULE + PAGE, &base, &size));
    ck_assert(!hostmem_manager_owns(manager, region - 1, NULL, NULL));
    ck_assert(!hostmem_manager_owns(manager, NULL, NULL, NULL));
}
END_TEST

Suite *virtual_alloc_suite(void)
{
    Suite *suite = suite_create("virtual_alloc");
    TCase *tcase = tcase_create("virtual_alloc");

    tcase_add_checked_fixture(tcase, manager_setup, manager_teardown);
    tcase_add_loop_test(tcase, allocation_types_with_null, 0, sizeof(types) / sizeof(*types));
    tcase_add_loop_test(tcase, allocation_types_with_an_address, 0, sizeof(types) / sizeof(*types));
    tcase_add_loop_test(tcase, protections_are_as_win32_has_them, 0, sizeof(protections) / sizeof(*protections));
    tcase_add_test(tcase, ranges_that_no_memory_can_have_are_refused);
    tcase_add_test(tcase, size_zero_is_refused);
    tcase_add_test(tcase, sizes_that_wrap_are_refused);
    tcase_add_test(tcase, a_size_nobody_has_is_no_memory);
    tcase_add_test(tcase, a_reserve_is_rounded_to_pages);
    tcase_add_test(tcase, a_fixed_reserve_rounds_down_to_the_granule);
    tcase_add_test(tcase, a_reserve_of_the_lowest_granule_is_refused);
    tcase_add_test(tcase, the_backend_decides_on_protections);
    tcase_add_test(tcase, type_and_protection_reach_the_backend);
    tcase_add_test(tcase, a_commit_rounds_outwards);
    tcase_add_test(tcase, a_commit_that_leaves_its_region_is_refused);
    tcase_add_test(tcase, committing_what_is_not_ours_is_refused);
    tcase_add_test(tcase, another_managers_region_is_not_ours);
    tcase_add_test(tcase, committed_memory_is_zero_and_keeps_its_contents);
    tcase_add_test(tcase, a_reset_drops_whole_pages_only);
    tcase_add_test(tcase, a_reset_of_less_than_a_page_does_nothing);
    tcase_add_test(tcase, a_big_region_commits_page_by_page);
    tcase_add_test(tcase, a_recycled_bitmap_starts_clear);
    tcase_add_test(tcase, owns_is_true_for_regions_only);
    suite_add_tcase(suite, tcase);
    return suite;
}
