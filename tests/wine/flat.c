/*
 * The flat exports' checks of the object. (Their effects are tested with the methods.)
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "management_test.h"

static BOOL CALLBACK no_region(const CLRMEM_REGION *region, void *context)
{
    (void)region, (void)context;
    return TRUE;
}

static BOOL CALLBACK no_block(const CLRMEM_BLOCK *block, void *context)
{
    (void)block, (void)context;
    return TRUE;
}

/* Every export with an object and an address of a region; the others of its arguments are right. */
#define check_manager_exports(flat, object, address, hr) check_manager_exports_(__LINE__, flat, object, address, hr)
static void check_manager_exports_(int line, const struct management *flat, void *object, void *address, HRESULT hr)
{
    CLRMEM_STATISTICS statistics = {.cbSize = sizeof(statistics)};
    CLRMEM_LIMITS limits = {sizeof(limits), 0, CLRMEM_NO_LIMIT, CLRMEM_NO_LIMIT, 0, 0};
    CLRMEM_WAITS waits = {.cbSize = sizeof(waits)};
    IUnknown *unknown = object;
    char value[128];
    SIZE_T size, other_size;
    void *base;

#define CHECK(call) ok_hr_(__FILE__, line, call, hr)
    CHECK(flat->get_statistics(unknown, &statistics));
    CHECK(flat->set_limits(unknown, &limits));
    CHECK(flat->get_limits(unknown, &limits));
    CHECK(flat->set_waits(unknown, &waits));
    CHECK(flat->get_waits(unknown, &waits));
    CHECK(flat->set_option(unknown, "psi", "yes"));
    CHECK(flat->get_option(unknown, "psi", value, sizeof(value)));
    CHECK(flat->enum_regions(unknown, no_region, NULL));
    CHECK(flat->enum_blocks(unknown, no_block, NULL));
    CHECK(flat->lock_region(unknown, address, 0, 0, &base, &size));
    CHECK(flat->unlock_region(unknown, address, 0));
    CHECK(flat->cancel_waits(unknown, NULL));
    CHECK(flat->trim(unknown, &size, &other_size));
}

#define check_heap_exports(flat, object, hr) check_heap_exports_(__LINE__, flat, object, hr)
static void check_heap_exports_(int line, const struct management *flat, void *object, HRESULT hr)
{
    CLRMEM_LIMITS limits = {sizeof(limits), 0, CLRMEM_NO_LIMIT, CLRMEM_NO_LIMIT, 0, 0};
    IUnknown *unknown = object;

    CHECK(flat->set_heap_limits(unknown, &limits));
    CHECK(flat->get_heap_limits(unknown, &limits));
    CHECK(flat->enum_heap_blocks(unknown, no_block, NULL));
#undef CHECK
}

/* Two interfaces of one object. */
#define check_identity(one, other) check_identity_(__LINE__, one, other)
static void check_identity_(int line, void *one, void *other)
{
    IUnknown *unknowns[2];

    ok_hr_(__FILE__, line, IUnknown_QueryInterface((IUnknown *)one, &IID_IUnknown, (void **)&unknowns[0]), S_OK);
    ok_hr_(__FILE__, line, IUnknown_QueryInterface((IUnknown *)other, &IID_IUnknown, (void **)&unknowns[1]), S_OK);
    ok_(__FILE__, line)(unknowns[0] == unknowns[1], "two objects\n");
    IUnknown_Release(unknowns[0]);
    IUnknown_Release(unknowns[1]);
}

static void test_objects(const struct management *flat)
{
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, 0);
    IHostControl *control = create_control();
    BYTE *memory = commit_region(manager, GRANULE);
    IClrMemManager *clr_mem;
    IClrMemHeap *clr_mem_heap;
    ULONG ref;

    ok_hr(IHostMemoryManager_QueryInterface(manager, &IID_IClrMemManager, (void **)&clr_mem), S_OK);
    ok_hr(IHostMalloc_QueryInterface(heap, &IID_IClrMemHeap, (void **)&clr_mem_heap), S_OK);
    check_identity(manager, clr_mem);
    check_identity(heap, clr_mem_heap);
    ref = get_ref(manager);
    check_manager_exports(flat, manager, memory, S_OK);
    check_manager_exports(flat, clr_mem, memory, S_OK);
    check_manager_exports(flat, NULL, memory, E_POINTER);
    check_manager_exports(flat, heap, memory, E_NOINTERFACE);
    check_manager_exports(flat, control, memory, E_NOINTERFACE);
    ok(get_ref(manager) == ref, "%lu references\n", get_ref(manager));
    ref = get_ref(heap);
    check_heap_exports(flat, heap, S_OK);
    check_heap_exports(flat, clr_mem_heap, S_OK);
    check_heap_exports(flat, NULL, E_POINTER);
    check_heap_exports(flat, manager, E_NOINTERFACE);
    ok(get_ref(heap) == ref, "%lu references\n", get_ref(heap));

    ok_hr(flat->shutdown(NULL), E_POINTER);
    ok_hr(flat->shutdown(as_unknown(heap)), E_NOINTERFACE);
    ok_hr(flat->shutdown(as_unknown(clr_mem)), S_OK);
    IHostControl_Release(control);
    IClrMemHeap_Release(clr_mem_heap);
    IClrMemManager_Release(clr_mem);
    IHostMalloc_Release(heap);
    ok(!IHostMemoryManager_Release(manager), "references left\n");
}

/* A foreign manager, and the result of its QueryInterface. */
static HRESULT foreign_hr;

static HRESULT WINAPI foreign_QueryInterface(IUnknown *iface, REFIID riid, void **out)
{
    (void)iface, (void)riid;
    if (foreign_hr != E_FAIL) *out = NULL; /* not even that */
    return foreign_hr;
}

static ULONG WINAPI foreign_AddRef(IUnknown *iface)
{
    (void)iface;
    ok(0, "AddRef\n");
    return 2;
}

static ULONG WINAPI foreign_Release(IUnknown *iface)
{
    (void)iface;
    ok(0, "Release\n");
    return 1;
}

static void test_foreign(const struct management *flat)
{
    static const HRESULT answers[] = {E_NOINTERFACE, E_FAIL, E_OUTOFMEMORY, S_OK};
    static IUnknownVtbl vtbl = {foreign_QueryInterface, foreign_AddRef, foreign_Release};
    IUnknown foreign = {&vtbl};
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(answers); i++)
    {
        winetest_push_context("answer %#lx", answers[i]);
        foreign_hr = answers[i];
        check_manager_exports(flat, &foreign, NULL, E_NOINTERFACE);
        check_heap_exports(flat, &foreign, E_NOINTERFACE);
        ok_hr(flat->shutdown(&foreign), E_NOINTERFACE);
        winetest_pop_context();
    }
}

START_TEST(flat)
{
    const struct management *flat;

    if (!load_clrmem() || !(flat = load_flat_exports())) return;
    test_objects(flat);
    test_foreign(flat);
    ok_hr(clrmem.can_unload_now(), S_OK);
}
