/*
 * Random calls against a simple model: an array of pages, each with its region
 * and whether it is committed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include <string.h>

#define GRANULES 24
#define PAGES    (GRANULES * 16)
#define STEPS    4000
#define CHECKED  50 /* steps from one look at every page to the next */

struct page
{
    unsigned region; /* 0: none */
    bool committed;
};

static struct page pages[PAGES];
static struct
{
    size_t first, count;
} regions[STEPS + 1]; /* by number */
static unsigned last_region;
static char *arena;
static uint32_t seed;

static uint32_t below(uint32_t limit)
{
    return random_next(&seed) % limit;
}

static size_t round_up(size_t size)
{
    return (size + PAGE - 1) / PAGE;
}

/* Offsets into the arena and sizes, most of them at interesting edges. */
static size_t some_offset(void)
{
    size_t offset = below(2) ? below(PAGES) * PAGE : below(GRANULES) * GRANULE;

    return below(3) ? offset : offset + below(PAGE);
}

static size_t some_size(size_t offset)
{
    size_t left = PAGES * PAGE - offset, size;

    switch (below(10))
    {
    case 0:
        return 0;
    case 1:
        return SIZE_MAX - below(3) * PAGE;
    case 2:
        return (size_t) - (uintptr_t)(arena + offset) - below(2);
    default:
        break;
    }
    size = below(3) ? below(40) * PAGE : 1 + below(20 * PAGE);
    return size < left ? size : left;
}

static bool wraps(size_t offset, size_t size)
{
    uintptr_t address = (uintptr_t)arena + offset;

    return size > UINTPTR_MAX - address || address + size > UINTPTR_MAX - (PAGE - 1);
}

/* --- what the model expects -------------------------------------------------- */

static enum hostmem_result model_reserve(size_t offset, size_t size, bool commit)
{
    size_t first = offset / GRANULE * 16, end = round_up(offset + size);

    for (size_t i = first; i < end; i++)
        if (pages[i].region) return HOSTMEM_INVALID_ADDRESS;
    regions[++last_region].first = first;
    regions[last_region].count = end - first;
    for (size_t i = first; i < end; i++) pages[i] = (struct page){last_region, commit};
    return HOSTMEM_OK;
}

static enum hostmem_result model_alloc(size_t offset, size_t size, uint32_t type)
{
    unsigned region = pages[offset / PAGE].region;

    if (!size || wraps(offset, size)) return HOSTMEM_INVALID_PARAMETER;
    if (type & HOSTMEM_RESERVE) return model_reserve(offset, size, type & HOSTMEM_COMMIT);
    if (!region) return HOSTMEM_NOT_OWNED;
    if (round_up(offset + size) > regions[region].first + regions[region].count) return HOSTMEM_INVALID_ADDRESS;
    if (type == HOSTMEM_COMMIT)
        for (size_t i = offset / PAGE; i < round_up(offset + size); i++) pages[i].committed = true;
    return HOSTMEM_OK;
}

static enum hostmem_result model_free(size_t offset, size_t size, uint32_t type)
{
    unsigned region = pages[offset / PAGE].region;
    size_t first = offset / PAGE, end;

    if (!region) return HOSTMEM_NOT_OWNED;
    if (type != HOSTMEM_DECOMMIT && type != HOSTMEM_RELEASE) return HOSTMEM_INVALID_PARAMETER;
    if (type == HOSTMEM_RELEASE && size) return HOSTMEM_INVALID_PARAMETER;
    if (!size && first != regions[region].first) return HOSTMEM_INVALID_ADDRESS;
    if (wraps(offset, size)) return HOSTMEM_INVALID_PARAMETER;
    end = size ? round_up(offset + size) : first + regions[region].count;
    if (end > regions[region].first + regions[region].count) return HOSTMEM_INVALID_PARAMETER;
    for (size_t i = first; i < end; i++)
    {
        pages[i].committed = false;
        if (type == HOSTMEM_RELEASE) pages[i].region = 0;
    }
    return HOSTMEM_OK;
}

/* --- steps ------------------------------------------------------------------- */

