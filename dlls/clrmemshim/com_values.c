/*
 * Values between callers of COM methods and Mono: VARIANTs, SAFEARRAYs, strings, interface pointers.
 *
 * All of it happens in the calling thread's domain. Simple VARIANTs are left to System.Runtime.InteropServices.Marshal;
 * Mono's lacks arrays.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "com.h"

#include <string.h>

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

struct shim_oleaut_functions shim_oleaut;

bool shim_oleaut_load(void)
{
    static LONG loaded;
    bool complete = true;
    HMODULE module;

    if (loaded) return true;
    if (!(module = LoadLibraryW(L"oleaut32.dll"))) return false;
#define FIND(result, name, arguments) complete = (shim_oleaut.name = (void *)GetProcAddress(module, #name)) && complete;
    SHIM_OLEAUT_FUNCTIONS(FIND)
#undef FIND
    if (complete) InterlockedExchange(&loaded, TRUE);
    return complete;
}

/* How a type of elements is stored in a SAFEARRAY, and in a managed array. */
static const struct element
{
    int mono;     /* element type of ECMA-335 */
    VARTYPE type; /* Automation's */
    size_t size;  /* bytes, in both */
} plain_elements[] = {
    {SHIM_MONO_TYPE_U1, VT_UI1, 1}, {SHIM_MONO_TYPE_I1, VT_I1, 1},  {SHIM_MONO_TYPE_I2, VT_I2, 2},
    {SHIM_MONO_TYPE_U2, VT_UI2, 2}, {SHIM_MONO_TYPE_I4, VT_I4, 4},  {SHIM_MONO_TYPE_U4, VT_UI4, 4},
    {SHIM_MONO_TYPE_I8, VT_I8, 8},  {SHIM_MONO_TYPE_U8, VT_UI8, 8}, {SHIM_MONO_TYPE_R4, VT_R4, 4},
    {SHIM_MONO_TYPE_R8, VT_R8, 8},
};

static const struct element *plain_element_of_mono(int type)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(plain_elements); i++)
    {
        if (plain_elements[i].mono == type) return &plain_elements[i];
    }
    return NULL;
}

static const struct element *plain_element_of_variant(VARTYPE type)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(plain_elements); i++)
    {
        if (plain_elements[i].type == type) return &plain_elements[i];
    }
    return NULL;
}

static MonoClass *corlib_class(const char *name)
{
    return shim_mono.class_from_name(shim_mono.get_corlib(), "System", name);
}

static int type_of_class(MonoClass *klass)
{
    return shim_mono.type_get_type(shim_mono.class_get_type(klass));
}

static MonoObject *string_from_bstr(BSTR text)
{
    if (!text) return NULL;
    return (MonoObject *)shim_mono.string_new_utf16(shim_mono.domain_get(), text, shim_oleaut.SysStringLen(text));
}

static HRESULT bstr_from_string(MonoObject *object, BSTR *out)
{
    MonoString *text = (MonoString *)object;

    *out = NULL;
    if (!text) return S_OK;
    *out = shim_oleaut.SysAllocStringLen(shim_mono.string_chars(text), shim_mono.string_length(text));
    return *out ? S_OK : E_OUTOFMEMORY;
}

/* --- to managed values ------------------------------------------------------------ */

static HRESULT array_from_safearray(SAFEARRAY *array, MonoClass *element, MonoObject **out);

static MonoClass *class_for_elements(VARTYPE type)
{
    const struct element *plain = plain_element_of_variant(type);

    if (type == VT_BSTR) return corlib_class("String");
    if (type == VT_BOOL) return corlib_class("Boolean");
    switch (plain ? plain->mono : 0)
    {
    case SHIM_MONO_TYPE_U1:
        return corlib_class("Byte");
    case SHIM_MONO_TYPE_I2:
        return corlib_class("Int16");
    case SHIM_MONO_TYPE_I4:
        return corlib_class("Int32");
    case SHIM_MONO_TYPE_I8:
        return corlib_class("Int64");
    case SHIM_MONO_TYPE_R4:
        return corlib_class("Single");
    case SHIM_MONO_TYPE_R8:
        return corlib_class("Double");
    default:
        return corlib_class("Object");
    }
}

