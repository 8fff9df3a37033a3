/*
 * Calls of COM methods that go to managed ones.
 *
 * Every slot of every interface leads to one function, which finds in a table what the slot is called, as
 * Wine's and Windows' proxies without stubs do.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "com.h"

#include <stdio.h>
#include <string.h>

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

#define MOST_PARAMETERS 12

/* The code of slot n loads n and goes on to the common part, which makes an array of the arguments and calls
 * shim_com_dispatch. On i386 that says how much the caller had pushed, as the method takes it off. */
extern const char shim_com_code[];

/* clang-format off */
#define SLOTS(symbol)                                                 \
    ".text\n"                                                         \
    ".balign " SHIM_STRINGIFY(SHIM_COM_DISTANCE) "\n"                 \
    ".globl " symbol "\n"                                             \
    symbol ":\n"                                                      \
    ".set slot, 3\n"                                                  \
    ".rept " SHIM_STRINGIFY(SHIM_COM_SLOTS) " - 3\n"                  \
    ".balign " SHIM_STRINGIFY(SHIM_COM_DISTANCE) "\n"                 \
    "movl $slot, %eax\n"                                              \
    "jmp shim_com_common\n"                                           \
    ".set slot, slot + 1\n"                                           \
    ".endr\n"

#ifdef _WIN64
__asm__(SLOTS("shim_com_code")
        ".seh_proc shim_com_common\n"
        "shim_com_common:\n"
        "subq $40, %rsp\n"
        ".seh_stackalloc 40\n"
        ".seh_endprologue\n"
        "movq %rcx, 48(%rsp)\n"
        "movq %rdx, 56(%rsp)\n"
        "movq %r8, 64(%rsp)\n"
        "movq %r9, 72(%rsp)\n"
        "movl %eax, %ecx\n"
        "leaq 48(%rsp), %rdx\n"
        "call shim_com_dispatch\n"
        "addq $40, %rsp\n"
        "ret\n"
        ".seh_endproc\n");
#else
__asm__(SLOTS("_shim_com_code")
        "shim_com_common:\n"
        "leal 4(%esp), %edx\n"
        "pushl %edx\n"
        "pushl %eax\n"
        "call _shim_com_dispatch\n"
        "addl $8, %esp\n"
        "popl %ecx\n"
        "addl %edx, %esp\n"
        "jmp *%ecx\n");
#endif
#undef SLOTS
/* clang-format on */

/* A row of the tables: "Result Name(Type,Type)". */
struct method
{
    char result[64], name[64];
    char parameters[256]; /* "Type,Type" */
    unsigned int count;   /* of parameters */
};

static void parse_method(const char *row, struct method *method)
{
    const char *space = strchr(row, ' '), *open = strchr(row, '('), *p;

    snprintf(method->result, sizeof(method->result), "%.*s", (int)(space - row), row);
    snprintf(method->name, sizeof(method->name), "%.*s", (int)(open - space - 1), space + 1);
    snprintf(method->parameters, sizeof(method->parameters), "%.*s", (int)strlen(open) - 2, open + 1);
    method->count = *method->parameters != 0;
    for (p = method->parameters; *p; p++) method->count += *p == ',';
}

/* How many pointers' worth of stack a parameter takes: a structure by value is spread out on i386, and is a pointer
 * on x86-64. */
static unsigned int stack_of(const char *parameter)
{
    size_t length = strcspn(parameter, ",");

    if (sizeof(void *) == 8) return 1;
    if (length == 6 && !memcmp(parameter, "object", 6)) return sizeof(VARIANT) / sizeof(void *);
    if (length == 14 && !memcmp(parameter, "TypedReference", 14)) return sizeof(VARIANT) / sizeof(void *);
    if (length == 16 && !memcmp(parameter, "StreamingContext", 16)) return 2;
    return 1;
}

static const char *next_parameter(const char *parameter)
{
    const char *comma = strchr(parameter, ',');

    return comma ? comma + 1 : parameter + strlen(parameter);
}

/* All arguments: the interface pointer, the parameters, the place for the result. */
static unsigned int stack_of_method(const struct method *method)
{
    unsigned int size = 1 + (strcmp(method->result, "void") != 0);
    const char *p;

    for (p = method->parameters; *p; p = next_parameter(p)) size += stack_of(p);
    return size;
}

