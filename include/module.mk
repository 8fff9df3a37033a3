# Headers that widl makes from the IDL files; SPDX-License-Identifier: LGPL-2.1-or-later
IDL_FILES = include/hosting.idl include/clrcontrol.idl include/clrmem.idl
IDL_HDRS = include/hosting.h include/clrcontrol.h include/clrmem_idl.h
WIDL_HEADER = $(AM_V_GEN)$(MKDIR_P) include && $(WIDL) -h -Iinclude -I$(WINE_WINDOWS_INCLUDE) -o $@

include/hosting.h: include/hosting.idl
	$(WIDL_HEADER) $<
include/clrcontrol.h: include/clrcontrol.idl
	$(WIDL_HEADER) $<
include/clrmem_idl.h: include/clrmem.idl include/clrmem_statistics.idl
	$(WIDL_HEADER) $<

clrmemincludedir = $(includedir)/clrmem
dist_clrmeminclude_DATA = include/clrmem.h include/clrmem_options.h $(IDL_FILES)
nodist_clrmeminclude_DATA = $(IDL_HDRS) include/clrmem_statistics.idl

CLEANFILES += $(IDL_HDRS) include/clrmem_statistics.idl