static HRESULT object_from_variant(VARIANT *variant, MonoObject **out)
{
    void *address = variant, *arguments[] = {&address};

    *out = NULL;
    if (V_VT(variant) == (VT_BYREF | VT_VARIANT)) return object_from_variant(V_VARIANTREF(variant), out);
    switch (V_VT(variant))
    {
    case VT_EMPTY:
    case VT_NULL:
    case VT_ERROR: /* a parameter that was left out */
        return S_OK;
    case VT_BSTR:
        *out = string_from_bstr(V_BSTR(variant));
        return S_OK;
    case VT_UNKNOWN:
    case VT_DISPATCH:
        return shim_unwrap(V_UNKNOWN(variant), out);
    }
    if (V_ISARRAY(variant))
        return array_from_safearray(V_ISBYREF(variant) ? *V_ARRAYREF(variant) : V_ARRAY(variant), NULL, out);
    return shim_invoke_corlib("System.Runtime.InteropServices.Marshal:GetObjectForNativeVariant(intptr)", NULL,
                              arguments, out);
}

/* One element that is a reference in a managed array. */
static HRESULT object_from_element(VARTYPE type, const void *element, MonoObject **out)
{
    *out = NULL;
    switch (type)
    {
    case VT_BSTR:
        *out = string_from_bstr(*(BSTR *)element);
        return S_OK;
    case VT_UNKNOWN:
    case VT_DISPATCH:
        return shim_unwrap(*(IUnknown **)element, out);
    case VT_VARIANT:
        return object_from_variant((VARIANT *)element, out);
    default:
        FIXME("elements of type %#x\n", type);
        return DISP_E_TYPEMISMATCH;
    }
}

static size_t size_of_element(VARTYPE type)
{
    const struct element *plain = plain_element_of_variant(type);

    if (type == VT_VARIANT) return sizeof(VARIANT);
    if (type == VT_BOOL) return sizeof(VARIANT_BOOL);
    return plain ? plain->size : sizeof(void *);
}

static HRESULT copy_elements(VARTYPE type, const char *from, ULONG length, MonoClass *element, MonoArray *array)
{
    size_t size = size_of_element(type);
    MonoObject *object;
    HRESULT hr = S_OK;
    ULONG i;

    if (!length) return S_OK;
    if (plain_element_of_variant(type))
    {
        memcpy(shim_mono.array_addr_with_size(array, size, 0), from, length * size);
        return S_OK;
    }
    for (i = 0; SUCCEEDED(hr) && i < length; i++, from += size)
    {
        if (type == VT_BOOL)
        {
            *shim_mono.array_addr_with_size(array, 1, i) = *(VARIANT_BOOL *)from != VARIANT_FALSE;
            continue;
        }
        hr = object_from_element(type, from, &object);
        if (SUCCEEDED(hr) && object && !shim_mono.object_isinst(object, element)) hr = DISP_E_TYPEMISMATCH;
        if (SUCCEEDED(hr))
            shim_mono.gc_wbarrier_set_arrayref(array, shim_mono.array_addr_with_size(array, sizeof(void *), i), object);
    }
    return hr;
}

/* A managed array of the given class, or of the one that fits the elements. */
static HRESULT array_from_safearray(SAFEARRAY *safearray, MonoClass *element, MonoObject **out)
{
    MonoClass *fitting;
    MonoArray *array;
    VARTYPE type;
    HRESULT hr;
    void *data;

    *out = NULL;
    if (!safearray) return S_OK;
    if (FAILED(hr = shim_oleaut.SafeArrayGetVartype(safearray, &type))) return hr;
    if (shim_oleaut.SafeArrayGetDim(safearray) != 1) return DISP_E_BADINDEX;
    fitting = class_for_elements(type);
    if (!element) element = fitting;
    /* Numbers are copied as they stand, so that they have to be of the same type. */
    if (type_of_class(fitting) != type_of_class(element) && (plain_element_of_variant(type) || type == VT_BOOL))
        return DISP_E_TYPEMISMATCH;
    if (plain_element_of_mono(type_of_class(element)) && !plain_element_of_variant(type)) return DISP_E_TYPEMISMATCH;
    if (FAILED(hr = shim_oleaut.SafeArrayAccessData(safearray, &data))) return hr;
    array = shim_mono.array_new(shim_mono.domain_get(), element, safearray->rgsabound[0].cElements);
    hr = array ? copy_elements(type, data, safearray->rgsabound[0].cElements, element, array) : E_OUTOFMEMORY;
    shim_oleaut.SafeArrayUnaccessData(safearray);
    if (SUCCEEDED(hr)) *out = (MonoObject *)array;
    return hr;
}

