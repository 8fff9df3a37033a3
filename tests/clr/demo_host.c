/*
 * A CLR host in C: takes clrmem's host control, starts the runtime, runs managed code, and
 * prints what passed through the memory manager.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include <windows.h>
#include <metahost.h>
#include <mscoree.h>
#include <corerror.h>
#include <stdio.h>
#include "clrmem.h"

static int fail(const char *what, HRESULT hr)
{
    printf("demo host: %s failed: %#lx\n", what, hr);
    return 1;
}

static HRESULT get_runtime_host(ICLRRuntimeHost **host)
{
    HRESULT(WINAPI * create)
    (REFCLSID, REFIID, void **) = (void *)GetProcAddress(LoadLibraryW(L"mscoree.dll"), "CLRCreateInstance");
    ICLRMetaHost *meta_host;
    ICLRRuntimeInfo *info;
    HRESULT hr;

    if (!create) return HRESULT_FROM_WIN32(GetLastError());
    hr = create(&CLSID_CLRMetaHost, &IID_ICLRMetaHost, (void **)&meta_host);
    if (FAILED(hr)) return hr;
    hr = ICLRMetaHost_GetRuntime(meta_host, L"v4.0.30319", &IID_ICLRRuntimeInfo, (void **)&info);
    ICLRMetaHost_Release(meta_host);
    if (FAILED(hr)) return hr;
    hr = ICLRRuntimeInfo_GetInterface(info, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)host);
    ICLRRuntimeInfo_Release(info);
    return hr;
}

/* Memory that never came from the host must be refused and stay as it is. */
static int free_foreign_memory(IHostMemoryManager *memory)
{
    char *foreign = VirtualAlloc(NULL, 0x1000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    HRESULT hr;

    *foreign = 42;
    hr = IHostMemoryManager_VirtualFree(memory, foreign, 0, MEM_RELEASE);
    printf("VirtualFree of memory that did not come from the host: %#lx%s\n", hr,
           hr == HOST_E_INVALIDOPERATION ? " (HOST_E_INVALIDOPERATION)" : "");
    if (hr != HOST_E_INVALIDOPERATION || *foreign != 42) return fail("refusing foreign memory", hr);
    VirtualFree(foreign, 0, MEM_RELEASE);
    return 0;
}

static int print_statistics(IHostMemoryManager *memory, ClrMemFormatStatisticsFn format)
{
    CLRMEM_STATISTICS statistics = {.cbSize = sizeof(statistics)};
    IClrMemManager *manager;
    char text[4096];
    HRESULT hr = IHostMemoryManager_QueryInterface(memory, &IID_IClrMemManager, (void **)&manager);

    if (FAILED(hr)) return fail("QueryInterface(IClrMemManager)", hr);
    hr = IClrMemManager_GetStatistics(manager, &statistics);
    IClrMemManager_Release(manager);
    if (FAILED(hr)) return fail("GetStatistics", hr);
    if (!format(&statistics, text, sizeof(text))) return fail("ClrMemFormatStatistics", E_FAIL);
    fputs(text, stdout);
    if (!statistics.VirtualAlloc.ullCalls || !statistics.Alloc.ullCalls)
        return fail("serving the runtime's memory (nothing came)", E_UNEXPECTED);
    return 0;
}

static int run_managed(ICLRRuntimeHost *host, IHostControl *control, const WCHAR *assembly, const WCHAR *scale)
{
    DWORD result = 0;
    HRESULT hr;

    if (FAILED(hr = ICLRRuntimeHost_SetHostControl(host, control))) return fail("SetHostControl", hr);
    if (FAILED(hr = ICLRRuntimeHost_Start(host))) return fail("Start", hr);
    hr = ICLRRuntimeHost_ExecuteInDefaultAppDomain(host, assembly, L"ClrMem.Tests.Workload", L"Run", scale, &result);
    if (FAILED(hr)) return fail("ExecuteInDefaultAppDomain", hr);
    printf("managed code returned %lu\n", result);
    return result == 7 ? 0 : fail("the managed code", E_UNEXPECTED);
}

int wmain(int argc, WCHAR **argv)
{
    HMODULE clrmem = LoadLibraryW(L"clrmem.dll");
    ClrMemCreateHostControlFn create;
    ClrMemFormatStatisticsFn format;
    IHostMemoryManager *memory;
    IHostControl *control;
    ICLRRuntimeHost *host;
    HRESULT hr;

    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc != 3) return puts("usage: demo_host ASSEMBLY SCALE"), 2;
    if (!clrmem)
        return fail("loading clrmem.dll (is it installed in this prefix?)", HRESULT_FROM_WIN32(GetLastError()));
    create = (void *)GetProcAddress(clrmem, "ClrMemCreateHostControl");
    format = (void *)GetProcAddress(clrmem, "ClrMemFormatStatistics");
    if (!create || !format) return fail("finding clrmem.dll's exports", E_NOINTERFACE);

    if (FAILED(hr = create(&IID_IHostControl, (void **)&control))) return fail("ClrMemCreateHostControl", hr);
    hr = IHostControl_GetHostManager(control, &IID_IHostMemoryManager, (void **)&memory);
    if (FAILED(hr)) return fail("GetHostManager", hr);
    if (FAILED(hr = get_runtime_host(&host))) return fail("getting the runtime host", hr);

    if (run_managed(host, control, argv[1], argv[2])) return 1;
    if (free_foreign_memory(memory) || print_statistics(memory, format)) return 1;
    if (FAILED(hr = ICLRRuntimeHost_Stop(host))) return fail("Stop", hr);
    puts("demo host: ok");
    return 0;
}
