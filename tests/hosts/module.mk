# Hosts as they are met in the field; SPDX-License-Identifier: LGPL-2.1-or-later
HOSTS = appdomain_manager control_managers domain_limit execute_in_domain flat_functions host_managers late_free \
	late_worker load_bytes managed_results many_domains notified refusals runtime_info sample_v2 sample_v4 tracing twice \
	unload_domain unload_timeout wrapper
HOSTS_C = $(filter-out wrapper,$(HOSTS))
EXTRA_DIST += $(HOSTS_C:%=tests/hosts/%.c) tests/hosts/wrapper.cpp $(HOSTS:%=tests/hosts/%.txt) tests/hosts/host.h \
	tests/hosts/managed.h tests/hosts/mscorlib.h tests/hosts/Managed.cs tests/hosts/Hosted.cs tests/hosts/mscoree.def tests/hosts/hosts.sh tests/hosts/run.sh tests/hosts/run32.sh

PE64_HOSTS = $(HOSTS:%=x86_64-windows/tests/hosts/%.exe) x86_64-windows/tests/hosts/hosted.exe \
	x86_64-windows/tests/hosts/managed.exe
PE32_HOSTS = $(HOSTS:%=i386-windows/tests/hosts/%.exe) i386-windows/tests/hosts/hosted.exe \
	i386-windows/tests/hosts/managed.exe
PE_HOSTS = $(PE64_HOSTS) $(PE32_HOSTS)

x86_64-windows/libmscoree.a: tests/hosts/mscoree.def
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)sed 's/@.*//' $< >$@.def && $(MINGW64_CC:gcc=dlltool) -d $@.def -l $@ && rm $@.def
i386-windows/libmscoree.a: tests/hosts/mscoree.def
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(MINGW32_CC:gcc=dlltool) -k -d $< -l $@

x86_64-windows/tests/hosts/wrapper.o: tests/hosts/wrapper.cpp | $(IDL_HDRS)
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(MINGW64_CC:gcc=g++) $(PE_TEST_INCLUDES) $(patsubst -std=gnu11,-std=gnu++11,$(PE_COMPILEFLAGS)) -c -o $@ $< \
		$(PE_TEST_LATE_INCLUDES)
i386-windows/tests/hosts/wrapper.o: tests/hosts/wrapper.cpp | $(IDL_HDRS)
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(MINGW32_CC:gcc=g++) $(PE_TEST_INCLUDES) $(patsubst -std=gnu11,-std=gnu++11,$(PE_COMPILEFLAGS)) -c -o $@ $< \
		$(PE_TEST_LATE_INCLUDES)
$(HOSTS_C:%=x86_64-windows/tests/hosts/%.o) $(HOSTS_C:%=i386-windows/tests/hosts/%.o): | $(IDL_HDRS)

x86_64-windows/tests/hosts/%.exe: x86_64-windows/tests/hosts/%.o x86_64-windows/libmscoree.a
	$(AM_V_CCLD)$(MINGW64_CC:gcc=g++) -g -static -o $@ $^ $(PE_TEST_LINKLIBS) -loleaut32
i386-windows/tests/hosts/%.exe: i386-windows/tests/hosts/%.o i386-windows/libmscoree.a
	$(AM_V_CCLD)$(MINGW32_CC:gcc=g++) -g -static -o $@ $^ $(PE_TEST_LINKLIBS) -loleaut32
# In the directory of the hosts, where the runtime looks for assemblies by name.
x86_64-windows/tests/hosts/hosted.exe i386-windows/tests/hosts/hosted.exe: tests/hosts/Hosted.cs
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(MCS) -optimize+ -out:$@ $<

x86_64-windows/tests/hosts/managed.exe i386-windows/tests/hosts/managed.exe: tests/hosts/Managed.cs
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(MCS) -optimize+ -out:$@ $<

check_DATA += $(PE_HOSTS)
TESTS += tests/hosts/run.sh tests/hosts/run32.sh
CLEANFILES += $(PE_HOSTS) x86_64-windows/libmscoree.a i386-windows/libmscoree.a
MOSTLYCLEANFILES += $(PE_HOSTS:.exe=.o) $(PE_HOSTS:.exe=.d)

-include $(PE_HOSTS:.exe=.d)
