# The core's unit tests once more, to see which branches they take; SPDX-License-Identifier: LGPL-2.1-or-later
#
# Unoptimized, so that the branches are those of the source.
COVERAGE_CC = $(CC) -O0 --coverage -fprofile-update=atomic
COVERAGE_OBJECTS = $(UNITTEST_C_SRCS:%.c=tests/coverage/%.o)
$(COVERAGE_OBJECTS): tests/coverage/%.o: %.c
	@$(MKDIR_P) $(@D)
	@rm -f $(@:.o=.gcda)
	$(AM_V_CC)$(COVERAGE_CC) $(UNITTEST_COMPILEFLAGS) -c -o $@ $<
tests/coverage/hostmem_tests: $(COVERAGE_OBJECTS)
	$(AM_V_CCLD)$(COVERAGE_CC) -o $@ $^ $(UNITTEST_LINKLIBS)

check_DATA += tests/coverage/hostmem_tests
CLEANFILES += tests/coverage/hostmem_tests
MOSTLYCLEANFILES += $(COVERAGE_OBJECTS) $(COVERAGE_OBJECTS:.o=.d) $(COVERAGE_OBJECTS:.o=.gcno) \
	$(COVERAGE_OBJECTS:.o=.gcda)

EXTRA_DIST += tests/coverage/run.sh tests/coverage/branches.awk
AM_TESTS_ENVIRONMENT += GCOV='$(GCOV)'; export GCOV; HOSTMEM_SRCS='$(LIBS_SRCS)'; export HOSTMEM_SRCS;
TESTS += tests/coverage/run.sh

-include $(COVERAGE_OBJECTS:.o=.d)
