/*
 * Which memory manager serves the runtime once it runs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hosting_test.h"

static struct logging_host own;

static void set_control(ICLRRuntimeHost *host, IHostControl *control)
{
    HRESULT hr = ICLRRuntimeHost_SetHostControl(host, control);

    ok(hr == S_OK, "SetHostControl: %#lx\n", hr);
    hr = ICLRRuntimeHost_Start(host);
    ok(hr == S_OK, "Start: %#lx\n", hr);
}

/* Every live region must still be reserved with the base that the host returned. */
static void check_live_regions(struct logging_host *host)
{
    MEMORY_BASIC_INFORMATION info;
    unsigned int i;

    ok(host->region_count < LOGGED_REGIONS, "too many regions to log\n");
    for (i = 0; i < host->region_count; i++)
    {
        ok(VirtualQuery(host->regions[i], &info, sizeof(info)) == sizeof(info), "region %u: no answer\n", i);
        ok(info.State != MEM_FREE &&
               (char *)info.AllocationBase + ((ULONG_PTR)host->regions[i] % 0x10000) == (char *)host->regions[i],
           "region %u at %p is gone: state %#lx, base %p\n", i, host->regions[i], info.State, info.AllocationBase);
    }
}

static void check_served(struct logging_host *host)
{
    trace("VirtualAlloc %ld, VirtualFree %ld, VirtualQuery %ld, VirtualProtect %ld, Alloc %ld, Free %ld (NULL %ld)\n",
          host->virtual_alloc, host->virtual_free, host->virtual_query, host->virtual_protect, host->malloc_alloc,
          host->malloc_free, host->free_null);
    ok(host->virtual_alloc > 10, "VirtualAlloc came %ld times\n", host->virtual_alloc);
    ok(host->virtual_free > 0, "VirtualFree came %ld times\n", host->virtual_free);
    ok(host->virtual_query > 0, "VirtualQuery came %ld times\n", host->virtual_query);
    ok(host->malloc_alloc > 1000, "Alloc came %ld times\n", host->malloc_alloc);
    ok(host->malloc_free > 1000, "Free came %ld times\n", host->malloc_free);
    ok(host->foreign_regions == 0, "%ld foreign regions given back\n", host->foreign_regions);
    ok(host->foreign_blocks == 0, "%ld foreign blocks given back\n", host->foreign_blocks);
    ok(host->malloc_alloc - (host->malloc_free - host->free_null) == host->live_blocks, "%ld blocks live\n",
       host->live_blocks);
    ok(host->manager_refs == 0 && host->manager_queries == 0, "%ld references, %ld queries\n", host->manager_refs,
       host->manager_queries);
    check_live_regions(host);
}

/* A host's own manager serves, through every way of getting the runtime. */
START_TEST(own)
{
    ICLRRuntimeHost *host = get_runtime_host();

    logging_host_init(&own);
    set_control(host, &own.IHostControl_iface);
    ok(own.virtual_alloc > 0, "nothing came during Start\n");
    ok(run_managed(host, L"Run", L"2") == 7, "managed code failed\n");
    check_served(&own);
    ok(!GetModuleHandleA("clrmem.dll"), "clrmem.dll is loaded\n");
}

START_TEST(bound)
{
    ICLRRuntimeHost *host = bind_runtime_host(L"v4.0.30319");

    logging_host_init(&own);
    /* Without Start: the first managed call starts the runtime in Wine. */
    ok(ICLRRuntimeHost_SetHostControl(host, &own.IHostControl_iface) == S_OK, "SetHostControl failed\n");
    ok(run_managed(host, L"Run", L"1") == 7, "managed code failed\n");
    check_served(&own);
}

/* Hosts written for the first versions of the API and of the runtime. */
START_TEST(legacy)
{
    ICLRRuntimeHost *host = bind_runtime_host(L"v2.0.50727"), *newer;

    logging_host_init(&own);
    set_control(host, &own.IHostControl_iface);
    newer = bind_runtime_host(L"v4.0.30319");
    ok(newer != host, "one host for two runtimes\n");
    ok(ICLRRuntimeHost_SetHostControl(newer, &own.IHostControl_iface) == E_ACCESSDENIED,
       "the process' runtime is started, and takes a host control\n");
    ok(run_managed(newer, L"Run", L"1") == 7, "managed code failed\n");
    check_served(&own);
}

/* A host without a memory manager gets clrmem's. */
START_TEST(none)
{
    ICLRRuntimeHost *host = get_runtime_host();

    logging_host_init(&own);
    own.memory_result = E_NOINTERFACE;
    own.no_memory_pointer = TRUE;
    ok(!GetModuleHandleA("clrmem.dll"), "clrmem.dll is loaded too early\n");
    set_control(host, &own.IHostControl_iface);
    ok(GetModuleHandleA("clrmem.dll") != NULL, "clrmem.dll is not loaded\n");
    ok(run_managed(host, L"Run", L"1") == 7, "managed code failed\n");
    ok(own.virtual_alloc == 0, "the host's manager was called\n");
}

