/*
 * The memory load, which the collector asks for, and the settings that it depends on.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_private.h"
#include <string.h>

C_ASSERT(sizeof(struct pressure_settings) % sizeof(LONG) == 0);

/* Member by member: another thread reads each before or after the change. */
static void copy_settings(struct pressure_settings *to, const struct pressure_settings *from)
{
    unsigned int i;

    for (i = 0; i < sizeof(*to) / sizeof(LONG); i++) WriteNoFence((LONG *)to + i, ReadNoFence((const LONG *)from + i));
}

void pressure_get_settings(struct pressure *pressure, struct pressure_settings *settings)
{
    copy_settings(settings, &pressure->settings);
}

void clrmem_pressure_configure(struct memory_manager *manager, const struct pressure_settings *settings)
{
    copy_settings(&manager->pressure->settings, settings);
    hostmem_manager_wake_monitor(manager->core);
}

void pressure_thresholds(const struct pressure_settings *settings, struct memprobe_pressure_settings *thresholds)
{
    thresholds->low = settings->low;
    thresholds->high = settings->high;
    thresholds->hysteresis = settings->hysteresis;
    thresholds->stall = MEMPROBE_PRESSURE_STALL;
}

/* For the time before the first sample. Wine caches these figures for a second. */
static void system_sample(struct memprobe_sample *sample, const MEMORYSTATUSEX *status)
{
    memset(sample, 0, sizeof(*sample));
    sample->machine_total = status->ullTotalPhys;
    sample->machine_available = status->ullAvailPhys;
}

BOOL clrmem_memory_load(struct pressure *pressure, DWORD *percent, SIZE_T *available)
{
    MEMORYSTATUSEX status = {.dwLength = sizeof(status)};
    struct memprobe_pressure_settings thresholds;
    struct pressure_settings settings;
    struct memprobe_sample sample;
    struct memprobe_load load;
    struct hostmem_usage usage;

    if (!GlobalMemoryStatusEx(&status)) return FALSE;
    pressure_get_settings(pressure, &settings);
    pressure_thresholds(&settings, &thresholds);
    /* A monitor takes samples often enough, so that the collector, which calls this, opens no file. */
    if (!memory_probe_get(&pressure->probe, ReadAcquire(&pressure->started) ? INFINITE : settings.interval,
                          settings.container, settings.psi, &sample))
        system_sample(&sample, &status);
    hostmem_manager_usage(pressure->core, &usage);
    sample.limit = pressure_usage(&usage);
    memprobe_pressure_load(&thresholds, &sample, &load);

    *percent = load.percent;
    *available = min(min(load.available, status.ullAvailVirtual), ~(SIZE_T)0);
    return TRUE;
}

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
    struct memory_probe *probe = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*probe));
    struct memprobe_sample sample;
    ULONGLONG total = 0;

    if (probe)
    {
        memory_probe_init(probe);
        if (memory_probe_get(probe, 0, with_container, FALSE, &sample)) total = least_total(&sample);
        memory_probe_close(probe);
        HeapFree(GetProcessHeap(), 0, probe);
    }
    return total ? total : machine_memory();
}