static MonoMethod *find_method(MonoObject *object, const struct method *method)
{
    MonoClass *klass = shim_mono.object_get_class(object);
    MonoMethod *found = NULL;
    MonoMethodDesc *parsed;
    char text[384];

    snprintf(text, sizeof(text), ":%s(%s)", method->name, method->parameters);
    if (!(parsed = shim_mono.method_desc_new(text, FALSE))) return NULL;
    for (; klass && !found; klass = shim_mono.class_get_parent(klass))
        found = shim_mono.method_desc_search_in_class(parsed, klass);
    shim_mono.method_desc_free(parsed);
    return found ? shim_mono.object_get_virtual_method(object, found) : NULL;
}

/* Where the arguments of a call are: on a caller's stack, or in DISPPARAMS, last one first. */
struct call
{
    void **stack;
    VARIANT *variants;
    VARIANT *variant_result; /* with variants; may be NULL */
};

static HRESULT get_arguments(const struct method *method, MonoMethodSignature *signature, const struct call *call,
                             union shim_com_value *room, void **arguments, void ***rest)
{
    const char *parameter = method->parameters;
    void **stack = call->stack, *iterator = NULL;
    HRESULT hr = S_OK;
    unsigned int i;

    for (i = 0; SUCCEEDED(hr) && i < method->count; i++, parameter = next_parameter(parameter))
    {
        MonoType *type = shim_mono.signature_get_params(signature, &iterator);

        if (stack)
        {
            hr = shim_argument_from_stack(type, stack, &room[i], &arguments[i]);
            stack += stack_of(parameter);
        }
        else
            hr = shim_argument_from_variant(type, &call->variants[method->count - 1 - i], &room[i], &arguments[i]);
        if (FAILED(hr)) WARN("argument %u of %s: %#lx\n", i, method->name, hr);
    }
    *rest = stack;
    return hr;
}

/* In the object's domain. */
static HRESULT call_object(MonoObject *object, const struct method *method, const struct call *call)
{
    union shim_com_value room[MOST_PARAMETERS];
    MonoMethod *managed = find_method(object, method);
    void *arguments[MOST_PARAMETERS], **rest;
    MonoMethodSignature *signature;
    MonoObject *result;
    HRESULT hr;

    if (!managed || !shim_oleaut_load()) return E_NOTIMPL;
    signature = shim_mono.method_signature(managed);
    if (FAILED(hr = get_arguments(method, signature, call, room, arguments, &rest))) return hr;
    if (!strcmp(method->result, "void")) return shim_invoke(managed, object, arguments, &result);
    if (call->stack && !*rest) return E_POINTER;
    if (FAILED(hr = shim_invoke(managed, object, arguments, &result))) return hr;
    if (call->stack) return shim_result_to_pointer(shim_mono.signature_get_return_type(signature), result, *rest);
    return call->variant_result ? shim_result_to_variant(result, call->variant_result) : S_OK;
}

/* The methods that are in the tables and not in this mscorlib, or have values that are not converted. */
static void tell_not_served(const struct shim_com_face *face, const struct method *method)
{
    static LONG told[SHIM_COM_SLOTS];
    unsigned int slot = (method->name[0] + method->count * 31 + face->type->count) % SHIM_COM_SLOTS;

    if (!InterlockedExchange(&told[slot], TRUE))
        FIXME("%s %s.%s(%s) is not served\n", method->result, face->type->name, method->name, method->parameters);
}

static HRESULT call_method(const struct shim_com_face *face, const struct method *method, const struct call *call)
{
    struct shim_entered entered;
    MonoDomain *domain;
    HRESULT hr;

    TRACE("%p, %s %s.%s(%s)\n", face, method->result, face->type->name, method->name, method->parameters);
    if (!shim_mono_running()) return HOST_E_CLRNOTAVAILABLE;
    /* The thread has to be known to Mono before its list of domains is asked. */
    shim_enter_domain(shim_mono.get_root_domain(), &entered);
    if ((domain = shim_wrapper_domain(face->wrapper)))
    {
        shim_mono.domain_set(domain, TRUE);
        hr = call_object(shim_wrapper_object(face->wrapper), method, call);
    }
    else
        hr = COR_E_APPDOMAINUNLOADED;
    shim_leave_domain(&entered);
    if (hr == E_NOTIMPL) tell_not_served(face, method);
    TRACE("%p, %s: %#lx\n", face, method->name, hr);
    return hr;
}

/* --- IDispatch -------------------------------------------------------------------------- */

/* The type library's name of a method: a property's without its prefix, a repeated one with a number. Invoke has its
 * first number in IDispatch. */
