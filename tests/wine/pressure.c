/*
 * Notifications of memory pressure: levels, receivers, threads; and the end of manager, DLL and process.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "listener.h"
#include <stdio.h>

#define MIB ((SIZE_T)1 << 20)

static void test_levels(void)
{
    struct listener listener = make_listener();
    IHostMemoryManager *manager = begin(80);

    register_listener(manager, &listener);
    let_it_look();
    set_load(92);
    wait_for_calls(&listener, 1);
    set_load(87); /* within the hysteresis */
    let_it_look();
    set_load(72);
    wait_for_calls(&listener, 2);
    set_load(70);
    wait_for_calls(&listener, 3);
    set_load(75);
    let_it_look();
    set_load(100);
    check_levels(&listener, LOW, NEUTRAL, HIGH, LOW);
    ok(listener.thread != GetCurrentThreadId(), "called on the thread that registered\n");
    end(manager);
    ok(listener.ref == 1, "got %ld\n", listener.ref);
}

static void test_soft_limit_of_container(void)
{
    struct listener listener = make_listener();
    IHostMemoryManager *manager = begin(50);

    register_listener(manager, &listener);
    wait_for_calls(&listener, 1);
    tree_write_group("", 50, 100, 49);
    wait_for_calls(&listener, 2);
    tree_write_group("", 50, 100, 51); /* not far enough below */
    let_it_look();
    tree_write_group("", 50, 100, 60);
    check_levels(&listener, HIGH, LOW, HIGH);
    end(manager);
}

/* A callback that is registered again counts as not notified, though it is the same object. */
static void test_registering_again(void)
{
    struct listener listener = make_listener();
    IHostMemoryManager *manager = begin(95);
    LONG i;

    for (i = 1; i <= 3; i++)
    {
        register_listener(manager, &listener);
        wait_for_calls(&listener, i);
        /* While it stays, there is no news. */
        register_listener(manager, &listener);
        let_it_look();
        ok(listener.calls == i, "got %ld calls\n", listener.calls);
        register_listener(manager, NULL);
    }
    check_levels(&listener, LOW, LOW, LOW);
    end(manager);
}

static void set_limit(const char *hard, const char *soft)
{
    SetEnvironmentVariableA("CLRMEM_LIMIT", hard);
    SetEnvironmentVariableA("CLRMEM_SOFTLIMIT", soft);
}

static void test_soft_limit(void)
{
    struct listener listener = make_listener();
    IHostMemoryManager *manager;
    void *memory;

    set_limit("104857600", "52428800");
    tree_begin();
    SetEnvironmentVariableA("CLRMEM_INTERVAL", "60000");
    manager = create_manager();
    register_listener(manager, &listener);
    wait_for_calls(&listener, 1);
    memory = commit_region(manager, 60 * MIB);
    wait_for_calls(&listener, 2);
    IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE);
    check_levels(&listener, HIGH, LOW, HIGH);
    set_limit(NULL, NULL);
    end(manager);
}

static void test_refusal(void)
{
    struct listener listener = make_listener();
    IHostMemoryManager *manager;
    void *memory;
    HRESULT hr;

    set_limit("104857600", "none");
    tree_begin();
    SetEnvironmentVariableA("CLRMEM_INTERVAL", "60000"); /* a refusal wakes the monitor */
    manager = create_manager();
    register_listener(manager, &listener);
    wait_for_calls(&listener, 1);
    hr = IHostMemoryManager_VirtualAlloc(manager, NULL, 200 * MIB, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE,
                                         eTaskCritical, &memory);
    ok_hr(hr, E_OUTOFMEMORY);
    check_levels(&listener, HIGH, LOW, HIGH);
    set_limit(NULL, NULL);
    end(manager);
}

/* Repeated refusals are notified repeatedly, but not each of them. */
static void test_refusals(void)
{
    struct listener listener = make_listener();
    IHostMemoryManager *manager;
    DWORD refused = 0, start;
    void *memory;

    set_limit("104857600", "none");
    tree_begin();
    manager = create_manager();
    register_listener(manager, &listener);
    for (start = GetTickCount(); listener.calls < 4 && GetTickCount() - start < LONG_MS; refused++)
    {
        IHostMemoryManager_VirtualAlloc(manager, NULL, 200 * MIB, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE,
                                        eTaskCritical, &memory);
        Sleep(1);
    }
    register_listener(manager, NULL);
    ok(listener.calls == 4, "got %ld\n", listener.calls);
    ok(listener.levels[3] == LOW && listener.levels[2] == LOW, "got %d, %d\n", listener.levels[2], listener.levels[3]);
    ok(refused > 50, "told of each refusal: %lu\n", refused);
    set_limit(NULL, NULL);
    end(manager);
}

