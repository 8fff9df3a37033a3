/*
 * What the hosts of this folder share: the managed assembly, and how results are printed.
 *
 * A host prints every result that it gets; run.sh compares the text with the one that the .NET Framework's
 * reference leads to.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTS_HOST_H
#define CLRMEM_HOSTS_HOST_H

#include <windows.h>
#include <objbase.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C"
{
#endif
    /* What Wine's mscoree.h does not declare. */
    HRESULT WINAPI ClrCreateManagedInstance(const WCHAR *type, REFIID riid, void **out);
    HRESULT WINAPI CorBindToCurrentRuntime(const WCHAR *config, REFCLSID clsid, REFIID riid, void **out);
    HRESULT WINAPI CorBindToRuntime(const WCHAR *version, const WCHAR *flavor, REFCLSID clsid, REFIID riid, void **out);
    HRESULT WINAPI CorBindToRuntimeEx(const WCHAR *version, const WCHAR *flavor, DWORD flags, REFCLSID clsid,
                                      REFIID riid, void **out);
    HRESULT WINAPI GetFileVersion(const WCHAR *path, WCHAR *buffer, DWORD size, DWORD *length);
    HRESULT WINAPI GetRequestedRuntimeVersion(WCHAR *program, WCHAR *version, DWORD size, DWORD *length);
#ifdef __cplusplus
}
#endif

#define HOSTED L"ClrMem.Hosts.Hosted"

/* The path of hosted.exe. */
static inline const WCHAR *hosted_assembly(void)
{
    static WCHAR path[MAX_PATH];

    GetEnvironmentVariableW(L"CLRMEM_HOSTED", path, MAX_PATH);
    return path;
}

static inline HRESULT show(const char *what, HRESULT hr)
{
    printf("%s: 0x%08lx\n", what, (unsigned long)hr);
    fflush(stdout);
    return hr;
}

/* A result, and the value of 32 bits that came with it if it is a success. */
static inline HRESULT show_value(const char *what, HRESULT hr, const void *value)
{
    if (FAILED(hr)) return show(what, hr);
    printf("%s: 0x%08lx %ld\n", what, (unsigned long)hr, (long)*(const LONG *)value);
    fflush(stdout);
    return hr;
}

#endif
