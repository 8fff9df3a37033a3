# Random calls to the core, guided by libFuzzer; SPDX-License-Identifier: LGPL-2.1-or-later
LIBFUZZER_SRCS = \
	tests/libfuzzer/alloc.c \
	tests/libfuzzer/arguments.c \
	tests/libfuzzer/backend.c \
	tests/libfuzzer/enumerate.c \
	tests/libfuzzer/figures.c \
	tests/libfuzzer/free.c \
	tests/libfuzzer/heaps.c \
	tests/libfuzzer/input.c \
	tests/libfuzzer/limits.c \
	tests/libfuzzer/locks.c \
	tests/libfuzzer/ownership.c \
	tests/libfuzzer/query.c \
	tests/libfuzzer/regions.c \
	tests/libfuzzer/target.c \
	tests/libfuzzer/texts.c \
	tests/libfuzzer/views.c
LIBFUZZER_SABOTAGE = tests/libfuzzer/sabotage.c
EXTRA_DIST += $(LIBFUZZER_SRCS) $(LIBFUZZER_SABOTAGE) tests/libfuzzer/fuzz.h tests/libfuzzer/run.sh
TESTS += tests/libfuzzer/run.sh

# The bytes are no text with magic words in it: which branches were taken is guide enough, and comparisons need no look.
LIBFUZZER_CC = $(CLANG) -O2 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LIBFUZZER_COVERAGE = -fsanitize-coverage=inline-8bit-counters,pc-table
LIBFUZZER_COMPILEFLAGS = -std=gnu11 -g -Wall -Wextra -DHM_DEBUG -I$(top_srcdir) -I$(top_srcdir)/libs -MMD -MP
LIBFUZZER_ALL_SRCS = $(LIBFUZZER_SRCS) tests/unit/backend_native.c $(LIBS_SRCS)
LIBFUZZER_OBJECTS = $(LIBFUZZER_ALL_SRCS:%.c=tests/libfuzzer/build/%.o)
LIBFUZZER_SABOTAGE_OBJECT = $(LIBFUZZER_SABOTAGE:%.c=tests/libfuzzer/build/%.o)
LIBFUZZER_ALL_OBJECTS = $(LIBFUZZER_OBJECTS) $(LIBFUZZER_SABOTAGE_OBJECT)
$(LIBFUZZER_ALL_OBJECTS): tests/libfuzzer/build/%.o: %.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(LIBFUZZER_CC) $(LIBFUZZER_COVERAGE) $(LIBFUZZER_COMPILEFLAGS) -c -o $@ $<

LIBFUZZER_EXES = tests/libfuzzer/hostmem_fuzzer tests/libfuzzer/hostmem_fuzzer_sabotaged
tests/libfuzzer/hostmem_fuzzer: $(LIBFUZZER_OBJECTS)
	$(AM_V_CCLD)$(LIBFUZZER_CC) -fsanitize=fuzzer -o $@ $^ -lpthread
tests/libfuzzer/hostmem_fuzzer_sabotaged: $(LIBFUZZER_ALL_OBJECTS)
	$(AM_V_CCLD)$(LIBFUZZER_CC) -fsanitize=fuzzer -Wl,--wrap=hm_pages_clear -o $@ $^ -lpthread

check_DATA += $(LIBFUZZER_EXES)
CLEANFILES += $(LIBFUZZER_EXES)
MOSTLYCLEANFILES += $(LIBFUZZER_ALL_OBJECTS) $(LIBFUZZER_ALL_OBJECTS:.o=.d)

-include $(LIBFUZZER_ALL_OBJECTS:.o=.d)
