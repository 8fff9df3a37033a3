/*
 * Memory for the core's own records: zeroed pages from the backend.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_MEMORY_H
#define CLRMEM_HOSTMEM_MEMORY_H

#include "hostmem/base/bits.h"

#define CACHE_LINE 64 /* bytes */

/* At least `size` zeroed bytes, granularity aligned, or NULL. */
static inline void *memory_get(const struct hostmem_backend *backend, size_t size)
{
    void *base = NULL;
    enum hostmem_result result = backend->reserve(backend->context, &base, page_up(size),
                                                  HOSTMEM_RESERVE | HOSTMEM_COMMIT, HOSTMEM_PAGE_READWRITE);
    return result == HOSTMEM_OK ? base : NULL;
}

/* NULL is allowed. An error of the backend is ignored: no caller could do anything about it. */
static inline void memory_put(const struct hostmem_backend *backend, void *base)
{
    if (base) (void)backend->release(backend->context, base);
}

#endif
