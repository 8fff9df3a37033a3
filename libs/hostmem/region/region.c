/*
 * The life of a region record.
 *
 * State word: generation | phase | pins. Free -> live ->
 * releasing -> free, and back to live where the backend refuses a release; or free
 * -> live -> stale -> free, where the memory went without us. Every change is one
 * compare-and-exchange, so a thread may be suspended anywhere.
 * `base` and `size` belong to a generation: whoever read them after the state and
 * then finds generation and phase unchanged has read the right ones.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/region/region.h"
#include "hostmem/base/pages.h"

static size_t region_bitmap_bytes(size_t size)
{
    return sizeof(struct hm_bitmap) + pages_words(size / HOSTMEM_PAGE_SIZE) * sizeof(uint64_t);
}

static bool region_is_small(size_t size)
{
    return size <= PAGES_A_WORD * HOSTMEM_PAGE_SIZE;
}

static _Atomic uint64_t *region_words(struct hm_region *region)
{
    return region->more ? region->more->words : &region->own_word;
}

/* A record and a clear bitmap for a region to come; NULL: no memory. */
static struct hm_region *region_prepare(struct hostmem_manager *manager, size_t size)
{
    struct hm_region *region = hm_pool_get(&manager->regions);
    size_t bytes = region_bitmap_bytes(size);

    if (!region) return NULL;
    region->more = NULL;
    store_relaxed(&region->own_word, 0);
    store_release(&region->committed, 0);
    if (region_is_small(size)) return region;
    if (!(region->more = hm_sized_pools_get(&manager->bitmaps, bytes)))
    {
        hm_pool_put(&manager->regions, region);
        return NULL;
    }
    if (bytes <= SIZED_POOL_LARGEST)
        for (size_t i = 0; i < pages_words(size / HOSTMEM_PAGE_SIZE); i++) store_relaxed(&region->more->words[i], 0);
    return region;
}

/* Puts back what prepare got. */
static void region_discard(struct hostmem_manager *manager, struct hm_region *region, size_t size)
{
    if (region->more) hm_sized_pools_put(&manager->bitmaps, region->more, region_bitmap_bytes(size));
    region->more = NULL;
    hm_pool_put(&manager->regions, region);
}

/* A new generation of a record that is nobody else's, in the given phase. */
static void region_begin(struct hm_region *region, uint64_t phase)
{
    uint64_t generation = load_relaxed(&region->state) & ~(REGION_PHASE | REGION_PINS);

    store_release(&region->state, (generation + REGION_GENERATION) | phase);
}

/* Reserved, but not recordable: give it back, or keep it in mind for destroy. */
static void region_abandon(struct hostmem_manager *manager, struct hm_region *region, void *base, size_t size)
{
    if (manager->backend.release(manager->backend.context, base) == HOSTMEM_OK)
        region_discard(manager, region, size);
    else
        region_begin(region, REGION_ORPHAN);
}

/* Newly committed bytes enter the figures; they are charged already. */
static void region_count_committed(struct hostmem_manager *manager, struct hm_region *region, size_t bytes)
{
    add_relaxed(&region->committed, bytes);
    gauge_add(&manager->committed, bytes);
    gauge_add(&manager->level_committed[load_relaxed(&region->level)], bytes);
}

/* The region is there: figures, then life. */
static void region_start(struct hostmem_manager *manager, struct hm_region *region, size_t size, bool committed,
                         enum hostmem_critical_level level)
{
    store_release(&region->level, level);
    gauge_add(&manager->reserved, size);
    gauge_add(&manager->level_reserved[level], size);
    gauge_add(&manager->live_regions, 1);
    if (committed)
    {
        hm_pages_set(region_words(region), 0, size / HOSTMEM_PAGE_SIZE);
        region_count_committed(manager, region, size);
    }
    region_begin(region, REGION_LIVE);
}

