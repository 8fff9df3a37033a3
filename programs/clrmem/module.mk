# The command and its Windows side; SPDX-License-Identifier: LGPL-2.1-or-later
bin_PROGRAMS += programs/clrmem/clrmem
programs_clrmem_clrmem_SOURCES = \
	programs/clrmem/command.h \
	programs/clrmem/files.c programs/clrmem/files.h \
	programs/clrmem/install.c \
	programs/clrmem/main.c \
	programs/clrmem/message.c \
	programs/clrmem/modules.c programs/clrmem/modules.h \
	programs/clrmem/options.c programs/clrmem/options.h \
	programs/clrmem/pe.c programs/clrmem/pe.h \
	programs/clrmem/prefix.c programs/clrmem/prefix.h \
	programs/clrmem/program.c programs/clrmem/program.h \
	programs/clrmem/registration.c programs/clrmem/registration.h \
	programs/clrmem/registry.c programs/clrmem/registry.h \
	programs/clrmem/run.c \
	programs/clrmem/runtime.c programs/clrmem/runtime.h \
	programs/clrmem/search.c programs/clrmem/search.h \
	programs/clrmem/site.c programs/clrmem/site.h \
	programs/clrmem/wine.c programs/clrmem/wine.h
programs_clrmem_clrmem_CFLAGS = -std=gnu11 -Wall -Wextra
programs_clrmem_clrmem_CPPFLAGS = -D_GNU_SOURCE -DCLRMEM_LIBDIR='"$(pkglibdir)"'

CLRMEMSTART_SRCS = \
	programs/clrmem/start.c \
	programs/clrmem/start_attach.c \
	programs/clrmem/start_text.c
EXTRA_DIST += $(CLRMEMSTART_SRCS) programs/clrmem/start.h
