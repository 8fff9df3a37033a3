/*
 * Calls into managed code, and the AppDomains they are made in.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "mono_api.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

bool shim_mono_running(void)
{
    return shim_mono_found() && shim_runtime_started() && shim_mono.get_root_domain() &&
           !shim_mono.runtime_is_shutting_down();
}

void shim_enter_domain(MonoDomain *domain, struct shim_entered *entered)
{
    entered->previous = shim_mono.threads_attach_coop(domain, &entered->cookie);
    /* A thread of the host's is at home in the default domain, which is never unloaded. */
    if (!entered->previous) entered->previous = shim_mono.get_root_domain();
}

void shim_leave_domain(struct shim_entered *entered)
{
    shim_mono.threads_detach_coop(entered->previous, &entered->cookie);
}

void shim_begin_host_call(struct shim_host_call *call)
{
    call->region = shim_mono.threads_enter_gc_safe_region(&call->stack);
}

void shim_end_host_call(struct shim_host_call *call)
{
    shim_mono.threads_exit_gc_safe_region(call->region, &call->stack);
}

MonoThread *__cdecl shim_thread_attach(MonoDomain *domain)
{
    void *cookie;

    if (shim_mono.domain_get()) return shim_mono.thread_attach(domain);
    shim_mono.threads_attach_coop(domain, &cookie);
    shim_mono.threads_detach_coop(domain, &cookie);
    return NULL; /* mscoree does not look */
}

static int32_t id_offset(void)
{
    return shim_mono.domain_get_id(shim_mono.get_root_domain()) == 0;
}

MonoDomain *shim_domain_by_id(DWORD id)
{
    MonoDomain *domain;

    if (!id || id > INT32_MAX) return NULL;
    domain = shim_mono.domain_get_by_id((int32_t)id - id_offset());
    return domain && !shim_mono.domain_is_unloading(domain) ? domain : NULL;
}

DWORD shim_domain_id(MonoDomain *domain)
{
    return shim_mono.domain_get_id(domain) + id_offset();
}

static MonoMethod *find_corlib_method(const char *description)
{
    MonoMethodDesc *parsed = shim_mono.method_desc_new(description, TRUE);
    MonoMethod *method;

    if (!parsed) return NULL;
    method = shim_mono.method_desc_search_in_image(parsed, shim_mono.get_corlib());
    shim_mono.method_desc_free(parsed);
    if (!method) ERR("mscorlib has no %s\n", description);
    return method;
}

static HRESULT exception_result(MonoObject *exception)
{
    static const char get_result[] = "System.Exception:get_HResult()";
    MonoObject *boxed, *second = NULL;
    MonoMethod *method;
    HRESULT hr;

    if (!(method = find_corlib_method(get_result))) return E_FAIL;
    boxed = shim_mono.runtime_invoke(method, exception, NULL, &second);
    if (second || !boxed) return E_FAIL;
    hr = *(HRESULT *)shim_mono.object_unbox(boxed);
    return FAILED(hr) ? hr : E_FAIL;
}

HRESULT shim_invoke(MonoMethod *method, MonoObject *object, void **arguments, MonoObject **result)
{
    MonoObject *exception = NULL;
    HRESULT hr;

    *result = shim_mono.runtime_invoke(method, object, arguments, &exception);
    if (!exception) return S_OK;
    *result = NULL;
    hr = exception_result(exception);
    TRACE("%s threw %#lx\n", debugstr_a(shim_mono.method_get_name(method)), hr);
    return hr;
}

HRESULT shim_invoke_corlib(const char *description, MonoObject *object, void **arguments, MonoObject **result)
{
    MonoMethod *method = find_corlib_method(description);

    *result = NULL;
    if (!method) return COR_E_MISSINGMETHOD;
    if (object) method = shim_mono.object_get_virtual_method(object, method);
    return shim_invoke(method, object, arguments, result);
}
