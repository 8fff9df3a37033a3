/*
 * Runs managed code for a host, in the default domain.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "com.h"
#include "framework.h"
#include "mono_api.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

static MonoString *new_string(const WCHAR *text)
{
    return shim_mono.string_new_utf16(shim_mono.domain_get(), text, wcslen(text));
}

/* An assembly that stands in a file, and those beside it that it refers to: the context of LoadFrom. */
static HRESULT load_assembly(const WCHAR *path, MonoObject **assembly)
{
    DWORD size = GetFullPathNameW(path, 0, NULL, NULL);
    WCHAR *full = size ? HeapAlloc(GetProcessHeap(), 0, size * sizeof(WCHAR)) : NULL;
    void *arguments[1];

    if (!full) return size ? E_OUTOFMEMORY : HRESULT_FROM_WIN32(GetLastError());
    GetFullPathNameW(path, size, full, NULL);
    arguments[0] = new_string(full);
    HeapFree(GetProcessHeap(), 0, full);
    return shim_invoke_corlib("System.Reflection.Assembly:LoadFrom(string)", NULL, arguments, assembly);
}

static HRESULT find_class(MonoObject *assembly, const WCHAR *name, MonoClass **klass)
{
    uint8_t throws = TRUE;
    void *arguments[] = {new_string(name), &throws};
    MonoObject *type;
    HRESULT hr;

    hr = shim_invoke_corlib("System.Reflection.Assembly:GetType(string,bool)", assembly, arguments, &type);
    if (FAILED(hr)) return hr;
    if (!type) return COR_E_TYPELOAD;
    *klass = shim_mono.class_from_mono_type(shim_mono.reflection_type_get_type(type));
    return *klass ? S_OK : COR_E_TYPELOAD;
}

/* static int Method(string) */
static bool takes_string_gives_int(MonoMethod *method)
{
    MonoMethodSignature *signature = shim_mono.method_signature(method);
    void *iterator = NULL;

    return signature && !shim_mono.signature_is_instance(signature) &&
           shim_mono.signature_get_param_count(signature) == 1 &&
           shim_mono.type_get_type(shim_mono.signature_get_params(signature, &iterator)) == SHIM_MONO_TYPE_STRING &&
           shim_mono.type_get_type(shim_mono.signature_get_return_type(signature)) == SHIM_MONO_TYPE_I4;
}

static MonoMethod *find_method(MonoClass *klass, const WCHAR *name)
{
    char wanted[512];

    if (!WideCharToMultiByte(CP_UTF8, 0, name, -1, wanted, sizeof(wanted), NULL, NULL)) return NULL;
    for (; klass; klass = shim_mono.class_get_parent(klass))
    {
        void *iterator = NULL;
        MonoMethod *method;

        while ((method = shim_mono.class_get_methods(klass, &iterator)))
        {
            if (!strcmp(shim_mono.method_get_name(method), wanted) && takes_string_gives_int(method)) return method;
        }
    }
    return NULL;
}

static HRESULT execute(const WCHAR *path, const WCHAR *type, const WCHAR *name, const WCHAR *argument, DWORD *result)
{
    MonoObject *assembly, *boxed;
    MonoMethod *method;
    MonoClass *klass;
    void *arguments[1];
    HRESULT hr;

    if (FAILED(hr = load_assembly(path, &assembly))) return hr;
    if (FAILED(hr = find_class(assembly, type, &klass))) return hr;
    if (!(method = find_method(klass, name))) return COR_E_MISSINGMETHOD;
    arguments[0] = argument ? new_string(argument) : NULL;
    if (FAILED(hr = shim_invoke(method, NULL, arguments, &boxed))) return hr;
    if (result) *result = *(DWORD *)shim_mono.object_unbox(boxed);
    return S_OK;
}

HRESULT shim_execute_in_default_domain(const WCHAR *assembly, const WCHAR *type, const WCHAR *method,
                                       const WCHAR *argument, DWORD *result)
{
    struct shim_entered entered;
    HRESULT hr;

    shim_enter_domain(shim_mono.get_root_domain(), &entered);
    hr = execute(assembly, type, method, argument, result);
    shim_leave_domain(&entered);
    return hr;
}

/* Where the name of the assembly begins in "Type, Assembly": after the first comma that is in no brackets. */
static const WCHAR *find_assembly_name(const WCHAR *name)
{
    int depth = 0;

    for (; *name; name++)
    {
        if (*name == '[') depth++;
        if (*name == ']') depth--;
        if (*name == ',' && !depth) return name + 1;
    }
    return NULL;
}

/* Not by Type.GetType, which asks who calls it. */
static HRESULT find_type(const WCHAR *name, MonoObject **type)
{
    const WCHAR *assembly_name = find_assembly_name(name);
    size_t length = assembly_name ? (size_t)(assembly_name - 1 - name) : wcslen(name);
    uint8_t throws = TRUE;
    MonoObject *assembly;
    void *arguments[2];
    HRESULT hr;

    arguments[0] = new_string(assembly_name ? assembly_name : L"mscorlib");
    hr = shim_invoke_corlib("System.Reflection.Assembly:Load(string)", NULL, arguments, &assembly);
    if (FAILED(hr)) return hr;
    arguments[0] = shim_mono.string_new_utf16(shim_mono.domain_get(), name, length);
    arguments[1] = &throws;
    return shim_invoke_corlib("System.Reflection.Assembly:GetType(string,bool)", assembly, arguments, type);
}

static HRESULT create_instance(const WCHAR *name, IUnknown **unknown)
{
    MonoObject *type, *object;
    void *arguments[1];
    HRESULT hr;

    if (FAILED(hr = find_type(name, &type))) return hr;
    arguments[0] = type;
    hr = shim_invoke_corlib("System.Activator:CreateInstance(System.Type)", NULL, arguments, &object);
    if (FAILED(hr)) return hr;
    shim_com_init();
    return shim_wrap(object, unknown);
}

HRESULT shim_create_instance(const WCHAR *type, IUnknown **unknown)
{
    struct shim_entered entered;
    HRESULT hr;

    shim_enter_domain(shim_mono.get_root_domain(), &entered);
    hr = create_instance(type, unknown);
    shim_leave_domain(&entered);
    return hr;
}
