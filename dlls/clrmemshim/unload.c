/*
 * Unloads AppDomains for a host, in the time that its policy gives.
 *
 * A thread of the shim's unloads, so that the host's can stop waiting. Mono cannot stop an unload that
 * hangs, and has no rude one.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "control.h"
#include "framework.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

#define LEAVE_TIMEOUT 10000 /* ms that the .NET Framework gives the threads of a domain */

struct unloading
{
    DWORD domain;    /* its identifier */
    LONG references; /* the host's and the thread's */
    HRESULT result;
};

static void release(struct unloading *unloading)
{
    if (!InterlockedDecrement(&unloading->references)) HeapFree(GetProcessHeap(), 0, unloading);
}

/* Mono calls DomainUnload's handlers, aborts the domain's managed threads and waits for them. */
static HRESULT unload(DWORD id)
{
    HRESULT hr = COR_E_APPDOMAINUNLOADED;
    MonoObject *exception = NULL;
    struct shim_entered entered;
    MonoDomain *domain;

    if (!shim_wait_domain_unused(id, LEAVE_TIMEOUT)) return COR_E_CANNOTUNLOADAPPDOMAIN;
    shim_enter_domain(shim_mono.get_root_domain(), &entered);
    if ((domain = shim_domain_by_id(id)))
    {
        shim_mono.domain_try_unload(domain, &exception);
        hr = exception ? COR_E_CANNOTUNLOADAPPDOMAIN : S_OK;
    }
    shim_leave_domain(&entered);
    TRACE("%lu: %#lx\n", id, hr);
    return hr;
}

/* Mono's DllMain notices that it ends, as with every thread of a host. */
static DWORD WINAPI unload_thread(void *arg)
{
    struct unloading *unloading = arg;

    unloading->result = unload(unloading->domain);
    shim_end_domain_unload(unloading->domain);
    release(unloading);
    return 0;
}

/* Whether a domain can be unloaded by the calling thread: one that waits must have left it. */
static HRESULT check_domain(DWORD id, BOOL wait)
{
    MonoDomain *root = shim_mono.get_root_domain(), *domain;
    struct shim_entered entered;
    HRESULT hr = S_OK;

    shim_enter_domain(root, &entered);
    domain = shim_domain_by_id(id);
    if (!domain)
        hr = COR_E_APPDOMAINUNLOADED;
    else if (domain == root || (wait && domain == entered.previous))
        hr = COR_E_CANNOTUNLOADAPPDOMAIN;
    shim_leave_domain(&entered);
    return hr;
}

/* The policy's waits, one after the other; HOST_E_TIMEOUT when they are over and the process goes on. */
static HRESULT wait_for_unload(HANDLE thread, const struct unloading *unloading)
{
    static const EClrOperation operations[] = {OPR_AppDomainUnload, OPR_AppDomainRudeUnload};
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(operations); i++)
    {
        if (!WaitForSingleObject(thread, shim_policy_timeout(operations[i]))) return unloading->result;
        shim_policy_end(shim_policy_timed_out(operations[i]), HOST_E_EXITPROCESS_TIMEOUT);
        if (shim_runtime_disabled()) return HOST_E_CLRNOTAVAILABLE;
    }
    return HOST_E_TIMEOUT;
}

static HANDLE start_unload(DWORD id, struct unloading **out)
{
    struct unloading *unloading = HeapAlloc(GetProcessHeap(), 0, sizeof(*unloading));
    HANDLE thread;

    if (!unloading) return NULL;
    unloading->domain = id;
    unloading->references = 2;
    unloading->result = E_FAIL;
    if (!(thread = CreateThread(NULL, 0, unload_thread, unloading, 0, NULL))) HeapFree(GetProcessHeap(), 0, unloading);
    *out = unloading;
    return thread;
}

HRESULT shim_unload_domain(DWORD id, BOOL wait)
{
    HRESULT hr = check_domain(id, wait);
    struct unloading *unloading;
    HANDLE thread;

    if (FAILED(hr)) return hr;
    shim_policy_end(shim_policy_default(OPR_AppDomainUnload), HOST_E_EXITPROCESS_ADUNLOAD);
    if (shim_runtime_disabled()) return HOST_E_CLRNOTAVAILABLE;
    if (FAILED(hr = shim_begin_domain_unload(id))) return hr;
    if (!(thread = start_unload(id, &unloading)))
    {
        shim_end_domain_unload(id);
        return E_OUTOFMEMORY;
    }
    if (wait) hr = wait_for_unload(thread, unloading);
    CloseHandle(thread);
    release(unloading);
    return hr;
}
