/*
 * A host in the style of loaders: an assembly from memory through _AppDomain, its entry point and its types.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include "managed.h"
#include "mscorlib.h"

/* BindingFlags */
#define INVOKE_METHOD   0x100
#define GET_PROPERTY    0x1000
#define SET_PROPERTY    0x2000
#define PUBLIC_STATIC   0x18
#define PUBLIC_INSTANCE 0x14

static VARIANT empty;
static const IID no_iid;

/* Text that the host gets, which it has to free. */
static HRESULT show_text(const char *what, HRESULT hr, BSTR *text)
{
    if (FAILED(hr)) return show(what, hr);
    printf("%s: 0x%08lx %ls\n", what, (unsigned long)hr, *text ? *text : L"(null)");
    fflush(stdout);
    SysFreeString(*text);
    return hr;
}

static void show_variant(const char *what, HRESULT hr, VARIANT *value)
{
    if (FAILED(hr))
        show(what, hr);
    else if (V_VT(value) == VT_BSTR)
        printf("%s: 0x%08lx text %ls\n", what, (unsigned long)hr, V_BSTR(value));
    else if (V_VT(value) == VT_I4)
        printf("%s: 0x%08lx number %ld\n", what, (unsigned long)hr, (long)V_I4(value));
    else if (V_VT(value) == VT_BOOL)
        printf("%s: 0x%08lx truth %d\n", what, (unsigned long)hr, V_BOOL(value));
    else if (V_VT(value) == VT_R8)
        printf("%s: 0x%08lx real %.2f\n", what, (unsigned long)hr, V_R8(value));
    else
        printf("%s: 0x%08lx type %#x\n", what, (unsigned long)hr, V_VT(value));
    fflush(stdout);
    VariantClear(value);
}

static VARIANT text(const WCHAR *value)
{
    VARIANT variant = {0};

    V_VT(&variant) = VT_BSTR;
    V_BSTR(&variant) = SysAllocString(value);
    return variant;
}

static VARIANT number(LONG value)
{
    VARIANT variant = {0};

    V_VT(&variant) = VT_I4;
    V_I4(&variant) = value;
    return variant;
}

static VARIANT array_of(SAFEARRAY *array, VARTYPE type)
{
    VARIANT variant = {0};

    V_VT(&variant) = VT_ARRAY | type;
    V_ARRAY(&variant) = array;
    return variant;
}

/* The arguments of a call: SAFEARRAY of VARIANT; takes over the values. */
static SAFEARRAY *arguments(ULONG count, VARIANT *values)
{
    SAFEARRAY *array = SafeArrayCreateVector(VT_VARIANT, 0, count);
    LONG i;

    for (i = 0; i < (LONG)count; i++)
    {
        SafeArrayPutElement(array, &i, &values[i]);
        VariantClear(&values[i]);
    }
    return array;
}

static SAFEARRAY *texts(ULONG count)
{
    SAFEARRAY *array = SafeArrayCreateVector(VT_BSTR, 0, count);
    WCHAR name[] = L"a";
    BSTR value;
    LONG i;

    for (i = 0; i < (LONG)count; i++, name[0]++)
    {
        value = SysAllocString(name);
        SafeArrayPutElement(array, &i, value);
        SysFreeString(value);
    }
    return array;
}

static SAFEARRAY *read_file(const WCHAR *path)
{
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    DWORD size = GetFileSize(file, NULL), got;
    SAFEARRAY *array = SafeArrayCreateVector(VT_UI1, 0, size);

    if (!array || !ReadFile(file, array->pvData, size, &got, NULL) || got != size) exit(2);
    CloseHandle(file);
    return array;
}

static AppDomain *default_domain(void)
{
    ICorRuntimeHost *host = get_runtime(&CLSID_CorRuntimeHost, &IID_ICorRuntimeHost);
    IUnknown *unknown, *again;
    AppDomain *domain;

    show("Start", ICorRuntimeHost_Start(host));
    show("Start again", ICorRuntimeHost_Start(host));
    if (FAILED(show("GetDefaultDomain", ICorRuntimeHost_GetDefaultDomain(host, &unknown)))) exit(1);
    show("GetDefaultDomain again", ICorRuntimeHost_GetDefaultDomain(host, &again));
    printf("the same: %d\n", unknown == again);
    IUnknown_Release(again);
    if (FAILED(show("QueryInterface(_AppDomain)", IUnknown_QueryInterface(unknown, &IID__AppDomain, (void **)&domain))))
        exit(1);
    IUnknown_Release(unknown);
    return domain;
}

