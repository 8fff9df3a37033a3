/*
 * ICorRuntimeHost as the .NET Framework has it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "com.h"
#include "control.h"
#include "corhost.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

static struct shim_runtime *runtime_of(ICorRuntimeHost *host)
{
    struct shim_runtime *runtime;
    unsigned int i;

    for (i = 0; (runtime = shim_runtime_at(i)); i++)
    {
        if (runtime->cor_host == host) return runtime;
    }
    return NULL;
}

/* Makes the thread able to call Mono, in the default domain. HOST_E_CLRNOTAVAILABLE before the runtime's start. */
static HRESULT enter(struct shim_entered *entered)
{
    HRESULT hr = shim_check_running();

    if (FAILED(hr)) return hr;
    shim_com_init();
    shim_enter_domain(shim_mono.get_root_domain(), entered);
    return S_OK;
}

/* --- threads: the runtime meets a thread when it first calls managed code ------------ */

static HRESULT WINAPI corhost_CreateLogicalThreadState(ICorRuntimeHost *iface)
{
    struct shim_entered entered;
    HRESULT hr;

    TRACE("%p\n", iface);
    if (SUCCEEDED(hr = enter(&entered))) shim_leave_domain(&entered);
    return hr;
}

static HRESULT WINAPI corhost_DeleteLogicalThreadState(ICorRuntimeHost *iface)
{
    TRACE("%p\n", iface);
    return shim_check_running();
}

/* The thread is its own fiber. */
static HRESULT WINAPI corhost_SwitchInLogicalThreadState(ICorRuntimeHost *iface, DWORD *cookie)
{
    TRACE("%p, %p\n", iface, cookie);
    return cookie ? shim_check_running() : E_POINTER;
}

static HRESULT WINAPI corhost_SwitchOutLogicalThreadState(ICorRuntimeHost *iface, DWORD **cookie)
{
    static DWORD fiber;

    TRACE("%p, %p\n", iface, cookie);
    if (!cookie) return E_POINTER;
    *cookie = &fiber;
    return shim_check_running();
}

/* Mono does not count them. */
static HRESULT WINAPI corhost_LocksHeldByLogicalThread(ICorRuntimeHost *iface, DWORD *count)
{
    TRACE("%p, %p\n", iface, count);
    if (!count) return E_POINTER;
    *count = 0;
    return shim_check_running();
}

/* --- the runtime ------------------------------------------------------------------------ */

static HRESULT WINAPI corhost_GetConfiguration(ICorRuntimeHost *iface, ICorConfiguration **out)
{
    TRACE("%p, %p\n", iface, out);
    if (!out) return E_POINTER;
    *out = shim_cor_configuration();
    return S_OK;
}

/* Unlike ICLRRuntimeHost's, it does not tell a second start from the first. */
static HRESULT WINAPI corhost_Start(ICorRuntimeHost *iface)
{
    HRESULT hr = shim_start_runtime(runtime_of(iface));

    TRACE("%p: %#lx\n", iface, hr);
    return hr == S_FALSE ? S_OK : hr;
}

static HRESULT WINAPI corhost_Stop(ICorRuntimeHost *iface)
{
    HRESULT hr = shim_stop_runtime();

    TRACE("%p: %#lx\n", iface, hr);
    return hr == S_FALSE ? S_OK : hr;
}

/* --- domains --------------------------------------------------------------------------------- */

static HRESULT new_object(const char *space, const char *name, IUnknown **out)
{
    MonoClass *klass = shim_mono.class_from_name(shim_mono.get_corlib(), space, name);
    MonoObject *object = klass ? shim_mono.object_new(shim_mono.domain_get(), klass) : NULL;

    if (!object) return E_OUTOFMEMORY;
    shim_mono.runtime_object_init(object);
    return shim_wrap(object, out);
}

static HRESULT create_domain(const WCHAR *name, IUnknown *setup, IUnknown *evidence, MonoDomain **domain)
{
    void *arguments[3] = {shim_mono.string_new_utf16(shim_mono.domain_get(), name, wcslen(name))};
    MonoObject *proxy, *id;
    HRESULT hr;

    if (FAILED(hr = shim_unwrap(evidence, (MonoObject **)&arguments[1]))) return hr;
    if (FAILED(hr = shim_unwrap(setup, (MonoObject **)&arguments[2]))) return hr;
    hr = shim_invoke_corlib("System.AppDomain:CreateDomain(string,System.Security.Policy.Evidence,"
                            "System.AppDomainSetup)",
                            NULL, arguments, &proxy);
    if (SUCCEEDED(hr)) hr = shim_invoke_corlib("System.AppDomain:get_Id()", proxy, NULL, &id);
    if (FAILED(hr)) return hr;
    *domain = shim_mono.domain_get_by_id(*(int *)shim_mono.object_unbox(id));
    return *domain ? S_OK : COR_E_APPDOMAINUNLOADED;
}

static HRESULT WINAPI corhost_CreateDomainEx(ICorRuntimeHost *iface, const WCHAR *name, IUnknown *setup,
                                             IUnknown *evidence, IUnknown **out)
{
    struct shim_entered entered;
    MonoDomain *domain;
    HRESULT hr;

    TRACE("%p, %s, %p, %p, %p\n", iface, debugstr_w(name), setup, evidence, out);

    if (!name || !out) return E_POINTER;
    *out = NULL;
    if (FAILED(hr = enter(&entered))) return hr;
    hr = create_domain(name, setup, evidence, &domain);
    if (SUCCEEDED(hr)) hr = shim_wrap_domain(domain, out);
    shim_leave_domain(&entered);
    TRACE("%s: %#lx, %p\n", debugstr_w(name), hr, *out);
    return hr;
}

