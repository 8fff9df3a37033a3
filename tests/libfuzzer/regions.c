/*
 * The model's regions: where they are, and which pages are committed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

#include <string.h>

struct model_region regions[MAX_REGIONS];
unsigned region_count;

struct model_region *region_of(const void *address)
{
    for (unsigned i = 0; i < region_count; i++)
        if ((uintptr_t)address - (uintptr_t)regions[i].base < regions[i].size) return &regions[i];
    return NULL;
}

void region_add(char *base, size_t size, bool committed, enum hostmem_critical_level level)
{
    struct model_region *region = &regions[region_count++];

    *region = (struct model_region){.base = base, .size = size, .level = level};
    region->pages = malloc(size / PAGE);
    memset(region->pages, committed, size / PAGE);
    region->committed = committed ? size : 0;
}

void region_remove(struct model_region *region)
{
    free(region->pages);
    *region = regions[--region_count];
}

void regions_end(void)
{
    while (region_count) region_remove(&regions[0]);
}

void region_mark(struct model_region *region, uintptr_t start, uintptr_t end, unsigned char committed)
{
    for (size_t i = (start - (uintptr_t)region->base) / PAGE; i < (end - (uintptr_t)region->base) / PAGE; i++)
    {
        if (region->pages[i] == committed) continue;
        region->pages[i] = committed;
        region->committed += committed ? PAGE : -PAGE;
    }
}

size_t region_uncommitted(const struct model_region *region, uintptr_t start, uintptr_t end)
{
    size_t bytes = 0;

    for (uintptr_t page = start; page < end; page += PAGE)
        if (!region->pages[(page - (uintptr_t)region->base) / PAGE]) bytes += PAGE;
    return bytes;
}

bool pages_of(const char *address, size_t size, uintptr_t *start, uintptr_t *end)
{
    uintptr_t first = (uintptr_t)address;

    if (size > UINTPTR_MAX - first || first + size > UINTPTR_MAX - (PAGE - 1)) return false;
    *start = first / PAGE * PAGE;
    *end = (first + size + PAGE - 1) / PAGE * PAGE;
    return true;
}
