# differential.exe: the manager against Win32, by random calls; SPDX-License-Identifier: LGPL-2.1-or-later
FUZZTEST_SRCS = tests/fuzz/apply.c tests/fuzz/compare.c tests/fuzz/departures.c tests/fuzz/generate.c \
	tests/fuzz/main.c tests/fuzz/print.c tests/fuzz/range.c tests/fuzz/sequence.c tests/fuzz/shrink.c \
	tests/fuzz/world.c
EXTRA_DIST += $(FUZZTEST_SRCS) tests/fuzz/fuzz.h tests/fuzz/run.sh
TESTS += tests/fuzz/run.sh
