/*
 * The parts of clrmem_test.exe.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#define STANDALONE
#include "wine/test.h"

extern void func_com(void);
extern void func_control(void);
extern void func_factory(void);
extern void func_identity(void);
extern void func_lifetime(void);
extern void func_malloc(void);
extern void func_manager(void);
extern void func_ownership(void);
extern void func_refusals(void);
extern void func_register(void);
extern void func_result(void);
extern void func_statistics(void);
extern void func_threads(void);
extern void func_virtual(void);

const struct test winetest_testlist[] = {
    {"com", func_com},           {"control", func_control},     {"factory", func_factory},
    {"identity", func_identity}, {"lifetime", func_lifetime},   {"malloc", func_malloc},
    {"manager", func_manager},   {"ownership", func_ownership}, {"refusals", func_refusals},
    {"register", func_register}, {"result", func_result},       {"statistics", func_statistics},
    {"threads", func_threads},   {"virtual", func_virtual},     {0, 0},
};
