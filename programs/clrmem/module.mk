# The command and its Windows side; SPDX-License-Identifier: LGPL-2.1-or-later
bin_PROGRAMS += programs/clrmem/clrmem
programs_clrmem_clrmem_SOURCES = \
	programs/clrmem/arguments.c programs/clrmem/arguments.h \
	programs/clrmem/clrmem.c \
	programs/clrmem/command.h \
	programs/clrmem/files.c programs/clrmem/files.h \
	programs/clrmem/install.c \
	programs/clrmem/message.c \
	programs/clrmem/prefix.c programs/clrmem/prefix.h \
	programs/clrmem/run.c \
	programs/clrmem/site.c programs/clrmem/site.h \
	programs/clrmem/wine.c programs/clrmem/wine.h
programs_clrmem_clrmem_CFLAGS = -std=gnu11 -Wall -Wextra
programs_clrmem_clrmem_CPPFLAGS = -I$(top_srcdir)/include -D_GNU_SOURCE -DCLRMEM_LIBDIR='"$(pkglibdir)"'

CLRMEMSTART_SRCS = \
	programs/clrmem/starter.c \
	programs/clrmem/starter_attach.c \
	programs/clrmem/starter_program.c \
	programs/clrmem/starter_text.c
EXTRA_DIST += $(CLRMEMSTART_SRCS) programs/clrmem/starter.h
