/*
 * The table of places: two hash tables that nothing is ever taken out of, so that
 * looking up needs no lock and entering is one exchange of a bucket's head.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/alloc_site.h"

#include <string.h>

void hm_alloc_sites_init(struct hm_alloc_sites *places, const struct hostmem_backend *backend)
{
    hm_pool_init(&places->records, backend, sizeof(struct hm_alloc_site));
    hm_sized_pools_init(&places->text_records, backend);
}

void hm_alloc_sites_destroy(struct hm_alloc_sites *places)
{
    hm_pool_destroy(&places->records);
    hm_sized_pools_destroy(&places->text_records);
}

/* FNV-1a */
static uint32_t place_hash(uint32_t hash, const void *data, size_t size)
{
    const unsigned char *bytes = data;

    for (size_t i = 0; i < size; i++) hash = (hash ^ bytes[i]) * UINT32_C(16777619);
    return hash;
}

/* The text among those from `first` to before `end`. */
static struct hm_alloc_site_text *text_find(struct hm_alloc_site_text *first, const struct hm_alloc_site_text *end,
                                            const char *text, uint32_t length)
{
    for (; first != end; first = first->next)
        if (first->length == length && !memcmp(first->text, text, length)) return first;
    return NULL;
}

static struct hm_alloc_site_text *text_new(struct hm_alloc_sites *places, const char *text, uint32_t length)
{
    struct hm_alloc_site_text *made = hm_sized_pools_get(&places->text_records, sizeof(*made) + length + 1);

    if (!made) return NULL;
    made->length = length;
    memcpy(made->text, text, length);
    made->text[length] = 0;
    return made;
}

/* The one record of a text. NULL: no memory. */
static struct hm_alloc_site_text *text_enter(struct hm_alloc_sites *places, const char *text)
{
    const char *end = memchr(text, 0, PLACE_TEXT_MOST);
    uint32_t length = end ? (uint32_t)(end - text) : PLACE_TEXT_MOST;
    uint32_t hash = place_hash(UINT32_C(2166136261), text, length);
    _Atomic(struct hm_alloc_site_text *) *bucket = &places->texts[(hash ^ hash >> 16) & (PLACE_BUCKETS - 1)];
    struct hm_alloc_site_text *head = load_acquire(bucket), *seen = NULL, *found, *made = NULL;

    while (!(found = text_find(head, seen, text, length)))
    {
        if (!made && !(made = text_new(places, text, length))) return NULL;
        made->next = seen = head;
        if (cas_strong(bucket, &head, made)) return made;
        /* Others came in first: only what is new since needs a look. */
    }
    if (made) hm_sized_pools_put(&places->text_records, made, sizeof(*made) + length + 1);
    return found;
}

static struct hm_alloc_site *place_find(struct hm_alloc_site *first, const struct hm_alloc_site *end,
                                        const struct hm_alloc_site_text *file, int line)
{
    for (; first != end; first = first->next)
        if (first->file == file && first->line == line) return first;
    return NULL;
}

static struct hm_alloc_site *place_new(struct hm_alloc_sites *places, const struct hm_alloc_site_text *file, int line)
{
    struct hm_alloc_site *made = hm_pool_get(&places->records);

    if (!made) return NULL;
    if (made->link.index >= PLACE_MOST - 1)
    {
        hm_pool_put(&places->records, made);
        return NULL;
    }
    made->file = file;
    made->line = line;
    return made;
}

static uint32_t place_number(const struct hm_alloc_site *place)
{
    return place->link.index + 1;
}

uint32_t hm_alloc_sites_enter(struct hm_alloc_sites *places, const char *file, int line)
{
    struct hm_alloc_site_text *text = NULL;
    struct hm_alloc_site *head, *seen = NULL, *found, *made = NULL;
    _Atomic(struct hm_alloc_site *) *bucket;
    uint32_t hash;

    if (file && !(text = text_enter(places, file))) return 0;
    hash = place_hash(place_hash(UINT32_C(2166136261), &text, sizeof(text)), &line, sizeof(line));
    bucket = &places->places[(hash ^ hash >> 16) & (PLACE_BUCKETS - 1)];
    head = load_acquire(bucket);
    while (!(found = place_find(head, seen, text, line)))
    {
        if (!made && !(made = place_new(places, text, line))) return 0;
        made->next = seen = head;
        if (cas_strong(bucket, &head, made)) return place_number(made);
    }
    if (made) hm_pool_put(&places->records, made);
    return place_number(found);
}

const struct hm_alloc_site *hm_alloc_sites_at(const struct hm_alloc_sites *places, uint32_t number)
{
    return hm_pool_at(&places->records, number - 1);
}
