# clrmem_test.exe, under Wine's test harness; SPDX-License-Identifier: LGPL-2.1-or-later
WINETEST_SRCS = tests/wine/testlist.c tests/wine/common.c tests/wine/com.c tests/wine/control.c \
	tests/wine/factory.c tests/wine/guids.c tests/wine/identity.c tests/wine/lifetime.c tests/wine/malloc.c \
	tests/wine/manager.c tests/wine/ownership.c tests/wine/refusals.c tests/wine/register.c tests/wine/result.c \
	tests/wine/soak.c tests/wine/statistics.c tests/wine/threads.c tests/wine/virtual.c tests/wine/options.c \
	tests/wine/option_bounds.c tests/wine/option_common.c tests/wine/option_values.c
EXTRA_DIST += tests/wine/option_test.h
WINETEST_SRCS += tests/wine/management.c tests/wine/limits.c tests/wine/waits.c tests/wine/locking.c \
	tests/wine/enumerate.c tests/wine/shutdown.c tests/wine/flat.c tests/wine/freetable.c
EXTRA_DIST += tests/wine/management_test.h
WINETEST_SRCS += tests/wine/memoryload.c tests/wine/pressure.c tests/wine/withdrawal.c tests/wine/listener.c \
	tests/wine/tree.c
EXTRA_DIST += tests/wine/listener.h tests/wine/tree.h
EXTRA_DIST += $(WINETEST_SRCS) tests/wine/clrmem_test.h
EXTRA_DIST += tests/wine/run.sh tests/wine/run32.sh
TESTS += tests/wine/run.sh tests/wine/run32.sh
EXTRA_DIST += tests/wine/options.sh
TESTS += tests/wine/options.sh

# The options are part of the test program, too, to be asked without a manager.
OPTIONTEST_SRCS = $(CLRMEM_OPTION_SRCS)
OPTIONTEST64_OBJECTS = $(OPTIONTEST_SRCS:%.c=x86_64-windows/%.test.o)
OPTIONTEST32_OBJECTS = $(OPTIONTEST_SRCS:%.c=i386-windows/%.test.o)
x86_64-windows/tests/clrmem_test.exe: $(OPTIONTEST64_OBJECTS)
i386-windows/tests/clrmem_test.exe: $(OPTIONTEST32_OBJECTS)
MOSTLYCLEANFILES += $(OPTIONTEST64_OBJECTS) $(OPTIONTEST32_OBJECTS)
MOSTLYCLEANFILES += $(OPTIONTEST64_OBJECTS:.o=.d) $(OPTIONTEST32_OBJECTS:.o=.d)
-include $(OPTIONTEST64_OBJECTS:.o=.d) $(OPTIONTEST32_OBJECTS:.o=.d)
