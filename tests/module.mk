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

EXTRA_DIST += tests/matrix.sh tests/tap.sh tests/prefix.sh tests/style.sh tests/layers.sh tests/summary.sh
TESTS += tests/style.sh tests/layers.sh

if !CAN_CHECK
check-local:
	@echo 'make check needs what configure did not find:$(clrmem_unchecked)' >&2; exit 1
endif

# A part of the tests: docs/hacking.md tells how to run one by name. Only what it needs is built.
.PHONY: check-unit check-wine check-clr check-command
check-unit: $(if $(SUITE),tests/unit/hostmem_tests,tests/coverage/hostmem_tests tests/unit/hostmem_tests $(TSAN_EXES) $(LIBFUZZER_EXES))
	+@CK_RUN_SUITE='$(SUITE)' CK_RUN_CASE='$(CASE)' $(MAKE) $(AM_MAKEFLAGS) check-TESTS VERBOSE=1 check_PROGRAMS= check_DATA= \
		TESTS='$(if $(SUITE),tests/unit/run.sh,$(filter tests/unit/% tests/coverage/% tests/libfuzzer/%,$(TESTS)))'
check-wine: all $(PE_TEST_EXES)
	+@CLRMEM_PART='$(PART)' $(MAKE) $(AM_MAKEFLAGS) check-TESTS VERBOSE=1 check_PROGRAMS= check_DATA= \
		TESTS='$(if $(PART),tests/wine/run.sh,$(filter tests/wine/% tests/virtual/% tests/fuzz/%,$(TESTS)))'
check-clr: all $(PE_TEST_EXES) $(PE_HOSTS) workload.exe
	+@CLRMEM_PART='$(PART)' $(MAKE) $(AM_MAKEFLAGS) check-TESTS VERBOSE=1 check_PROGRAMS= check_DATA= \
		TESTS='$(if $(PART),tests/clr/run.sh,$(filter tests/clr/% tests/hosts/%,$(TESTS)))'
check-command: all
	+@$(MAKE) $(AM_MAKEFLAGS) check-TESTS VERBOSE=1 check_PROGRAMS= check_DATA= TESTS='$(filter tests/command/%,$(TESTS))'
