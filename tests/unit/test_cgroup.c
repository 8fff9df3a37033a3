/*
 * Linux's texts about memory: well formed, of other kernels, and malformed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "memprobe/cgroup.h"
#include "memprobe/pressure.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The text without its NUL, in memory of just that length, so that reading past its end is seen. */
static char *exact(const char *text, size_t *length)
{
    char *copy;

    *length = strlen(text);
    copy = malloc(*length + !*length);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, *length);
    return copy;
}

static void ck_group(struct memprobe_text group, const char *expected)
{
    if (!expected)
        ck_assert_ptr_null(group.start);
    else
    {
        ck_assert_ptr_nonnull(group.start);
        ck_assert_uint_eq(group.length, strlen(expected));
        ck_assert_int_eq(memcmp(group.start, expected, group.length), 0);
    }
}

START_TEST(groups_of_a_process)
{
    static const struct
    {
        const char *text, *memory, *unified;
    } cases[] = {
        /* version 2 */
        {"0::/\n", NULL, ""},
        {"0::/user.slice/user-0.slice/session-1.scope\n", NULL, "/user.slice/user-0.slice/session-1.scope"},
        {"0::/a b:c/d\n", NULL, "/a b:c/d"},
        {"0::/app.slice/app-gnome-foo\\x2dbar.scope", NULL, "/app.slice/app-gnome-foo\\x2dbar.scope"},
        /* version 1 */
        {"9:name=systemd:/\n4:memory:/docker/0123\n1:cpu,cpuacct:/x\n", "/docker/0123", NULL},
        {"4:hugetlb,memory:/a\n", "/a", NULL},
        {"4:memory,hugetlb:/a/\n", "/a", NULL},
        {"4:memory:/\n", "", NULL},
        /* both */
        {"9:name=systemd:/s\n4:memory:/m\n0::/u\n", "/m", "/u"},
        {"0::/u\n11:memory:/m\n", "/m", "/u"},
        /* none, or none below the mount */
        {"", NULL, NULL},
        {"\n\n", NULL, NULL},
        {"0::/../../init.scope\n", NULL, NULL},
        {"4:memory:/..\n0::/a/../b\n", NULL, NULL},
        {"0::/..a/b..\n", NULL, "/..a/b.."},
        {"0::relative\n", NULL, NULL},
        {"0::\n", NULL, NULL},
        {"0:\n", NULL, NULL},
        {"0\n", NULL, NULL},
        {":::\n", NULL, NULL},
        {"4:memoryx:/a\n5:xmemory:/b\n6:mem,ory:/c\n", NULL, NULL},
        {"3:cpuset:/memory\n", NULL, NULL},
        {"10::/a\n", NULL, NULL},
        {"garbage\n0::/u\n4:memory", NULL, "/u"},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
    {
        struct memprobe_groups groups;
        size_t length;
        char *text = exact(cases[i].text, &length);

        memprobe_cgroup_groups(text, length, &groups);
        ck_group(groups.memory, cases[i].memory);
        ck_group(groups.unified, cases[i].unified);
        free(text);
    }
}
END_TEST

START_TEST(from_a_group_to_the_root)
{
    struct memprobe_text group = {"/a/bc//d", 8};

    group = memprobe_cgroup_parent(group);
    ck_group(group, "/a/bc");
    group = memprobe_cgroup_parent(group);
    ck_group(group, "/a");
    group = memprobe_cgroup_parent(group);
    ck_group(group, "");
    group = memprobe_cgroup_parent(group);
    ck_group(group, NULL);
}
END_TEST

#define NO_LIMIT MEMPROBE_NO_LIMIT
#define NOT      (NO_LIMIT - 1) /* malformed */

START_TEST(limits)
{
    static const struct
    {
        const char *text;
        uint64_t limit;
    } cases[] = {
        {"0\n", 0},
        {"1073741824\n", 1073741824},
        {"1073741824", 1073741824},
        {"max\n", NO_LIMIT},
        {"max", NO_LIMIT},
        {"9223372036854771712\n", NO_LIMIT},
        {"9223372036854710272\n", NO_LIMIT},
        {"18446744073709551615\n", NO_LIMIT},
        {"4611686018427387903\n", (UINT64_C(1) << 62) - 1},
        {"18446744073709551616\n", NOT},
        {"99999999999999999999999\n", NOT},
        {"", NOT},
        {"\n", NOT},
        {"-1\n", NOT},
        {"+1\n", NOT},
        {" 1\n", NOT},
        {"1 \n", NOT},
        {"1\n\n", NOT},
        {"0x10\n", NOT},
        {"1k\n", NOT},
        {"maximum\n", NOT},
        {"ma", NOT},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
    {
        uint64_t limit;
        size_t length;
        char *text = exact(cases[i].text, &length);

        if (!memprobe_text_limit(text, length, &limit)) limit = NOT;
        ck_assert_msg(limit == cases[i].limit, "\"%s\": got %lu", cases[i].text, (unsigned long)limit);
        free(text);
    }
}
END_TEST

START_TEST(bytes_have_no_word_for_no_limit)
{
    uint64_t bytes;

    ck_assert(!memprobe_text_bytes("max", 3, &bytes));
    ck_assert(memprobe_text_bytes("9223372036854771712", 19, &bytes));
    ck_assert_uint_eq(bytes, UINT64_C(9223372036854771712));
    ck_assert(memprobe_text_bytes("12\n", 3, &bytes));
    ck_assert_uint_eq(bytes, 12);
}
END_TEST

static const char stat_1[] = "cache 4096\n"
                             "inactive_file 11\n"
                             "hierarchical_memory_limit 9223372036854771712\n"
                             "hierarchical_memsw_limit 100\n"
                             "total_cache 8192\n"
                             "total_inactive_file 5000\n";

START_TEST(figures_by_name)
{
    uint64_t value;

    ck_assert(memprobe_text_stat(stat_1, strlen(stat_1), "total_inactive_file", &value));
    ck_assert_uint_eq(value, 5000);
    ck_assert(memprobe_text_stat(stat_1, strlen(stat_1), "inactive_file", &value));
    ck_assert_uint_eq(value, 11);
    ck_assert(memprobe_text_stat_limit(stat_1, strlen(stat_1), "hierarchical_memory_limit", &value));
    ck_assert_uint_eq(value, NO_LIMIT);
    ck_assert(memprobe_text_stat_limit(stat_1, strlen(stat_1), "hierarchical_memsw_limit", &value));
    ck_assert_uint_eq(value, 100);
    ck_assert(!memprobe_text_stat(stat_1, strlen(stat_1), "active_file", &value));
    ck_assert(!memprobe_text_stat(stat_1, strlen(stat_1), "hierarchical_memory", &value));
    ck_assert(!memprobe_text_stat("inactive_file\n", 14, "inactive_file", &value));
    ck_assert(!memprobe_text_stat("inactive_file \n", 15, "inactive_file", &value));
    ck_assert(!memprobe_text_stat("inactive_file 1x\n", 17, "inactive_file", &value));
    ck_assert(!memprobe_text_stat("inactive_file", 13, "inactive_file", &value));
    ck_assert(!memprobe_text_stat("", 0, "inactive_file", &value));
}
END_TEST

START_TEST(inactive_file_cache_is_not_used)
{
    ck_assert_uint_eq(memprobe_cgroup_used(100, 30), 70);
    ck_assert_uint_eq(memprobe_cgroup_used(100, 100), 0);
    ck_assert_uint_eq(memprobe_cgroup_used(100, 101), 0);
    ck_assert_uint_eq(memprobe_cgroup_used(0, UINT64_MAX), 0);
}
END_TEST

START_TEST(stall_information)
{
    static const struct
    {
        const char *text;
        int hundredths; /* -1: malformed */
    } cases[] = {
        {"some avg10=0.00 avg60=0.00 avg300=0.00 total=907976\nfull avg10=1.00 avg60=0.00 avg300=0.00 total=884643\n",
         0},
        {"some avg10=12.34 avg60=0.00 avg300=0.00 total=1\n", 1234},
        {"some avg10=100.00 avg60=0.00 avg300=0.00 total=1\n", 10000},
        {"some avg10=100.50 avg60=0.00 avg300=0.00 total=1\n", 10000},
        {"some avg10=0.05", 5},
        {"full avg10=3.00 avg60=0.00 avg300=0.00 total=1\n", -1},
        {"", -1},
        {"some\n", -1},
        {"some avg60=1.00 avg10=2.00\n", -1},
        {"some avg10=\n", -1},
        {"some avg10=1\n", -1},
        {"some avg10=1.\n", -1},
        {"some avg10=1.5 \n", -1},
        {"some avg10=1.500 \n", -1},
        {"some avg10=.50 \n", -1},
        {"some avg10=-1.50 \n", -1},
        {"some avg10=101.00 \n", -1},
        {"some avg10=99999999999999999999.00 \n", -1},
        {"somebody avg10=1.50 \n", -1},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
    {
        uint32_t hundredths = 0;
        size_t length;
        char *text = exact(cases[i].text, &length);
        bool good = memprobe_text_stall(text, length, &hundredths);

        ck_assert_msg((good ? (int)hundredths : -1) == cases[i].hundredths, "\"%s\": got %d", cases[i].text,
                      good ? (int)hundredths : -1);
        free(text);
    }
}
END_TEST

START_TEST(machine)
{
    static const char modern[] = "MemTotal:       24684096 kB\nMemFree:        19562636 kB\n"
                                 "MemAvailable:   23911256 kB\nBuffers:          286432 kB\nCached: 1 kB\n";
    static const char old[] = "MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 20 kB\nCached: 300 kB\nSwapCached: 5 kB\n";
    static const char *const bad[] = {
        "",
        "MemTotal:\n",
        "MemTotal: 0 kB\nMemFree: 0 kB\n",
        "MemTotal: 1000 kB\n",
        "MemTotal: 1000\nMemAvailable: 10 kB\n",
        "MemTotal: 1000 MB\nMemAvailable: 10 kB\n",
        "MemTotal: 18446744073709551615 kB\nMemAvailable: 10 kB\n",
        "MemTotal: x kB\nMemAvailable: 10 kB\n",
        "XMemTotal: 1000 kB\nMemAvailable: 10 kB\n",
    };
    uint64_t total, available;

    ck_assert(memprobe_text_meminfo(modern, strlen(modern), &total, &available));
    ck_assert_uint_eq(total, UINT64_C(24684096) * 1024);
    ck_assert_uint_eq(available, UINT64_C(23911256) * 1024);
    ck_assert(memprobe_text_meminfo(old, strlen(old), &total, &available));
    ck_assert_uint_eq(total, 1000 * 1024);
    ck_assert_uint_eq(available, 420 * 1024);
    for (size_t i = 0; i < COUNT(bad); i++)
    {
        size_t length;
        char *text = exact(bad[i], &length);

        ck_assert_msg(!memprobe_text_meminfo(text, length, &total, &available), "\"%s\"", bad[i]);
        free(text);
    }
}
END_TEST

/* With any text, no byte outside of it is read. */
START_TEST(any_text_does)
{
    static const char bytes[] = "0123456789:/.,\n max memory some avg10= kB\\MemTotal:";
    uint32_t seed = 11;

    for (int i = 0; i < 20000; i++)
    {
        struct memprobe_groups groups;
        size_t length = random_next(&seed) % 40;
        char *text = malloc(length + 1);
        uint64_t one, other;
        uint32_t hundredths;

        ck_assert_ptr_nonnull(text);
        for (size_t j = 0; j < length; j++) text[j] = bytes[random_next(&seed) % (sizeof(bytes) - 1)];
        text = realloc(text, length + !length);
        memprobe_cgroup_groups(text, length, &groups);
        for (int k = 0; groups.unified.start && k < 50; k++) groups.unified = memprobe_cgroup_parent(groups.unified);
        ck_assert_ptr_null(groups.unified.start);
        memprobe_text_limit(text, length, &one);
        memprobe_text_stat(text, length, "max", &one);
        memprobe_text_stall(text, length, &hundredths);
        memprobe_text_meminfo(text, length, &one, &other);
        free(text);
    }
}
END_TEST

Suite *cgroup_suite(void)
{
    Suite *suite = suite_create("cgroup");
    TCase *tcase = tcase_create("cgroup");

    tcase_add_test(tcase, groups_of_a_process);
    tcase_add_test(tcase, from_a_group_to_the_root);
    tcase_add_test(tcase, limits);
    tcase_add_test(tcase, bytes_have_no_word_for_no_limit);
    tcase_add_test(tcase, figures_by_name);
    tcase_add_test(tcase, inactive_file_cache_is_not_used);
    tcase_add_test(tcase, stall_information);
    tcase_add_test(tcase, machine);
    tcase_add_test(tcase, any_text_does);
    suite_add_tcase(suite, tcase);
    return suite;
}
