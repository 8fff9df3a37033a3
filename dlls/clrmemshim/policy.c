/*
 * ICLRPolicyManager: what the host wants done on operations, timeouts and failures.
 *
 * Which action an operation or a failure may have, and which it has without a host, is as in the
 * desktop CLR.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "control.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

/* Actions are ordered by how much is lost: a range says which are allowed. */
static const struct
{
    EPolicyAction builtin;      /* what is done without a host */
    EPolicyAction lowest;       /* by default */
    EPolicyAction lowest_after; /* a timeout */
} operations[MaxClrOperation] = {
    [OPR_ThreadAbort] = {eAbortThread, eAbortThread, eRudeAbortThread},
    [OPR_ThreadRudeAbortInNonCriticalRegion] = {eRudeAbortThread, eRudeAbortThread, eExitProcess},
    [OPR_ThreadRudeAbortInCriticalRegion] = {eRudeAbortThread, eRudeAbortThread, eExitProcess},
    [OPR_AppDomainUnload] = {eUnloadAppDomain, eUnloadAppDomain, eRudeUnloadAppDomain},
    [OPR_AppDomainRudeUnload] = {eRudeUnloadAppDomain, eRudeUnloadAppDomain, eExitProcess},
    [OPR_ProcessExit] = {eExitProcess, eExitProcess, eFastExitProcess},
    [OPR_FinalizerRun] = {eNoAction, eAbortThread, eAbortThread},
};

static const struct
{
    EPolicyAction builtin;
    EPolicyAction lowest;
} failures[MaxClrFailure] = {
    [FAIL_NonCriticalResource] = {eThrowException, eThrowException},
    [FAIL_CriticalResource] = {eThrowException, eThrowException},
    [FAIL_FatalRuntime] = {eRudeExitProcess, eRudeExitProcess},
    [FAIL_OrphanedLock] = {eNoAction, eUnloadAppDomain},
    [FAIL_StackOverflow] = {eRudeExitProcess, eRudeUnloadAppDomain},
    [FAIL_AccessViolation] = {eNoAction, MaxPolicyAction}, /* the desktop CLR has no choice there */
    [FAIL_CodeContract] = {eThrowException, eThrowException},
};

/* What the host set, each value one more than it is; 0: nothing. Written and read whole, by any thread. */
static volatile LONG set_default[MaxClrOperation], set_after[MaxClrOperation], set_failure[MaxClrFailure];
static volatile LONG timeouts[MaxClrOperation]; /* ms; 0: none set */

static volatile bool disabled;

bool shim_runtime_disabled(void)
{
    return disabled;
}

static EPolicyAction action_of(LONG set, EPolicyAction builtin)
{
    return set ? (EPolicyAction)(set - 1) : builtin;
}

DWORD shim_policy_timeout(EClrOperation operation)
{
    DWORD timeout = timeouts[operation];

    return timeout ? timeout : INFINITE;
}

EPolicyAction shim_policy_default(EClrOperation operation)
{
    EPolicyAction action = action_of(set_default[operation], operations[operation].builtin);
    IHostPolicyManager *host = shim_host_manager(&IID_IHostPolicyManager);

    if (host && action != operations[operation].builtin) IHostPolicyManager_OnDefaultAction(host, operation, action);
    return action;
}

EPolicyAction shim_policy_timed_out(EClrOperation operation)
{
    EPolicyAction action = action_of(set_after[operation], operations[operation].builtin);
    IHostPolicyManager *host = shim_host_manager(&IID_IHostPolicyManager);

    WARN("operation %d took too long: action %d\n", operation, action);
    if (host) IHostPolicyManager_OnTimeout(host, operation, action);
    return action;
}

EPolicyAction shim_policy_failed(EClrFailure failure)
{
    EPolicyAction action = action_of(set_failure[failure], failures[failure].builtin);
    IHostPolicyManager *host = shim_host_manager(&IID_IHostPolicyManager);

    WARN("failure %d: action %d\n", failure, action);
    if (host) IHostPolicyManager_OnFailure(host, failure, action);
    return action;
}

