# How `make check` runs; SPDX-License-Identifier: LGPL-2.1-or-later
#
# Every test is a script that prints TAP, so that the totals count single tests.
TEST_EXTENSIONS = .sh
SH_LOG_COMPILER = bash
SH_LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
AM_TESTS_ENVIRONMENT = \
	CLRMEM_LIBDIR='$(abs_top_builddir)'; export CLRMEM_LIBDIR; \
	CLRMEM_COMMAND='$(abs_top_builddir)/programs/clrmem/clrmem'; export CLRMEM_COMMAND; \
	CLRMEM_SOURCE='$(abs_top_srcdir)'; export CLRMEM_SOURCE; \
	CLRMEM_BUILD='$(abs_top_builddir)'; export CLRMEM_BUILD; \
	CLRMEM_TEST_DIR='$(abs_top_builddir)/tests/run'; export CLRMEM_TEST_DIR; \
	MINGW64_CC='$(MINGW64_CC)'; export MINGW64_CC; MINGW32_CC='$(MINGW32_CC)'; export MINGW32_CC; \
	CLANG_FORMAT='$(CLANG_FORMAT)'; export CLANG_FORMAT; SHELLCHECK='$(SHELLCHECK)'; export SHELLCHECK;

EXTRA_DIST += tests/tap.sh tests/prefix.sh tests/style.sh tests/summary.sh
TESTS += tests/style.sh

if !CAN_CHECK
check-local:
	@echo 'make check needs what configure did not find:$(clrmem_unchecked)' >&2; exit 1
endif
