/*
 * ICLRRuntimeHost as the .NET Framework has it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "control.h"
#include "framework.h"
#include "mono_api.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

static HRESULT(STDMETHODCALLTYPE *real_QueryInterface)(ICLRRuntimeHost *, REFIID, void **);
static HRESULT(STDMETHODCALLTYPE *real_ExecuteInDefaultAppDomain)(ICLRRuntimeHost *, LPCWSTR, LPCWSTR, LPCWSTR, LPCWSTR,
                                                                  DWORD *);
/* Starts the runtime in every Wine; ICLRRuntimeHost::Start does so since Wine 9 only. */
static HRESULT(STDMETHODCALLTYPE *real_cor_Start)(ICorRuntimeHost *);

static HRESULT(STDMETHODCALLTYPE *real_cor_QueryInterface)(ICorRuntimeHost *, REFIID, void **);

static LONG starts;           /* of all hosts, without their stops */
static volatile LONG stopped; /* the last host has stopped the runtime */

/* A host's configuration file takes the place of the program's own, which Wine has set. */
static void use_host_config(const WCHAR *config)
{
    char file[3 * MAX_PATH], base[3 * MAX_PATH], *end;
    WCHAR program[MAX_PATH];

    if (!shim_mono_running() || !GetModuleFileNameW(NULL, program, MAX_PATH)) return;
    if (!WideCharToMultiByte(CP_UTF8, 0, config, -1, file, sizeof(file), NULL, NULL) ||
        !WideCharToMultiByte(CP_UTF8, 0, program, -1, base, sizeof(base), NULL, NULL))
    {
        WARN("path of %s is too long\n", debugstr_w(config));
        return;
    }
    if ((end = strrchr(base, '\\'))) end[1] = 0;
    shim_mono.domain_set_config(shim_mono.get_root_domain(), base, file);
}

/* What a request for managed code does as well; not counted. */
static HRESULT ensure_started(struct shim_runtime *runtime)
{
    bool first = !shim_runtime_started();
    HRESULT hr;

    if (!runtime || !runtime->cor_host) return E_UNEXPECTED;
    if (FAILED(hr = real_cor_Start(runtime->cor_host))) return hr;
    if (first && runtime->config) use_host_config(runtime->config);
    if (FAILED(hr = shim_start_default_domain())) return hr;
    return first ? S_OK : S_FALSE;
}

HRESULT shim_start_runtime(struct shim_runtime *runtime)
{
    HRESULT hr = ensure_started(runtime);

    if (FAILED(hr)) return hr;
    InterlockedExchange(&stopped, FALSE);
    return InterlockedIncrement(&starts) == 1 ? hr : S_FALSE;
}

/* The runtime stays in the process, as the .NET Framework's does, but runs no more code for hosts. */
HRESULT shim_stop_runtime(void)
{
    LONG count;

    do
    {
        if (!(count = *(volatile LONG *)&starts)) return HOST_E_CLRNOTAVAILABLE;
    } while (InterlockedCompareExchange(&starts, count - 1, count) != count);
    if (count > 1) return S_FALSE;
    InterlockedExchange(&stopped, TRUE);
    return S_OK;
}

HRESULT shim_check_running(void)
{
    return shim_mono_running() && !stopped && !shim_runtime_disabled() ? S_OK : HOST_E_CLRNOTAVAILABLE;
}

static HRESULT WINAPI runtimehost_QueryInterface(ICLRRuntimeHost *iface, REFIID riid, void **out)
{
    TRACE("%p, %s, %p\n", iface, debugstr_guid(riid), out);

    if (!out) return E_POINTER;
    *out = NULL;
    return real_QueryInterface(iface, riid, out);
}

/* Each of the two interfaces is an object of its own, as in the .NET Framework. */
static HRESULT WINAPI corhost_QueryInterface(ICorRuntimeHost *iface, REFIID riid, void **out)
{
    TRACE("%p, %s, %p\n", iface, debugstr_guid(riid), out);

    if (!out) return E_POINTER;
    *out = NULL;
    return real_cor_QueryInterface(iface, riid, out);
}

static HRESULT WINAPI runtimehost_Start(ICLRRuntimeHost *iface)
{
    HRESULT hr = shim_start_runtime(shim_runtime_of_host(iface));

    TRACE("%p: %#lx\n", iface, hr);
    return hr;
}

static HRESULT WINAPI runtimehost_Stop(ICLRRuntimeHost *iface)
{
    HRESULT hr = shim_stop_runtime();

    TRACE("%p: %#lx\n", iface, hr);
    return hr;
}

