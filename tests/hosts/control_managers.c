/*
 * A host that asks for every manager of the runtime and sets them up, as servers do: policy, events, collections.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#define COBJMACROS
#include "managed.h"
#include <corerror.h>
#include "clrcontrol.h"

static unsigned int unloads;

static HRESULT WINAPI action_QueryInterface(IActionOnCLREvent *iface, REFIID riid, void **out)
{
    *out = NULL;
    if (!IsEqualGUID(riid, &IID_IUnknown) && !IsEqualGUID(riid, &IID_IActionOnCLREvent)) return E_NOINTERFACE;
    *out = iface;
    return S_OK;
}

static ULONG WINAPI action_AddRef(IActionOnCLREvent *iface)
{
    (void)iface;
    return 2;
}

static ULONG WINAPI action_Release(IActionOnCLREvent *iface)
{
    (void)iface;
    return 1;
}

static HRESULT WINAPI action_OnEvent(IActionOnCLREvent *iface, EClrEvent event, void *data)
{
    (void)iface;
    if (event == Event_DomainUnload && (ULONG_PTR)data > 1) unloads++;
    return S_OK;
}

static const IActionOnCLREventVtbl action_methods = {
    action_QueryInterface,
    action_AddRef,
    action_Release,
    action_OnEvent,
};
static IActionOnCLREvent action = {(IActionOnCLREventVtbl *)&action_methods};

static void *get_manager(ICLRControl *clr, const char *name, REFIID riid)
{
    void *manager = NULL;

    show(name, clr->lpVtbl->GetCLRManager(clr, riid, &manager));
    return manager;
}

static void set_policy(ICLRPolicyManager *policy)
{
    show("SetDefaultAction", ICLRPolicyManager_SetDefaultAction(policy, OPR_ThreadAbort, eRudeUnloadAppDomain));
    show("SetDefaultAction, too weak", ICLRPolicyManager_SetDefaultAction(policy, OPR_AppDomainUnload, eAbortThread));
    show("SetDefaultAction, unknown", ICLRPolicyManager_SetDefaultAction(policy, MaxClrOperation, eExitProcess));
    show("SetTimeout", ICLRPolicyManager_SetTimeout(policy, OPR_ThreadAbort, 1000));
    show("SetActionOnTimeout", ICLRPolicyManager_SetActionOnTimeout(policy, OPR_ThreadAbort, eRudeAbortThread));
    show("SetActionOnTimeout, the same again",
         ICLRPolicyManager_SetActionOnTimeout(policy, OPR_ThreadAbort, eAbortThread));
    show("SetTimeoutAndAction",
         ICLRPolicyManager_SetTimeoutAndAction(policy, OPR_AppDomainUnload, 10000, eRudeUnloadAppDomain));
    show("SetActionOnFailure", ICLRPolicyManager_SetActionOnFailure(policy, FAIL_NonCriticalResource, eThrowException));
    show("SetActionOnFailure, fatal",
         ICLRPolicyManager_SetActionOnFailure(policy, FAIL_FatalRuntime, eRudeExitProcess));
    show("SetActionOnFailure, too weak", ICLRPolicyManager_SetActionOnFailure(policy, FAIL_OrphanedLock, eNoAction));
    show("SetUnhandledExceptionPolicy",
         ICLRPolicyManager_SetUnhandledExceptionPolicy(policy, eRuntimeDeterminedPolicy));
}

static void set_events(ICLROnEventManager *events)
{
    show("RegisterActionOnEvent(unload)",
         ICLROnEventManager_RegisterActionOnEvent(events, Event_DomainUnload, &action));
    show("RegisterActionOnEvent(disabled)",
         ICLROnEventManager_RegisterActionOnEvent(events, Event_ClrDisabled, &action));
    show("RegisterActionOnEvent(MDA)", ICLROnEventManager_RegisterActionOnEvent(events, Event_MDAFired, &action));
    show("RegisterActionOnEvent(unknown)", ICLROnEventManager_RegisterActionOnEvent(events, MaxClrEvent, &action));
    show("UnregisterActionOnEvent(MDA)", ICLROnEventManager_UnregisterActionOnEvent(events, Event_MDAFired, &action));
}

static void use_gc(ICLRGCManager *gc)
{
    COR_GC_STATS before = {.Flags = COR_GC_COUNTS | COR_GC_MEMORYUSAGE}, after = before;

    show("GetStats", ICLRGCManager_GetStats(gc, &before));
    show("Collect(-1)", ICLRGCManager_Collect(gc, -1));
    show("Collect(0)", ICLRGCManager_Collect(gc, 0));
    show("Collect(3)", ICLRGCManager_Collect(gc, 3));
    show("GetStats", ICLRGCManager_GetStats(gc, &after));
    printf("explicit collections: %lu\n", (unsigned long)(after.ExplicitGCCount - before.ExplicitGCCount));
    printf("generation 2 collected: %d\n", after.GenCollectionsTaken[2] > before.GenCollectionsTaken[2]);
    printf("generation 0 collected: %d\n", after.GenCollectionsTaken[0] > before.GenCollectionsTaken[0]);
    printf("memory in use: %d\n", after.CommittedKBytes > 0 && after.ReservedKBytes >= after.CommittedKBytes);
    show("GetStats(NULL)", ICLRGCManager_GetStats(gc, NULL));
}

static void use_others(ICLRControl *clr)
{
    ICLRTaskManager *tasks = get_manager(clr, "ICLRTaskManager", &IID_ICLRTaskManager);
    ICLRHostProtectionManager *protection =
        get_manager(clr, "ICLRHostProtectionManager", &IID_ICLRHostProtectionManager);
    ICLRErrorReportingManager *errors = get_manager(clr, "ICLRErrorReportingManager", &IID_ICLRErrorReportingManager);
    ICLRDebugManager *debug = get_manager(clr, "ICLRDebugManager", &IID_ICLRDebugManager);
    BOOL attached = TRUE;
    ICLRTask *task;

    get_manager(clr, "ICLRHostBindingPolicyManager", &IID_ICLRHostBindingPolicyManager);
    get_manager(clr, "a manager that there is not", &IID_IHostGCManager);
    if (!tasks || !protection || !errors || !debug) return;
    show("GetCurrentTask", ICLRTaskManager_GetCurrentTask(tasks, &task));
    show("SetProtectedCategories",
         ICLRHostProtectionManager_SetProtectedCategories(protection, eUI | eExternalProcessMgmt));
    show("SetEagerSerializeGrantSets", ICLRHostProtectionManager_SetEagerSerializeGrantSets(protection));
    show("EndCustomDump", ICLRErrorReportingManager_EndCustomDump(errors));
    show_value("IsDebuggerAttached", ICLRDebugManager_IsDebuggerAttached(debug, &attached), &attached);
}

int main(void)
{
    ICLRRuntimeHost *host = get_runtime(&CLSID_CLRRuntimeHost, &IID_ICLRRuntimeHost);
    ICLROnEventManager *events;
    ICLRPolicyManager *policy;
    ICLRGCManager *gc;
    ICLRControl *clr;

    if (FAILED(show("GetCLRControl", ICLRRuntimeHost_GetCLRControl(host, &clr)))) return 1;
    policy = get_manager(clr, "ICLRPolicyManager", &IID_ICLRPolicyManager);
    events = get_manager(clr, "ICLROnEventManager", &IID_ICLROnEventManager);
    gc = get_manager(clr, "ICLRGCManager", &IID_ICLRGCManager);
    get_manager(clr, "ICLRGCManager2", &IID_ICLRGCManager2);
    if (!policy || !events || !gc) return 1;
    set_policy(policy);
    set_events(events);
    show("Collect, not started", ICLRGCManager_Collect(gc, 0));
    show("SetGCStartupLimits, too small", ICLRGCManager_SetGCStartupLimits(gc, 0, 1024));
    show("SetGCStartupLimits", ICLRGCManager_SetGCStartupLimits(gc, 16 << 20, 1 << 20));
    show("Start", ICLRRuntimeHost_Start(host));
    run_program(host, L"Domain", L"second");
    printf("domains unloaded: %u\n", unloads);
    show("UnregisterActionOnEvent(unload)",
         ICLROnEventManager_UnregisterActionOnEvent(events, Event_DomainUnload, &action));
    run_program(host, L"Domain", L"third");
    printf("domains unloaded: %u\n", unloads);
    use_gc(gc);
    use_others(clr);
    ICLRPolicyManager_Release(policy);
    show("Stop", ICLRRuntimeHost_Stop(host));
    return 0;
}
