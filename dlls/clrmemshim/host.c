/*
 * Whose memory manager serves the runtime, and how a host brings it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "shim.h"
#include "clrcontrol.h"

#include <initguid.h> /* after the headers: only the GUIDs below are defined here */

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

/* What a CLR asks its host for, in its order; the memory manager comes before these. */
DEFINE_GUID(IID_IHostTaskManager, 0x997ff24c, 0x43b7, 0x4352, 0x86, 0x67, 0x0d, 0xc0, 0x4f, 0xaf, 0xd3, 0x54);
DEFINE_GUID(IID_IHostThreadpoolManager, 0x983d50e2, 0xcb15, 0x466b, 0x80, 0xfc, 0x84, 0x5d, 0xc6, 0xe8, 0xc5, 0xfd);
DEFINE_GUID(IID_IHostIoCompletionManager, 0x8bde9d80, 0xec06, 0x41d6, 0x83, 0xe6, 0x22, 0x58, 0x0e, 0xff, 0xcc, 0x20);
DEFINE_GUID(IID_IHostSyncManager, 0x234330c7, 0x5f10, 0x4f20, 0x96, 0x15, 0x51, 0x22, 0xda, 0xb7, 0xa0, 0xac);
DEFINE_GUID(IID_IHostSecurityManager, 0x75ad2468, 0xa349, 0x4d02, 0xa7, 0x64, 0x76, 0xa6, 0x8a, 0xee, 0x0c, 0x4f);

static const IID *const other_managers[] = {
    &IID_IHostTaskManager,     &IID_IHostThreadpoolManager, &IID_IHostIoCompletionManager, &IID_IHostSyncManager,
    &IID_IHostAssemblyManager, &IID_IHostGCManager,         &IID_IHostSecurityManager,     &IID_IHostPolicyManager,
};

/* No lock is held while a host is called: it may load modules, call back, or start the runtime. */
static IHostControl *kept_control; /* the first one; one reference, for ever */
static void *taken[ARRAY_SIZE(other_managers)];

static SRWLOCK publish_lock = SRWLOCK_INIT; /* guards what follows; nothing is called under it */
static bool started;
static struct shim_host the_host;
static const struct shim_host *current_host; /* &the_host once it is complete */

const struct shim_host *shim_host(void)
{
    return *(const struct shim_host *volatile *)&current_host;
}

bool shim_runtime_started(void)
{
    return *(volatile bool *)&started;
}

void *shim_host_manager(const IID *iid)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(other_managers); i++)
    {
        if (IsEqualGUID(other_managers[i], iid)) return *(void *volatile *)&taken[i];
    }
    return NULL;
}

IHostControl *shim_host_control(void)
{
    return *(IHostControl *volatile *)&kept_control;
}

/* The first complete host stays, and none comes in once the runtime has started. */
static HRESULT publish(const struct shim_host *host)
{
    HRESULT hr = S_FALSE;

    AcquireSRWLockExclusive(&publish_lock);
    if (started)
        hr = E_ACCESSDENIED;
    else if (!current_host)
    {
        the_host = *host;
        InterlockedExchangePointer((void **)&current_host, &the_host);
        hr = S_OK;
    }
    ReleaseSRWLockExclusive(&publish_lock);
    return hr;
}

/* A manager counts only with S_OK and a pointer; whatever the host says otherwise means that it has none. */
static void *ask_for_manager(IHostControl *control, const IID *iid)
{
    void *manager = NULL;
    HRESULT hr = IHostControl_GetHostManager(control, iid, &manager);

    TRACE("%p, %s: %#lx, %p\n", control, debugstr_guid(iid), hr, manager);
    return hr == S_OK ? manager : NULL;
}

/* Everything of the host's memory manager but its being in force. S_FALSE: it has none. The CLR neither queries a
 * manager nor counts references to it, and hosts rely on that. */
