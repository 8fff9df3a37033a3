/*
 * Assemblies from the host: IHostAssemblyManager's store is asked before Mono looks for a file.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "control.h"

#include <string.h>

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

#define LARGEST_IMAGE (1u << 30) /* bytes; more is no assembly */

static IHostAssemblyStore *store;         /* one reference, kept */
static ICLRAssemblyReferenceList *others; /* what the store is not asked for; NULL: nothing */

/* Reads a stream from where it stands; its size is not known before. Returns memory of the process heap. */
static char *read_stream(IStream *stream, ULONG *length)
{
    ULONG size = 1 << 16, got;
    char *data = HeapAlloc(GetProcessHeap(), 0, size), *larger;

    for (*length = 0; data;)
    {
        if (FAILED(IStream_Read(stream, data + *length, size - *length, &got)) || !got) break;
        if ((*length += got) < size) continue;
        larger = size < LARGEST_IMAGE ? HeapReAlloc(GetProcessHeap(), 0, data, size *= 2) : NULL;
        if (!larger) HeapFree(GetProcessHeap(), 0, data);
        data = larger;
    }
    return data;
}

/* The image of an assembly, NULL if the host has none. */
static char *ask_store(const WCHAR *identity, DWORD domain, ULONG *length)
{
    AssemblyBindInfo info = {domain, identity, identity, 0};
    IStream *image = NULL, *symbols = NULL;
    UINT64 id = 0, context = 0;
    char *data = NULL;
    HRESULT hr;

    if (others && ICLRAssemblyReferenceList_IsStringAssemblyReferenceInList(others, identity) == S_OK) return NULL;
    hr = IHostAssemblyStore_ProvideAssembly(store, &info, &id, &context, &image, &symbols);
    TRACE("%s: %#lx, %p, %p\n", debugstr_w(identity), hr, image, symbols);
    if (FAILED(hr)) return NULL;
    if (image)
    {
        data = read_stream(image, length);
        IStream_Release(image);
    }
    if (symbols) IStream_Release(symbols);
    return data;
}

static MonoAssembly *load_image(char *data, ULONG length, const char *name)
{
    MonoAssembly *assembly = NULL;
    MonoImage *image;
    int status;

    image = shim_mono.image_open_from_data_with_name(data, length, TRUE, &status, FALSE, name);
    HeapFree(GetProcessHeap(), 0, data);
    if (image) assembly = shim_mono.assembly_load_from_full(image, name, &status, FALSE);
    if (!assembly) ERR("%s: the host's image of %lu bytes cannot be loaded (%d)\n", debugstr_a(name), length, status);
    return assembly;
}

static MonoAssembly *load_from_host(const char *identity, const char *name)
{
    DWORD domain = shim_domain_id(shim_mono.domain_get());
    struct shim_host_call call;
    ULONG length = 0;
    WCHAR wide[1024];
    char *data;

    if (!MultiByteToWideChar(CP_UTF8, 0, identity, -1, wide, ARRAY_SIZE(wide))) return NULL;
    shim_begin_host_call(&call);
    data = ask_store(wide, domain, &length);
    shim_end_host_call(&call);
    return data ? load_image(data, length, name) : NULL;
}

/* Mono asks before it looks for a file itself; NULL lets it look. mscorlib is there already. */
static MonoAssembly *__cdecl preload(MonoAssemblyName *name, char **path, void *data)
{
    char *identity = shim_mono.stringify_assembly_name(name);
    MonoAssembly *assembly = NULL;

    (void)path;
    (void)data;
    if (!identity) return NULL;
    if (strncmp(identity, "mscorlib,", 9)) assembly = load_from_host(identity, shim_mono.assembly_name_get_name(name));
    shim_mono.free(identity);
    return assembly;
}

void shim_host_assemblies_starting(void)
{
    IHostAssemblyManager *manager = shim_host_manager(&IID_IHostAssemblyManager);
    HRESULT hr;

    if (!manager || !shim_mono_found()) return;
    hr = IHostAssemblyManager_GetNonHostStoreAssemblies(manager, &others);
    TRACE("GetNonHostStoreAssemblies: %#lx, %p\n", hr, others);
    if (FAILED(hr)) others = NULL;
    hr = IHostAssemblyManager_GetAssemblyStore(manager, &store);
    TRACE("GetAssemblyStore: %#lx, %p\n", hr, store);
    if (SUCCEEDED(hr) && store) shim_mono.install_assembly_preload_hook(preload, NULL);
}
