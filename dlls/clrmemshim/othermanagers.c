/*
 * Managers of which Mono has little: a host that uses them goes on, and the debug channel says
 * once what is not served.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "control.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

/* One line for the first call only: hosts repeat what was accepted. */
#define NOT_SERVED(...)                                                                                                \
    do                                                                                                                 \
    {                                                                                                                  \
        static LONG told;                                                                                              \
        if (!InterlockedExchange(&told, TRUE)) FIXME(__VA_ARGS__);                                                     \
    } while (0)

/* --- ICLRTaskManager: threads are Mono's own ---------------------------------------- */

SHIM_STATIC_UNKNOWN(ICLRTaskManager, tasks, IID_ICLRTaskManager, IID_IUnknown)

static HRESULT WINAPI tasks_CreateTask(ICLRTaskManager *iface, ICLRTask **task)
{
    NOT_SERVED("%p, %p: a runtime on Mono has no tasks of its host\n", iface, task);
    if (!task) return E_POINTER;
    *task = NULL;
    return E_NOTIMPL;
}

/* Documented for a thread that has no task. */
static HRESULT WINAPI tasks_GetCurrentTask(ICLRTaskManager *iface, ICLRTask **task)
{
    TRACE("%p, %p\n", iface, task);

    if (!task) return E_POINTER;
    *task = NULL;
    return S_OK;
}

static HRESULT WINAPI tasks_SetUILocale(ICLRTaskManager *iface, LCID locale)
{
    NOT_SERVED("%p, %#lx: threads keep their culture\n", iface, locale);
    return E_NOTIMPL;
}

static HRESULT WINAPI tasks_SetLocale(ICLRTaskManager *iface, LCID locale)
{
    NOT_SERVED("%p, %#lx: threads keep their culture\n", iface, locale);
    return E_NOTIMPL;
}

static HRESULT WINAPI tasks_GetCurrentTaskType(ICLRTaskManager *iface, ETaskType *type)
{
    TRACE("%p, %p\n", iface, type);

    if (!type) return E_POINTER;
    *type = shim_mono_running() && shim_mono.domain_get() ? TT_USER : TT_UNKNOWN;
    return S_OK;
}

static const ICLRTaskManagerVtbl tasks_methods = {
    tasks_QueryInterface, tasks_AddRef,      tasks_Release,   tasks_CreateTask,
    tasks_GetCurrentTask, tasks_SetUILocale, tasks_SetLocale, tasks_GetCurrentTaskType,
};

static ICLRTaskManager tasks = {&tasks_methods};

IUnknown *shim_task_manager(void)
{
    return (IUnknown *)&tasks;
}

/* --- ICLRHostProtectionManager: Mono runs every assembly with full trust -------------- */

SHIM_STATIC_UNKNOWN(ICLRHostProtectionManager, protection, IID_ICLRHostProtectionManager, IID_IUnknown)

static HRESULT WINAPI protection_SetProtectedCategories(ICLRHostProtectionManager *iface, EApiCategories categories)
{
    if (categories & ~eAll) return E_INVALIDARG;
    if (categories != eNoChecks) NOT_SERVED("%p, %#x: Mono has no host protection\n", iface, categories);
    return S_OK;
}

static HRESULT WINAPI protection_SetEagerSerializeGrantSets(ICLRHostProtectionManager *iface)
{
    TRACE("%p\n", iface);
    return S_OK;
}

static const ICLRHostProtectionManagerVtbl protection_methods = {
    protection_QueryInterface,
    protection_AddRef,
    protection_Release,
    protection_SetProtectedCategories,
    protection_SetEagerSerializeGrantSets,
};

static ICLRHostProtectionManager protection = {&protection_methods};

IUnknown *shim_protection_manager(void)
{
    return (IUnknown *)&protection;
}

/* --- ICLRHostBindingPolicyManager: Mono applies configuration files only ---------------- */

SHIM_STATIC_UNKNOWN(ICLRHostBindingPolicyManager, binding, IID_ICLRHostBindingPolicyManager, IID_IUnknown)

static HRESULT WINAPI binding_ModifyApplicationPolicy(ICLRHostBindingPolicyManager *iface, const WCHAR *source,
                                                      const WCHAR *target, BYTE *policy, DWORD size, DWORD flags,
                                                      BYTE *modified, DWORD *modified_size)
{
    (void)policy;
    (void)size;
    (void)flags;
    (void)modified;
    NOT_SERVED("%p, %s, %s: binding policy is that of configuration files\n", iface, debugstr_w(source),
               debugstr_w(target));
    if (modified_size) *modified_size = 0;
    return E_NOTIMPL;
}

