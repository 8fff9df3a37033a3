/*
 * Mono's embedding functions, found in libmono by name.
 *
 * Nothing is linked against libmono: which copy serves is Wine's choice. Objects of the
 * collector that are held in C variables stay valid, as Mono scans the stacks of attached threads.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_SHIM_MONO_API_H
#define CLRMEM_SHIM_MONO_API_H

#include <stdint.h>
#include "shim.h"

typedef struct _MonoArray MonoArray;
typedef struct _MonoAssembly MonoAssembly;
typedef struct _MonoAssemblyName MonoAssemblyName;
typedef struct _MonoClass MonoClass;
typedef struct _MonoClassField MonoClassField;
typedef struct _MonoDomain MonoDomain;
typedef struct _MonoImage MonoImage;
typedef struct _MonoMethod MonoMethod;
typedef struct _MonoMethodDesc MonoMethodDesc;
typedef struct _MonoMethodSignature MonoMethodSignature;
typedef struct _MonoObject MonoObject;
typedef struct _MonoProfilerDesc MonoProfilerHandle;
typedef struct _MonoString MonoString;
typedef struct _MonoThread MonoThread;
typedef struct _MonoType MonoType;

/* What is used of libmono: result, name without "mono_", arguments. All of it is public in every Mono since 5. */
#define SHIM_MONO_FUNCTIONS(F)                                                                                         \
    F(char *, array_addr_with_size, (MonoArray * array, int size, uintptr_t index))                                    \
    F(uintptr_t, array_length, (MonoArray * array))                                                                    \
    F(MonoArray *, array_new, (MonoDomain * domain, MonoClass * element, uintptr_t length))                            \
    F(MonoAssembly *, assembly_load_from_full,                                                                         \
      (MonoImage * image, const char *name, int *status, int32_t reflection_only))                                     \
    F(const char *, assembly_name_get_name, (MonoAssemblyName * name))                                                 \
    F(MonoClass *, class_from_mono_type, (MonoType * type))                                                            \
    F(MonoClass *, class_from_name, (MonoImage * image, const char *space, const char *name))                          \
    F(MonoClass *, class_get_element_class, (MonoClass * klass))                                                       \
    F(MonoClassField *, class_get_field_from_name, (MonoClass * klass, const char *name))                              \
    F(MonoImage *, class_get_image, (MonoClass * klass))                                                               \
    F(MonoMethod *, class_get_methods, (MonoClass * klass, void **iterator))                                           \
    F(const char *, class_get_name, (MonoClass * klass))                                                               \
    F(const char *, class_get_namespace, (MonoClass * klass))                                                          \
    F(MonoClass *, class_get_parent, (MonoClass * klass))                                                              \
    F(MonoType *, class_get_type, (MonoClass * klass))                                                                 \
    F(int32_t, class_is_enum, (MonoClass * klass))                                                                     \
    F(int32_t, class_is_subclass_of, (MonoClass * klass, MonoClass * base, int32_t interfaces))                        \
    F(int32_t, class_is_valuetype, (MonoClass * klass))                                                                \
    F(void, domain_foreach, (void(__cdecl * function)(MonoDomain *, void *), void *data))                              \
    F(MonoDomain *, domain_get, (void))                                                                                \
    F(MonoDomain *, domain_get_by_id, (int32_t id))                                                                    \
    F(int32_t, domain_get_id, (MonoDomain * domain))                                                                   \
    F(int32_t, domain_is_unloading, (MonoDomain * domain))                                                             \
    F(int32_t, domain_set, (MonoDomain * domain, int32_t force))                                                       \
    F(void, domain_set_config, (MonoDomain * domain, const char *base, const char *file))                              \
    F(void, domain_try_unload, (MonoDomain * domain, MonoObject * *exception))                                         \
    F(void, field_set_value, (MonoObject * object, MonoClassField * field, void *value))                               \
    F(void, free, (void *block))                                                                                       \
    F(void, gc_collect, (int generation))                                                                              \
    F(int, gc_collection_count, (int generation))                                                                      \
    F(int64_t, gc_get_heap_size, (void))                                                                               \
    F(int64_t, gc_get_used_size, (void))                                                                               \
    F(int, gc_max_generation, (void))                                                                                  \
    F(void, gc_wbarrier_set_arrayref, (MonoArray * array, void *slot, MonoObject *value))                              \
    F(void, gchandle_free, (uint32_t handle))                                                                          \
    F(MonoObject *, gchandle_get_target, (uint32_t handle))                                                            \
    F(uint32_t, gchandle_new, (MonoObject * object, int32_t pinned))                                                   \
    F(MonoImage *, get_corlib, (void))                                                                                 \
    F(MonoDomain *, get_root_domain, (void))                                                                           \
    F(MonoImage *, image_open_from_data_with_name,                                                                     \
      (char *data, uint32_t length, int32_t copy, int *status, int32_t reflection_only, const char *name))             \
    F(void, install_assembly_preload_hook,                                                                             \
      (MonoAssembly * (__cdecl * hook)(MonoAssemblyName *, char **, void *), void *data))                              \
    F(void, method_desc_free, (MonoMethodDesc * description))                                                          \
    F(MonoMethodDesc *, method_desc_new, (const char *name, int32_t with_namespace))                                   \
    F(MonoMethod *, method_desc_search_in_class, (MonoMethodDesc * description, MonoClass * klass))                    \
    F(MonoMethod *, method_desc_search_in_image, (MonoMethodDesc * description, MonoImage * image))                    \
    F(MonoClass *, method_get_class, (MonoMethod * method))                                                            \
    F(const char *, method_get_name, (MonoMethod * method))                                                            \
    F(MonoMethodSignature *, method_signature, (MonoMethod * method))                                                  \
    F(MonoClass *, object_get_class, (MonoObject * object))                                                            \
    F(MonoMethod *, object_get_virtual_method, (MonoObject * object, MonoMethod * method))                             \
    F(MonoObject *, object_isinst, (MonoObject * object, MonoClass * klass))                                           \
    F(MonoObject *, object_new, (MonoDomain * domain, MonoClass * klass))                                              \
    F(void *, object_unbox, (MonoObject * object))                                                                     \
    F(MonoProfilerHandle *, profiler_create, (void *profiler))                                                         \
    F(void, profiler_set_call_instrumentation_filter_callback,                                                         \
      (MonoProfilerHandle * handle, int(__cdecl * callback)(void *, MonoMethod *)))                                    \
    F(void, profiler_set_domain_loaded_callback,                                                                       \
      (MonoProfilerHandle * handle, void(__cdecl * callback)(void *, MonoDomain *)))                                   \
    F(void, profiler_set_domain_unloading_callback,                                                                    \
      (MonoProfilerHandle * handle, void(__cdecl * callback)(void *, MonoDomain *)))                                   \
    F(void, profiler_set_exception_throw_callback,                                                                     \
      (MonoProfilerHandle * handle, void(__cdecl * callback)(void *, MonoObject *)))                                   \
    F(void, profiler_set_gc_event_callback,                                                                            \
      (MonoProfilerHandle * handle, void(__cdecl * callback)(void *, int, uint32_t)))                                  \
    F(void, profiler_set_method_leave_callback,                                                                        \
      (MonoProfilerHandle * handle, void(__cdecl * callback)(void *, MonoMethod *, void *)))                           \
    F(MonoType *, reflection_type_get_type, (MonoObject * type))                                                       \
    F(MonoObject *, runtime_invoke, (MonoMethod * method, void *object, void **arguments, MonoObject **exception))     \
    F(int32_t, runtime_is_shutting_down, (void))                                                                       \
    F(void, runtime_object_init, (MonoObject * object))                                                                \
    F(uint32_t, signature_get_param_count, (MonoMethodSignature * signature))                                          \
    F(MonoType *, signature_get_params, (MonoMethodSignature * signature, void **iterator))                            \
    F(MonoType *, signature_get_return_type, (MonoMethodSignature * signature))                                        \
    F(int32_t, signature_is_instance, (MonoMethodSignature * signature))                                               \
    F(WCHAR *, string_chars, (MonoString * text))                                                                      \
    F(int, string_length, (MonoString * text))                                                                         \
    F(MonoString *, string_new_utf16, (MonoDomain * domain, const WCHAR *text, int32_t length))                        \
    F(char *, stringify_assembly_name, (MonoAssemblyName * name))                                                      \
    F(MonoThread *, thread_attach, (MonoDomain * domain))                                                              \
    F(MonoThread *, thread_current, (void))                                                                            \
    F(void, thread_detach, (MonoThread * thread))                                                                      \
    F(MonoDomain *, threads_attach_coop, (MonoDomain * domain, void **cookie))                                         \
    F(void, threads_detach_coop, (MonoDomain * domain, void **cookie))                                                 \
    F(void *, threads_enter_gc_safe_region, (void **stack))                                                            \
    F(void, threads_exit_gc_safe_region, (void *cookie, void **stack))                                                 \
    F(int, type_get_type, (MonoType * type))

