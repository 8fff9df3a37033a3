/*
 * Samples of the container, the machine and stall. The last one is kept, and read without waiting.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "memory_probe.h"
#define PSAPI_VERSION 2
#include <psapi.h>
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

#define OVERRIDE L"WINE_OVERRIDE_MEMORY_LIMIT_BYTES"

static ULONGLONG read_override(void)
{
    WCHAR wide[64];
    char text[ARRAYSIZE(wide)];
    DWORD length = GetEnvironmentVariableW(OVERRIDE, wide, ARRAYSIZE(wide)), i;
    uint64_t bytes = 0;

    if (!length) return MEMPROBE_NO_LIMIT;
    for (i = 0; i < length && length < ARRAYSIZE(wide); i++) text[i] = wide[i] < 0x80 ? wide[i] : '?';
    if (length < ARRAYSIZE(wide) && text[length - 1] != '\n' && memprobe_text_bytes(text, length, &bytes) && bytes)
        return bytes;
    WARN("%s is ignored: %s is not a number of bytes\n", debugstr_w(OVERRIDE),
         length < ARRAYSIZE(wide) ? debugstr_wn(wide, length) : "its value");
    return MEMPROBE_NO_LIMIT;
}

void memory_probe_init(struct memory_probe *probe)
{
    DWORD error = GetLastError(), length;

    length = GetEnvironmentVariableW(L"CLRMEM_UNIX_ROOT", probe->root, ARRAYSIZE(probe->root));
    if (!length || length >= ARRAYSIZE(probe->root)) lstrcpyW(probe->root, UNIX_ROOT);
    probe->override = read_override();
    container_init(&probe->container);
    SetLastError(error);
}

void memory_probe_close(struct memory_probe *probe)
{
    container_close(&probe->container);
    unix_close(&probe->meminfo);
    unix_close(&probe->stall);
}

/* --- taking a sample; the one thread that has set `busy` ------------------------------------------------------------ */

static size_t read_kept(struct memory_probe *probe, HANDLE *file, const char *name)
{
    WCHAR path[UNIX_PATH_LENGTH];

    if (!*file && unix_path(probe->root, &name, 1, path)) *file = unix_open(path);
    return unix_read(*file, probe->text);
}

static void sample_machine(struct memory_probe *probe, struct memprobe_sample *sample)
{
    size_t length = read_kept(probe, &probe->meminfo, "/proc/meminfo");
    MEMORYSTATUSEX status = {.dwLength = sizeof(status)};

    if (memprobe_text_meminfo(probe->text, length, &sample->machine_total, &sample->machine_available)) return;
    if (!GlobalMemoryStatusEx(&status)) status.ullTotalPhys = 0;
    sample->machine_total = status.ullTotalPhys;
    sample->machine_available = status.ullAvailPhys;
}

static uint64_t resident_bytes(void)
{
    PROCESS_MEMORY_COUNTERS counters = {.cb = sizeof(counters)};

    return K32GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof(counters)) ? counters.WorkingSetSize : 0;
}

/* The innermost group keeps its usage, and every group its soft limit. */
static void apply_override(ULONGLONG limit, struct memprobe_sample *sample)
{
    unsigned int i;

    for (i = 0; i < sample->container_count; i++) sample->containers[i].max = MEMPROBE_NO_LIMIT;
    if (!sample->container_count)
    {
        sample->containers[0] = (struct memprobe_container){resident_bytes(), 0, MEMPROBE_NO_LIMIT};
        sample->container_count = 1;
    }
    sample->containers[0].max = limit;
}

static void sample_container(struct memory_probe *probe, struct memprobe_sample *sample)
{
    container_refresh(&probe->container, probe->root, probe->text);
    if (!container_read(&probe->container, sample, probe->text))
    {
        container_refresh(&probe->container, probe->root, probe->text);
        container_read(&probe->container, sample, probe->text);
    }
    if (probe->override != MEMPROBE_NO_LIMIT) apply_override(probe->override, sample);
}

/* The own group's, if it has any. */
static void sample_stall(struct memory_probe *probe, BOOL with_container, struct memprobe_sample *sample)
{
    size_t length = with_container ? unix_read(probe->container.stall, probe->text) : 0;

    if (!length) length = read_kept(probe, &probe->stall, "/proc/pressure/memory");
    if (!memprobe_text_stall(probe->text, length, &sample->stalled)) sample->stalled = 0;
}

/* Into the slot that is not being read. */
static void take_sample(struct memory_probe *probe, BOOL with_container, BOOL with_stall)
{
    unsigned int next = ((unsigned int)probe->version + 1) % 2;
    struct memprobe_sample *sample = &probe->slots[next].sample;
    DWORD error = GetLastError();

    memset(sample, 0, sizeof(*sample));
    sample->limit.hard = sample->limit.soft = MEMPROBE_NO_LIMIT;
    sample_machine(probe, sample);
    if (with_container) sample_container(probe, sample);
    if (with_stall) sample_stall(probe, with_container, sample);
    probe->slots[next].time = GetTickCount64();
    InterlockedIncrement(&probe->version);
    SetLastError(error);
}

/* --- reading the last sample; any thread ----------------------------------------------------------------------------- */

/* FALSE where there is no sample yet. Repeats only if another sample was completed meanwhile. */
static BOOL last_sample(struct memory_probe *probe, struct memprobe_sample *sample, ULONGLONG *time)
{
    LONG version;

    do
    {
        version = ReadAcquire(&probe->version);
        if (!version) return FALSE;
        *sample = probe->slots[(unsigned int)version % 2].sample;
        *time = probe->slots[(unsigned int)version % 2].time;
        MemoryBarrier();
    } while (ReadAcquire(&probe->version) != version);
    return TRUE;
}

BOOL memory_probe_get(struct memory_probe *probe, DWORD age, BOOL with_container, BOOL with_stall,
                      struct memprobe_sample *sample)
{
    ULONGLONG time;
    BOOL found = last_sample(probe, sample, &time);

    if (found && GetTickCount64() - time <= age) return TRUE;
    if (InterlockedExchange(&probe->busy, TRUE)) return found;
    take_sample(probe, with_container, with_stall);
    InterlockedExchange(&probe->busy, FALSE);
    return last_sample(probe, sample, &time);
}
