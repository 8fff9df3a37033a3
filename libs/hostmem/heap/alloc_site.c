/*
 * The table of allocation sites: two hash tables without removal, so a look-up needs no lock and an entry is one exchange
 * of a bucket's head.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/heap/alloc_site.h"

#include <string.h>

void hm_alloc_sites_init(struct hm_alloc_sites *table, const struct hostmem_backend *backend)
{
    hm_pool_init(&table->records, backend, sizeof(struct hm_alloc_site));
    hm_sized_pools_init(&table->text_records, backend);
}

void hm_alloc_sites_destroy(struct hm_alloc_sites *table)
{
    hm_pool_destroy(&table->records);
    hm_sized_pools_destroy(&table->text_records);
}

/* FNV-1a */
static uint32_t site_hash(uint32_t hash, const void *data, size_t size)
{
    const unsigned char *bytes = data;

    for (size_t i = 0; i < size; i++) hash = (hash ^ bytes[i]) * UINT32_C(16777619);
    return hash;
}

/* The text in the list from `first` up to but not including `end`. */
static struct hm_alloc_site_text *text_find(struct hm_alloc_site_text *first, const struct hm_alloc_site_text *end,
                                            const char *text, uint32_t length)
{
    for (; first != end; first = first->next)
        if (first->length == length && !memcmp(first->text, text, length)) return first;
    return NULL;
}

static struct hm_alloc_site_text *text_new(struct hm_alloc_sites *table, const char *text, uint32_t length)
{
    struct hm_alloc_site_text *made = hm_sized_pools_get(&table->text_records, sizeof(*made) + length + 1);

    if (!made) return NULL;
    made->length = length;
    memcpy(made->text, text, length);
    made->text[length] = 0;
    return made;
}

/* The one record of a text. NULL: no memory. */
static struct hm_alloc_site_text *text_enter(struct hm_alloc_sites *table, const char *text)
{
    const char *end = memchr(text, 0, SITE_TEXT_MOST);
    uint32_t length = end ? (uint32_t)(end - text) : SITE_TEXT_MOST;
    uint32_t hash = site_hash(UINT32_C(2166136261), text, length);
    _Atomic(struct hm_alloc_site_text *) *bucket = &table->texts[(hash ^ hash >> 16) & (SITE_BUCKETS - 1)];
    struct hm_alloc_site_text *head = load_acquire(bucket), *seen = NULL, *found, *made = NULL;

    while (!(found = text_find(head, seen, text, length)))
    {
        if (!made && !(made = text_new(table, text, length))) return NULL;
        made->next = seen = head;
        if (cas_strong(bucket, &head, made)) return made;
        /* Other threads entered texts first: only those are looked through next. */
    }
    if (made) hm_sized_pools_put(&table->text_records, made, sizeof(*made) + length + 1);
    return found;
}

static struct hm_alloc_site *site_find(struct hm_alloc_site *first, const struct hm_alloc_site *end,
                                       const struct hm_alloc_site_text *file, int line)
{
    for (; first != end; first = first->next)
        if (first->file == file && first->line == line) return first;
    return NULL;
}

static struct hm_alloc_site *site_new(struct hm_alloc_sites *table, const struct hm_alloc_site_text *file, int line)
{
    struct hm_alloc_site *made = hm_pool_get(&table->records);

    if (!made) return NULL;
    if (made->link.index >= SITE_MOST - 1)
    {
        hm_pool_put(&table->records, made);
        return NULL;
    }
    made->file = file;
    made->line = line;
    return made;
}

static uint32_t site_number(const struct hm_alloc_site *site)
{
    return site->link.index + 1;
}

uint32_t hm_alloc_sites_enter(struct hm_alloc_sites *table, const char *file, int line)
{
    struct hm_alloc_site_text *text = NULL;
    struct hm_alloc_site *head, *seen = NULL, *found, *made = NULL;
    _Atomic(struct hm_alloc_site *) *bucket;
    uint32_t hash;

    if (file && !(text = text_enter(table, file))) return 0;
    hash = site_hash(site_hash(UINT32_C(2166136261), &text, sizeof(text)), &line, sizeof(line));
    bucket = &table->sites[(hash ^ hash >> 16) & (SITE_BUCKETS - 1)];
    head = load_acquire(bucket);
    while (!(found = site_find(head, seen, text, line)))
    {
        if (!made && !(made = site_new(table, text, line))) return 0;
        made->next = seen = head;
        if (cas_strong(bucket, &head, made)) return site_number(made);
    }
    if (made) hm_pool_put(&table->records, made);
    return site_number(found);
}

const struct hm_alloc_site *hm_alloc_sites_at(const struct hm_alloc_sites *table, uint32_t number)
{
    return hm_pool_at(&table->records, number - 1);
}
