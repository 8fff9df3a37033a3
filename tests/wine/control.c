/*
 * The flat export and IHostControl.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_test.h"

/* An object that counts its references, in place of an AppDomain manager. */
struct counted
{
    IUnknown IUnknown_iface;
    LONG ref;
};

static HRESULT WINAPI counted_QueryInterface(IUnknown *iface, REFIID riid, void **out)
{
    (void)iface;
    (void)riid;
    *out = NULL;
    return E_NOINTERFACE;
}

static ULONG WINAPI counted_AddRef(IUnknown *iface)
{
    return InterlockedIncrement(&CONTAINING_RECORD(iface, struct counted, IUnknown_iface)->ref);
}

static ULONG WINAPI counted_Release(IUnknown *iface)
{
    return InterlockedDecrement(&CONTAINING_RECORD(iface, struct counted, IUnknown_iface)->ref);
}

static const IUnknownVtbl counted_vtbl = {counted_QueryInterface, counted_AddRef, counted_Release};

static void test_create_arguments(void)
{
    void *out = (void *)0xdeadbeef;
    HRESULT hr;

    hr = clrmem.create_host_control(&IID_IHostControl, NULL);
    ok_hr(hr, E_POINTER);
    hr = clrmem.create_host_control(&IID_IClassFactory, NULL);
    ok_hr(hr, E_POINTER);

    hr = clrmem.create_host_control(&IID_IClassFactory, &out);
    ok_hr(hr, E_NOINTERFACE);
    ok(!out, "got %p\n", out);
    out = (void *)0xdeadbeef;
    hr = clrmem.create_host_control(&IID_IClrMemManager, &out);
    ok_hr(hr, E_NOINTERFACE);
    ok(!out, "got %p\n", out);
    out = (void *)0xdeadbeef;
    hr = clrmem.create_host_control(NULL, &out);
    ok_hr(hr, E_NOINTERFACE);
    ok(!out, "got %p\n", out);
}

/* Each supported interface has one reference, and nothing is leaked. */
static void test_create_interfaces(void)
{
    static const IID *const iids[] = {&IID_IHostControl, &IID_IHostMemoryManager, &IID_IUnknown};
    unsigned int i;
    IUnknown *unk;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(iids); i++)
    {
        winetest_push_context("%u", i);
        unk = NULL;
        hr = clrmem.create_host_control(iids[i], (void **)&unk);
        ok_hr(hr, S_OK);
        ok(unk && get_ref(unk) == 1, "got %p\n", unk);
        if (unk) ok(!IUnknown_Release(unk), "reference left\n");
        winetest_pop_context();
    }
    ok_hr(clrmem.can_unload_now(), S_OK);
}

/* IUnknown of a new control is the control's. */
static void test_create_unknown(void)
{
    IHostControl *control = NULL;
    IUnknown *unk;
    HRESULT hr;

    hr = clrmem.create_host_control(&IID_IUnknown, (void **)&unk);
    ok_hr(hr, S_OK);
    hr = IUnknown_QueryInterface(unk, &IID_IHostControl, (void **)&control);
    ok_hr(hr, S_OK);
    if (control) IHostControl_Release(control);
    IUnknown_Release(unk);
}

static void test_GetHostManager(void)
{
    IHostControl *control = create_control();
    IHostMemoryManager *manager = NULL, *again = NULL;
    HRESULT hr;

    hr = IHostControl_GetHostManager(control, &IID_IHostMemoryManager, (void **)&manager);
    ok_hr(hr, S_OK);
    ok(!!manager, "no manager\n");
    hr = IHostControl_GetHostManager(control, &IID_IHostMemoryManager, (void **)&again);
    ok_hr(hr, S_OK);
    ok(again == manager, "got %p, then %p\n", manager, again);
    ok(get_ref(manager) == 3, "got %lu\n", get_ref(manager));
    ok(IHostMemoryManager_Release(again) == 2, "wrong count\n");
    ok(IHostMemoryManager_Release(manager) == 1, "the control keeps one\n");
    ok(!IHostControl_Release(control), "reference left\n");
}