/* Reserves for a prepared record, and enters it into the map. On failure the record is put back. */
static enum hostmem_result region_place(struct hostmem_manager *manager, struct hm_region *region, void **address,
                                        size_t size, uint32_t type, uint32_t protect)
{
    enum hostmem_result result;

    result = manager->backend.reserve(manager->backend.context, address, size, type, protect);
    if (result != HOSTMEM_OK)
    {
        region_discard(manager, region, size);
        return result;
    }
    store_release(&region->base, (uintptr_t)*address);
    store_release(&region->size, size);
    hm_regions_retire(manager, *address, size);
    /* In the map before it lives: until then it is nobody's, as it was. */
    if (hm_map_set(manager->map, *address, size, map_tagged(region, MAP_REGION)) == HOSTMEM_OK) return HOSTMEM_OK;
    region_abandon(manager, region, *address, size);
    return HOSTMEM_NO_MEMORY;
}

enum hostmem_result hm_region_create(struct hostmem_manager *manager, void **address, size_t size, uint32_t type,
                                     uint32_t protect, struct hm_wait *patience)
{
    bool commit = type & HOSTMEM_COMMIT;
    struct hm_region *region;
    enum hostmem_result result = HOSTMEM_OK;

    patience->bytes = commit ? size : 0;
    if (commit && (result = hm_charge_take(manager, NULL, size, patience->level)) != HOSTMEM_OK) return result;
    result = HOSTMEM_NO_MEMORY;
    if ((region = region_prepare(manager, size))) result = region_place(manager, region, address, size, type, protect);
    if (result == HOSTMEM_OK)
        region_start(manager, region, size, commit, patience->level);
    else if (commit)
        hm_charge_give(manager, NULL, size);
    return result;
}

/* Whether the record, live in `state`, covers the address. */
static bool region_covers(struct hm_region *region, const void *address)
{
    return (uintptr_t)address - load_acquire(&region->base) < load_acquire(&region->size);
}

struct hm_region *hm_region_pin(struct hostmem_manager *manager, const void *address)
{
    struct hm_region *region = manager_record(manager, address, MAP_REGION);
    uint64_t state;

    if (!region) return NULL;
    state = load_acquire(&region->state);
    do
    {
        if ((state & REGION_PHASE) != REGION_LIVE || !region_covers(region, address)) return NULL;
    } while (!cas_weak(&region->state, &state, state + REGION_PIN));
    return region;
}

/* Decommitted bytes leave the figures, and are no longer charged. */
static void region_count_decommitted(struct hostmem_manager *manager, struct hm_region *region, size_t bytes)
{
    sub_relaxed(&region->committed, bytes);
    gauge_sub(&manager->committed, bytes);
    gauge_sub(&manager->level_committed[load_relaxed(&region->level)], bytes);
    hm_charge_give(manager, NULL, bytes);
}

/* The record leaves the books. */
static void region_forget(struct hostmem_manager *manager, struct hm_region *region)
{
    size_t size = load_relaxed(&region->size);

    gauge_sub(&manager->reserved, size);
    gauge_sub(&manager->level_reserved[load_relaxed(&region->level)], size);
    gauge_sub(&manager->live_regions, 1);
    region_count_decommitted(manager, region, load_relaxed(&region->committed));
    store_release(&region->state, load_relaxed(&region->state) & ~(REGION_PHASE | REGION_PINS));
    region_discard(manager, region, size);
}

/* Gives the memory of a releasing region without pins back. */
static enum hostmem_result region_finish(struct hostmem_manager *manager, struct hm_region *region)
{
    void *base = (void *)load_relaxed(&region->base);
    enum hostmem_result result;

    result = hm_manager_judge_release(manager, manager->backend.release(manager->backend.context, base));
    if (result == HOSTMEM_OK || result == HOSTMEM_BROKEN || result == HOSTMEM_UNAVAILABLE)
    {
        /* Where the records are broken the memory may be somebody else's by now: do not touch it again. */
        region_forget(manager, region);
        return result;
    }
    /* Still ours, so back as it was. The map's leaves exist, so this cannot fail. (Where a racing pin delayed us the
     * releaser has been told that all is well; that is better than losing track of the memory.) */
    hm_map_set(manager->map, base, load_relaxed(&region->size), map_tagged(region, MAP_REGION));
    atomic_fetch_xor_explicit(&region->state, REGION_RELEASING ^ REGION_LIVE, memory_order_release);
    return result;
}

/* Drops a pin; what finishing came to, if this was the last pin of a releasing region. */
static enum hostmem_result region_drop_pin(struct hostmem_manager *manager, struct hm_region *region)
{
    uint64_t state = atomic_fetch_sub_explicit(&region->state, REGION_PIN, memory_order_acq_rel) - REGION_PIN;

