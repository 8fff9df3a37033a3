/*
 * ICLRRuntimeHost::SetHostControl, Start and Stop, as the .NET Framework has them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hosting_test.h"

static struct logging_host first, second;

/* Memory first, then the others in the CLR's order. */
static const IID asked_order[] = {
    {0x7bc698d1, 0xf9e3, 0x4460, {0x9c, 0xde, 0xd0, 0x42, 0x48, 0xe9, 0xfa, 0x25}}, /* memory */
    {0x997ff24c, 0x43b7, 0x4352, {0x86, 0x67, 0x0d, 0xc0, 0x4f, 0xaf, 0xd3, 0x54}}, /* task */
    {0x983d50e2, 0xcb15, 0x466b, {0x80, 0xfc, 0x84, 0x5d, 0xc6, 0xe8, 0xc5, 0xfd}}, /* threadpool */
    {0x8bde9d80, 0xec06, 0x41d6, {0x83, 0xe6, 0x22, 0x58, 0x0e, 0xff, 0xcc, 0x20}}, /* I/O completion */
    {0x234330c7, 0x5f10, 0x4f20, {0x96, 0x15, 0x51, 0x22, 0xda, 0xb7, 0xa0, 0xac}}, /* sync */
    {0x613dabd7, 0x62b2, 0x493e, {0x9e, 0x65, 0xc1, 0xe3, 0x2a, 0x1e, 0x0c, 0x5e}}, /* assembly */
    {0x5d4ec34e, 0xf248, 0x457b, {0xb6, 0x03, 0x25, 0x5f, 0xaa, 0xba, 0x0d, 0x21}}, /* GC */
    {0x75ad2468, 0xa349, 0x4d02, {0xa7, 0x64, 0x76, 0xa6, 0x8a, 0xee, 0x0c, 0x4f}}, /* security */
    {0x7ae49844, 0xb1e3, 0x4683, {0xba, 0x7c, 0x1e, 0x82, 0x12, 0xea, 0x3b, 0x79}}, /* policy */
};

static void check_asked(const struct logging_host *host, unsigned int from)
{
    unsigned int i;

    ok(host->asked_count == ARRAY_SIZE(asked_order) - from, "%u managers asked for\n", host->asked_count);
    for (i = 0; i < host->asked_count && from + i < ARRAY_SIZE(asked_order); i++)
        ok(IsEqualGUID(&host->asked[i], &asked_order[from + i]), "manager %u: %s\n", i,
           wine_dbgstr_guid(&host->asked[i]));
}

START_TEST(control)
{
    ICLRRuntimeHost *host = get_runtime_host();
    HRESULT hr;

    logging_host_init(&first);
    logging_host_init(&second);

    hr = ICLRRuntimeHost_SetHostControl(host, NULL);
    ok(hr == E_INVALIDARG, "NULL: %#lx\n", hr);

    hr = ICLRRuntimeHost_SetHostControl(host, &first.IHostControl_iface);
    ok(hr == S_OK, "first: %#lx\n", hr);
    check_asked(&first, 0);
    ok(first.control_refs == 1, "%ld references to the control\n", first.control_refs);
    ok(first.create_malloc == 1, "CreateMalloc called %ld times\n", first.create_malloc);
    ok(first.malloc_flags == MALLOC_THREADSAFE, "CreateMalloc flags %#lx\n", first.malloc_flags);
    ok(first.register_callback == 1 && first.callback, "callback %p, registered %ld times\n", first.callback,
       first.register_callback);

    hr = ICLRRuntimeHost_SetHostControl(host, &second.IHostControl_iface);
    ok(hr == S_OK, "second: %#lx\n", hr);
    check_asked(&second, 1);
    ok(second.create_malloc == 0, "second CreateMalloc called %ld times\n", second.create_malloc);

    ok(first.manager_refs == 0, "%ld references to the manager\n", first.manager_refs);
    ok(first.manager_queries == 0, "%ld queries of the manager\n", first.manager_queries);
}

START_TEST(started)
{
    ICLRRuntimeHost *host = get_runtime_host();
    HRESULT hr;

    logging_host_init(&first);
    hr = ICLRRuntimeHost_Stop(host);
    ok(hr == HOST_E_CLRNOTAVAILABLE, "Stop before Start: %#lx\n", hr);
    hr = ICLRRuntimeHost_Start(host);
    ok(hr == S_OK, "Start: %#lx\n", hr);
    hr = ICLRRuntimeHost_Start(host);
    ok(hr == S_FALSE, "Start again: %#lx\n", hr);
    hr = ICLRRuntimeHost_SetHostControl(host, &first.IHostControl_iface);
    ok(hr == E_ACCESSDENIED, "after Start: %#lx\n", hr);
    hr = ICLRRuntimeHost_SetHostControl(host, NULL);
    ok(hr == E_INVALIDARG, "NULL after Start: %#lx\n", hr);
    ok(first.asked_count == 0, "%u managers asked for\n", first.asked_count);
    ok(first.control_refs == 0, "%ld references\n", first.control_refs);
    hr = ICLRRuntimeHost_Stop(host);
    ok(hr == S_FALSE, "Stop with a start outstanding: %#lx\n", hr);
    hr = ICLRRuntimeHost_Stop(host);
    ok(hr == S_OK, "Stop: %#lx\n", hr);
    hr = ICLRRuntimeHost_Stop(host);
    ok(hr == HOST_E_CLRNOTAVAILABLE, "Stop once more: %#lx\n", hr);
}