static HRESULT WINAPI runtimehost_SetHostControl(ICLRRuntimeHost *iface, IHostControl *control)
{
    HRESULT hr;

    TRACE("%p, %p\n", iface, control);
    hr = shim_set_host_control(control);
    TRACE("%p, %p: %#lx\n", iface, control, hr);
    return hr;
}

static HRESULT WINAPI runtimehost_GetCLRControl(ICLRRuntimeHost *iface, ICLRControl **control)
{
    HRESULT hr = control ? shim_get_clr_control(control) : E_POINTER;

    TRACE("%p, %p: %#lx\n", iface, control, hr);
    return hr;
}

static HRESULT WINAPI runtimehost_UnloadAppDomain(ICLRRuntimeHost *iface, DWORD id, BOOL wait)
{
    HRESULT hr;

    TRACE("%p, %lu, %d\n", iface, id, wait);
    if (SUCCEEDED(hr = shim_check_running())) hr = shim_unload_domain(id, wait);
    TRACE("%p, %lu: %#lx\n", iface, id, hr);
    return hr;
}

static HRESULT WINAPI runtimehost_ExecuteInAppDomain(ICLRRuntimeHost *iface, DWORD id,
                                                     FExecuteInAppDomainCallback callback, void *cookie)
{
    HRESULT hr;

    TRACE("%p, %lu, %p, %p\n", iface, id, callback, cookie);
    if (FAILED(hr = shim_check_running())) return hr;
    if (!callback) return E_POINTER;
    hr = shim_execute_in_domain(id, callback, cookie);
    TRACE("%p, %lu: %#lx\n", iface, id, hr);
    return hr;
}

/* A thread that the runtime has not met is in no domain. */
static HRESULT WINAPI runtimehost_GetCurrentAppDomainId(ICLRRuntimeHost *iface, DWORD *id)
{
    MonoDomain *domain;
    HRESULT hr;

    TRACE("%p, %p\n", iface, id);
    if (FAILED(hr = shim_check_running())) return hr;
    if (!id) return E_POINTER;
    if (!(domain = shim_mono.domain_get())) return E_UNEXPECTED;
    *id = shim_domain_id(domain);
    return S_OK;
}

static HRESULT WINAPI runtimehost_ExecuteInDefaultAppDomain(ICLRRuntimeHost *iface, const WCHAR *assembly,
                                                            const WCHAR *type, const WCHAR *method,
                                                            const WCHAR *argument, DWORD *result)
{
    HRESULT hr = S_OK;

    TRACE("%p, %s, %s, %s, %s, %p\n", iface, debugstr_w(assembly), debugstr_w(type), debugstr_w(method),
          debugstr_w(argument), result);
    if (!assembly || !type || !method) return E_POINTER;
    if (!shim_mono_found()) return real_ExecuteInDefaultAppDomain(iface, assembly, type, method, argument, result);
    if (!stopped) hr = ensure_started(shim_runtime_of_host(iface));
    if (SUCCEEDED(hr)) hr = shim_check_running();
    if (SUCCEEDED(hr)) hr = shim_execute_in_default_domain(assembly, type, method, argument, result);
    TRACE("%p: %#lx\n", iface, hr);
    return hr;
}

#define METHOD(name, original)                                                                                         \
    {                                                                                                                  \
        offsetof(ICLRRuntimeHostVtbl, name), runtimehost_##name, original                                              \
    }

static const struct shim_method host_methods[] = {
    METHOD(QueryInterface, (void **)&real_QueryInterface),
    METHOD(Start, NULL),
    METHOD(Stop, NULL),
    METHOD(SetHostControl, NULL),
    METHOD(GetCLRControl, NULL),
    METHOD(UnloadAppDomain, NULL),
    METHOD(ExecuteInAppDomain, NULL),
    METHOD(GetCurrentAppDomainId, NULL),
    METHOD(ExecuteInDefaultAppDomain, (void **)&real_ExecuteInDefaultAppDomain),
};

static const struct shim_method cor_host_methods[] = {
    {offsetof(ICorRuntimeHostVtbl, QueryInterface), corhost_QueryInterface, (void **)&real_cor_QueryInterface},
};

void shim_meet_runtime(struct shim_runtime *runtime)
{
    if (!real_cor_Start) real_cor_Start = runtime->cor_host->lpVtbl->Start;
    shim_replace_methods(runtime->host, host_methods, ARRAY_SIZE(host_methods));
    shim_replace_methods(runtime->cor_host, cor_host_methods, ARRAY_SIZE(cor_host_methods));
}
