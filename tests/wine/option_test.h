/*
 * What the parts of clrmem_test.exe about options share. The sources of the options are part of the program, so that
 * they can be tested without a manager.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef OPTION_TEST_H
#define OPTION_TEST_H

#include "clrmem_test.h"
#include "../../dlls/clrmem/options.h"

/* Below HKEY_CURRENT_USER. */
#define COMMON_KEY   "Software\\Wine\\clrmem"
#define PROGRAM_KEY  "Software\\Wine\\AppDefaults\\clrmem_test.exe"
#define OTHER_KEY    "Software\\Wine\\AppDefaults\\other_test.exe"
#define SETTINGS_KEY "\\clrmem" /* below a program's */

/* Takes all options out of the environment and the registry. */
void forget_options(void);

/* Fails unless the effective value is this text. */
#define check_option(options, name, value) check_option_(__FILE__, __LINE__, options, name, value)
void check_option_(const char *file, int line, struct clrmem_options *options, const char *name, const char *expected);

/* Fails unless all values and sources are the same. */
#define check_same(options, before) check_same_(__FILE__, __LINE__, options, before)
void check_same_(const char *file, int line, const struct clrmem_options *options, const struct clrmem_options *before);

/* Options with this CLRMEM_CONFIG, NULL for none, which is not in the environment afterwards. Leaves the last error
 * alone, or a test fails. */
struct clrmem_options load_config(const char *config);

#endif
