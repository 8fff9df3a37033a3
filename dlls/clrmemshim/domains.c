/*
 * A host's own code in AppDomains.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "framework.h"
#include "mono_api.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

static HRESULT call_in_domain(DWORD id, FExecuteInAppDomainCallback callback, void *cookie)
{
    HRESULT hr = COR_E_APPDOMAINUNLOADED;
    struct shim_entered entered;
    struct shim_host_call call;
    MonoDomain *domain;

    shim_enter_domain(shim_mono.get_root_domain(), &entered);
    if ((domain = shim_domain_by_id(id)))
    {
        shim_mono.domain_set(domain, TRUE);
        shim_begin_host_call(&call);
        hr = callback(cookie);
        shim_end_host_call(&call);
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
