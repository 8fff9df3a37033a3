/*
 * Patches mscoree and libmono when they are loaded.
 *
 * The loader's notification comes after a module's imports are bound and before its DllMain, so
 * the shim sees every call that libmono makes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "control.h"
#include "mono_api.h"

#include <string.h>
#include <wchar.h>

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

typedef void *(__cdecl *jit_init_version)(const char *domain_name, const char *runtime_version);
static HMODULE libmono; /* the one whose imports are redirected */
static bool libmono_seen;
static jit_init_version real_jit_init_version;
static FARPROC(WINAPI *real_GetProcAddress)(HMODULE, LPCSTR);

static const struct shim_import libmono_imports[] = {
    {"VirtualAlloc", shim_VirtualAlloc, (void **)&shim_originals.VirtualAlloc},
    {"VirtualFree", shim_VirtualFree, (void **)&shim_originals.VirtualFree},
    {"VirtualQuery", shim_VirtualQuery, (void **)&shim_originals.VirtualQuery},
    {"VirtualProtect", shim_VirtualProtect, (void **)&shim_originals.VirtualProtect},
    {"malloc", shim_malloc, (void **)&shim_originals.malloc},
    {"calloc", shim_calloc, (void **)&shim_originals.calloc},
    {"realloc", shim_realloc, (void **)&shim_originals.realloc},
    {"free", shim_free, (void **)&shim_originals.free},
    {"abort", shim_abort, (void **)&shim_originals.abort},
};

/* The default domain of a native host has this name in a CLR; a managed program's has the program's. */
static const char *default_domain_name(const char *program)
{
    ULONG size;

    if (RtlImageDirectoryEntryToData(GetModuleHandleW(NULL), TRUE, IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR, &size))
        return program;
    return "DefaultDomain";
}

/* Every start of the runtime comes here: a host's Start, its first ExecuteInDefaultAppDomain, a managed program's
 * entry point. */
static void *__cdecl shim_jit_init_version(const char *domain_name, const char *runtime_version)
{
    void *domain;

    TRACE("%s, %s\n", debugstr_a(domain_name), debugstr_a(runtime_version));
    if (!libmono) shim_error("this libmono is unknown to the shim: its memory does not come from a host");
    shim_runtime_starting();
    shim_control_starting();
    if ((domain = real_jit_init_version(default_domain_name(domain_name), runtime_version))) shim_collect_start();
    return domain;
}

/* mscoree looks up libmono's functions by name. */
static FARPROC WINAPI shim_GetProcAddress(HMODULE module, LPCSTR name)
{
    FARPROC function = real_GetProcAddress(module, name);

    if (!function || !((ULONG_PTR)name >> 16)) return function;
    if (!strcmp(name, "mono_thread_attach") && shim_mono_found()) return (void *)shim_thread_attach;
    if (strcmp(name, "mono_jit_init_version")) return function;
    real_jit_init_version = (void *)function;
    return (void *)shim_jit_init_version;
}

static const struct shim_import mscoree_imports[] = {
    {"GetProcAddress", shim_GetProcAddress, (void **)&real_GetProcAddress},
};

static void find_errno(void)
{
    HMODULE runtime;

    if (GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                           (const WCHAR *)shim_originals.malloc, &runtime))
        shim_originals.errno_location = (void *)GetProcAddress(runtime, "_errno");
}

static void attach_libmono(HMODULE module)
{
    unsigned int found;

    if (libmono)
    {
        if (libmono != module) WARN("%p is a second runtime beside %p: not redirected\n", module, libmono);
        return;
    }
    libmono = module;
    libmono_seen = true;
    found = shim_redirect_imports(module, libmono_imports, ARRAY_SIZE(libmono_imports));
    TRACE("%p: %u of %u functions redirected\n", module, found, (unsigned int)ARRAY_SIZE(libmono_imports));
    if (found < ARRAY_SIZE(libmono_imports)) WARN("%p imports %u functions only\n", module, found);
    find_errno();
    shim_mono_init(module);
}

static void attach_mscoree(HMODULE module)
{
    if (!shim_redirect_imports(module, mscoree_imports, ARRAY_SIZE(mscoree_imports)))
        ERR("%p does not import GetProcAddress: the runtime's start will not be seen\n", module);
    shim_attach_mscoree(module);
}

/* Only Wine's own mscoree has the objects that are patched; a program may have another mscoree.dll beside it. */
static bool is_builtin(HMODULE module)
{
    static const char mark[] = "Wine builtin DLL";

    return !memcmp((const char *)module + sizeof(IMAGE_DOS_HEADER), mark, sizeof(mark));
}

static bool name_is(const WCHAR *name, SIZE_T length, const WCHAR *other)
{
    return length == wcslen(other) && !_wcsnicmp(name, other, length);
}

static const WCHAR *const libmono_names[] = {L"libmono-2.0-x86_64.dll", L"libmono-2.0-x86.dll", L"mono-2.0.dll",
                                             L"libmono-2.0.dll"};

static bool is_libmono(const WCHAR *name, SIZE_T length)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(libmono_names); i++)
    {
        if (name_is(name, length, libmono_names[i])) return true;
    }
    return false;
}

static void CALLBACK module_changed(ULONG reason, LDR_DLL_NOTIFICATION_DATA *data, void *context)
{
    const WCHAR *name = data->Loaded.BaseDllName->Buffer;
    SIZE_T length = data->Loaded.BaseDllName->Length / sizeof(WCHAR);
    HMODULE module = data->Loaded.DllBase;

    (void)context;
    if (reason == LDR_DLL_NOTIFICATION_REASON_LOADED)
    {
        if (is_libmono(name, length)) attach_libmono(module);
        if (name_is(name, length, L"mscoree.dll") && is_builtin(module)) attach_mscoree(module);
    }
    else
    {
        if (module == libmono) libmono = NULL;
        if (name_is(name, length, L"mscoree.dll")) shim_detach_mscoree();
    }
}

/* libmono may have been loaded before the shim. */
static void attach_loaded_libmono(void)
{
    unsigned int i;
    HMODULE module;

    for (i = 0; i < ARRAY_SIZE(libmono_names); i++)
    {
        if ((module = GetModuleHandleW(libmono_names[i]))) attach_libmono(module);
    }
}

bool shim_attach_modules(void)
{
    HMODULE mscoree = GetModuleHandleW(L"mscoree.dll");
    void *cookie;

    if (LdrRegisterDllNotification(0, module_changed, NULL, &cookie))
    {
        ERR("no notification of loaded modules\n");
        return false;
    }
    if (mscoree && is_builtin(mscoree)) attach_mscoree(mscoree);
    attach_loaded_libmono();
    return true;
}

/* A managed program starts in Wine's mscoree, which loads libmono first, or ends the process with -1. */
void shim_check_runtime(void)
{
    HMODULE mscoree = GetModuleHandleW(L"mscoree.dll");
    ULONG size;

    if (libmono_seen || !mscoree || !is_builtin(mscoree)) return;
    if (!RtlImageDirectoryEntryToData(GetModuleHandleW(NULL), TRUE, IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR, &size))
        return;
    shim_error("Wine found no .NET runtime (Wine Mono) for this program");
    TerminateProcess(GetCurrentProcess(), 125);
}
