/*
 * VirtualFree: one test per outcome, in the order in which it decides.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "hostmem/api/manager.h"

START_TEST(a_stopped_manager_answers_nothing_else)
{
    char *region = must_reserve(PAGE);

    hostmem_manager_shutdown(manager);
    refused_free(region, 0, HOSTMEM_RELEASE, HOSTMEM_UNAVAILABLE);
    refused_free(NULL, 0, HOSTMEM_RELEASE, HOSTMEM_UNAVAILABLE);
    refused_free(region, 1, 0, HOSTMEM_UNAVAILABLE);
    ck_assert(native_is_reserved(&native, region));
}
END_TEST

START_TEST(null_is_not_owned)
{
    refused_free(NULL, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused_free(NULL, 0, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
    refused_free(NULL, 5, 0, HOSTMEM_NOT_OWNED);
}
END_TEST

START_TEST(foreign_memory_is_not_owned)
{
    static char foreign[PAGE];
    void *reserved = NULL;

    refused_free(foreign, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused_free(foreign, 1, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
    refused_free((void *)UINTPTR_MAX, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused_free((void *)1, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    /* Reserved by the same backend, but not through the manager. */
    ck_result(native.backend.reserve(&native, &reserved, GRANULE, HOSTMEM_RESERVE | HOSTMEM_COMMIT, READWRITE),
              HOSTMEM_OK);
    refused_free(reserved, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    ck_assert(native_is_committed(&native, reserved));
    native.backend.release(&native, reserved);
}
END_TEST

