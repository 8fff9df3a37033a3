/*
 * A host in C++: classes that release what they hold, exceptions for results, one object that is host control and
 * memory manager by inheritance.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#include "host.h"
#include <metahost.h>
#include <mscoree.h>
#include <corerror.h>
#include "hosting.h"
#include <atomic>
#include <map>
#include <stdexcept>
#include <string>

template <class T> class Pointer
{
  public:
    ~Pointer()
    {
        if (object) object->Release();
    }
    T *operator->() const
    {
        return object;
    }
    void **out()
    {
        return reinterpret_cast<void **>(&object);
    }

  private:
    T *object = nullptr;
};

static void check(const char *what, HRESULT hr)
{
    if (FAILED(show(what, hr))) throw std::runtime_error(what);
}

class Lock
{
  public:
    Lock()
    {
        InitializeCriticalSection(&section);
    }
    ~Lock()
    {
        DeleteCriticalSection(&section);
    }
    CRITICAL_SECTION section;
};

class Guard
{
  public:
    explicit Guard(Lock &lock) : lock(lock)
    {
        EnterCriticalSection(&lock.section);
    }
    ~Guard()
    {
        LeaveCriticalSection(&lock.section);
    }

  private:
    Lock &lock;
};

/* Every method of the memory interfaces beside those of interest. */
class MemoryHost : public IHostControl, public IHostMemoryManager, public IHostMalloc
{
  public:
    std::atomic<long> requests{0}, blocks{0}, foreign{0};

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void **out) override
    {
        *out = nullptr;
        if (riid == IID_IUnknown || riid == IID_IHostControl) *out = static_cast<IHostControl *>(this);
        if (riid == IID_IHostMemoryManager) *out = static_cast<IHostMemoryManager *>(this);
        if (!*out) return E_NOINTERFACE;
        AddRef();
        return S_OK;
    }
    ULONG STDMETHODCALLTYPE AddRef() override
    {
        return ++references;
    }
    ULONG STDMETHODCALLTYPE Release() override
    {
        return --references;
    }

    HRESULT STDMETHODCALLTYPE GetHostManager(REFIID riid, void **out) override
    {
        return QueryInterface(riid, out);
    }
    HRESULT STDMETHODCALLTYPE SetAppDomainManager(DWORD, IUnknown *) override
    {
        return E_NOTIMPL;
    }

    HRESULT STDMETHODCALLTYPE CreateMalloc(DWORD, IHostMalloc **out) override
    {
        *out = this;
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE VirtualAlloc(void *address, SIZE_T size, DWORD type, DWORD protect, EMemoryCriticalLevel,
                                           void **out) override
    {
        requests++;
        *out = ::VirtualAlloc(address, size, type, protect);
        return *out ? S_OK : HRESULT_FROM_WIN32(GetLastError());
    }
    HRESULT STDMETHODCALLTYPE VirtualFree(LPVOID address, SIZE_T size, DWORD type) override
    {
        return ::VirtualFree(address, size, type) ? S_OK : HRESULT_FROM_WIN32(GetLastError());
    }
    HRESULT STDMETHODCALLTYPE VirtualQuery(void *address, void *buffer, SIZE_T length, SIZE_T *result) override
    {
        *result = ::VirtualQuery(address, static_cast<MEMORY_BASIC_INFORMATION *>(buffer), length);
        return *result ? S_OK : HRESULT_FROM_WIN32(GetLastError());
    }
    HRESULT STDMETHODCALLTYPE VirtualProtect(void *address, SIZE_T size, DWORD protect, DWORD *old) override
    {
        return ::VirtualProtect(address, size, protect, old) ? S_OK : HRESULT_FROM_WIN32(GetLastError());
    }
    HRESULT STDMETHODCALLTYPE GetMemoryLoad(DWORD *load, SIZE_T *available) override
    {
        *load = 50;
        *available = 1 << 30;
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE RegisterMemoryNotificationCallback(ICLRMemoryNotificationCallback *callback) override
    {
        callback->Release();
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE NeedsVirtualAddressSpace(LPVOID, SIZE_T) override
    {
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE AcquiredVirtualAddressSpace(LPVOID, SIZE_T) override
    {
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE ReleasedVirtualAddressSpace(LPVOID) override
    {
        return S_OK;
    }

    HRESULT STDMETHODCALLTYPE Alloc(SIZE_T size, EMemoryCriticalLevel, void **out) override
    {
        Guard guard(lock);

        *out = malloc(size);
        if (!*out) return E_OUTOFMEMORY;
        sizes[*out] = size;
        blocks++;
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE DebugAlloc(SIZE_T size, EMemoryCriticalLevel level, char *, int, void **out) override
    {
        return Alloc(size, level, out);
    }
    HRESULT STDMETHODCALLTYPE Free(void *block) override
    {
        Guard guard(lock);

        if (!block) return S_OK;
        if (!sizes.erase(block))
        {
            foreign++;
            return HOST_E_INVALIDOPERATION;
        }
        free(block);
        return S_OK;
    }

  private:
    std::atomic<long> references{1};
    Lock lock;
    std::map<void *, SIZE_T> sizes;
};

/* The runtime outlives the destructors of static objects. */
static MemoryHost &memory = *new MemoryHost;

static int run()
{
    Pointer<ICLRMetaHost> meta_host;
    Pointer<ICLRRuntimeInfo> info;
    Pointer<ICLRRuntimeHost> host;
    const std::wstring text(1000, L'x');
    DWORD result = 0;
    BOOL loadable = FALSE;

    check("CLRCreateInstance", CLRCreateInstance(CLSID_CLRMetaHost, IID_ICLRMetaHost, meta_host.out()));
    check("GetRuntime", meta_host->GetRuntime(L"v4.0.30319", IID_ICLRRuntimeInfo, info.out()));
    check("IsLoadable", info->IsLoadable(&loadable));
    check("GetInterface", info->GetInterface(CLSID_CLRRuntimeHost, IID_ICLRRuntimeHost, host.out()));
    check("SetHostControl", host->SetHostControl(&memory));
    check("Start", host->Start());
    check("ExecuteInDefaultAppDomain",
          host->ExecuteInDefaultAppDomain(hosted_assembly(), HOSTED, L"Length", text.c_str(), &result));
    printf("result: %lu\n", result);
    check("ExecuteInDefaultAppDomain",
          host->ExecuteInDefaultAppDomain(hosted_assembly(), HOSTED, L"Missing", text.c_str(), &result));
    return 0;
}

int main()
{
    int status = 1;

    try
    {
        status = run();
    }
    catch (const std::exception &exception)
    {
        printf("caught: %s\n", exception.what());
    }
    printf("requests: %s, blocks: %s, foreign blocks: %ld\n", memory.requests ? "some" : "none",
           memory.blocks ? "some" : "none", memory.foreign.load());
    fflush(stdout);
    return status;
}
