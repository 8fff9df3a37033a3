# How Windows modules are made, for both architectures; SPDX-License-Identifier: LGPL-2.1-or-later
#
# The objects of a module mirror the source tree below x86_64-windows/ and i386-windows/.
# winegcc compiles and links builtin DLLs. They use mingw-w64's import libraries and
# libs/winedbg in place of winecrt0, which comes for the machine's own architecture only.
# Programs are ordinary mingw-w64 ones.

PE_WARNINGS = -Wall -Wextra -Wno-unknown-pragmas
PE_INCLUDES = -I$(top_builddir)/include -I$(top_srcdir)/include -I$(top_srcdir)/libs
PE_COMPILEFLAGS = -std=gnu11 -O2 -g $(PE_WARNINGS) -fno-strict-aliasing -MMD -MP
PE_LINKFLAGS = -g -nodefaultlibs -nostartfiles -shared -Wl,--wine-builtin
PE_LINKLIBS = -lole32 -ladvapi32 -lucrtbase -lkernel32 -lntdll -lgcc

PE64_GCC = $(WINEGCC) -b x86_64-w64-mingw32
PE32_GCC = $(WINEGCC) -b i686-w64-mingw32
PE64_ARCH = -fno-omit-frame-pointer
# 32-bit Windows code calls with a stack aligned to 4 bytes only.
PE32_ARCH = -march=i686 -msse2 -mfpmath=sse -mstackrealign
PE64_ENTRY = -Wl,--entry,DllMain
PE32_ENTRY = -Wl,--entry,DllMain@12

PE_WINEDBG = libs/winedbg/winedbg.c
EXTRA_DIST += libs/pe.mk $(PE_WINEDBG) $(NTMEM_SRCS) libs/ntmem/ntmem.h

# What tests and benchmarks run under Wine: ordinary Windows programs; Wine's headers come last, for the few
# that mingw-w64 lacks.
PE_TEST_INCLUDES = $(PE_INCLUDES) -I$(top_srcdir)/tests/clr -I$(top_builddir)/wine-headers
PE_TEST_LATE_INCLUDES = -idirafter $(WINE_WINDOWS_INCLUDE) -idirafter $(WINE_DEBUG_INCLUDE)
PE_TEST_LINKLIBS = -lole32 -luuid -ladvapi32 -lntdll

# The modules; a module is the objects of its sources, its .spec and nothing else.
PE_CLRMEM = $(CLRMEM_SRCS) $(HOSTMEM_SRCS) $(MEMPROBE_SRCS) $(NTMEM_SRCS) $(PE_WINEDBG)
PE_CLRMEMSHIM = $(CLRMEMSHIM_SRCS) $(OWNERSHIP_SRCS) $(HOSTMEM_BASE_SRCS) $(NTMEM_SRCS) $(PE_WINEDBG)
PE_DLL_SRCS = $(CLRMEM_SRCS) $(CLRMEMSHIM_SRCS) $(LIBS_SRCS) $(NTMEM_SRCS) $(PE_WINEDBG)
PE_START_SRCS = $(CLRMEMSTART_SRCS)

PE64_DLL_OBJECTS = $(PE_DLL_SRCS:%.c=x86_64-windows/%.o)
PE32_DLL_OBJECTS = $(PE_DLL_SRCS:%.c=i386-windows/%.o)
PE64_START_OBJECTS = $(PE_START_SRCS:%.c=x86_64-windows/%.o)
PE32_START_OBJECTS = $(PE_START_SRCS:%.c=i386-windows/%.o)
PE_OBJECTS = $(PE64_DLL_OBJECTS) $(PE32_DLL_OBJECTS) $(PE64_START_OBJECTS) $(PE32_START_OBJECTS)

$(PE_OBJECTS): | $(IDL_HDRS)

$(PE64_DLL_OBJECTS): x86_64-windows/%.o: %.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(PE64_GCC) -D__WINESRC__ $(PE_INCLUDES) $(PE_COMPILEFLAGS) $(PE64_ARCH) -c -o $@ $<
$(PE32_DLL_OBJECTS): i386-windows/%.o: %.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(PE32_GCC) -D__WINESRC__ $(PE_INCLUDES) $(PE_COMPILEFLAGS) $(PE32_ARCH) -c -o $@ $<
$(PE64_START_OBJECTS): x86_64-windows/%.o: %.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(MINGW64_CC) $(PE_INCLUDES) $(PE_COMPILEFLAGS) $(PE64_ARCH) -c -o $@ $<
$(PE32_START_OBJECTS): i386-windows/%.o: %.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(MINGW32_CC) $(PE_INCLUDES) $(PE_COMPILEFLAGS) $(PE32_ARCH) -c -o $@ $<