static void library_name(const struct shim_com_interface *type, unsigned int index, WCHAR *name, size_t size)
{
    const char *row = strchr(type->methods[index], ' ') + 1, *other;
    int length = strcspn(row, "("), repeated = 1;
    unsigned int i;

    for (i = 0; i < index; i++)
    {
        other = strchr(type->methods[i], ' ') + 1;
        if (!strncmp(row, other, length + 1)) repeated++;
    }
    if (!strncmp(row, "Invoke(", 7)) repeated++;
    if (!strncmp(row, "get_", 4) || !strncmp(row, "set_", 4))
    {
        row += 4;
        length -= 4;
    }
    if (repeated > 1)
        swprintf(name, size, L"%.*hs_%d", length, row, repeated);
    else
        swprintf(name, size, L"%.*hs", length, row);
}

/* A method's number is its place in the table, from 1 on; setters are found by the flags of the call. */
static HRESULT get_id(const struct shim_com_interface *type, const WCHAR *wanted, DISPID *id)
{
    WCHAR name[80];
    unsigned int i;

    for (i = 0; i < type->count; i++)
    {
        library_name(type, i, name, ARRAY_SIZE(name));
        if (wcsicmp(name, wanted)) continue;
        *id = i + 1;
        return S_OK;
    }
    *id = DISPID_UNKNOWN;
    return DISP_E_UNKNOWNNAME;
}

static HRESULT dispatch_GetIDsOfNames(const struct shim_com_face *face, WCHAR **names, UINT count, DISPID *ids)
{
    HRESULT hr;
    UINT i;

    if (!names || !ids) return E_POINTER;
    if (!count) return E_INVALIDARG;
    hr = get_id(face->type, names[0], &ids[0]);
    /* Parameters have no names here. */
    for (i = 1; i < count; i++) ids[i] = DISPID_UNKNOWN;
    return count > 1 ? DISP_E_UNKNOWNNAME : hr;
}

static HRESULT dispatch_Invoke(const struct shim_com_face *face, DISPID id, WORD flags, DISPPARAMS *parameters,
                               VARIANT *result)
{
    struct call call = {NULL, parameters ? parameters->rgvarg : NULL, result};
    unsigned int index = id - 1;
    struct method method;

    /* A property's setter is the next in the table after its getter. */
    if (flags & (DISPATCH_PROPERTYPUT | DISPATCH_PROPERTYPUTREF)) index++;
    if (id < 1 || index >= face->type->count) return DISP_E_MEMBERNOTFOUND;
    parse_method(face->type->methods[index], &method);
    if ((parameters ? parameters->cArgs : 0) != method.count) return DISP_E_BADPARAMCOUNT;
    return call_method(face, &method, &call);
}

/* IDispatch's methods, by slot; sets *size to the arguments on the stack. */
static HRESULT call_dispatch(unsigned int slot, const struct shim_com_face *face, void **stack, unsigned int *size)
{
    switch (slot)
    {
    case 3: /* GetTypeInfoCount */
        *size = 2;
        if (!stack[1]) return E_POINTER;
        *(UINT *)stack[1] = 0;
        return S_OK;
    case 4: /* GetTypeInfo */
        *size = 4;
        if (stack[3]) *(void **)stack[3] = NULL;
        return E_NOTIMPL;
    case 5:
        *size = 6;
        return dispatch_GetIDsOfNames(face, stack[2], (UINT)(ULONG_PTR)stack[3], stack[5]);
    default:
        *size = 9;
        return dispatch_Invoke(face, (LONG)(ULONG_PTR)stack[1], (WORD)(ULONG_PTR)stack[4], stack[5], stack[6]);
    }
}

/* --- the common part ------------------------------------------------------------------------ */

/* The HRESULT, and above it on i386 the bytes that the caller had pushed. */
ULONG64 __cdecl shim_com_dispatch(unsigned int slot, void **stack)
{
    const struct shim_com_face *face = stack[0];
    const struct shim_com_interface *type = face->type;
    struct call call = {stack + 1, NULL, NULL};
    struct method method;
    unsigned int size = 0;
    HRESULT hr;

    if (slot < type->first)
        hr = call_dispatch(slot, face, stack, &size);
    else if (slot - type->first < type->count)
    {
        parse_method(type->methods[slot - type->first], &method);
        size = stack_of_method(&method);
        hr = call_method(face, &method, &call);
    }
    else
    {
        ERR("%s has no slot %u\n", type->name, slot);
        hr = E_NOTIMPL;
    }
    return ((ULONG64)size * sizeof(void *) << 32) | (ULONG)hr;
}

void shim_com_init(void)
{
    static LONG done;

    if (!InterlockedExchange(&done, TRUE)) shim_wrapper_init(shim_com_code);
}
