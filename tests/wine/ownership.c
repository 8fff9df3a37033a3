/*
 * VirtualFree of what the manager did not give out: HOST_E_INVALIDOPERATION, and the memory is as before. And the ways
 * to ask the manager and its heaps whether memory is theirs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_test.h"

/* Every possible call; ownership is checked before flags and sizes. */
static const struct
{
    SIZE_T size;
    DWORD type;
} calls[] = {
    {0, MEM_RELEASE},
    {PAGE, MEM_DECOMMIT},
    {0, MEM_DECOMMIT},
    {PAGE, MEM_RELEASE},
    {GRANULE, MEM_RELEASE},
    {MAX_ADDRESS, MEM_RELEASE},
    {MAX_ADDRESS, MEM_DECOMMIT},
    {0, MEM_RELEASE | MEM_DECOMMIT},
    {0, 0},
    {0, 0x80000000},
};

/* No call frees the address, nor changes anything there. */
#define check_not_owned(manager, address) check_not_owned_(__LINE__, manager, address)
static void check_not_owned_(int line, IHostMemoryManager *manager, void *address)
{
    struct snapshot before;
    unsigned int i;
    HRESULT hr;

    take_snapshot(&before, address);
    for (i = 0; i < ARRAY_SIZE(calls); i++)
    {
        winetest_push_context("%p call %u", address, i);
        SetLastError(KEEP_ERROR);
        hr = IHostMemoryManager_VirtualFree(manager, address, calls[i].size, calls[i].type);
        ok_error_(__FILE__, line, ERROR_INVALID_ADDRESS);
        ok_hr_(__FILE__, line, hr, HOST_E_INVALIDOPERATION);
        check_unchanged_(__FILE__, line, &before);
        winetest_pop_context();
    }
}

static void test_null_and_never_allocated(IHostMemoryManager *manager)
{
    BYTE *nowhere = VirtualAlloc(NULL, GRANULE, MEM_RESERVE, PAGE_NOACCESS);

    VirtualFree(nowhere, 0, MEM_RELEASE);
    check_not_owned(manager, NULL);
    check_not_owned(manager, (void *)1);
    check_not_owned(manager, (void *)PAGE);
    check_not_owned(manager, (void *)GRANULE);
    check_not_owned(manager, (void *)MAX_ADDRESS);
    check_not_owned(manager, (void *)((MAX_ADDRESS >> 1) + 1));
    check_not_owned(manager, nowhere);
    check_not_owned(manager, nowhere + PAGE);
}

static void test_plain(IHostMemoryManager *manager)
{
    BYTE *committed = VirtualAlloc(NULL, 4 * GRANULE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    BYTE *reserved = VirtualAlloc(NULL, 4 * GRANULE, MEM_RESERVE, PAGE_READWRITE);

    fill_pattern(committed, 4 * GRANULE, 1);
    check_not_owned(manager, committed);
    check_not_owned(manager, committed + 1);
    check_not_owned(manager, committed + PAGE);
    check_not_owned(manager, committed + 4 * GRANULE - 1);
    check_not_owned(manager, reserved);
    check_not_owned(manager, reserved + 2 * GRANULE);
    ok(is_pattern(committed, 4 * GRANULE, 1), "contents changed\n");
    VirtualFree(committed, 0, MEM_RELEASE);
    check_not_owned(manager, committed);
    VirtualFree(reserved, 0, MEM_RELEASE);
}

static void test_file_mapping(IHostMemoryManager *manager)
{
    char path[MAX_PATH], name[MAX_PATH];
    HANDLE file, mapping;
    BYTE *view;

    GetTempPathA(sizeof(path), path);
    GetTempFileNameA(path, "clr", 0, name);
    file = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
    ok(file != INVALID_HANDLE_VALUE, "no file, error %lu\n", GetLastError());
    mapping = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 2 * GRANULE, NULL);
    view = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    ok(!!view, "no view, error %lu\n", GetLastError());
    fill_pattern(view, 2 * GRANULE, 2);
    check_not_owned(manager, view);
    check_not_owned(manager, view + GRANULE + 5);
    ok(is_pattern(view, 2 * GRANULE, 2), "contents changed\n");
    UnmapViewOfFile(view);
    check_not_owned(manager, view);
    CloseHandle(mapping);
    CloseHandle(file);
}

