/*
 * The class factory, and what keeps the DLL loaded. Nothing here needs the class to be registered.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_test.h"

static IClassFactory *get_factory(void)
{
    IClassFactory *factory = NULL;
    HRESULT hr = clrmem.get_class_object(&CLSID_ClrMemHostControl, &IID_IClassFactory, (void **)&factory);

    ok_hr(hr, S_OK);
    ok(!!factory, "no factory\n");
    if (!factory) ExitProcess(1);
    return factory;
}

static void test_DllGetClassObject(void)
{
    void *out = (void *)0xdeadbeef;
    IUnknown *unk = NULL;

    ok_hr(clrmem.get_class_object(&CLSID_ClrMemHostControl, &IID_IClassFactory, NULL), E_POINTER);
    ok_hr(clrmem.get_class_object(&IID_IUnknown, &IID_IClassFactory, &out), CLASS_E_CLASSNOTAVAILABLE);
    ok(!out, "got %p\n", out);
    out = (void *)0xdeadbeef;
    ok_hr(clrmem.get_class_object(&CLSID_ClrMemHostControl, &IID_IHostControl, &out), E_NOINTERFACE);
    ok(!out, "got %p\n", out);
    out = (void *)0xdeadbeef;
    ok_hr(clrmem.get_class_object(&CLSID_ClrMemHostControl, NULL, &out), E_INVALIDARG);
    ok(!out, "got %p\n", out);
    out = (void *)0xdeadbeef;
    ok_hr(clrmem.get_class_object(NULL, &IID_IUnknown, &out), E_INVALIDARG);
    ok(!out, "got %p\n", out);
    ok_hr(clrmem.get_class_object(NULL, NULL, NULL), E_POINTER);
    ok_hr(clrmem.get_class_object(&CLSID_ClrMemHostControl, &IID_IUnknown, (void **)&unk), S_OK);
    ok(!!unk, "no factory\n");
    if (unk) IUnknown_Release(unk);
}

static void test_factory_identity(void)
{
    IClassFactory *factory = get_factory(), *again = get_factory();
    IUnknown *unk = NULL;
    void *out = (void *)0xdeadbeef;

    ok(factory == again, "got %p, then %p\n", factory, again);
    ok_hr(IClassFactory_QueryInterface(factory, &IID_IUnknown, (void **)&unk), S_OK);
    ok((void *)unk == (void *)factory, "got %p and %p\n", unk, factory);
    IUnknown_Release(unk);
    ok_hr(IClassFactory_QueryInterface(factory, &IID_IHostControl, &out), E_NOINTERFACE);
    ok(!out, "got %p\n", out);
    ok_hr(IClassFactory_QueryInterface(factory, &IID_IUnknown, NULL), E_POINTER);
    out = (void *)0xdeadbeef;
    ok_hr(IClassFactory_QueryInterface(factory, NULL, &out), E_INVALIDARG);
    ok(!out, "got %p\n", out);
    ok_hr(IClassFactory_QueryInterface(factory, NULL, NULL), E_POINTER);
    IClassFactory_Release(again);
    IClassFactory_Release(factory);
}

static void test_CreateInstance(void)
{
    static const IID *const iids[] = {&IID_IHostControl, &IID_IHostMemoryManager, &IID_IUnknown};
    IClassFactory *factory = get_factory();
    unsigned int i;
    IUnknown *unk;

    for (i = 0; i < ARRAY_SIZE(iids); i++)
    {
        winetest_push_context("%u", i);
        unk = NULL;
        ok_hr(IClassFactory_CreateInstance(factory, NULL, iids[i], (void **)&unk), S_OK);
        ok(!!unk, "no object\n");
        if (unk) ok(!IUnknown_Release(unk), "reference left\n");
        winetest_pop_context();
    }
    IClassFactory_Release(factory);
}

static void test_CreateInstance_refusals(void)
{
    IClassFactory *factory = get_factory();
    IUnknown *outer = (IUnknown *)factory;
    void *out = (void *)0xdeadbeef;

    ok_hr(IClassFactory_CreateInstance(factory, NULL, &IID_IHostControl, NULL), E_POINTER);
    ok_hr(IClassFactory_CreateInstance(factory, outer, &IID_IUnknown, &out), CLASS_E_NOAGGREGATION);
    ok(!out, "got %p\n", out);
    out = (void *)0xdeadbeef;
    ok_hr(IClassFactory_CreateInstance(factory, outer, &IID_IHostControl, &out), CLASS_E_NOAGGREGATION);
    ok(!out, "got %p\n", out);
    out = (void *)0xdeadbeef;
    ok_hr(IClassFactory_CreateInstance(factory, NULL, &IID_IClassFactory, &out), E_NOINTERFACE);
    ok(!out, "got %p\n", out);
    out = (void *)0xdeadbeef;
    ok_hr(IClassFactory_CreateInstance(factory, NULL, NULL, &out), E_INVALIDARG);
    ok(!out, "got %p\n", out);
    out = (void *)0xdeadbeef;
    ok_hr(IClassFactory_CreateInstance(factory, outer, NULL, &out), CLASS_E_NOAGGREGATION);
    ok(!out, "got %p\n", out);
    ok_hr(IClassFactory_CreateInstance(factory, NULL, NULL, NULL), E_POINTER);
    IClassFactory_Release(factory);
    ok_hr(clrmem.can_unload_now(), S_OK);
}

static void test_DllCanUnloadNow(void)
{
    IClassFactory *factory;

    ok_hr(clrmem.can_unload_now(), S_OK);
    factory = get_factory();
    ok_hr(clrmem.can_unload_now(), S_FALSE);
    ok_hr(IClassFactory_LockServer(factory, TRUE), S_OK);
    ok_hr(IClassFactory_LockServer(factory, TRUE), S_OK);
    IClassFactory_Release(factory);
    ok_hr(clrmem.can_unload_now(), S_FALSE);
    factory = get_factory();
    ok_hr(IClassFactory_LockServer(factory, FALSE), S_OK);
    ok_hr(clrmem.can_unload_now(), S_FALSE);
    ok_hr(IClassFactory_LockServer(factory, FALSE), S_OK);
    ok_hr(clrmem.can_unload_now(), S_FALSE);
    IClassFactory_Release(factory);
    ok_hr(clrmem.can_unload_now(), S_OK);
}

/* A heap alone keeps its manager, and so the DLL. */
static void test_DllCanUnloadNow_objects(void)
{
    IHostControl *control = create_control();
    IHostMemoryManager *manager;
    IHostMalloc *heap;

    ok_hr(clrmem.can_unload_now(), S_FALSE);
    IHostControl_GetHostManager(control, &IID_IHostMemoryManager, (void **)&manager);
    IHostControl_Release(control);
    ok_hr(clrmem.can_unload_now(), S_FALSE);
    heap = create_malloc(manager, 0);
    IHostMemoryManager_Release(manager);
    ok_hr(clrmem.can_unload_now(), S_FALSE);
    ok(!IHostMalloc_Release(heap), "reference left\n");
    ok_hr(clrmem.can_unload_now(), S_OK);
}

