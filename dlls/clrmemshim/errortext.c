/*
 * Messages for the HRESULTs of the runtime.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "framework.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

/* Windows has no text for the facility of the runtime, nor has Wine's mscoree. */
static const struct
{
    HRESULT hr;
    const WCHAR *text;
} texts[] = {
    {COR_E_APPDOMAINUNLOADED, L"The application domain has been unloaded."},
    {COR_E_ASSEMBLYEXPECTED, L"The file has to be an assembly, but has no manifest."},
    {COR_E_BADIMAGEFORMAT, L"The file is not a valid assembly for this runtime."},
    {COR_E_CANNOTUNLOADAPPDOMAIN, L"The application domain could not be unloaded."},
    {COR_E_ENTRYPOINTNOTFOUND, L"The entry point was not found."},
    {COR_E_EXCEPTION, L"An exception was thrown."},
    {COR_E_EXECUTIONENGINE, L"An internal error occurred in the runtime."},
    {COR_E_FIELDACCESS, L"The field cannot be accessed from there."},
    {COR_E_INVALIDOPERATION, L"The operation is not valid in the present state of the object."},
    {COR_E_METHODACCESS, L"The method cannot be accessed from there."},
    {COR_E_MISSINGFIELD, L"The field was not found."},
    {COR_E_MISSINGMEMBER, L"The member was not found."},
    {COR_E_MISSINGMETHOD, L"The method was not found."},
    {COR_E_NEWER_RUNTIME, L"The assembly was built for a newer runtime than the loaded one."},
    {COR_E_NOTSUPPORTED, L"The operation is not supported."},
    {COR_E_SECURITY, L"A security check failed."},
    {COR_E_THREADINTERRUPTED, L"The thread was interrupted while it waited."},
    {COR_E_TYPEINITIALIZATION, L"The initializer of a type threw an exception."},
    {COR_E_TYPELOAD, L"The type could not be loaded."},
    {COR_E_TYPEUNLOADED, L"The type has been unloaded."},
    {COR_E_VERIFICATION, L"The code could not be verified."},
    {CLR_E_SHIM_RUNTIMELOAD, L"The runtime could not be loaded."},
    {CLR_E_SHIM_RUNTIMEEXPORT, L"The runtime does not export the function."},
    {CLR_E_SHIM_INSTALLROOT, L"The directory of the installed runtimes is not known."},
    {CLR_E_SHIM_INSTALLCOMP, L"A component of the runtime is not installed."},
    {CLR_E_SHIM_LEGACYRUNTIMEALREADYBOUND, L"Another runtime is bound to the legacy activation policy."},
    {CLR_E_SHIM_SHUTDOWNINPROGRESS, L"The runtime is shutting down."},
    {HOST_E_CLRNOTAVAILABLE, L"The runtime is not loaded, or cannot run managed code."},
    {HOST_E_DEADLOCK, L"The host found that the wait would never end."},
    {HOST_E_INTERRUPTED, L"The host interrupted the wait."},
    {HOST_E_INVALIDOPERATION, L"The host does not allow the operation now."},
    {HOST_E_TIMEOUT, L"The wait in the host timed out."},
    {HOST_E_NOT_OWNER, L"The caller does not own the lock."},
    {HOST_E_ABANDONED, L"What the thread waited for was abandoned."},
};

static HRESULT system_text(HRESULT hr, WCHAR *buffer, DWORD size, LONG locale)
{
    const DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS;
    DWORD id = HRESULT_FACILITY(hr) == FACILITY_WIN32 ? (DWORD)HRESULT_CODE(hr) : (DWORD)hr;
    DWORD length = FormatMessageW(flags, NULL, id, locale == -1 ? 0 : LANGIDFROMLCID(locale), buffer, size, NULL);

    if (!length) length = FormatMessageW(flags, NULL, id, 0, buffer, size, NULL);
    if (!length) return HRESULT_FROM_WIN32(GetLastError());
    while (length && buffer[length - 1] <= ' ') buffer[--length] = 0;
    return S_OK;
}

HRESULT shim_load_error_text(UINT id, WCHAR *buffer, DWORD *length, LONG locale)
{
    WCHAR text[512];
    unsigned int i;
    HRESULT hr;

    if (!length) return E_POINTER;
    for (i = 0; i < ARRAY_SIZE(texts); i++)
    {
        if (texts[i].hr == (HRESULT)id) return shim_copy_text(texts[i].text, buffer, length);
    }
    if (FAILED(hr = system_text(id, text, ARRAY_SIZE(text), locale))) return hr;
    return shim_copy_text(text, buffer, length);
}
