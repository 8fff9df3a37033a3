/*
 * What is refused: NULL, the wrong interface, the wrong order, versions that do not exist.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include "host.h"
#include <metahost.h>
#include <mscoree.h>

DEFINE_GUID(IID_Unknown1, 0x11111111, 0x1111, 0x1111, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11);

static ICLRMetaHost *meta_host;
static ICLRRuntimeInfo *info;
static ICLRRuntimeHost *host;

static void show_query(const char *what, IUnknown *object, REFIID riid)
{
    void *out = object;
    HRESULT hr = IUnknown_QueryInterface(object, riid, &out);

    show(what, hr);
    if (FAILED(hr) && out) printf("%s: the pointer is left\n", what);
}

static HRESULT WINAPI never(void *cookie)
{
    (void)cookie;
    puts("called");
    return S_OK;
}

static void refuse_meta_host(void)
{
    DWORD length = 0;
    void *out;

    show("GetRuntime(NULL)", ICLRMetaHost_GetRuntime(meta_host, NULL, &IID_ICLRRuntimeInfo, &out));
    show("GetRuntime, no pointer", ICLRMetaHost_GetRuntime(meta_host, L"v4.0.30319", &IID_ICLRRuntimeInfo, NULL));
    show("GetRuntime, another interface", ICLRMetaHost_GetRuntime(meta_host, L"v4.0.30319", &IID_Unknown1, &out));
    show("GetRuntime, no such version", ICLRMetaHost_GetRuntime(meta_host, L"v9.9.9", &IID_ICLRRuntimeInfo, &out));
    show("GetRuntime, without v", ICLRMetaHost_GetRuntime(meta_host, L"4.0.30319", &IID_ICLRRuntimeInfo, &out));
    show("GetVersionFromFile(NULL)", ICLRMetaHost_GetVersionFromFile(meta_host, NULL, NULL, &length));
    show("GetVersionFromFile, no length", ICLRMetaHost_GetVersionFromFile(meta_host, hosted_assembly(), NULL, NULL));
    show("GetVersionFromFile, no file", ICLRMetaHost_GetVersionFromFile(meta_host, L"C:\\missing.dll", NULL, &length));
    show("EnumerateInstalledRuntimes(NULL)", ICLRMetaHost_EnumerateInstalledRuntimes(meta_host, NULL));
    show("EnumerateLoadedRuntimes(NULL)", ICLRMetaHost_EnumerateLoadedRuntimes(meta_host, GetCurrentProcess(), NULL));
    show("EnumerateLoadedRuntimes, no process",
         ICLRMetaHost_EnumerateLoadedRuntimes(meta_host, (HANDLE)0x7ffe, (IEnumUnknown **)&out));
    show("RequestRuntimeLoadedNotification(NULL)", ICLRMetaHost_RequestRuntimeLoadedNotification(meta_host, NULL));
    show("QueryLegacyV2RuntimeBinding(NULL)",
         ICLRMetaHost_QueryLegacyV2RuntimeBinding(meta_host, &IID_ICLRRuntimeInfo, NULL));
}

static void refuse_info(void)
{
    BOOL flag;
    void *out;

    show("GetVersionString, no length", ICLRRuntimeInfo_GetVersionString(info, NULL, NULL));
    show("GetRuntimeDirectory, no length", ICLRRuntimeInfo_GetRuntimeDirectory(info, NULL, NULL));
    show("IsLoaded(NULL)", ICLRRuntimeInfo_IsLoaded(info, GetCurrentProcess(), NULL));
    show("IsLoaded, no process", ICLRRuntimeInfo_IsLoaded(info, (HANDLE)0x7ffe, &flag));
    show("IsLoadable(NULL)", ICLRRuntimeInfo_IsLoadable(info, NULL));
    show("IsStarted(NULL)", ICLRRuntimeInfo_IsStarted(info, NULL, NULL));
    show("GetDefaultStartupFlags(NULL)", ICLRRuntimeInfo_GetDefaultStartupFlags(info, NULL, NULL, NULL));
    show("LoadErrorString, no length", ICLRRuntimeInfo_LoadErrorString(info, E_FAIL, NULL, NULL, -1));
    show("LoadLibrary(NULL)", ICLRRuntimeInfo_LoadLibrary(info, NULL, (HMODULE *)&out));
    show("LoadLibrary, no pointer", ICLRRuntimeInfo_LoadLibrary(info, L"fusion.dll", NULL));
    show("LoadLibrary, no such module", ICLRRuntimeInfo_LoadLibrary(info, L"missing.dll", (HMODULE *)&out));
    show("GetProcAddress(NULL)", ICLRRuntimeInfo_GetProcAddress(info, NULL, &out));
    show("GetProcAddress, no pointer", ICLRRuntimeInfo_GetProcAddress(info, "CorExitProcess", NULL));
    show("GetProcAddress, no such function", ICLRRuntimeInfo_GetProcAddress(info, "Missing", &out));
    show("GetInterface, no pointer",
         ICLRRuntimeInfo_GetInterface(info, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, NULL));
    show("GetInterface, another class", ICLRRuntimeInfo_GetInterface(info, &IID_Unknown1, &IID_IUnknown, &out));
    show("GetInterface, another interface",
         ICLRRuntimeInfo_GetInterface(info, &CLSID_CLRRuntimeHost, &IID_Unknown1, &out));
}

static void refuse_host(const char *when)
{
    DWORD id;

    puts(when);
    show("SetHostControl(NULL)", ICLRRuntimeHost_SetHostControl(host, NULL));
    show("GetCLRControl(NULL)", ICLRRuntimeHost_GetCLRControl(host, NULL));
    show("GetCurrentAppDomainId(NULL)", ICLRRuntimeHost_GetCurrentAppDomainId(host, NULL));
    show("GetCurrentAppDomainId", ICLRRuntimeHost_GetCurrentAppDomainId(host, &id));
    show("ExecuteInAppDomain(NULL)", ICLRRuntimeHost_ExecuteInAppDomain(host, 1, NULL, NULL));
    show("ExecuteInAppDomain(99)", ICLRRuntimeHost_ExecuteInAppDomain(host, 99, never, NULL));
    show("UnloadAppDomain(1)", ICLRRuntimeHost_UnloadAppDomain(host, 1, TRUE));
    show("ExecuteInDefaultAppDomain, no assembly",
         ICLRRuntimeHost_ExecuteInDefaultAppDomain(host, NULL, HOSTED, L"Length", L"", &id));
    show("ExecuteInDefaultAppDomain, no type",
         ICLRRuntimeHost_ExecuteInDefaultAppDomain(host, hosted_assembly(), NULL, L"Length", L"", &id));
    show("ExecuteInDefaultAppDomain, no method",
         ICLRRuntimeHost_ExecuteInDefaultAppDomain(host, hosted_assembly(), HOSTED, NULL, L"", &id));
}

static void refuse_queries(ICorRuntimeHost *cor_host)
{
    show("meta host, no pointer", ICLRMetaHost_QueryInterface(meta_host, &IID_IUnknown, NULL));
    show_query("meta host as runtime info", (IUnknown *)meta_host, &IID_ICLRRuntimeInfo);
    show("runtime info, no pointer", ICLRRuntimeInfo_QueryInterface(info, &IID_IUnknown, NULL));
    show_query("runtime info as meta host", (IUnknown *)info, &IID_ICLRMetaHost);
    show("runtime host, no pointer", ICLRRuntimeHost_QueryInterface(host, &IID_IUnknown, NULL));
    show_query("runtime host as itself", (IUnknown *)host, &IID_ICLRRuntimeHost);
    show_query("runtime host as the older one", (IUnknown *)host, &IID_ICorRuntimeHost);
    show_query("older runtime host as the newer one", (IUnknown *)cor_host, &IID_ICLRRuntimeHost);
}

int main(void)
{
    ICorRuntimeHost *cor_host;
    DWORD flags;
    void *out;

    show("CLRCreateInstance, another class", CLRCreateInstance(&IID_Unknown1, &IID_IUnknown, &out));
    show("CLRCreateInstance, another interface", CLRCreateInstance(&CLSID_CLRMetaHost, &IID_Unknown1, &out));
    if (FAILED(CLRCreateInstance(&CLSID_CLRMetaHost, &IID_ICLRMetaHost, (void **)&meta_host)) ||
        FAILED(ICLRMetaHost_GetRuntime(meta_host, L"v4.0.30319", &IID_ICLRRuntimeInfo, (void **)&info)))
        return 1;
    refuse_meta_host();
    refuse_info();
    if (FAILED(ICLRRuntimeInfo_GetInterface(info, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)&host)) ||
        FAILED(ICLRRuntimeInfo_GetInterface(info, &CLSID_CorRuntimeHost, &IID_ICorRuntimeHost, (void **)&cor_host)))
        return 1;
    refuse_queries(cor_host);
    refuse_host("--- before Start");
    show("Start", ICLRRuntimeHost_Start(host));
    refuse_host("--- after Start");
    show("SetDefaultStartupFlags after Start", ICLRRuntimeInfo_SetDefaultStartupFlags(info, 0, NULL));
    show("GetDefaultStartupFlags, no length for the file",
         ICLRRuntimeInfo_GetDefaultStartupFlags(info, &flags, (WCHAR *)&out, NULL));
    return 0;
}
