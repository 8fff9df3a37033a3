# clrmem.dll; SPDX-License-Identifier: LGPL-2.1-or-later
CLRMEM_SRCS = dlls/clrmem/main.c dlls/clrmem/guids.c dlls/clrmem/result.c dlls/clrmem/backend.c \
	dlls/clrmem/memoryload.c dlls/clrmem/factory.c dlls/clrmem/register.c dlls/clrmem/hostcontrol.c \
	dlls/clrmem/manager.c dlls/clrmem/malloc.c dlls/clrmem/statistics.c dlls/clrmem/format.c \
	dlls/clrmem/options.c dlls/clrmem/optiontable.c dlls/clrmem/optionvalue.c dlls/clrmem/optionresolve.c \
	dlls/clrmem/optionsource.c dlls/clrmem/optionlog.c dlls/clrmem/optionapply.c dlls/clrmem/optionmemory.c
EXTRA_DIST += dlls/clrmem/options.h dlls/clrmem/optiontable.h dlls/clrmem/optionvalue.h
CLRMEM_SRCS += dlls/clrmem/monitor.c dlls/clrmem/sampler.c dlls/clrmem/container.c dlls/clrmem/unixfile.c \
	dlls/clrmem/unixpid.c
EXTRA_DIST += dlls/clrmem/pressure.h dlls/clrmem/sampler.h
CLRMEM_SRCS += dlls/clrmem/management.c dlls/clrmem/limits.c dlls/clrmem/locking.c dlls/clrmem/observe.c \
	dlls/clrmem/blocklist.c dlls/clrmem/leaklog.c dlls/clrmem/heapinterface.c dlls/clrmem/flat.c
EXTRA_DIST += dlls/clrmem/management.h
EXTRA_DIST += $(CLRMEM_SRCS) dlls/clrmem/clrmem_private.h dlls/clrmem/clrmem.spec
