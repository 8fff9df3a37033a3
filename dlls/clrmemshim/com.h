/*
 * Managed objects as COM objects with the methods of Microsoft's mscorlib type library in its order.
 *
 * Mono's own wrappers have the methods that Mono's class library declares, in its order, and pass arrays
 * as C arrays, so that hosts that were built with the type library reach other methods than they mean.
 *
 * One direction: com_call.c makes the calls, with values converted by com_values.c, on objects kept by
 * com_wrapper.c, as com_tables.c describes them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_SHIM_COM_H
#define CLRMEM_SHIM_COM_H

#include "shim.h"
#include "mono_api.h"

/* --- com_tables.c: the type library --------------------------------------------------- */

struct shim_com_interface
{
    const char *name;
    const IID *iid;
    unsigned int first; /* slot of the first method: 7 after IDispatch's, 3 after IUnknown's */
    unsigned int count; /* of methods */
    /* As in C#, with the names of classes without their namespaces: "Assembly Load(byte[])". */
    const char *const *methods;
};

/* The interfaces of a managed class, and of what derives from it: its default first, NULL last. */
struct shim_com_class
{
    const char *space, *name; /* of the managed class, in mscorlib */
    const struct shim_com_interface *interfaces[5];
};

/* The description that fits an object best; every object has one. */
const struct shim_com_class *shim_com_class_of(MonoClass *klass);
/* The identifier of _AppDomain. */
const IID *shim_com_app_domain(void);

/* The largest slot of any interface, and one; bytes between the code of two slots. */
#define SHIM_COM_SLOTS          144
#define SHIM_COM_DISTANCE       16
#define SHIM_STRINGIFY2(number) #number
#define SHIM_STRINGIFY(number)  SHIM_STRINGIFY2(number)

/* --- com_wrapper.c: COM objects --------------------------------------------------------- */

struct shim_com_wrapper;

/* What an interface pointer points to. */
struct shim_com_face
{
    void *const *methods;
    struct shim_com_wrapper *wrapper;
    const struct shim_com_interface *type; /* NULL: an interface of a program's own */
    IUnknown *inner;                       /* Mono's wrapper for such an interface */
};

/* The code for every slot from 3 on, SHIM_COM_DISTANCE apart. Before anything is wrapped. */
void shim_wrapper_init(const char *code);

/* Wraps an object of the calling thread's domain by the default interface of its class, which is _Object for most. An
 * AppDomain is always given the same COM object. NULL gives NULL. */
HRESULT shim_wrap(MonoObject *object, IUnknown **out);
/* Wraps the AppDomain object of a domain. */
HRESULT shim_wrap_domain(MonoDomain *domain, IUnknown **out);

/* The managed object behind an interface pointer of the calling thread's domain; a COM object of another's making gets a
 * wrapper of Mono's. COR_E_REMOTING for an object of another domain. */
HRESULT shim_unwrap(IUnknown *unknown, MonoObject **object);
/* The domain of an AppDomain's interface pointer: its identifier. E_INVALIDARG if it is something else. */
HRESULT shim_unwrap_domain(IUnknown *unknown, DWORD *id);

/* The domain of a wrapped object, which the thread has to enter before it asks for the object. NULL once it is gone. */
MonoDomain *shim_wrapper_domain(const struct shim_com_wrapper *wrapper);
MonoObject *shim_wrapper_object(const struct shim_com_wrapper *wrapper);

/* --- com_mono.c: interfaces of a program's own ------------------------------------------------ */

/* The code for every slot from 3 on of a face with an inner interface. */
extern const char shim_com_forward[];

/* An interface of the object, from Mono's wrapper, with a reference; E_NOINTERFACE. And its release. By Mono's number of
 * the domain. Any thread. */
HRESULT shim_get_mono_interface(int32_t domain, uint32_t handle, const IID *iid, IUnknown **out);
void shim_release_mono_interface(int32_t domain, IUnknown *inner);

/* --- com_values.c: values ----------------------------------------------------------------- */

/* Where a converted argument stands, if it is not an object. */
union shim_com_value
{
    int32_t number;
    uint8_t truth;
};

/* Converts an argument as it stands on a caller's stack, or as a VARIANT, to what mono_runtime_invoke takes. */
HRESULT shim_argument_from_stack(MonoType *type, void **stack, union shim_com_value *room, void **argument);
HRESULT shim_argument_from_variant(MonoType *type, VARIANT *variant, union shim_com_value *room, void **argument);
/* Converts a result to what the type library returns for the type, at out; or to a VARIANT. */
HRESULT shim_result_to_pointer(MonoType *type, MonoObject *result, void *out);
HRESULT shim_result_to_variant(MonoObject *result, VARIANT *out);

/* --- com_call.c: calls ---------------------------------------------------------------------- */

/* Before anything is wrapped. */
void shim_com_init(void);

/* --- oleaut32, which is loaded when it is first needed ---------------------------------------- */

#define SHIM_OLEAUT_FUNCTIONS(F)                                                                                       \
    F(BSTR, SysAllocStringLen, (const OLECHAR *text, UINT length))                                                     \
    F(UINT, SysStringLen, (BSTR text))                                                                                 \
    F(HRESULT, VariantChangeType, (VARIANT * to, VARIANT * from, USHORT flags, VARTYPE type))                          \
    F(HRESULT, VariantClear, (VARIANT * variant))                                                                      \
    F(HRESULT, SafeArrayAccessData, (SAFEARRAY * array, void **data))                                                  \
    F(SAFEARRAY *, SafeArrayCreateVector, (VARTYPE type, LONG bound, ULONG length))                                    \
    F(HRESULT, SafeArrayDestroy, (SAFEARRAY * array))                                                                  \
    F(UINT, SafeArrayGetDim, (SAFEARRAY * array))                                                                      \
    F(HRESULT, SafeArrayGetVartype, (SAFEARRAY * array, VARTYPE * type))                                               \
    F(HRESULT, SafeArrayUnaccessData, (SAFEARRAY * array))

struct shim_oleaut_functions
{
#define SHIM_OLEAUT_FIELD(result, name, arguments) result(WINAPI *name) arguments;
    SHIM_OLEAUT_FUNCTIONS(SHIM_OLEAUT_FIELD)
#undef SHIM_OLEAUT_FIELD
};

/* com_values.c. Complete after shim_oleaut_load said so. */
extern struct shim_oleaut_functions shim_oleaut;
bool shim_oleaut_load(void);

#endif