/* Element types as in ECMA-335, II.23.1.16. */
#define SHIM_MONO_TYPE_BOOLEAN   0x02
#define SHIM_MONO_TYPE_I1        0x04
#define SHIM_MONO_TYPE_U1        0x05
#define SHIM_MONO_TYPE_I2        0x06
#define SHIM_MONO_TYPE_U2        0x07
#define SHIM_MONO_TYPE_I4        0x08
#define SHIM_MONO_TYPE_U4        0x09
#define SHIM_MONO_TYPE_I8        0x0a
#define SHIM_MONO_TYPE_U8        0x0b
#define SHIM_MONO_TYPE_R4        0x0c
#define SHIM_MONO_TYPE_R8        0x0d
#define SHIM_MONO_TYPE_STRING    0x0e
#define SHIM_MONO_TYPE_VALUETYPE 0x11
#define SHIM_MONO_TYPE_CLASS     0x12
#define SHIM_MONO_TYPE_OBJECT    0x1c
#define SHIM_MONO_TYPE_SZARRAY   0x1d

struct shim_mono_functions
{
#define SHIM_MONO_FIELD(result, name, arguments) result(__cdecl *name) arguments;
    SHIM_MONO_FUNCTIONS(SHIM_MONO_FIELD)
#undef SHIM_MONO_FIELD
};

