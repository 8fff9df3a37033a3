/*
 * One look at the container, the machine and stall; the last one is kept, and read without waiting.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "sampler.h"
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
    WARN("%s is ignored: %s is no number of bytes\n", debugstr_w(OVERRIDE),
         length < ARRAYSIZE(wide) ? debugstr_wn(wide, length) : "what it is set to");
    return MEMPROBE_NO_LIMIT;
}

void sampler_init(struct sampler *sampler)
{
    DWORD error = GetLastError(), length;

    length = GetEnvironmentVariableW(L"CLRMEM_UNIX_ROOT", sampler->root, ARRAYSIZE(sampler->root));
    if (!length || length >= ARRAYSIZE(sampler->root)) lstrcpyW(sampler->root, UNIX_ROOT);
    sampler->override = read_override();
    SetLastError(error);
}

void sampler_close(struct sampler *sampler)
{
    container_close(&sampler->container);
    unix_close(&sampler->meminfo);
    unix_close(&sampler->stall);
}

/* --- looking; by the one thread that has set `busy` ---------------------------------------------------------------- */

static size_t read_kept(struct sampler *sampler, HANDLE *file, const char *name)
{
    WCHAR path[UNIX_PATH_LENGTH];

    if (!*file && unix_path(sampler->root, &name, 1, path)) *file = unix_open(path);
    return unix_read(*file, sampler->text);
}

static void look_at_machine(struct sampler *sampler, struct memprobe_sample *sample)
{
    size_t length = read_kept(sampler, &sampler->meminfo, "/proc/meminfo");
    MEMORYSTATUSEX status = {.dwLength = sizeof(status)};

    if (memprobe_text_meminfo(sampler->text, length, &sample->machine_total, &sample->machine_available)) return;
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

static void look_at_container(struct sampler *sampler, struct memprobe_sample *sample)
{
    container_refresh(&sampler->container, sampler->root, sampler->text);
    if (!container_read(&sampler->container, sample, sampler->text))
    {
        container_refresh(&sampler->container, sampler->root, sampler->text);
        container_read(&sampler->container, sample, sampler->text);
    }
    if (sampler->override != MEMPROBE_NO_LIMIT) apply_override(sampler->override, sample);
}

/* The own group's, where there is one. */
static void look_at_stall(struct sampler *sampler, BOOL with_container, struct memprobe_sample *sample)
{
    size_t length = with_container ? unix_read(sampler->container.stall, sampler->text) : 0;

    if (!length) length = read_kept(sampler, &sampler->stall, "/proc/pressure/memory");
    if (!memprobe_text_stall(sampler->text, length, &sample->stalled)) sample->stalled = 0;
}

/* Into the slot that nobody reads. */
static void look(struct sampler *sampler, BOOL with_container, BOOL with_stall)
{
    unsigned int next = ((unsigned int)sampler->version + 1) % 2;
    struct memprobe_sample *sample = &sampler->slots[next].sample;
    DWORD error = GetLastError();

    memset(sample, 0, sizeof(*sample));
    sample->limit.hard = sample->limit.soft = MEMPROBE_NO_LIMIT;
    look_at_machine(sampler, sample);
    if (with_container) look_at_container(sampler, sample);
    if (with_stall) look_at_stall(sampler, with_container, sample);
    sampler->slots[next].time = GetTickCount64();
    InterlockedIncrement(&sampler->version);
    SetLastError(error);
}

/* --- reading; any thread ------------------------------------------------------------------------------------------- */

/* FALSE where there is no sample yet. Goes round again only where another look has come to its end meanwhile. */
static BOOL last_sample(struct sampler *sampler, struct memprobe_sample *sample, ULONGLONG *time)
{
    LONG version;

    do
    {
        version = ReadAcquire(&sampler->version);
        if (!version) return FALSE;
        *sample = sampler->slots[(unsigned int)version % 2].sample;
        *time = sampler->slots[(unsigned int)version % 2].time;
        MemoryBarrier();
    } while (ReadAcquire(&sampler->version) != version);
    return TRUE;
}

BOOL sampler_get(struct sampler *sampler, DWORD age, BOOL with_container, BOOL with_stall,
                 struct memprobe_sample *sample)
{
    ULONGLONG time;
    BOOL found = last_sample(sampler, sample, &time);

    if (found && GetTickCount64() - time <= age) return TRUE;
    if (InterlockedExchange(&sampler->busy, TRUE)) return found;
    look(sampler, with_container, with_stall);
    InterlockedExchange(&sampler->busy, FALSE);
    return last_sample(sampler, sample, &time);
}
