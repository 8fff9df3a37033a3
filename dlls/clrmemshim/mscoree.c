/*
 * Wine's mscoree in the process: its tables of methods, and that it stays.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "framework.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

static HMODULE mscoree;
static ICLRMetaHost *meta_host;

ICLRMetaHost *shim_meta_host(void)
{
    return meta_host;
}

/* A method that another thread has replaced meanwhile must not be taken for the original. */
static SRWLOCK replacing = SRWLOCK_INIT;

void shim_replace_methods(void *object, const struct shim_method *methods, unsigned int count)
{
    char *table = *(char **)object;
    unsigned int i;

    AcquireSRWLockExclusive(&replacing);
    if (*(void **)(table + methods[0].offset) == methods[0].replacement) count = 0;
    for (i = 0; i < count; i++)
    {
        void **slot = (void **)(table + methods[i].offset);

        if (methods[i].original) *methods[i].original = *slot;
        if (!shim_write_pointer(slot, methods[i].replacement))
            ERR("method %Iu of %p could not be replaced\n", methods[i].offset / sizeof(void *), object);
    }
    ReleaseSRWLockExclusive(&replacing);
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

void shim_set_mscoree(HMODULE module, ICLRMetaHost *object)
{
    mscoree = module;
    meta_host = object;
}