    switch (state & (REGION_PHASE | REGION_PINS))
    {
    case REGION_RELEASING:
        return region_finish(manager, region);
    case REGION_STALE:
        region_forget(manager, region);
        return HOSTMEM_OK;
    default:
        return HOSTMEM_OK;
    }
}

enum hostmem_result hm_region_unpin(struct hostmem_manager *manager, struct hm_region *region)
{
    return region_drop_pin(manager, region);
}

/* Ends the life of a pinned region and takes it out of the map; false if another caller was quicker. */
static bool region_end(struct hostmem_manager *manager, struct hm_region *region, uint64_t phase)
{
    uint64_t state = load_acquire(&region->state);

    do
    {
        if ((state & REGION_PHASE) != REGION_LIVE) return false;
    } while (!cas_weak(&region->state, &state, state ^ (REGION_LIVE ^ phase)));
    hm_region_drop_lock(manager, region);
    /* Only where it still stands: of stale addresses, some may have got their next region meanwhile. */
    hm_map_clear(manager->map, (void *)load_relaxed(&region->base), load_relaxed(&region->size),
                 map_tagged(region, MAP_REGION));
    return true;
}

enum hostmem_result hm_region_release(struct hostmem_manager *manager, struct hm_region *region)
{
    /* Out of the map first: once released, the addresses may be anybody's next region. */
    bool ended = region_end(manager, region, REGION_RELEASING);
    enum hostmem_result result;

    atomic_fetch_sub_explicit(&region->changes, 1, memory_order_release);
    result = region_drop_pin(manager, region);

    return ended ? result : HOSTMEM_NOT_OWNED;
}

void hm_regions_retire(struct hostmem_manager *manager, void *base, size_t size)
{
    for (size_t offset = 0; offset < size; offset += HOSTMEM_GRANULARITY)
    {
        /* Live, and with an address that is nobody's but ours. */
        struct hm_region *region = hm_region_pin(manager, (char *)base + offset);

        if (!region) continue;
        region_end(manager, region, REGION_STALE);
        hm_region_unpin(manager, region);
    }
}

/* Pages [first, end), which raced decommits took out of the bitmap after the charge was counted, and for which there is
 * no charge to be had: the decommits are taken to have come last. */
static void region_yield_pages(struct hostmem_manager *manager, struct hm_region *region, size_t first, size_t end)
{
    uintptr_t base = load_relaxed(&region->base);
    size_t run;

    for (size_t page = first; page < end; page += run + 1)
    {
        for (run = 0; page + run < end && !hm_pages_test(region_words(region), page + run);) run++;
        if (run)
            (void)manager->backend.decommit(manager->backend.context, (void *)(base + page * HOSTMEM_PAGE_SIZE),
                                            run * HOSTMEM_PAGE_SIZE);
    }
}

/* Pages [first, end) have just been committed, and `charged` of them charged: enters them into the bitmap and the
 * figures, and gives back what was charged in vain. */
static void region_settle(struct hostmem_manager *manager, struct hm_region *region, size_t first, size_t end,
                          size_t charged, enum hostmem_critical_level level)
{
    size_t left = charged, total = charged;

    while ((first = hm_pages_set_within(region_words(region), first, end, &left)) < end)
    {
        size_t next = (first / PAGES_A_WORD + 1) * PAGES_A_WORD;

        if (next > end) next = end;
        if (hm_charge_take(manager, NULL, (next - first) * HOSTMEM_PAGE_SIZE, level) == HOSTMEM_OK)
        {
            left += next - first;
            total += next - first;
            continue;
        }
        region_yield_pages(manager, region, first, next);
        first = next;
    }
    region_count_committed(manager, region, (total - left) * HOSTMEM_PAGE_SIZE);
    hm_charge_give(manager, NULL, left * HOSTMEM_PAGE_SIZE);
}

