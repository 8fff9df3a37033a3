/*
 * The table of results: the core's, with the HRESULT and the Win32 error of each.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_private.h"
#include <corerror.h>
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

#define WIN32_RESULT(error) MAKE_HRESULT(SEVERITY_ERROR, FACILITY_WIN32, error), error

static const struct
{
    HRESULT hr;
    DWORD last_error;
} results[] = {
    [HOSTMEM_OK] = {S_OK, ERROR_SUCCESS},
    [HOSTMEM_NOT_OWNED] = {HOST_E_INVALIDOPERATION, ERROR_INVALID_ADDRESS},
    [HOSTMEM_INVALID_PARAMETER] = {WIN32_RESULT(ERROR_INVALID_PARAMETER)},
    [HOSTMEM_INVALID_ADDRESS] = {WIN32_RESULT(ERROR_INVALID_ADDRESS)},
    [HOSTMEM_ACCESS_DENIED] = {WIN32_RESULT(ERROR_ACCESS_DENIED)},
    [HOSTMEM_NO_ACCESS] = {WIN32_RESULT(ERROR_NOACCESS)},
    [HOSTMEM_BAD_LENGTH] = {WIN32_RESULT(ERROR_BAD_LENGTH)},
    [HOSTMEM_NO_MEMORY] = {E_OUTOFMEMORY, ERROR_NOT_ENOUGH_MEMORY},
    [HOSTMEM_LIMIT] = {E_OUTOFMEMORY, ERROR_COMMITMENT_LIMIT},
    [HOSTMEM_HEAP_LIMIT] = {E_OUTOFMEMORY, ERROR_COMMITMENT_LIMIT},
    [HOSTMEM_NOT_OWNER] = {HOST_E_NOT_OWNER, ERROR_NOT_OWNER},
    [HOSTMEM_TIMEOUT] = {HOST_E_TIMEOUT, ERROR_TIMEOUT},
    [HOSTMEM_ABANDONED] = {HOST_E_ABANDONED, ERROR_OPERATION_ABORTED},
    [HOSTMEM_UNAVAILABLE] = {HOST_E_CLRNOTAVAILABLE, ERROR_NOT_READY},
    [HOSTMEM_BROKEN] = {E_FAIL, ERROR_INTERNAL_ERROR},
};

C_ASSERT(ARRAYSIZE(results) == HOSTMEM_RESULT_COUNT);

HRESULT clrmem_result(enum hostmem_result result)
{
    unsigned int index = result < HOSTMEM_RESULT_COUNT ? result : HOSTMEM_BROKEN;

    if (index == HOSTMEM_OK) return S_OK;
    if (index == HOSTMEM_BROKEN)
        WINE_ERR("the manager's own records contradict themselves: it serves no further call\n");
    SetLastError(results[index].last_error);
    return results[index].hr;
}