/* mono_runtime_invoke checks no types. */
static HRESULT check_object(MonoType *type, MonoObject *object)
{
    if (!object || shim_mono.object_isinst(object, shim_mono.class_from_mono_type(type))) return S_OK;
    return COR_E_INVALIDCAST;
}

static bool is_number(MonoType *type)
{
    int kind = shim_mono.type_get_type(type);

    if (kind == SHIM_MONO_TYPE_VALUETYPE) return shim_mono.class_is_enum(shim_mono.class_from_mono_type(type));
    return kind == SHIM_MONO_TYPE_I4 || kind == SHIM_MONO_TYPE_U4;
}

HRESULT shim_argument_from_stack(MonoType *type, void **stack, union shim_com_value *room, void **argument)
{
    MonoClass *klass = shim_mono.class_from_mono_type(type);
    MonoObject *object = NULL;
    HRESULT hr = S_OK;

    *argument = room;
    switch (shim_mono.type_get_type(type))
    {
    case SHIM_MONO_TYPE_BOOLEAN:
        room->truth = (VARIANT_BOOL)(ULONG_PTR)*stack != VARIANT_FALSE;
        return S_OK;
    case SHIM_MONO_TYPE_STRING:
        object = string_from_bstr(*stack);
        break;
    case SHIM_MONO_TYPE_OBJECT:
#ifdef _WIN64
        hr = object_from_variant(*stack, &object);
#else
        hr = object_from_variant((VARIANT *)stack, &object);
#endif
        break;
    case SHIM_MONO_TYPE_SZARRAY:
        hr = array_from_safearray(*stack, shim_mono.class_get_element_class(klass), &object);
        break;
    case SHIM_MONO_TYPE_CLASS:
        hr = shim_unwrap(*stack, &object);
        if (SUCCEEDED(hr)) hr = check_object(type, object);
        break;
    default:
        if (!is_number(type)) return E_NOTIMPL;
        room->number = (LONG)(ULONG_PTR)*stack;
        return S_OK;
    }
    *argument = object;
    return hr;
}

HRESULT shim_argument_from_variant(MonoType *type, VARIANT *variant, union shim_com_value *room, void **argument)
{
    bool is_truth = shim_mono.type_get_type(type) == SHIM_MONO_TYPE_BOOLEAN;
    MonoObject *object;
    VARIANT simple;
    HRESULT hr;

    *argument = room;
    if (is_truth || is_number(type))
    {
        V_VT(&simple) = VT_EMPTY;
        if (FAILED(hr = shim_oleaut.VariantChangeType(&simple, variant, 0, is_truth ? VT_BOOL : VT_I4))) return hr;
        if (is_truth)
            room->truth = V_BOOL(&simple) != VARIANT_FALSE;
        else
            room->number = V_I4(&simple);
        return S_OK;
    }
    if (FAILED(hr = object_from_variant(variant, &object))) return hr;
    *argument = object;
    return check_object(type, object);
}

/* --- from managed values ------------------------------------------------------------- */

static HRESULT safearray_from_array(MonoArray *array, SAFEARRAY **out, VARTYPE *type);

/* Whether the default interface of a class is IDispatch's too. */
static bool is_dispatch(MonoClass *klass)
{
    const struct shim_com_class *description = shim_com_class_of(klass);

    return description && description->interfaces[0]->first == 7;
}

HRESULT shim_result_to_variant(MonoObject *result, VARIANT *out)
{
    void *address = out, *arguments[] = {result, &address};
    MonoObject *nothing;
    MonoClass *klass;
    VARTYPE type;
    HRESULT hr;

    memset(out, 0, sizeof(*out));
    if (!result) return S_OK;
    klass = shim_mono.object_get_class(result);
    if (type_of_class(klass) == SHIM_MONO_TYPE_SZARRAY)
    {
        hr = safearray_from_array((MonoArray *)result, &V_ARRAY(out), &type);
        if (SUCCEEDED(hr)) V_VT(out) = VT_ARRAY | type;
        return hr;
    }
    if (type_of_class(klass) == SHIM_MONO_TYPE_STRING)
    {
        hr = bstr_from_string(result, &V_BSTR(out));
        if (SUCCEEDED(hr)) V_VT(out) = VT_BSTR;
        return hr;
    }
    if (shim_mono.class_is_valuetype(klass))
        return shim_invoke_corlib("System.Runtime.InteropServices.Marshal:GetNativeVariantForObject(object,intptr)",
                                  NULL, arguments, &nothing);
    hr = shim_wrap(result, &V_UNKNOWN(out));
    if (SUCCEEDED(hr)) V_VT(out) = is_dispatch(klass) ? VT_DISPATCH : VT_UNKNOWN;
    return hr;
}

