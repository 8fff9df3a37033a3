# Documents that are made from the sources; SPDX-License-Identifier: LGPL-2.1-or-later
noinst_PROGRAMS += docs/options_doc
docs_options_doc_SOURCES = docs/options_doc.c dlls/clrmem/option_value.c
docs_options_doc_CPPFLAGS = -I$(top_srcdir)/include -I$(top_srcdir)/dlls/clrmem
docs_options_doc_CFLAGS = -std=c11 -Wall -Wextra

OPTIONS_DOC = $(AM_V_GEN)$(MKDIR_P) $(@D) && docs/options_doc
docs/options.md: docs/options_doc
	$(OPTIONS_DOC) markdown >$@.new && mv $@.new $@
docs/clrmem-options.reg: docs/options_doc
	$(OPTIONS_DOC) registry >$@.new && mv $@.new $@
docs/options.man: docs/options_doc
	$(OPTIONS_DOC) man >$@.new && mv $@.new $@
programs/clrmem/clrmem.1: programs/clrmem/clrmem.1.in docs/options.man
	$(AM_V_GEN)$(SED) -e '/^@OPTIONS@$$/r docs/options.man' -e '/^@OPTIONS@$$/d' $< >$@.new && mv $@.new $@

nodist_doc_DATA = docs/options.md docs/clrmem-options.reg
nodist_man_MANS = programs/clrmem/clrmem.1
EXTRA_DIST += programs/clrmem/clrmem.1.in
CLEANFILES += $(nodist_doc_DATA) $(nodist_man_MANS) docs/options.man
