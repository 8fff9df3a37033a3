/*
 * The parts of the hosting tests.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#define STANDALONE
#include <initguid.h>
#include "hosting_test.h"

extern void func_control(void);
extern void func_started(void);
extern void func_bad_malloc(void);
extern void func_odd_answers(void);
extern void func_own(void);
extern void func_bound(void);
extern void func_legacy(void);
extern void func_none(void);
extern void func_ours(void);
extern void func_early_low(void);
extern void func_nested(void);
extern void func_pooling(void);
extern void func_reentrant(void);
extern void func_tight_blocks(void);
extern void func_low(void);
extern void func_refused(void);

const struct test winetest_testlist[] = {
    {"control", func_control},
    {"started", func_started},
    {"bad_malloc", func_bad_malloc},
    {"odd_answers", func_odd_answers},
    {"own", func_own},
    {"bound", func_bound},
    {"legacy", func_legacy},
    {"none", func_none},
    {"ours", func_ours},
    {"early_low", func_early_low},
    {"nested", func_nested},
    {"pooling", func_pooling},
    {"reentrant", func_reentrant},
    {"tight_blocks", func_tight_blocks},
    {"low", func_low},
    {"refused", func_refused},
    {0, 0},
};