START_TEST(a_freed_region_is_not_owned)
{
    char *region = must_reserve(GRANULE);

    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    refused_free(region, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused_free(region, 0, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
    refused_free(region + PAGE, PAGE, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
}
END_TEST

START_TEST(the_tail_of_the_last_granule_is_not_owned)
{
    char *region = must_reserve(3 * PAGE);

    refused_free(region + 3 * PAGE, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused_free(region + GRANULE - 1, PAGE, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
    refused_free(region + GRANULE, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused_free(region - 1, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
}
END_TEST

START_TEST(heap_memory_is_not_a_region)
{
    struct hostmem_heap *heap = must_heap_create();
    char *small = must_heap_alloc(heap, 100), *large = must_heap_alloc(heap, 1 << 20);

    refused_free(small, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused_free((void *)((uintptr_t)small & ~(GRANULE - 1)), 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused_free(small, 1, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
    refused_free(large, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused_free(large + GRANULE, 1, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
    *small = *large = 1;
}
END_TEST

START_TEST(another_managers_region_is_not_owned)
{
    struct hostmem_manager *other;
    void *theirs;

    ck_result(hostmem_manager_create(&native.backend, &other), HOSTMEM_OK);
    ck_result(hostmem_virtual_alloc(other, NULL, PAGE, HOSTMEM_RESERVE, READWRITE, TASK, &theirs), HOSTMEM_OK);
    refused_free(theirs, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    ck_result(hostmem_virtual_free(other, theirs, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    hostmem_manager_destroy(other);
}
END_TEST

START_TEST(exactly_one_free_type_is_needed)
{
    static const uint32_t bad[] = {
        0,
        HOSTMEM_DECOMMIT | HOSTMEM_RELEASE,
        HOSTMEM_COMMIT,
        HOSTMEM_RESERVE,
        HOSTMEM_RELEASE | 0x1, /* coalesce placeholders */
        HOSTMEM_RELEASE | 0x2, /* preserve placeholder */
        HOSTMEM_DECOMMIT | 0x80000000,
        HOSTMEM_RESET,
        0xffffffff,
    };
    char *region = must_reserve(GRANULE);

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
    {
        refused_free(region, 0, bad[i], HOSTMEM_INVALID_PARAMETER);
        refused_free(region + PAGE, PAGE, bad[i], HOSTMEM_INVALID_PARAMETER);
    }
}
END_TEST

START_TEST(release_with_a_size_is_refused)
{
    char *region = must_reserve(GRANULE);

    refused_free(region, 1, HOSTMEM_RELEASE, HOSTMEM_INVALID_PARAMETER);
    refused_free(region, GRANULE, HOSTMEM_RELEASE, HOSTMEM_INVALID_PARAMETER);
    refused_free(region, SIZE_MAX, HOSTMEM_RELEASE, HOSTMEM_INVALID_PARAMETER);
    /* The size is looked at before the address. */
    refused_free(region + PAGE, 1, HOSTMEM_RELEASE, HOSTMEM_INVALID_PARAMETER);
}
END_TEST

START_TEST(release_away_from_the_base_is_refused)
{
    char *region = must_reserve(2 * GRANULE);

    refused_free(region + PAGE, 0, HOSTMEM_RELEASE, HOSTMEM_INVALID_ADDRESS);
    refused_free(region + GRANULE, 0, HOSTMEM_RELEASE, HOSTMEM_INVALID_ADDRESS);
    refused_free(region + 2 * GRANULE - 1, 0, HOSTMEM_RELEASE, HOSTMEM_INVALID_ADDRESS);
}
END_TEST

START_TEST(release_in_the_first_page_releases)
{
    char *region = must_reserve(2 * GRANULE);

    ck_result(try_free(region + PAGE - 1, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    ck_assert(!native_is_reserved(&native, region));
}
END_TEST

START_TEST(decommit_all_away_from_the_base_is_refused)
{
    char *region = must_alloc(2 * GRANULE, HOSTMEM_COMMIT);

    refused_free(region + PAGE, 0, HOSTMEM_DECOMMIT, HOSTMEM_INVALID_ADDRESS);
    refused_free(region + GRANULE, 0, HOSTMEM_DECOMMIT, HOSTMEM_INVALID_ADDRESS);
    ck_assert_uint_eq(native_committed(&native, region, 2 * GRANULE), 2 * GRANULE);
}
END_TEST

START_TEST(decommit_that_leaves_the_region_is_refused)
{
    char *region = must_alloc(3 * PAGE, HOSTMEM_COMMIT);

    refused_free(region, 3 * PAGE + 1, HOSTMEM_DECOMMIT, HOSTMEM_INVALID_PARAMETER);
    refused_free(region + 2 * PAGE + 1, PAGE, HOSTMEM_DECOMMIT, HOSTMEM_INVALID_PARAMETER);
    refused_free(region + 2 * PAGE, GRANULE, HOSTMEM_DECOMMIT, HOSTMEM_INVALID_PARAMETER);
    ck_assert_uint_eq(native_committed(&native, region, 3 * PAGE), 3 * PAGE);
}
END_TEST

START_TEST(decommit_that_wraps_is_refused)
{
    char *region = must_alloc(3 * PAGE, HOSTMEM_COMMIT);

    /* Wine rounds such sizes to 0 and accepts them; Windows refuses. */
    for (size_t less = 0; less <= 2 * PAGE; less++)
        ck_result(try_free(region, SIZE_MAX - less, HOSTMEM_DECOMMIT), HOSTMEM_INVALID_PARAMETER);
    refused_free(region + PAGE, (size_t) - (uintptr_t)(region + PAGE), HOSTMEM_DECOMMIT, HOSTMEM_INVALID_PARAMETER);
    refused_free(region, (size_t) - (uintptr_t)region - 1, HOSTMEM_DECOMMIT, HOSTMEM_INVALID_PARAMETER);
    ck_assert_uint_eq(native_committed(&native, region, 3 * PAGE), 3 * PAGE);
}
END_TEST

START_TEST(decommit_all_at_the_base)
{
    char *region = must_alloc(2 * GRANULE, HOSTMEM_COMMIT);

    ck_result(try_free(region + 5, 0, HOSTMEM_DECOMMIT), HOSTMEM_OK);
    ck_assert_uint_eq(native_committed(&native, region, 2 * GRANULE), 0);
    ck_assert(native_is_reserved(&native, region));
    ck_assert_uint_eq(statistics_now().committed, 0);
    ck_assert_uint_eq(statistics_now().reserved, 2 * GRANULE);
}
END_TEST

START_TEST(decommit_rounds_outwards)
{
    char *region = must_alloc(8 * PAGE, HOSTMEM_COMMIT);

    ck_result(try_free(region + 2 * PAGE - 1, 2, HOSTMEM_DECOMMIT), HOSTMEM_OK);
    ck_assert(native_is_committed(&native, region));
    ck_assert(!native_is_committed(&native, region + PAGE));
    ck_assert(!native_is_committed(&native, region + 2 * PAGE));
    ck_assert(native_is_committed(&native, region + 3 * PAGE));
    ck_assert_uint_eq(statistics_now().committed, 6 * PAGE);
}
END_TEST

START_TEST(decommitting_what_is_not_committed_is_fine)
{
    char *region = must_reserve(8 * PAGE);

    ck_result(try_free(region, PAGE, HOSTMEM_DECOMMIT), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().committed, 0);
    must_commit(region, PAGE);
    ck_result(try_free(region, 8 * PAGE, HOSTMEM_DECOMMIT), HOSTMEM_OK);
    ck_assert_uint_eq(statistics_now().committed, 0);
}
END_TEST

START_TEST(release_frees_everything)
{
    char *region = must_alloc(5 * GRANULE, HOSTMEM_COMMIT);

    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    ck_assert(!native_is_reserved(&native, region));
    ck_assert_uint_eq(statistics_now().reserved, 0);
    ck_assert_uint_eq(statistics_now().committed, 0);
    ck_assert_uint_eq(statistics_now().regions, 0);
    ck_assert(!hostmem_manager_owns(manager, region, NULL, NULL));
}
END_TEST

START_TEST(the_address_can_be_reserved_again)
{
    char *region = must_alloc(GRANULE, HOSTMEM_COMMIT);
    void *again;

    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    ck_result(hostmem_virtual_alloc(manager, region, GRANULE, HOSTMEM_RESERVE, READWRITE, TASK, &again), HOSTMEM_OK);
    ck_assert_ptr_eq(again, region);
    ck_assert_uint_eq(statistics_now().committed, 0);
    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    refused_free(region, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
}
END_TEST

START_TEST(a_refused_release_leaves_the_region)
{
    char *region = must_alloc(GRANULE, HOSTMEM_COMMIT);
    struct hostmem_statistics before = statistics_now(), after;

    native_fail(&native, 1u << NATIVE_RELEASE, 0, false, HOSTMEM_NO_MEMORY);
    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_NO_MEMORY);
    after = statistics_now();
    ck_same_amounts(&before, &after);
    ck_assert(hostmem_manager_owns(manager, region + PAGE, NULL, NULL));
    ck_result(try_free(region, PAGE, HOSTMEM_DECOMMIT), HOSTMEM_OK);
    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    ck_assert(!native_is_reserved(&native, region));
}
END_TEST

START_TEST(a_refused_decommit_leaves_the_pages)
{
    char *region = must_alloc(GRANULE, HOSTMEM_COMMIT);

    native_fail(&native, 1u << NATIVE_DECOMMIT, 0, false, HOSTMEM_NO_MEMORY);
    ck_result(try_free(region, 0, HOSTMEM_DECOMMIT), HOSTMEM_NO_MEMORY);
    ck_assert_uint_eq(statistics_now().committed, GRANULE);
    ck_assert_uint_eq(native_committed(&native, region, GRANULE), GRANULE);
}
END_TEST

/* The backend does not know a base that it returned: the records are inconsistent. */
START_TEST(contradicting_records_break_the_manager_once)
{
    static const enum hostmem_result answers[] = {HOSTMEM_INVALID_ADDRESS, HOSTMEM_INVALID_PARAMETER,
                                                  HOSTMEM_NOT_OWNED};
    char *region = must_reserve(GRANULE), *other = must_reserve(GRANULE);

    native_fail(&native, 1u << NATIVE_RELEASE, 0, false, answers[_i]);
    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_BROKEN);
    ck_result(hostmem_manager_status(manager), HOSTMEM_UNAVAILABLE);
    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_UNAVAILABLE);
    ck_result(try_free(other, 0, HOSTMEM_RELEASE), HOSTMEM_UNAVAILABLE);
    /* The manager does not touch such memory again; here the test releases it. */
    ck_assert(native_is_reserved(&native, region));
    native.backend.release(&native, region);
}
END_TEST

static void *other_region;
static enum hostmem_result of_other;

static void break_in_the_middle(struct native *from, enum native_call call, void *address)
{
    (void)address;
    if (call != NATIVE_RELEASE) return;
    from->hook = NULL;
    of_other = hostmem_virtual_free(manager, other_region, 0, HOSTMEM_RELEASE);
}

START_TEST(of_two_that_find_it_broken_one_says_so)
{
    char *region = must_reserve(GRANULE);

    other_region = must_reserve(GRANULE);
    native.hook = break_in_the_middle;
    native_fail(&native, 1u << NATIVE_RELEASE, 0, true, HOSTMEM_INVALID_ADDRESS);
    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_UNAVAILABLE);
    ck_result(of_other, HOSTMEM_BROKEN);
    native_fail_not(&native);
    native.backend.release(&native, region);
    native.backend.release(&native, other_region);
}
END_TEST

/* --- a release while another thread is in the middle of a call --------------- */

static void *victim;
static enum hostmem_result in_hook;
static bool reserved_in_hook;

/* Called in the middle of another call on the same region, as a racing thread would. */
static void release_in_the_middle(struct native *from, enum native_call call, void *address)
{
    (void)address;
    if (call != NATIVE_COMMIT && call != NATIVE_DECOMMIT) return;
    from->hook = NULL;
    in_hook = hostmem_virtual_free(manager, victim, 0, HOSTMEM_RELEASE);
    reserved_in_hook = native_is_reserved(&native, victim);
}

START_TEST(the_last_one_out_releases)
{
    void *out;

    victim = must_reserve(GRANULE);
    native.hook = release_in_the_middle;
    ck_result(hostmem_virtual_alloc(manager, victim, PAGE, HOSTMEM_COMMIT, READWRITE, TASK, &out), HOSTMEM_OK);
    ck_result(in_hook, HOSTMEM_OK);
    ck_assert(reserved_in_hook); /* pinned by the commit */
    ck_assert(!native_is_reserved(&native, victim));
    ck_assert_uint_eq(statistics_now().regions, 0);
    ck_assert_uint_eq(statistics_now().committed, 0);
    ck_assert_uint_eq(statistics_now().reserved, 0);
}
END_TEST

START_TEST(a_decommit_may_be_the_last_one_out)
{
    victim = must_alloc(GRANULE, HOSTMEM_COMMIT);
    native.hook = release_in_the_middle;
    ck_result(try_free(victim, PAGE, HOSTMEM_DECOMMIT), HOSTMEM_OK);
    ck_result(in_hook, HOSTMEM_OK);
    ck_assert(!native_is_reserved(&native, victim));
    ck_assert_uint_eq(statistics_now().committed, 0);
}
END_TEST

START_TEST(a_late_release_that_fails_leaves_the_region)
{
    victim = must_alloc(GRANULE, HOSTMEM_COMMIT);
    native.hook = release_in_the_middle;
    native_fail(&native, 1u << NATIVE_RELEASE, 0, false, HOSTMEM_NO_MEMORY);
    ck_result(try_free(victim, PAGE, HOSTMEM_DECOMMIT), HOSTMEM_OK);
    ck_assert(hostmem_manager_owns(manager, victim, NULL, NULL));
    ck_assert_uint_eq(statistics_now().committed, GRANULE - PAGE);
    ck_result(try_free(victim, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    ck_assert(!native_is_reserved(&native, victim));
}
END_TEST

/* While the backend releases, the region is in no manager already. */
static void read_while_released(struct native *from, enum native_call call, void *address)
{
    if (call != NATIVE_RELEASE || address != victim) return;
    from->hook = NULL;
    in_hook = hostmem_virtual_free(manager, victim, 0, HOSTMEM_RELEASE);
    reserved_in_hook = hostmem_manager_owns(manager, victim, NULL, NULL);
}

START_TEST(a_region_being_released_is_not_owned)
{
    victim = must_reserve(GRANULE);
    native.hook = read_while_released;
    ck_result(try_free(victim, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    ck_result(in_hook, HOSTMEM_NOT_OWNED);
    ck_assert(!reserved_in_hook);
}
END_TEST

/* --- a thread suspended after it looked up a region ------------------------------ */

/* The region's record, as such a thread has it. */
static struct hm_region *record_of(void *address)
{
    struct hm_region *region = hm_region_pin(&manager->regions, address);

    ck_assert_ptr_nonnull(region);
    hm_region_unpin(&manager->regions, region);
    return region;
}

START_TEST(a_released_region_leaves_the_map)
{
    char *region = must_reserve(3 * GRANULE);

    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    for (unsigned i = 0; i < 3; i++) ck_assert_ptr_null(hm_map_get(manager->regions.map, region + i * GRANULE));
}
END_TEST

START_TEST(a_free_record_is_no_region)
{
    char *region = must_reserve(GRANULE);
    struct hm_region *record = record_of(region);

    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    hm_map_set(manager->regions.map, region, 1, map_tagged(record, HM_MAP_REGION));
    refused_free(region, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused_free(region, PAGE, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
    ck_assert(!hostmem_manager_owns(manager, region, NULL, NULL));
    hm_map_set(manager->regions.map, region, 1, NULL);
}
END_TEST

START_TEST(a_recycled_record_is_not_mistaken)
{
    char *next;
    void *region;
    struct hm_region *record;
    uint64_t state;

    ck_result(hostmem_virtual_alloc(manager, native_use_arena(&native, GRANULE), GRANULE, HOSTMEM_RESERVE, READWRITE,
                                    TASK, &region),
              HOSTMEM_OK);
    record = record_of(region);
    state = record->state;
    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    next = must_reserve(GRANULE); /* not in the arena */
    ck_assert_ptr_eq(record_of(next), record);
    ck_assert_uint_ne(record->state, state); /* a compare-and-exchange of the old state fails */
    hm_map_set(manager->regions.map, region, 1, map_tagged(record, HM_MAP_REGION));
    refused_free(region, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    hm_map_set(manager->regions.map, region, 1, NULL);
    ck_assert(hostmem_manager_owns(manager, next, NULL, NULL));
}
END_TEST

Suite *virtual_free_suite(void)
{
    Suite *suite = suite_create("virtual_free");
    TCase *tcase = tcase_create("virtual_free");

    tcase_add_checked_fixture(tcase, manager_setup, manager_teardown);
    tcase_add_test(tcase, a_stopped_manager_answers_nothing_else);
    tcase_add_test(tcase, null_is_not_owned);
    tcase_add_test(tcase, foreign_memory_is_not_owned);
    tcase_add_test(tcase, a_freed_region_is_not_owned);
    tcase_add_test(tcase, the_tail_of_the_last_granule_is_not_owned);
    tcase_add_test(tcase, heap_memory_is_not_a_region);
    tcase_add_test(tcase, another_managers_region_is_not_owned);
    tcase_add_test(tcase, exactly_one_free_type_is_needed);
    tcase_add_test(tcase, release_with_a_size_is_refused);
    tcase_add_test(tcase, release_away_from_the_base_is_refused);
    tcase_add_test(tcase, release_in_the_first_page_releases);
    tcase_add_test(tcase, decommit_all_away_from_the_base_is_refused);
    tcase_add_test(tcase, decommit_that_leaves_the_region_is_refused);
    tcase_add_test(tcase, decommit_that_wraps_is_refused);
    tcase_add_test(tcase, decommit_all_at_the_base);
    tcase_add_test(tcase, decommit_rounds_outwards);
    tcase_add_test(tcase, decommitting_what_is_not_committed_is_fine);
    tcase_add_test(tcase, release_frees_everything);
    tcase_add_test(tcase, the_address_can_be_reserved_again);
    tcase_add_test(tcase, a_refused_release_leaves_the_region);
    tcase_add_test(tcase, a_refused_decommit_leaves_the_pages);
    tcase_add_loop_test(tcase, contradicting_records_break_the_manager_once, 0, 3);
    tcase_add_test(tcase, of_two_that_find_it_broken_one_says_so);
    tcase_add_test(tcase, the_last_one_out_releases);
    tcase_add_test(tcase, a_decommit_may_be_the_last_one_out);
    tcase_add_test(tcase, a_late_release_that_fails_leaves_the_region);
    tcase_add_test(tcase, a_region_being_released_is_not_owned);
    tcase_add_test(tcase, a_released_region_leaves_the_map);
    tcase_add_test(tcase, a_free_record_is_no_region);
    tcase_add_test(tcase, a_recycled_record_is_not_mistaken);
    suite_add_tcase(suite, tcase);
    return suite;
}
