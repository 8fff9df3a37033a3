/*
 * A host that gives an AppDomain so long to unload, and ends the process if it takes longer still.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include "managed.h"
#include "clrcontrol.h"
#include "mscorlib.h"

/* A domain with a handler of DomainUnload that takes two seconds. */
static IUnknown *stubborn_domain(ICorRuntimeHost *host)
{
    SAFEARRAY *arguments = SafeArrayCreateVector(VT_BSTR, 0, 1);
    BSTR file = SysAllocString(managed_assembly());
    IUnknown *unknown = NULL;
    AppDomain *domain;
    LONG result = 0;

    ((BSTR *)arguments->pvData)[0] = SysAllocString(L"stubborn");
    if (FAILED(show("CreateDomain", ICorRuntimeHost_CreateDomain(host, L"stubborn", NULL, &unknown))) ||
        FAILED(IUnknown_QueryInterface(unknown, &IID__AppDomain, (void **)&domain)))
        exit(1);
    show_value("ExecuteAssembly_3", domain->lpVtbl->ExecuteAssembly_3(domain, file, NULL, arguments, &result), &result);
    domain->lpVtbl->Release(domain);
    SafeArrayDestroy(arguments);
    SysFreeString(file);
    return unknown;
}

int main(void)
{
    ICLRRuntimeHost *host = get_runtime(&CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost);
    ICorRuntimeHost *cor_host = get_runtime(&CLSID_CorRuntimeHost, &IID_ICorRuntimeHost);
    ICLRPolicyManager *policy;
    ICLRControl *clr;
    ULONGLONG start;

    show("GetCLRControl", ICLRRuntimeHost_GetCLRControl(host, &clr));
    show("GetCLRManager", clr->lpVtbl->GetCLRManager(clr, &IID_ICLRPolicyManager, (void **)&policy));
    show("SetTimeoutAndAction",
         ICLRPolicyManager_SetTimeoutAndAction(policy, OPR_AppDomainUnload, 300, eRudeUnloadAppDomain));
    show("Start", ICLRRuntimeHost_Start(host));
    start = GetTickCount64();
    show("UnloadDomain", ICorRuntimeHost_UnloadDomain(cor_host, stubborn_domain(cor_host)));
    printf("waited for it: %d\n", GetTickCount64() - start >= 1900);
    show("SetTimeoutAndAction",
         ICLRPolicyManager_SetTimeoutAndAction(policy, OPR_AppDomainRudeUnload, 300, eRudeExitProcess));
    show("UnloadDomain", ICorRuntimeHost_UnloadDomain(cor_host, stubborn_domain(cor_host)));
    printf("the process goes on\n");
    return 0;
}