void shim_policy_end(EPolicyAction action, HRESULT code)
{
    switch (action)
    {
    case eExitProcess:
        ExitProcess(code);
    case eFastExitProcess:
    case eRudeExitProcess:
        shim_report();
        TerminateProcess(GetCurrentProcess(), code);
        break;
    case eDisableRuntime:
        disabled = true;
        shim_raise_event(Event_ClrDisabled, NULL);
        break;
    default:
        break;
    }
}

SHIM_STATIC_UNKNOWN(ICLRPolicyManager, policy, IID_ICLRPolicyManager, IID_IUnknown)

static HRESULT set_action(volatile LONG *set, EPolicyAction lowest, EPolicyAction builtin, EPolicyAction action)
{
    bool allowed = action >= lowest || (action == eNoAction && builtin == eNoAction);

    if (!allowed || action < eNoAction || action >= MaxPolicyAction) return E_INVALIDARG;
    InterlockedExchange(set, action + 1);
    return S_OK;
}

static HRESULT WINAPI policy_SetDefaultAction(ICLRPolicyManager *iface, EClrOperation operation, EPolicyAction action)
{
    TRACE("%p, %d, %d\n", iface, operation, action);

    if ((unsigned int)operation >= MaxClrOperation) return E_INVALIDARG;
    /* A rude abort that becomes a polite unload would wait for what it was to be rid of. */
    if (operations[operation].builtin == eRudeAbortThread && action == eUnloadAppDomain) return E_INVALIDARG;
    return set_action(&set_default[operation], operations[operation].lowest, operations[operation].builtin, action);
}

static HRESULT WINAPI policy_SetTimeout(ICLRPolicyManager *iface, EClrOperation operation, DWORD timeout)
{
    TRACE("%p, %d, %lu\n", iface, operation, timeout);

    if ((unsigned int)operation >= MaxClrOperation) return E_INVALIDARG;
    /* No wait at all is not 0, which says that there is no timeout. */
    InterlockedExchange(&timeouts[operation], timeout ? timeout : 1);
    return S_OK;
}

static HRESULT WINAPI policy_SetActionOnTimeout(ICLRPolicyManager *iface, EClrOperation operation, EPolicyAction action)
{
    TRACE("%p, %d, %d\n", iface, operation, action);

    if ((unsigned int)operation >= MaxClrOperation) return E_INVALIDARG;
    return set_action(&set_after[operation], operations[operation].lowest_after, operations[operation].builtin, action);
}

static HRESULT WINAPI policy_SetTimeoutAndAction(ICLRPolicyManager *iface, EClrOperation operation, DWORD timeout,
                                                 EPolicyAction action)
{
    HRESULT hr = policy_SetActionOnTimeout(iface, operation, action);

    return SUCCEEDED(hr) ? policy_SetTimeout(iface, operation, timeout) : hr;
}

static HRESULT WINAPI policy_SetActionOnFailure(ICLRPolicyManager *iface, EClrFailure failure, EPolicyAction action)
{
    TRACE("%p, %d, %d\n", iface, failure, action);

    if ((unsigned int)failure >= MaxClrFailure) return E_INVALIDARG;
    if (failure == FAIL_CodeContract && action > eExitProcess) return E_INVALIDARG;
    return set_action(&set_failure[failure], failures[failure].lowest, failures[failure].lowest, action);
}

/* Mono's own choice is the .NET Framework's: an unhandled exception ends the process. */
static HRESULT WINAPI policy_SetUnhandledExceptionPolicy(ICLRPolicyManager *iface, EClrUnhandledException handling)
{
    TRACE("%p, %d\n", iface, handling);

    if ((unsigned int)handling > eHostDeterminedPolicy) return E_INVALIDARG;
    if (handling == eHostDeterminedPolicy) FIXME("%p: an unhandled exception ends the process still\n", iface);
    return S_OK;
}

static const ICLRPolicyManagerVtbl policy_methods = {
    policy_QueryInterface,
    policy_AddRef,
    policy_Release,
    policy_SetDefaultAction,
    policy_SetTimeout,
    policy_SetActionOnTimeout,
    policy_SetTimeoutAndAction,
    policy_SetActionOnFailure,
    policy_SetUnhandledExceptionPolicy,
};

static ICLRPolicyManager policy = {&policy_methods};

ICLRPolicyManager *shim_policy_manager(void)
{
    return &policy;
}