/* Valid once shim_mono_found says so. */
extern struct shim_mono_functions shim_mono;

/* --- mono_api.c --- */

/* Takes the functions from libmono, before its first instruction runs. Loader lock held. */
void shim_mono_init(HMODULE libmono);

/* Whether every function of the table was found. Any thread. */
bool shim_mono_found(void);

/* --- mono_invoke.c --- */

/* Whether managed code can be run: found, started, and not about to end. Any thread. */
bool shim_mono_running(void);

/* Between these two a thread may use the functions of Mono. It is attached to the runtime if it was not, and stays
 * attached; but only between the two a collection waits for it, and stops it elsewhere as Windows would: a thread that
 * only had mono_thread_attach and then sleeps holds up every collection. The structure stands on the stack. Needs a
 * running runtime. */
struct shim_entered
{
    MonoDomain *previous; /* the thread's domain, to come back to */
    void *cookie;         /* Mono's */
};
void shim_enter_domain(MonoDomain *domain, struct shim_entered *entered);
void shim_leave_domain(struct shim_entered *entered);

/* Around a call to the host between the two above: a collection goes on meanwhile. The structure stands on the stack. */
struct shim_host_call
{
    void *region, *stack; /* Mono's */
};
void shim_begin_host_call(struct shim_host_call *call);
void shim_end_host_call(struct shim_host_call *call);

/* mono_thread_attach for mscoree, which attaches threads of the host's and leaves them as if they ran managed code. */
MonoThread *__cdecl shim_thread_attach(MonoDomain *domain);

/* The domain with a CLR's identifier, NULL if there is none; and the identifier of a domain. A CLR's default domain has
 * 1. Mono's root domain may have 0; then every identifier is one more than Mono's. */
MonoDomain *shim_domain_by_id(DWORD id);
DWORD shim_domain_id(MonoDomain *domain);

/* Runs a method in the calling thread's domain. *result may be NULL for a method that returns nothing. An exception is
 * returned as its HResult, E_FAIL if that is no failure. */
HRESULT shim_invoke(MonoMethod *method, MonoObject *object, void **arguments, MonoObject **result);

/* The same for a method of mscorlib, described as "Namespace.Class:Method(type,type)" with C#'s names of the built-in
 * types; with an object, what overrides it is called. COR_E_MISSINGMETHOD if this mscorlib has none. */
HRESULT shim_invoke_corlib(const char *description, MonoObject *object, void **arguments, MonoObject **result);

#endif
