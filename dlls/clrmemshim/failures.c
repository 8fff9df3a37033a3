/*
 * Failures of the runtime, handled as the host's policy says.
 *
 * A lack of memory or of stack is seen where the exception for it is thrown. The action runs
 * on a thread of the shim's, as the failing one is inside of the runtime.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "control.h"
#include "framework.h"

#include <string.h>

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

struct failure
{
    EPolicyAction action;
    DWORD domain;    /* its identifier */
    uint32_t thread; /* a handle of the collector's to the managed thread */
};

/* In the default domain, which the .NET Framework does not unload but by ending the process. */
static void unload(const struct failure *failure)
{
    if (failure->domain == shim_domain_id(shim_mono.get_root_domain()))
        shim_policy_end(eExitProcess, HOST_E_EXITPROCESS_OUTOFMEMORY);
    shim_unload_domain(failure->domain, TRUE);
}

static void abort_thread(const struct failure *failure)
{
    struct shim_entered entered;
    MonoObject *result;

    shim_enter_domain(shim_mono.get_root_domain(), &entered);
    shim_invoke_corlib("System.Threading.Thread:Abort()", shim_mono.gchandle_get_target(failure->thread), NULL,
                       &result);
    shim_leave_domain(&entered);
}

static DWORD WINAPI act(void *arg)
{
    struct failure *failure = arg;
    struct shim_entered entered;

    if (failure->action >= eUnloadAppDomain)
        unload(failure);
    else
        abort_thread(failure);
    shim_enter_domain(shim_mono.get_root_domain(), &entered);
    shim_mono.gchandle_free(failure->thread);
    shim_leave_domain(&entered);
    shim_mono.thread_detach(shim_mono.thread_attach(shim_mono.get_root_domain()));
    HeapFree(GetProcessHeap(), 0, failure);
    return 0;
}

static void act_later(EPolicyAction action)
{
    struct failure *failure = HeapAlloc(GetProcessHeap(), 0, sizeof(*failure));
    HANDLE thread;

    if (!failure) return;
    failure->action = action;
    failure->domain = shim_domain_id(shim_mono.domain_get());
    failure->thread = shim_mono.gchandle_new((MonoObject *)shim_mono.thread_current(), FALSE);
    if ((thread = CreateThread(NULL, 0, act, failure, 0, NULL)))
        CloseHandle(thread);
    else
    {
        shim_mono.gchandle_free(failure->thread);
        HeapFree(GetProcessHeap(), 0, failure);
    }
}

static void failed(EClrFailure failure, HRESULT code)
{
    struct shim_host_call call;
    EPolicyAction action;

    shim_begin_host_call(&call);
    action = shim_policy_failed(failure);
    shim_policy_end(action, code);
    /* Nothing runs in a disabled runtime, this thread neither. */
    if (shim_runtime_disabled()) Sleep(INFINITE);
    shim_end_host_call(&call);
    if (action > eThrowException && action < eExitProcess) act_later(action);
}

static void exception_thrown(MonoObject *exception)
{
    MonoClass *klass = shim_mono.object_get_class(exception);
    struct shim_host_call call;

    if (shim_mono.class_get_image(klass) != shim_mono.get_corlib()) return;
    if (!strcmp(shim_mono.class_get_name(klass), "OutOfMemoryException"))
        failed(FAIL_NonCriticalResource, HOST_E_EXITPROCESS_OUTOFMEMORY);
    /* Mono goes on after it, so that its own action, the end of the process, is not taken. */
    if (!strcmp(shim_mono.class_get_name(klass), "StackOverflowException"))
    {
        shim_begin_host_call(&call);
        shim_raise_event(Event_StackOverflow, NULL);
        shim_end_host_call(&call);
    }
}

void shim_watch_failures(void)
{
    static LONG watching;

    if (!InterlockedExchange(&watching, TRUE)) shim_watch_exceptions(exception_thrown);
}

/* The runtime aborts, perhaps for lack of memory, while its threads are stopped anywhere. One of them may hold the
 * loader lock, and ExitProcess would wait for it. The runtime has printed its message. */
void __cdecl shim_abort(void)
{
    WARN("the runtime aborts the process\n");
    shim_policy_failed(FAIL_FatalRuntime);
    shim_raise_event(Event_ClrDisabled, NULL);
    shim_report();
    TerminateProcess(GetCurrentProcess(), 3);
}
