/*
 * Memory pressure: the load, and the three levels with their hysteresis.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include "memprobe/pressure.h"

#include <string.h>

#define MIB     (UINT64_C(1) << 20)
#define LOW     MEMPROBE_AVAILABLE_LOW
#define NEUTRAL MEMPROBE_AVAILABLE_NEUTRAL
#define HIGH    MEMPROBE_AVAILABLE_HIGH

static struct memprobe_pressure_settings settings;
static struct memprobe_sample sample;
static struct memprobe_pressure state;
static uint64_t now; /* milliseconds */

static void pressure_setup(void)
{
    settings = (struct memprobe_pressure_settings){90, 70, 5, 1000};
    memset(&sample, 0, sizeof(sample));
    sample.limit.hard = sample.limit.soft = MEMPROBE_NO_LIMIT;
    memprobe_pressure_init(&state);
    now = 1;
}

static void add_container(uint64_t used, uint64_t max, uint64_t soft)
{
    sample.containers[sample.container_count++] = (struct memprobe_container){used, max, soft};
}

static void ck_load(uint32_t percent, uint64_t available)
{
    struct memprobe_load load;

    memprobe_pressure_load(&settings, &sample, &load);
    ck_assert_uint_eq(load.percent, percent);
    ck_assert_uint_eq(load.available, available);
}

/* The next sample, `milliseconds` later: whether it is notified, and the level. */
static void ck_sample(uint64_t milliseconds, bool notified, enum memprobe_available level)
{
    now += milliseconds;
    ck_assert_int_eq(memprobe_pressure_update(&state, &settings, &sample, now), notified);
    ck_assert_int_eq(state.level, level);
}

static void sample_load(uint32_t percent, bool notified, enum memprobe_available level)
{
    sample.limit.hard = 1000;
    sample.limit.charged = percent * 10;
    ck_sample(100, notified, level);
}

/* --- the load ------------------------------------------------------------------ */

START_TEST(nothing_known_is_no_load)
{
    ck_load(0, MEMPROBE_NO_LIMIT);
}
END_TEST

START_TEST(each_source_alone)
{
    sample.limit.charged = 30 * MIB;
    ck_load(0, MEMPROBE_NO_LIMIT);
    sample.limit.hard = 100 * MIB;
    ck_load(30, 70 * MIB);
    sample.limit.soft = 10 * MIB;
    ck_load(30, 70 * MIB);

    pressure_setup();
    add_container(45 * MIB, 100 * MIB, MEMPROBE_NO_LIMIT);
    ck_load(45, 55 * MIB);

    pressure_setup();
    add_container(45 * MIB, MEMPROBE_NO_LIMIT, 1 * MIB);
    ck_load(0, MEMPROBE_NO_LIMIT);

    pressure_setup();
    sample.machine_total = 1000 * MIB;
    sample.machine_available = 250 * MIB;
    ck_load(75, 250 * MIB);

    pressure_setup();
    sample.stalled = 500;
    ck_load(45, MEMPROBE_NO_LIMIT);
    sample.stalled = 1000;
    ck_load(90, MEMPROBE_NO_LIMIT);
    sample.stalled = 10000;
    ck_load(100, MEMPROBE_NO_LIMIT);
}
END_TEST

/* The percentage and the bytes may come from two different sources. */
START_TEST(the_worst_and_the_least)
{
    sample.limit.charged = 10 * MIB;
    sample.limit.hard = 20 * MIB;
    add_container(100 * MIB, 400 * MIB, MEMPROBE_NO_LIMIT);
    add_container(950 * MIB, 1000 * MIB, MEMPROBE_NO_LIMIT);
    sample.machine_total = 8000 * MIB;
    sample.machine_available = 4000 * MIB;
    ck_load(95, 10 * MIB);
    sample.limit.charged = 0;
    sample.limit.hard = 900 * MIB;
    ck_load(95, 50 * MIB);
    sample.machine_available = 5 * MIB;
    ck_load(99, 5 * MIB);
}
END_TEST

START_TEST(beyond_a_limit_nothing_is_left)
{
    add_container(200, 100, MEMPROBE_NO_LIMIT);
    ck_load(100, 0);
    sample.containers[0] = (struct memprobe_container){0, 0, MEMPROBE_NO_LIMIT};
    ck_load(100, 0);
    pressure_setup();
    sample.machine_total = 100;
    sample.machine_available = 200;
    ck_load(0, 100);
}
END_TEST

START_TEST(great_numbers_do_not_wrap)
{
    uint64_t great = MEMPROBE_NO_LIMIT - 1;

    add_container(great / 2, great, MEMPROBE_NO_LIMIT);
    ck_load(50, great - great / 2);
    sample.containers[0].used = great - 1;
    ck_load(100, 1);
    sample.containers[0] = (struct memprobe_container){899, 1000, MEMPROBE_NO_LIMIT};
    ck_load(89, 101);
}
END_TEST

/* --- levels -------------------------------------------------------------------- */

START_TEST(neutral_is_told_to_nobody)
{
    ck_assert_int_eq(state.level, NEUTRAL);
    sample_load(80, false, NEUTRAL);
    sample_load(89, false, NEUTRAL);
    sample_load(71, false, NEUTRAL);
}
END_TEST

