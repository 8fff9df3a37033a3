/*
 * Import tables of loaded modules.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "shim.h"

#include <string.h>

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

struct shim_originals shim_originals;

bool shim_write_pointer(void **where, void *value)
{
    DWORD protect;

    /* Import tables are read-only in newer versions of Wine, COM method tables in all versions. */
    if (!VirtualProtect(where, sizeof(*where), PAGE_READWRITE, &protect)) return false;
    InterlockedExchangePointer(where, value);
    VirtualProtect(where, sizeof(*where), protect, &protect);
    return true;
}

static bool redirect_one(HMODULE module, const char *name, void **slot, const struct shim_import *imports,
                         unsigned int count)
{
    unsigned int i;

    for (i = 0; i < count; i++)
    {
        if (strcmp(imports[i].name, name)) continue;
        if (*slot == imports[i].replacement) return true;
        if (imports[i].original) *imports[i].original = *slot;
        if (!shim_write_pointer(slot, imports[i].replacement))
        {
            ERR("import %s of %p could not be redirected\n", debugstr_a(name), module);
            return false;
        }
        TRACE("%p: %s at %p\n", module, debugstr_a(name), slot);
        return true;
    }
    return false;
}

static unsigned int redirect_descriptor(HMODULE module, const IMAGE_IMPORT_DESCRIPTOR *descriptor,
                                        const struct shim_import *imports, unsigned int count)
{
    const char *base = (const char *)module;
    const IMAGE_THUNK_DATA *thunk;
    unsigned int found = 0;
    void **slot = (void **)(base + descriptor->FirstThunk);

    /* Without the table of names, a bound import cannot be identified. */
    if (!descriptor->OriginalFirstThunk) return 0;
    thunk = (const IMAGE_THUNK_DATA *)(base + descriptor->OriginalFirstThunk);
    for (; thunk->u1.AddressOfData; thunk++, slot++)
    {
        const IMAGE_IMPORT_BY_NAME *import;

        if (IMAGE_SNAP_BY_ORDINAL(thunk->u1.Ordinal)) continue;
        import = (const IMAGE_IMPORT_BY_NAME *)(base + thunk->u1.AddressOfData);
        found += redirect_one(module, (const char *)import->Name, slot, imports, count);
    }
    return found;
}

unsigned int shim_redirect_imports(HMODULE module, const struct shim_import *imports, unsigned int count)
{
    const IMAGE_IMPORT_DESCRIPTOR *descriptor;
    unsigned int found = 0;
    ULONG size;

    descriptor = RtlImageDirectoryEntryToData(module, TRUE, IMAGE_DIRECTORY_ENTRY_IMPORT, &size);
    if (!descriptor) return 0;
    for (; descriptor->Name; descriptor++) found += redirect_descriptor(module, descriptor, imports, count);
    return found;
}
