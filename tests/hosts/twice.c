/*
 * Two parts of one program that do not know of each other: each binds, starts and stops the runtime.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include "host.h"
#include <metahost.h>
#include <mscoree.h>

static ICLRRuntimeHost *get_host(ICLRRuntimeInfo **info)
{
    ICLRMetaHost *meta_host;
    ICLRRuntimeHost *host;

    if (FAILED(CLRCreateInstance(&CLSID_CLRMetaHost, &IID_ICLRMetaHost, (void **)&meta_host)) ||
        FAILED(ICLRMetaHost_GetRuntime(meta_host, L"v4.0.30319", &IID_ICLRRuntimeInfo, (void **)info)) ||
        FAILED(ICLRRuntimeInfo_GetInterface(*info, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)&host)))
        exit(1);
    return host;
}

static void show_started(ICLRRuntimeInfo *info)
{
    BOOL started = 0xdead;
    DWORD flags;

    show_value("IsStarted", ICLRRuntimeInfo_IsStarted(info, &started, &flags), &started);
}

static void execute(ICLRRuntimeHost *host)
{
    DWORD result = 0;
    HRESULT hr = ICLRRuntimeHost_ExecuteInDefaultAppDomain(host, hosted_assembly(), L"Bare", L"Run", NULL, &result);

    show_value("ExecuteInDefaultAppDomain", hr, &result);
}

int main(void)
{
    ICLRRuntimeInfo *info, *second_info;
    ICLRRuntimeHost *first = get_host(&info), *second = get_host(&second_info);

    show("Stop without Start", ICLRRuntimeHost_Stop(first));
    show_started(info);
    show("first Start", ICLRRuntimeHost_Start(first));
    show_started(info);
    show("second Start", ICLRRuntimeHost_Start(second));
    execute(second);
    show("first Stop", ICLRRuntimeHost_Stop(first));
    execute(second);
    show("second Stop", ICLRRuntimeHost_Stop(second));
    execute(second);
    show("third Stop", ICLRRuntimeHost_Stop(first));
    show("Start after the last Stop", ICLRRuntimeHost_Start(first));
    execute(first);
    show("Stop", ICLRRuntimeHost_Stop(first));
    return 0;
}
