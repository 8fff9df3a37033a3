/*
 * A host that makes, enumerates and unloads AppDomains through ICorRuntimeHost.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include "managed.h"
#include "mscorlib.h"

static AppDomain *as_domain(IUnknown *unknown)
{
    AppDomain *domain;

    if (FAILED(IUnknown_QueryInterface(unknown, &IID__AppDomain, (void **)&domain))) exit(1);
    IUnknown_Release(unknown);
    return domain;
}

/* The default domain's name is its host's. */
static void show_name(const char *what, AppDomain *domain)
{
    BSTR name = NULL;
    HRESULT hr = domain->lpVtbl->get_FriendlyName(domain, &name);

    printf("%s: 0x%08lx %ls\n", what, (unsigned long)hr, name ? name : L"");
    SysFreeString(name);
}

static unsigned int count_domains(ICorRuntimeHost *host, bool names)
{
    unsigned int count = 0;
    HDOMAINENUM handle;
    IUnknown *unknown;
    HRESULT hr;

    if (FAILED(show("EnumDomains", ICorRuntimeHost_EnumDomains(host, &handle)))) return 0;
    while ((hr = ICorRuntimeHost_NextDomain(host, handle, &unknown)) == S_OK)
    {
        AppDomain *domain = as_domain(unknown);

        if (names) show_name("NextDomain", domain);
        domain->lpVtbl->Release(domain);
        count++;
    }
    show("NextDomain at the end", hr);
    show("CloseEnum", ICorRuntimeHost_CloseEnum(host, handle));
    return count;
}

static AppDomain *create_with_setup(ICorRuntimeHost *host)
{
    BSTR base = SysAllocString(L"C:\\windows"), name = SysAllocString(L"application"), back = NULL;
    IUnknown *unknown = NULL, *evidence = NULL, *made = NULL;
    AppDomainSetup *setup;
    AppDomain *domain;

    show("CreateDomainSetup", ICorRuntimeHost_CreateDomainSetup(host, &unknown));
    if (!unknown || FAILED(show("QueryInterface(IAppDomainSetup)",
                                IUnknown_QueryInterface(unknown, &IID_IAppDomainSetup, (void **)&setup))))
        exit(1);
    show("put_ApplicationBase", setup->lpVtbl->put_ApplicationBase(setup, base));
    show("put_ApplicationName", setup->lpVtbl->put_ApplicationName(setup, name));
    show("get_ApplicationName", setup->lpVtbl->get_ApplicationName(setup, &back));
    printf("name: %ls\n", back ? back : L"");
    show("CreateEvidence", ICorRuntimeHost_CreateEvidence(host, &evidence));
    if (FAILED(show("CreateDomainEx", ICorRuntimeHost_CreateDomainEx(host, L"with setup", unknown, evidence, &made))))
        exit(1);
    domain = as_domain(made);
    SysFreeString(back);
    back = NULL;
    show("get_BaseDirectory", domain->lpVtbl->get_BaseDirectory(domain, &back));
    printf("base: %d\n", back && !_wcsnicmp(back, base, wcslen(base)));
    SysFreeString(back);
    SysFreeString(base);
    SysFreeString(name);
    setup->lpVtbl->Release(setup);
    IUnknown_Release(unknown);
    if (evidence) IUnknown_Release(evidence);
    return domain;
}

/* An object that lives in the domain, called from outside. */
static void use_domain(AppDomain *domain)
{
    BSTR file = SysAllocString(managed_assembly()), type = SysAllocString(L"ClrMem.Hosts.Target"), text = NULL;
    ObjectHandle *handle;
    Type *found = NULL;
    LONG result = 0;
    VARIANT object;

    show_value("ExecuteAssembly_2", domain->lpVtbl->ExecuteAssembly_2(domain, file, &result), &result);
    if (SUCCEEDED(show("CreateInstanceFrom", domain->lpVtbl->CreateInstanceFrom(domain, file, type, &handle))))
    {
        show("GetType", handle->lpVtbl->GetType(handle, &found));
        if (found && SUCCEEDED(found->lpVtbl->get_FullName(found, &text))) printf("handle: %ls\n", text);
        if (found) found->lpVtbl->Release(found);
        SysFreeString(text);
        if (SUCCEEDED(show("Unwrap", handle->lpVtbl->Unwrap(handle, &object)))) VariantClear(&object);
        handle->lpVtbl->Release(handle);
    }
    SysFreeString(file);
    SysFreeString(type);
}

static void use_threads(ICorRuntimeHost *host)
{
    DWORD *cookie = NULL, locks = 7;

    show("CreateLogicalThreadState", ICorRuntimeHost_CreateLogicalThreadState(host));
    show("SwitchOutLogicalThreadState", ICorRuntimeHost_SwitchOutLogicalThreadState(host, &cookie));
    show("SwitchInLogicalThreadState", ICorRuntimeHost_SwitchInLogicalThreadState(host, cookie));
    show_value("LocksHeldByLogicalThread", ICorRuntimeHost_LocksHeldByLogicalThread(host, &locks), &locks);
    show("DeleteLogicalThreadState", ICorRuntimeHost_DeleteLogicalThreadState(host));
}

int main(void)
{
    ICorRuntimeHost *host = get_runtime(&CLSID_CorRuntimeHost, &IID_ICorRuntimeHost);
    AppDomain *domain, *other, *current, *standard;
    ICorConfiguration *configuration;
    IUnknown *unknown = NULL;
    BSTR text = NULL;
    LONG hash = 0;

    show("GetConfiguration", ICorRuntimeHost_GetConfiguration(host, &configuration));
    show("CreateDomain, not started", ICorRuntimeHost_CreateDomain(host, L"early", NULL, &unknown));
    show("Start", ICorRuntimeHost_Start(host));
    use_threads(host);
    if (FAILED(show("GetDefaultDomain", ICorRuntimeHost_GetDefaultDomain(host, &unknown)))) return 1;
    standard = as_domain(unknown);
    show_name("default", standard);
    show("CurrentDomain", ICorRuntimeHost_CurrentDomain(host, &unknown));
    current = as_domain(unknown);
    printf("current is default: %d\n", current == standard);
    if (FAILED(show("CreateDomain", ICorRuntimeHost_CreateDomain(host, L"plain", NULL, &unknown)))) return 1;
    domain = as_domain(unknown);
    show_name("CreateDomain", domain);
    other = create_with_setup(host);
    show_name("CreateDomainEx", other);
    printf("domains: %u\n", count_domains(host, true));
    use_domain(domain);
    show("UnloadDomain(NULL)", ICorRuntimeHost_UnloadDomain(host, NULL));
    show("UnloadDomain(default)", ICorRuntimeHost_UnloadDomain(host, (IUnknown *)standard));
    show("UnloadDomain", ICorRuntimeHost_UnloadDomain(host, (IUnknown *)domain));
    show("UnloadDomain again", ICorRuntimeHost_UnloadDomain(host, (IUnknown *)domain));
    show("call into it", domain->lpVtbl->get_ToString(domain, &text));
    show("GetHashCode of another", other->lpVtbl->GetHashCode(other, &hash));
    show("UnloadDomain", ICorRuntimeHost_UnloadDomain(host, (IUnknown *)other));
    printf("domains: %u\n", count_domains(host, false));
    domain->lpVtbl->Release(domain);
    other->lpVtbl->Release(other);
    current->lpVtbl->Release(current);
    standard->lpVtbl->Release(standard);
    show("Stop", ICorRuntimeHost_Stop(host));
    show("GetDefaultDomain, stopped", ICorRuntimeHost_GetDefaultDomain(host, &unknown));
    return 0;
}
