/*
 * The functions of mscoree that tell versions, directories and settings of the runtime.
 *
 * They give lengths in characters with the final null, and HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER) with
 * the needed one. Before a runtime is chosen they answer for the one that would be.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "corfunctions.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

/* The one in use by the older interfaces, or at all, or else the one that CorBindToRuntime would take. */
static HRESULT current_runtime(struct shim_runtime **runtime)
{
    unsigned int i;

    if ((*runtime = shim_legacy_runtime())) return S_OK;
    for (i = SHIM_RUNTIMES; i--;)
    {
        if ((*runtime = shim_runtime_at(i)) && shim_runtime_loaded(*runtime)) return S_OK;
    }
    return shim_choose_runtime(NULL, NULL, 0, runtime);
}

/* The older functions take size and length apart. */
static HRESULT copy_text(const WCHAR *text, WCHAR *buffer, DWORD size, DWORD *length)
{
    *length = size;
    return shim_copy_text(text, buffer, length);
}

HRESULT WINAPI shim_GetCORVersion(WCHAR *buffer, DWORD size, DWORD *length)
{
    struct shim_runtime *runtime;
    HRESULT hr;

    TRACE("%p, %lu, %p\n", buffer, size, length);
    if (!buffer || !length) return E_POINTER;
    if (FAILED(hr = current_runtime(&runtime))) return hr;
    return copy_text(shim_runtime_version(runtime), buffer, size, length);
}

static HRESULT current_directory(WCHAR directory[MAX_PATH])
{
    struct shim_runtime *runtime;
    DWORD length = MAX_PATH;
    HRESULT hr;

    if (FAILED(hr = current_runtime(&runtime))) return hr;
    return ICLRRuntimeInfo_GetRuntimeDirectory(runtime->info, directory, &length);
}

HRESULT WINAPI shim_GetCORSystemDirectory(WCHAR *buffer, DWORD size, DWORD *length)
{
    WCHAR directory[MAX_PATH];
    HRESULT hr;

    TRACE("%p, %lu, %p\n", buffer, size, length);
    if (!buffer || !length) return E_POINTER;
    if (FAILED(hr = current_directory(directory))) return hr;
    return copy_text(directory, buffer, size, length);
}

/* The directory that those of the versions are in. */
HRESULT WINAPI shim_GetCORRootDirectory(WCHAR *buffer, DWORD size, DWORD *length)
{
    WCHAR directory[MAX_PATH];
    HRESULT hr;

    TRACE("%p, %lu, %p\n", buffer, size, length);
    if (!buffer || !length) return E_POINTER;
    if (FAILED(hr = current_directory(directory))) return hr;
    directory[wcslen(directory) - 1] = 0;
    wcsrchr(directory, '\\')[1] = 0;
    return copy_text(directory, buffer, size, length);
}

/* What the program's own file asks for. */
HRESULT WINAPI shim_GetCORRequiredVersion(WCHAR *buffer, DWORD size, DWORD *length)
{
    WCHAR program[MAX_PATH], version[MAX_PATH];
    DWORD version_length = MAX_PATH;

    TRACE("%p, %lu, %p\n", buffer, size, length);
    if (!buffer || !length) return E_POINTER;
    if (!GetModuleFileNameW(NULL, program, MAX_PATH)) return HRESULT_FROM_WIN32(GetLastError());
    if (FAILED(ICLRMetaHost_GetVersionFromFile(shim_meta_host(), program, version, &version_length)))
        return shim_GetCORVersion(buffer, size, length);
    return copy_text(version, buffer, size, length);
}

HRESULT WINAPI shim_GetFileVersion(const WCHAR *path, WCHAR *buffer, DWORD size, DWORD *length)
{
    TRACE("%s, %p, %lu, %p\n", debugstr_w(path), buffer, size, length);

    if (!path || !length) return E_POINTER;
    *length = size;
    return ICLRMetaHost_GetVersionFromFile(shim_meta_host(), path, buffer, length);
}

