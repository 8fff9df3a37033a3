/*
 * Makes the runtime collect when its host reports that memory is low.
 *
 * OnMemoryNotification must not block, so a separate thread collects. The callback is a static
 * object, like the CLR's: hosts release it without having added a reference.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "shim.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

/* libmono's functions, looked up by name; NULL where libmono has no such export. */
static struct
{
    void *(__cdecl *get_root_domain)(void);
    void *(__cdecl *thread_attach)(void *domain);
    void(__cdecl *thread_detach)(void *thread);
    int(__cdecl *max_generation)(void);
    void(__cdecl *collect)(int generation);
    int(__cdecl *is_shutting_down)(void);
} mono;

/* A host short of memory repeats its notification, and a collection needs memory itself. */
#define PAUSE 1000 /* ms between two collections */

static HANDLE low; /* auto-reset: memory is low; NULL until the runtime can collect */

void shim_collect_init(HMODULE libmono)
{
    mono.get_root_domain = (void *)GetProcAddress(libmono, "mono_get_root_domain");
    mono.thread_attach = (void *)GetProcAddress(libmono, "mono_thread_attach");
    mono.thread_detach = (void *)GetProcAddress(libmono, "mono_thread_detach");
    mono.max_generation = (void *)GetProcAddress(libmono, "mono_gc_max_generation");
    mono.collect = (void *)GetProcAddress(libmono, "mono_gc_collect");
    mono.is_shutting_down = (void *)GetProcAddress(libmono, "mono_runtime_is_shutting_down");
}

static bool can_collect(void)
{
    return mono.get_root_domain && mono.thread_attach && mono.thread_detach && mono.max_generation && mono.collect &&
           mono.is_shutting_down;
}

/* A thread attached to the runtime must not sleep: a collection would wait for it. So each collection has a new thread,
 * which is detached afterwards. The runtime's shutdown waits for a collection, but a thread that is attached during the
 * shutdown never returns and may abort the process. */
static DWORD WINAPI collect_once(void *arg)
{
    void *thread;

    (void)arg;
    if (mono.is_shutting_down()) return 0;
    thread = mono.thread_attach(mono.get_root_domain());
    mono.collect(mono.max_generation());
    mono.thread_detach(thread);
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

    if (low || !can_collect() || !(event = CreateEventW(NULL, FALSE, FALSE, NULL))) return;
    if ((thread = CreateThread(NULL, 0, collector, event, 0, NULL)))
    {
        CloseHandle(thread);
        InterlockedExchangePointer(&low, event);
    }
    else
        CloseHandle(event);
}

static HRESULT WINAPI callback_QueryInterface(ICLRMemoryNotificationCallback *iface, REFIID riid, void **out)
{
    TRACE("%p, %s, %p\n", iface, debugstr_guid(riid), out);

    if (!out) return E_POINTER;
    *out = NULL;
    if (!IsEqualGUID(riid, &IID_IUnknown) && !IsEqualGUID(riid, &IID_ICLRMemoryNotificationCallback))
        return E_NOINTERFACE;
    *out = iface;
    return S_OK;
}

static ULONG WINAPI callback_AddRef(ICLRMemoryNotificationCallback *iface)
{
    (void)iface;
    return 2;
}

static ULONG WINAPI callback_Release(ICLRMemoryNotificationCallback *iface)
{
    (void)iface;
    return 1;
}

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
