# The core, natively; SPDX-License-Identifier: LGPL-2.1-or-later
HOSTMEM_SRCS = libs/hostmem/map.c
HOSTMEM_HDRS = libs/hostmem/hostmem.h libs/hostmem/map.h libs/hostmem/ledger.h

noinst_LIBRARIES += libs/hostmem/libhostmem.a
libs_hostmem_libhostmem_a_SOURCES = $(HOSTMEM_SRCS) $(HOSTMEM_HDRS)
libs_hostmem_libhostmem_a_CFLAGS = -std=c11 -Wall -Wextra