static HRESULT WINAPI corhost_CreateDomain(ICorRuntimeHost *iface, const WCHAR *name, IUnknown *identities,
                                           IUnknown **out)
{
    return corhost_CreateDomainEx(iface, name, NULL, identities, out);
}

/* A new object of a class of mscorlib, in the default domain. */
static HRESULT create_in_default(const char *name_space, const char *name, IUnknown **out)
{
    struct shim_entered entered;
    HRESULT hr;

    if (!out) return E_POINTER;
    *out = NULL;
    if (FAILED(hr = enter(&entered))) return hr;
    hr = new_object(name_space, name, out);
    shim_leave_domain(&entered);
    return hr;
}

static HRESULT WINAPI corhost_CreateDomainSetup(ICorRuntimeHost *iface, IUnknown **out)
{
    TRACE("%p, %p\n", iface, out);

    return create_in_default("System", "AppDomainSetup", out);
}

static HRESULT WINAPI corhost_CreateEvidence(ICorRuntimeHost *iface, IUnknown **out)
{
    TRACE("%p, %p\n", iface, out);

    return create_in_default("System.Security.Policy", "Evidence", out);
}

static HRESULT WINAPI corhost_GetDefaultDomain(ICorRuntimeHost *iface, IUnknown **out)
{
    struct shim_entered entered;
    HRESULT hr;

    TRACE("%p, %p\n", iface, out);

    if (!out) return E_POINTER;
    *out = NULL;
    if (FAILED(hr = enter(&entered))) return hr;
    hr = shim_wrap_domain(shim_mono.get_root_domain(), out);
    shim_leave_domain(&entered);
    TRACE("%p: %#lx, %p\n", iface, hr, *out);
    return hr;
}

/* A thread of the host's that is in no domain yet is in the default one. */
static HRESULT WINAPI corhost_CurrentDomain(ICorRuntimeHost *iface, IUnknown **out)
{
    struct shim_entered entered;
    HRESULT hr;

    TRACE("%p, %p\n", iface, out);

    if (!out) return E_POINTER;
    *out = NULL;
    if (FAILED(hr = enter(&entered))) return hr;
    hr = shim_wrap_domain(entered.previous, out);
    shim_leave_domain(&entered);
    return hr;
}

static HRESULT WINAPI corhost_EnumDomains(ICorRuntimeHost *iface, HDOMAINENUM *handle)
{
    struct shim_entered entered;
    HRESULT hr;

    TRACE("%p, %p\n", iface, handle);

    if (!handle) return E_POINTER;
    *handle = NULL;
    if (FAILED(hr = enter(&entered))) return hr;
    hr = shim_enum_domains(handle);
    shim_leave_domain(&entered);
    return hr;
}

static HRESULT WINAPI corhost_NextDomain(ICorRuntimeHost *iface, HDOMAINENUM handle, IUnknown **out)
{
    struct shim_entered entered;
    HRESULT hr;

    TRACE("%p, %p, %p\n", iface, handle, out);

    if (!out) return E_POINTER;
    *out = NULL;
    if (FAILED(hr = enter(&entered))) return hr;
    hr = shim_next_domain(handle, out);
    shim_leave_domain(&entered);
    return hr;
}

static HRESULT WINAPI corhost_CloseEnum(ICorRuntimeHost *iface, HDOMAINENUM handle)
{
    TRACE("%p, %p\n", iface, handle);
    return shim_close_enum(handle);
}

static HRESULT WINAPI corhost_UnloadDomain(ICorRuntimeHost *iface, IUnknown *domain)
{
    struct shim_entered entered;
    HRESULT hr;
    DWORD id;

    TRACE("%p, %p\n", iface, domain);
    if (FAILED(hr = enter(&entered))) return hr;
    hr = shim_unwrap_domain(domain, &id);
    shim_leave_domain(&entered);
    if (SUCCEEDED(hr)) hr = shim_unload_domain(id, TRUE);
    TRACE("%p: %#lx\n", domain, hr);
    return hr;
}

#define METHOD(name)                                                                                                   \
    {                                                                                                                  \
        offsetof(ICorRuntimeHostVtbl, name), corhost_##name, NULL                                                      \
    }

/* MapFile is left to Wine: the .NET Framework does not serve it any more either. */
static const struct shim_method cor_host_methods[] = {
    METHOD(CreateLogicalThreadState),
    METHOD(DeleteLogicalThreadState),
    METHOD(SwitchInLogicalThreadState),
    METHOD(SwitchOutLogicalThreadState),
    METHOD(LocksHeldByLogicalThread),
    METHOD(GetConfiguration),
    METHOD(Start),
    METHOD(Stop),
    METHOD(CreateDomain),
    METHOD(GetDefaultDomain),
    METHOD(EnumDomains),
    METHOD(NextDomain),
    METHOD(CloseEnum),
    METHOD(CreateDomainEx),
    METHOD(CreateDomainSetup),
    METHOD(CreateEvidence),
    METHOD(UnloadDomain),
    METHOD(CurrentDomain),
};

void shim_meet_cor_host(ICorRuntimeHost *host)
{
    if (shim_mono_found()) shim_replace_methods(host, cor_host_methods, ARRAY_SIZE(cor_host_methods));
}
