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
extern void func_enumerate(void);
extern void func_factory(void);
extern void func_flat(void);
extern void func_freetable(void);
extern void func_identity(void);
extern void func_lifetime(void);
extern void func_limits(void);
extern void func_locking(void);
extern void func_malloc(void);
extern void func_manager(void);
extern void func_memoryload(void);
extern void func_option_bounds(void);
extern void func_option_values(void);
extern void func_options(void);
extern void func_ownership(void);
extern void func_pressure(void);
extern void func_refusals(void);
extern void func_register(void);
extern void func_result(void);
extern void func_shutdown(void);
extern void func_statistics(void);
extern void func_soak(void);
extern void func_threads(void);
extern void func_virtual(void);
extern void func_waits(void);
extern void func_withdrawal(void);

const struct test winetest_testlist[] = {
    {"com", func_com},
    {"control", func_control},
    {"enumerate", func_enumerate},
    {"factory", func_factory},
    {"flat", func_flat},
    {"freetable", func_freetable},
    {"identity", func_identity},
    {"lifetime", func_lifetime},
    {"limits", func_limits},
    {"locking", func_locking},
    {"malloc", func_malloc},
    {"manager", func_manager},
    {"memoryload", func_memoryload},
    {"option_bounds", func_option_bounds},
    {"option_values", func_option_values},
    {"options", func_options},
    {"ownership", func_ownership},
    {"pressure", func_pressure},
    {"refusals", func_refusals},
    {"register", func_register},
    {"result", func_result},
    {"shutdown", func_shutdown},
    {"statistics", func_statistics},
    {"soak", func_soak},
    {"threads", func_threads},
    {"virtual", func_virtual},
    {"waits", func_waits},
    {"withdrawal", func_withdrawal},
    {0, 0},
};
