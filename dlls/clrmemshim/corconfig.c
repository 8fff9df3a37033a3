/*
 * ICorConfiguration: callbacks of a host that uses ICorRuntimeHost.
 *
 * IGCThreadControl is what IHostGCManager was called before there was IHostControl, and is served.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "control.h"
#include "corhost.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

static IGCThreadControl *thread_control; /* the first one, with a reference */

IGCThreadControl *shim_gc_thread_control(void)
{
    return *(IGCThreadControl *volatile *)&thread_control;
}

SHIM_STATIC_UNKNOWN(ICorConfiguration, config, IID_ICorConfiguration, IID_IUnknown)

static HRESULT WINAPI config_SetGCThreadControl(ICorConfiguration *iface, IGCThreadControl *control)
{
    TRACE("%p, %p\n", iface, control);

    if (!control) return E_POINTER;
    if (shim_runtime_started()) return HOST_E_INVALIDOPERATION;
    if (!InterlockedCompareExchangePointer((void **)&thread_control, control, NULL)) IGCThreadControl_AddRef(control);
    return S_OK;
}

/* How much address space the runtime may take is for a memory manager to say. */
static HRESULT WINAPI config_SetGCHostControl(ICorConfiguration *iface, IGCHostControl *control)
{
    FIXME("%p, %p: the control will not be asked\n", iface, control);
    return control ? S_OK : E_POINTER;
}

static HRESULT WINAPI config_SetDebuggerThreadControl(ICorConfiguration *iface, IDebuggerThreadControl *control)
{
    FIXME("%p, %p: no debugger stops threads here\n", iface, control);
    return control ? S_OK : E_POINTER;
}

static HRESULT WINAPI config_AddDebuggerSpecialThread(ICorConfiguration *iface, DWORD thread)
{
    TRACE("%p, %#lx\n", iface, thread);
    return S_OK;
}

static const ICorConfigurationVtbl config_methods = {
    config_QueryInterface,           config_AddRef,           config_Release,
    config_SetGCThreadControl,       config_SetGCHostControl, config_SetDebuggerThreadControl,
    config_AddDebuggerSpecialThread,
};

static ICorConfiguration configuration = {&config_methods};

ICorConfiguration *shim_cor_configuration(void)
{
    return &configuration;
}
