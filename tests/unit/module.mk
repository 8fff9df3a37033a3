# The core's unit tests; SPDX-License-Identifier: LGPL-2.1-or-later
check_PROGRAMS += tests/unit/hostmem_tests
tests_unit_hostmem_tests_SOURCES = $(UNITTEST_SRCS) $(HOSTMEM_SRCS)
tests_unit_hostmem_tests_CPPFLAGS = -I$(top_srcdir)/libs $(CHECK_CFLAGS)
tests_unit_hostmem_tests_CFLAGS = -std=gnu11 -g -O1 -Wall -Wextra -fsanitize=address,undefined \
	-fno-sanitize-recover=all -fno-omit-frame-pointer
tests_unit_hostmem_tests_LDADD = $(CHECK_LIBS) -lpthread

EXTRA_DIST += tests/unit/run.sh
TESTS += tests/unit/run.sh

UNITTEST_SRCS = \
	tests/unit/backend_native.c \
	tests/unit/backend_native.h \
	tests/unit/main.c \
	tests/unit/test_accounting.c \
	tests/unit/test_failure.c \
	tests/unit/test_heap.c \
	tests/unit/test_heap_threads.c \
	tests/unit/test_ledger.c \
	tests/unit/test_manager.c \
	tests/unit/test_map.c \
	tests/unit/test_model.c \
	tests/unit/test_pool.c \
	tests/unit/test_span.c \
	tests/unit/test_stale_regions.c \
	tests/unit/test_threads.c \
	tests/unit/test_virtual_alloc.c \
	tests/unit/test_virtual_free.c \
	tests/unit/tests.c \
	tests/unit/tests.h
