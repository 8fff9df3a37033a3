/*
 * Makes the runtime collect when its host reports that memory is low.
 *
 * OnMemoryNotification must not block, so a separate thread collects. The callback is a static
 * object, like the CLR's: hosts release it without having added a reference.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "control.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

/* A host short of memory repeats its notification, and a collection needs memory itself. */
#define PAUSE 1000 /* ms between two collections */

static HANDLE low; /* auto-reset: memory is low; NULL until the runtime can collect */

/* A thread attached to the runtime must not sleep: a collection would wait for it. So each collection has a new thread,
 * which is detached afterwards. The runtime's shutdown waits for a collection, but a thread that is attached during the
 * shutdown never returns and may abort the process. */
static DWORD WINAPI collect_once(void *arg)
{
    MonoThread *thread;

    (void)arg;
    if (shim_mono.runtime_is_shutting_down()) return 0;
    thread = shim_mono.thread_attach(shim_mono.get_root_domain());
    shim_mono.gc_collect(shim_mono.gc_max_generation());
    shim_mono.thread_detach(thread);
    TRACE("collected\n");
    return 0;
}

/* Waits for notifications; never attached to the runtime. */
static DWORD WINAPI collector(void *event)
{
    HANDLE thread;

    while (!WaitForSingleObject(event, INFINITE))
    {
        if (!(thread = CreateThread(NULL, 0, collect_once, NULL, 0, NULL))) continue;
        WaitForSingleObject(thread, INFINITE);
        CloseHandle(thread);
        Sleep(PAUSE);
    }
    return 0;
}

void shim_collect_start(void)
{
    HANDLE event, thread;

    if (low || !shim_mono_found() || !(event = CreateEventW(NULL, FALSE, FALSE, NULL))) return;
    if ((thread = CreateThread(NULL, 0, collector, event, 0, NULL)))
    {
        CloseHandle(thread);
        InterlockedExchangePointer(&low, event);
    }
    else
        CloseHandle(event);
}

SHIM_STATIC_UNKNOWN(ICLRMemoryNotificationCallback, callback, IID_ICLRMemoryNotificationCallback,
                    IID_ICLRMemoryNotificationCallback)

static HRESULT WINAPI callback_OnMemoryNotification(ICLRMemoryNotificationCallback *iface, EMemoryAvailable available)
{
    HANDLE event = *(HANDLE volatile *)&low;

    TRACE("%p, %d\n", iface, available);

    /* Threads of the runtime may be suspended during this call: it takes no lock and only sets the event. */
    if (available == eMemoryAvailableLow && event) SetEvent(event);
    return S_OK;
}

static const ICLRMemoryNotificationCallbackVtbl callback_methods = {
    callback_QueryInterface,
    callback_AddRef,
    callback_Release,
    callback_OnMemoryNotification,
};

static ICLRMemoryNotificationCallback callback = {&callback_methods};

ICLRMemoryNotificationCallback *shim_notification_callback(void)
{
    return &callback;
}
