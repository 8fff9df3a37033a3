/*
 * The life of a region record.
 *
 * State word: generation | phase | pins. The phases are free -> live -> releasing -> free, and back to live where the
 * backend refuses a release; or free -> live -> stale -> free, where the program released the memory without the
 * manager. Every change is one compare-and-exchange, so a thread may be suspended anywhere. `base` and `size` belong to
 * a generation: a thread that reads them after the state, and then finds generation and phase unchanged, has read the
 * right ones.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/region/region.h"
#include "hostmem/base/debug.h"

enum hostmem_result hm_regions_init(struct hm_region_table *table, struct hm_waiters *waiters)
{
    hm_assert(!table->backend);
    table->accounting = waiters->accounting;
    table->backend = waiters->accounting->backend;
    table->waiters = waiters;
    hm_pool_init(&table->records, table->backend, sizeof(struct hm_region));
    hm_sized_pools_init(&table->bitmaps, table->backend);
    return hm_map_create(table->backend, HM_MAP_GRANULES, &table->map);
}

void hm_regions_destroy(struct hm_region_table *table)
{
    for (uint32_t i = 0; i < hm_pool_count(&table->records); i++)
    {
        struct hm_region *region = hm_pool_at(&table->records, i);

        if ((load_acquire(&region->state) & REGION_PHASE) == REGION_FREE) continue;
        memory_put(table->backend, (void *)load_relaxed(&region->base));
        hm_region_pages_destroy(table, region, load_relaxed(&region->size));
    }
    hm_sized_pools_destroy(&table->bitmaps);
    hm_pool_destroy(&table->records);
    hm_map_destroy(table->map);
}

/* A record with a clear bitmap for a new region; NULL: no memory. */
static struct hm_region *region_prepare(struct hm_region_table *table, size_t size)
{
    struct hm_region *region = hm_pool_get(&table->records);

    if (!region || hm_region_pages_init(table, region, size)) return region;
    hm_pool_put(&table->records, region);
    return NULL;
}

static void region_discard(struct hm_region_table *table, struct hm_region *region, size_t size)
{
    hm_region_pages_destroy(table, region, size);
    hm_pool_put(&table->records, region);
}

/* The next generation of a record that no other thread uses, in the given phase. */
static void region_begin_generation(struct hm_region *region, uint64_t phase)
{
    uint64_t generation = load_relaxed(&region->state) & ~(REGION_PHASE | REGION_PINS);

    store_release(&region->state, (generation + REGION_GENERATION) | phase);
}

/* Reserves for a prepared record, and enters it into the map. On failure the record is discarded. */
static enum hostmem_result region_reserve(struct hm_region_table *table, struct hm_region *region, void **address,
                                          size_t size, uint32_t type, uint32_t protect)
{
    const struct hostmem_backend *backend = table->backend;
    enum hostmem_result result = backend->reserve(backend->context, address, size, type, protect);

    if (result != HOSTMEM_OK)
    {
        region_discard(table, region, size);
        return result;
    }
    store_release(&region->base, (uintptr_t)*address);
    store_release(&region->size, size);
    hm_regions_retire(table, *address, size);
    /* In the map before it is live; until then, the address belongs to no region. */
    if (hm_map_set(table->map, *address, size, map_tagged(region, HM_MAP_REGION)) == HOSTMEM_OK) return HOSTMEM_OK;
    if (backend->release(backend->context, *address) == HOSTMEM_OK)
        region_discard(table, region, size);
    else
        region_begin_generation(region, REGION_ORPHAN);
    return HOSTMEM_NO_MEMORY;
}

/* Enters the region into the figures, and then makes it live. */
static void region_start(struct hm_region_table *table, struct hm_region *region, size_t size, bool committed,
                         enum hostmem_critical_level level)
{
    store_release(&region->level, level);
    gauge_add(&table->reserved, size);
    gauge_add(&table->level_reserved[level], size);
    gauge_add(&table->live, 1);
    if (committed) hm_region_pages_fill(table, region, size);
    region_begin_generation(region, REGION_LIVE);
}

enum hostmem_result hm_region_create(struct hm_region_table *table, void **address, size_t size, uint32_t type,
                                     uint32_t protect, struct hm_wait *wait)
{
    bool commit = type & HOSTMEM_COMMIT;
    struct hm_region *region;
    enum hostmem_result result = HOSTMEM_OK;

    wait->bytes = commit ? size : 0;
    if (commit && (result = hm_charge_take(table->accounting, NULL, size, wait->level)) != HOSTMEM_OK) return result;
    result = HOSTMEM_NO_MEMORY;
    if ((region = region_prepare(table, size))) result = region_reserve(table, region, address, size, type, protect);
    if (result == HOSTMEM_OK)
        region_start(table, region, size, commit, wait->level);
    else if (commit)
        hm_charge_free(table->accounting, NULL, size);
    return result;
}

static bool region_covers(struct hm_region *region, const void *address)
{
    return (uintptr_t)address - load_acquire(&region->base) < load_acquire(&region->size);
}

struct hm_region *hm_region_pin(struct hm_region_table *table, const void *address)
{
    struct hm_region *region = map_find(table->map, address, HM_MAP_REGION);
    uint64_t state;

    if (!region) return NULL;
    state = load_acquire(&region->state);
    do
    {
        if ((state & REGION_PHASE) != REGION_LIVE || !region_covers(region, address)) return NULL;
    } while (!cas_weak(&region->state, &state, state + REGION_PIN));
    return region;
}

