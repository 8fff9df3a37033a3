/*
 * ICLRControl: one object for the process, and the managers that a host gets from it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "control.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

SHIM_STATIC_UNKNOWN(ICLRControl, control, IID_ICLRControl, IID_IUnknown)

static HRESULT WINAPI domains_SetAppDomainManagerType(ICLRDomainManager *iface, const WCHAR *assembly,
                                                      const WCHAR *type, EInitializeNewDomainFlags flags)
{
    TRACE("%p, %s, %s, %#x\n", iface, debugstr_w(assembly), debugstr_w(type), flags);

    /* Mono has no security that a manager could change. */
    if (flags & ~eInitializeNewDomainFlags_NoSecurityChanges) return E_INVALIDARG;
    return shim_set_domain_manager(assembly, type);
}

static HRESULT WINAPI domains_SetPropertiesForDefaultAppDomain(ICLRDomainManager *iface, DWORD count,
                                                               const WCHAR **names, const WCHAR **values)
{
    TRACE("%p, %lu, %p, %p\n", iface, count, names, values);
    return shim_set_domain_properties(count, names, values);
}

SHIM_STATIC_UNKNOWN(ICLRDomainManager, domains, IID_ICLRDomainManager, IID_IUnknown)

static const ICLRDomainManagerVtbl domains_methods = {
    domains_QueryInterface,
    domains_AddRef,
    domains_Release,
    domains_SetAppDomainManagerType,
    domains_SetPropertiesForDefaultAppDomain,
};

static ICLRDomainManager domain_manager = {&domains_methods};

/* E_NOINTERFACE for what the .NET Framework has no manager for, or one of its later versions only. */
static HRESULT WINAPI control_GetCLRManager(ICLRControl *iface, REFIID riid, void **out)
{
    IUnknown *manager = NULL;

    if (!riid || !out) return E_POINTER;
    *out = NULL;
    if (IsEqualGUID(riid, &IID_ICLRPolicyManager))
    {
        manager = (IUnknown *)shim_policy_manager();
        shim_watch_failures();
    }
    if (IsEqualGUID(riid, &IID_ICLROnEventManager))
    {
        manager = (IUnknown *)shim_event_manager();
        shim_watch_failures();
    }
    if (IsEqualGUID(riid, &IID_ICLRGCManager)) manager = (IUnknown *)shim_gc_manager();
    if (IsEqualGUID(riid, &IID_ICLRGCManager2)) manager = (IUnknown *)shim_gc_manager();
    if (IsEqualGUID(riid, &IID_ICLRTaskManager)) manager = shim_task_manager();
    if (IsEqualGUID(riid, &IID_ICLRHostProtectionManager)) manager = shim_protection_manager();
    if (IsEqualGUID(riid, &IID_ICLRHostBindingPolicyManager)) manager = shim_binding_manager();
    if (IsEqualGUID(riid, &IID_ICLRErrorReportingManager)) manager = shim_error_manager();
    if (IsEqualGUID(riid, &IID_ICLRDebugManager)) manager = shim_debug_manager();
    if (IsEqualGUID(riid, &IID_ICLRDomainManager)) manager = (IUnknown *)&domain_manager;
    TRACE("%p, %s: %p\n", iface, debugstr_guid(riid), manager);
    if (!manager) FIXME("no manager %s\n", debugstr_guid(riid));
    *out = manager;
    return manager ? S_OK : E_NOINTERFACE;
}

static HRESULT WINAPI control_SetAppDomainManagerType(ICLRControl *iface, const WCHAR *assembly, const WCHAR *type)
{
    TRACE("%p, %s, %s\n", iface, debugstr_w(assembly), debugstr_w(type));
    return shim_set_domain_manager(assembly, type);
}

static const ICLRControlVtbl control_methods = {
    control_QueryInterface, control_AddRef, control_Release, control_GetCLRManager, control_SetAppDomainManagerType,
};

static ICLRControl clr_control = {&control_methods};

HRESULT shim_get_clr_control(ICLRControl **control)
{
    *control = &clr_control;
    return S_OK;
}

void shim_control_starting(void)
{
    if (!shim_mono_found()) return;
    shim_gc_starting();
    shim_domain_managers_starting();
    shim_host_assemblies_starting();
    if (shim_host_manager(&IID_IHostPolicyManager)) shim_watch_failures();
}
