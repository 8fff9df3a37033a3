/*
 * AppDomainManagers: the class that a host names runs in every AppDomain.
 *
 * As in the .NET Framework, it is created first of all in a new domain, initializes it, and is given
 * to IHostControl::SetAppDomainManager if it asks to be registered with the host.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "com.h"
#include "control.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

#define REGISTER_WITH_HOST 1 /* AppDomainManagerInitializationOptions.RegisterWithHost */

/* Set before the runtime starts, by one host; never freed. */
static WCHAR *manager_assembly, *manager_type;

struct property
{
    struct property *next;
    WCHAR *name, *value;
};
static struct property *properties; /* of the default domain, last one first */

static WCHAR *copy_text(const WCHAR *text)
{
    SIZE_T size = (wcslen(text) + 1) * sizeof(WCHAR);
    WCHAR *copy = HeapAlloc(GetProcessHeap(), 0, size);

    if (copy) memcpy(copy, text, size);
    return copy;
}

static MonoString *new_string(const WCHAR *text)
{
    return shim_mono.string_new_utf16(shim_mono.domain_get(), text, wcslen(text));
}

HRESULT shim_set_domain_manager(const WCHAR *assembly, const WCHAR *type)
{
    WCHAR *copied_type;

    if (!assembly || !type) return E_POINTER;
    if (shim_runtime_started()) return HOST_E_INVALIDOPERATION;
    if (!(copied_type = copy_text(type))) return E_OUTOFMEMORY;
    if (InterlockedCompareExchangePointer((void **)&manager_type, copied_type, NULL))
    {
        HeapFree(GetProcessHeap(), 0, copied_type);
        return HOST_E_INVALIDOPERATION;
    }
    return (manager_assembly = copy_text(assembly)) ? S_OK : E_OUTOFMEMORY;
}

static HRESULT add_property(const WCHAR *name, const WCHAR *value)
{
    struct property *property = HeapAlloc(GetProcessHeap(), 0, sizeof(*property));

    if (!property) return E_OUTOFMEMORY;
    property->name = copy_text(name);
    property->value = copy_text(value);
    if (!property->name || !property->value) return E_OUTOFMEMORY;
    property->next = properties;
    properties = property;
    return S_OK;
}

HRESULT shim_set_domain_properties(DWORD count, const WCHAR *const *names, const WCHAR *const *values)
{
    HRESULT hr = S_OK;
    DWORD i;

    if (count && (!names || !values)) return E_POINTER;
    if (shim_runtime_started()) return HOST_E_INVALIDOPERATION;
    for (i = 0; SUCCEEDED(hr) && i < count; i++)
        hr = names[i] && values[i] ? add_property(names[i], values[i]) : E_INVALIDARG;
    return hr;
}

static HRESULT set_properties(MonoObject *domain)
{
    const struct property *property;
    HRESULT hr = S_OK;
    MonoObject *result;

    for (property = properties; SUCCEEDED(hr) && property; property = property->next)
    {
        void *arguments[] = {new_string(property->name), new_string(property->value)};

        hr = shim_invoke_corlib("System.AppDomain:SetData(string,object)", domain, arguments, &result);
    }
    return hr;
}

/* An instance of the named class, which has to be an AppDomainManager. */
static HRESULT create_manager(MonoObject *domain, MonoObject **manager)
{
    void *arguments[] = {new_string(manager_assembly), new_string(manager_type)};
    MonoClass *base = shim_mono.class_from_name(shim_mono.get_corlib(), "System", "AppDomainManager");
    HRESULT hr;

    hr = shim_invoke_corlib("System.AppDomain:CreateInstanceAndUnwrap(string,string)", domain, arguments, manager);
    if (SUCCEEDED(hr) && *manager && base &&
        shim_mono.class_is_subclass_of(shim_mono.object_get_class(*manager), base, FALSE))
        return S_OK;
    ERR("no AppDomainManager %s of %s: %#lx\n", debugstr_w(manager_type), debugstr_w(manager_assembly), hr);
    return COR_E_TYPELOAD;
}

/* AppDomain.DomainManager, which Mono leaves NULL. */
static void set_domain_manager(MonoObject *domain, MonoObject *manager)
{
    MonoClassField *field = shim_mono.class_get_field_from_name(shim_mono.object_get_class(domain), "_domain_manager");

    if (field)
        shim_mono.field_set_value(domain, field, manager);
    else
        WARN("AppDomain.DomainManager cannot be set in this mscorlib\n");
}

static HRESULT initialize_domain(MonoObject *domain, MonoObject *manager)
{
    void *arguments[1];
    MonoObject *result;
    HRESULT hr;

    hr = shim_invoke_corlib("System.AppDomain:get_SetupInformation()", domain, NULL, &result);
    if (FAILED(hr)) return hr;
    arguments[0] = result;
    return shim_invoke_corlib("System.AppDomainManager:InitializeNewDomain(System.AppDomainSetup)", manager, arguments,
                              &result);
}

/* Gives the host a COM-callable wrapper of the manager, if it asks to be registered. */
static HRESULT register_manager(MonoObject *manager)
{
    IHostControl *control = shim_host_control();
    struct shim_host_call call;
    MonoObject *result;
    IUnknown *wrapper;
    HRESULT hr;

    hr = shim_invoke_corlib("System.AppDomainManager:get_InitializationFlags()", manager, NULL, &result);
    if (FAILED(hr)) return hr;
    if (!(*(int *)shim_mono.object_unbox(result) & REGISTER_WITH_HOST) || !control) return S_OK;
    shim_com_init();
    if (FAILED(hr = shim_wrap(manager, &wrapper))) return hr;
    shim_begin_host_call(&call);
    hr = IHostControl_SetAppDomainManager(control, shim_domain_id(shim_mono.domain_get()), wrapper);
    TRACE("SetAppDomainManager of %p: %#lx\n", control, hr);
    IUnknown_Release(wrapper);
    shim_end_host_call(&call);
    return S_OK;
}

/* In the calling thread's domain. */
static HRESULT run_manager(MonoObject *domain)
{
    MonoObject *manager;
    HRESULT hr = create_manager(domain, &manager);

    if (FAILED(hr)) return hr;
    set_domain_manager(domain, manager);
    hr = initialize_domain(domain, manager);
    return SUCCEEDED(hr) ? register_manager(manager) : hr;
}

static HRESULT start_domain(MonoDomain *domain, bool is_default)
{
    struct shim_entered entered;
    MonoObject *object;
    HRESULT hr;

    shim_enter_domain(domain, &entered);
    hr = shim_invoke_corlib("System.AppDomain:get_CurrentDomain()", NULL, NULL, &object);
    if (SUCCEEDED(hr) && is_default) hr = set_properties(object);
    if (SUCCEEDED(hr) && manager_assembly) hr = run_manager(object);
    shim_leave_domain(&entered);
    TRACE("%p: %#lx\n", domain, hr);
    return hr;
}

/* The .NET Framework fails the creation where the manager fails; here the domain is there already. */
static void domain_created(MonoDomain *domain)
{
    HRESULT hr = start_domain(domain, false);

    if (FAILED(hr)) ERR("a new AppDomain is without its manager: %#lx\n", hr);
}

void shim_domain_managers_starting(void)
{
    if (manager_assembly) shim_watch_new_domains(domain_created);
}

HRESULT shim_start_default_domain(void)
{
    static LONG done;

    if ((!manager_assembly && !properties) || InterlockedExchange(&done, TRUE)) return S_OK;
    return start_domain(shim_mono.get_root_domain(), true);
}
