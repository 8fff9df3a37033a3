# The core's unit tests, built three times; SPDX-License-Identifier: LGPL-2.1-or-later
UNITTEST_SRCS = \
	tests/unit/backend_native.c \
	tests/unit/backend_native.h \
	tests/unit/main.c \
	tests/unit/ownership_tests.h \
	tests/unit/test_accounting.c \
	tests/unit/test_alloc_site.c \
	tests/unit/test_cgroup.c \
	tests/unit/test_counters.c \
	tests/unit/test_debug.c \
	tests/unit/test_failure.c \
	tests/unit/test_heap.c \
	tests/unit/test_heap_limits.c \
	tests/unit/test_heap_threads.c \
	tests/unit/test_heap_trim.c \
	tests/unit/test_kernel_text.c \
	tests/unit/test_limits.c \
	tests/unit/test_locks.c \
	tests/unit/test_lost_races.c \
	tests/unit/test_manager.c \
	tests/unit/test_map.c \
	tests/unit/test_model.c \
	tests/unit/test_ownership.c \
	tests/unit/test_ownership_threads.c \
	tests/unit/test_pool.c \
	tests/unit/test_pressure.c \
	tests/unit/test_span.c \
	tests/unit/test_stale_regions.c \
	tests/unit/test_threads.c \
	tests/unit/test_unrecorded.c \
	tests/unit/test_virtual_alloc.c \
	tests/unit/test_virtual_free.c \
	tests/unit/test_waits.c \
	tests/unit/tests.c \
	tests/unit/tests.h

# With gcc's AddressSanitizer and UndefinedBehaviorSanitizer.
check_PROGRAMS += tests/unit/hostmem_tests
tests_unit_hostmem_tests_SOURCES = $(UNITTEST_SRCS) $(LIBS_SRCS)
tests_unit_hostmem_tests_CPPFLAGS = -I$(top_srcdir)/libs -DHM_DEBUG $(CHECK_CFLAGS)
tests_unit_hostmem_tests_CFLAGS = -std=gnu11 -g -O1 -Wall -Wextra -fsanitize=address,undefined \
	-fno-sanitize-recover=all -fno-omit-frame-pointer
tests_unit_hostmem_tests_LDADD = $(CHECK_LIBS) -lpthread

UNITTEST_COMPILEFLAGS = -std=gnu11 -g -Wall -Wextra -I$(top_srcdir)/libs -DHM_DEBUG $(CHECK_CFLAGS) -MMD -MP
UNITTEST_LINKLIBS = $(CHECK_LIBS) -lpthread
UNITTEST_C_SRCS = $(filter %.c,$(UNITTEST_SRCS)) $(LIBS_SRCS)

# With clang's ThreadSanitizer, which takes half the time of gcc 12's.
TSAN_CC = $(CLANG) -O1 -fsanitize=thread
TSAN_OBJECTS = $(UNITTEST_C_SRCS:%.c=tests/unit/tsan/%.o)
$(TSAN_OBJECTS): tests/unit/tsan/%.o: %.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(TSAN_CC) $(UNITTEST_COMPILEFLAGS) -c -o $@ $<
tests/unit/hostmem_tests_tsan: $(TSAN_OBJECTS)
	$(AM_V_CCLD)$(TSAN_CC) -o $@ $^ $(UNITTEST_LINKLIBS)

# The same with locks that order nothing: what the sanitizer has to find.
TSAN_UNORDERED = tests/unit/tsan/unordered/refill.o
$(TSAN_UNORDERED): libs/hostmem/heap/refill.c tests/unit/unordered.h
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(TSAN_CC) $(UNITTEST_COMPILEFLAGS) -include $(top_srcdir)/tests/unit/unordered.h -c -o $@ $<
tests/unit/hostmem_tests_unordered: $(TSAN_UNORDERED) $(filter-out %/refill.o,$(TSAN_OBJECTS))
	$(AM_V_CCLD)$(TSAN_CC) -o $@ $^ $(UNITTEST_LINKLIBS)

TSAN_EXES = tests/unit/hostmem_tests_tsan tests/unit/hostmem_tests_unordered
check_DATA += $(TSAN_EXES)
CLEANFILES += $(TSAN_EXES)
MOSTLYCLEANFILES += $(TSAN_OBJECTS) $(TSAN_OBJECTS:.o=.d) $(TSAN_UNORDERED) $(TSAN_UNORDERED:.o=.d)

EXTRA_DIST += tests/unit/run.sh tests/unit/run_options.sh tests/unit/run_tsan.sh tests/unit/unordered.h
TESTS += tests/unit/run.sh tests/unit/run_options.sh tests/unit/run_tsan.sh

-include $(TSAN_OBJECTS:.o=.d) $(TSAN_UNORDERED:.o=.d)
