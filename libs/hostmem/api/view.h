/*
 * Mapped views that the runtime reported: counted, and otherwise not touched.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_VIEW_H
#define CLRMEM_HOSTMEM_VIEW_H

#include "hostmem/account/accounting.h"
#include "hostmem/base/range_map.h"

struct hm_views
{
    struct hm_range_map map;      /* by the start of the view */
    struct hm_gauge mapped, live; /* bytes; views */
};

/* HOSTMEM_NO_MEMORY: nothing to destroy. pre: the memory is zeroed */
enum hostmem_result hm_views_init(struct hm_views *views, const struct hostmem_backend *backend);
void hm_views_destroy(struct hm_views *views);

/* Records a view of `size` bytes (0: unknown). HOSTMEM_INVALID_PARAMETER for NULL, HOSTMEM_NO_MEMORY. */
enum hostmem_result hm_view_add(struct hm_views *views, void *start, size_t size);
/* Removes the view that begins at `start`, if there is one. */
void hm_view_remove(struct hm_views *views, void *start);

void hm_views_statistics(struct hm_views *views, struct hostmem_statistics *out);

#endif
