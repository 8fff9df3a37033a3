/*
 * Where the core's own records live: zeroed pages straight from the backend.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_MEMORY_H
#define CLRMEM_HOSTMEM_MEMORY_H

#include "hostmem/base/bits.h"

#define CACHE_LINE 64 /* bytes */

/* At least `size` zeroed bytes, granularity aligned, or NULL. pre: size is not near SIZE_MAX */
static inline void *memory_get(const struct hostmem_backend *backend, size_t size)
{
    void *base = NULL;
    enum hostmem_result result = backend->reserve(backend->context, &base, page_up(size),
                                                  HOSTMEM_RESERVE | HOSTMEM_COMMIT, HOSTMEM_PAGE_READWRITE);
    return result == HOSTMEM_OK ? base : NULL;
}

/* Nothing can be done about a backend that refuses, so nobody is told. */
static inline void memory_put(const struct hostmem_backend *backend, void *base)
{
    if (base) (void)backend->release(backend->context, base);
}

#endif
