/*
 * The monitor: one thread per manager that watches memory pressure and tells the registered callback.
 *
 * The callback is called without a lock. `calls` is odd from before the monitor reads which callback there is until its
 * call has come back; who has put another in its place waits until that number changes. A CLR's callback may be a
 * static object that counts no references, so nothing less would keep a withdrawn one from being called.
 *
 * The manager's end does not wait for the monitor, which may be asleep in the core, or dead if the process is ending:
 * whoever leaves the core last destroys it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_private.h"
#include <winternl.h>
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

C_ASSERT(MEMPROBE_AVAILABLE_LOW == (int)eMemoryAvailableLow);
C_ASSERT(MEMPROBE_AVAILABLE_NEUTRAL == (int)eMemoryAvailableNeutral);
C_ASSERT(MEMPROBE_AVAILABLE_HIGH == (int)eMemoryAvailableHigh);

#define REST 10 /* milliseconds between two looks at least, however often the monitor is woken */

enum core_gate
{
    CORE_FREE,
    CORE_IN_USE,      /* by the monitor */
    CORE_HANDED_OVER, /* the manager has gone; the monitor, which is using the core, destroys it */
    CORE_ENDED
};

/* What the monitor's thread keeps to itself. */
struct monitor
{
    struct memprobe_pressure state;
    LONG told;     /* the registration that `state` was told, if any */
    uint32_t seen; /* of hostmem_manager_await_pressure */
};

static BOOL core_enter(struct pressure *pressure)
{
    return InterlockedCompareExchange(&pressure->gate, CORE_IN_USE, CORE_FREE) == CORE_FREE;
}

static void core_leave(struct pressure *pressure)
{
    if (InterlockedCompareExchange(&pressure->gate, CORE_FREE, CORE_IN_USE) == CORE_IN_USE) return;
    hostmem_manager_destroy(pressure->core);
    InterlockedExchange(&pressure->gate, CORE_ENDED);
}

static void core_end(struct pressure *pressure)
{
    hostmem_manager_wake_monitor(pressure->core);
    for (;;)
    {
        if (InterlockedCompareExchange(&pressure->gate, CORE_ENDED, CORE_FREE) == CORE_FREE)
        {
            hostmem_manager_destroy(pressure->core);
            return;
        }
        if (InterlockedCompareExchange(&pressure->gate, CORE_HANDED_OVER, CORE_IN_USE) == CORE_IN_USE) return;
    }
}

static void pressure_release(struct pressure *pressure)
{
    if (InterlockedDecrement(&pressure->ref)) return;
    memory_probe_close(&pressure->probe);
    HeapFree(GetProcessHeap(), 0, pressure);
}

/* --- the monitor's thread ------------------------------------------------------------------------------------------ */

static ICLRMemoryNotificationCallback *registered(struct pressure *pressure)
{
    return InterlockedCompareExchangePointer((void **)&pressure->callback, NULL, NULL);
}

/* Sleeps until there may be news, and reads the core's figures. FALSE once the manager ends. */
static BOOL await_news(struct pressure *pressure, struct monitor *monitor, DWORD milliseconds,
                       struct hostmem_usage *usage, BOOL *serving)
{
    if (ReadAcquire(&pressure->ending) || !core_enter(pressure)) return FALSE;
    hostmem_manager_await_pressure(pressure->core, &monitor->seen, milliseconds);
    hostmem_manager_usage(pressure->core, usage);
    *serving = hostmem_manager_status(pressure->core) == HOSTMEM_OK;
    core_leave(pressure);
    return !ReadAcquire(&pressure->ending);
}

/* A manager may fail between the look and the call. */
static BOOL is_serving(struct pressure *pressure)
{
    BOOL serving;

    if (!core_enter(pressure)) return FALSE;
    serving = hostmem_manager_status(pressure->core) == HOSTMEM_OK;
    core_leave(pressure);
    return serving;
}

/* The reference is for a callback that withdraws itself. */
static void call_back(ICLRMemoryNotificationCallback *callback, enum memprobe_available level)
{
    HRESULT hr;

    ICLRMemoryNotificationCallback_AddRef(callback);
    TRACE("telling %p of level %d\n", callback, level);
    hr = ICLRMemoryNotificationCallback_OnMemoryNotification(callback, (EMemoryAvailable)level);
    TRACE("%p returned %#lx\n", callback, hr);
    ICLRMemoryNotificationCallback_Release(callback);
}

static void tell(struct pressure *pressure, struct monitor *monitor, const struct memprobe_pressure_settings *settings,
                 const struct memprobe_sample *sample)
{
    ICLRMemoryNotificationCallback *callback;
    LONG registration;

    InterlockedIncrement(&pressure->calls);
    callback = registered(pressure);
    /* By number: a callback that comes again, or another one at its address, has been told nothing. */
    registration = ReadAcquire(&pressure->registrations);
    if (registration != monitor->told) memprobe_pressure_retell(&monitor->state);
    monitor->told = registration;
    if (memprobe_pressure_update(&monitor->state, settings, sample, GetTickCount64()) && callback &&
        is_serving(pressure))
        call_back(callback, monitor->state.level);
    InterlockedIncrement(&pressure->calls);
    RtlWakeAddressAll(&pressure->calls);
}