static void step_alloc(unsigned step)
{
    static const uint32_t types[] = {HOSTMEM_RESERVE, HOSTMEM_RESERVE, HOSTMEM_RESERVE | HOSTMEM_COMMIT,
                                     HOSTMEM_COMMIT,  HOSTMEM_COMMIT,  HOSTMEM_RESET};
    uint32_t type = types[below(6)];
    size_t offset = some_offset(), size = some_size(offset);
    enum hostmem_result expected = model_alloc(offset, size, type), result;
    char *rounded = arena + (type & HOSTMEM_RESERVE ? offset / GRANULE * GRANULE : offset / PAGE * PAGE);
    void *out = &seed;

    result = hostmem_virtual_alloc(manager, arena + offset, size, type, READWRITE, TASK, &out);
    if (result != expected)
        ck_abort_msg("step %u: alloc(%#zx, %#zx, %#x): %s, not %s", step, offset, size, type, result_name(result),
                     result_name(expected));
    ck_assert_ptr_eq(out, expected == HOSTMEM_OK ? rounded : NULL);
}

static void step_free(unsigned step)
{
    static const uint32_t types[] = {
        HOSTMEM_RELEASE, HOSTMEM_RELEASE, HOSTMEM_DECOMMIT, HOSTMEM_DECOMMIT, HOSTMEM_RELEASE | HOSTMEM_DECOMMIT, 0};
    uint32_t type = types[below(20) ? below(4) : below(6)];
    size_t offset = some_offset(), size = type & HOSTMEM_RELEASE && below(8) ? 0 : some_size(offset);
    enum hostmem_result expected = model_free(offset, size, type), result;

    result = hostmem_virtual_free(manager, arena + offset, size, type);
    if (result != expected)
        ck_abort_msg("step %u: free(%#zx, %#zx, %#x): %s, not %s", step, offset, size, type, result_name(result),
                     result_name(expected));
}

static void check_figures(void)
{
    uint64_t reserved = 0, committed = 0, count = 0;
    struct hostmem_statistics now = statistics_now();

    for (size_t i = 0; i < PAGES; i++)
    {
        if (!pages[i].region) continue;
        reserved += PAGE;
        committed += pages[i].committed ? PAGE : 0;
        count += regions[pages[i].region].first == i;
    }
    ck_assert_uint_eq(now.reserved, reserved);
    ck_assert_uint_eq(now.committed, committed);
    ck_assert_uint_eq(now.regions, count);
}

static void check_pages(void)
{
    for (size_t i = 0; i < PAGES; i++)
    {
        char *address = arena + i * PAGE;
        unsigned region = pages[i].region;
        size_t size;
        void *base;

        ck_assert_int_eq(native_is_reserved(&native, address), region != 0);
        ck_assert_int_eq(native_is_committed(&native, address), region && pages[i].committed);
        ck_assert_int_eq(hostmem_manager_owns(manager, address + PAGE - 1, &base, &size), region != 0);
        if (!region) continue;
        ck_assert_ptr_eq(base, arena + regions[region].first * PAGE);
        ck_assert_uint_eq(size, regions[region].count * PAGE);
    }
}

/* The model is as empty as the manager, also where tests share a process. */
static void model_setup(void)
{
    manager_setup();
    memset(pages, 0, sizeof(pages));
    last_region = 0;
}

START_TEST(random_calls_do_as_the_model)
{
    seed = 0x9e3779b9u + (uint32_t)_i * 7919;
    arena = native_use_arena(&native, GRANULES * GRANULE);
    for (unsigned step = 0; step < STEPS; step++)
    {
        if (below(2))
            step_alloc(step);
        else
            step_free(step);
        check_figures();
        if (step % CHECKED == 0) check_pages();
    }
    check_pages();
    ck_assert_uint_gt(last_region, STEPS / 50); /* enough really happened */
}
END_TEST

Suite *model_suite(void)
{
    Suite *suite = suite_create("model");
    TCase *tcase = tcase_create("model");

    tcase_add_checked_fixture(tcase, model_setup, manager_teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, random_calls_do_as_the_model, 0, 12);
    suite_add_tcase(suite, tcase);
    return suite;
}
