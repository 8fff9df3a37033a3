/*
 * Puts the shim's methods and functions in place of Wine's as mscoree is loaded.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "framework.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

typedef HRESULT(WINAPI *create_instance)(REFCLSID, REFIID, void **);

/* In Wine, CLRCreateInstance and GetRuntime only hand out static objects: nothing in them needs mscoree's DllMain to
 * have run, and neither loads a module. */
void shim_attach_mscoree(HMODULE module)
{
    create_instance create = (void *)GetProcAddress(module, "CLRCreateInstance");
    ICLRMetaHost *meta_host;

    if (!create || FAILED(create(&CLSID_CLRMetaHost, &IID_ICLRMetaHost, (void **)&meta_host)))
    {
        ERR("no ICLRMetaHost in %p\n", module);
        return;
    }
    shim_set_mscoree(module, meta_host);
    shim_attach_runtime_infos(meta_host);
    shim_attach_meta_host(meta_host);
    shim_attach_meta_policy(create);
    shim_attach_exports(module);
}

void shim_detach_mscoree(void)
{
    shim_set_mscoree(NULL, NULL);
    shim_forget_runtimes();
}
