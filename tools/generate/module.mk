# What is generated from lists in the sources, by small native programs; SPDX-License-Identifier: LGPL-2.1-or-later
noinst_PROGRAMS += tools/generate/options_doc
tools_generate_options_doc_SOURCES = tools/generate/options_doc.c dlls/clrmem/option_value.c
tools_generate_options_doc_CPPFLAGS = -I$(top_srcdir)/include -I$(top_srcdir)/dlls/clrmem
tools_generate_options_doc_CFLAGS = -std=c11 -Wall -Wextra

OPTIONS_DOC = $(AM_V_GEN)$(MKDIR_P) $(@D) && tools/generate/options_doc
docs/options.md: tools/generate/options_doc
	$(OPTIONS_DOC) markdown >$@.new && mv $@.new $@
docs/clrmem-options.reg: tools/generate/options_doc
	$(OPTIONS_DOC) registry >$@.new && mv $@.new $@
tools/generate/options.man: tools/generate/options_doc
	$(OPTIONS_DOC) man >$@.new && mv $@.new $@
programs/clrmem/clrmem.1: programs/clrmem/clrmem.1.in tools/generate/options.man
	$(AM_V_GEN)$(SED) -e '/^@OPTIONS@$$/r tools/generate/options.man' -e '/^@OPTIONS@$$/d' $< >$@.new && mv $@.new $@

nodist_doc_DATA = docs/options.md docs/clrmem-options.reg
nodist_man_MANS = programs/clrmem/clrmem.1
EXTRA_DIST += programs/clrmem/clrmem.1.in
CLEANFILES += $(nodist_doc_DATA) $(nodist_man_MANS) tools/generate/options.man

noinst_PROGRAMS += tools/generate/statistics_idl
tools_generate_statistics_idl_SOURCES = tools/generate/statistics_idl.c
tools_generate_statistics_idl_CPPFLAGS = -I$(top_srcdir)/libs
tools_generate_statistics_idl_CFLAGS = -std=c11 -Wall -Wextra

include/clrmem_statistics.idl: tools/generate/statistics_idl
	$(AM_V_GEN)$(MKDIR_P) $(@D) && tools/generate/statistics_idl >$@.new && mv $@.new $@
