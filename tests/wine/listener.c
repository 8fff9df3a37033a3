/*
 * A callback that records its notifications, and a container whose load it is notified of.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "listener.h"

static struct listener *impl_from_callback(ICLRMemoryNotificationCallback *iface)
{
    return CONTAINING_RECORD(iface, struct listener, ICLRMemoryNotificationCallback_iface);
}

static HRESULT WINAPI listener_QueryInterface(ICLRMemoryNotificationCallback *iface, REFIID riid, void **out)
{
    (void)iface;
    (void)riid;
    ok(0, "nobody asks a callback for anything\n");
    *out = NULL;
    return E_NOINTERFACE;
}

static ULONG WINAPI listener_AddRef(ICLRMemoryNotificationCallback *iface)
{
    return InterlockedIncrement(&impl_from_callback(iface)->ref);
}

static ULONG WINAPI listener_Release(ICLRMemoryNotificationCallback *iface)
{
    LONG ref = InterlockedDecrement(&impl_from_callback(iface)->ref);

    ok(ref > 0, "released too often\n");
    return ref;
}

static HRESULT WINAPI listener_OnMemoryNotification(ICLRMemoryNotificationCallback *iface, EMemoryAvailable available)
{
    struct listener *listener = impl_from_callback(iface);
    LONG call = listener->calls;

    ok(InterlockedIncrement(&listener->inside) == 1, "called by two threads at once\n");
    ok(!listener->withdrawn, "called though withdrawn\n");
    ok(available >= LOW && available <= HIGH, "got %d\n", available);
    if (call < (LONG)ARRAY_SIZE(listener->levels)) listener->levels[call] = available;
    listener->thread = GetCurrentThreadId();
    InterlockedIncrement(&listener->calls);
    if (listener->action) listener->action(listener);
    InterlockedDecrement(&listener->inside);
    return E_FAIL; /* means nothing to the manager */
}

const ICLRMemoryNotificationCallbackVtbl listener_vtbl = {
    listener_QueryInterface,
    listener_AddRef,
    listener_Release,
    listener_OnMemoryNotification,
};

static ULONG WINAPI static_AddRef(ICLRMemoryNotificationCallback *iface)
{
    (void)iface;
    return 1;
}

const ICLRMemoryNotificationCallbackVtbl static_vtbl = {
    listener_QueryInterface,
    static_AddRef,
    static_AddRef,
    listener_OnMemoryNotification,
};

struct listener make_listener(void)
{
    return (struct listener){.ICLRMemoryNotificationCallback_iface = {&listener_vtbl}, .ref = 1};
}

void register_listener_(const char *file, int line, IHostMemoryManager *manager, struct listener *listener)
{
    ICLRMemoryNotificationCallback *callback = listener ? &listener->ICLRMemoryNotificationCallback_iface : NULL;
    HRESULT hr = IHostMemoryManager_RegisterMemoryNotificationCallback(manager, callback);

    ok_(file, line)(hr == S_OK, "got %#lx\n", hr);
}

void wait_for_calls_(const char *file, int line, struct listener *listener, LONG count)
{
    DWORD start = GetTickCount();

    while (listener->calls < count && GetTickCount() - start < LONG_MS) Sleep(1);
    ok_(file, line)(listener->calls >= count, "only %ld calls of %ld came\n", listener->calls, count);
}

void wait_until_outside(struct listener *listener)
{
    DWORD start = GetTickCount();

    while (listener->inside && GetTickCount() - start < LONG_MS) Sleep(1);
    ok(!listener->inside, "still being called\n");
}

void set_load(unsigned int percent)
{
    tree_write_group("", percent, 100, 0);
}

IHostMemoryManager *begin(unsigned int percent)
{
    tree_begin();
    set_load(percent);
    return create_manager();
}

void end(IHostMemoryManager *manager)
{
    ULONG ref = IHostMemoryManager_Release(manager);

    ok(!ref, "got %lu\n", ref);
    tree_end();
    ok_hr(clrmem.can_unload_now(), S_OK);
}

void let_it_look(void)
{
    Sleep(100);
}

static void block(struct listener *listener)
{
    SetEvent(listener->entered);
    WaitForSingleObject(listener->leave, LONG_MS);
}

struct listener make_blocking_listener(void)
{
    struct listener listener = make_listener();

    listener.action = block;
    listener.entered = CreateEventA(NULL, FALSE, FALSE, NULL);
    listener.leave = CreateEventA(NULL, FALSE, FALSE, NULL);
    return listener;
}

void close_events(struct listener *listener)
{
    CloseHandle(listener->entered);
    CloseHandle(listener->leave);
}
