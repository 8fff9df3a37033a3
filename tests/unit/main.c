/*
 * Runs every suite of the core's unit tests; exits non-zero if one test fails.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tests.h"

#include <stdlib.h>

/* Every test is a process of its own, and a leak check at the end of each takes longer than the tests. The core never
 * calls malloc; the native backend finds its leaks. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

int main(void)
{
    SRunner *runner = srunner_create(map_suite());
    int failed;

    srunner_add_suite(runner, debug_suite());
    srunner_add_suite(runner, counters_suite());
    srunner_add_suite(runner, pool_suite());
    srunner_add_suite(runner, virtual_alloc_suite());
    srunner_add_suite(runner, virtual_free_suite());
    srunner_add_suite(runner, stale_regions_suite());
    srunner_add_suite(runner, manager_suite());
    srunner_add_suite(runner, accounting_suite());
    srunner_add_suite(runner, limits_suite());
    srunner_add_suite(runner, locks_suite());
    srunner_add_suite(runner, waits_suite());
    srunner_add_suite(runner, span_suite());
    srunner_add_suite(runner, heap_suite());
    srunner_add_suite(runner, heap_limits_suite());
    srunner_add_suite(runner, alloc_site_suite());
    srunner_add_suite(runner, heap_trim_suite());
    srunner_add_suite(runner, heap_threads_suite());
    srunner_add_suite(runner, ownership_suite());
    srunner_add_suite(runner, failure_suite());
    srunner_add_suite(runner, unrecorded_suite());
    srunner_add_suite(runner, lost_races_suite());
    srunner_add_suite(runner, threads_suite());
    srunner_add_suite(runner, model_suite());
    srunner_add_suite(runner, pressure_suite());
    srunner_add_suite(runner, cgroup_suite());
    srunner_add_suite(runner, kernel_text_suite());
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