/* No policy applies: the identity stays as it is. */
static HRESULT WINAPI binding_EvaluatePolicy(ICLRHostBindingPolicyManager *iface, const WCHAR *reference, BYTE *policy,
                                             DWORD size, WCHAR *result, DWORD *length, DWORD *applied)
{
    DWORD room, needed;

    TRACE("%p, %s, %p, %lu, %p, %p, %p\n", iface, debugstr_w(reference), policy, size, result, length, applied);

    if (!reference || !length) return E_INVALIDARG;
    room = *length;
    *length = needed = wcslen(reference) + 1;
    if (applied) *applied = 0;
    if (!result || room < needed) return HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER);
    memcpy(result, reference, needed * sizeof(WCHAR));
    return S_OK;
}

static const ICLRHostBindingPolicyManagerVtbl binding_methods = {
    binding_QueryInterface, binding_AddRef, binding_Release, binding_ModifyApplicationPolicy, binding_EvaluatePolicy,
};

static ICLRHostBindingPolicyManager binding = {&binding_methods};

IUnknown *shim_binding_manager(void)
{
    return (IUnknown *)&binding;
}

/* --- ICLRErrorReportingManager: nothing collects reports of errors under Wine --------------- */

SHIM_STATIC_UNKNOWN(ICLRErrorReportingManager, errors, IID_ICLRErrorReportingManager, IID_IUnknown)

static HRESULT WINAPI errors_GetBucketParametersForCurrentException(ICLRErrorReportingManager *iface,
                                                                    BucketParameters *parameters)
{
    NOT_SERVED("%p, %p: no error is reported to anything\n", iface, parameters);
    if (!parameters) return E_POINTER;
    memset(parameters, 0, sizeof(*parameters));
    return S_OK;
}

static HRESULT WINAPI errors_BeginCustomDump(ICLRErrorReportingManager *iface, ECustomDumpFlavor flavor, DWORD count,
                                             CustomDumpItem *items, DWORD reserved)
{
    TRACE("%p, %d, %lu, %p, %lu\n", iface, flavor, count, items, reserved);
    return S_OK;
}

static HRESULT WINAPI errors_EndCustomDump(ICLRErrorReportingManager *iface)
{
    TRACE("%p\n", iface);
    return S_OK;
}

static const ICLRErrorReportingManagerVtbl errors_methods = {
    errors_QueryInterface,  errors_AddRef,        errors_Release, errors_GetBucketParametersForCurrentException,
    errors_BeginCustomDump, errors_EndCustomDump,
};

static ICLRErrorReportingManager errors = {&errors_methods};

IUnknown *shim_error_manager(void)
{
    return (IUnknown *)&errors;
}

/* --- ICLRDebugManager: no managed debugger attaches to Mono this way ------------------------- */

SHIM_STATIC_UNKNOWN(ICLRDebugManager, debug, IID_ICLRDebugManager, IID_IUnknown)

static HRESULT WINAPI debug_BeginConnection(ICLRDebugManager *iface, DWORD id, WCHAR *name)
{
    TRACE("%p, %lu, %s\n", iface, id, debugstr_w(name));
    return S_OK;
}

static HRESULT WINAPI debug_SetConnectionTasks(ICLRDebugManager *iface, DWORD id, DWORD count, ICLRTask **connected)
{
    TRACE("%p, %lu, %lu, %p\n", iface, id, count, connected);
    return S_OK;
}

static HRESULT WINAPI debug_EndConnection(ICLRDebugManager *iface, DWORD id)
{
    TRACE("%p, %lu\n", iface, id);
    return S_OK;
}

static HRESULT WINAPI debug_SetDacl(ICLRDebugManager *iface, void *dacl)
{
    NOT_SERVED("%p, %p: there are no debugger objects to protect\n", iface, dacl);
    return S_OK;
}

static HRESULT WINAPI debug_GetDacl(ICLRDebugManager *iface, void **dacl)
{
    TRACE("%p, %p\n", iface, dacl);

    if (!dacl) return E_POINTER;
    *dacl = NULL;
    return S_OK;
}

static HRESULT WINAPI debug_IsDebuggerAttached(ICLRDebugManager *iface, BOOL *attached)
{
    TRACE("%p, %p\n", iface, attached);

    if (!attached) return E_POINTER;
    *attached = FALSE;
    return S_OK;
}

static HRESULT WINAPI debug_SetSymbolReadingPolicy(ICLRDebugManager *iface, ESymbolReadingPolicy policy)
{
    TRACE("%p, %d\n", iface, policy);
    return (unsigned int)policy > eSymbolReadingFullTrustOnly ? E_INVALIDARG : S_OK;
}

static const ICLRDebugManagerVtbl debug_methods = {
    debug_QueryInterface, debug_AddRef,  debug_Release, debug_BeginConnection,    debug_SetConnectionTasks,
    debug_EndConnection,  debug_SetDacl, debug_GetDacl, debug_IsDebuggerAttached, debug_SetSymbolReadingPolicy,
};

static ICLRDebugManager debug = {&debug_methods};

IUnknown *shim_debug_manager(void)
{
    return (IUnknown *)&debug;
}
