# clrmemshim.dll; SPDX-License-Identifier: LGPL-2.1-or-later
CLRMEMSHIM_SRCS = \
	dlls/clrmemshim/attach.c \
	dlls/clrmemshim/collect.c \
	dlls/clrmemshim/heap.c \
	dlls/clrmemshim/host.c \
	dlls/clrmemshim/imports.c \
	dlls/clrmemshim/main.c \
	dlls/clrmemshim/record.c \
	dlls/clrmemshim/redirect.c \
	dlls/clrmemshim/report.c \
	dlls/clrmemshim/runtimehost.c
EXTRA_DIST += $(CLRMEMSHIM_SRCS) dlls/clrmemshim/clrmemshim.spec dlls/clrmemshim/shim.h
