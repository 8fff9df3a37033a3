# Real hosts, a real runtime; SPDX-License-Identifier: LGPL-2.1-or-later
HOSTINGTEST_SRCS = \
	tests/clr/hosting_list.c \
	tests/clr/logging_host.c \
	tests/clr/runtime.c \
	tests/clr/set_host_control.c \
	tests/clr/serving.c
EXTRA_DIST += $(HOSTINGTEST_SRCS) tests/clr/hosting_test.h tests/clr/demo_host.c tests/clr/Workload.cs \
	tests/clr/managed.sh tests/clr/run.sh tests/clr/run32.sh tests/clr/demo.sh \
	tests/clr/ClassLibrary.cs tests/clr/features.sh tests/clr/class_library.sh tests/clr/class_library32.sh \
	tests/clr/programs.sh

workload.exe: tests/clr/Workload.cs
	$(AM_V_GEN)$(MCS) -optimize+ -out:$@ $<

CLEANFILES += workload.exe
check_DATA += $(PE_TEST_EXES) workload.exe
TESTS += tests/clr/run.sh tests/clr/run32.sh tests/clr/class_library.sh tests/clr/class_library32.sh tests/clr/programs.sh

EXTRA_DIST += tests/clr/children.sh tests/clr/StartProgram.cs
TESTS += tests/clr/children.sh

.PHONY: demo-programs
demo-programs: x86_64-windows/tests/demo_host.exe x86_64-windows/bench/manager_bench.exe workload.exe