/* A later callback is notified of the current level. */
static void test_replacement(void)
{
    struct listener first = make_listener(), second = make_listener(), third = make_listener();
    IHostMemoryManager *manager = begin(95);

    register_listener(manager, &first);
    wait_for_calls(&first, 1);
    register_listener(manager, &second);
    first.withdrawn = TRUE;
    ok(first.ref == 1 && second.ref >= 2, "got %ld, %ld\n", first.ref, second.ref);
    wait_for_calls(&second, 1);
    register_listener(manager, &second);
    set_load(50);
    wait_for_calls(&second, 2);
    register_listener(manager, NULL);
    second.withdrawn = TRUE;
    set_load(80);
    let_it_look();
    register_listener(manager, &third);
    let_it_look();
    set_load(95);
    check_levels(&first, LOW);
    check_levels(&second, LOW, HIGH);
    check_levels(&third, LOW);
    end(manager);
}

static void call_everything(struct listener *listener)
{
    IHostMemoryManager *manager = listener->manager;
    DWORD percent = 0;
    SIZE_T available;
    void *memory;

    memory = commit_region(manager, GRANULE);
    ok_hr(IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE), S_OK);
    ok_hr(IHostMemoryManager_GetMemoryLoad(manager, &percent, &available), S_OK);
    ok(percent == 95, "got %lu\n", percent);
    get_statistics(manager);
    register_listener(manager, listener);
}

static void test_callbacks_may_call(void)
{
    struct listener listener = make_listener();
    IHostMemoryManager *manager = begin(95);

    listener.manager = manager;
    listener.action = call_everything;
    register_listener(manager, &listener);
    wait_for_calls(&listener, 1);
    wait_until_outside(&listener);
    end(manager);
    check_levels(&listener, LOW);
}

/* Nothing waits for a callback that does not return. */
static void test_no_caller_is_blocked(void)
{
    struct listener listener = make_blocking_listener();
    IHostMemoryManager *manager = begin(95);
    DWORD percent;
    SIZE_T available;
    void *memory;

    register_listener(manager, &listener);
    ok(!WaitForSingleObject(listener.entered, LONG_MS), "not called\n");
    memory = commit_region(manager, GRANULE);
    ok_hr(IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE), S_OK);
    ok_hr(IHostMemoryManager_GetMemoryLoad(manager, &percent, &available), S_OK);
    get_statistics(manager);
    register_listener(manager, &listener);
    ok(listener.inside == 1, "came back\n");
    SetEvent(listener.leave);
    end(manager);
    close_events(&listener);
}

/* Managers that are created and released, each with its monitor. */
static void test_many_managers(void)
{
    struct listener listener = make_listener();
    IHostMemoryManager *manager;
    void *memory;
    LONG calls;
    int i;

    tree_begin();
    set_load(95);
    for (i = 0; i < 200; i++)
    {
        manager = create_manager();
        memory = commit_region(manager, GRANULE);
        memset(memory, 1, GRANULE);
        calls = listener.calls;
        register_listener(manager, &listener);
        if (i % 10 == 0) wait_for_calls(&listener, calls + 1);
        IHostMemoryManager_Release(manager);
        ok(listener.ref == 1, "got %ld\n", listener.ref);
    }
    tree_end();
    ok_hr(clrmem.can_unload_now(), S_OK);
}

/* The DLL stays until the monitor is gone, and no longer. */
static void test_unload(void)
{
    struct listener listener = make_listener();
    IHostMemoryManager *manager = begin(95);
    DWORD start = GetTickCount();

    register_listener(manager, &listener);
    wait_for_calls(&listener, 1);
    end(manager);
    FreeLibrary(clrmem.module);
    while (GetModuleHandleA("clrmem.dll") && GetTickCount() - start < LONG_MS) Sleep(1);
    ok(!GetModuleHandleA("clrmem.dll"), "still loaded\n");
    clrmem.module = NULL;
    load_clrmem();
}

/* A process may end while the callback is being called. */
static void end_process_in_callback(void)
{
    struct listener listener = make_blocking_listener();

    register_listener(create_manager(), &listener);
    if (!WaitForSingleObject(listener.entered, LONG_MS)) ExitProcess(42);
    ExitProcess(1);
}

static void test_process_end(char **argv)
{
    STARTUPINFOA startup = {.cb = sizeof(startup)};
    PROCESS_INFORMATION process;
    char command[MAX_PATH + 32];
    DWORD code = 0;

    tree_begin();
    set_load(95);
    sprintf(command, "\"%s\" pressure end", argv[0]);
    ok(CreateProcessA(NULL, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process), "error %lu\n",
       GetLastError());
    ok(!WaitForSingleObject(process.hProcess, LONG_MS), "the process does not end\n");
    GetExitCodeProcess(process.hProcess, &code);
    ok(code == 42, "got %lu\n", code);
    TerminateProcess(process.hProcess, 1);
    CloseHandle(process.hProcess);
    CloseHandle(process.hThread);
    tree_end();
}

START_TEST(pressure)
{
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    if (!load_clrmem()) return;
    if (argc > 2) end_process_in_callback();
    test_levels();
    test_soft_limit_of_container();
    test_soft_limit();
    test_refusal();
    test_refusals();
    test_replacement();
    test_callbacks_may_call();
    test_no_caller_is_blocked();
    test_registering_again();
    test_many_managers();
    test_process_end(argv);
    test_unload();
    ok_hr(clrmem.can_unload_now(), S_OK);
}