x86_64-windows/clrmem.dll: dlls/clrmem/clrmem.spec $(PE_CLRMEM:%.c=x86_64-windows/%.o)
	$(AM_V_CCLD)$(PE64_GCC) $(PE_LINKFLAGS) $(PE64_ENTRY) -o $@ $^ $(PE_LINKLIBS)
i386-windows/clrmem.dll: dlls/clrmem/clrmem.spec $(PE_CLRMEM:%.c=i386-windows/%.o)
	$(AM_V_CCLD)$(PE32_GCC) $(PE_LINKFLAGS) $(PE32_ENTRY) -o $@ $^ $(PE_LINKLIBS)
x86_64-windows/clrmemshim.dll: dlls/clrmemshim/clrmemshim.spec $(PE_CLRMEMSHIM:%.c=x86_64-windows/%.o)
	$(AM_V_CCLD)$(PE64_GCC) $(PE_LINKFLAGS) $(PE64_ENTRY) -o $@ $^ $(PE_LINKLIBS)
i386-windows/clrmemshim.dll: dlls/clrmemshim/clrmemshim.spec $(PE_CLRMEMSHIM:%.c=i386-windows/%.o)
	$(AM_V_CCLD)$(PE32_GCC) $(PE_LINKFLAGS) $(PE32_ENTRY) -o $@ $^ $(PE_LINKLIBS)
x86_64-windows/clrmemstart.exe: $(PE64_START_OBJECTS)
	$(AM_V_CCLD)$(MINGW64_CC) -g -municode -o $@ $^ -lntdll
i386-windows/clrmemstart.exe: $(PE32_START_OBJECTS)
	$(AM_V_CCLD)$(MINGW32_CC) -g -municode -o $@ $^ -lntdll

pe64dir = $(pkglibdir)/x86_64-windows
pe32dir = $(pkglibdir)/i386-windows
pe64_DATA = x86_64-windows/clrmem.dll x86_64-windows/clrmemshim.dll x86_64-windows/clrmemstart.exe
pe32_DATA = i386-windows/clrmem.dll i386-windows/clrmemshim.dll i386-windows/clrmemstart.exe

# Wine's test harness, from Debian's source package of Wine; never part of the sources.
wine-headers/wine/test.h: | $(VIRTUALTEST_FETCHED)
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)cp "$$($(top_srcdir)/tools/wine-test-header)/wine/test.h" $@

PE64_TEST_OBJECTS = $(PE_TEST_SRCS:%.c=x86_64-windows/%.o) x86_64-windows/$(PE_WINEDBG:.c=.test.o)
PE32_TEST_OBJECTS = $(PE_TEST_SRCS:%.c=i386-windows/%.o) i386-windows/$(PE_WINEDBG:.c=.test.o)
PE_TEST_OBJECTS = $(PE64_TEST_OBJECTS) $(PE32_TEST_OBJECTS)
WINETEST_ALL_SRCS = $(WINETEST_SRCS) $(HOSTINGTEST_SRCS) $(VIRTUALTEST_SRCS)
WINETEST_OBJECTS = $(WINETEST_ALL_SRCS:%.c=x86_64-windows/%.o) $(WINETEST_ALL_SRCS:%.c=i386-windows/%.o)

$(PE_TEST_OBJECTS): | $(IDL_HDRS)
$(WINETEST_OBJECTS): | wine-headers/wine/test.h

PE64_TEST_CC = $(MINGW64_CC) $(PE_TEST_INCLUDES) $(PE_COMPILEFLAGS) $(PE64_ARCH)
PE32_TEST_CC = $(MINGW32_CC) $(PE_TEST_INCLUDES) $(PE_COMPILEFLAGS) $(PE32_ARCH)

x86_64-windows/%.test.o: %.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(PE64_TEST_CC) -D__WINESRC__ -c -o $@ $< $(PE_TEST_LATE_INCLUDES)
i386-windows/%.test.o: %.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(PE32_TEST_CC) -D__WINESRC__ -c -o $@ $< $(PE_TEST_LATE_INCLUDES)
x86_64-windows/tests/%.o: tests/%.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(PE64_TEST_CC) -c -o $@ $< $(PE_TEST_LATE_INCLUDES)
x86_64-windows/bench/%.o: bench/%.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(PE64_TEST_CC) -c -o $@ $< $(PE_TEST_LATE_INCLUDES)
i386-windows/tests/%.o: tests/%.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(PE32_TEST_CC) -c -o $@ $< $(PE_TEST_LATE_INCLUDES)

