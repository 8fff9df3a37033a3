/*
 * A program that shows what there is of runtimes: installed, loaded, started; their versions, directories, flags,
 * messages and modules. Before a runtime is loaded, loaded, and started.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include "host.h"
#include <metahost.h>
#include <mscoree.h>

static ICLRMetaHost *meta_host;

/* The part that is the same in every prefix and for both architectures. */
static const WCHAR *tail(const WCHAR *path)
{
    const WCHAR *found = wcsstr(path, L"Microsoft.NET\\Framework");

    return found ? found : path;
}

static void show_versions(const char *what, HRESULT hr, IEnumUnknown **list)
{
    IUnknown *item;
    ULONG fetched;

    printf("%s: 0x%08lx", what, (unsigned long)hr);
    while (SUCCEEDED(hr) && IEnumUnknown_Next(*list, 1, &item, &fetched) == S_OK)
    {
        WCHAR version[32];
        DWORD length = ARRAYSIZE(version);

        ICLRRuntimeInfo_GetVersionString((ICLRRuntimeInfo *)item, version, &length);
        printf(" %ls", version);
        IUnknown_Release(item);
    }
    puts("");
}

static void show_enumerator(IEnumUnknown *list)
{
    IEnumUnknown *copy;
    IUnknown *items[8];
    ULONG fetched = 99;

    IEnumUnknown_Reset(list);
    show("Skip(3)", IEnumUnknown_Skip(list, 3));
    show("Clone", IEnumUnknown_Clone(list, &copy));
    show_value("Next(8)", IEnumUnknown_Next(list, 8, items, &fetched), &fetched);
    show_value("Next(8) at the end", IEnumUnknown_Next(list, 8, items, &fetched), &fetched);
    show("Skip(1) at the end", IEnumUnknown_Skip(list, 1));
    show_value("Next(8) of the clone", IEnumUnknown_Next(copy, 8, items, &fetched), &fetched);
    printf("references: %lu\n", IEnumUnknown_Release(copy));
}

static void show_lists(void)
{
    IEnumUnknown *list = NULL;
    HRESULT hr;

    show_versions("installed", hr = ICLRMetaHost_EnumerateInstalledRuntimes(meta_host, &list), &list);
    if (SUCCEEDED(hr)) IEnumUnknown_Release(list);
    list = NULL;
    show_versions("loaded", hr = ICLRMetaHost_EnumerateLoadedRuntimes(meta_host, GetCurrentProcess(), &list), &list);
    if (SUCCEEDED(hr)) IEnumUnknown_Release(list);
}

static void show_state(const WCHAR *version)
{
    BOOL loaded = 9, loadable = 9, started = 9;
    DWORD flags = 99, length = 99;
    ICLRRuntimeInfo *info;
    HRESULT hr;

    if (FAILED(ICLRMetaHost_GetRuntime(meta_host, version, &IID_ICLRRuntimeInfo, (void **)&info))) return;
    printf("--- %ls\n", version);
    show_value("IsLoaded", ICLRRuntimeInfo_IsLoaded(info, GetCurrentProcess(), &loaded), &loaded);
    show_value("IsLoadable", ICLRRuntimeInfo_IsLoadable(info, &loadable), &loadable);
    hr = ICLRRuntimeInfo_IsStarted(info, &started, &flags);
    show_value("IsStarted", hr, &started);
    if (SUCCEEDED(hr) && started) printf("flags of the start: %#lx\n", flags);
    hr = ICLRRuntimeInfo_GetDefaultStartupFlags(info, &flags, NULL, &length);
    show_value("GetDefaultStartupFlags", hr, &flags);
    ICLRRuntimeInfo_Release(info);
}

static void show_all(const char *when)
{
    printf("=== %s\n", when);
    show_lists();
    show_state(L"v2.0.50727");
    show_state(L"v4.0.30319");
}

