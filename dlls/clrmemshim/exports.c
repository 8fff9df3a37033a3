/*
 * Export tables of modules in memory.
 *
 * A module's exports are found through its export table: by GetProcAddress, by the loader as it binds
 * imports, and for delayed imports. So an entry changed there serves all that come later, and only modules
 * that are bound already need their own tables changed. An entry has 32 bits, counted from the module's
 * base; what is farther away is reached by a jump from memory that is near enough.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "framework.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

#ifdef _WIN64

/* jmp *0(%rip), and the address that it reads */
struct jump
{
    BYTE code[6];
    BYTE target[8];
    BYTE unused[2];
};
static const BYTE jump_code[] = {0xff, 0x25, 0, 0, 0, 0};

#define NEAR_SIZE 0x1000 /* bytes of jumps; a page */

/* The first free memory that entries of the module can reach. */
static char *allocate_near(HMODULE module)
{
    const ULONG_PTR last = (ULONG_PTR)module + MAXDWORD - NEAR_SIZE, granule = 0x10000;
    ULONG_PTR address = (ULONG_PTR)module;
    MEMORY_BASIC_INFORMATION info;
    char *memory;

    while (address < last && VirtualQuery((void *)address, &info, sizeof(info)))
    {
        ULONG_PTR end = (ULONG_PTR)info.BaseAddress + info.RegionSize;

        address = ((ULONG_PTR)info.BaseAddress + granule - 1) & ~(granule - 1);
        if (info.State == MEM_FREE && address < last && end >= address + NEAR_SIZE &&
            (memory = VirtualAlloc((void *)address, NEAR_SIZE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE)))
            return memory;
        address = end;
    }
    return NULL;
}

/* One page of jumps a module; it stays, as callers may have kept an address in it. */
static bool make_jumps(HMODULE module, const struct shim_export *exports, unsigned int count, char **jumps)
{
    struct jump *jump;
    unsigned int i;
    DWORD protect;

    if (count > NEAR_SIZE / sizeof(*jump) || !(*jumps = allocate_near(module))) return false;
    for (i = 0, jump = (struct jump *)*jumps; i < count; i++, jump++)
    {
        memcpy(jump->code, jump_code, sizeof(jump_code));
        memcpy(jump->target, &exports[i].replacement, sizeof(jump->target));
    }
    return VirtualProtect(*jumps, NEAR_SIZE, PAGE_EXECUTE_READ, &protect);
}

static DWORD near_offset(HMODULE module, const char *jumps, unsigned int index, const struct shim_export *exports)
{
    (void)exports;
    return (const char *)((const struct jump *)jumps + index) - (const char *)module;
}

#else

static bool make_jumps(HMODULE module, const struct shim_export *exports, unsigned int count, char **jumps)
{
    (void)module, (void)exports, (void)count;
    *jumps = NULL;
    return true;
}

/* Every address is 32 bits away from every other. */
static DWORD near_offset(HMODULE module, const char *jumps, unsigned int index, const struct shim_export *exports)
{
    (void)jumps;
    return (DWORD)exports[index].replacement - (DWORD)module;
}

#endif

/* The entry of a name; NULL if it is not exported. */
static DWORD *find_entry(HMODULE module, const IMAGE_EXPORT_DIRECTORY *directory, const char *name)
{
    char *base = (char *)module;
    const DWORD *names = (const DWORD *)(base + directory->AddressOfNames);
    const WORD *ordinals = (const WORD *)(base + directory->AddressOfNameOrdinals);
    DWORD i;

    for (i = 0; i < directory->NumberOfNames; i++)
    {
        if (!strcmp(base + names[i], name)) return (DWORD *)(base + directory->AddressOfFunctions) + ordinals[i];
    }
    return NULL;
}

static bool write_entry(DWORD *entry, DWORD offset)
{
    DWORD protect;

    if (!VirtualProtect(entry, sizeof(*entry), PAGE_READWRITE, &protect)) return false;
    *entry = offset;
    VirtualProtect(entry, sizeof(*entry), protect, &protect);
    return true;
}

/* Imports of one module that are bound to an export that was replaced. */
static void rebind_imports(HMODULE module, const struct shim_export *exports, void *const *bound, unsigned int count)
{
    const IMAGE_IMPORT_DESCRIPTOR *descriptor;
    unsigned int i;
    void **slot;
    ULONG size;

    descriptor = RtlImageDirectoryEntryToData(module, TRUE, IMAGE_DIRECTORY_ENTRY_IMPORT, &size);
    for (; descriptor && descriptor->Name; descriptor++)
    {
        for (slot = (void **)((char *)module + descriptor->FirstThunk); *slot; slot++)
        {
            for (i = 0; i < count && bound[i] != *slot; i++) continue;
            if (i == count) continue;
            TRACE("%p: import %s\n", module, exports[i].name);
            shim_write_pointer(slot, exports[i].replacement);
        }
    }
}

static void rebind_modules(HMODULE exporter, const struct shim_export *exports, void *const *bound, unsigned int count)
{
    const LIST_ENTRY *head = &NtCurrentTeb()->Peb->LdrData->InMemoryOrderModuleList, *entry;

    for (entry = head->Flink; entry != head; entry = entry->Flink)
    {
        HMODULE module = CONTAINING_RECORD(entry, LDR_DATA_TABLE_ENTRY, InMemoryOrderLinks)->DllBase;

        if (module != exporter) rebind_imports(module, exports, bound, count);
    }
}

void shim_replace_exports(HMODULE module, const struct shim_export *exports, unsigned int count)
{
    const IMAGE_EXPORT_DIRECTORY *directory;
    void *bound[SHIM_MAX_EXPORTS] = {NULL};
    unsigned int i;
    char *jumps;
    ULONG size;

    directory = RtlImageDirectoryEntryToData(module, TRUE, IMAGE_DIRECTORY_ENTRY_EXPORT, &size);
    if (!directory || count > SHIM_MAX_EXPORTS || !make_jumps(module, exports, count, &jumps))
    {
        ERR("exports of %p could not be replaced\n", module);
        return;
    }
    for (i = 0; i < count; i++)
    {
        DWORD *entry = find_entry(module, directory, exports[i].name);

        if (!entry) continue;
        bound[i] = (char *)module + *entry;
        if (exports[i].original) *exports[i].original = bound[i];
        if (!write_entry(entry, near_offset(module, jumps, i, exports))) ERR("%s stays Wine's\n", exports[i].name);
    }
    rebind_modules(module, exports, bound, count);
    TRACE("%p: %u exports\n", module, count);
}
