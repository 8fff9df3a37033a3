/*
 * The registration of clrmem's class, by Wine's own programs of a site's architecture.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_REGISTRATION_H
#define CLRMEM_REGISTRATION_H

#include "site.h"

/* Whether the class is registered. Returns 0, or STATUS_FAILED after a complaint. */
int registration_query(const struct site *site, bool *registered);

/*
 * Registers the class of a DLL of the site's system folder, or unregisters it; name: the DLL's, without the folder.
 * Returns 0, or STATUS_FAILED after a complaint.
 */
int registration_change(const struct site *site, const char *name, bool wanted);

#endif