static HRESULT prepare_host(IHostControl *control, struct shim_host *host)
{
    HRESULT hr;

    memset(host, 0, sizeof(*host));
    if (!(host->memory = ask_for_manager(control, &IID_IHostMemoryManager))) return S_FALSE;
    if (shim_runtime_started()) return E_ACCESSDENIED;
    hr = IHostMemoryManager_CreateMalloc(host->memory, MALLOC_THREADSAFE, &host->heap);
    TRACE("CreateMalloc of %p: %#lx, %p\n", host->memory, hr, host->heap);
    if (hr != S_OK || !host->heap) return E_UNEXPECTED;
    hr = IHostMemoryManager_RegisterMemoryNotificationCallback(host->memory, shim_notification_callback());
    TRACE("RegisterMemoryNotificationCallback of %p: %#lx\n", host->memory, hr);
    shim_recognise_manager(host);
    return shim_host_memory_init(host) ? S_OK : E_OUTOFMEMORY;
}

/* The control is kept for ever if it is the first, or if its manager serves. */
static void keep_control(IHostControl *control, bool serves)
{
    IHostControl *first = InterlockedCompareExchangePointer((void **)&kept_control, control, NULL);

    if (!first || (serves && first != control)) IHostControl_AddRef(control);
}

HRESULT shim_set_host_control(IHostControl *control)
{
    struct shim_host host;
    HRESULT hr = S_FALSE;
    unsigned int i;

    if (!control) return E_INVALIDARG;
    if (shim_runtime_started()) return E_ACCESSDENIED;
    keep_control(control, false);
    if (!shim_host() && (hr = prepare_host(control, &host)) == S_OK && (hr = publish(&host)) == S_OK)
        keep_control(control, true);
    for (i = 0; SUCCEEDED(hr) && i < ARRAY_SIZE(other_managers); i++)
    {
        if (!taken[i]) InterlockedCompareExchangePointer(&taken[i], ask_for_manager(control, other_managers[i]), NULL);
    }
    if (SUCCEEDED(hr)) hr = shim_runtime_started() ? E_ACCESSDENIED : S_OK;
    return hr;
}

/* clrmem.dll stands beside the shim. */
static HMODULE load_own_manager(void)
{
    static const WCHAR name[] = L"clrmem.dll";
    const DWORD size = 32768; /* the longest path there is, in characters */
    WCHAR *path = HeapAlloc(GetProcessHeap(), 0, (size + ARRAY_SIZE(name)) * sizeof(WCHAR));
    HMODULE module = NULL;
    WCHAR *base;

    if (!path) return NULL;
    if (GetModuleFileNameW(shim_instance, path, size) && (base = wcsrchr(path, '\\')))
    {
        memcpy(base + 1, name, sizeof(name));
        module = LoadLibraryW(path);
    }
    HeapFree(GetProcessHeap(), 0, path);
    return module;
}

/* Its control is released where another host came first; else the reference stays. */
static HRESULT prepare_own_host(IHostControl **control, struct shim_host *host)
{
    ClrMemCreateHostControlFn create;
    HMODULE module = load_own_manager();
    HRESULT hr;

    *control = NULL;
    if (!module) return HRESULT_FROM_WIN32(GetLastError());
    if (!(create = (void *)GetProcAddress(module, "ClrMemCreateHostControl"))) return E_NOINTERFACE;
    if (FAILED(hr = create(&IID_IHostControl, (void **)control))) return hr;
    return prepare_host(*control, host);
}

static void take_own_manager(void)
{
    struct shim_host host;
    IHostControl *control;
    HRESULT hr = prepare_own_host(&control, &host);

    if (hr == S_OK) hr = publish(&host);
    if (hr != S_OK && control) IHostControl_Release(control);
    if (shim_host()) return;
    ERR("no memory manager: %#lx\n", hr);
    shim_error("the runtime runs without a host memory manager: clrmem.dll beside clrmemshim.dll"
               " could not be used");
}

void shim_runtime_starting(void)
{
    if (shim_runtime_started()) return;
    if (!shim_host()) take_own_manager();
    AcquireSRWLockExclusive(&publish_lock);
    started = true;
    ReleaseSRWLockExclusive(&publish_lock);
}
