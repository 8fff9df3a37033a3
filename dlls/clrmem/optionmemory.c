/*
 * What a percentage of the memory is a percentage of.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "options.h"
#include "sampler.h"

static ULONGLONG least_total(const struct memprobe_sample *sample)
{
    ULONGLONG total = sample->machine_total;
    unsigned int i;

    for (i = 0; i < sample->container_count; i++)
        if (sample->containers[i].max && sample->containers[i].max < total) total = sample->containers[i].max;
    return total;
}

static ULONGLONG machine_memory(void)
{
    MEMORYSTATUSEX status = {.dwLength = sizeof(status)};

    GlobalMemoryStatusEx(&status); /* fails only for a wrong length */
    return status.ullTotalPhys;
}

ULONGLONG clrmem_physical_memory(BOOL with_container)
{
    struct sampler *sampler = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*sampler));
    struct memprobe_sample sample;
    ULONGLONG total = 0;

    if (sampler)
    {
        sampler_init(sampler);
        if (sampler_get(sampler, 0, with_container, FALSE, &sample)) total = least_total(&sample);
        sampler_close(sampler);
        HeapFree(GetProcessHeap(), 0, sampler);
    }
    return total ? total : machine_memory();
}