/* The managers that a CLR requests from its host, besides memory, and IIDs of no manager. */
static void test_GetHostManager_others(void)
{
    static const GUID others[] = {
        {0x997ff24c, 0x43b7, 0x4352, {0x86, 0x67, 0x0d, 0xc0, 0x4f, 0xaf, 0xd3, 0x54}}, /* task */
        {0x983d50e2, 0xcb15, 0x466b, {0x80, 0xfc, 0x84, 0x5d, 0xc6, 0xe8, 0xc5, 0xfd}}, /* thread pool */
        {0x8bde9d80, 0xec06, 0x41d6, {0x83, 0xe6, 0x22, 0x58, 0x0e, 0xff, 0xcc, 0x20}}, /* I/O completion */
        {0x234330c7, 0x5f10, 0x4f20, {0x96, 0x15, 0x51, 0x22, 0xda, 0xb7, 0xa0, 0xac}}, /* synchronization */
        {0x613dabd7, 0x62b2, 0x493e, {0x9e, 0x65, 0xc1, 0xe3, 0x2a, 0x1e, 0x0c, 0x5e}}, /* assembly */
        {0x5d4ec34e, 0xf248, 0x457b, {0xb6, 0x03, 0x25, 0x5f, 0xaa, 0xba, 0x0d, 0x21}}, /* garbage collection */
        {0x75ad2468, 0xa349, 0x4d02, {0xa7, 0x64, 0x76, 0xa6, 0x8a, 0xee, 0x0c, 0x4f}}, /* security */
        {0x7ae49844, 0xb1e3, 0x4683, {0xba, 0x7c, 0x1e, 0x82, 0x12, 0xea, 0x3b, 0x79}}, /* policy */
        {0x02ca073c, 0x7079, 0x4860, {0x88, 0x0a, 0xc2, 0xf7, 0xa4, 0x49, 0xc9, 0x91}}, /* IHostControl */
        {0x00000000, 0x0000, 0x0000, {0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x46}}, /* IUnknown */
    };
    IHostControl *control = create_control();
    unsigned int i;
    HRESULT hr;
    void *out;

    for (i = 0; i < ARRAY_SIZE(others); i++)
    {
        winetest_push_context("%s", wine_dbgstr_guid(&others[i]));
        out = (void *)0xdeadbeef;
        hr = IHostControl_GetHostManager(control, &others[i], &out);
        ok_hr(hr, E_NOINTERFACE);
        ok(!out, "got %p\n", out);
        winetest_pop_context();
    }
    ok_hr(IHostControl_GetHostManager(control, &IID_IHostMemoryManager, NULL), E_POINTER);
    ok_hr(IHostControl_GetHostManager(control, &others[0], NULL), E_POINTER);
    IHostControl_Release(control);
}

static void test_own_managers(void)
{
    IHostControl *first = create_control(), *second = create_control();
    IHostMemoryManager *first_manager, *second_manager;

    ok(first != second, "one control for two\n");
    IHostControl_GetHostManager(first, &IID_IHostMemoryManager, (void **)&first_manager);
    IHostControl_GetHostManager(second, &IID_IHostMemoryManager, (void **)&second_manager);
    ok(first_manager != second_manager, "one manager for two controls\n");
    IHostMemoryManager_Release(first_manager);
    IHostMemoryManager_Release(second_manager);
    IHostControl_Release(first);
    IHostControl_Release(second);
}

static void test_SetAppDomainManager(void)
{
    struct counted first = {{&counted_vtbl}, 1}, second = {{&counted_vtbl}, 1};
    IHostControl *control = create_control();

    ok_hr(IHostControl_SetAppDomainManager(control, 1, NULL), E_INVALIDARG);
    ok_hr(IHostControl_SetAppDomainManager(control, 1, &first.IUnknown_iface), S_OK);
    ok(first.ref == 2, "got %ld\n", first.ref);
    ok_hr(IHostControl_SetAppDomainManager(control, 1, NULL), E_INVALIDARG);
    ok(first.ref == 2, "got %ld\n", first.ref);
    ok_hr(IHostControl_SetAppDomainManager(control, 2, &second.IUnknown_iface), S_OK);
    ok(first.ref == 1 && second.ref == 2, "got %ld, %ld\n", first.ref, second.ref);
    ok_hr(IHostControl_SetAppDomainManager(control, 2, &second.IUnknown_iface), S_OK);
    ok(second.ref == 2, "got %ld\n", second.ref);
    IHostControl_Release(control);
    ok(first.ref == 1 && second.ref == 1, "got %ld, %ld\n", first.ref, second.ref);
}

START_TEST(control)
{
    if (!load_clrmem()) return;
    test_create_arguments();
    test_create_interfaces();
    test_create_unknown();
    test_GetHostManager();
    test_GetHostManager_others();
    test_own_managers();
    test_SetAppDomainManager();
    ok_hr(clrmem.can_unload_now(), S_OK);
}
