# Wine's tests of virtual memory, plain and with their calls routed to clrmem's manager.
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Wine's sources and headers belong together, so winegcc compiles them; _MSVCR_VER names the C runtime that mingw-w64
# links.
VIRTUALTEST_SRCS = tests/virtual/adaptor.c tests/virtual/given.c tests/virtual/route_names.c tests/virtual/route_nt.c \
	tests/virtual/route_win32.c tests/virtual/testlist.c
VIRTUALTEST_CFLAGS = -D__WINESRC__ -D_MSVCR_VER=0 -Iwine-headers -O2 -g -MMD -MP
VIRTUALTEST_ROUTED = -include $(top_srcdir)/tests/virtual/route.h
VIRTUALTEST_NAMES = kernel32_plain kernel32_routed ntdll_plain ntdll_routed
VIRTUALTEST_EXES = $(VIRTUALTEST_NAMES:%=x86_64-windows/tests/virtual/%.exe) \
	$(VIRTUALTEST_NAMES:%=i386-windows/tests/virtual/%.exe)
VIRTUALTEST_OBJECTS = $(VIRTUALTEST_NAMES:%=x86_64-windows/wine-tests/%.o) \
	$(VIRTUALTEST_NAMES:%=i386-windows/wine-tests/%.o)
VIRTUALTEST_FETCHED = wine-tests/kernel32/virtual.c wine-tests/ntdll/virtual.c
# All that is taken out of Wine's source package, which is fetched once then.
VIRTUALTEST_NEEDED = include/wine/test.h dlls/kernel32/tests/virtual.c dlls/ntdll/tests/virtual.c

EXTRA_DIST += $(VIRTUALTEST_SRCS) tests/virtual/adaptor.h tests/virtual/route.h tests/virtual/compare.awk \
	tests/virtual/compare.sh tests/virtual/differences tests/virtual/run.sh tests/virtual/run32.sh
CLEANFILES += $(VIRTUALTEST_FETCHED)
MOSTLYCLEANFILES += $(VIRTUALTEST_OBJECTS) $(VIRTUALTEST_OBJECTS:.o=.d)
TESTS += tests/virtual/run.sh tests/virtual/run32.sh

$(VIRTUALTEST_FETCHED): wine-tests/%/virtual.c:
	@$(MKDIR_P) $(@D)
	@$(top_srcdir)/tools/wine-test-header --file $(VIRTUALTEST_NEEDED) >/dev/null
	$(AM_V_GEN)cp "$$($(top_srcdir)/tools/wine-test-header --file dlls/$*/tests/virtual.c)" $@

$(VIRTUALTEST_OBJECTS): | wine-headers/wine/test.h

x86_64-windows/wine-tests/%_plain.o: wine-tests/%/virtual.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(PE64_GCC) $(VIRTUALTEST_CFLAGS) -c -o $@ $<
x86_64-windows/wine-tests/%_routed.o: wine-tests/%/virtual.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(PE64_GCC) $(VIRTUALTEST_CFLAGS) $(VIRTUALTEST_ROUTED) -c -o $@ $<
i386-windows/wine-tests/%_plain.o: wine-tests/%/virtual.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(PE32_GCC) $(VIRTUALTEST_CFLAGS) -c -o $@ $<
i386-windows/wine-tests/%_routed.o: wine-tests/%/virtual.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(PE32_GCC) $(VIRTUALTEST_CFLAGS) $(VIRTUALTEST_ROUTED) -c -o $@ $<

$(VIRTUALTEST_NAMES:%=x86_64-windows/tests/virtual/%.exe): x86_64-windows/tests/virtual/%.exe: \
		x86_64-windows/wine-tests/%.o $(VIRTUALTEST_SRCS:%.c=x86_64-windows/%.o) \
		x86_64-windows/libs/winedbg/winedbg.test.o
	$(AM_V_CCLD)$(MINGW64_CC) -g -o $@ $^ -luser32 $(PE_TEST_LINKLIBS)
$(VIRTUALTEST_NAMES:%=i386-windows/tests/virtual/%.exe): i386-windows/tests/virtual/%.exe: \
		i386-windows/wine-tests/%.o $(VIRTUALTEST_SRCS:%.c=i386-windows/%.o) \
		i386-windows/libs/winedbg/winedbg.test.o
	$(AM_V_CCLD)$(MINGW32_CC) -g -o $@ $^ -luser32 $(PE_TEST_LINKLIBS)

-include $(VIRTUALTEST_OBJECTS:.o=.d)
