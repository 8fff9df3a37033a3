/*
 * Contracts and the lock order: a debug build ends where one is broken.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "hostmem/api/manager.h"

#include <signal.h>
#include <unistd.h>

#ifndef HM_DEBUG
#error "the unit tests are a debug build"
#endif

static struct hostmem_heap *heap;

static void heap_setup(void)
{
    manager_setup();
    heap = must_heap_create();
}

static void lock(struct hm_spin *spin)
{
    spin_lock(spin, &native.backend);
}

/* --- the lock order --------------------------------------------------------- */

START_TEST(locks_in_their_order)
{
    lock(&manager->heaps.list_lock);
    lock(&heap->bins[3].lock);
    lock(&heap->grow_lock);
    spin_unlock(&heap->bins[3].lock);
    spin_unlock(&heap->grow_lock);
    ck_assert(hm_debug_lock_is_held(&manager->heaps.list_lock));
    ck_assert(!hm_debug_lock_is_held(&heap->grow_lock));
    spin_unlock(&manager->heaps.list_lock);
    ck_assert(!hm_debug_lock_is_held(NULL));
}
END_TEST

/* As trimming does: it would rather skip a bin than wait. */
START_TEST(a_try_may_come_in_any_order)
{
    lock(&heap->grow_lock);
    for (unsigned bin = 0; bin < BIN_COUNT; bin++) ck_assert(spin_try(&heap->bins[bin].lock));
    for (unsigned bin = 0; bin < BIN_COUNT; bin++) spin_unlock(&heap->bins[bin].lock);
    ck_assert(spin_try(&manager->heaps.list_lock));
    ck_assert(!spin_try(&manager->heaps.list_lock));
    spin_unlock(&manager->heaps.list_lock);
    spin_unlock(&heap->grow_lock);
    ck_assert(!hm_debug_lock_is_held(NULL));
}
END_TEST

static void grow_before_bin(void)
{
    lock(&heap->grow_lock);
    lock(&heap->bins[0].lock);
}

static void bin_before_list(void)
{
    lock(&heap->bins[0].lock);
    lock(&manager->heaps.list_lock);
}

static void two_bins(void)
{
    lock(&heap->bins[0].lock);
    lock(&heap->bins[1].lock);
}

static void twice(void)
{
    lock(&heap->grow_lock);
    lock(&heap->grow_lock);
}

static void without_rank(void)
{
    struct hm_spin spin = {0};

    lock(&spin);
}

static void unlock_alone(void)
{
    spin_unlock(&heap->grow_lock);
}

/* Destroying takes the lock of the list. */
static void destroy_in_a_bin(void)
{
    lock(&heap->bins[0].lock);
    hostmem_heap_destroy(heap);
}

static bool visit_all(void *arg, const struct hostmem_block_info *block)
{
    (void)arg;
    (void)block;
    return true;
}

static void visit_with_a_lock(void)
{
    must_heap_alloc(heap, 16);
    lock(&heap->bins[0].lock);
    hostmem_heap_each_block(heap, visit_all, NULL);
}

static void wait_with_a_lock(void)
{
    struct hostmem_limits limits = {.hard = GRANULE, .soft = GRANULE};
    struct hostmem_waits waits = {.memory = {10, 10, 10}};
    void *out;

    hostmem_manager_set_limits(manager, &limits);
    hostmem_manager_set_waits(manager, &waits);
    must_alloc(GRANULE, HOSTMEM_COMMIT);
    lock(&heap->bins[0].lock);
    hostmem_virtual_alloc(manager, NULL, GRANULE, HOSTMEM_COMMIT, READWRITE, TASK, &out);
}

/* --- contracts --------------------------------------------------------------- */

static void no_bit(void)
{
    bits_lowest((uint32_t)!manager);
}

static void page_past_the_end(void)
{
    page_up(UINTPTR_MAX - 1);
}

static void no_size_class(void)
{
    hm_size_class_of(BIN_LARGEST + 1);
}

static void map_nothing(void)
{
    hm_map_set(manager->regions.map, &native, 0, &native);
}

