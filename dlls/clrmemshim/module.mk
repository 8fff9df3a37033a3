# clrmemshim.dll; SPDX-License-Identifier: LGPL-2.1-or-later
CLRMEMSHIM_SRCS = \
	dlls/clrmemshim/attach.c \
	dlls/clrmemshim/collect.c \
	dlls/clrmemshim/host.c \
	dlls/clrmemshim/host_memory.c \
	dlls/clrmemshim/imports.c \
	dlls/clrmemshim/main.c \
	dlls/clrmemshim/mono_api.c \
	dlls/clrmemshim/mono_invoke.c \
	dlls/clrmemshim/own_manager.c \
	dlls/clrmemshim/process.c \
	dlls/clrmemshim/report.c \
	dlls/clrmemshim/runtime_malloc.c \
	dlls/clrmemshim/runtime_virtual.c \
	dlls/clrmemshim/runtimehost.c
EXTRA_DIST += $(CLRMEMSHIM_SRCS) dlls/clrmemshim/clrmemshim.spec dlls/clrmemshim/shim.h dlls/clrmemshim/mono_api.h
# The shim is attached, never called: it has no exports.
