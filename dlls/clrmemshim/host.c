/*
 * Whose memory manager serves the runtime, and how a host brings it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#include "shim.h"
#include "clrmem.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

/* What a CLR asks its host for, in its order; the memory manager comes before these. */
DEFINE_GUID(IID_IHostTaskManager, 0x997ff24c, 0x43b7, 0x4352, 0x86, 0x67, 0x0d, 0xc0, 0x4f, 0xaf, 0xd3, 0x54);
DEFINE_GUID(IID_IHostThreadpoolManager, 0x983d50e2, 0xcb15, 0x466b, 0x80, 0xfc, 0x84, 0x5d, 0xc6, 0xe8, 0xc5, 0xfd);
DEFINE_GUID(IID_IHostIoCompletionManager, 0x8bde9d80, 0xec06, 0x41d6, 0x83, 0xe6, 0x22, 0x58, 0x0e, 0xff, 0xcc, 0x20);
DEFINE_GUID(IID_IHostSyncManager, 0x234330c7, 0x5f10, 0x4f20, 0x96, 0x15, 0x51, 0x22, 0xda, 0xb7, 0xa0, 0xac);
DEFINE_GUID(IID_IHostAssemblyManager, 0x613dabd7, 0x62b2, 0x493e, 0x9e, 0x65, 0xc1, 0xe3, 0x2a, 0x1e, 0x0c, 0x5e);
DEFINE_GUID(IID_IHostGCManager, 0x5d4ec34e, 0xf248, 0x457b, 0xb6, 0x03, 0x25, 0x5f, 0xaa, 0xba, 0x0d, 0x21);
DEFINE_GUID(IID_IHostSecurityManager, 0x75ad2468, 0xa349, 0x4d02, 0xa7, 0x64, 0x76, 0xa6, 0x8a, 0xee, 0x0c, 0x4f);
DEFINE_GUID(IID_IHostPolicyManager, 0x7ae49844, 0xb1e3, 0x4683, 0xba, 0x7c, 0x1e, 0x82, 0x12, 0xea, 0x3b, 0x79);

static const IID *const other_managers[] = {
    &IID_IHostTaskManager,     &IID_IHostThreadpoolManager, &IID_IHostIoCompletionManager, &IID_IHostSyncManager,
    &IID_IHostAssemblyManager, &IID_IHostGCManager,         &IID_IHostSecurityManager,     &IID_IHostPolicyManager,
};

static CRITICAL_SECTION control_lock; /* guards what follows; held across the host's GetHostManager, hence recursive */
static IHostControl *kept_control;    /* one reference, for ever */
static void *taken[ARRAY_SIZE(other_managers)];
static bool started;

static struct shim_host the_host;
static const struct shim_host *current_host; /* &the_host once it is complete */

void shim_host_init(void)
{
    InitializeCriticalSection(&control_lock);
}

const struct shim_host *shim_host(void)
{
    return *(const struct shim_host *volatile *)&current_host;
}

bool shim_runtime_started(void)
{
    return *(volatile bool *)&started;
}

/* A manager counts only with S_OK and a pointer; whatever the host says otherwise means that it has none. */
static void *ask_for_manager(IHostControl *control, const IID *iid)
{
    void *manager = NULL;
    HRESULT hr = IHostControl_GetHostManager(control, iid, &manager);

    TRACE("%p, %s: %#lx, %p\n", control, debugstr_guid(iid), hr, manager);
    return hr == S_OK ? manager : NULL;
}

/* The CLR neither queries a manager nor counts references to it, and hosts rely on that. */
static HRESULT take_memory_manager(IHostControl *control)
{
    IHostMemoryManager *memory = ask_for_manager(control, &IID_IHostMemoryManager);
    IHostMalloc *heap = NULL;
    HRESULT hr;

    if (!memory) return S_OK;
    hr = IHostMemoryManager_CreateMalloc(memory, MALLOC_THREADSAFE, &heap);
    TRACE("CreateMalloc of %p: %#lx, %p\n", memory, hr, heap);
    if (hr != S_OK || !heap) return E_UNEXPECTED;
    hr = IHostMemoryManager_RegisterMemoryNotificationCallback(memory, shim_notification_callback());
    TRACE("RegisterMemoryNotificationCallback of %p: %#lx\n", memory, hr);

    the_host.memory = memory;
    the_host.heap = heap;
    InterlockedExchangePointer((void **)&current_host, &the_host);
    return S_OK;
}

static HRESULT take_managers(IHostControl *control)
{
    unsigned int i;
    HRESULT hr;

    if (!kept_control)
    {
        IHostControl_AddRef(control);
        kept_control = control;
    }
    if (!current_host && FAILED(hr = take_memory_manager(control))) return hr;
    for (i = 0; i < ARRAY_SIZE(other_managers); i++)
    {
        if (!taken[i]) taken[i] = ask_for_manager(control, other_managers[i]);
    }
    return S_OK;
}

HRESULT shim_set_host_control(IHostControl *control)
{
    HRESULT hr;

    if (!control) return E_INVALIDARG;
    EnterCriticalSection(&control_lock);
    hr = started ? E_ACCESSDENIED : take_managers(control);
    LeaveCriticalSection(&control_lock);
    return hr;
}

/* clrmem.dll stands beside the shim. */
static HMODULE load_own_manager(void)
{
    static const WCHAR name[] = L"clrmem.dll";
    WCHAR path[MAX_PATH];
    WCHAR *base;

    if (!GetModuleFileNameW(shim_instance, path, ARRAY_SIZE(path)) || !(base = wcsrchr(path, '\\'))) return NULL;
    if (base + 1 - path + ARRAY_SIZE(name) > ARRAY_SIZE(path)) return NULL;
    memcpy(base + 1, name, sizeof(name));
    return LoadLibraryW(path);
}

static HRESULT take_own_manager(void)
{
    ClrMemCreateHostControlFn create;
    HMODULE module = load_own_manager();
    IHostControl *control;
    HRESULT hr;

    if (!module) return HRESULT_FROM_WIN32(GetLastError());
    if (!(create = (void *)GetProcAddress(module, "ClrMemCreateHostControl"))) return E_NOINTERFACE;
    if (FAILED(hr = create(&IID_IHostControl, (void **)&control))) return hr;
    if (SUCCEEDED(hr = take_memory_manager(control)) && !kept_control) kept_control = control;
    return hr;
}

void shim_runtime_starting(void)
{
    HRESULT hr = S_OK;

    EnterCriticalSection(&control_lock);
    if (!started && !current_host) hr = take_own_manager();
    started = true;
    LeaveCriticalSection(&control_lock);
    if (FAILED(hr) || !current_host)
    {
        ERR("no memory manager: %#lx\n", hr);
        shim_complain("the runtime runs without a host memory manager: clrmem.dll beside clrmemshim.dll"
                      " could not be used");
    }
}
