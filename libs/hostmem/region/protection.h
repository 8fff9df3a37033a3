/*
 * Which page protections Win32 accepts.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_PROTECTION_H
#define CLRMEM_HOSTMEM_PROTECTION_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether `protect` is one base protection (PAGE_NOACCESS to PAGE_EXECUTE_WRITECOPY) with at most one of PAGE_GUARD,
 * PAGE_NOCACHE and PAGE_WRITECOMBINE, none of them with PAGE_NOACCESS, as the documentation of the memory protection
 * constants has it; PAGE_TARGETS_INVALID goes with executable ones. Wine lets guards without access and mixed
 * modifiers pass. Copy on write, which only views of files have, is left to the backend.
 */
bool hm_protection_is_valid(uint32_t protect);

#endif