static void show_texts(ICLRRuntimeInfo *info)
{
    WCHAR buffer[MAX_PATH];
    DWORD length = 99;

    show_value("GetVersionString(NULL)", ICLRRuntimeInfo_GetVersionString(info, NULL, &length), &length);
    length = 10;
    show_value("GetVersionString, 10 characters", ICLRRuntimeInfo_GetVersionString(info, buffer, &length), &length);
    printf("needed: %lu\n", length);
    show_value("GetVersionString, 11 characters", ICLRRuntimeInfo_GetVersionString(info, buffer, &length), &length);
    length = 3;
    show("GetRuntimeDirectory, 3 characters", ICLRRuntimeInfo_GetRuntimeDirectory(info, buffer, &length));
    if (SUCCEEDED(show("GetRuntimeDirectory", ICLRRuntimeInfo_GetRuntimeDirectory(info, buffer, &length))))
        printf("%s %d\n", wcsstr(tail(buffer), L"\\v4.0.30319\\") ? "of the version" : "of another version",
               wcslen(buffer) + 1 == length);
    length = MAX_PATH;
    if (SUCCEEDED(
            show("GetVersionFromFile", ICLRMetaHost_GetVersionFromFile(meta_host, hosted_assembly(), buffer, &length))))
        printf("%ls %lu\n", buffer, length);
    length = 2;
    show("GetVersionFromFile, 2 characters",
         ICLRMetaHost_GetVersionFromFile(meta_host, hosted_assembly(), buffer, &length));
    printf("needed: %lu\n", length);
}

static void show_error_text(ICLRRuntimeInfo *info, const char *what, HRESULT hr)
{
    WCHAR buffer[512] = L"?";
    DWORD length = ARRAYSIZE(buffer), needed = 0;

    hr = ICLRRuntimeInfo_LoadErrorString(info, hr, buffer, &length, -1);
    printf("LoadErrorString(%s): 0x%08lx %s\n", what, (unsigned long)hr,
           SUCCEEDED(hr) && wcslen(buffer) > 5 && wcslen(buffer) + 1 == length ? "a message" : "none");
    if (FAILED(hr)) return;
    hr = ICLRRuntimeInfo_LoadErrorString(info, E_FAIL, NULL, &needed, -1);
    if (FAILED(hr) || !needed) printf("size of a message: 0x%08lx\n", (unsigned long)hr);
}

static void show_modules(ICLRRuntimeInfo *info)
{
    HMODULE module = NULL;
    void *function = NULL;

    show("LoadLibrary(fusion.dll)", ICLRRuntimeInfo_LoadLibrary(info, L"fusion.dll", &module));
    printf("CreateAssemblyCache: %s\n", module && GetProcAddress(module, "CreateAssemblyCache") ? "there" : "missing");
    show("GetProcAddress(CorExitProcess)", ICLRRuntimeInfo_GetProcAddress(info, "CorExitProcess", &function));
    show("GetProcAddress(CreateAssemblyCache)", ICLRRuntimeInfo_GetProcAddress(info, "CreateAssemblyCache", &function));
}

static void show_policy(void)
{
    WCHAR version[32] = L"v4.0.30319", image[32];
    DWORD length = ARRAYSIZE(version), image_length = ARRAYSIZE(image), config_flags = 99;
    ICLRMetaHostPolicy *policy;
    ICLRRuntimeInfo *info;
    HRESULT hr;

    if (FAILED(CLRCreateInstance(&CLSID_CLRMetaHostPolicy, &IID_ICLRMetaHostPolicy, (void **)&policy))) return;
    hr = ICLRMetaHostPolicy_GetRequestedRuntime(policy, METAHOST_POLICY_HIGHCOMPAT, hosted_assembly(), NULL, version,
                                                &length, image, &image_length, &config_flags, &IID_ICLRRuntimeInfo,
                                                (void **)&info);
    if (SUCCEEDED(show("GetRequestedRuntime", hr)))
        printf("version %ls %lu, image %ls %lu, flags %lu\n", version, length, image, image_length, config_flags);
    version[0] = 0;
    length = 0;
    hr = ICLRMetaHostPolicy_GetRequestedRuntime(policy, METAHOST_POLICY_HIGHCOMPAT, hosted_assembly(), NULL, NULL,
                                                &length, NULL, NULL, NULL, &IID_ICLRRuntimeInfo, (void **)&info);
    show_value("GetRequestedRuntime by the file", hr, &length);
    length = 4;
    hr = ICLRMetaHostPolicy_GetRequestedRuntime(policy, METAHOST_POLICY_HIGHCOMPAT, hosted_assembly(), NULL, version,
                                                &length, NULL, NULL, NULL, &IID_ICLRRuntimeInfo, (void **)&info);
    show("GetRequestedRuntime, 4 characters", hr);
    hr = ICLRMetaHostPolicy_GetRequestedRuntime(policy, METAHOST_POLICY_HIGHCOMPAT, hosted_assembly(), NULL, version,
                                                NULL, NULL, NULL, NULL, &IID_ICLRRuntimeInfo, (void **)&info);
    show("GetRequestedRuntime, no length", hr);
    hr = ICLRMetaHostPolicy_GetRequestedRuntime(policy, 1, hosted_assembly(), NULL, NULL, NULL, NULL, NULL, NULL,
                                                &IID_ICLRRuntimeInfo, (void **)&info);
    show("GetRequestedRuntime, no such policy", hr);
}

