/*
 * The .NET runtime that Wine would load.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_RUNTIME_H
#define CLRMEM_RUNTIME_H

#include "prefix.h"

/*
 * Whether Wine finds a runtime for managed programs of an architecture: Wine Mono, where Wine's mscoree.dll looks for
 * it, or an mscoree.dll in the prefix that is not Wine's and brings its own.
 */
bool runtime_found(const struct prefix *prefix, const char *wine, enum arch arch);

#endif