static void test_section_view(IHostMemoryManager *manager)
{
    HANDLE mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | SEC_RESERVE, 0, 2 * GRANULE, NULL);
    BYTE *view = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);

    VirtualAlloc(view, PAGE, MEM_COMMIT, PAGE_READWRITE);
    fill_pattern(view, PAGE, 3);
    check_not_owned(manager, view);
    check_not_owned(manager, view + GRANULE);
    ok(is_pattern(view, PAGE, 3), "contents changed\n");
    UnmapViewOfFile(view);
    CloseHandle(mapping);
}

static void test_images(IHostMemoryManager *manager)
{
    HMODULE modules[] = {GetModuleHandleA(NULL), GetModuleHandleA("ntdll.dll"), clrmem.module};
    MEMORY_BASIC_INFORMATION info;
    unsigned int i;
    BYTE *address;

    for (i = 0; i < ARRAY_SIZE(modules); i++)
    {
        address = (BYTE *)modules[i];
        while (VirtualQuery(address, &info, sizeof(info)) && info.AllocationBase == modules[i])
        {
            /* The program's own data changes while it is tested. */
            if (info.Protect != PAGE_READWRITE && info.Protect != PAGE_WRITECOPY) check_not_owned(manager, address);
            address += info.RegionSize;
        }
        ok(address > (BYTE *)modules[i], "nothing looked at\n");
    }
}

/* A page in the middle of a local array: nothing else is written there. */
static void test_stack(IHostMemoryManager *manager)
{
    BYTE array[3 * 0x1000];
    BYTE *page = (BYTE *)(((ULONG_PTR)array + PAGE - 1) & ~(PAGE - 1));

    fill_pattern(array, sizeof(array), 4);
    check_not_owned(manager, page);
    check_not_owned(manager, page + 100);
    ok(is_pattern(array, sizeof(array), 4), "contents changed\n");
}

/* Blocks of heaps, small ones, and large ones that a heap has from VirtualAlloc. */
static void test_process_heap(IHostMemoryManager *manager)
{
    static const SIZE_T sizes[] = {16, 3 * 0x1000, 0x40000, 0x200000};
    HANDLE heap = HeapCreate(0, 0, 0);
    unsigned int i;
    BYTE *block;

    for (i = 0; i < ARRAY_SIZE(sizes); i++)
    {
        block = HeapAlloc(heap, 0, sizes[i]);
        fill_pattern(block, sizes[i], 5);
        check_not_owned(manager, block);
        check_not_owned(manager, block + sizes[i] / 2);
        ok(is_pattern(block, sizes[i], 5), "contents changed\n");
        ok(HeapValidate(heap, 0, NULL), "heap broken\n");
    }
    HeapDestroy(heap);
}

static void test_other_manager(IHostMemoryManager *manager)
{
    IHostMemoryManager *other = create_manager();
    BYTE *memory = commit_region(other, 2 * GRANULE), *mine = commit_region(manager, 2 * GRANULE);

    fill_pattern(memory, 2 * GRANULE, 6);
    fill_pattern(mine, 2 * GRANULE, 7);
    check_not_owned(manager, memory);
    check_not_owned(manager, memory + GRANULE);
    check_not_owned(other, mine);
    ok(is_pattern(memory, 2 * GRANULE, 6) && is_pattern(mine, 2 * GRANULE, 7), "contents changed\n");
    ok_hr(IHostMemoryManager_VirtualFree(other, memory, 0, MEM_RELEASE), S_OK);
    check_not_owned(manager, memory);
    ok_hr(IHostMemoryManager_VirtualFree(manager, mine, 0, MEM_RELEASE), S_OK);
    IHostMemoryManager_Release(other);
}

