/*
 * A program in the way of the .NET Framework 1 and 2, which knows mscoree's functions only: which version, which
 * directory, which file; binding, a managed object, messages. Linked against mscoree, so that its imports are bound
 * before anything else of it runs; what few programs use it finds by name.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include "host.h"
#include <metahost.h>
#include <mscoree.h>

DEFINE_GUID(IID_ICounter, 0x5f3c7c3a, 0x6a55, 0x4c1c, 0x9b, 0x7e, 0x6f, 0x1f, 0x0c, 0x1d, 0x2e, 0x3f);
DEFINE_GUID(CLSID_Missing, 0x11111111, 0x1111, 0x1111, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11);

typedef struct ICounter ICounter;
typedef struct
{
    HRESULT(WINAPI *QueryInterface)(ICounter *, REFIID, void **);
    ULONG(WINAPI *AddRef)(ICounter *);
    ULONG(WINAPI *Release)(ICounter *);
    HRESULT(WINAPI *Next)(ICounter *, LONG *);
} ICounterVtbl;
struct ICounter
{
    const ICounterVtbl *lpVtbl;
};

static void *find(const char *name)
{
    return (void *)GetProcAddress(GetModuleHandleA("mscoree.dll"), name);
}

static void show_text(const char *what, HRESULT hr, const WCHAR *text, const DWORD *length)
{
    const WCHAR *found = SUCCEEDED(hr) ? wcsstr(text, L"\\v2.0.50727\\") : NULL;

    if (FAILED(hr))
        show(what, hr);
    else if (wcschr(text, '\\'))
        printf("%s: 0x%08lx %s%s %s\n", what, (unsigned long)hr,
               wcsstr(text, L"\\Microsoft.NET\\Framework") ? "Framework" : "elsewhere", found ? "\\v2.0.50727\\" : "",
               *length == wcslen(text) + 1 ? "" : "wrong length");
    else
        printf("%s: 0x%08lx %ls %lu\n", what, (unsigned long)hr, text, *length);
}

static void show_versions(void)
{
    HRESULT(WINAPI * get_root)(WCHAR *, DWORD, DWORD *) = find("GetCORRootDirectory");
    HRESULT(WINAPI * get_required)(WCHAR *, DWORD, DWORD *) = find("GetCORRequiredVersion");
    WCHAR text[MAX_PATH], directory[MAX_PATH];
    DWORD length = 0, directory_length = 0;
    HRESULT hr;

    show_text("GetCORVersion", GetCORVersion(text, MAX_PATH, &length), text, &length);
    show("GetCORVersion, 5 characters", GetCORVersion(text, 5, &length));
    printf("needed: %lu\n", length);
    show("GetCORVersion(NULL)", GetCORVersion(NULL, 5, &length));
    show_text("GetCORSystemDirectory", GetCORSystemDirectory(text, MAX_PATH, &length), text, &length);
    show("GetCORSystemDirectory, no length", GetCORSystemDirectory(text, MAX_PATH, NULL));
    show_text("GetCORRootDirectory", get_root(text, MAX_PATH, &length), text, &length);
    show_text("GetCORRequiredVersion", get_required(text, MAX_PATH, &length), text, &length);
    show_text("GetFileVersion", GetFileVersion(hosted_assembly(), text, MAX_PATH, &length), text, &length);
    show("GetFileVersion, 2 characters", GetFileVersion(hosted_assembly(), text, 2, &length));
    show("GetFileVersion(NULL)", GetFileVersion(NULL, text, MAX_PATH, &length));
    hr = GetRequestedRuntimeInfo(NULL, L"v4.0.30319", NULL, 0, 0, directory, MAX_PATH, &directory_length, text,
                                 MAX_PATH, &length);
    show_text("GetRequestedRuntimeInfo", hr, text, &length);
    show("GetRequestedRuntimeInfo, 5 characters",
         GetRequestedRuntimeInfo(NULL, L"v4.0.30319", NULL, 0, 0, NULL, 0, NULL, text, 5, &length));
    show("GetRequestedRuntimeInfo, no such version",
         GetRequestedRuntimeInfo(NULL, L"v9.0.0", NULL, 0, 0, NULL, 0, NULL, text, MAX_PATH, &length));
    wcscpy(directory, hosted_assembly());
    show_text("GetRequestedRuntimeVersion", GetRequestedRuntimeVersion(directory, text, MAX_PATH, &length), text,
              &length);
}

static void show_processes(const char *when)
{
    HRESULT(WINAPI * get_version)(HANDLE, WCHAR *, DWORD, DWORD *) = find("GetVersionFromProcess");
    HRESULT(WINAPI * get_flags)(DWORD *) = find("GetStartupFlags");
    DWORD length = 0, flags = 0;
    WCHAR text[MAX_PATH];

    printf("--- %s\n", when);
    show_text("GetVersionFromProcess", get_version(GetCurrentProcess(), text, MAX_PATH, &length), text, &length);
    show("GetVersionFromProcess, no process", get_version((HANDLE)0x7ffe, text, MAX_PATH, &length));
    show("GetVersionFromProcess, no buffer", get_version(GetCurrentProcess(), NULL, MAX_PATH, &length));
    show_value("GetStartupFlags", get_flags(&flags), &flags);
}

static void show_messages(void)
{
    HRESULT(WINAPI * load)(UINT, WCHAR *, int, int) = find("LoadStringRC");
    HRESULT(WINAPI * load_ex)(LCID, UINT, WCHAR *, int, int, int *) = find("LoadStringRCEx");
    WCHAR text[256] = L"?";
    int used = 0;

    show("LoadStringRC", load(0x80131513, text, 256, 1));
    printf("%s\n", wcslen(text) > 5 ? "a message" : "none");
    show("LoadStringRCEx", load_ex(-1, 0x80131513, text, 256, 1, &used));
    printf("%s\n", used == (int)wcslen(text) ? "its length" : "another length");
    show("LoadStringRC, no buffer", load(0x80131513, NULL, 256, 1));
    show("LoadStringRC, no such message", load(0x8013ffff, text, 256, 1));
    printf("%s\n", text[0] ? "a message" : "none");
}

static FLockClrVersionCallback begin_setup, end_setup;

static HRESULT WINAPI choose_version(void)
{
    puts("the runtime is about to be loaded");
    show("begin", begin_setup());
    show("end", end_setup());
    return S_OK;
}

static void lock_version(void)
{
    HRESULT(WINAPI * lock)
    (FLockClrVersionCallback, FLockClrVersionCallback *, FLockClrVersionCallback *) = find("LockClrVersion");

    show("LockClrVersion(NULL)", lock(NULL, NULL, NULL));
    show("LockClrVersion", lock(choose_version, &begin_setup, &end_setup));
    show("LockClrVersion again", lock(choose_version, &begin_setup, &end_setup));
}

static void show_modules(void)
{
    HRESULT(WINAPI * load)(const WCHAR *, const WCHAR *, void *, HMODULE *) = find("LoadLibraryShim");
    HRESULT(WINAPI * get_real)(const char *, void **) = find("GetRealProcAddress");
    HRESULT(WINAPI * call)
    (const WCHAR *, const char *, void *, void *, const WCHAR *, void *) = find("CallFunctionShim");
    HMODULE module = NULL;
    void *function;

    show("LoadLibraryShim", load(L"fusion.dll", NULL, NULL, &module));
    show("LoadLibraryShim, missing", load(L"missing.dll", NULL, NULL, &module));
    show("LoadLibraryShim, no such version", load(L"fusion.dll", L"v9.0.0", NULL, &module));
    show("LoadLibraryShim(NULL)", load(NULL, NULL, NULL, &module));
    show("GetRealProcAddress", get_real("CorExitProcess", &function));
    show("GetRealProcAddress, missing", get_real("Missing", &function));
    show("CallFunctionShim, missing", call(L"fusion.dll", "Missing", NULL, NULL, NULL, NULL));
}

static void create_instances(void)
{
    WCHAR type[MAX_PATH + 64] = L"ClrMem.Hosts.Counter, hosted";
    ICounter *counter = NULL;
    LONG value = 0;
    HRESULT hr;

    hr = ClrCreateManagedInstance(type, &IID_ICounter, (void **)&counter);
    if (SUCCEEDED(show("ClrCreateManagedInstance", hr)))
    {
        show_value("Next", counter->lpVtbl->Next(counter, &value), &value);
        show_value("Next", counter->lpVtbl->Next(counter, &value), &value);
        counter->lpVtbl->Release(counter);
    }
    show("ClrCreateManagedInstance, another interface",
         ClrCreateManagedInstance(type, &CLSID_Missing, (void **)&counter));
    show("ClrCreateManagedInstance, no such type",
         ClrCreateManagedInstance(L"Missing.Type, mscorlib", &IID_IUnknown, (void **)&counter));
    show("ClrCreateManagedInstance, no such assembly",
         ClrCreateManagedInstance(L"Missing.Type, missing", &IID_IUnknown, (void **)&counter));
    show("ClrCreateManagedInstance(NULL)", ClrCreateManagedInstance(NULL, &IID_IUnknown, (void **)&counter));
    show("ClrCreateManagedInstance, no pointer", ClrCreateManagedInstance(type, &IID_IUnknown, NULL));
}

static void bind_runtime(void)
{
    ICLRRuntimeHost *host, *same;
    DWORD result = 0;
    HRESULT hr;

    show("CorBindToRuntime, no pointer",
         CorBindToRuntime(NULL, NULL, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, NULL));
    show("CorBindToRuntime, no such version",
         CorBindToRuntime(L"v9.0.0", NULL, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)&host));
    show("CorBindToRuntimeEx, another class",
         CorBindToRuntimeEx(L"v2.0.50727", NULL, 0x1000, &CLSID_Missing, &IID_IUnknown, (void **)&host));
    hr = CorBindToRuntimeHost(L"v2.0.50727", L"svr", NULL, NULL, 0, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost,
                              (void **)&host);
    if (FAILED(show("CorBindToRuntimeHost", hr))) exit(1);
    show("CorBindToRuntime, an older version",
         CorBindToRuntime(L"v1.1.4322", NULL, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)&same));
    printf("%s\n", same == host ? "the same runtime" : "another runtime");
    show("CorBindToCurrentRuntime",
         CorBindToCurrentRuntime(NULL, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)&same));
    printf("%s\n", same == host ? "the same runtime" : "another runtime");
    show("Start", ICLRRuntimeHost_Start(host));
    hr = ICLRRuntimeHost_ExecuteInDefaultAppDomain(host, hosted_assembly(), HOSTED, L"Length", L"flat", &result);
    show_value("ExecuteInDefaultAppDomain", hr, &result);
}

int main(void)
{
    HRESULT(WINAPI * initialize)(DWORD) = find("CoInitializeEE");

    show_processes("nothing loaded");
    show_versions();
    show_modules();
    show_messages();
    lock_version();
    bind_runtime();
    show_processes("started");
    show("CoInitializeEE", initialize(0));
    create_instances();
    CorExitProcess(5);
    puts("still there");
    return 1;
}
