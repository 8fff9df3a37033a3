/*
 * clrmem's own Windows modules: clrmem.dll, clrmemshim.dll and clrmemstart.exe.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_MODULES_H
#define CLRMEM_MODULES_H

#include "command.h"

/*
 * The path of a module: in the folder that CLRMEM_LIBDIR names, else in ../lib/clrmem from this program, else in the
 * build tree around it, else where it was configured to be installed.
 *
 * Returns a new path of a file that can be read; NULL after a complaint.
 */
char *module_path(enum arch arch, const char *name);

#endif
