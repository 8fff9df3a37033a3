/*
 * A host with managers beside memory: it supplies an assembly from memory, and hears of collections and of failures.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include "managed.h"
#include <corerror.h>
#include "clrcontrol.h"

static LONG starting, ending, wrong, failures, provided;

/* Every object here lives as long as the process. */
#define UNKNOWN(type, prefix)                                                                                          \
    static HRESULT WINAPI prefix##_QueryInterface(type *iface, REFIID riid, void **out)                                \
    {                                                                                                                  \
        (void)iface;                                                                                                   \
        (void)riid;                                                                                                    \
        InterlockedIncrement(&wrong); /* the CLR does not query a manager */                                           \
        *out = NULL;                                                                                                   \
        return E_NOINTERFACE;                                                                                          \
    }                                                                                                                  \
    static ULONG WINAPI prefix##_AddRef(type *iface)                                                                   \
    {                                                                                                                  \
        (void)iface;                                                                                                   \
        return 2;                                                                                                      \
    }                                                                                                                  \
    static ULONG WINAPI prefix##_Release(type *iface)                                                                  \
    {                                                                                                                  \
        (void)iface;                                                                                                   \
        return 1;                                                                                                      \
    }

/* --- collections ------------------------------------------------------------------ */

UNKNOWN(IHostGCManager, gc)

static HRESULT WINAPI gc_ThreadIsBlockingForSuspension(IHostGCManager *iface)
{
    (void)iface;
    return S_OK;
}

static HRESULT WINAPI gc_SuspensionStarting(IHostGCManager *iface)
{
    (void)iface;
    InterlockedIncrement(&starting);
    return S_OK;
}

static HRESULT WINAPI gc_SuspensionEnding(IHostGCManager *iface, DWORD generation)
{
    (void)iface;
    if (generation > 2) InterlockedIncrement(&wrong);
    if (InterlockedIncrement(&ending) > starting) InterlockedIncrement(&wrong);
    return S_OK;
}

static const IHostGCManagerVtbl gc_methods = {
    gc_QueryInterface,     gc_AddRef,           gc_Release, gc_ThreadIsBlockingForSuspension,
    gc_SuspensionStarting, gc_SuspensionEnding,
};
static IHostGCManager gc = {(IHostGCManagerVtbl *)&gc_methods};

/* --- policy --------------------------------------------------------------------------- */

UNKNOWN(IHostPolicyManager, policy)

static HRESULT WINAPI policy_OnDefaultAction(IHostPolicyManager *iface, EClrOperation operation, EPolicyAction action)
{
    (void)iface;
    printf("OnDefaultAction: operation %d, action %d\n", operation, action);
    return S_OK;
}

static HRESULT WINAPI policy_OnTimeout(IHostPolicyManager *iface, EClrOperation operation, EPolicyAction action)
{
    (void)iface;
    printf("OnTimeout: operation %d, action %d\n", operation, action);
    fflush(stdout);
    return S_OK;
}

static HRESULT WINAPI policy_OnFailure(IHostPolicyManager *iface, EClrFailure failure, EPolicyAction action)
{
    (void)iface;
    if (!InterlockedExchange(&failures, 1)) printf("OnFailure: failure %d, action %d\n", failure, action);
    fflush(stdout);
    return S_OK;
}

static const IHostPolicyManagerVtbl policy_methods = {
    policy_QueryInterface, policy_AddRef, policy_Release, policy_OnDefaultAction, policy_OnTimeout, policy_OnFailure,
};
static IHostPolicyManager policy = {(IHostPolicyManagerVtbl *)&policy_methods};

/* --- assemblies --------------------------------------------------------------------------- */

