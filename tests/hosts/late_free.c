/*
 * A host that loads mscoree by name, and gives it back as soon as it has a runtime host; and again later, as often
 * as Windows lets it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include "host.h"
#include <metahost.h>
#include <mscoree.h>

typedef HRESULT(WINAPI *bind_fn)(LPCWSTR, LPCWSTR, DWORD, REFCLSID, REFIID, void **);

int main(void)
{
    HMODULE mscoree = LoadLibraryA("mscoree.dll");
    bind_fn bind = (bind_fn)(void *)GetProcAddress(mscoree, "CorBindToRuntimeEx");
    ICLRRuntimeHost *host;
    DWORD result = 0;
    int i;

    if (FAILED(show("CorBindToRuntimeEx",
                    bind(L"v4.0.30319", L"wks", 0, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)&host))))
        return 1;
    for (i = 0; i < 5; i++) FreeLibrary(mscoree);
    printf("mscoree is %s\n", GetModuleHandleA("mscoree.dll") == mscoree ? "loaded" : "gone");
    show("Start", ICLRRuntimeHost_Start(host));
    show_value("ExecuteInDefaultAppDomain",
               ICLRRuntimeHost_ExecuteInDefaultAppDomain(host, hosted_assembly(), HOSTED, L"Length", L"late", &result),
               &result);
    for (i = 0; i < 5; i++) FreeLibrary(mscoree);
    show("Stop", ICLRRuntimeHost_Stop(host));
    return result == 4 ? 0 : 1;
}
