/*
 * Regions that the program released without the manager, and whose addresses are allocated again.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "hostmem/api/manager.h"

/* A committed region of four granules in the arena, where the system puts no other memory. */
static char *region_in_arena(void)
{
    char *arena = native_use_arena(&native, 8 * GRANULE);
    void *region;

    ck_result(hostmem_virtual_alloc(manager, arena + GRANULE, 4 * GRANULE, HOSTMEM_RESERVE | HOSTMEM_COMMIT, READWRITE,
                                    TASK, &region),
              HOSTMEM_OK);
    return region;
}

/* As a VirtualFree of the program. */
static void release_without_the_manager(void *region)
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

/* Address and size of the manager's next reserve; the stale region is granules 1 to 4. */
static const struct
{
    unsigned first, pages;
} next_reserves[] = {{1, 64}, {1, 3}, {1, 16}, {2, 16}, {4, 16}, {2, 40}, {0, 32}, {4, 48}, {0, 96}, {0, 128}};

START_TEST(a_new_region_retires_a_stale_one)
{
    char *stale = region_in_arena(), *start = stale - GRANULE + next_reserves[_i].first * GRANULE, *end;
    size_t size = next_reserves[_i].pages * PAGE;
    uint64_t releases;

    release_without_the_manager(stale);
    releases = native.calls[NATIVE_RELEASE];
    ck_assert_ptr_eq(must_reserve_at(start, size), start);
    ck_assert_uint_eq(native.calls[NATIVE_RELEASE], releases);
    amounts_are(1, size, 0);
    end = start + (size + GRANULE - 1) / GRANULE * GRANULE;
    for (char *address = stale; address < stale + 4 * GRANULE; address += GRANULE)
    {
        if (address >= start && address < end) continue;
        ck_assert_ptr_null(hm_map_get(manager->regions.map, address));
        ck_assert(!hostmem_manager_owns(manager, address, NULL, NULL));
        refused_free(address, PAGE, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
        refused_free(address, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    }
    ck_assert(hostmem_manager_owns(manager, start + size - 1, NULL, NULL));
    must_commit(start, PAGE);
    amounts_are(1, size, PAGE);
    ck_result(try_free(start, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    amounts_are(0, 0, 0);
}
END_TEST

START_TEST(a_stale_regions_memory_may_be_foreign)
{
    char *stale = region_in_arena();
    void *foreign = stale;

    release_without_the_manager(stale);
    ck_result(native.backend.reserve(&native, &foreign, GRANULE, HOSTMEM_RESERVE | HOSTMEM_COMMIT, READWRITE),
              HOSTMEM_OK);
    must_reserve_at(stale + GRANULE, GRANULE);
    amounts_are(1, GRANULE, 0);
    refused_free(foreign, PAGE, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
    refused_free(foreign, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    manager_end();
    ck_assert(native_is_committed(&native, foreign));
    native.backend.release(&native, foreign);
    manager_begin();
}
END_TEST

START_TEST(one_reserve_may_retire_many)
{
    char *arena = native_use_arena(&native, 8 * GRANULE);

    for (unsigned i = 0; i < 8; i++) must_reserve_at(arena + i * GRANULE, (i + 1) * PAGE);
    for (unsigned i = 0; i < 8; i++) release_without_the_manager(arena + i * GRANULE);
    must_reserve_at(arena + GRANULE, 7 * GRANULE - 3 * PAGE);
    amounts_are(2, 7 * GRANULE - 2 * PAGE, 0);
    must_reserve_at(arena, GRANULE);
    amounts_are(2, 8 * GRANULE - 3 * PAGE, 0);
}
END_TEST

START_TEST(a_large_stale_regions_bitmap_is_freed)
{
    size_t size = 20000 * GRANULE, before = 0; /* more pages than the pooled bitmaps have */
    char *arena = native_use_arena(&native, size);

    for (unsigned i = 0; i < 4; i++)
    {
        must_reserve_at(arena, size);
        release_without_the_manager(arena);
        /* Pools and map have grown by then. */
        if (i == 1) before = native_total_reserved(&native);
    }
    must_reserve_at(arena + GRANULE, GRANULE);
    amounts_are(1, GRANULE, 0);
    ck_result(try_free(arena + GRANULE, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    ck_assert_uint_le(native_total_reserved(&native), before);
}
END_TEST

START_TEST(a_retired_record_is_used_again)
{
    char *stale = region_in_arena();

    for (unsigned i = 0; i < 100; i++)
    {
        release_without_the_manager(stale);
        must_reserve_at(stale, 4 * GRANULE);
    }
    ck_assert_uint_eq(hm_pool_count(&manager->regions.records), 2);
    release_without_the_manager(stale);
    must_reserve_at(stale + GRANULE, GRANULE);
    amounts_are(1, GRANULE, 0);
}
END_TEST

START_TEST(a_refused_reserve_retires_nothing)
{
    char *stale = region_in_arena();

    release_without_the_manager(stale);
    must_reserve(GRANULE); /* so that the pools have their chunks */
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

/* The heaps reserve at any address; here, at the test's. */
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

    /* The heap has all records that it needs. */
    must_heap_alloc(heap, size);
    ck_result(hostmem_heap_free(heap, must_heap_alloc(heap, 2 * GRANULE)), HOSTMEM_OK);
    must_reserve_at(arena, room);
    release_without_the_manager(arena);
    manager->backend.reserve = reserve_there;
    next_place = arena;
    do block = must_heap_alloc(heap, size);
    while (next_place);
    ck_assert(native_is_reserved(&native, arena));
    amounts_are(0, 0, 0);
    refused_free(arena, 0, HOSTMEM_RELEASE, HOSTMEM_NOT_OWNED);
    refused_free(arena + GRANULE, PAGE, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
    refused_free(arena + room - PAGE, PAGE, HOSTMEM_DECOMMIT, HOSTMEM_NOT_OWNED);
    *block = 1;
    manager->backend.reserve = native.backend.reserve;
}
END_TEST

/* While a thread commits in it, the region is released, and its addresses become another region. */
static void *victim, *successor;
static enum hostmem_result in_hook;

static void replace_in_the_middle(struct native *from, enum native_call call, void *address)
{
    (void)address;
    if (call != NATIVE_COMMIT && call != NATIVE_DECOMMIT) return;
    from->hook = NULL;
    release_without_the_manager(victim);
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
    ck_assert_uint_eq(native.calls[NATIVE_RELEASE], releases + 1); /* released without the manager */
    ck_assert(native_is_reserved(&native, successor));
    amounts_are(1, 4 * GRANULE, 0);
    ck_result(try_free(successor, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    amounts_are(0, 0, 0);
}
END_TEST

START_TEST(releasing_what_was_retired_meanwhile_is_refused)
{
    struct hm_region *record;
    char *stale = region_in_arena();

    record = hm_region_pin(&manager->regions, stale);
    release_without_the_manager(stale);
    must_reserve_at(stale + GRANULE, GRANULE);
    ck_assert_ptr_null(hm_map_get(manager->regions.map, stale));
    amounts_are(2, 5 * GRANULE, 4 * GRANULE); /* until the last pin goes */
    ck_result(hm_region_release(&manager->regions, record), HOSTMEM_NOT_OWNED);
    amounts_are(1, GRANULE, 0);
}
END_TEST

/* All threads reserve their part of one stale region at once: one of them retires it, and no part is lost. */
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
    release_without_the_manager(parts);
    for (unsigned round = 0; round < 300; round++)
    {
        must_reserve_at(parts, PARTS * GRANULE);
        release_without_the_manager(parts);
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

    hm_map_set(manager->regions.map, region + GRANULE, GRANULE, &other);
    ck_result(try_free(region, 0, HOSTMEM_RELEASE), HOSTMEM_OK);
    ck_assert_ptr_null(hm_map_get(manager->regions.map, region));
    ck_assert_ptr_eq(hm_map_get(manager->regions.map, region + GRANULE), &other);
    ck_assert_ptr_null(hm_map_get(manager->regions.map, region + 2 * GRANULE));
    hm_map_set(manager->regions.map, region + GRANULE, GRANULE, NULL);
}
END_TEST

Suite *stale_regions_suite(void)
{
    Suite *suite = suite_create("stale_regions");
    TCase *tcase = tcase_create("stale_regions");

    tcase_add_checked_fixture(tcase, manager_setup, manager_teardown);
    tcase_add_loop_test(tcase, a_new_region_retires_a_stale_one, 0, sizeof(next_reserves) / sizeof(*next_reserves));
    tcase_add_test(tcase, a_stale_regions_memory_may_be_foreign);
    tcase_add_test(tcase, one_reserve_may_retire_many);
    tcase_add_test(tcase, a_large_stale_regions_bitmap_is_freed);
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