/* A refused creation leaves nothing that would keep the DLL. */
static void test_DllCanUnloadNow_failures(void)
{
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = (IHostMalloc *)0xdeadbeef;
    void *out;

    ok_hr(IHostMemoryManager_CreateMalloc(manager, 0x80, &heap), E_INVALIDARG);
    ok(!heap, "got %p\n", heap);
    IHostMemoryManager_Release(manager);
    ok_hr(clrmem.create_host_control(&IID_IClassFactory, &out), E_NOINTERFACE);
    ok_hr(clrmem.can_unload_now(), S_OK);
}

/* The name found by the loader is enough, with the suffix or without, and each load is the same module. */
static void test_load_by_name(void)
{
    HMODULE module = LoadLibraryA("clrmem");
    char path[MAX_PATH];

    ok(module == clrmem.module, "got %p, expected %p\n", module, clrmem.module);
    FreeLibrary(module);
    ok(GetModuleFileNameA(clrmem.module, path, sizeof(path)), "no file name\n");
    trace("loaded %s\n", path);
    module = LoadLibraryA(path);
    ok(module == clrmem.module, "got %p, expected %p\n", module, clrmem.module);
    FreeLibrary(module);
}

START_TEST(factory)
{
    if (!load_clrmem()) return;
    test_DllCanUnloadNow();
    test_DllGetClassObject();
    test_factory_identity();
    test_CreateInstance();
    test_CreateInstance_refusals();
    test_DllCanUnloadNow_objects();
    test_DllCanUnloadNow_failures();
    test_load_by_name();
}
