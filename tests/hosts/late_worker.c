/*
 * A program that needs managed code late: a worker thread loads and starts the runtime and waits for more work,
 * while other threads of the program make it collect.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include "host.h"
#include <metahost.h>
#include <mscoree.h>

static ICLRRuntimeHost *host;
static HANDLE ready, done;

static void run(const char *what, const WCHAR *method, const WCHAR *argument)
{
    DWORD result = 0;
    HRESULT hr = ICLRRuntimeHost_ExecuteInDefaultAppDomain(host, hosted_assembly(), HOSTED, method, argument, &result);

    show_value(what, hr, &result);
}

static DWORD WINAPI worker(void *unused)
{
    typedef HRESULT(WINAPI * create_fn)(REFCLSID, REFIID, void **);
    create_fn create = (create_fn)(void *)GetProcAddress(LoadLibraryA("mscoree.dll"), "CLRCreateInstance");
    ICLRMetaHost *meta_host;
    ICLRRuntimeInfo *info;

    (void)unused;
    if (FAILED(create(&CLSID_CLRMetaHost, &IID_ICLRMetaHost, (void **)&meta_host)) ||
        FAILED(ICLRMetaHost_GetRuntime(meta_host, L"v4.0.30319", &IID_ICLRRuntimeInfo, (void **)&info)) ||
        FAILED(ICLRRuntimeInfo_GetInterface(info, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)&host)))
        exit(1);
    show("Start on the worker", ICLRRuntimeHost_Start(host));
    run("the worker", L"Length", L"worker");
    SetEvent(ready);
    WaitForSingleObject(done, INFINITE);
    run("the worker again", L"Length", L"worker again");
    return 0;
}

/* Calls once and then sleeps: it must not hold up the others. */
static DWORD WINAPI sleeper(void *unused)
{
    (void)unused;
    run("the sleeper", L"Length", L"zzz");
    SetEvent(ready);
    WaitForSingleObject(done, INFINITE);
    return 0;
}

int main(void)
{
    HANDLE threads[2];

    printf("mscoree is %s\n", GetModuleHandleA("mscoree.dll") ? "loaded" : "not loaded");
    ready = CreateEventA(NULL, FALSE, FALSE, NULL);
    done = CreateEventA(NULL, TRUE, FALSE, NULL);
    threads[0] = CreateThread(NULL, 0, worker, NULL, 0, NULL);
    WaitForSingleObject(ready, INFINITE);
    threads[1] = CreateThread(NULL, 0, sleeper, NULL, 0, NULL);
    WaitForSingleObject(ready, INFINITE);
    run("the main thread", L"Churn", L"5");
    SetEvent(done);
    WaitForMultipleObjects(2, threads, TRUE, INFINITE);
    run("the main thread again", L"Churn", L"2");
    return 0;
}
