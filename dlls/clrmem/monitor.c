/*
 * The monitor: one thread per manager that watches memory pressure and notifies the registered callback.
 *
 * The callback is called without a lock. `calls` is odd from before the monitor reads the callback until its call has
 * returned; a thread that has replaced the callback waits until that number changes. A CLR's callback may be a static
 * object that counts no references, so a reference alone would not keep a withdrawn one from being called.
 *
 * The manager's end does not wait for the monitor, which may be asleep in the core, or dead if the process is ending: the
 * last of the two to leave the core destroys it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <ntstatus.h>
#define WIN32_NO_STATUS
#include "clrmem_private.h"
#include <winternl.h>
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

C_ASSERT(MEMPROBE_AVAILABLE_LOW == (int)eMemoryAvailableLow);
C_ASSERT(MEMPROBE_AVAILABLE_NEUTRAL == (int)eMemoryAvailableNeutral);
C_ASSERT(MEMPROBE_AVAILABLE_HIGH == (int)eMemoryAvailableHigh);

#define MIN_INTERVAL 10 /* milliseconds between two samples at least, however often the monitor is woken */

enum core_gate
{
    CORE_FREE,
    CORE_IN_USE,      /* by the monitor */
    CORE_HANDED_OVER, /* the manager has ended; the monitor, which uses the core, destroys it */
    CORE_ENDED
};

/* The state of the monitor's thread. */
struct monitor
{
    struct memprobe_pressure state;
    LONG notified; /* the registration that `state` is about */
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

/* Sleeps until a figure may have changed, and reads the core's figures. FALSE once the manager ends. */
static BOOL await_change(struct pressure *pressure, struct monitor *monitor, DWORD milliseconds,
                         struct hostmem_usage *usage, BOOL *serving)
{
    if (ReadAcquire(&pressure->ending) || !core_enter(pressure)) return FALSE;
    hostmem_manager_await_pressure(pressure->core, &monitor->seen, milliseconds);
    hostmem_manager_usage(pressure->core, usage);
    *serving = hostmem_manager_status(pressure->core) == HOSTMEM_OK;
    core_leave(pressure);
    return !ReadAcquire(&pressure->ending);
}

/* A manager may fail between the sample and the call. */
static BOOL is_serving(struct pressure *pressure)
{
    BOOL serving;

    if (!core_enter(pressure)) return FALSE;
    serving = hostmem_manager_status(pressure->core) == HOSTMEM_OK;
    core_leave(pressure);
    return serving;
}

/* The reference keeps a callback alive that withdraws itself. */
static void call_back(ICLRMemoryNotificationCallback *callback, enum memprobe_available level)
{
    HRESULT hr;

    ICLRMemoryNotificationCallback_AddRef(callback);
    TRACE("notifying %p of level %d\n", callback, level);
    hr = ICLRMemoryNotificationCallback_OnMemoryNotification(callback, (EMemoryAvailable)level);
    TRACE("%p returned %#lx\n", callback, hr);
    ICLRMemoryNotificationCallback_Release(callback);
}

static void notify(struct pressure *pressure, struct monitor *monitor,
                   const struct memprobe_pressure_settings *settings, const struct memprobe_sample *sample)
{
    ICLRMemoryNotificationCallback *callback;
    LONG registration;

    InterlockedIncrement(&pressure->calls);
    callback = registered(pressure);
    /* By number: a callback that is registered again, or another one at its address, counts as not notified. */
    registration = ReadAcquire(&pressure->registrations);
    if (registration != monitor->notified) memprobe_pressure_reset_notified(&monitor->state);
    monitor->notified = registration;
    if (memprobe_pressure_update(&monitor->state, settings, sample, GetTickCount64()) && callback &&
        is_serving(pressure))
        call_back(callback, monitor->state.level);
    InterlockedIncrement(&pressure->calls);
    RtlWakeAddressAll(&pressure->calls);
}

/* Takes a sample, notifies, and returns the milliseconds until the next sample. */
static DWORD sample_and_notify(struct pressure *pressure, struct monitor *monitor, const struct hostmem_usage *usage)
{
    struct memprobe_pressure_settings thresholds;
    struct pressure_settings settings;
    struct memprobe_sample sample;

    pressure_get_settings(pressure, &settings);
    if (!memory_probe_get(&pressure->probe, MIN_INTERVAL, settings.container, settings.psi, &sample))
        return MIN_INTERVAL;
    sample.limit = pressure_usage(usage);
    pressure_thresholds(&settings, &thresholds);
    notify(pressure, monitor, &thresholds, &sample);
    return monitor->state.level == MEMPROBE_AVAILABLE_LOW ? settings.low_interval : settings.interval;
}

static void watch(struct pressure *pressure)
{
    struct monitor monitor = {.seen = 0};
    struct hostmem_usage usage;
    DWORD interval = 0;
    BOOL serving;

    memprobe_pressure_init(&monitor.state);
    while (await_change(pressure, &monitor, interval, &usage, &serving))
    {
        if (serving && registered(pressure))
        {
            interval = sample_and_notify(pressure, &monitor, &usage);
            Sleep(MIN_INTERVAL);
        }
        else
            interval = HOSTMEM_FOREVER;
    }
}

/* For debuggers, top and /proc: at most 15 characters reach Linux. */
static void name_this_thread(const WCHAR *name)
{
    THREAD_NAME_INFORMATION information;

    RtlInitUnicodeString(&information.ThreadName, name);
    NtSetInformationThread(GetCurrentThread(), ThreadNameInformation, &information, sizeof(information));
}

/* The thread's code is the DLL's, so it holds a reference to the DLL. */
static DWORD WINAPI monitor_thread(void *arg)
{
    struct pressure *pressure = arg;

    WriteNoFence((LONG *)&pressure->thread, GetCurrentThreadId());
    name_this_thread(L"clrmem-monitor");
    TRACE("pressure %p: the monitor begins\n", pressure);
    watch(pressure);
    TRACE("pressure %p: the monitor ends\n", pressure);
    pressure_release(pressure);
    FreeLibraryAndExitThread(clrmem_instance, 0);
}

/* --- the manager's side -------------------------------------------------------------------------------------------- */

/* Opens the probe's files before the monitor runs. A process may end at any time, and kills its threads. One that is killed
 * while Wine's server sends it a file descriptor makes the thread that ends the process fail an assertion of Wine. The
 * monitor only reads files whose descriptors Wine has already. */
static void open_files(struct pressure *pressure)
{
    struct pressure_settings settings;
    struct memprobe_sample sample;

    pressure_get_settings(pressure, &settings);
    memory_probe_get(&pressure->probe, INFINITE, settings.container, settings.psi, &sample);
}

static BOOL start_monitor(struct pressure *pressure)
{
    HMODULE module;
    HANDLE thread;

    open_files(pressure);
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

static BOOL ensure_monitor(struct pressure *pressure)
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

/* A monitor that was killed in a call, as the process ends, never returns from it. */
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
    if (callback && !ensure_monitor(pressure)) return FALSE;
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
