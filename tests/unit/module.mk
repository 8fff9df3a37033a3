# The core's unit tests; SPDX-License-Identifier: LGPL-2.1-or-later
check_PROGRAMS += tests/unit/hostmem_tests
tests_unit_hostmem_tests_SOURCES = $(UNITTEST_SRCS) $(HOSTMEM_SRCS)
tests_unit_hostmem_tests_CPPFLAGS = -I$(top_srcdir)/libs $(CHECK_CFLAGS)
tests_unit_hostmem_tests_CFLAGS = -std=gnu11 -g -O1 -Wall -Wextra -fsanitize=address,undefined \
	-fno-sanitize-recover=all -fno-omit-frame-pointer
tests_unit_hostmem_tests_LDADD = $(CHECK_LIBS) -lpthread

EXTRA_DIST += tests/unit/run.sh
TESTS += tests/unit/run.sh

UNITTEST_SRCS = tests/unit/main.c
