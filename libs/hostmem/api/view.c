/*
 * Mapped views, by their start.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/api/view.h"

enum hostmem_result hm_views_init(struct hm_views *views, const struct hostmem_backend *backend)
{
    return hm_range_map_init(&views->map, backend, HM_MAP_GRANULES);
}

void hm_views_destroy(struct hm_views *views)
{
    hm_range_map_destroy(&views->map);
}

void hm_view_remove(struct hm_views *views, void *start)
{
    struct hm_range view;

    if (!hm_range_map_find(&views->map, start, &view) || view.base != (uintptr_t)start) return;
    if (!hm_range_map_take(&views->map, &view)) return;
    gauge_sub(&views->mapped, view.size);
    gauge_sub(&views->live, 1);
}

enum hostmem_result hm_view_add(struct hm_views *views, void *start, size_t size)
{
    enum hostmem_result result;

    if (!start) return HOSTMEM_INVALID_PARAMETER;
    /* A view recorded there before was unmapped without a report. Views begin at granules, so each has one entry. */
    hm_view_remove(views, start);
    result = hm_range_map_add(&views->map, (uintptr_t)start, 1, size);
    if (result != HOSTMEM_OK) return result;
    gauge_add(&views->mapped, size);
    gauge_add(&views->live, 1);
    return HOSTMEM_OK;
}

void hm_views_statistics(struct hm_views *views, struct hostmem_statistics *out)
{
    out->mapped = hm_gauge_read(&views->mapped, &out->peak_mapped);
    out->views = load_relaxed(&views->live.now);
}