START_TEST(bad_malloc)
{
    ICLRRuntimeHost *host = get_runtime_host();
    HRESULT hr;

    logging_host_init(&first);
    logging_host_init(&second);
    first.create_malloc_result = E_OUTOFMEMORY;
    hr = ICLRRuntimeHost_SetHostControl(host, &first.IHostControl_iface);
    ok(hr == E_UNEXPECTED, "failing CreateMalloc: %#lx\n", hr);
    first.create_malloc_result = S_FALSE;
    hr = ICLRRuntimeHost_SetHostControl(host, &first.IHostControl_iface);
    ok(hr == E_UNEXPECTED, "CreateMalloc with S_FALSE: %#lx\n", hr);
    first.create_malloc_result = S_OK;
    first.no_malloc_pointer = TRUE;
    hr = ICLRRuntimeHost_SetHostControl(host, &first.IHostControl_iface);
    ok(hr == E_UNEXPECTED, "CreateMalloc without a heap: %#lx\n", hr);
    ok(first.register_callback == 0, "callback registered\n");

    hr = ICLRRuntimeHost_SetHostControl(host, &second.IHostControl_iface);
    ok(hr == S_OK, "a good host after that: %#lx\n", hr);
    ok(run_managed(host, L"Run", L"1") == 7, "managed code failed\n");
    ok(first.virtual_alloc == 0 && first.malloc_alloc == 0, "the refused host serves\n");
    ok(second.virtual_alloc > 0, "the good host does not serve\n");
}

START_TEST(odd_answers)
{
    ICLRRuntimeHost *host = get_runtime_host();
    HRESULT hr;

    logging_host_init(&first);
    first.memory_result = S_FALSE;
    hr = ICLRRuntimeHost_SetHostControl(host, &first.IHostControl_iface);
    ok(hr == S_OK, "S_FALSE with a pointer: %#lx\n", hr);
    ok(first.create_malloc == 0, "the manager was taken\n");

    first.memory_result = S_OK;
    first.no_memory_pointer = TRUE;
    hr = ICLRRuntimeHost_SetHostControl(host, &first.IHostControl_iface);
    ok(hr == S_OK, "S_OK with NULL: %#lx\n", hr);
    ok(first.create_malloc == 0, "the manager was taken\n");
    ok(first.control_refs == 1, "%ld references to the control\n", first.control_refs);
}

static ICLRRuntimeHost *runtime_host;

static void start_within(void)
{
    HRESULT hr = ICLRRuntimeHost_Start(runtime_host);

    ok(hr == S_OK, "Start within GetHostManager: %#lx\n", hr);
}

/* A host that starts the runtime inside GetHostManager supplies its manager too late. */
START_TEST(reentrant)
{
    HRESULT hr;

    runtime_host = get_runtime_host();
    logging_host_init(&first);
    first.when_asked = start_within;
    hr = ICLRRuntimeHost_SetHostControl(runtime_host, &first.IHostControl_iface);
    ok(hr == E_ACCESSDENIED, "SetHostControl: %#lx\n", hr);
    ok(run_managed(runtime_host, L"Run", L"1") == 7, "managed code failed\n");
    ok(first.virtual_alloc == 0 && first.malloc_alloc == 0 && first.malloc_free == 0,
       "the host that was late serves\n");
}

static void set_second(void)
{
    HRESULT hr = ICLRRuntimeHost_SetHostControl(runtime_host, &second.IHostControl_iface);

    ok(hr == S_OK, "SetHostControl within GetHostManager: %#lx\n", hr);
}

/* The first complete manager stays in force. */
START_TEST(nested)
{
    HRESULT hr;

    runtime_host = get_runtime_host();
    logging_host_init(&first);
    logging_host_init(&second);
    first.when_asked = set_second;
    hr = ICLRRuntimeHost_SetHostControl(runtime_host, &first.IHostControl_iface);
    ok(hr == S_OK, "SetHostControl: %#lx\n", hr);
    ok(second.control_refs == 1, "%ld references to the control in force\n", second.control_refs);
    ok(run_managed(runtime_host, L"Run", L"1") == 7, "managed code failed\n");
    ok(first.virtual_alloc == 0 && first.malloc_alloc == 0, "the outer host serves\n");
    ok(second.virtual_alloc > 0 && second.foreign_blocks == 0, "the inner host does not serve\n");
}
