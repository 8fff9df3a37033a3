/*
 * Places in source files, as DebugAlloc is told of them: each is kept once, with
 * a number that blocks can remember, for as long as the manager lives. Lock-free.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_PLACES_H
#define CLRMEM_HOSTMEM_PLACES_H

#include "hostmem/base/record_pool.h"

#define PLACE_TEXT_MOST 1023u /* bytes of a file's name that are kept */
#define PLACE_BUCKETS   1024u /* a power of two */
#define PLACE_MOST      (UINT32_C(1) << 30)

/* A file's name; kept once, whatever the number of its lines. */
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
    _Atomic(struct hm_alloc_site *) places[PLACE_BUCKETS]; /* these only ever get more */
    _Atomic(struct hm_alloc_site_text *) texts[PLACE_BUCKETS];
};

/* pre: the memory is zeroed */
void hm_alloc_sites_init(struct hm_alloc_sites *places, const struct hostmem_backend *backend);
void hm_alloc_sites_destroy(struct hm_alloc_sites *places);

/* The number of a place, between 1 and PLACE_MOST; `file` is copied, and may be NULL. 0: no memory. */
uint32_t hm_alloc_sites_enter(struct hm_alloc_sites *places, const char *file, int line);

/* The place of a number that enter gave. Any thread. */
const struct hm_alloc_site *hm_alloc_sites_at(const struct hm_alloc_sites *places, uint32_t number);

#endif
