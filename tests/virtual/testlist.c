/*
 * The main program of one of Wine's tests, which is called virtual in every DLL's tests.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#define STANDALONE
#include "wine/test.h"

extern void func_virtual(void);

const struct test winetest_testlist[] = {{"virtual", func_virtual}, {0, 0}};
