/*
 * What the runtime does when its host says that memory is low: it collects.
 *
 * OnMemoryNotification never blocks, so that a thread of its own collects. The callback is a
 * static object, as the CLR's is: hosts release it without having added a reference.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "shim.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

/* libmono's, by name; all NULL where one is missing. */
static struct
{
    void *(__cdecl *get_root_domain)(void);
    void *(__cdecl *thread_attach)(void *domain);
    void(__cdecl *thread_detach)(void *thread);
    int(__cdecl *max_generation)(void);
    void(__cdecl *collect)(int generation);
} mono;

static LONG collecting; /* 1 while a thread is about to collect */

void shim_collect_init(HMODULE libmono)
{
    mono.get_root_domain = (void *)GetProcAddress(libmono, "mono_get_root_domain");
    mono.thread_attach = (void *)GetProcAddress(libmono, "mono_thread_attach");
    mono.thread_detach = (void *)GetProcAddress(libmono, "mono_thread_detach");
    mono.max_generation = (void *)GetProcAddress(libmono, "mono_gc_max_generation");
    mono.collect = (void *)GetProcAddress(libmono, "mono_gc_collect");
}

static bool can_collect(void)
{
    return shim_runtime_started() && mono.get_root_domain && mono.thread_attach && mono.thread_detach &&
           mono.max_generation && mono.collect;
}

static DWORD WINAPI collect(void *arg)
{
    void *domain, *thread;

    (void)arg;
    if ((domain = mono.get_root_domain()))
    {
        thread = mono.thread_attach(domain);
        /* Low that comes from now on is news. */
        InterlockedExchange(&collecting, 0);
        mono.collect(mono.max_generation());
        mono.thread_detach(thread);
        TRACE("collected\n");
    }
    else
        InterlockedExchange(&collecting, 0);
    return 0;
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
    HANDLE thread;

    TRACE("%p, %d\n", iface, available);

    if (available != eMemoryAvailableLow || !can_collect()) return S_OK;
    if (InterlockedCompareExchange(&collecting, 1, 0)) return S_OK;
    if ((thread = CreateThread(NULL, 0, collect, NULL, 0, NULL)))
        CloseHandle(thread);
    else
        InterlockedExchange(&collecting, 0);
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
