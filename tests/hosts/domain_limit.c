/*
 * A host that limits each AppDomain: its memory manager asks the runtime on every call which AppDomain the thread is
 * in, and counts there. Task-critical requests beyond a domain's limit are refused. One object is host control, memory
 * manager and heap.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include "host.h"
#include <metahost.h>
#include <mscoree.h>
#include "hosting.h"

#define DOMAINS 8
#define LIMIT   ((LONG64)48 << 20) /* bytes, of the default domain */

static struct host
{
    IHostControl control;
    IHostMemoryManager manager;
    IHostMalloc heap;
    LONG references;
    ICLRRuntimeHost *runtime;
    LONG calls[DOMAINS];   /* by domain; 0: on a thread in no domain */
    LONG64 bytes[DOMAINS]; /* committed or reserved for it, never taken back */
    LONG refused[DOMAINS];
} the_host;

/* Which domain a request is for. */
static unsigned int domain_of_thread(struct host *host)
{
    DWORD id = 0;

    if (FAILED(ICLRRuntimeHost_GetCurrentAppDomainId(host->runtime, &id)) || id >= DOMAINS) return 0;
    return id;
}

static struct host *of_manager(IHostMemoryManager *iface)
{
    return CONTAINING_RECORD(iface, struct host, manager);
}

static struct host *of_heap(IHostMalloc *iface)
{
    return CONTAINING_RECORD(iface, struct host, heap);
}

static struct host *of_control(IHostControl *iface)
{
    return CONTAINING_RECORD(iface, struct host, control);
}

static HRESULT query(struct host *host, REFIID riid, void **out)
{
    *out = NULL;
    if (IsEqualGUID(riid, &IID_IUnknown) || IsEqualGUID(riid, &IID_IHostControl)) *out = &host->control;
    if (IsEqualGUID(riid, &IID_IHostMemoryManager)) *out = &host->manager;
    if (IsEqualGUID(riid, &IID_IHostMalloc)) *out = &host->heap;
    if (!*out) return E_NOINTERFACE;
    InterlockedIncrement(&host->references);
    return S_OK;
}

/* Counts a request; false if it is to be refused. */
static BOOL count(struct host *host, SIZE_T size, EMemoryCriticalLevel level)
{
    unsigned int domain = domain_of_thread(host);

    InterlockedIncrement(&host->calls[domain]);
    if (domain == 1 && level == eTaskCritical && host->bytes[domain] + (LONG64)size > LIMIT)
    {
        InterlockedIncrement(&host->refused[domain]);
        return FALSE;
    }
    InterlockedExchangeAdd64(&host->bytes[domain], size);
    return TRUE;
}

static HRESULT WINAPI manager_QueryInterface(IHostMemoryManager *iface, REFIID riid, void **out)
{
    return query(of_manager(iface), riid, out);
}

static ULONG WINAPI manager_AddRef(IHostMemoryManager *iface)
{
    return InterlockedIncrement(&of_manager(iface)->references);
}

static ULONG WINAPI manager_Release(IHostMemoryManager *iface)
{
    return InterlockedDecrement(&of_manager(iface)->references);
}

static HRESULT WINAPI manager_CreateMalloc(IHostMemoryManager *iface, DWORD type, IHostMalloc **out)
{
    (void)type;
    InterlockedIncrement(&of_manager(iface)->references);
    *out = &of_manager(iface)->heap;
    return S_OK;
}

static HRESULT WINAPI manager_VirtualAlloc(IHostMemoryManager *iface, void *address, SIZE_T size, DWORD type,
                                           DWORD protect, EMemoryCriticalLevel level, void **out)
{
    if ((type & MEM_RESERVE) && !count(of_manager(iface), size, level)) return E_OUTOFMEMORY;
    *out = VirtualAlloc(address, size, type, protect);
    return *out ? S_OK : E_FAIL;
}

static HRESULT WINAPI manager_VirtualFree(IHostMemoryManager *iface, LPVOID address, SIZE_T size, DWORD type)
{
    (void)iface;
    return VirtualFree(address, size, type) ? S_OK : E_FAIL;
}

static HRESULT WINAPI manager_VirtualQuery(IHostMemoryManager *iface, void *address, void *buffer, SIZE_T length,
                                           SIZE_T *result)
{
    (void)iface;
    *result = VirtualQuery(address, buffer, length);
    return S_OK;
}

static HRESULT WINAPI manager_VirtualProtect(IHostMemoryManager *iface, void *address, SIZE_T size, DWORD protect,
                                             DWORD *old)
{
    (void)iface;
    return VirtualProtect(address, size, protect, old) ? S_OK : E_FAIL;
}

static HRESULT WINAPI manager_GetMemoryLoad(IHostMemoryManager *iface, DWORD *load, SIZE_T *available)
{
    (void)iface;
    *load = 30;
    *available = 1 << 30;
    return S_OK;
}

/* Keeps nothing of it: it does not notify. */
static HRESULT WINAPI manager_Register(IHostMemoryManager *iface, ICLRMemoryNotificationCallback *callback)
{
    (void)iface, (void)callback;
    return S_OK;
}

