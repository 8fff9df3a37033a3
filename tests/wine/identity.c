/*
 * COM's rules for every object: identity, symmetry, counting.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_test.h"

/* From any interface of an object to any other and back, and always one IUnknown. */
static void check_identity(IUnknown *object, const IID *const *iids, unsigned int count)
{
    IUnknown *unk = NULL, *first, *second, *identity;
    unsigned int i, j;

    ok_hr(IUnknown_QueryInterface(object, &IID_IUnknown, (void **)&unk), S_OK);
    for (i = 0; i < count; i++)
    {
        ok_hr(IUnknown_QueryInterface(object, iids[i], (void **)&first), S_OK);
        for (j = 0; j < count; j++)
        {
            winetest_push_context("from %u to %u", i, j);
            ok_hr(IUnknown_QueryInterface(first, iids[j], (void **)&second), S_OK);
            ok_hr(IUnknown_QueryInterface(second, &IID_IUnknown, (void **)&identity), S_OK);
            ok(identity == unk, "got %p, expected %p\n", identity, unk);
            IUnknown_Release(identity);
            IUnknown_Release(second);
            winetest_pop_context();
        }
        IUnknown_Release(first);
    }
    IUnknown_Release(unk);
}

/* What an object does not have it refuses from each of its interfaces, without a reference. */
static void check_refusals(IUnknown *object, const IID *const *iids, unsigned int count)
{
    ULONG ref = get_ref(object);
    unsigned int i;
    void *out;

    for (i = 0; i < count; i++)
    {
        winetest_push_context("%u", i);
        out = (void *)0xdeadbeef;
        ok_hr(IUnknown_QueryInterface(object, iids[i], &out), E_NOINTERFACE);
        ok(!out, "got %p\n", out);
        winetest_pop_context();
    }
    ok_hr(IUnknown_QueryInterface(object, &IID_IUnknown, NULL), E_POINTER);
    ok_hr(IUnknown_QueryInterface(object, NULL, NULL), E_POINTER);
    out = (void *)0xdeadbeef;
    ok_hr(IUnknown_QueryInterface(object, NULL, &out), E_INVALIDARG);
    ok(!out, "got %p\n", out);
    ok(get_ref(object) == ref, "got %lu, expected %lu\n", get_ref(object), ref);
}

/* Every reference can be released, and the last Release returns 0. */
static void check_counting(IUnknown *object)
{
    ULONG ref = get_ref(object), i;

    for (i = 1; i <= 10; i++) ok(IUnknown_AddRef(object) == ref + i, "AddRef %lu\n", i);
    for (i = 10; i >= 1; i--) ok(IUnknown_Release(object) == ref + i - 1, "Release %lu\n", i);
}

static void test_control(void)
{
    static const IID *const has[] = {&IID_IUnknown, &IID_IHostControl};
    static const IID *const lacks[] = {&IID_IHostMemoryManager, &IID_IClrMemManager, &IID_IHostMalloc,
                                       &IID_IClassFactory};
    IHostControl *control = create_control();

    check_identity((IUnknown *)control, has, ARRAY_SIZE(has));
    check_refusals((IUnknown *)control, lacks, ARRAY_SIZE(lacks));
    check_counting((IUnknown *)control);
    ok(!IHostControl_Release(control), "reference left\n");
}

static void test_manager(void)
{
    static const IID *const has[] = {&IID_IUnknown, &IID_IHostMemoryManager, &IID_IClrMemManager};
    static const IID *const lacks[] = {&IID_IHostControl, &IID_IHostMalloc, &IID_IClassFactory,
                                       &IID_ICLRMemoryNotificationCallback};
    IHostMemoryManager *manager = create_manager();
    IClrMemManager *clr_mem;

    check_identity((IUnknown *)manager, has, ARRAY_SIZE(has));
    check_refusals((IUnknown *)manager, lacks, ARRAY_SIZE(lacks));
    check_counting((IUnknown *)manager);

    ok_hr(IHostMemoryManager_QueryInterface(manager, &IID_IClrMemManager, (void **)&clr_mem), S_OK);
    check_refusals((IUnknown *)clr_mem, lacks, ARRAY_SIZE(lacks));
    check_counting((IUnknown *)clr_mem);
    ok(get_ref(manager) == 2 && get_ref(clr_mem) == 2, "the two interfaces count apart\n");
    ok(IHostMemoryManager_Release(manager) == 1, "wrong count\n");
    ok(!IClrMemManager_Release(clr_mem), "reference left\n");
}

static void test_malloc(void)
{
    static const IID *const has[] = {&IID_IUnknown, &IID_IHostMalloc};
    static const IID *const lacks[] = {&IID_IHostMemoryManager, &IID_IClrMemManager, &IID_IHostControl};
    IHostMemoryManager *manager = create_manager();
    IHostMalloc *heap = create_malloc(manager, MALLOC_THREADSAFE);
    IClrMemHeap *clr_mem;

    check_identity((IUnknown *)heap, has, ARRAY_SIZE(has));
    check_refusals((IUnknown *)heap, lacks, ARRAY_SIZE(lacks));
    check_counting((IUnknown *)heap);
    ok_hr(IHostMalloc_QueryInterface(heap, &IID_IClrMemHeap, (void **)&clr_mem), S_OK);
    check_refusals((IUnknown *)clr_mem, lacks, ARRAY_SIZE(lacks));
    IClrMemHeap_Release(clr_mem);
    ok(get_ref(manager) == 2, "the heap holds its manager, got %lu\n", get_ref(manager));
    ok(!IHostMalloc_Release(heap), "reference left\n");
    ok(!IHostMemoryManager_Release(manager), "reference left\n");
}

START_TEST(identity)
{
    if (!load_clrmem()) return;
    test_control();
    test_manager();
    test_malloc();
    ok_hr(clrmem.can_unload_now(), S_OK);
}