/* Wine chooses, but writes to the buffers without looking whether they are there. */
HRESULT WINAPI shim_GetRequestedRuntimeInfo(const WCHAR *program, const WCHAR *wanted, const WCHAR *config, DWORD flags,
                                            DWORD info_flags, WCHAR *directory, DWORD directory_size,
                                            DWORD *directory_length, WCHAR *version, DWORD size, DWORD *length)
{
    WCHAR chosen_directory[MAX_PATH], chosen[MAX_PATH];
    DWORD unused, chosen_directory_length, chosen_length;
    HRESULT hr;

    TRACE("%s, %s, %s, %#lx, %#lx, %p, %lu, %p, %p, %lu, %p\n", debugstr_w(program), debugstr_w(wanted),
          debugstr_w(config), flags, info_flags, directory, directory_size, directory_length, version, size, length);
    hr = shim_stock_GetRequestedRuntimeInfo(program, wanted, config, flags, info_flags, chosen_directory, MAX_PATH,
                                            &chosen_directory_length, chosen, MAX_PATH, &chosen_length);
    if (FAILED(hr)) return hr;
    if (FAILED(hr = copy_text(chosen, version, size, length ? length : &unused))) return hr;
    if (info_flags & RUNTIME_INFO_DONT_RETURN_DIRECTORY) return S_OK;
    return copy_text(chosen_directory, directory, directory_size, directory_length ? directory_length : &unused);
}

HRESULT WINAPI shim_GetRequestedRuntimeVersion(WCHAR *program, WCHAR *version, DWORD size, DWORD *length)
{
    if (!length) return E_POINTER;
    return shim_GetRequestedRuntimeInfo(program, NULL, NULL, 0, RUNTIME_INFO_DONT_RETURN_DIRECTORY, NULL, 0, NULL,
                                        version, size, length);
}

/* What a class registered with mscoree.dll as its server says; else what is current. */
HRESULT WINAPI shim_GetRequestedRuntimeVersionForCLSID(REFCLSID clsid, WCHAR *version, DWORD size, DWORD *length,
                                                       DWORD flags)
{
    WCHAR key[80] = L"CLSID\\", registered[MAX_PATH];
    DWORD bytes = sizeof(registered);

    TRACE("%s, %p, %lu, %p, %#lx\n", debugstr_guid(clsid), version, size, length, flags);
    if (!clsid || !length) return E_POINTER;
    if (!StringFromGUID2(clsid, key + wcslen(key), 40)) return E_INVALIDARG;
    wcscat(key, L"\\InprocServer32");
    if (RegGetValueW(HKEY_CLASSES_ROOT, key, L"RuntimeVersion", RRF_RT_REG_SZ, NULL, registered, &bytes))
        return REGDB_E_CLASSNOTREG;
    return copy_text(registered, version, size, length);
}

HRESULT WINAPI shim_GetVersionFromProcess(HANDLE process, WCHAR *version, DWORD size, DWORD *length)
{
    struct shim_runtime *runtime = NULL;
    unsigned int i;
    BOOL loaded;

    TRACE("%p, %p, %lu, %p\n", process, version, size, length);
    if (!length) return E_POINTER;
    if (!version != !size) return E_INVALIDARG;
    for (i = SHIM_RUNTIMES; i--;)
    {
        if (!(runtime = shim_runtime_at(i))) continue;
        if (FAILED(shim_process_runtime_loaded(process, runtime, &loaded))) return E_INVALIDARG;
        if (loaded) return copy_text(shim_runtime_version(runtime), version, size, length);
    }
    return E_INVALIDARG;
}

HRESULT WINAPI shim_GetStartupFlags(DWORD *flags)
{
    struct shim_runtime *runtime;
    HRESULT hr;

    TRACE("%p\n", flags);
    if (!flags) return E_POINTER;
    if (SUCCEEDED(hr = current_runtime(&runtime))) *flags = shim_startup_flags(runtime);
    return hr;
}

HRESULT WINAPI shim_GetHostConfigurationFile(WCHAR *buffer, DWORD size, DWORD *length)
{
    struct shim_runtime *runtime;
    HRESULT hr;

    TRACE("%p, %lu, %p\n", buffer, size, length);
    if (!length) return E_POINTER;
    if (FAILED(hr = current_runtime(&runtime))) return hr;
    return copy_text(runtime->config ? runtime->config : L"", buffer, size, length);
}