static HRESULT result_to_element(VARTYPE type, MonoObject *object, void *element)
{
    if (type == VT_BSTR) return bstr_from_string(object, element);
    if (type == VT_VARIANT) return shim_result_to_variant(object, element);
    return shim_wrap(object, element);
}

static VARTYPE type_for_elements(MonoClass *element)
{
    const struct element *plain = plain_element_of_mono(type_of_class(element));

    if (plain) return plain->type;
    switch (type_of_class(element))
    {
    case SHIM_MONO_TYPE_BOOLEAN:
        return VT_BOOL;
    case SHIM_MONO_TYPE_STRING:
        return VT_BSTR;
    case SHIM_MONO_TYPE_CLASS:
        return is_dispatch(element) ? VT_DISPATCH : VT_UNKNOWN;
    default:
        return VT_VARIANT;
    }
}

static HRESULT fill_safearray(MonoArray *array, VARTYPE type, char *to)
{
    uintptr_t i, length = shim_mono.array_length(array);
    size_t size = size_of_element(type);
    HRESULT hr = S_OK;

    if (plain_element_of_variant(type))
    {
        if (length) memcpy(to, shim_mono.array_addr_with_size(array, size, 0), length * size);
        return S_OK;
    }
    for (i = 0; SUCCEEDED(hr) && i < length; i++, to += size)
    {
        if (type == VT_BOOL)
            *(VARIANT_BOOL *)to = *shim_mono.array_addr_with_size(array, 1, i) ? VARIANT_TRUE : VARIANT_FALSE;
        else
            hr = result_to_element(type, *(MonoObject **)shim_mono.array_addr_with_size(array, sizeof(void *), i), to);
    }
    return hr;
}

static HRESULT safearray_from_array(MonoArray *array, SAFEARRAY **out, VARTYPE *type)
{
    MonoClass *element = shim_mono.class_get_element_class(shim_mono.object_get_class((MonoObject *)array));
    SAFEARRAY *safearray;
    HRESULT hr;
    void *data;

    *out = NULL;
    *type = type_for_elements(element);
    if (shim_mono.class_is_valuetype(element) && *type == VT_VARIANT) return E_NOTIMPL;
    if (!(safearray = shim_oleaut.SafeArrayCreateVector(*type, 0, shim_mono.array_length(array)))) return E_OUTOFMEMORY;
    hr = shim_oleaut.SafeArrayAccessData(safearray, &data);
    if (SUCCEEDED(hr)) hr = fill_safearray(array, *type, data);
    shim_oleaut.SafeArrayUnaccessData(safearray);
    if (SUCCEEDED(hr))
        *out = safearray;
    else
        shim_oleaut.SafeArrayDestroy(safearray);
    return hr;
}

HRESULT shim_result_to_pointer(MonoType *type, MonoObject *result, void *out)
{
    VARTYPE elements;

    switch (shim_mono.type_get_type(type))
    {
    case SHIM_MONO_TYPE_BOOLEAN:
        *(VARIANT_BOOL *)out = *(uint8_t *)shim_mono.object_unbox(result) ? VARIANT_TRUE : VARIANT_FALSE;
        return S_OK;
    case SHIM_MONO_TYPE_STRING:
        return bstr_from_string(result, out);
    case SHIM_MONO_TYPE_OBJECT:
        return shim_result_to_variant(result, out);
    case SHIM_MONO_TYPE_SZARRAY:
        *(SAFEARRAY **)out = NULL;
        return result ? safearray_from_array((MonoArray *)result, out, &elements) : S_OK;
    case SHIM_MONO_TYPE_CLASS:
        return shim_wrap(result, out);
    case SHIM_MONO_TYPE_VALUETYPE:
        if (!strcmp(shim_mono.class_get_name(shim_mono.class_from_mono_type(type)), "Guid"))
        {
            memcpy(out, shim_mono.object_unbox(result), sizeof(GUID));
            return S_OK;
        }
    }
    if (!is_number(type)) return E_NOTIMPL;
    *(LONG *)out = *(int32_t *)shim_mono.object_unbox(result);
    return S_OK;
}