static void run_entry_point(Assembly *assembly, ULONG count)
{
    VARIANT list = array_of(texts(count), VT_BSTR), result;
    SAFEARRAY *call = arguments(1, &list);
    MethodInfo *entry;
    BSTR name;

    if (FAILED(show("get_EntryPoint", assembly->lpVtbl->get_EntryPoint(assembly, &entry)))) return;
    show_text("entry point", entry->lpVtbl->get_ToString(entry, &name), &name);
    show_variant("Invoke_3", entry->lpVtbl->Invoke_3(entry, empty, call, &result), &result);
    show_variant("Invoke_2", entry->lpVtbl->Invoke_2(entry, empty, 0, NULL, call, NULL, &result), &result);
    SafeArrayDestroy(call);
    entry->lpVtbl->Release(entry);
}

static void call_static(Type *type, const WCHAR *name, ULONG count, VARIANT *values)
{
    SAFEARRAY *call = arguments(count, values);
    BSTR member = SysAllocString(name);
    char what[64];
    VARIANT result;

    sprintf(what, "InvokeMember_3(%ls)", name);
    show_variant(what,
                 type->lpVtbl->InvokeMember_3(type, member, INVOKE_METHOD | PUBLIC_STATIC, NULL, empty, call, &result),
                 &result);
    SysFreeString(member);
    SafeArrayDestroy(call);
}

static void call_statics(Type *type)
{
    VARIANT values[4];
    SAFEARRAY *bytes = SafeArrayCreateVector(VT_UI1, 0, 4);

    memcpy(bytes->pvData, "\1\2\3\4", 4);
    values[0] = text(L"text");
    values[1] = number(-7);
    V_VT(&values[2]) = VT_BOOL;
    V_BOOL(&values[2]) = VARIANT_TRUE;
    V_VT(&values[3]) = VT_R8;
    V_R8(&values[3]) = 2.5;
    call_static(type, L"Join", 4, values);
    values[0] = array_of(texts(3), VT_BSTR);
    call_static(type, L"Count", 1, values);
    values[0] = array_of(bytes, VT_UI1);
    call_static(type, L"Sum", 1, values);
    values[0] = empty;
    call_static(type, L"TypeOf", 1, values);
    values[0] = text(L"x");
    call_static(type, L"TypeOf", 1, values);
    values[0] = number(3);
    call_static(type, L"Echo", 1, values);
    call_static(type, L"Texts", 0, NULL);
    call_static(type, L"Fail", 0, NULL);
}

static void call_instance(Assembly *assembly, Type *type)
{
    BSTR name = SysAllocString(L"ClrMem.Hosts.Target"), property = SysAllocString(L"Name");
    BSTR greet = SysAllocString(L"Greet");
    VARIANT object, result, value = text(L"host");
    PropertyInfo *info;
    SAFEARRAY *call;

    if (FAILED(show("CreateInstance", assembly->lpVtbl->CreateInstance(assembly, name, &object)))) return;
    printf("an object: %d\n", V_VT(&object) == VT_UNKNOWN || V_VT(&object) == VT_DISPATCH);
    if (SUCCEEDED(show("GetProperty_7", type->lpVtbl->GetProperty_7(type, property, &info))))
    {
        show("SetValue", info->lpVtbl->SetValue(info, object, value, NULL));
        show_variant("GetValue", info->lpVtbl->GetValue(info, object, NULL, &result), &result);
        info->lpVtbl->Release(info);
    }
    call = arguments(1, &value);
    show_variant(
        "InvokeMember_3(Greet)",
        type->lpVtbl->InvokeMember_3(type, greet, INVOKE_METHOD | PUBLIC_INSTANCE, NULL, object, call, &result),
        &result);
    SafeArrayDestroy(call);
    VariantClear(&object);
    SysFreeString(greet);
    SysFreeString(property);
    SysFreeString(name);
}

static void use_types(Assembly *assembly)
{
    BSTR name = SysAllocString(L"ClrMem.Hosts.Target"), missing = SysAllocString(L"No.Such");
    BSTR method = SysAllocString(L"Sum"), found;
    SAFEARRAY *all;
    MethodInfo *info;
    Type *type;

    show("GetType_2 of none", assembly->lpVtbl->GetType_2(assembly, missing, &type));
    printf("no type: %d\n", !type);
    show("GetType_3 of none", assembly->lpVtbl->GetType_3(assembly, missing, VARIANT_TRUE, &type));
    if (FAILED(show("GetType_2", assembly->lpVtbl->GetType_2(assembly, name, &type)))) return;
    show_text("get_FullName", type->lpVtbl->get_FullName(type, &found), &found);
    show_text("get_Namespace", type->lpVtbl->get_Namespace(type, &found), &found);
    call_statics(type);
    call_instance(assembly, type);
    if (SUCCEEDED(show("GetMethod_6", type->lpVtbl->GetMethod_6(type, method, &info))))
    {
        VARIANT_BOOL is_static = 0;

        show_text("get_name", info->lpVtbl->get_name(info, &found), &found);
        show("get_IsStatic", info->lpVtbl->get_IsStatic(info, &is_static));
        printf("static: %d\n", is_static);
        info->lpVtbl->Release(info);
    }
    if (SUCCEEDED(show("GetTypes", assembly->lpVtbl->GetTypes(assembly, &all))))
    {
        printf("types: %lu\n", (unsigned long)all->rgsabound[0].cElements);
        SafeArrayDestroy(all);
    }
    type->lpVtbl->Release(type);
    SysFreeString(name);
    SysFreeString(missing);
    SysFreeString(method);
}

