/*
 * AppDomains for a host: its own code in them, and their unloading.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "framework.h"
#include "mono_api.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

#define UNLOAD_TIMEOUT 10000 /* ms that the .NET Framework gives a domain's threads */

/* A collection may go on while the host's code runs. */
static HRESULT call_host(FExecuteInAppDomainCallback callback, void *cookie)
{
    void *stack;
    void *region = shim_mono.threads_enter_gc_safe_region(&stack);
    HRESULT hr = callback(cookie);

    shim_mono.threads_exit_gc_safe_region(region, &stack);
    return hr;
}

static HRESULT call_in_domain(DWORD id, FExecuteInAppDomainCallback callback, void *cookie)
{
    HRESULT hr = COR_E_APPDOMAINUNLOADED;
    struct shim_entered entered;
    MonoDomain *domain;

    shim_enter_domain(shim_mono.get_root_domain(), &entered);
    if ((domain = shim_domain_by_id(id)))
    {
        shim_mono.domain_set(domain, TRUE);
        hr = call_host(callback, cookie);
    }
    shim_leave_domain(&entered);
    return hr;
}

HRESULT shim_execute_in_domain(DWORD id, FExecuteInAppDomainCallback callback, void *cookie)
{
    HRESULT hr = shim_begin_domain_use(id);

    if (FAILED(hr)) return hr;
    hr = call_in_domain(id, callback, cookie);
    shim_end_domain_use(id);
    return hr;
}

/* Mono calls DomainUnload's handlers, aborts the domain's managed threads and waits for them. */
static HRESULT unload(DWORD id)
{
    HRESULT hr = COR_E_APPDOMAINUNLOADED;
    MonoObject *exception = NULL;
    struct shim_entered entered;
    MonoDomain *domain;

    if (!shim_wait_domain_unused(id, UNLOAD_TIMEOUT)) return COR_E_CANNOTUNLOADAPPDOMAIN;
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
    DWORD id = (ULONG_PTR)arg;

    unload(id);
    shim_end_domain_unload(id);
    return 0;
}

static HRESULT unload_later(DWORD id)
{
    HANDLE thread = CreateThread(NULL, 0, unload_thread, (void *)(ULONG_PTR)id, 0, NULL);

    if (!thread) return E_OUTOFMEMORY;
    CloseHandle(thread);
    return S_OK;
}

/* What can be told before anything is done. */
static HRESULT check_unload(DWORD id, BOOL wait)
{
    MonoDomain *root = shim_mono.get_root_domain(), *domain;
    struct shim_entered entered;
    HRESULT hr = S_OK;

    shim_enter_domain(root, &entered);
    domain = shim_domain_by_id(id);
    if (!domain)
        hr = COR_E_APPDOMAINUNLOADED;
    else if (domain == root || (wait && domain == entered.previous)) /* nor can a thread wait for itself to leave */
        hr = COR_E_CANNOTUNLOADAPPDOMAIN;
    shim_leave_domain(&entered);
    return hr;
}

HRESULT shim_unload_domain(DWORD id, BOOL wait)
{
    HRESULT hr = check_unload(id, wait);

    if (SUCCEEDED(hr)) hr = shim_begin_domain_unload(id);
    if (FAILED(hr)) return hr;
    hr = wait ? unload(id) : unload_later(id);
    if (wait || FAILED(hr)) shim_end_domain_unload(id);
    return hr;
}
