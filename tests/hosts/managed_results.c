/*
 * What ExecuteInDefaultAppDomain returns for managed code that is missing, throws, or is not what it looks for.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include "host.h"
#include <metahost.h>
#include <mscoree.h>

static ICLRRuntimeHost *host;

static void run_in(const char *what, const WCHAR *assembly, const WCHAR *type, const WCHAR *method,
                   const WCHAR *argument)
{
    DWORD result = 4711;
    HRESULT hr = ICLRRuntimeHost_ExecuteInDefaultAppDomain(host, assembly, type, method, argument, &result);

    show_value(what, hr, &result);
    if (FAILED(hr) && result != 4711) printf("%s: the result was changed\n", what);
}

static void run(const char *what, const WCHAR *type, const WCHAR *method, const WCHAR *argument)
{
    run_in(what, hosted_assembly(), type, method, argument);
}

static void throw_one(const WCHAR *what)
{
    char name[64];

    snprintf(name, sizeof(name), "throws %ls", what);
    run(name, HOSTED, L"Throw", what);
}

int main(void)
{
    static const WCHAR *const thrown[] = {L"invalid operation", L"argument", L"not supported", L"plain", L"odd",
                                          L"success",           L"null",     L"nothing"};
    WCHAR relative[MAX_PATH], *end;
    unsigned int i;

    if (FAILED(
            CorBindToRuntimeEx(L"v4.0.30319", NULL, 0, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)&host)) ||
        FAILED(ICLRRuntimeHost_Start(host)))
        return 1;
    run("a string", HOSTED, L"Length", L"f\x00fcnf \x20ac\xd83d\xde00");
    run("an empty string", HOSTED, L"Length", L"");
    run("no string", HOSTED, L"Length", NULL);
    run("no namespace", L"Bare", L"Run", L"");
    run("private", HOSTED, L"Private", L"");
    run("inherited", HOSTED, L"Inherited", L"");
    run("overloaded", HOSTED, L"Pick", L"");
    show("no place for the result",
         ICLRRuntimeHost_ExecuteInDefaultAppDomain(host, hosted_assembly(), HOSTED, L"Length", L"", NULL));

    run_in("no assembly", L"C:\\missing\\missing.dll", HOSTED, L"Length", L"");
    run_in("no assembly, relative", L"missing.dll", HOSTED, L"Length", L"");
    GetModuleFileNameW(NULL, relative, MAX_PATH);
    run_in("not an assembly", relative, HOSTED, L"Length", L"");
    run("no type", L"ClrMem.Hosts.Missing", L"Length", L"");
    run("no type, no namespace", L"Missing", L"Length", L"");
    run("no type, another case", L"ClrMem.Hosts.hosted", L"Length", L"");
    run("no method", HOSTED, L"Missing", L"");
    run("another result", HOSTED, L"Text", L"");
    run("no parameter", HOSTED, L"Nothing", L"");
    run("of an instance", HOSTED, L"Instance", L"");
    run("initializer throws", L"Broken", L"Run", L"");
    for (i = 0; i < ARRAYSIZE(thrown); i++) throw_one(thrown[i]);

    wcscpy(relative, hosted_assembly());
    end = wcsrchr(relative, '\\');
    *end++ = 0;
    SetCurrentDirectoryW(relative);
    run_in("relative path", end, HOSTED, L"Length", L"12");
    return 0;
}