/* Removes a record without pins whose memory is gone. */
static void region_forget(struct hm_region_table *table, struct hm_region *region)
{
    size_t size = load_relaxed(&region->size);

    gauge_sub(&table->reserved, size);
    gauge_sub(&table->level_reserved[load_relaxed(&region->level)], size);
    gauge_sub(&table->live, 1);
    hm_region_pages_forget(table, region);
    store_release(&region->state, load_relaxed(&region->state) & ~(REGION_PHASE | REGION_PINS));
    region_discard(table, region, size);
}

/* Releases the memory of a releasing region without pins. */
static enum hostmem_result region_finish(struct hm_region_table *table, struct hm_region *region)
{
    void *base = (void *)load_relaxed(&region->base);
    enum hostmem_result result = table->backend->release(table->backend->context, base);

    result = hm_accounting_check_release(table->accounting, result);
    if (result == HOSTMEM_OK || result == HOSTMEM_BROKEN || result == HOSTMEM_UNAVAILABLE)
    {
        /* Where the records are broken, the memory may belong to other code by now: do not touch it again. */
        region_forget(table, region);
        return result;
    }
    /* The memory is still there, so the region is live again. The map's leaves exist, so this cannot fail. (Where a
     * racing pin delayed the release, the releasing caller was told HOSTMEM_OK; that is better than a leak.) */
    hm_map_set(table->map, base, load_relaxed(&region->size), map_tagged(region, HM_MAP_REGION));
    atomic_fetch_xor_explicit(&region->state, REGION_RELEASING ^ REGION_LIVE, memory_order_release);
    return result;
}

enum hostmem_result hm_region_unpin(struct hm_region_table *table, struct hm_region *region)
{
    uint64_t before = atomic_fetch_sub_explicit(&region->state, REGION_PIN, memory_order_acq_rel);

    hm_assert(before & REGION_PINS);
    switch ((before - REGION_PIN) & (REGION_PHASE | REGION_PINS))
    {
    case REGION_RELEASING:
        return region_finish(table, region);
    case REGION_STALE:
        region_forget(table, region);
        return HOSTMEM_OK;
    default:
        return HOSTMEM_OK;
    }
}

void hm_region_unlocked(struct hm_region_table *table, struct hm_region *region)
{
    gauge_sub(&table->locked, 1);
    hm_region_unpin(table, region);
    accounting_signal_released(table->accounting);
}

/* A lock ends with its region. pre: the caller has a pin of its own */
static void region_drop_lock(struct hm_region_table *table, struct hm_region *region)
{
    hm_assert(load_relaxed(&region->state) & REGION_PINS);
    if (load_relaxed(&region->lock) && atomic_exchange_explicit(&region->lock, 0, memory_order_seq_cst))
        hm_region_unlocked(table, region);
}

/* Ends the life of a pinned region and takes it out of the map; false if another caller did so first. */
static bool region_end(struct hm_region_table *table, struct hm_region *region, uint64_t phase)
{
    uint64_t state = load_acquire(&region->state);

    do
    {
        if ((state & REGION_PHASE) != REGION_LIVE) return false;
    } while (!cas_weak(&region->state, &state, state ^ (REGION_LIVE ^ phase)));
    region_drop_lock(table, region);
    /* Only the entries that are still this region's: some addresses of a stale region may belong to the next one. */
    hm_map_clear(table->map, (void *)load_relaxed(&region->base), load_relaxed(&region->size),
                 map_tagged(region, HM_MAP_REGION));
    return true;
}

enum hostmem_result hm_region_release(struct hm_region_table *table, struct hm_region *region)
{
    /* Out of the map first: once released, the addresses may be in the next region of any thread. */
    bool ended = region_end(table, region, REGION_RELEASING);
    enum hostmem_result result;

    atomic_fetch_sub_explicit(&region->changes, 1, memory_order_release);
    result = hm_region_unpin(table, region);
    return ended ? result : HOSTMEM_NOT_OWNED;
}

void hm_regions_retire(struct hm_region_table *table, void *base, size_t size)
{
    for (size_t offset = 0; offset < size; offset += HOSTMEM_GRANULARITY)
    {
        struct hm_region *region = hm_region_pin(table, (char *)base + offset);

        if (!region) continue;
        region_end(table, region, REGION_STALE);
        hm_region_unpin(table, region);
    }
}

/* The description of a live record, all of it as of one moment; false if it is not live. */
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

bool hm_regions_find(struct hm_region_table *table, const void *address, void **base, size_t *size)
{
    struct hm_region *region = map_find(table->map, address, HM_MAP_REGION);
    struct hostmem_region_info info;

    if (!region || !region_read(region, &info)) return false;
    if ((uintptr_t)address - (uintptr_t)info.base >= info.size) return false;
    if (base) *base = info.base;
    if (size) *size = info.size;
    return true;
}

void hm_regions_each(struct hm_region_table *table, bool (*visit)(void *arg, const struct hostmem_region_info *region),
                     void *arg)
{
    for (uint32_t i = 0; i < hm_pool_count(&table->records); i++)
    {
        struct hostmem_region_info info;

        if (!region_read(hm_pool_at(&table->records, i), &info)) continue;
        if (!visit(arg, &info)) return;
    }
}

void hm_regions_statistics(struct hm_region_table *table, struct hostmem_statistics *out)
{
    out->reserved = hm_gauge_read(&table->reserved, &out->peak_reserved);
    out->committed = hm_gauge_read(&table->committed, &out->peak_committed);
    out->regions = hm_gauge_read(&table->live, &out->peak_regions);
    out->locked_regions = load_relaxed(&table->locked.now);
    out->waits = load_relaxed(&table->waiters->waits);
    for (unsigned level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
    {
        struct hostmem_level_statistics *to = &out->levels[level];

        to->reserved = hm_gauge_read(&table->level_reserved[level], &to->peak_reserved);
        to->committed = hm_gauge_read(&table->level_committed[level], &to->peak_committed);
    }
}
