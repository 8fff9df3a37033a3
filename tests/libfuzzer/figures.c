/*
 * The manager's figures against the model, and both against the backend's own record.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

#include <string.h>

#define SAME(a, b)                                                                                                     \
    REQUIRE((uint64_t)(a) == (uint64_t)(b), "%llu, not %llu", (unsigned long long)(a), (unsigned long long)(b))

static struct hostmem_statistics now; /* after the last call */
static unsigned arm_mask, arm_after;
static bool arm_for_good, armed;
static enum hostmem_result arm_result;

void do_arm(void)
{
    static const enum hostmem_result results[] = {HOSTMEM_NO_MEMORY, HOSTMEM_NO_MEMORY, HOSTMEM_INVALID_PARAMETER,
                                                  HOSTMEM_ACCESS_DENIED};

    arm_mask = take_byte() & NATIVE_ALL_CALLS;
    arm_after = take_below(8);
    arm_for_good = take_byte() & 1;
    arm_result = results[take_below(4)];
    armed = true;
}

void figures_begin(void)
{
    armed = false;
    if (manager) hostmem_manager_statistics(manager, &now);
}

void call_begin(void)
{
    native.failed = 0;
    if (!armed) return;
    armed = false;
    trace("  backend calls %#x fail after %u, %s, with %s", arm_mask, arm_after, arm_for_good ? "for good" : "once",
          result_name(arm_result));
    native_fail(&native, arm_mask, arm_after, arm_for_good, arm_result);
}

/* One call more, with that result. */
static void check_counts(enum hostmem_method method, enum hostmem_result result)
{
    struct hostmem_statistics before = now;

    if (!manager) return; /* only the ownership map is in use */
    hostmem_manager_statistics(manager, &now);
    if (method < HOSTMEM_METHOD_COUNT) before.results[method][result]++;
    for (unsigned i = 0; i < HOSTMEM_METHOD_COUNT; i++)
        for (unsigned k = 0; k < HOSTMEM_RESULT_COUNT; k++)
            REQUIRE(now.results[i][k] == before.results[i][k], "method %u, result %u: %llu, not %llu", i, k,
                    (unsigned long long)now.results[i][k], (unsigned long long)before.results[i][k]);
}

bool call_ended(enum hostmem_method method, enum hostmem_result result, enum hostmem_result expected)
{
    unsigned failed = native.failed;

    native_fail_not(&native);
    trace("  %s%s", result_name(result), failed ? " (the backend failed)" : "");
    check_counts(method, result);
    if (result == HOSTMEM_BROKEN)
    {
        REQUIRE(failed && !stopped, "broken");
        stopped = true;
        return false;
    }
    REQUIRE(result == expected || (failed && result != HOSTMEM_OK && expected != HOSTMEM_UNAVAILABLE), "%s, not %s",
            result_name(result), result_name(expected));
    /* Cached memory that could not be returned because the records contradict the backend: the next call says so. */
    if (failed && manager && hostmem_manager_status(manager) != HOSTMEM_OK) stopped = true;
    return result == HOSTMEM_OK;
}

static void check_regions(void)
{
    uint64_t reserved[HOSTMEM_CRITICAL_LEVEL_COUNT] = {0}, committed[HOSTMEM_CRITICAL_LEVEL_COUNT] = {0}, locked = 0;

    for (unsigned i = 0; i < region_count; i++)
    {
        const struct model_region *region = &regions[i];
        struct native_reservation real;

        REQUIRE(native_find(&native, region->base, &real) && real.base == (uintptr_t)region->base, "%p is gone",
                (void *)region->base);
        SAME(real.size, region->size);
        REQUIRE(!memcmp(real.pages, region->pages, region->size / PAGE), "pages of %p", (void *)region->base);
        reserved[region->level] += region->size;
        committed[region->level] += region->committed;
        locked += region->locks != 0;
    }
    SAME(now.regions, region_count);
    SAME(now.locked_regions, locked);
    SAME(now.reserved, reserved[0] + reserved[1] + reserved[2]);
    SAME(now.committed, committed[0] + committed[1] + committed[2]);
    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
    {
        SAME(now.levels[level].reserved, reserved[level]);
        SAME(now.levels[level].committed, committed[level]);
    }
}

static bool is_block(uintptr_t base)
{
    for (unsigned i = 0; i < block_count; i++)
        if ((uintptr_t)blocks[i].address == base) return true;
    return false;
}

static size_t committed_in(const struct native_reservation *reservation)
{
    size_t bytes = 0;

    for (size_t i = 0; i < reservation->size / PAGE; i++) bytes += reservation->pages[i] ? PAGE : 0;
    return bytes;
}

/* The part of the backend's record that belongs to heaps: chunks, which are reserved and then committed step by step,
 * and large blocks. The rest is the core's records, committed as they are reserved. Where a release was made to fail,
 * the memory that is left may be in the figures or not. */
static void check_heaps(void)
{
    uint64_t reserved = 0, committed = 0, doubtful = 0;

    for (size_t i = 0; i < native.count; i++)
    {
        const struct native_reservation *reservation = &native.reservations[i];
        bool block = is_block(reservation->base);

        if (region_of((void *)reservation->base)) continue;
        if (!block && backend_release_failed(reservation->base))
            doubtful += reservation->size;
        else if (block || !(reservation->type & HOSTMEM_COMMIT))
        {
            reserved += reservation->size;
            committed += committed_in(reservation);
        }
    }
    REQUIRE(now.heap_reserved - reserved <= doubtful, "%llu, not %llu", (unsigned long long)now.heap_reserved,
            (unsigned long long)reserved);
    REQUIRE(now.heap_committed - committed <= doubtful, "%llu, not %llu", (unsigned long long)now.heap_committed,
            (unsigned long long)committed);
}

static void check_blocks(void)
{
    uint64_t bytes = 0, heap_count = 0;

    for (unsigned i = 0; i < block_count; i++) bytes += blocks[i].size;
    for (unsigned i = 0; i < MAX_HEAPS; i++) heap_count += heaps[i] != NULL;
    SAME(now.heaps, heap_count);
    SAME(now.heap_blocks, block_count);
    REQUIRE(now.heap_live >= bytes && now.heap_live <= now.heap_committed, "%llu live",
            (unsigned long long)now.heap_live);
}

void check_figures(void)
{
    uint64_t mapped;

    check_regions();
    check_heaps();
    check_blocks();
    SAME(now.views, views_now(&mapped));
    SAME(now.mapped, mapped);
    SAME(now.charged, now.committed + now.heap_committed);
    REQUIRE(now.peak_charged >= now.charged && now.peak_reserved >= now.reserved, "peaks");
}
