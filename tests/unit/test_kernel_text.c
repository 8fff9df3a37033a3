/*
 * Texts of the kernel's that are a little different from the usual ones.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "memprobe/cgroup.h"
#include "memprobe/pressure.h"

#include <string.h>

static bool figure(const char *text, const char *name, uint64_t *value)
{
    return memprobe_text_stat(text, strlen(text), name, value);
}

static bool limit(const char *text, uint64_t *value)
{
    return memprobe_text_limit(text, strlen(text), value);
}

START_TEST(blanks_are_spaces_and_tabs)
{
    uint64_t value = 0;

    ck_assert(figure("cache\t 17\n", "cache", &value));
    ck_assert_uint_eq(value, 17);
    ck_assert(figure("cache \t18\n", "cache", &value));
    ck_assert_uint_eq(value, 18);
    ck_assert(!figure("cache=19\n", "cache", &value));
    ck_assert(!figure("cache\n", "cache", &value));
    ck_assert(!figure("cache \t", "cache", &value));
}
END_TEST

START_TEST(max_is_a_word)
{
    uint64_t value = 0;

    ck_assert(!limit("maximum\n", &value));
    ck_assert(!limit("max ", &value));
    ck_assert(!limit("max\n\n", &value));
    ck_assert(limit("max", &value));
    ck_assert_uint_eq(value, MEMPROBE_NO_LIMIT);
}
END_TEST

START_TEST(a_limit_that_is_not_there)
{
    uint64_t value = 5;

    ck_assert(!memprobe_text_stat_limit("cache 1\n", 8, "hierarchical_memory_limit", &value));
    ck_assert(memprobe_text_stat_limit("cache 1\n", 8, "cache", &value));
    ck_assert_uint_eq(value, 1);
}
END_TEST

START_TEST(only_two_dots_climb)
{
    static const char text[] = "5:memory:/ab/.x/..\n0::/a./x\n";
    struct memprobe_groups groups;

    memprobe_cgroup_groups(text, sizeof(text) - 1, &groups);
    ck_assert_ptr_null(groups.memory.start);
    ck_assert_uint_eq(groups.unified.length, 5);
}
END_TEST

/* A figure that an old kernel does not have counts as 0. */
START_TEST(memory_without_buffers_and_cache)
{
    static const char text[] = "MemTotal: 100 kB\nMemFree:\t40 kB\n";
    uint64_t total, available;

    ck_assert(memprobe_text_meminfo(text, sizeof(text) - 1, &total, &available));
    ck_assert_uint_eq(total, 100 * 1024);
    ck_assert_uint_eq(available, 40 * 1024);
}
END_TEST

Suite *kernel_text_suite(void)
{
    Suite *suite = suite_create("kernel_text");
    TCase *tcase = tcase_create("kernel_text");

    tcase_add_test(tcase, blanks_are_spaces_and_tabs);
    tcase_add_test(tcase, max_is_a_word);
    tcase_add_test(tcase, a_limit_that_is_not_there);
    tcase_add_test(tcase, only_two_dots_climb);
    tcase_add_test(tcase, memory_without_buffers_and_cache);
    suite_add_tcase(suite, tcase);
    return suite;
}
