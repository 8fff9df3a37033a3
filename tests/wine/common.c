/*
 * What the parts of clrmem_test.exe share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_test.h"

struct clrmem_exports clrmem;

void ok_hr_(const char *file, int line, HRESULT hr, HRESULT expected)
{
    ok_(file, line)(hr == expected, "got %#lx, expected %#lx\n", hr, expected);
}

void ok_error_(const char *file, int line, DWORD expected)
{
    DWORD error = GetLastError();

    ok_(file, line)(error == expected, "got last error %lu, expected %lu\n", error, expected);
}

static BOOL load_export(void *function, const char *name)
{
    FARPROC address = GetProcAddress(clrmem.module, name);

    ok(!!address, "no export %s\n", name);
    memcpy(function, &address, sizeof(address));
    return !!address;
}

BOOL load_clrmem(void)
{
    if (clrmem.module) return TRUE;
    clrmem.module = LoadLibraryA("clrmem.dll");
    ok(!!clrmem.module, "clrmem.dll is not to be loaded by name, error %lu\n", GetLastError());
    if (!clrmem.module) return FALSE;
    return load_export(&clrmem.create_host_control, "ClrMemCreateHostControl") &&
           load_export(&clrmem.format_statistics, "ClrMemFormatStatistics") &&
           load_export(&clrmem.can_unload_now, "DllCanUnloadNow") &&
           load_export(&clrmem.get_class_object, "DllGetClassObject") &&
           load_export(&clrmem.register_server, "DllRegisterServer") &&
           load_export(&clrmem.unregister_server, "DllUnregisterServer");
}

/* A test cannot continue without its object. */
static void *need(HRESULT hr, void *object, const char *what)
{
    ok(hr == S_OK && object, "no %s, got %#lx\n", what, hr);
    if (hr != S_OK || !object) ExitProcess(1);
    return object;
}

IHostControl *create_control(void)
{
    IHostControl *control = NULL;
    HRESULT hr = clrmem.create_host_control(&IID_IHostControl, (void **)&control);

    return need(hr, control, "control");
}

IHostMemoryManager *create_manager(void)
{
    IHostMemoryManager *manager = NULL;
    HRESULT hr = clrmem.create_host_control(&IID_IHostMemoryManager, (void **)&manager);

    return need(hr, manager, "manager");
}

IHostMalloc *create_malloc(IHostMemoryManager *manager, DWORD type)
{
    IHostMalloc *heap = NULL;
    HRESULT hr = IHostMemoryManager_CreateMalloc(manager, type, &heap);

    return need(hr, heap, "heap");
}

ULONG get_ref(void *object)
{
    IUnknown_AddRef((IUnknown *)object);
    return IUnknown_Release((IUnknown *)object);
}

BYTE *commit_region(IHostMemoryManager *manager, SIZE_T size)
{
    void *memory = NULL;
    HRESULT hr = IHostMemoryManager_VirtualAlloc(manager, NULL, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE,
                                                 eTaskCritical, &memory);

    return need(hr, memory, "region");
}

CLRMEM_STATISTICS get_statistics(IHostMemoryManager *manager)
{
    CLRMEM_STATISTICS statistics = {.cbSize = sizeof(statistics)};
    IClrMemManager *clr_mem = NULL;
    HRESULT hr;

    hr = IHostMemoryManager_QueryInterface(manager, &IID_IClrMemManager, (void **)&clr_mem);
    need(hr, clr_mem, "IClrMemManager");
    hr = IClrMemManager_GetStatistics(clr_mem, &statistics);
    ok_hr(hr, S_OK);
    IClrMemManager_Release(clr_mem);
    return statistics;
}

static BOOL is_readable(const MEMORY_BASIC_INFORMATION *info)
{
    return info->State == MEM_COMMIT && !(info->Protect & (PAGE_NOACCESS | PAGE_GUARD | PAGE_EXECUTE));
}

void take_snapshot(struct snapshot *snapshot, void *address)
{
    memset(snapshot, 0, sizeof(*snapshot));
    snapshot->address = address;
    VirtualQuery(address, &snapshot->info, sizeof(snapshot->info));
    snapshot->readable = is_readable(&snapshot->info);
    if (snapshot->readable) memcpy(snapshot->bytes, snapshot->info.BaseAddress, sizeof(snapshot->bytes));
}

void check_unchanged_(const char *file, int line, const struct snapshot *snapshot)
{
    MEMORY_BASIC_INFORMATION info = {0};

    VirtualQuery(snapshot->address, &info, sizeof(info));
    ok_(file, line)(!memcmp(&info, &snapshot->info, sizeof(info)),
                    "pages changed: base %p, size %#Ix, state %#lx, protect %#lx; were %p, %#Ix, %#lx, %#lx\n",
                    info.AllocationBase, info.RegionSize, info.State, info.Protect, snapshot->info.AllocationBase,
                    snapshot->info.RegionSize, snapshot->info.State, snapshot->info.Protect);
    if (snapshot->readable && is_readable(&info))
        ok_(file, line)(!memcmp(info.BaseAddress, snapshot->bytes, sizeof(snapshot->bytes)), "contents changed\n");
}

void check_free_(const char *file, int line, const void *address)
{
    MEMORY_BASIC_INFORMATION info = {0};
    SIZE_T length = VirtualQuery(address, &info, sizeof(info));

    ok_(file, line)(length && info.State == MEM_FREE, "%p: got state %#lx\n", address, info.State);
}

void fill_pattern(BYTE *memory, SIZE_T size, BYTE seed)
{
    SIZE_T i;

    for (i = 0; i < size; i++) memory[i] = (BYTE)(i * 7 + seed);
}

BOOL is_pattern(const BYTE *memory, SIZE_T size, BYTE seed)
{
    SIZE_T i;

    for (i = 0; i < size; i++)
        if (memory[i] != (BYTE)(i * 7 + seed)) return FALSE;
    return TRUE;
}

BOOL is_zero(const BYTE *memory, SIZE_T size)
{
    SIZE_T i;

    for (i = 0; i < size; i++)
        if (memory[i]) return FALSE;
    return TRUE;
}