static void use_domain(AppDomain *domain, BSTR file)
{
    BSTR name = SysAllocString(L"managed"), bad = SysAllocString(L"No.Such.Assembly"), key = SysAllocString(L"key");
    BSTR out = NULL;
    VARIANT value = text(L"value"), back;
    SAFEARRAY *list;
    Assembly *assembly;
    IDispatch *dispatch;
    LONG result = 0;

    show_text("get_FriendlyName", domain->lpVtbl->get_FriendlyName(domain, &out), &out);
    show("Load_2 of none", domain->lpVtbl->Load_2(domain, bad, &assembly));
    if (SUCCEEDED(show("Load_2", domain->lpVtbl->Load_2(domain, name, &assembly)))) assembly->lpVtbl->Release(assembly);
    show("SetData", domain->lpVtbl->SetData(domain, key, value));
    show_variant("GetData", domain->lpVtbl->GetData(domain, key, &back), &back);
    show_value("ExecuteAssembly_2", domain->lpVtbl->ExecuteAssembly_2(domain, file, &result), &result);
    list = texts(2);
    show_value("ExecuteAssembly_3", domain->lpVtbl->ExecuteAssembly_3(domain, file, NULL, list, &result), &result);
    SafeArrayDestroy(list);
    if (SUCCEEDED(show("GetAssemblies", domain->lpVtbl->GetAssemblies(domain, &list))))
    {
        assembly = ((Assembly **)list->pvData)[0];
        show_text("first assembly", assembly->lpVtbl->get_FullName(assembly, &out), &out);
        SafeArrayDestroy(list);
    }
    show("IDispatch", domain->lpVtbl->QueryInterface(domain, &IID_IDispatch, (void **)&dispatch));
    IDispatch_Release(dispatch);
    VariantClear(&value);
    SysFreeString(name);
    SysFreeString(bad);
    SysFreeString(key);
}

/* As scripts call: by the names of the type library. */
static void call_late(AppDomain *domain)
{
    static WCHAR friendly[] = L"FriendlyName", load[] = L"Load_2", none[] = L"Load_99";
    WCHAR *names[] = {friendly};
    DISPPARAMS nothing = {0}, parameters = {0};
    VARIANT name = text(L"managed"), result = {0};
    DISPID id = 0;

    show("GetIDsOfNames", domain->lpVtbl->GetIDsOfNames(domain, &no_iid, names, 1, 0, &id));
    show("Invoke", domain->lpVtbl->Invoke(domain, id, &no_iid, 0, DISPATCH_PROPERTYGET, &nothing, &result, NULL, NULL));
    printf("late: %d\n", V_VT(&result) == VT_BSTR);
    VariantClear(&result);
    names[0] = load;
    parameters.cArgs = 1;
    parameters.rgvarg = &name;
    show("GetIDsOfNames", domain->lpVtbl->GetIDsOfNames(domain, &no_iid, names, 1, 0, &id));
    show("Invoke", domain->lpVtbl->Invoke(domain, id, &no_iid, 0, DISPATCH_METHOD, &parameters, &result, NULL, NULL));
    printf("late: %d\n", V_VT(&result) == VT_DISPATCH);
    VariantClear(&result);
    VariantClear(&name);
    names[0] = none;
    show("GetIDsOfNames", domain->lpVtbl->GetIDsOfNames(domain, &no_iid, names, 1, 0, &id));
}

int main(void)
{
    BSTR file = SysAllocString(managed_assembly()), name;
    AppDomain *domain = default_domain();
    SAFEARRAY *image = read_file(file);
    Assembly *assembly;

    if (FAILED(show("Load_3", domain->lpVtbl->Load_3(domain, image, &assembly)))) return 1;
    SafeArrayDestroy(image);
    show_text("get_FullName", assembly->lpVtbl->get_FullName(assembly, &name), &name);
    run_entry_point(assembly, 2);
    use_types(assembly);
    use_domain(domain, file);
    call_late(domain);
    image = SafeArrayCreateVector(VT_UI1, 0, 3);
    show("Load_3 of no assembly", domain->lpVtbl->Load_3(domain, image, &assembly));
    SafeArrayDestroy(image);
    domain->lpVtbl->Release(domain);
    SysFreeString(file);
    return 0;
}
