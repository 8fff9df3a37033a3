/*
 * A host that is called before anyone gets the runtime, and then takes it first itself: its own host control, its own
 * Start, as the reference of RequestRuntimeLoadedNotification describes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include "host.h"
#include <metahost.h>
#include <mscoree.h>

static int calls;
static ICLRRuntimeHost *mine;

static void WINAPI loaded(ICLRRuntimeInfo *info, CallbackThreadSetFnPtr set, CallbackThreadUnsetFnPtr unset)
{
    WCHAR version[32];
    DWORD length = ARRAYSIZE(version);
    BOOL started = 9;
    DWORD flags;

    calls++;
    ICLRRuntimeInfo_GetVersionString(info, version, &length);
    printf("loaded: %ls\n", version);
    show_value("IsStarted", ICLRRuntimeInfo_IsStarted(info, &started, &flags), &started);
    show("set", set());
    show("set again", set());
    show("GetInterface within",
         ICLRRuntimeInfo_GetInterface(info, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)&mine));
    show("Start within", ICLRRuntimeHost_Start(mine));
    show("unset", unset());
    show("unset again", unset());
}

int main(void)
{
    ICLRMetaHost *meta_host;
    ICLRRuntimeInfo *info;
    ICLRRuntimeHost *host;
    DWORD result = 0;
    int i;

    if (FAILED(CLRCreateInstance(&CLSID_CLRMetaHost, &IID_ICLRMetaHost, (void **)&meta_host)) ||
        FAILED(ICLRMetaHost_GetRuntime(meta_host, L"v4.0.30319", &IID_ICLRRuntimeInfo, (void **)&info)))
        return 1;
    show("RequestRuntimeLoadedNotification", ICLRMetaHost_RequestRuntimeLoadedNotification(meta_host, loaded));
    show("RequestRuntimeLoadedNotification again", ICLRMetaHost_RequestRuntimeLoadedNotification(meta_host, loaded));
    for (i = 0; i < 2; i++)
        show("GetInterface",
             ICLRRuntimeInfo_GetInterface(info, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)&host));
    printf("called %d time(s), %s\n", calls, host == mine ? "one runtime" : "two runtimes");
    show("Start", ICLRRuntimeHost_Start(host));
    show_value("ExecuteInDefaultAppDomain",
               ICLRRuntimeHost_ExecuteInDefaultAppDomain(host, hosted_assembly(), HOSTED, L"Length", L"x", &result),
               &result);
    return 0;
}
