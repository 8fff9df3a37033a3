/*
 * VirtualFree: one test per outcome, in the order in which it decides.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "hostmem/regions.h"

static enum hostmem_result try_free(void *address, size_t size, uint32_t type)
{
    return hostmem_virtual_free(manager, address, size, type);
}

/* A refusal changes no figure and makes no call to the backend. */
static void refused(void *address, size_t size, uint32_t type, enum hostmem_result expected)
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

START_TEST(a_stopped_manager_answers_nothing_else)
{
    char *region = must_reserve(PAGE);

    hostmem_manager_shutdown(manager);
    refused(region, 0, HOSTMEM_RELEASE, HOSTMEM_UNAVAILABLE);
    refused(NULL, 0, HOSTMEM_RELEASE, HOSTMEM_UNAVAILABLE);
    refused(region, 1, 0, HOSTMEM_UNAVAILABLE);
    ck_assert(native_is_reserved(&native, region));
}
END_TEST

START_TEST(null_is_not_owned)
{
    refused(NULL, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused(NULL, 0, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
    refused(NULL, 5, 0, HOSTMEM_NOT_OWNED);
}
END_TEST

START_TEST(foreign_memory_is_not_owned)
{
    static char foreign[PAGE];
    void *reserved = NULL;

    refused(foreign, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused(foreign, 1, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
    refused((void *)UINTPTR_MAX, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused((void *)1, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    /* Reserved by the same backend, but not through the manager. */
    ck_result(native.backend.reserve(&native, &reserved, GRANULE, HOSTMEM_RESERVE | HOSTMEM_COMMIT, READWRITE),
              HOSTMEM_OK);
    refused(reserved, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    ck_assert(native_is_committed(&native, reserved));
    native.backend.release(&native, reserved);
}
END_TEST

START_TEST(a_freed_region_is_not_owned)
{
    char *region = must_reserve(GRANULE);

    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    refused(region, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused(region, 0, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
    refused(region + PAGE, PAGE, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
}
END_TEST

START_TEST(the_tail_of_the_last_granule_is_not_owned)
{
    char *region = must_reserve(3 * PAGE);

    refused(region + 3 * PAGE, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused(region + GRANULE - 1, PAGE, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
    refused(region + GRANULE, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused(region - 1, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
}
END_TEST

START_TEST(heap_memory_is_not_a_region)
{
    struct hostmem_heap *heap = must_heap_create();
    char *small = must_heap_alloc(heap, 100), *large = must_heap_alloc(heap, 1 << 20);

    refused(small, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused((void *)((uintptr_t)small & ~(GRANULE - 1)), 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused(small, 1, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
    refused(large, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused(large + GRANULE, 1, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
    *small = *large = 1;
}
END_TEST

START_TEST(another_managers_region_is_not_owned)
{
    struct hostmem_manager *other;
    void *theirs;

    ck_result(hostmem_manager_create(&native.backend, &other), HOSTMEM_OK);
    ck_result(hostmem_virtual_alloc(other, NULL, PAGE, HOSTMEM_RESERVE, READWRITE, TASK, &theirs), HOSTMEM_OK);
    refused(theirs, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
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
        refused(region, 0, bad[i], HOSTMEM_INVALID_PARAMETER);
        refused(region + PAGE, PAGE, bad[i], HOSTMEM_INVALID_PARAMETER);
    }
}
END_TEST

START_TEST(release_with_a_size_is_refused)
{
    char *region = must_reserve(GRANULE);

    refused(region, 1, HOSTMEM_RELEASE, HOSTMEM_INVALID_PARAMETER);
    refused(region, GRANULE, HOSTMEM_RELEASE, HOSTMEM_INVALID_PARAMETER);
    refused(region, SIZE_MAX, HOSTMEM_RELEASE, HOSTMEM_INVALID_PARAMETER);
    /* The size is looked at before the address. */
    refused(region + PAGE, 1, HOSTMEM_RELEASE, HOSTMEM_INVALID_PARAMETER);
}
END_TEST

START_TEST(release_away_from_the_base_is_refused)
{
    char *region = must_reserve(2 * GRANULE);

    refused(region + PAGE, 0, HOSTMEM_RELEASE, HOSTMEM_INVALID_ADDRESS);
    refused(region + GRANULE, 0, HOSTMEM_RELEASE, HOSTMEM_INVALID_ADDRESS);
    refused(region + 2 * GRANULE - 1, 0, HOSTMEM_RELEASE, HOSTMEM_INVALID_ADDRESS);
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

    refused(region + PAGE, 0, HOSTMEM_DECOMMIT, HOSTMEM_INVALID_ADDRESS);
    refused(region + GRANULE, 0, HOSTMEM_DECOMMIT, HOSTMEM_INVALID_ADDRESS);
    ck_assert_uint_eq(native_committed(&native, region, 2 * GRANULE), 2 * GRANULE);
}
END_TEST

START_TEST(decommit_that_leaves_the_region_is_refused)
{
    char *region = must_alloc(3 * PAGE, HOSTMEM_COMMIT);

    refused(region, 3 * PAGE + 1, HOSTMEM_DECOMMIT, HOSTMEM_INVALID_PARAMETER);
    refused(region + 2 * PAGE + 1, PAGE, HOSTMEM_DECOMMIT, HOSTMEM_INVALID_PARAMETER);
    refused(region + 2 * PAGE, GRANULE, HOSTMEM_DECOMMIT, HOSTMEM_INVALID_PARAMETER);
    ck_assert_uint_eq(native_committed(&native, region, 3 * PAGE), 3 * PAGE);
}
END_TEST

START_TEST(decommit_that_wraps_is_refused)
{
    char *region = must_alloc(3 * PAGE, HOSTMEM_COMMIT);

    /* Wine rounds such sizes to nothing and says yes; Windows refuses. */
    for (size_t less = 0; less <= 2 * PAGE; less++)
        ck_result(try_free(region, SIZE_MAX - less, HOSTMEM_DECOMMIT), HOSTMEM_INVALID_PARAMETER);
    refused(region + PAGE, (size_t) - (uintptr_t)(region + PAGE), HOSTMEM_DECOMMIT, HOSTMEM_INVALID_PARAMETER);
    refused(region, (size_t) - (uintptr_t)region - 1, HOSTMEM_DECOMMIT, HOSTMEM_INVALID_PARAMETER);
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

START_TEST(release_gives_everything_back)
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
    refused(region, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
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

/* The backend does not know a base that it gave: the records contradict themselves. */
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
    /* What it cannot account for it does not touch again; here that is the test's to give back. */
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

/* --- a release while somebody else is in the middle of a call ---------------- */

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

/* While the backend releases, the region is already nobody's. */
static void look_while_released(struct native *from, enum native_call call, void *address)
{
    if (call != NATIVE_RELEASE || address != victim) return;
    from->hook = NULL;
    in_hook = hostmem_virtual_free(manager, victim, 0, HOSTMEM_RELEASE);
    reserved_in_hook = hostmem_manager_owns(manager, victim, NULL, NULL);
}

START_TEST(a_region_being_released_is_not_owned)
{
    victim = must_reserve(GRANULE);
    native.hook = look_while_released;
    ck_result(try_free(victim, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    ck_result(in_hook, HOSTMEM_NOT_OWNED);
    ck_assert(!reserved_in_hook);
}
END_TEST

/* --- a thread that looked a region up, and then slept -------------------------- */

/* The region's record, as such a thread has it in hand. */
static struct hostmem_region *record_of(void *address)
{
    struct hostmem_region *region = hostmem_region_pin(manager, address);

    ck_assert_ptr_nonnull(region);
    hostmem_region_unpin(manager, region);
    return region;
}

START_TEST(a_released_region_leaves_the_map)
{
    char *region = must_reserve(3 * GRANULE);

    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    for (unsigned i = 0; i < 3; i++) ck_assert_ptr_null(hostmem_map_get(manager->map, region + i * GRANULE));
}
END_TEST

START_TEST(a_dead_record_is_nobodys)
{
    char *region = must_reserve(GRANULE);
    struct hostmem_region *record = record_of(region);

    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    hostmem_map_set(manager->map, region, 1, map_tagged(record, MAP_REGION));
    refused(region, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused(region, PAGE, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
    ck_assert(!hostmem_manager_owns(manager, region, NULL, NULL));
    hostmem_map_set(manager->map, region, 1, NULL);
}
END_TEST

START_TEST(a_recycled_record_is_not_mistaken)
{
    char *next;
    void *region;
    struct hostmem_region *record;
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
    hostmem_map_set(manager->map, region, 1, map_tagged(record, MAP_REGION));
    refused(region, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    hostmem_map_set(manager->map, region, 1, NULL);
    ck_assert(hostmem_manager_owns(manager, next, NULL, NULL));
}
END_TEST

/* --- regions that the program gave back behind our back --------------------------- */

/* A committed region of four granules in the arena, to which the system gives nothing else. */
static char *region_in_arena(void)
{
    char *arena = native_use_arena(&native, 8 * GRANULE);
    void *region;

    ck_result(hostmem_virtual_alloc(manager, arena + GRANULE, 4 * GRANULE, HOSTMEM_RESERVE | HOSTMEM_COMMIT, READWRITE,
                                    TASK, &region),
              HOSTMEM_OK);
    return region;
}

/* As the program's own VirtualFree would. */
static void free_behind_our_back(void *region)
{
    ck_result(native.backend.release(&native, region), HOSTMEM_OK);
}

static void *must_reserve_at(void *address, size_t size)
{
    void *region;

    ck_result(hostmem_virtual_alloc(manager, address, size, HOSTMEM_RESERVE, READWRITE, TASK, &region), HOSTMEM_OK);
    return region;
}

static void amounts_are(uint64_t regions, uint64_t reserved, uint64_t committed)
{
    struct hostmem_statistics now = statistics_now();

    ck_assert_uint_eq(now.regions, regions);
    ck_assert_uint_eq(now.reserved, reserved);
    ck_assert_uint_eq(now.committed, committed);
}

/* Where the next reserve of ours comes to lie, and how big it is; the stale region is granules 1 to 4. */
static const struct
{
    unsigned first, pages;
} next_reserves[] = {{1, 64}, {1, 3}, {1, 16}, {2, 16}, {4, 16}, {2, 40}, {0, 32}, {4, 48}, {0, 96}, {0, 128}};

START_TEST(a_new_region_retires_a_stale_one)
{
    char *stale = region_in_arena(), *start = stale - GRANULE + next_reserves[_i].first * GRANULE, *end;
    size_t size = next_reserves[_i].pages * PAGE;
    uint64_t releases;

    free_behind_our_back(stale);
    releases = native.calls[NATIVE_RELEASE];
    ck_assert_ptr_eq(must_reserve_at(start, size), start);
    ck_assert_uint_eq(native.calls[NATIVE_RELEASE], releases);
    amounts_are(1, size, 0);
    end = start + (size + GRANULE - 1) / GRANULE * GRANULE;
    for (char *address = stale; address < stale + 4 * GRANULE; address += GRANULE)
    {
        if (address >= start && address < end) continue;
        ck_assert_ptr_null(hostmem_map_get(manager->map, address));
        ck_assert(!hostmem_manager_owns(manager, address, NULL, NULL));
        refused(address, PAGE, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
        refused(address, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    }
    ck_assert(hostmem_manager_owns(manager, start + size - 1, NULL, NULL));
    must_commit(start, PAGE);
    amounts_are(1, size, PAGE);
    ck_result(try_free(start, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    amounts_are(0, 0, 0);
}
END_TEST

START_TEST(a_stale_regions_memory_may_be_somebody_elses)
{
    char *stale = region_in_arena();
    void *foreign = stale;

    free_behind_our_back(stale);
    ck_result(native.backend.reserve(&native, &foreign, GRANULE, HOSTMEM_RESERVE | HOSTMEM_COMMIT, READWRITE),
              HOSTMEM_OK);
    must_reserve_at(stale + GRANULE, GRANULE);
    amounts_are(1, GRANULE, 0);
    refused(foreign, PAGE, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
    refused(foreign, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    hostmem_manager_destroy(manager);
    ck_assert(native_is_committed(&native, foreign));
    native.backend.release(&native, foreign);
    ck_result(hostmem_manager_create(&native.backend, &manager), HOSTMEM_OK);
}
END_TEST

START_TEST(one_reserve_may_retire_many)
{
    char *arena = native_use_arena(&native, 8 * GRANULE);

    for (unsigned i = 0; i < 8; i++) must_reserve_at(arena + i * GRANULE, (i + 1) * PAGE);
    for (unsigned i = 0; i < 8; i++) free_behind_our_back(arena + i * GRANULE);
    must_reserve_at(arena + GRANULE, 7 * GRANULE - 3 * PAGE);
    amounts_are(2, 7 * GRANULE - 2 * PAGE, 0);
    must_reserve_at(arena, GRANULE);
    amounts_are(2, 8 * GRANULE - 3 * PAGE, 0);
}
END_TEST

START_TEST(a_big_stale_regions_bitmap_is_given_back)
{
    size_t size = 4096 * GRANULE; /* more pages than the pooled bitmaps have */
    char *arena = native_use_arena(&native, size);
    size_t before = native_total_reserved(&native);

    for (unsigned i = 0; i < 3; i++)
    {
        must_reserve_at(arena, size);
        free_behind_our_back(arena);
    }
    must_reserve_at(arena + GRANULE, GRANULE);
    amounts_are(1, GRANULE, 0);
    ck_result(try_free(arena + GRANULE, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    /* Pools and map grew once, by less than such a bitmap each. */
    ck_assert_uint_le(native_total_reserved(&native), before + 16 * GRANULE);
}
END_TEST

START_TEST(a_retired_record_is_used_again)
{
    char *stale = region_in_arena();

    for (unsigned i = 0; i < 100; i++)
    {
        free_behind_our_back(stale);
        must_reserve_at(stale, 4 * GRANULE);
    }
    ck_assert_uint_eq(hostmem_pool_count(&manager->regions), 2);
    free_behind_our_back(stale);
    must_reserve_at(stale + GRANULE, GRANULE);
    amounts_are(1, GRANULE, 0);
}
END_TEST

START_TEST(a_refused_reserve_retires_nothing)
{
    char *stale = region_in_arena();

    free_behind_our_back(stale);
    must_reserve(GRANULE); /* so that the pools are warm */
    native_fail(&native, 1u << NATIVE_RESERVE, 0, true, HOSTMEM_INVALID_ADDRESS);
    ck_result(hostmem_virtual_alloc(manager, stale, GRANULE, HOSTMEM_RESERVE, READWRITE, TASK, (void *[]){NULL}),
              HOSTMEM_INVALID_ADDRESS);
    native_fail_not(&native);
    /* A refused reserve says nothing about what is there. */
    amounts_are(2, 5 * GRANULE, 4 * GRANULE);
    must_reserve_at(stale, GRANULE);
    amounts_are(2, 2 * GRANULE, 0);
}
END_TEST

/* The heaps reserve anywhere; here, where the test wants it. */
static void *next_place;

static enum hostmem_result reserve_there(void *context, void **address, size_t size, uint32_t type, uint32_t protect)
{
    if (!*address) *address = next_place;
    next_place = NULL;
    return native.backend.reserve(context, address, size, type, protect);
}

START_TEST(a_heap_retires_stale_regions_too)
{
    struct hostmem_heap *heap = must_heap_create();
    size_t size = _i ? 2 * GRANULE : 100, room = 64 * GRANULE;
    char *arena = native_use_arena(&native, room), *block;

    /* Whatever records the heap needs, it has. */
    must_heap_alloc(heap, size);
    ck_result(hostmem_heap_free(heap, must_heap_alloc(heap, 2 * GRANULE)), HOSTMEM_OK);
    must_reserve_at(arena, room);
    free_behind_our_back(arena);
    manager->backend.reserve = reserve_there;
    next_place = arena;
    do block = must_heap_alloc(heap, size);
    while (next_place);
    ck_assert(native_is_reserved(&native, arena));
    amounts_are(0, 0, 0);
    refused(arena, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused(arena + GRANULE, PAGE, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
    refused(arena + room - PAGE, PAGE, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
    *block = 1;
    manager->backend.reserve = native.backend.reserve;
}
END_TEST

/* While somebody commits in it, the region goes, and its addresses come back as another. */
static void *successor;

static void replace_in_the_middle(struct native *from, enum native_call call, void *address)
{
    (void)address;
    if (call != NATIVE_COMMIT && call != NATIVE_DECOMMIT) return;
    from->hook = NULL;
    free_behind_our_back(victim);
    successor = must_reserve_at(victim, 4 * GRANULE);
    in_hook = hostmem_manager_owns(manager, victim, NULL, NULL) ? HOSTMEM_OK : HOSTMEM_NOT_OWNED;
}

START_TEST(a_stale_region_in_use_is_retired_by_its_last_user)
{
    uint64_t releases;

    victim = region_in_arena();
    releases = native.calls[NATIVE_RELEASE];
    native.hook = replace_in_the_middle;
    ck_result(try_free(victim, PAGE, HOSTMEM_DECOMMIT), HOSTMEM_OK);
    ck_result(in_hook, HOSTMEM_OK);
    ck_assert_ptr_eq(successor, victim);
    ck_assert_uint_eq(native.calls[NATIVE_RELEASE], releases + 1); /* that behind our back */
    ck_assert(native_is_reserved(&native, successor));
    amounts_are(1, 4 * GRANULE, 0);
    ck_result(try_free(successor, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    amounts_are(0, 0, 0);
}
END_TEST

START_TEST(releasing_what_was_retired_meanwhile_is_refused)
{
    struct hostmem_region *record;
    char *stale = region_in_arena();

    record = hostmem_region_pin(manager, stale);
    free_behind_our_back(stale);
    must_reserve_at(stale + GRANULE, GRANULE);
    ck_assert_ptr_null(hostmem_map_get(manager->map, stale));
    amounts_are(2, 5 * GRANULE, 4 * GRANULE); /* until the last pin goes */
    ck_result(hostmem_region_release(manager, record), HOSTMEM_NOT_OWNED);
    amounts_are(1, GRANULE, 0);
}
END_TEST

/* All threads reserve their part of one stale region at once: one strikes it off, and nobody's part is lost. */
#define PARTS 4

static char *parts;

static void *reserve_part(void *arg)
{
    void *out;

    hostmem_virtual_alloc(manager, parts + *(unsigned *)arg * GRANULE, GRANULE, HOSTMEM_RESERVE, READWRITE, TASK, &out);
    return NULL;
}

START_TEST(of_many_that_find_a_stale_region_one_retires_it)
{
    unsigned args[PARTS] = {0, 1, 2, 3};

    parts = region_in_arena();
    free_behind_our_back(parts);
    for (unsigned round = 0; round < 300; round++)
    {
        must_reserve_at(parts, PARTS * GRANULE);
        free_behind_our_back(parts);
        run_threads(PARTS, reserve_part, args, sizeof(*args));
        amounts_are(PARTS, PARTS * GRANULE, 0);
        for (unsigned i = 0; i < PARTS; i++) ck_result(try_free(parts + i * GRANULE, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    }
    amounts_are(0, 0, 0);
}
END_TEST

START_TEST(a_release_leaves_its_addresses_next_owner_in_the_map)
{
    static int other;
    char *region = region_in_arena();

    hostmem_map_set(manager->map, region + GRANULE, GRANULE, &other);
    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    ck_assert_ptr_null(hostmem_map_get(manager->map, region));
    ck_assert_ptr_eq(hostmem_map_get(manager->map, region + GRANULE), &other);
    ck_assert_ptr_null(hostmem_map_get(manager->map, region + 2 * GRANULE));
    hostmem_map_set(manager->map, region + GRANULE, GRANULE, NULL);
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
    tcase_add_test(tcase, release_gives_everything_back);
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
    tcase_add_test(tcase, a_dead_record_is_nobodys);
    tcase_add_test(tcase, a_recycled_record_is_not_mistaken);
    tcase_add_loop_test(tcase, a_new_region_retires_a_stale_one, 0, sizeof(next_reserves) / sizeof(*next_reserves));
    tcase_add_test(tcase, a_stale_regions_memory_may_be_somebody_elses);
    tcase_add_test(tcase, one_reserve_may_retire_many);
    tcase_add_test(tcase, a_big_stale_regions_bitmap_is_given_back);
    tcase_add_test(tcase, a_retired_record_is_used_again);
    tcase_add_test(tcase, a_refused_reserve_retires_nothing);
    tcase_add_loop_test(tcase, a_heap_retires_stale_regions_too, 0, 2);
    tcase_add_test(tcase, a_stale_region_in_use_is_retired_by_its_last_user);
    tcase_add_test(tcase, releasing_what_was_retired_meanwhile_is_refused);
    tcase_add_test(tcase, of_many_that_find_a_stale_region_one_retires_it);
    tcase_add_test(tcase, a_release_leaves_its_addresses_next_owner_in_the_map);
    suite_add_tcase(suite, tcase);
    return suite;
}