/* Looks, tells, and returns the milliseconds until the next look. */
static DWORD look(struct pressure *pressure, struct monitor *monitor, const struct hostmem_usage *usage)
{
    struct memprobe_pressure_settings thresholds;
    struct pressure_settings settings;
    struct memprobe_sample sample;

    pressure_get_settings(pressure, &settings);
    if (!memory_probe_get(&pressure->probe, REST, settings.container, settings.psi, &sample)) return REST;
    sample.limit = pressure_usage(usage);
    pressure_thresholds(&settings, &thresholds);
    tell(pressure, monitor, &thresholds, &sample);
    return monitor->state.level == MEMPROBE_AVAILABLE_LOW ? settings.low_interval : settings.interval;
}

static void watch(struct pressure *pressure)
{
    struct monitor monitor = {.seen = 0};
    struct hostmem_usage usage;
    DWORD interval = 0;
    BOOL serving;

    memprobe_pressure_init(&monitor.state);
    while (await_news(pressure, &monitor, interval, &usage, &serving))
    {
        if (serving && registered(pressure))
        {
            interval = look(pressure, &monitor, &usage);
            Sleep(REST);
        }
        else
            interval = HOSTMEM_FOREVER;
    }
}

/* The thread has a reference to the DLL, whose code it runs. */
static DWORD WINAPI monitor_thread(void *arg)
{
    struct pressure *pressure = arg;

    WriteNoFence((LONG *)&pressure->thread, GetCurrentThreadId());
    unix_name_thread(GetCurrentThread(), L"clrmem-monitor");
    TRACE("pressure %p: monitor\n", pressure);
    watch(pressure);
    TRACE("pressure %p: no monitor\n", pressure);
    pressure_release(pressure);
    FreeLibraryAndExitThread(clrmem_instance, 0);
}

/* --- the manager's side -------------------------------------------------------------------------------------------- */

static BOOL start_monitor(struct pressure *pressure)
{
    HMODULE module;
    HANDLE thread;

    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const WCHAR *)clrmem_instance, &module))
        return FALSE;
    InterlockedIncrement(&pressure->ref);
    thread = CreateThread(NULL, 0, monitor_thread, pressure, 0, NULL);
    if (thread)
    {
        CloseHandle(thread);
        return TRUE;
    }
    InterlockedDecrement(&pressure->ref);
    FreeLibrary(module);
    return FALSE;
}

static BOOL need_monitor(struct pressure *pressure)
{
    DWORD error = GetLastError();

    if (InterlockedExchange(&pressure->started, TRUE)) return TRUE;
    if (start_monitor(pressure))
    {
        SetLastError(error);
        return TRUE;
    }
    InterlockedExchange(&pressure->started, FALSE);
    return FALSE;
}

/* A monitor that died in a call, as the process is ending, will not come back from it. */
static void await_call(struct pressure *pressure)
{
    LONG calls = ReadAcquire(&pressure->calls);
    LARGE_INTEGER timeout;

    if (!(calls & 1) || ReadNoFence((LONG *)&pressure->thread) == (LONG)GetCurrentThreadId()) return;
    timeout.QuadPart = -50 * 10000; /* 50 ms */
    while (ReadAcquire(&pressure->calls) == calls && !RtlDllShutdownInProgress())
        RtlWaitOnAddress(&pressure->calls, &calls, sizeof(calls), &timeout);
}

static void replace_callback(struct pressure *pressure, ICLRMemoryNotificationCallback *callback)
{
    ICLRMemoryNotificationCallback *previous;

    if (callback) ICLRMemoryNotificationCallback_AddRef(callback);
    previous = InterlockedExchangePointer((void **)&pressure->callback, callback);
    if (previous != callback) InterlockedIncrement(&pressure->registrations);
    if (!previous) return;
    if (previous != callback) await_call(pressure);
    ICLRMemoryNotificationCallback_Release(previous);
}

BOOL pressure_register(struct pressure *pressure, ICLRMemoryNotificationCallback *callback)
{
    if (callback && !need_monitor(pressure)) return FALSE;
    replace_callback(pressure, callback);
    if (callback) hostmem_manager_wake_monitor(pressure->core);
    return TRUE;
}

struct pressure *pressure_create(struct hostmem_manager *core)
{
    struct pressure *pressure = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*pressure));

    if (!pressure) return NULL;
    pressure->ref = 1;
    pressure->core = core;
    pressure->settings = (struct pressure_settings)PRESSURE_DEFAULTS;
    memory_probe_init(&pressure->probe);
    return pressure;
}

void pressure_end(struct pressure *pressure)
{
    InterlockedExchange(&pressure->ending, TRUE);
    replace_callback(pressure, NULL);
    core_end(pressure);
    pressure_release(pressure);
}
