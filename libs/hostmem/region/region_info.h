/*
 * What callers see of a region.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_REGION_INFO_H
#define CLRMEM_HOSTMEM_REGION_INFO_H

#include "hostmem/base/backend.h"

struct hostmem_region_info
{
    void *base;
    size_t size, committed; /* bytes */
    enum hostmem_critical_level level;
    uint32_t locked_for; /* thread id, 0: not locked */
};

#endif