static enum hostmem_result region_commit(struct hostmem_manager *manager, struct hm_region *region, size_t offset,
                                         size_t size, uint32_t protect, struct hm_wait *patience)
{
    size_t first = offset / HOSTMEM_PAGE_SIZE, count = size / HOSTMEM_PAGE_SIZE;
    size_t charged = hm_pages_count_clear(region_words(region), first, count);
    void *address = (void *)(load_relaxed(&region->base) + offset);
    enum hostmem_result result;

    patience->bytes = charged * HOSTMEM_PAGE_SIZE;
    if (charged && (result = hm_charge_take(manager, NULL, patience->bytes, patience->level)) != HOSTMEM_OK)
        return result;
    result = manager->backend.commit(manager->backend.context, address, size, protect);
    if (result == HOSTMEM_OK)
        region_settle(manager, region, first, first + count, charged, patience->level);
    else
        hm_charge_give(manager, NULL, charged * HOSTMEM_PAGE_SIZE);
    return result;
}

enum hostmem_result hm_region_commit(struct hostmem_manager *manager, struct hm_region *region, size_t offset,
                                     size_t size, uint32_t protect, struct hm_wait *patience)
{
    enum hostmem_result result;

    atomic_fetch_add_explicit(&region->commits_begun, 1, memory_order_seq_cst);
    result = region_commit(manager, region, offset, size, protect, patience);
    atomic_fetch_add_explicit(&region->commits_done, 1, memory_order_seq_cst);
    return result;
}

enum hostmem_result hm_region_decommit(struct hostmem_manager *manager, struct hm_region *region, size_t offset,
                                       size_t size)
{
    void *address = (void *)(load_relaxed(&region->base) + offset);
    size_t first = offset / HOSTMEM_PAGE_SIZE, count = size / HOSTMEM_PAGE_SIZE, cleared;
    uint32_t done = load_ordered(&region->commits_done);
    enum hostmem_result result = manager->backend.decommit(manager->backend.context, address, size);

    if (result != HOSTMEM_OK) return result;
    cleared = hm_pages_clear(region_words(region), first, count);
    /* A commit meanwhile may have found bits set, and charged nothing: what is not charged must not stay committed. */
    if (load_ordered(&region->commits_begun) != done) region_yield_pages(manager, region, first, first + count);
    region_count_decommitted(manager, region, cleared * HOSTMEM_PAGE_SIZE);
    return HOSTMEM_OK;
}

/* What there is to say of a live record, as of one moment; false if it is not live. */
static bool region_read(struct hm_region *region, struct hostmem_region_info *info)
{
    uint64_t state = load_acquire(&region->state), again;

    for (;; state = again)
    {
        if ((state & REGION_PHASE) != REGION_LIVE) return false;
        info->base = (void *)load_acquire(&region->base);
        info->size = load_acquire(&region->size);
        info->committed = load_acquire(&region->committed);
        info->level = (enum hostmem_critical_level)load_acquire(&region->level);
        info->locked_for = (uint32_t)(load_acquire(&region->lock) >> 32);
        again = load_acquire(&region->state);
        if ((again & ~REGION_PINS) == (state & ~REGION_PINS)) return true;
    }
}

bool hostmem_manager_owns(struct hostmem_manager *manager, const void *address, void **base, size_t *size)
{
    struct hm_region *region = manager_record(manager, address, MAP_REGION);
    struct hostmem_region_info info;

    if (!region || !region_read(region, &info)) return false;
    if ((uintptr_t)address - (uintptr_t)info.base >= info.size) return false;
    if (base) *base = info.base;
    if (size) *size = info.size;
    return true;
}

void hostmem_manager_each_region(struct hostmem_manager *manager,
                                 bool (*visit)(void *arg, const struct hostmem_region_info *region), void *arg)
{
    for (uint32_t i = 0; i < hm_pool_count(&manager->regions); i++)
    {
        struct hostmem_region_info info;

        if (!region_read(hm_pool_at(&manager->regions, i), &info)) continue;
        if (!visit(arg, &info)) return;
    }
}

void hm_regions_destroy(struct hostmem_manager *manager)
{
    for (uint32_t i = 0; i < hm_pool_count(&manager->regions); i++)
    {
        struct hm_region *region = hm_pool_at(&manager->regions, i);

        if ((load_acquire(&region->state) & REGION_PHASE) == REGION_FREE) continue;
        memory_put(&manager->backend, (void *)load_relaxed(&region->base));
        if (region->more)
            hm_sized_pools_put(&manager->bitmaps, region->more, region_bitmap_bytes(load_relaxed(&region->size)));
    }
}
