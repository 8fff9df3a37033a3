/*
 * The committed pages of a region: bitmap, figures and charge.
 *
 * Commits and decommits of one region may race. A page that is committed is always charged: where a race leaves no
 * charge for a page, the page is decommitted, as if the decommit had come last.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/region/region.h"
#include "hostmem/base/debug.h"
#include "hostmem/base/pages.h"

static size_t region_bitmap_bytes(size_t size)
{
    return sizeof(struct hm_region_bitmap) + pages_words(size / HOSTMEM_PAGE_SIZE) * sizeof(uint64_t);
}

static _Atomic uint64_t *region_words(struct hm_region *region)
{
    return region->bitmap ? region->bitmap->words : &region->own_word;
}

bool hm_region_pages_init(struct hm_region_table *table, struct hm_region *region, size_t size)
{
    size_t bytes = region_bitmap_bytes(size);

    region->bitmap = NULL;
    store_relaxed(&region->own_word, 0);
    store_release(&region->committed, 0);
    if (size <= PAGES_A_WORD * HOSTMEM_PAGE_SIZE) return true;
    if (!(region->bitmap = hm_sized_pools_get(&table->bitmaps, bytes))) return false;
    if (bytes <= SIZED_POOL_LARGEST)
        for (size_t i = 0; i < pages_words(size / HOSTMEM_PAGE_SIZE); i++) store_relaxed(&region->bitmap->words[i], 0);
    return true;
}

void hm_region_pages_destroy(struct hm_region_table *table, struct hm_region *region, size_t size)
{
    if (region->bitmap) hm_sized_pools_put(&table->bitmaps, region->bitmap, region_bitmap_bytes(size));
    region->bitmap = NULL;
}

/* Newly committed bytes, which are charged already. */
static void region_add_committed(struct hm_region_table *table, struct hm_region *region, size_t bytes)
{
    add_relaxed(&region->committed, bytes);
    gauge_add(&table->committed, bytes);
    gauge_add(&table->level_committed[load_relaxed(&region->level)], bytes);
}

static void region_sub_committed(struct hm_region_table *table, struct hm_region *region, size_t bytes)
{
    sub_relaxed(&region->committed, bytes);
    gauge_sub(&table->committed, bytes);
    gauge_sub(&table->level_committed[load_relaxed(&region->level)], bytes);
    hm_charge_free(table->accounting, NULL, bytes);
}

void hm_region_pages_fill(struct hm_region_table *table, struct hm_region *region, size_t size)
{
    hm_pages_set(region_words(region), 0, size / HOSTMEM_PAGE_SIZE);
    region_add_committed(table, region, size);
}

void hm_region_pages_forget(struct hm_region_table *table, struct hm_region *region)
{
    region_sub_committed(table, region, load_relaxed(&region->committed));
}

/* Decommits those of pages [first, end) that are not in the bitmap: racing decommits took them out after the charge was
 * counted, and they are not charged. */
static void region_decommit_uncharged(struct hm_region_table *table, struct hm_region *region, size_t first, size_t end)
{
    uintptr_t base = load_relaxed(&region->base);
    size_t run;

    for (size_t page = first; page < end; page += run + 1)
    {
        for (run = 0; page + run < end && !hm_pages_test(region_words(region), page + run);) run++;
        if (run)
            (void)table->backend->decommit(table->backend->context, (void *)(base + page * HOSTMEM_PAGE_SIZE),
                                           run * HOSTMEM_PAGE_SIZE);
    }
}

/* Pages [first, end) have just been committed, with a charge for `charged` of them. Enters them into the bitmap and the
 * figures, charges more where decommits raced, and frees the rest of the charge. */
static void region_record_commit(struct hm_region_table *table, struct hm_region *region, size_t first, size_t end,
                                 size_t charged, enum hostmem_critical_level level)
{
    size_t left = charged, total = charged;

    while ((first = hm_pages_set_within(region_words(region), first, end, &left)) < end)
    {
        size_t next = (first / PAGES_A_WORD + 1) * PAGES_A_WORD;

        if (next > end) next = end;
        if (hm_charge_take(table->accounting, NULL, (next - first) * HOSTMEM_PAGE_SIZE, level) == HOSTMEM_OK)
        {
            left += next - first;
            total += next - first;
            continue;
        }
        region_decommit_uncharged(table, region, first, next);
        first = next;
    }
    region_add_committed(table, region, (total - left) * HOSTMEM_PAGE_SIZE);
    hm_charge_free(table->accounting, NULL, left * HOSTMEM_PAGE_SIZE);
}

static enum hostmem_result region_commit(struct hm_region_table *table, struct hm_region *region, size_t offset,
                                         size_t size, uint32_t protect, struct hm_wait *wait)
{
    size_t first = offset / HOSTMEM_PAGE_SIZE, count = size / HOSTMEM_PAGE_SIZE;
    size_t charged = hm_pages_count_clear(region_words(region), first, count);
    void *address = (void *)(load_relaxed(&region->base) + offset);
    enum hostmem_result result;

    wait->bytes = charged * HOSTMEM_PAGE_SIZE;
    if (charged && (result = hm_charge_take(table->accounting, NULL, wait->bytes, wait->level)) != HOSTMEM_OK)
        return result;
    result = table->backend->commit(table->backend->context, address, size, protect);
    if (result == HOSTMEM_OK)
        region_record_commit(table, region, first, first + count, charged, wait->level);
    else
        hm_charge_free(table->accounting, NULL, charged * HOSTMEM_PAGE_SIZE);
    return result;
}

enum hostmem_result hm_region_commit(struct hm_region_table *table, struct hm_region *region, size_t offset,
                                     size_t size, uint32_t protect, struct hm_wait *wait)
{
    enum hostmem_result result;

    hm_assert(size && offset % HOSTMEM_PAGE_SIZE == 0 && size % HOSTMEM_PAGE_SIZE == 0);
    hm_assert(offset + size <= load_relaxed(&region->size));
    atomic_fetch_add_explicit(&region->commits_begun, 1, memory_order_seq_cst);
    result = region_commit(table, region, offset, size, protect, wait);
    atomic_fetch_add_explicit(&region->commits_done, 1, memory_order_seq_cst);
    return result;
}

enum hostmem_result hm_region_decommit(struct hm_region_table *table, struct hm_region *region, size_t offset,
                                       size_t size)
{
    void *address = (void *)(load_relaxed(&region->base) + offset);
    size_t first = offset / HOSTMEM_PAGE_SIZE, count = size / HOSTMEM_PAGE_SIZE, cleared;
    uint32_t done = load_ordered(&region->commits_done);
    enum hostmem_result result = table->backend->decommit(table->backend->context, address, size);

    if (result != HOSTMEM_OK) return result;
    cleared = hm_pages_clear(region_words(region), first, count);
    /* A racing commit may have found bits set, and charged nothing for pages that it then committed. */
    if (load_ordered(&region->commits_begun) != done) region_decommit_uncharged(table, region, first, first + count);
    region_sub_committed(table, region, cleared * HOSTMEM_PAGE_SIZE);
    return HOSTMEM_OK;
}
