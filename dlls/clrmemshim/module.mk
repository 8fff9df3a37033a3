# clrmemshim.dll; SPDX-License-Identifier: LGPL-2.1-or-later
CLRMEMSHIM_SRCS = \
	dlls/clrmemshim/attach.c \
	dlls/clrmemshim/attach_mscoree.c \
	dlls/clrmemshim/children.c \
	dlls/clrmemshim/clrcontrol.c \
	dlls/clrmemshim/collect.c \
	dlls/clrmemshim/com_call.c \
	dlls/clrmemshim/com_mono.c \
	dlls/clrmemshim/com_tables.c \
	dlls/clrmemshim/com_values.c \
	dlls/clrmemshim/com_wrapper.c \
	dlls/clrmemshim/corbind.c \
	dlls/clrmemshim/corconfig.c \
	dlls/clrmemshim/corexports.c \
	dlls/clrmemshim/corhost.c \
	dlls/clrmemshim/corinfo.c \
	dlls/clrmemshim/corload.c \
	dlls/clrmemshim/domain_use.c \
	dlls/clrmemshim/domainenum.c \
	dlls/clrmemshim/domainmanager.c \
	dlls/clrmemshim/domains.c \
	dlls/clrmemshim/enumruntimes.c \
	dlls/clrmemshim/errortext.c \
	dlls/clrmemshim/events.c \
	dlls/clrmemshim/execute.c \
	dlls/clrmemshim/exports.c \
	dlls/clrmemshim/failures.c \
	dlls/clrmemshim/gcmanager.c \
	dlls/clrmemshim/host.c \
	dlls/clrmemshim/host_memory.c \
	dlls/clrmemshim/hostassembly.c \
	dlls/clrmemshim/imports.c \
	dlls/clrmemshim/loading.c \
	dlls/clrmemshim/main.c \
	dlls/clrmemshim/metahost.c \
	dlls/clrmemshim/metapolicy.c \
	dlls/clrmemshim/mono_api.c \
	dlls/clrmemshim/mono_invoke.c \
	dlls/clrmemshim/mono_profile.c \
	dlls/clrmemshim/mscoree.c \
	dlls/clrmemshim/othermanagers.c \
	dlls/clrmemshim/own_manager.c \
	dlls/clrmemshim/policy.c \
	dlls/clrmemshim/process.c \
	dlls/clrmemshim/report.c \
	dlls/clrmemshim/runtime_malloc.c \
	dlls/clrmemshim/runtime_virtual.c \
	dlls/clrmemshim/runtimehost.c \
	dlls/clrmemshim/runtimeinfo.c \
	dlls/clrmemshim/runtimes.c \
	dlls/clrmemshim/unload.c
CLRMEMSHIM_HDRS = \
	dlls/clrmemshim/com.h \
	dlls/clrmemshim/control.h \
	dlls/clrmemshim/corfunctions.h \
	dlls/clrmemshim/corhost.h \
	dlls/clrmemshim/framework.h \
	dlls/clrmemshim/mono_api.h \
	dlls/clrmemshim/shim.h
EXTRA_DIST += $(CLRMEMSHIM_SRCS) $(CLRMEMSHIM_HDRS) dlls/clrmemshim/clrmemshim.spec
