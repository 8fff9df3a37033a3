/*
 * ICLRControl, the managers that it hands out, and what the runtime does on their behalf.
 *
 * One direction: clrcontrol.c hands out the managers. They store what the host wants, and hear of the
 * runtime from mono_profile.c.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_SHIM_CONTROL_H
#define CLRMEM_SHIM_CONTROL_H

#include "shim.h"
#include "clrcontrol.h"
#include "mono_api.h"

/* --- mono_profile.c: what the runtime reports by its profiler interface ---------- */

/* Calls back after an AppDomain was made by managed code or a host: on the thread that made it, which is in the domain
 * that it was made from. To be asked for before the runtime starts. */
void shim_watch_new_domains(void (*created)(MonoDomain *domain));
/* Calls back when a domain is nearly gone, on a thread of the runtime's; no managed code can be called.
 * For two callers. */
void shim_watch_unloads(void (*unloading)(MonoDomain *domain));
/* Calls back where an exception is thrown, before any handler is looked for; must not call managed code. */
void shim_watch_exceptions(void (*thrown)(MonoObject *exception));
/* Calls back around suspensions of all threads; must not call managed code. */
enum shim_suspension
{
    SHIM_SUSPENSION_BLOCKING, /* this thread waits, as another suspends all */
    SHIM_SUSPENSION_STARTING, /* this thread is about to suspend the others */
    SHIM_SUSPENSION_ENDING,   /* this thread has resumed the others */
};
void shim_watch_suspensions(void (*changed)(enum shim_suspension what, unsigned int generation));

/* --- events.c: ICLROnEventManager -------------------------------------------------- */

ICLROnEventManager *shim_event_manager(void);
/* Calls the host's actions for an event. No lock is held. */
void shim_raise_event(EClrEvent event, void *data);

/* --- policy.c: ICLRPolicyManager ------------------------------------------------------ */

ICLRPolicyManager *shim_policy_manager(void);
/* How long an operation may take, ms; INFINITE unless the host set it. */
DWORD shim_policy_timeout(EClrOperation operation);
/* What an operation does, what its timeout does and what a failure does; the host is told where it is no longer what the
 * runtime does by itself, of timeouts and failures always. */
EPolicyAction shim_policy_default(EClrOperation operation);
EPolicyAction shim_policy_timed_out(EClrOperation operation);
EPolicyAction shim_policy_failed(EClrFailure failure);
/* Carries out an action that ends the process or disables the runtime; the exit code is an HRESULT. Returns for all
 * others, and when the runtime is disabled. */
void shim_policy_end(EPolicyAction action, HRESULT code);
/* The policy has disabled the runtime: it runs no more code for hosts. */
bool shim_runtime_disabled(void);

/* --- failures.c: what the policy is for -------------------------------------------------- */

/* From now on exceptions for a lack of memory or of stack are failures by the policy. */
void shim_watch_failures(void);

/* --- gcmanager.c: ICLRGCManager --------------------------------------------------------- */

ICLRGCManager2 *shim_gc_manager(void);
/* The runtime is about to start: it gets the host's limits, and the host's IHostGCManager hears of suspensions. */
void shim_gc_starting(void);

/* --- domainmanager.c: AppDomainManagers -------------------------------------------------- */

/* Sets what runs in every domain. E_POINTER for NULL, HOST_E_INVALIDOPERATION if it is set, or the runtime started. */
HRESULT shim_set_domain_manager(const WCHAR *assembly, const WCHAR *type);
/* Properties of the default domain, as AppDomain.GetData shows them. Values are copied. */
HRESULT shim_set_domain_properties(DWORD count, const WCHAR *const *names, const WCHAR *const *values);
/* The runtime has started: the default domain gets its properties and its manager. The first call does it, and fails with
 * COR_E_TYPELOAD where the manager cannot be made. */
HRESULT shim_start_default_domain(void);
/* The runtime is about to start. */
void shim_domain_managers_starting(void);

/* --- hostassembly.c: IHostAssemblyManager ---------------------------------------------------- */

/* The runtime is about to start: from now on it asks the host's store for assemblies, if there is one. */
void shim_host_assemblies_starting(void);

/* --- othermanagers.c: managers that store little ------------------------------------------ */

IUnknown *shim_task_manager(void);
IUnknown *shim_protection_manager(void);
IUnknown *shim_binding_manager(void);
IUnknown *shim_error_manager(void);
IUnknown *shim_debug_manager(void);

/* --- clrcontrol.c ---------------------------------------------------------------------------- */

/* ICLRRuntimeHost::GetCLRControl. */
HRESULT shim_get_clr_control(ICLRControl **control);
/* The runtime is about to start: what the host wants is put in place. Called once. */
void shim_control_starting(void);

/* --- static objects --------------------------------------------------------------------------- */

/* QueryInterface of an object that lives as long as the process. */
static inline HRESULT shim_static_query(void *iface, const IID *iid, const IID *base, REFIID riid, void **out)
{
    if (!out) return E_POINTER;
    *out = NULL;
    if (!riid) return E_INVALIDARG;
    if (!IsEqualGUID(riid, &IID_IUnknown) && !IsEqualGUID(riid, iid) && !IsEqualGUID(riid, base)) return E_NOINTERFACE;
    *out = iface;
    return S_OK;
}

#define SHIM_STATIC_UNKNOWN(type, prefix, iid, base)                                                                   \
    static HRESULT WINAPI prefix##_QueryInterface(type *iface, REFIID riid, void **out)                                \
    {                                                                                                                  \
        return shim_static_query(iface, &iid, &base, riid, out);                                                       \
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

#endif