/* managed.exe under another name, which stands in no file. */
static IStream *read_image(void)
{
    HANDLE file = CreateFileW(managed_assembly(), GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    DWORD size = GetFileSize(file, NULL), got;
    HGLOBAL memory = GlobalAlloc(GMEM_MOVEABLE, size);
    IStream *stream = NULL;

    if (!memory || !ReadFile(file, GlobalLock(memory), size, &got, NULL)) exit(2);
    GlobalUnlock(memory);
    CloseHandle(file);
    CreateStreamOnHGlobal(memory, TRUE, &stream);
    IStream_SetSize(stream, (ULARGE_INTEGER){.QuadPart = size});
    return stream;
}

UNKNOWN(IHostAssemblyStore, store)

static HRESULT WINAPI store_ProvideAssembly(IHostAssemblyStore *iface, AssemblyBindInfo *info, UINT64 *id,
                                            UINT64 *context, IStream **image, IStream **symbols)
{
    (void)iface;
    *image = *symbols = NULL;
    if (wcsncmp(info->lpReferencedIdentity, L"hidden,", 7)) return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    if (!InterlockedExchange(&provided, 1))
        printf("ProvideAssembly: domain %lu, %ls\n", (unsigned long)info->dwAppDomainId, info->lpReferencedIdentity);
    fflush(stdout);
    *id = 17;
    *context = 0;
    *image = read_image();
    return S_OK;
}

static HRESULT WINAPI store_ProvideModule(IHostAssemblyStore *iface, ModuleBindInfo *info, DWORD *id, IStream **image,
                                          IStream **symbols)
{
    (void)iface;
    (void)info;
    (void)id;
    *image = *symbols = NULL;
    return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
}

static const IHostAssemblyStoreVtbl store_methods = {
    store_QueryInterface, store_AddRef, store_Release, store_ProvideAssembly, store_ProvideModule,
};
static IHostAssemblyStore store = {(IHostAssemblyStoreVtbl *)&store_methods};

UNKNOWN(IHostAssemblyManager, assemblies)

static HRESULT WINAPI assemblies_GetNonHostStoreAssemblies(IHostAssemblyManager *iface, ICLRAssemblyReferenceList **out)
{
    (void)iface;
    printf("GetNonHostStoreAssemblies\n");
    *out = NULL;
    return S_OK;
}

static HRESULT WINAPI assemblies_GetAssemblyStore(IHostAssemblyManager *iface, IHostAssemblyStore **out)
{
    (void)iface;
    printf("GetAssemblyStore\n");
    *out = &store;
    return S_OK;
}

static const IHostAssemblyManagerVtbl assemblies_methods = {
    assemblies_QueryInterface,   assemblies_AddRef, assemblies_Release, assemblies_GetNonHostStoreAssemblies,
    assemblies_GetAssemblyStore,
};
static IHostAssemblyManager assemblies = {(IHostAssemblyManagerVtbl *)&assemblies_methods};

/* --- the control ------------------------------------------------------------------------------ */

UNKNOWN(IHostControl, control)

static HRESULT WINAPI control_GetHostManager(IHostControl *iface, REFIID riid, void **out)
{
    (void)iface;
    *out = NULL;
    if (IsEqualGUID(riid, &IID_IHostGCManager)) *out = &gc;
    if (IsEqualGUID(riid, &IID_IHostPolicyManager)) *out = &policy;
    if (IsEqualGUID(riid, &IID_IHostAssemblyManager)) *out = &assemblies;
    return *out ? S_OK : E_NOINTERFACE;
}

static HRESULT WINAPI control_SetAppDomainManager(IHostControl *iface, DWORD id, IUnknown *unknown)
{
    (void)iface;
    (void)id;
    (void)unknown;
    return S_OK;
}

static const IHostControlVtbl control_methods = {
    control_QueryInterface, control_AddRef, control_Release, control_GetHostManager, control_SetAppDomainManager,
};
static IHostControl control = {(IHostControlVtbl *)&control_methods};

int main(void)
{
    ICLRRuntimeHost *host = get_runtime(&CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost);
    ICLRPolicyManager *runtime_policy;
    ICLRControl *clr;
    LONG before;

    show("SetHostControl", ICLRRuntimeHost_SetHostControl(host, &control));
    show("GetCLRControl", ICLRRuntimeHost_GetCLRControl(host, &clr));
    show("GetCLRManager", clr->lpVtbl->GetCLRManager(clr, &IID_ICLRPolicyManager, (void **)&runtime_policy));
    show("Start", ICLRRuntimeHost_Start(host));
    before = starting;
    run_program(host, L"Collect", NULL);
    printf("suspensions: %s\n", starting >= before + 3 && starting == ending ? "as many as collections" : "wrong");
    run_program(host, L"LoadHidden", NULL);
    run_program(host, L"Fail", NULL);
    printf("failures of memory: %ld\n", (long)failures);
    show("SetActionOnFailure",
         ICLRPolicyManager_SetActionOnFailure(runtime_policy, FAIL_NonCriticalResource, eExitProcess));
    failures = 0;
    printf("misuse: %ld\n", (long)wrong);
    fflush(stdout);
    run_program(host, L"Fail", NULL);
    printf("the process goes on\n");
    return 0;
}
