/*
 * A withdrawn callback is neither called again nor being called, for every way to withdraw it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "listener.h"
#include <stdlib.h>

struct withdrawal
{
    struct listener *listener;
    IHostMemoryManager *manager;
    BOOL by_release;
    LONG inside; /* as it was when the withdrawal returned */
};

static DWORD WINAPI withdraw(void *arg)
{
    struct withdrawal *withdrawal = arg;

    if (withdrawal->by_release)
        IHostMemoryManager_Release(withdrawal->manager);
    else
        register_listener(withdrawal->manager, NULL);
    withdrawal->inside = withdrawal->listener->inside;
    withdrawal->listener->withdrawn = TRUE;
    return 0;
}

/* A withdrawal returns only when the callback has returned. */
static void test_withdrawal_waits(BOOL by_release)
{
    struct listener listener = make_blocking_listener();
    IHostMemoryManager *manager = begin(95);
    struct withdrawal withdrawal = {&listener, manager, by_release, -1};
    HANDLE thread;

    register_listener(manager, &listener);
    ok(!WaitForSingleObject(listener.entered, LONG_MS), "not called\n");
    thread = CreateThread(NULL, 0, withdraw, &withdrawal, 0, NULL);
    ok(WaitForSingleObject(thread, 100) == WAIT_TIMEOUT, "withdrawn while it was being called\n");
    SetEvent(listener.leave);
    ok(!WaitForSingleObject(thread, LONG_MS), "not withdrawn\n");
    ok(!withdrawal.inside, "got %ld\n", withdrawal.inside);
    CloseHandle(thread);
    ok(listener.ref == 1, "got %ld\n", listener.ref);
    if (by_release)
        tree_end();
    else
        end(manager);
    close_events(&listener);
}

static void withdraw_itself(struct listener *listener)
{
    register_listener(listener->manager, NULL);
    listener->withdrawn = TRUE;
    ok(listener->ref >= 2, "the caller has no reference\n");
}

static void test_withdrawal_from_within(void)
{
    struct listener listener = make_listener(), next = make_listener();
    IHostMemoryManager *manager = begin(95);

    listener.manager = manager;
    listener.action = withdraw_itself;
    register_listener(manager, &listener);
    wait_for_calls(&listener, 1);
    wait_until_outside(&listener);
    set_load(50);
    register_listener(manager, &next);
    wait_for_calls(&next, 1);
    ok(listener.ref == 1, "got %ld\n", listener.ref);
    end(manager);
    check_levels(&listener, LOW);
}

static void release_manager(struct listener *listener)
{
    ULONG ref = IHostMemoryManager_Release(listener->manager);

    ok(!ref, "got %lu\n", ref);
    listener->withdrawn = TRUE;
}

static void test_release_from_within(void)
{
    struct listener listener = make_listener();
    DWORD start = GetTickCount();
    IHostMemoryManager *manager = begin(95);
    void *memory = commit_region(manager, GRANULE);

    listener.manager = manager;
    listener.action = release_manager;
    register_listener(manager, &listener);
    wait_for_calls(&listener, 1);
    while (listener.ref > 1 && GetTickCount() - start < LONG_MS) Sleep(1);
    ok(listener.ref == 1, "got %ld\n", listener.ref);
    check_free(memory);
    ok_hr(clrmem.can_unload_now(), S_OK);
    let_it_look();
    check_levels(&listener, LOW);
    tree_end();
}

static DWORD WINAPI swing(void *stop)
{
    unsigned int i;

    for (i = 0; !*(volatile LONG *)stop; i++) set_load(i % 2 ? 95 : 50);
    return 0;
}

/* Registered and withdrawn over and over while the load swings: `withdrawn` is seen by the callback itself. */
static void test_withdrawn_is_not_called(void)
{
    IHostMemoryManager *manager = begin(95);
    struct listener *listeners = calloc(300, sizeof(*listeners));
    LONG stop = FALSE, calls = 0;
    HANDLE thread;
    int i;

    thread = CreateThread(NULL, 0, swing, &stop, 0, NULL);
    for (i = 0; i < 300; i++)
    {
        listeners[i].ICLRMemoryNotificationCallback_iface.lpVtbl = &static_vtbl;
        register_listener(manager, &listeners[i]);
        Sleep(i % 25);
        register_listener(manager, NULL);
        ok(!listeners[i].inside, "withdrawn while it was being called\n");
        listeners[i].withdrawn = TRUE;
        calls += listeners[i].calls;
    }
    stop = TRUE;
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    let_it_look();
    ok(calls, "never called\n");
    end(manager);
    free(listeners);
}

START_TEST(withdrawal)
{
    if (!load_clrmem()) return;
    test_withdrawal_waits(FALSE);
    test_withdrawal_waits(TRUE);
    test_withdrawal_from_within();
    test_release_from_within();
    test_withdrawn_is_not_called();
    ok_hr(clrmem.can_unload_now(), S_OK);
}