START_TEST(levels_have_hysteresis)
{
    sample_load(90, true, LOW);
    sample_load(95, false, LOW);
    sample_load(85, false, LOW);
    sample_load(84, true, NEUTRAL);
    sample_load(89, false, NEUTRAL);
    sample_load(70, true, HIGH);
    sample_load(0, false, HIGH);
    sample_load(75, false, HIGH);
    sample_load(76, true, NEUTRAL);
    sample_load(71, false, NEUTRAL);
    sample_load(70, true, HIGH);
    sample_load(100, true, LOW);
    sample_load(10, true, HIGH);
}
END_TEST

START_TEST(a_load_that_swings_within_the_margin_is_told_once)
{
    uint32_t seed = 5;

    sample_load(90, true, LOW);
    for (int i = 0; i < 1000; i++) sample_load(85 + random_next(&seed) % 10, false, LOW);
    sample_load(60, true, HIGH);
    for (int i = 0; i < 1000; i++) sample_load(70 + random_next(&seed) % 6, false, HIGH);
}
END_TEST

START_TEST(settings_count)
{
    settings = (struct memprobe_pressure_settings){50, 50, 0, 1000};
    sample_load(49, true, HIGH);
    sample_load(50, true, LOW);
    sample_load(49, true, HIGH);
    /* Low ends even where the margin is greater than the threshold. */
    settings = (struct memprobe_pressure_settings){10, 0, 50, 1000};
    sample_load(10, true, LOW);
    sample_load(1, false, LOW);
    sample_load(0, true, HIGH);
}
END_TEST

START_TEST(above_a_soft_limit_memory_is_low)
{
    sample.limit.hard = 1000;
    sample.limit.soft = 200;
    sample.limit.charged = 200;
    ck_sample(1, true, HIGH);
    sample.limit.charged = 201;
    ck_sample(1, true, LOW);
    sample.limit.charged = 191;
    ck_sample(1, false, LOW);
    sample.limit.charged = 190;
    ck_sample(1, true, HIGH);

    add_container(3 * MIB, MEMPROBE_NO_LIMIT, 4 * MIB);
    add_container(9 * MIB, MEMPROBE_NO_LIMIT, 8 * MIB);
    ck_sample(1, true, LOW);
    sample.containers[1].used = 7 * MIB;
    ck_sample(1, true, HIGH);

    sample.limit.heap_over_soft = true;
    ck_sample(1, true, LOW);
    sample.limit.heap_over_soft = false;
    ck_sample(1, true, HIGH);
}
END_TEST

START_TEST(a_refusal_holds_for_a_second)
{
    sample_load(80, false, NEUTRAL);
    sample.limit.refusals = 1;
    ck_sample(0, true, LOW);
    ck_sample(999, false, LOW);
    ck_sample(1, true, NEUTRAL);
    ck_sample(5000, false, NEUTRAL);
}
END_TEST

START_TEST(a_refusal_is_told_again_once_a_second)
{
    sample.limit.hard = 100;
    sample.limit.charged = 95;
    ck_sample(0, true, LOW);
    ck_sample(5000, false, LOW);
    sample.limit.refusals = 7;
    ck_sample(1, true, LOW); /* notified long ago */
    sample.limit.refusals = 8;
    ck_sample(999, false, LOW);
    ck_sample(1, true, LOW); /* the previous one was not notified yet */
    ck_sample(10000, false, LOW);
}
END_TEST

START_TEST(refusals_before_the_first_look_count)
{
    sample.limit.refusals = 3;
    ck_sample(0, true, LOW);
}
END_TEST

START_TEST(who_comes_later_is_told_too)
{
    sample_load(95, true, LOW);
    memprobe_pressure_reset_notified(&state);
    sample_load(95, true, LOW);
    sample_load(80, true, NEUTRAL);
    memprobe_pressure_reset_notified(&state);
    sample_load(80, false, NEUTRAL);
}
END_TEST

START_TEST(stall_makes_memory_low)
{
    sample.stalled = 999;
    ck_sample(1, false, NEUTRAL);
    sample.stalled = 1000;
    ck_sample(1, true, LOW);
    sample.stalled = 945;
    ck_sample(1, false, LOW);
    sample.stalled = 0;
    ck_sample(1, true, HIGH);
}
END_TEST

Suite *pressure_suite(void)
{
    Suite *suite = suite_create("pressure");
    TCase *load = tcase_create("load"), *level = tcase_create("level");

    tcase_add_checked_fixture(load, pressure_setup, NULL);
    tcase_add_test(load, nothing_known_is_no_load);
    tcase_add_test(load, each_source_alone);
    tcase_add_test(load, the_worst_and_the_least);
    tcase_add_test(load, beyond_a_limit_nothing_is_left);
    tcase_add_test(load, great_numbers_do_not_wrap);
    suite_add_tcase(suite, load);
    tcase_add_checked_fixture(level, pressure_setup, NULL);
    tcase_add_test(level, neutral_is_told_to_nobody);
    tcase_add_test(level, levels_have_hysteresis);
    tcase_add_test(level, a_load_that_swings_within_the_margin_is_told_once);
    tcase_add_test(level, settings_count);
    tcase_add_test(level, above_a_soft_limit_memory_is_low);
    tcase_add_test(level, a_refusal_holds_for_a_second);
    tcase_add_test(level, a_refusal_is_told_again_once_a_second);
    tcase_add_test(level, refusals_before_the_first_look_count);
    tcase_add_test(level, who_comes_later_is_told_too);
    tcase_add_test(level, stall_makes_memory_low);
    suite_add_tcase(suite, level);
    return suite;
}
