/*
 * Native code in other AppDomains, one in the other, and their unloading: from within, while a thread is inside,
 * without waiting.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include "host.h"
#include <metahost.h>
#include <mscoree.h>

#define ANSWER ((HRESULT)0x80001234)

static ICLRRuntimeHost *host;

static void show_id(const char *where)
{
    DWORD id = 0;

    show_value(where, ICLRRuntimeHost_GetCurrentAppDomainId(host, &id), &id);
}

static DWORD run(const WCHAR *method, const WCHAR *argument)
{
    DWORD result = 0;
    HRESULT hr = ICLRRuntimeHost_ExecuteInDefaultAppDomain(host, hosted_assembly(), HOSTED, method, argument, &result);

    if (FAILED(hr)) show("ExecuteInDefaultAppDomain", hr);
    return result;
}

static HRESULT WINAPI callback(void *cookie)
{
    printf("callback with %s\n", (const char *)cookie);
    show_id("domain of the callback");
    return ANSWER;
}

static HRESULT WINAPI outer(void *cookie)
{
    show_id("domain of the outer callback");
    show("inner", ICLRRuntimeHost_ExecuteInAppDomain(host, 1, callback, cookie));
    show_id("domain of the outer callback again");
    return S_FALSE;
}

static HRESULT WINAPI unload_own(void *cookie)
{
    return ICLRRuntimeHost_UnloadAppDomain(host, *(DWORD *)cookie, TRUE);
}

static HANDLE inside;
static volatile LONG has_left;

static HRESULT WINAPI stay_inside(void *cookie)
{
    (void)cookie;
    SetEvent(inside);
    Sleep(300);
    has_left = TRUE;
    return S_OK;
}

static DWORD WINAPI stay(void *id)
{
    return ICLRRuntimeHost_ExecuteInAppDomain(host, *(DWORD *)id, stay_inside, NULL);
}

static void in_new_domain(void)
{
    HANDLE thread;
    DWORD id = 1 + run(L"NewDomain", L"extra");
    int i;

    printf("new domain: %s\n", id > 1 ? "yes" : "no");
    show("outer", ICLRRuntimeHost_ExecuteInAppDomain(host, id, outer, "the new domain around it"));
    show_id("main thread");
    show("UnloadAppDomain within it", ICLRRuntimeHost_ExecuteInAppDomain(host, id, unload_own, &id));
    show("UnloadAppDomain", ICLRRuntimeHost_UnloadAppDomain(host, id, TRUE));
    show("UnloadAppDomain again", ICLRRuntimeHost_UnloadAppDomain(host, id, TRUE));
    show("ExecuteInAppDomain", ICLRRuntimeHost_ExecuteInAppDomain(host, id, callback, "nothing"));

    id = 1 + run(L"NewDomain", L"second");
    thread = CreateThread(NULL, 0, stay, &id, 0, NULL);
    WaitForSingleObject(inside, INFINITE);
    show("UnloadAppDomain while a thread is in it", ICLRRuntimeHost_UnloadAppDomain(host, id, TRUE));
    printf("the thread has %s\n", has_left ? "left" : "not left");
    WaitForSingleObject(thread, INFINITE);

    id = 1 + run(L"NewDomain", L"third");
    show("UnloadAppDomain without waiting", ICLRRuntimeHost_UnloadAppDomain(host, id, FALSE));
    show("ExecuteInAppDomain", ICLRRuntimeHost_ExecuteInAppDomain(host, id, callback, "nothing"));
    for (i = 0; i < 200 && run(L"NewDomain", L"another") + 1 != id; i++) Sleep(50);
    printf("its identifier is %s again\n", i < 200 ? "free" : "not free");
}

int main(void)
{
    inside = CreateEventA(NULL, FALSE, FALSE, NULL);
    if (FAILED(
            CorBindToRuntimeEx(L"v4.0.30319", NULL, 0, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)&host)) ||
        FAILED(ICLRRuntimeHost_Start(host)))
        return 1;
    in_new_domain();
    return 0;
}