static HRESULT WINAPI manager_Needs(IHostMemoryManager *iface, LPVOID address, SIZE_T size)
{
    (void)iface, (void)address, (void)size;
    return S_OK;
}

static HRESULT WINAPI manager_Released(IHostMemoryManager *iface, LPVOID address)
{
    (void)iface, (void)address;
    return S_OK;
}

static HRESULT WINAPI heap_QueryInterface(IHostMalloc *iface, REFIID riid, void **out)
{
    return query(of_heap(iface), riid, out);
}

static ULONG WINAPI heap_AddRef(IHostMalloc *iface)
{
    return InterlockedIncrement(&of_heap(iface)->references);
}

static ULONG WINAPI heap_Release(IHostMalloc *iface)
{
    return InterlockedDecrement(&of_heap(iface)->references);
}

static HRESULT WINAPI heap_Alloc(IHostMalloc *iface, SIZE_T size, EMemoryCriticalLevel level, void **out)
{
    if (!count(of_heap(iface), size, level)) return E_OUTOFMEMORY;
    *out = malloc(size);
    return *out ? S_OK : E_OUTOFMEMORY;
}

static HRESULT WINAPI heap_DebugAlloc(IHostMalloc *iface, SIZE_T size, EMemoryCriticalLevel level, char *file, int line,
                                      void **out)
{
    (void)iface, (void)size, (void)level, (void)file, (void)line, (void)out;
    return E_NOTIMPL;
}

static HRESULT WINAPI heap_Free(IHostMalloc *iface, void *block)
{
    (void)iface;
    free(block);
    return S_OK;
}

static HRESULT WINAPI control_QueryInterface(IHostControl *iface, REFIID riid, void **out)
{
    return query(of_control(iface), riid, out);
}

static ULONG WINAPI control_AddRef(IHostControl *iface)
{
    return InterlockedIncrement(&of_control(iface)->references);
}

static ULONG WINAPI control_Release(IHostControl *iface)
{
    return InterlockedDecrement(&of_control(iface)->references);
}

/* Success without a pointer for what it lacks. */
static HRESULT WINAPI control_GetHostManager(IHostControl *iface, REFIID riid, void **out)
{
    if (FAILED(query(of_control(iface), riid, out))) *out = NULL;
    return S_OK;
}

static HRESULT WINAPI control_SetAppDomainManager(IHostControl *iface, DWORD id, IUnknown *object)
{
    (void)iface, (void)id, (void)object;
    return S_OK;
}

static IHostControlVtbl control_methods = {control_QueryInterface, control_AddRef, control_Release,
                                           control_GetHostManager, control_SetAppDomainManager};
static IHostMemoryManagerVtbl manager_methods = {
    manager_QueryInterface, manager_AddRef,       manager_Release,        manager_CreateMalloc,  manager_VirtualAlloc,
    manager_VirtualFree,    manager_VirtualQuery, manager_VirtualProtect, manager_GetMemoryLoad, manager_Register,
    manager_Needs,          manager_Needs,        manager_Released};
static IHostMallocVtbl heap_methods = {heap_QueryInterface, heap_AddRef,     heap_Release,
                                       heap_Alloc,          heap_DebugAlloc, heap_Free};

static LONG run(struct host *host, const WCHAR *method, const WCHAR *argument)
{
    DWORD result = 0;
    HRESULT hr =
        ICLRRuntimeHost_ExecuteInDefaultAppDomain(host->runtime, hosted_assembly(), HOSTED, method, argument, &result);

    if (FAILED(hr)) show("ExecuteInDefaultAppDomain", hr);
    return result;
}

int main(void)
{
    struct host *host = &the_host;
    LONG kept;

    host->control.lpVtbl = &control_methods;
    host->manager.lpVtbl = &manager_methods;
    host->heap.lpVtbl = &heap_methods;
    host->references = 1;
    if (FAILED(CorBindToRuntimeEx(L"v4.0.30319", NULL, 0, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost,
                                  (void **)&host->runtime)))
        return 1;
    show("SetHostControl", ICLRRuntimeHost_SetHostControl(host->runtime, &host->control));
    show("Start", ICLRRuntimeHost_Start(host->runtime));
    printf("before there is a domain: %s\n", host->calls[0] ? "called" : "never called");
    printf("arrays of 4 MB: %ld\n", run(host, L"Keep", L"2"));
    kept = run(host, L"Keep", L"100");
    printf("beyond the limit: %s\n", kept > 2 && kept < 16 ? "fewer" : "all");
    printf("in the default domain: %s\n", host->calls[1] ? "called" : "never called");
    printf("refused there: %s\n", host->refused[1] ? "yes" : "no");
    printf("refused elsewhere: %ld\n", host->refused[0] + host->refused[2]);
    printf("afterwards: %ld\n", run(host, L"Length", L"afterwards"));
    printf("references held: %s\n", host->references > 1 ? "yes" : "no");
    return 0;
}
