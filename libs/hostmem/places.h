/*
 * Places in source files, as DebugAlloc is told of them: each is kept once, with
 * a number that blocks can remember, for as long as the manager lives. Lock-free.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_PLACES_H
#define CLRMEM_HOSTMEM_PLACES_H

#include "meta.h"

#define PLACE_TEXT_MOST 1023u /* bytes of a file's name that are kept */
#define PLACE_BUCKETS   1024u /* a power of two */
#define PLACE_MOST      (UINT32_C(1) << 30)

/* A file's name; kept once, whatever the number of its lines. */
struct hostmem_place_text
{
    struct hostmem_pool_link link;
    struct hostmem_place_text *next; /* in its bucket */
    uint32_t length;                 /* bytes */
    char text[];                     /* ends with a 0 */
};

struct hostmem_place
{
    struct hostmem_pool_link link;
    struct hostmem_place *next;            /* in its bucket */
    const struct hostmem_place_text *file; /* NULL: none was given */
    int line;
};

struct hostmem_places
{
    struct hostmem_pool records;
    struct hostmem_meta text_records;
    _Atomic(struct hostmem_place *) places[PLACE_BUCKETS]; /* these only ever get more */
    _Atomic(struct hostmem_place_text *) texts[PLACE_BUCKETS];
};

/* pre: the memory is zeroed */
void hostmem_places_init(struct hostmem_places *places, const struct hostmem_backend *backend);
void hostmem_places_destroy(struct hostmem_places *places);

/* The number of a place, between 1 and PLACE_MOST; `file` is copied, and may be NULL. 0: no memory. */
uint32_t hostmem_places_enter(struct hostmem_places *places, const char *file, int line);

/* The place of a number that enter gave. Any thread. */
const struct hostmem_place *hostmem_places_at(const struct hostmem_places *places, uint32_t number);

#endif