static void check_statistics(IHostMemoryManager *memory)
{
    CLRMEM_STATISTICS statistics = {.cbSize = sizeof(statistics)};
    IClrMemManager *manager;

    ok(IHostMemoryManager_QueryInterface(memory, &IID_IClrMemManager, (void **)&manager) == S_OK, "not ours\n");
    ok(IClrMemManager_GetStatistics(manager, &statistics) == S_OK, "no statistics\n");
    ok(statistics.CreateMalloc.ullCalls == 1, "CreateMalloc came %I64u times\n", statistics.CreateMalloc.ullCalls);
    ok(statistics.VirtualAlloc.ullCalls > 10, "VirtualAlloc came %I64u times\n", statistics.VirtualAlloc.ullCalls);
    ok(statistics.VirtualFree.ullCalls > 0, "VirtualFree never came\n");
    ok(statistics.Alloc.ullCalls > 1000, "Alloc came %I64u times\n", statistics.Alloc.ullCalls);
    ok(statistics.Free.ullCalls > 1000, "Free came %I64u times\n", statistics.Free.ullCalls);
    ok(statistics.ullRefusedFrees == 0, "%I64u frees refused\n", statistics.ullRefusedFrees);
    ok(statistics.VirtualFree.ullFailures == 0 && statistics.Free.ullFailures == 0, "frees failed\n");
    ok(statistics.ullCommitted > 0 && statistics.ullCommitted <= statistics.ullPeakCommitted, "committed %I64u\n",
       statistics.ullCommitted);
    ok(statistics.ullPeakReserved >= statistics.ullReserved && statistics.ullReserved >= statistics.ullCommitted,
       "reserved %I64u\n", statistics.ullReserved);
    ok(statistics.ullRegions > 0 && statistics.ullHeapBlocks > 0, "%I64u regions, %I64u blocks\n",
       statistics.ullRegions, statistics.ullHeapBlocks);
    IClrMemManager_Release(manager);
}

/* The host itself supplies clrmem's manager. */
START_TEST(ours)
{
    HMODULE clrmem = LoadLibraryA("clrmem.dll");
    ClrMemCreateHostControlFn create = (void *)GetProcAddress(clrmem, "ClrMemCreateHostControl");
    ICLRRuntimeHost *host = get_runtime_host();
    IHostMemoryManager *memory;
    IHostControl *control;

    ok(create != NULL, "clrmem.dll is not installed\n");
    if (!create) return;
    ok(create(&IID_IHostControl, (void **)&control) == S_OK, "no host control\n");
    ok(IHostControl_GetHostManager(control, &IID_IHostMemoryManager, (void **)&memory) == S_OK, "no manager\n");
    set_control(host, control);
    ok(run_managed(host, L"Run", L"2") == 7, "managed code failed\n");
    check_statistics(memory);
}

/* The runtime collects when the host reports low memory; the call does not wait for the collection. */
START_TEST(low)
{
    ICLRRuntimeHost *host = get_runtime_host();
    DWORD before, after = 0;
    int tries;

    logging_host_init(&own);
    set_control(host, &own.IHostControl_iface);
    before = run_managed(host, L"Collections", L"");
    ok(ICLRMemoryNotificationCallback_OnMemoryNotification(own.callback, eMemoryAvailableNeutral) == S_OK, "failed\n");
    ok(ICLRMemoryNotificationCallback_OnMemoryNotification(own.callback, eMemoryAvailableLow) == S_OK, "failed\n");
    for (tries = 0; tries < 100 && after <= before; tries++)
    {
        Sleep(50);
        after = run_managed(host, L"Collections", L"");
    }
    ok(after > before, "%lu collections before, %lu after\n", before, after);
    ok(run_managed(host, L"Run", L"1") == 7, "managed code failed\n");
    /* Hosts release the callback without having added a reference. */
    ICLRMemoryNotificationCallback_Release(own.callback);
    ICLRMemoryNotificationCallback_Release(own.callback);
    ok(ICLRMemoryNotificationCallback_OnMemoryNotification(own.callback, eMemoryAvailableHigh) == S_OK, "failed\n");
}

/* A host may report pressure at any time: while the runtime starts, in the middle of a request. */
START_TEST(early_low)
{
    ICLRRuntimeHost *host = get_runtime_host();

    logging_host_init(&own);
    own.low = TRUE;
    set_control(host, &own.IHostControl_iface);
    ok(run_managed(host, L"Run", L"1") == 7, "managed code failed\n");
    ok(run_managed(host, L"Collections", L"") > 0, "no collection\n");
    own.low = FALSE;
    check_served(&own);
    Sleep(2500); /* another collection may be due; the process must not end in the middle of it */
}

/* A host with pools returns regions that begin at any page. */
START_TEST(pooling)
{
    ICLRRuntimeHost *host = get_runtime_host();

    logging_host_init(&own);
    own.region_offset = 0x3000;
    set_control(host, &own.IHostControl_iface);
    ok(run_managed(host, L"Run", L"1") == 7, "managed code failed\n");
    check_served(&own);
}

/* IHostMalloc promises no alignment beyond a pointer's. */
START_TEST(tight_blocks)
{
    ICLRRuntimeHost *host = get_runtime_host();

    logging_host_init(&own);
    own.block_offset = sizeof(void *);
    set_control(host, &own.IHostControl_iface);
    ok(run_managed(host, L"Run", L"1") == 7, "managed code failed\n");
    check_served(&own);
}

/* If the host refuses a large request, the program gets an OutOfMemoryException and goes on. */
START_TEST(refused)
{
    ICLRRuntimeHost *host = get_runtime_host();

    logging_host_init(&own);
    own.largest = 64 << 20;
    set_control(host, &own.IHostControl_iface);
    ok(run_managed(host, L"Large", L"33554432") == 1, "32 MiB refused\n");
    ok(run_managed(host, L"Large", L"268435456") == 2, "256 MiB not refused\n");
    ok(own.refused > 0, "nothing refused\n");
    ok(run_managed(host, L"Run", L"1") == 7, "managed code failed\n");
    check_served(&own);
}
