/*
 * The DLL's table of results, from within: some of them no test can provoke from outside.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_test.h"
#include "../../dlls/clrmem/result.c"

static const struct
{
    enum hostmem_result result;
    HRESULT hr;
    DWORD error;
} expected_results[] = {
    {HOSTMEM_NOT_OWNED, (HRESULT)0x80131022, 487},       {HOSTMEM_INVALID_PARAMETER, (HRESULT)0x80070057, 87},
    {HOSTMEM_INVALID_ADDRESS, (HRESULT)0x800701e7, 487}, {HOSTMEM_ACCESS_DENIED, (HRESULT)0x80070005, 5},
    {HOSTMEM_NO_ACCESS, (HRESULT)0x800703e6, 998},       {HOSTMEM_BAD_LENGTH, (HRESULT)0x80070018, 24},
    {HOSTMEM_NO_MEMORY, (HRESULT)0x8007000e, 8},         {HOSTMEM_LIMIT, (HRESULT)0x8007000e, 1455},
    {HOSTMEM_HEAP_LIMIT, (HRESULT)0x8007000e, 1455},     {HOSTMEM_NOT_OWNER, (HRESULT)0x80131025, 288},
    {HOSTMEM_TIMEOUT, (HRESULT)0x80131024, 1460},        {HOSTMEM_ABANDONED, (HRESULT)0x80131026, 995},
    {HOSTMEM_UNAVAILABLE, (HRESULT)0x80131023, 21},      {HOSTMEM_BROKEN, (HRESULT)0x80004005, 1359},
    {HOSTMEM_RESULT_COUNT, (HRESULT)0x80004005, 1359}, /* no result at all */
};

START_TEST(result)
{
    unsigned int i;

    SetLastError(KEEP_ERROR);
    ok_hr(clrmem_result(HOSTMEM_OK), S_OK);
    ok_error(KEEP_ERROR);
    ok(ARRAY_SIZE(expected_results) == HOSTMEM_RESULT_COUNT, "a result without its test\n");
    for (i = 0; i < ARRAY_SIZE(expected_results); i++)
    {
        winetest_push_context("result %u", expected_results[i].result);
        SetLastError(KEEP_ERROR);
        ok_hr(clrmem_result(expected_results[i].result), expected_results[i].hr);
        ok_error(expected_results[i].error);
        winetest_pop_context();
    }
}
