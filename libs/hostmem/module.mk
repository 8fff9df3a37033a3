# The core, natively; SPDX-License-Identifier: LGPL-2.1-or-later
HOSTMEM_SRCS = \
	libs/hostmem/blocks.c \
	libs/hostmem/cgroup.c \
	libs/hostmem/charge.c \
	libs/hostmem/extents.c \
	libs/hostmem/grow.c \
	libs/hostmem/heap.c \
	libs/hostmem/large.c \
	libs/hostmem/ledger.c \
	libs/hostmem/locks.c \
	libs/hostmem/manager.c \
	libs/hostmem/map.c \
	libs/hostmem/meta.c \
	libs/hostmem/pages.c \
	libs/hostmem/patience.c \
	libs/hostmem/places.c \
	libs/hostmem/pool.c \
	libs/hostmem/pressure.c \
	libs/hostmem/protection.c \
	libs/hostmem/refill.c \
	libs/hostmem/regions.c \
	libs/hostmem/request.c \
	libs/hostmem/span.c \
	libs/hostmem/statistics.c \
	libs/hostmem/trim.c \
	libs/hostmem/usage.c \
	libs/hostmem/virtual.c
HOSTMEM_HDRS = \
	libs/hostmem/atomics.h \
	libs/hostmem/bins.h \
	libs/hostmem/bits.h \
	libs/hostmem/cgroup.h \
	libs/hostmem/charge.h \
	libs/hostmem/counters.h \
	libs/hostmem/extents.h \
	libs/hostmem/heap.h \
	libs/hostmem/hostmem.h \
	libs/hostmem/ledger.h \
	libs/hostmem/manager.h \
	libs/hostmem/map.h \
	libs/hostmem/memory.h \
	libs/hostmem/meta.h \
	libs/hostmem/pages.h \
	libs/hostmem/patience.h \
	libs/hostmem/places.h \
	libs/hostmem/pool.h \
	libs/hostmem/pressure.h \
	libs/hostmem/protection.h \
	libs/hostmem/regions.h \
	libs/hostmem/span.h \
	libs/hostmem/spanlist.h \
	libs/hostmem/spin.h

noinst_LIBRARIES += libs/hostmem/libhostmem.a
libs_hostmem_libhostmem_a_SOURCES = $(HOSTMEM_SRCS) $(HOSTMEM_HDRS)
libs_hostmem_libhostmem_a_CPPFLAGS = -I$(top_srcdir)/libs
libs_hostmem_libhostmem_a_CFLAGS = -std=c11 -Wall -Wextra
