# clrmem.dll; SPDX-License-Identifier: LGPL-2.1-or-later
CLRMEM_SRCS = dlls/clrmem/main.c dlls/clrmem/guids.c dlls/clrmem/result.c dlls/clrmem/backend.c \
	dlls/clrmem/memoryload.c dlls/clrmem/factory.c dlls/clrmem/register.c dlls/clrmem/hostcontrol.c \
	dlls/clrmem/manager.c dlls/clrmem/malloc.c dlls/clrmem/statistics.c dlls/clrmem/format.c
EXTRA_DIST += $(CLRMEM_SRCS) dlls/clrmem/clrmem_private.h dlls/clrmem/clrmem.spec
