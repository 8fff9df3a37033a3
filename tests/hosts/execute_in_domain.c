/*
 * Native code in the default AppDomain: before Start, on the main thread, on one that the runtime has not met.
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

static HRESULT WINAPI callback(void *cookie)
{
    printf("callback with %s\n", (const char *)cookie);
    show_id("domain of the callback");
    return ANSWER;
}

static DWORD WINAPI other_thread(void *unused)
{
    (void)unused;
    show_id("a thread that the runtime has not met");
    show("ExecuteInAppDomain there", ICLRRuntimeHost_ExecuteInAppDomain(host, 1, callback, "a thread"));
    show_id("the same thread later");
    return 0;
}

int main(void)
{
    ICLRMetaHost *meta_host;
    ICLRRuntimeInfo *info;
    HANDLE thread;

    if (FAILED(CLRCreateInstance(&CLSID_CLRMetaHost, &IID_ICLRMetaHost, (void **)&meta_host)) ||
        FAILED(ICLRMetaHost_GetRuntime(meta_host, L"v4.0.30319", &IID_ICLRRuntimeInfo, (void **)&info)) ||
        FAILED(ICLRRuntimeInfo_GetInterface(info, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)&host)))
        return 1;
    show("ExecuteInAppDomain before Start", ICLRRuntimeHost_ExecuteInAppDomain(host, 1, callback, "nothing"));
    show("Start", ICLRRuntimeHost_Start(host));
    show_id("main thread");
    show("ExecuteInAppDomain", ICLRRuntimeHost_ExecuteInAppDomain(host, 1, callback, "the default domain"));
    thread = CreateThread(NULL, 0, other_thread, NULL, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    show("no such domain", ICLRRuntimeHost_ExecuteInAppDomain(host, 77, callback, "nothing"));
    show("no domain 0", ICLRRuntimeHost_ExecuteInAppDomain(host, 0, callback, "nothing"));
    show("unload the default domain", ICLRRuntimeHost_UnloadAppDomain(host, 1, TRUE));
    show("unload no domain", ICLRRuntimeHost_UnloadAppDomain(host, 77, TRUE));
    return 0;
}