/* Blocks of host heaps are for IHostMalloc::Free, also those of the manager itself. */
static void test_host_heap(IHostMemoryManager *manager)
{
    static const SIZE_T sizes[] = {1, 100, 0x1000, 0x20000, 0x200000};
    IHostMalloc *heap = create_malloc(manager, MALLOC_THREADSAFE);
    unsigned int i;
    void *block;

    for (i = 0; i < ARRAY_SIZE(sizes); i++)
    {
        ok_hr(IHostMalloc_Alloc(heap, sizes[i], eTaskCritical, &block), S_OK);
        fill_pattern(block, sizes[i], 8);
        check_not_owned(manager, block);
        check_not_owned(manager, (BYTE *)block + sizes[i] - 1);
        check_not_owned(manager, (void *)((ULONG_PTR)block & ~(GRANULE - 1)));
        ok(is_pattern(block, sizes[i], 8), "contents changed\n");
        ok_hr(IHostMalloc_Free(heap, block), S_OK);
    }
    IHostMalloc_Release(heap);
}

static void test_freed_twice(IHostMemoryManager *manager)
{
    BYTE *memory = commit_region(manager, 2 * GRANULE);

    ok_hr(IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE), S_OK);
    check_free(memory);
    check_not_owned(manager, memory);
    check_not_owned(manager, memory + GRANULE);
}

/* Another owner gets the addresses of a freed region. */
static void test_address_reused(IHostMemoryManager *manager)
{
    BYTE *memory = commit_region(manager, GRANULE), *plain;

    ok_hr(IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE), S_OK);
    plain = VirtualAlloc(memory, GRANULE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    ok(plain == memory, "got %p, expected %p\n", plain, memory);
    if (!plain) return;
    fill_pattern(plain, GRANULE, 9);
    check_not_owned(manager, plain);
    ok(is_pattern(plain, GRANULE, 9), "contents changed\n");
    VirtualFree(plain, 0, MEM_RELEASE);
}

/* The ends of a region: one byte before and the byte behind are not in it. */
static void test_neighbours(IHostMemoryManager *manager)
{
    BYTE *memory = commit_region(manager, GRANULE + PAGE);

    fill_pattern(memory, GRANULE + PAGE, 10);
    check_not_owned(manager, memory - 1);
    check_not_owned(manager, memory + GRANULE + PAGE); /* in the region's last granule, behind its last page */
    check_not_owned(manager, memory + 2 * GRANULE);
    ok(is_pattern(memory, GRANULE + PAGE, 10), "contents changed\n");
    ok_hr(IHostMemoryManager_VirtualFree(manager, memory + GRANULE, PAGE, MEM_DECOMMIT), S_OK);
    ok_hr(IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE), S_OK);
}

/* Of a hundred regions each is the manager's while it is live, by any of its addresses. */
static void test_many_regions(IHostMemoryManager *manager)
{
    BYTE *regions[100];
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(regions); i++) regions[i] = commit_region(manager, (i % 5 + 1) * PAGE);
    for (i = 0; i < ARRAY_SIZE(regions); i += 2)
        ok_hr(IHostMemoryManager_VirtualFree(manager, regions[i], 0, MEM_RELEASE), S_OK);
    for (i = 0; i < ARRAY_SIZE(regions); i++)
    {
        HRESULT expected = i % 2 ? S_OK : HOST_E_INVALIDOPERATION;

        ok_hr(IHostMemoryManager_VirtualFree(manager, regions[i], PAGE, MEM_DECOMMIT), expected);
        ok_hr(IHostMemoryManager_VirtualFree(manager, regions[i], 0, MEM_RELEASE), expected);
    }
    ok(!get_statistics(manager).ullRegions, "regions left\n");
}

