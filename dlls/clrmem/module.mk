# clrmem.dll; SPDX-License-Identifier: LGPL-2.1-or-later
CLRMEM_OPTION_SRCS = dlls/clrmem/options.c dlls/clrmem/option_source.c dlls/clrmem/option_value.c
CLRMEM_SRCS = $(CLRMEM_OPTION_SRCS) \
	dlls/clrmem/container.c \
	dlls/clrmem/enumeration.c \
	dlls/clrmem/factory.c \
	dlls/clrmem/flat.c \
	dlls/clrmem/guids.c \
	dlls/clrmem/host_control.c \
	dlls/clrmem/host_malloc.c \
	dlls/clrmem/module.c \
	dlls/clrmem/management.c \
	dlls/clrmem/memory_load.c \
	dlls/clrmem/memory_manager.c \
	dlls/clrmem/memory_probe.c \
	dlls/clrmem/monitor.c \
	dlls/clrmem/register.c \
	dlls/clrmem/result.c \
	dlls/clrmem/settings.c \
	dlls/clrmem/statistics_public.c \
	dlls/clrmem/unix_file.c
EXTRA_DIST += $(CLRMEM_SRCS) dlls/clrmem/clrmem.spec \
	dlls/clrmem/clrmem_private.h \
	dlls/clrmem/memory_probe.h \
	dlls/clrmem/monitor.h \
	dlls/clrmem/option_value.h \
	dlls/clrmem/options.h
