/*
 * A host with a memory manager that traces: it hands every call on to Windows and prints, at the end, which kinds came.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include "host.h"
#include <metahost.h>
#include <mscoree.h>
#include <corerror.h>
#include "hosting.h"

static LONG calls_alloc, calls_free, calls_query, calls_protect, calls_malloc, calls_mfree, calls_needs, wrong;
static HANDLE heap;
static IHostMalloc trace_malloc;

static HRESULT last_error(void)
{
    DWORD error = GetLastError();

    return error ? HRESULT_FROM_WIN32(error) : E_FAIL;
}

/* Objects for the life of the process. */
static HRESULT WINAPI no_query(IHostMemoryManager *iface, REFIID riid, void **out)
{
    (void)iface, (void)riid;
    InterlockedIncrement(&wrong); /* the CLR does not query a manager */
    *out = NULL;
    return E_NOINTERFACE;
}

static ULONG WINAPI one(IHostMemoryManager *iface)
{
    (void)iface;
    return 1;
}

static HRESULT WINAPI trace_CreateMalloc(IHostMemoryManager *iface, DWORD type, IHostMalloc **out)
{
    (void)iface;
    printf("CreateMalloc(%lu)\n", type);
    *out = &trace_malloc;
    return S_OK;
}

static HRESULT WINAPI trace_VirtualAlloc(IHostMemoryManager *iface, void *address, SIZE_T size, DWORD type,
                                         DWORD protect, EMemoryCriticalLevel level, void **out)
{
    (void)iface;
    InterlockedIncrement(&calls_alloc);
    if (level > eProcessCritical) InterlockedIncrement(&wrong);
    *out = VirtualAlloc(address, size, type, protect);
    return *out ? S_OK : last_error();
}

static HRESULT WINAPI trace_VirtualFree(IHostMemoryManager *iface, LPVOID address, SIZE_T size, DWORD type)
{
    (void)iface;
    InterlockedIncrement(&calls_free);
    return VirtualFree(address, size, type) ? S_OK : last_error();
}

static HRESULT WINAPI trace_VirtualQuery(IHostMemoryManager *iface, void *address, void *buffer, SIZE_T length,
                                         SIZE_T *result)
{
    (void)iface;
    InterlockedIncrement(&calls_query);
    *result = VirtualQuery(address, buffer, length);
    return *result ? S_OK : last_error();
}

static HRESULT WINAPI trace_VirtualProtect(IHostMemoryManager *iface, void *address, SIZE_T size, DWORD protect,
                                           DWORD *old)
{
    (void)iface;
    InterlockedIncrement(&calls_protect);
    return VirtualProtect(address, size, protect, old) ? S_OK : last_error();
}

static HRESULT WINAPI trace_GetMemoryLoad(IHostMemoryManager *iface, DWORD *load, SIZE_T *available)
{
    MEMORYSTATUSEX status = {.dwLength = sizeof(status)};

    (void)iface;
    GlobalMemoryStatusEx(&status);
    *load = status.dwMemoryLoad;
    *available = (SIZE_T)status.ullAvailPhys;
    return S_OK;
}

static HRESULT WINAPI trace_Register(IHostMemoryManager *iface, ICLRMemoryNotificationCallback *callback)
{
    (void)iface;
    printf("RegisterMemoryNotificationCallback(%s)\n", callback ? "callback" : "NULL");
    return S_OK;
}

static HRESULT WINAPI trace_Needs(IHostMemoryManager *iface, LPVOID address, SIZE_T size)
{
    (void)iface, (void)address, (void)size;
    InterlockedIncrement(&calls_needs);
    return S_OK;
}

static HRESULT WINAPI trace_Released(IHostMemoryManager *iface, LPVOID address)
{
    (void)iface, (void)address;
    return S_OK;
}

static IHostMemoryManagerVtbl manager_methods = {
    no_query,
    one,
    one,
    trace_CreateMalloc,
    trace_VirtualAlloc,
    trace_VirtualFree,
    trace_VirtualQuery,
    trace_VirtualProtect,
    trace_GetMemoryLoad,
    trace_Register,
    trace_Needs,
    trace_Needs,
    trace_Released,
};
static IHostMemoryManager manager = {&manager_methods};

static HRESULT WINAPI malloc_Alloc(IHostMalloc *iface, SIZE_T size, EMemoryCriticalLevel level, void **out)
{
    (void)iface, (void)level;
    InterlockedIncrement(&calls_malloc);
    *out = HeapAlloc(heap, 0, size);
    return *out ? S_OK : E_OUTOFMEMORY;
}

static HRESULT WINAPI malloc_DebugAlloc(IHostMalloc *iface, SIZE_T size, EMemoryCriticalLevel level, char *file,
                                        int line, void **out)
{
    (void)file, (void)line;
    return malloc_Alloc(iface, size, level, out);
}

static HRESULT WINAPI malloc_Free(IHostMalloc *iface, void *block)
{
    (void)iface;
    InterlockedIncrement(&calls_mfree);
    return !block || HeapFree(heap, 0, block) ? S_OK : HOST_E_INVALIDOPERATION;
}

static IHostMallocVtbl malloc_methods = {
    (void *)no_query, (void *)one, (void *)one, malloc_Alloc, malloc_DebugAlloc, malloc_Free,
};
static IHostMalloc trace_malloc = {&malloc_methods};

static HRESULT WINAPI control_QueryInterface(IHostControl *iface, REFIID riid, void **out)
{
    (void)riid;
    *out = iface;
    return S_OK;
}

static ULONG WINAPI control_one(IHostControl *iface)
{
    (void)iface;
    return 1;
}

static HRESULT WINAPI control_GetHostManager(IHostControl *iface, REFIID riid, void **out)
{
    (void)iface;
    *out = IsEqualGUID(riid, &IID_IHostMemoryManager) ? &manager : NULL;
    return *out ? S_OK : E_NOINTERFACE;
}

static HRESULT WINAPI control_SetAppDomainManager(IHostControl *iface, DWORD id, IUnknown *object)
{
    (void)iface, (void)id, (void)object;
    return S_OK;
}

static IHostControlVtbl control_methods = {
    control_QueryInterface, control_one, control_one, control_GetHostManager, control_SetAppDomainManager,
};
static IHostControl control = {&control_methods};

static void show_calls(const char *what, LONG calls)
{
    printf("%s: %s\n", what, calls ? "called" : "never called");
}

int main(void)
{
    ICLRRuntimeHost *host;
    DWORD result = 0;
    HRESULT hr;

    heap = HeapCreate(0, 0, 0);
    if (FAILED(CorBindToRuntimeEx(L"v4.0.30319", NULL, 0, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)&host)))
        return 1;
    show("SetHostControl", ICLRRuntimeHost_SetHostControl(host, &control));
    show("Start", ICLRRuntimeHost_Start(host));
    show("SetHostControl after Start", ICLRRuntimeHost_SetHostControl(host, &control));
    hr = ICLRRuntimeHost_ExecuteInDefaultAppDomain(host, hosted_assembly(), HOSTED, L"Churn", L"4", &result);
    show_value("ExecuteInDefaultAppDomain", hr, &result);
    show_calls("VirtualAlloc", calls_alloc);
    show_calls("VirtualFree", calls_free);
    show_calls("VirtualQuery", calls_query);
    show_calls("VirtualProtect", calls_protect);
    show_calls("Alloc", calls_malloc);
    show_calls("Free", calls_mfree);
    printf("wrong calls: %ld\n", wrong);
    show("Stop", ICLRRuntimeHost_Stop(host));
    return 0;
}
