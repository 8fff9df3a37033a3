/*
 * ICLRMetaHostPolicy as the .NET Framework has it.
 *
 * Wine decides which runtime it is, but takes the wanted version from the parameter of the image's version,
 * and writes the result there.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "framework.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

#define POLICY_MASK 7 /* the policy; the bits above it are modifiers */

static HRESULT(STDMETHODCALLTYPE *real_GetRequestedRuntime)(ICLRMetaHostPolicy *, METAHOST_POLICY_FLAGS, LPCWSTR,
                                                            IStream *, LPWSTR, DWORD *, LPWSTR, DWORD *, DWORD *,
                                                            REFIID, void **);

static HRESULT WINAPI metapolicy_QueryInterface(ICLRMetaHostPolicy *iface, REFIID riid, void **out)
{
    TRACE("%p, %s, %p\n", iface, debugstr_guid(riid), out);

    if (!out) return E_POINTER;
    *out = NULL;
    if (!IsEqualGUID(riid, &IID_IUnknown) && !IsEqualGUID(riid, &IID_ICLRMetaHostPolicy)) return E_NOINTERFACE;
    *out = iface;
    ICLRMetaHostPolicy_AddRef(iface);
    shim_pin_mscoree();
    return S_OK;
}

/* The version that the file was built for; the chosen one where no file tells. */
static HRESULT image_version(const WCHAR *binary, METAHOST_POLICY_FLAGS flags, const WCHAR *chosen, WCHAR *version)
{
    DWORD length = MAX_PATH;
    WCHAR program[MAX_PATH];

    if (flags & METAHOST_POLICY_USE_PROCESS_IMAGE_PATH)
    {
        if (!GetModuleFileNameW(NULL, program, MAX_PATH)) return HRESULT_FROM_WIN32(GetLastError());
        binary = program;
    }
    if (!binary || FAILED(ICLRMetaHost_GetVersionFromFile(shim_meta_host(), binary, version, &length)))
        wcscpy(version, chosen);
    return S_OK;
}

static HRESULT choose(ICLRMetaHostPolicy *iface, METAHOST_POLICY_FLAGS flags, const WCHAR *binary, IStream *config,
                      const WCHAR *wanted, ICLRRuntimeInfo **info)
{
    WCHAR version[MAX_PATH];
    DWORD length = MAX_PATH;

    if (wanted && wcslen(wanted) >= MAX_PATH) return E_INVALIDARG;
    if (wanted) wcscpy(version, wanted);
    return real_GetRequestedRuntime(iface, flags, binary, config, NULL, NULL, wanted ? version : NULL,
                                    wanted ? &length : NULL, NULL, &IID_ICLRRuntimeInfo, (void **)info);
}

static HRESULT WINAPI metapolicy_GetRequestedRuntime(ICLRMetaHostPolicy *iface, METAHOST_POLICY_FLAGS flags,
                                                     const WCHAR *binary, IStream *config, WCHAR *version,
                                                     DWORD *version_length, WCHAR *image, DWORD *image_length,
                                                     DWORD *config_flags, REFIID riid, void **out)
{
    const WCHAR *wanted = version && *version ? version : NULL, *chosen;
    WCHAR text[MAX_PATH];
    ICLRRuntimeInfo *info;
    HRESULT hr;

    TRACE("%p, %#x, %s, %p, %s, %p, %p, %p, %p, %s, %p\n", iface, flags, debugstr_w(binary), config,
          debugstr_w(version), version_length, image, image_length, config_flags, debugstr_guid(riid), out);
    if (!out || (version && !version_length) || (image && !image_length)) return E_POINTER;
    *out = NULL;
    if (config_flags) *config_flags = 0; /* Wine does not tell whether the configuration has a legacy policy */
    if (flags & POLICY_MASK) return E_INVALIDARG;
    if (FAILED(hr = choose(iface, flags, binary, config, wanted, &info))) return hr;

    chosen = shim_runtime_version(shim_runtime_of_info(info));
    if (version_length && FAILED(hr = shim_copy_text(chosen, version, version_length))) return hr;
    if (FAILED(hr = image_version(binary, flags, chosen, text))) return hr;
    if (image_length && FAILED(hr = shim_copy_text(text, image, image_length))) return hr;
    hr = ICLRRuntimeInfo_QueryInterface(info, riid, out);
    TRACE("%p: %#lx, %s\n", iface, hr, debugstr_w(chosen));
    return hr;
}

static const struct shim_method policy_methods[] = {
    {offsetof(ICLRMetaHostPolicyVtbl, QueryInterface), metapolicy_QueryInterface, NULL},
    {offsetof(ICLRMetaHostPolicyVtbl, GetRequestedRuntime), metapolicy_GetRequestedRuntime,
     (void **)&real_GetRequestedRuntime},
};

void shim_attach_meta_policy(HRESULT(WINAPI *create_instance)(REFCLSID, REFIID, void **))
{
    ICLRMetaHostPolicy *policy;

    if (SUCCEEDED(create_instance(&CLSID_CLRMetaHostPolicy, &IID_ICLRMetaHostPolicy, (void **)&policy)))
        shim_replace_methods(policy, policy_methods, ARRAY_SIZE(policy_methods));
    else
        WARN("no ICLRMetaHostPolicy\n");
}
