/*
 * The functions of mscoree that the shim has in place of Wine's, named after them. Signatures and results are
 * those of the .NET Framework's reference; E_POINTER for a pointer that is missing where it does not say.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_SHIM_CORFUNCTIONS_H
#define CLRMEM_SHIM_CORFUNCTIONS_H

#include "framework.h"

/* Wine's own: it knows how configuration files and versions decide. */
extern HRESULT(WINAPI *shim_stock_GetRequestedRuntimeInfo)(LPCWSTR, LPCWSTR, LPCWSTR, DWORD, DWORD, LPWSTR, DWORD,
                                                           DWORD *, LPWSTR, DWORD, DWORD *);

/* --- corbind.c --- */
HRESULT WINAPI shim_CorBindToRuntimeEx(const WCHAR *version, const WCHAR *flavor, DWORD flags, REFCLSID clsid,
                                       REFIID riid, void **out);
HRESULT WINAPI shim_CorBindToRuntime(const WCHAR *version, const WCHAR *flavor, REFCLSID clsid, REFIID riid,
                                     void **out);
HRESULT WINAPI shim_CorBindToRuntimeHost(const WCHAR *version, const WCHAR *flavor, const WCHAR *config, void *reserved,
                                         DWORD flags, REFCLSID clsid, REFIID riid, void **out);
HRESULT WINAPI shim_CorBindToCurrentRuntime(const WCHAR *config, REFCLSID clsid, REFIID riid, void **out);
HRESULT WINAPI shim_CoInitializeEE(DWORD flags);
void WINAPI shim_CoUninitializeEE(BOOL flags);
HRESULT WINAPI shim_ClrCreateManagedInstance(const WCHAR *type, REFIID riid, void **out);

/* --- corinfo.c --- */
HRESULT WINAPI shim_GetCORVersion(WCHAR *buffer, DWORD size, DWORD *length);
HRESULT WINAPI shim_GetCORSystemDirectory(WCHAR *buffer, DWORD size, DWORD *length);
HRESULT WINAPI shim_GetCORRootDirectory(WCHAR *buffer, DWORD size, DWORD *length);
HRESULT WINAPI shim_GetCORRequiredVersion(WCHAR *buffer, DWORD size, DWORD *length);
HRESULT WINAPI shim_GetFileVersion(const WCHAR *path, WCHAR *buffer, DWORD size, DWORD *length);
HRESULT WINAPI shim_GetRequestedRuntimeInfo(const WCHAR *program, const WCHAR *wanted, const WCHAR *config, DWORD flags,
                                            DWORD info_flags, WCHAR *directory, DWORD directory_size,
                                            DWORD *directory_length, WCHAR *version, DWORD size, DWORD *length);
HRESULT WINAPI shim_GetRequestedRuntimeVersion(WCHAR *program, WCHAR *version, DWORD size, DWORD *length);
HRESULT WINAPI shim_GetRequestedRuntimeVersionForCLSID(REFCLSID clsid, WCHAR *version, DWORD size, DWORD *length,
                                                       DWORD flags);
HRESULT WINAPI shim_GetVersionFromProcess(HANDLE process, WCHAR *version, DWORD size, DWORD *length);
HRESULT WINAPI shim_GetStartupFlags(DWORD *flags);
HRESULT WINAPI shim_GetHostConfigurationFile(WCHAR *buffer, DWORD size, DWORD *length);

/* --- corload.c --- */
HRESULT WINAPI shim_GetRealProcAddress(const char *name, void **function);
HRESULT WINAPI shim_LoadLibraryShim(const WCHAR *name, const WCHAR *version, void *reserved, HMODULE *module);
HRESULT WINAPI shim_CallFunctionShim(const WCHAR *name, const char *function_name, void *first, void *second,
                                     const WCHAR *version, void *reserved);
HRESULT WINAPI shim_LoadStringRC(UINT id, WCHAR *buffer, int size, int quiet);
HRESULT WINAPI shim_LoadStringRCEx(LCID locale, UINT id, WCHAR *buffer, int size, int quiet, int *used);

#endif