/* IClrMemManager::FindRegion: by any address in a live region, and by no other. */
static void test_FindRegion(IHostMemoryManager *manager)
{
    BYTE *memory = commit_region(manager, GRANULE + PAGE), local;
    IClrMemManager *management;
    SIZE_T size = 1;
    void *base = &local;

    ok_hr(IHostMemoryManager_QueryInterface(manager, &IID_IClrMemManager, (void **)&management), S_OK);
    ok_hr(IClrMemManager_FindRegion(management, memory, NULL, &size), E_POINTER);
    ok_hr(IClrMemManager_FindRegion(management, memory, &base, NULL), E_POINTER);
    ok_hr(IClrMemManager_FindRegion(management, memory + GRANULE + PAGE - 1, &base, &size), S_OK);
    ok(base == memory && size == GRANULE + PAGE, "%p, %#Ix bytes\n", base, size);
    ok_hr(IClrMemManager_FindRegion(management, memory + GRANULE + PAGE, &base, &size), S_FALSE);
    ok(!base && !size, "%p, %#Ix bytes\n", base, size);
    ok_hr(IClrMemManager_FindRegion(management, &local, &base, &size), S_FALSE);
    ok_hr(IClrMemManager_FindRegion(management, NULL, &base, &size), S_FALSE);
    ok_hr(IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE), S_OK);
    ok_hr(IClrMemManager_FindRegion(management, memory, &base, &size), S_FALSE);
    IClrMemManager_Release(management);
}

/* IClrMemHeap::FindBlock and FreeOwned: foreign blocks give S_FALSE, and are not counted as refused. */
static void test_FreeOwned(IHostMemoryManager *manager)
{
    IHostMalloc *heap = create_malloc(manager, MALLOC_THREADSAFE), *other = create_malloc(manager, MALLOC_THREADSAFE);
    void *foreign = HeapAlloc(GetProcessHeap(), 0, 100), *block;
    ULONGLONG refused = get_statistics(manager).ullRefusedFrees;
    ULONGLONG calls = get_statistics(manager).Free.ullCalls;
    IClrMemHeap *owner;
    SIZE_T size = 1;

    ok_hr(IHostMalloc_QueryInterface(heap, &IID_IClrMemHeap, (void **)&owner), S_OK);
    ok_hr(IClrMemHeap_FindBlock(owner, foreign, NULL), E_POINTER);
    ok_hr(IClrMemHeap_FindBlock(owner, foreign, &size), S_FALSE);
    ok(!size, "%#Ix bytes\n", size);
    ok_hr(IClrMemHeap_FreeOwned(owner, foreign), S_FALSE);
    ok(get_statistics(manager).Free.ullCalls == calls, "counted\n");
    ok(HeapFree(GetProcessHeap(), 0, foreign), "the foreign block is gone\n");

    ok_hr(IHostMalloc_Alloc(heap, 100, eTaskCritical, &block), S_OK);
    ok_hr(IClrMemHeap_FindBlock(owner, block, &size), S_OK);
    ok(size >= 100 && size < 200, "%Iu bytes\n", size);
    ok_hr(IClrMemHeap_FreeOwned(owner, block), S_OK);
    ok_hr(IClrMemHeap_FreeOwned(owner, NULL), S_OK);
    ok(get_statistics(manager).ullRefusedFrees == refused, "counted as refused\n");
    ok_hr(IClrMemHeap_FreeOwned(owner, block), HOST_E_INVALIDOPERATION);
    ok_hr(IHostMalloc_Alloc(other, 100, eTaskCritical, &block), S_OK);
    ok_hr(IClrMemHeap_FreeOwned(owner, block), HOST_E_INVALIDOPERATION);
    ok_hr(IClrMemHeap_FindBlock(owner, block, &size), S_FALSE);
    ok(get_statistics(manager).ullRefusedFrees == refused + 2, "not counted as refused\n");
    IClrMemHeap_Release(owner);
    IHostMalloc_Release(other);
    IHostMalloc_Release(heap);
}

START_TEST(ownership)
{
    IHostMemoryManager *manager;

    if (!load_clrmem()) return;
    manager = create_manager();
    test_null_and_never_allocated(manager);
    test_plain(manager);
    test_file_mapping(manager);
    test_section_view(manager);
    test_images(manager);
    test_stack(manager);
    test_process_heap(manager);
    test_other_manager(manager);
    test_host_heap(manager);
    test_freed_twice(manager);
    test_address_reused(manager);
    test_neighbours(manager);
    test_many_regions(manager);
    test_FindRegion(manager);
    test_FreeOwned(manager);
    ok(get_statistics(manager).ullRefusedFrees > 100, "refused frees are not counted\n");
    IHostMemoryManager_Release(manager);
    ok_hr(clrmem.can_unload_now(), S_OK);
}
