# The core, layer by layer, and the libraries beside it, natively; SPDX-License-Identifier: LGPL-2.1-or-later
HOSTMEM_BASE_SRCS = \
	libs/hostmem/base/debug.c \
	libs/hostmem/base/map.c \
	libs/hostmem/base/pages.c \
	libs/hostmem/base/range_map.c \
	libs/hostmem/base/record_pool.c
HOSTMEM_SRCS = $(HOSTMEM_BASE_SRCS) \
	libs/hostmem/account/accounting.c \
	libs/hostmem/account/call_counts.c \
	libs/hostmem/account/charge.c \
	libs/hostmem/region/region.c \
	libs/hostmem/region/region_lock.c \
	libs/hostmem/region/region_pages.c \
	libs/hostmem/region/wait.c \
	libs/hostmem/heap/alloc_site.c \
	libs/hostmem/heap/alloc_slow.c \
	libs/hostmem/heap/enumerate.c \
	libs/hostmem/heap/grow.c \
	libs/hostmem/heap/heap.c \
	libs/hostmem/heap/heaps.c \
	libs/hostmem/heap/large.c \
	libs/hostmem/heap/refill.c \
	libs/hostmem/heap/span.c \
	libs/hostmem/heap/trim.c \
	libs/hostmem/api/manager.c \
	libs/hostmem/api/view.c \
	libs/hostmem/api/virtual.c
OWNERSHIP_SRCS = libs/ownership/block_table.c libs/ownership/ownership.c
NTMEM_SRCS = libs/ntmem/ntmem.c
MEMPROBE_SRCS = libs/memprobe/cgroup.c libs/memprobe/pressure.c
LIBS_SRCS = $(HOSTMEM_SRCS) $(OWNERSHIP_SRCS) $(MEMPROBE_SRCS)
LIBS_HDRS = \
	libs/hostmem/base/atomics.h \
	libs/hostmem/base/backend.h \
	libs/hostmem/base/bits.h \
	libs/hostmem/base/counters.h \
	libs/hostmem/base/debug.h \
	libs/hostmem/base/event.h \
	libs/hostmem/base/figures.h \
	libs/hostmem/base/map.h \
	libs/hostmem/base/memory.h \
	libs/hostmem/base/pages.h \
	libs/hostmem/base/range_map.h \
	libs/hostmem/base/record_pool.h \
	libs/hostmem/base/spin.h \
	libs/hostmem/account/accounting.h \
	libs/hostmem/account/charge.h \
	libs/hostmem/account/limits.h \
	libs/hostmem/account/statistics.h \
	libs/hostmem/region/region.h \
	libs/hostmem/region/region_info.h \
	libs/hostmem/region/wait.h \
	libs/hostmem/heap/alloc_site.h \
	libs/hostmem/heap/heap.h \
	libs/hostmem/heap/hostmem_heap.h \
	libs/hostmem/heap/size_class.h \
	libs/hostmem/heap/span.h \
	libs/hostmem/api/hostmem.h \
	libs/hostmem/api/manager.h \
	libs/hostmem/api/view.h \
	libs/ownership/block_table.h \
	libs/ownership/ownership.h \
	libs/memprobe/cgroup.h \
	libs/memprobe/pressure.h

noinst_LIBRARIES += libs/libhostmem.a
libs_libhostmem_a_SOURCES = $(LIBS_SRCS) $(LIBS_HDRS)
libs_libhostmem_a_CPPFLAGS = -I$(top_srcdir)/libs
libs_libhostmem_a_CFLAGS = -std=c11 -Wall -Wextra