static void map_past_the_end(void)
{
    hm_map_set(manager->regions.map, (void *)(UINTPTR_MAX - PAGE), 2 * PAGE, NULL);
}

static void claim_nothing(void)
{
    hm_map_claim(manager->regions.map, &native, 1, NULL);
}

static void a_pool_of_nothing(void)
{
    struct hm_pool pool = {0};

    hm_pool_init(&pool, &native.backend, 0);
}

static void a_pool_twice(void)
{
    hm_pool_init(&manager->heaps.larges, &native.backend, sizeof(struct hm_large));
}

static void no_such_record(void)
{
    hm_pool_at(&manager->regions.records, hm_pool_count(&manager->regions.records));
}

static void an_empty_range(void)
{
    hm_range_map_add(&manager->views.map, GRANULE, 0, 1);
}

static void parts_twice(void)
{
    hm_accounting_init(&manager->accounting, &native.backend);
}

static void free_what_is_not_charged(void)
{
    hm_charge_free(&manager->accounting, NULL, 1);
}

static void unpin_without_a_pin(void)
{
    void *region = must_reserve(GRANULE);

    hm_region_unpin(&manager->regions, map_find(manager->regions.map, region, HM_MAP_REGION));
}

static void leave_without_entering(void)
{
    hm_region_leave(&manager->regions, hm_region_pin(&manager->regions, must_reserve(GRANULE)), HOSTMEM_OK);
}

static void commit_past_the_end(void)
{
    struct hm_region *region = hm_region_pin(&manager->regions, must_reserve(GRANULE));
    struct hm_wait wait = wait_begin(&manager->waiters, TASK);

    hm_region_commit(&manager->regions, region, GRANULE - PAGE, 2 * PAGE, READWRITE, &wait);
}

static void retire_without_the_lock(void)
{
    struct hm_span *span = map_find(manager->regions.map, must_heap_alloc(heap, 64), HM_MAP_SPAN);

    hm_heap_retire_span(heap, span, 0);
}

static void decommit_live_blocks(void)
{
    struct hm_span *span = map_find(manager->regions.map, must_heap_alloc(heap, 64), HM_MAP_SPAN);

    lock(&heap->bins[span->bin].lock);
    hm_heap_decommit_span(heap, span);
}

static void attach_once_too_often(void)
{
    struct hm_span *span = map_find(manager->regions.map, must_heap_alloc(heap, 64), HM_MAP_SPAN);

    span->range |= SPAN_GENERATION;
    hm_span_attach(span, GRANULE);
}

static void (*const broken[])(void) = {
    grow_before_bin,
    bin_before_list,
    two_bins,
    twice,
    without_rank,
    unlock_alone,
    destroy_in_a_bin,
    visit_with_a_lock,
    wait_with_a_lock,
    no_bit,
    page_past_the_end,
    no_size_class,
    map_nothing,
    map_past_the_end,
    claim_nothing,
    a_pool_of_nothing,
    a_pool_twice,
    no_such_record,
    an_empty_range,
    parts_twice,
    free_what_is_not_charged,
    unpin_without_a_pin,
    leave_without_entering,
    commit_past_the_end,
    retire_without_the_lock,
    decommit_live_blocks,
    attach_once_too_often,
};

START_TEST(a_broken_contract_ends_the_process)
{
    broken[_i]();
    _exit(0); /* not reached: a test that ends so fails */
}
END_TEST

Suite *debug_suite(void)
{
    Suite *suite = suite_create("debug");
    TCase *tcase = tcase_create("debug");

    tcase_add_checked_fixture(tcase, heap_setup, manager_teardown);
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, locks_in_their_order);
    tcase_add_test(tcase, a_try_may_come_in_any_order);
    tcase_add_loop_test_raise_signal(tcase, a_broken_contract_ends_the_process, SIGABRT, 0,
                                     (int)(sizeof(broken) / sizeof(*broken)));
    suite_add_tcase(suite, tcase);
    return suite;
}
