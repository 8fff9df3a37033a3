# clrmem_test.exe, under Wine's test harness; SPDX-License-Identifier: LGPL-2.1-or-later
WINETEST_SRCS = tests/wine/testlist.c tests/wine/common.c tests/wine/com.c tests/wine/control.c \
	tests/wine/factory.c tests/wine/guids.c tests/wine/identity.c tests/wine/lifetime.c tests/wine/malloc.c \
	tests/wine/manager.c tests/wine/ownership.c tests/wine/refusals.c tests/wine/register.c tests/wine/result.c \
	tests/wine/statistics.c tests/wine/threads.c tests/wine/virtual.c
EXTRA_DIST += $(WINETEST_SRCS) tests/wine/clrmem_test.h
EXTRA_DIST += tests/wine/run.sh tests/wine/run32.sh
TESTS += tests/wine/run.sh tests/wine/run32.sh
