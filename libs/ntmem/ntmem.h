/*
 * The core's backend by ntdll: the pages of this process, waits and threads.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_NTMEM_H
#define CLRMEM_NTMEM_H

#include "hostmem/base/backend.h"

/* Every call goes to ntdll alone: it allocates nothing, loads nothing, and waits only in `wait`. Any thread. */
void ntmem_backend_init(struct hostmem_backend *backend);

#endif