static void show_legacy(ICLRRuntimeInfo *newer, ICLRRuntimeInfo *older)
{
    ICLRRuntimeHost *host;
    ICLRRuntimeInfo *bound = (void *)1;
    BOOL loadable = 9;

    show("QueryLegacyV2RuntimeBinding",
         ICLRMetaHost_QueryLegacyV2RuntimeBinding(meta_host, &IID_ICLRRuntimeInfo, (void **)&bound));
    printf("bound: %s\n", bound ? "something" : "nothing");
    show("BindAsLegacyV2Runtime", ICLRRuntimeInfo_BindAsLegacyV2Runtime(newer));
    show("BindAsLegacyV2Runtime again", ICLRRuntimeInfo_BindAsLegacyV2Runtime(newer));
    show("BindAsLegacyV2Runtime of another", ICLRRuntimeInfo_BindAsLegacyV2Runtime(older));
    show("QueryLegacyV2RuntimeBinding",
         ICLRMetaHost_QueryLegacyV2RuntimeBinding(meta_host, &IID_ICLRRuntimeInfo, (void **)&bound));
    printf("bound: %s\n", bound == newer ? "version 4" : "something else");
    show("QueryLegacyV2RuntimeBinding of another interface",
         ICLRMetaHost_QueryLegacyV2RuntimeBinding(meta_host, &IID_ICLRMetaHost, (void **)&bound));
    show_value("IsLoadable of the other", ICLRRuntimeInfo_IsLoadable(older, &loadable), &loadable);
    show("GetInterface of the other",
         ICLRRuntimeInfo_GetInterface(older, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)&host));
}

int main(void)
{
    ICLRRuntimeInfo *info, *older;
    IEnumUnknown *list;
    ICLRRuntimeHost *host;
    WCHAR config[MAX_PATH];
    DWORD flags, length = MAX_PATH;

    if (FAILED(CLRCreateInstance(&CLSID_CLRMetaHost, &IID_ICLRMetaHost, (void **)&meta_host)) ||
        FAILED(ICLRMetaHost_GetRuntime(meta_host, L"v4.0.30319", &IID_ICLRRuntimeInfo, (void **)&info)) ||
        FAILED(ICLRMetaHost_GetRuntime(meta_host, L"v2.0.50727", &IID_ICLRRuntimeInfo, (void **)&older)))
        return 1;
    show_all("nothing loaded");
    if (SUCCEEDED(ICLRMetaHost_EnumerateInstalledRuntimes(meta_host, &list))) show_enumerator(list);
    show_texts(info);
    show_error_text(info, "a result of the runtime", 0x80131522);
    show_error_text(info, "a result of Windows", HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    show_error_text(info, "no result", 0x8013ffff);
    show_modules(info);
    show_policy();

    show("SetDefaultStartupFlags", ICLRRuntimeInfo_SetDefaultStartupFlags(info, 0x1001, L"C:\\host.config"));
    show_value("GetDefaultStartupFlags", ICLRRuntimeInfo_GetDefaultStartupFlags(info, &flags, config, &length), &flags);
    printf("%ls %lu\n", config, length);
    if (FAILED(ICLRRuntimeInfo_GetInterface(info, &CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost, (void **)&host)))
        return 1;
    show_all("loaded");
    show("Start", ICLRRuntimeHost_Start(host));
    show_all("started");
    show("SetDefaultStartupFlags", ICLRRuntimeInfo_SetDefaultStartupFlags(info, 0, NULL));
    show_legacy(info, older);
    return 0;
}
