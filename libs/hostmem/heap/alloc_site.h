/*
 * Allocation sites: the files and lines of DebugAlloc's callers. Each is kept once, with a number that blocks refer to,
 * as long as the manager lives. Lock-free.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_ALLOC_SITE_H
#define CLRMEM_HOSTMEM_ALLOC_SITE_H

#include "hostmem/base/record_pool.h"

#define SITE_TEXT_MOST 1023u /* bytes of a file name that are kept */
#define SITE_BUCKETS   1024u /* a power of two */
#define SITE_MOST      (UINT32_C(1) << 30)

/* A file name; kept once, for any number of lines. */
struct hm_alloc_site_text
{
    struct hm_pool_link link;
    struct hm_alloc_site_text *next; /* in its bucket */
    uint32_t length;                 /* bytes */
    char text[];                     /* ends with a 0 */
};

struct hm_alloc_site
{
    struct hm_pool_link link;
    struct hm_alloc_site *next;            /* in its bucket */
    const struct hm_alloc_site_text *file; /* NULL: none was given */
    int line;
};

struct hm_alloc_sites
{
    struct hm_pool records;
    struct hm_sized_pools text_records;
    _Atomic(struct hm_alloc_site *) sites[SITE_BUCKETS]; /* the lists only grow */
    _Atomic(struct hm_alloc_site_text *) texts[SITE_BUCKETS];
};

/* pre: the memory is zeroed */
void hm_alloc_sites_init(struct hm_alloc_sites *table, const struct hostmem_backend *backend);
void hm_alloc_sites_destroy(struct hm_alloc_sites *table);

/* The number of a site, from 1 to SITE_MOST; `file` is copied, and may be NULL. 0: no memory. */
uint32_t hm_alloc_sites_enter(struct hm_alloc_sites *table, const char *file, int line);

/* The site of a number that enter returned. Any thread. */
const struct hm_alloc_site *hm_alloc_sites_at(const struct hm_alloc_sites *table, uint32_t number);

#endif