# Programs of several sources, then programs of one.
x86_64-windows/tests/clrmem_test.exe: $(WINETEST_SRCS:%.c=x86_64-windows/%.o) x86_64-windows/$(PE_WINEDBG:.c=.test.o)
	$(AM_V_CCLD)$(MINGW64_CC) -g -o $@ $^ $(PE_TEST_LINKLIBS)
i386-windows/tests/clrmem_test.exe: $(WINETEST_SRCS:%.c=i386-windows/%.o) i386-windows/$(PE_WINEDBG:.c=.test.o)
	$(AM_V_CCLD)$(MINGW32_CC) -g -o $@ $^ $(PE_TEST_LINKLIBS)
x86_64-windows/tests/hosting_test.exe: $(HOSTINGTEST_SRCS:%.c=x86_64-windows/%.o) x86_64-windows/$(PE_WINEDBG:.c=.test.o)
	$(AM_V_CCLD)$(MINGW64_CC) -g -o $@ $^ $(PE_TEST_LINKLIBS)
# The same tests in a program that imports mscoree, which is loaded before the shim then.
x86_64-windows/tests/early_hosting_test.exe: x86_64-windows/tests/hosting_test.exe x86_64-windows/libmscoree.a
	$(AM_V_CCLD)$(MINGW64_CC) -g -Wl,-u,__imp_CLRCreateInstance -o $@ $(HOSTINGTEST_SRCS:%.c=x86_64-windows/%.o) \
		x86_64-windows/$(PE_WINEDBG:.c=.test.o) x86_64-windows/libmscoree.a $(PE_TEST_LINKLIBS)
i386-windows/tests/hosting_test.exe: $(HOSTINGTEST_SRCS:%.c=i386-windows/%.o) i386-windows/$(PE_WINEDBG:.c=.test.o)
	$(AM_V_CCLD)$(MINGW32_CC) -g -o $@ $^ $(PE_TEST_LINKLIBS)
x86_64-windows/tests/demo_host.exe: x86_64-windows/tests/clr/demo_host.o
	$(AM_V_CCLD)$(MINGW64_CC) -g -municode -o $@ $^ $(PE_TEST_LINKLIBS)
i386-windows/tests/demo_host.exe: i386-windows/tests/clr/demo_host.o
	$(AM_V_CCLD)$(MINGW32_CC) -g -municode -o $@ $^ $(PE_TEST_LINKLIBS)
x86_64-windows/tests/differential.exe: $(FUZZTEST_SRCS:%.c=x86_64-windows/%.o)
	$(AM_V_CCLD)$(MINGW64_CC) -g -o $@ $^ $(PE_TEST_LINKLIBS)

x86_64-windows/bench/manager_bench.exe: x86_64-windows/bench/manager_bench.o
	$(AM_V_CCLD)$(MINGW64_CC) -g -o $@ $^ $(PE_TEST_LINKLIBS)

PE_TEST_SRCS = $(WINETEST_SRCS) $(HOSTINGTEST_SRCS) $(FUZZTEST_SRCS) $(VIRTUALTEST_SRCS) tests/clr/demo_host.c
PE_TEST_EXES = \
	x86_64-windows/tests/clrmem_test.exe i386-windows/tests/clrmem_test.exe \
	x86_64-windows/tests/hosting_test.exe i386-windows/tests/hosting_test.exe \
	x86_64-windows/tests/early_hosting_test.exe \
	x86_64-windows/tests/differential.exe \
	x86_64-windows/tests/demo_host.exe i386-windows/tests/demo_host.exe \
	$(VIRTUALTEST_EXES)

CLEANFILES += $(pe64_DATA) $(pe32_DATA) $(PE_TEST_EXES) x86_64-windows/bench/manager_bench.exe wine-headers/wine/test.h
MOSTLYCLEANFILES += x86_64-windows/bench/manager_bench.o x86_64-windows/bench/manager_bench.d
MOSTLYCLEANFILES += $(PE_OBJECTS) $(PE_OBJECTS:.o=.d) $(PE_TEST_OBJECTS) $(PE_TEST_OBJECTS:.o=.d)

-include $(PE_OBJECTS:.o=.d) $(PE_TEST_OBJECTS:.o=.d) x86_64-windows/bench/manager_bench.d
