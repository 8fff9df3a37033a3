/*
 * The functions of mscoree that load modules of the runtime, and find functions and messages in them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "corfunctions.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

static HMODULE load_from(const WCHAR *directory, const WCHAR *subdirectory, const WCHAR *name)
{
    WCHAR path[3 * MAX_PATH];

    if (wcslen(directory) + wcslen(subdirectory) + wcslen(name) >= ARRAY_SIZE(path))
    {
        SetLastError(ERROR_FILENAME_EXCED_RANGE);
        return NULL;
    }
    wcscpy(path, directory);
    wcscat(path, subdirectory);
    wcscat(path, name);
    return LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
}

/* Where Wine has its own modules, as its loader tells a process: a path of the kernel's. */
static HMODULE load_builtin(const WCHAR *name)
{
    static const WCHAR prefix[] = L"\\??\\";
    static const WCHAR *const subdirectory = sizeof(void *) == 8 ? L"\\x86_64-windows\\" : L"\\i386-windows\\";
    WCHAR variable[] = L"WINEDLLDIR0", directory[MAX_PATH];
    HMODULE module = NULL;

    for (; !module && variable[10] <= '9'; variable[10]++)
    {
        if (!GetEnvironmentVariableW(variable, directory, MAX_PATH)) break;
        if (!wcsncmp(directory, prefix, wcslen(prefix)))
            module = load_from(directory + wcslen(prefix), subdirectory, name);
    }
    return module;
}

/* Wine Mono's installer puts modules into the runtime's directory. */
HRESULT shim_load_library(const WCHAR *directory, const WCHAR *name, HMODULE *module)
{
    DWORD error;

    if ((*module = load_from(directory, L"", name))) return S_OK;
    error = GetLastError();
    if (wcspbrk(name, L"\\/:")) return HRESULT_FROM_WIN32(error);
    if (!(*module = LoadLibraryW(name))) *module = load_builtin(name);
    return *module ? S_OK : HRESULT_FROM_WIN32(error);
}

/* Wine's mscoree exports names that it does not implement; these it does, as well as the shim. */
static const char *const mscoree_functions[] = {"CLRCreateInstance",
                                                "ClrCreateManagedInstance",
                                                "CoEEShutDownCOM",
                                                "CoInitializeCor",
                                                "CorExitProcess",
                                                "CreateConfigStream",
                                                "GetCORSystemDirectory",
                                                "GetCORVersion",
                                                "GetFileVersion",
                                                "LoadStringRC",
                                                "LoadStringRCEx",
                                                "StrongNameSignatureVerification",
                                                "StrongNameSignatureVerificationEx",
                                                "StrongNameTokenFromAssembly"};

HRESULT shim_find_function(const char *name, void **function)
{
    unsigned int i;
    HMODULE fusion;

    *function = NULL;
    if (SUCCEEDED(shim_load_library(L"", L"fusion.dll", &fusion))) *function = (void *)GetProcAddress(fusion, name);
    for (i = 0; !*function && i < ARRAY_SIZE(mscoree_functions); i++)
    {
        if (!strcmp(mscoree_functions[i], name))
            *function = (void *)GetProcAddress(GetModuleHandleW(L"mscoree.dll"), name);
    }
    return *function ? S_OK : CLR_E_SHIM_RUNTIMEEXPORT;
}

HRESULT WINAPI shim_GetRealProcAddress(const char *name, void **function)
{
    TRACE("%s, %p\n", debugstr_a(name), function);

    if (!name || !function) return E_POINTER;
    return shim_find_function(name, function);
}

HRESULT WINAPI shim_LoadLibraryShim(const WCHAR *name, const WCHAR *version, void *reserved, HMODULE *module)
{
    WCHAR directory[MAX_PATH];
    ICLRRuntimeInfo *info;
    DWORD length = MAX_PATH;
    HRESULT hr;

    TRACE("%s, %s, %p, %p\n", debugstr_w(name), debugstr_w(version), reserved, module);
    if (!name || !module) return E_POINTER;
    *module = NULL;
    if (!version)
        hr = shim_GetCORSystemDirectory(directory, MAX_PATH, &length);
    else if (SUCCEEDED(hr = ICLRMetaHost_GetRuntime(shim_meta_host(), version, &IID_ICLRRuntimeInfo, (void **)&info)))
        hr = ICLRRuntimeInfo_GetRuntimeDirectory(info, directory, &length);
    return SUCCEEDED(hr) ? shim_load_library(directory, name, module) : hr;
}

HRESULT WINAPI shim_CallFunctionShim(const WCHAR *name, const char *function_name, void *first, void *second,
                                     const WCHAR *version, void *reserved)
{
    HRESULT(WINAPI * function)(void *, void *);
    HMODULE module;
    HRESULT hr;

    TRACE("%s, %s, %p, %p, %s\n", debugstr_w(name), debugstr_a(function_name), first, second, debugstr_w(version));
    if (!function_name) return E_POINTER;
    if (FAILED(hr = shim_LoadLibraryShim(name, version, reserved, &module))) return hr;
    if (!(function = (void *)GetProcAddress(module, function_name))) return CLR_E_SHIM_RUNTIMEEXPORT;
    return function(first, second);
}

HRESULT WINAPI shim_LoadStringRCEx(LCID locale, UINT id, WCHAR *buffer, int size, int quiet, int *used)
{
    DWORD length = size;
    HRESULT hr;

    TRACE("%#lx, %#x, %p, %d, %d, %p\n", locale, id, buffer, size, quiet, used);
    if (!buffer || size <= 0) return E_INVALIDARG;
    buffer[0] = 0;
    hr = shim_load_error_text(id, buffer, &length, locale);
    if (used) *used = wcslen(buffer);
    return hr;
}

HRESULT WINAPI shim_LoadStringRC(UINT id, WCHAR *buffer, int size, int quiet)
{
    return shim_LoadStringRCEx(-1, id, buffer, size, quiet, NULL);
}
