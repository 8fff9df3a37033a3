/*
 * Wine's mscoree in the process: its objects, its exports, and that it stays.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "framework.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

typedef HRESULT(WINAPI *create_instance)(REFCLSID, REFIID, void **);

static HMODULE mscoree;
static ICLRMetaHost *meta_host;

ICLRMetaHost *shim_meta_host(void)
{
    return meta_host;
}

void shim_replace_methods(void *object, const struct shim_method *methods, unsigned int count)
{
    char *table = *(char **)object;
    unsigned int i;

    if (*(void **)(table + methods[0].offset) == methods[0].replacement) return;
    for (i = 0; i < count; i++)
    {
        void **slot = (void **)(table + methods[i].offset);

        if (methods[i].original) *methods[i].original = *slot;
        if (!shim_write_pointer(slot, methods[i].replacement))
            ERR("method %Iu of %p could not be replaced\n", methods[i].offset / sizeof(void *), object);
    }
    TRACE("%p: %u methods replaced\n", object, count);
}

void shim_pin_mscoree(void)
{
    static LONG pinned;
    HMODULE module;

    if (InterlockedExchange(&pinned, TRUE)) return;
    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                            (const WCHAR *)mscoree, &module))
        WARN("%p could not be pinned\n", mscoree);
}

HRESULT shim_copy_text(const WCHAR *text, WCHAR *buffer, DWORD *length)
{
    DWORD size = wcslen(text) + 1, room;

    if (!length) return E_POINTER;
    room = *length;
    *length = size;
    if (!buffer) return S_OK;
    if (room < size) return HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER);
    memcpy(buffer, text, size * sizeof(WCHAR));
    return S_OK;
}

/* In Wine, CLRCreateInstance and GetRuntime only hand out static objects: nothing in them needs mscoree's DllMain to
 * have run, and neither loads a module. */
void shim_attach_mscoree(HMODULE module)
{
    create_instance create = (void *)GetProcAddress(module, "CLRCreateInstance");

    if (!create || FAILED(create(&CLSID_CLRMetaHost, &IID_ICLRMetaHost, (void **)&meta_host)))
    {
        ERR("no ICLRMetaHost in %p\n", module);
        return;
    }
    mscoree = module;
    shim_attach_runtime_infos(meta_host);
    shim_attach_meta_host(meta_host);
    shim_attach_meta_policy(create);
    shim_attach_exports(module);
}

void shim_detach_mscoree(void)
{
    mscoree = NULL;
    meta_host = NULL;
    shim_forget_runtimes();
}
