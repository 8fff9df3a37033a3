/*
 * The class by COM, as a script or a host without our header would get it, and the DLL from the system directory,
 * though the program itself may lie beside one.
 *
 * The DLL has to be registered. With CLRMEM_TEST_UNREGISTERED=1 in the environment the opposite is tested: that neither
 * its name nor its class leads to it, as after `clrmem uninstall`.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_test.h"

static BOOL expect_unregistered(void)
{
    char value[4];

    return GetEnvironmentVariableA("CLRMEM_TEST_UNREGISTERED", value, sizeof(value)) == 1 && value[0] == '1';
}

static void test_unregistered(void)
{
    void *out = (void *)0xdeadbeef;
    HMODULE module;
    CLSID clsid;
    HRESULT hr;

    SetLastError(KEEP_ERROR);
    module = LoadLibraryA("clrmem.dll");
    ok(!module, "clrmem.dll is still found\n");
    ok_error(ERROR_MOD_NOT_FOUND);
    hr = CoCreateInstance(&CLSID_ClrMemHostControl, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown, &out);
    ok_hr(hr, REGDB_E_CLASSNOTREG);
    ok(!out, "got %p\n", out);
    ok_hr(CLSIDFromProgID(L"ClrMem.HostControl.1", &clsid), CO_E_CLASSSTRING);
    ok_hr(CLSIDFromProgID(L"ClrMem.HostControl", &clsid), CO_E_CLASSSTRING);
}

static void test_CoCreateInstance(void)
{
    static const IID *const iids[] = {&IID_IHostControl, &IID_IHostMemoryManager, &IID_IUnknown};
    unsigned int i;
    IUnknown *unk;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(iids); i++)
    {
        winetest_push_context("%u", i);
        unk = NULL;
        hr = CoCreateInstance(&CLSID_ClrMemHostControl, NULL, CLSCTX_INPROC_SERVER, iids[i], (void **)&unk);
        ok_hr(hr, S_OK);
        ok(!!unk, "no object\n");
        if (unk) ok(!IUnknown_Release(unk), "reference left\n");
        winetest_pop_context();
    }
}

static void test_refusals(void)
{
    IUnknown *outer = NULL;
    void *out = (void *)0xdeadbeef;
    HRESULT hr;

    hr = CoCreateInstance(&CLSID_ClrMemHostControl, NULL, CLSCTX_INPROC_SERVER, &IID_IClassFactory, &out);
    ok_hr(hr, E_NOINTERFACE);
    ok(!out, "got %p\n", out);

    CoCreateInstance(&CLSID_ClrMemHostControl, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown, (void **)&outer);
    if (!outer) return;
    out = (void *)0xdeadbeef;
    hr = CoCreateInstance(&CLSID_ClrMemHostControl, outer, CLSCTX_INPROC_SERVER, &IID_IUnknown, &out);
    ok_hr(hr, CLASS_E_NOAGGREGATION);
    ok(!out, "got %p\n", out);
    IUnknown_Release(outer);
}

/* The object of a class got by COM does what the one of the flat export does. */
static void test_use(void)
{
    IHostMemoryManager *manager = NULL;
    void *memory = NULL;
    HRESULT hr;

    hr = CoCreateInstance(&CLSID_ClrMemHostControl, NULL, CLSCTX_INPROC_SERVER, &IID_IHostMemoryManager,
                          (void **)&manager);
    ok_hr(hr, S_OK);
    if (!manager) return;
    hr = IHostMemoryManager_VirtualAlloc(manager, NULL, GRANULE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE,
                                         eTaskCritical, &memory);
    ok_hr(hr, S_OK);
    fill_pattern(memory, GRANULE, 1);
    ok_hr(IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE), S_OK);
    ok_hr(IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE), HOST_E_INVALIDOPERATION);
    IHostMemoryManager_Release(manager);
}

static void test_progids(void)
{
    static const WCHAR *const names[] = {L"ClrMem.HostControl.1", L"ClrMem.HostControl"};
    unsigned int i;
    CLSID clsid;

    for (i = 0; i < ARRAY_SIZE(names); i++)
    {
        memset(&clsid, 0, sizeof(clsid));
        ok_hr(CLSIDFromProgID(names[i], &clsid), S_OK);
        ok(IsEqualCLSID(&clsid, &CLSID_ClrMemHostControl), "got %s\n", wine_dbgstr_guid(&clsid));
    }
}

static void test_registered(DWORD apartment)
{
    winetest_push_context("apartment %lu", apartment);
    ok_hr(CoInitializeEx(NULL, apartment), S_OK);
    test_CoCreateInstance();
    test_refusals();
    test_use();
    test_progids();
    CoUninitialize();
    winetest_pop_context();
}

START_TEST(com)
{
    ok(SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32), "error %lu\n", GetLastError());
    if (expect_unregistered())
    {
        CoInitialize(NULL);
        test_unregistered();
        CoUninitialize();
        return;
    }
    if (!load_clrmem()) return;
    test_registered(COINIT_APARTMENTTHREADED);
    test_registered(COINIT_MULTITHREADED);
    ok_hr(clrmem.can_unload_now(), S_OK);
}
