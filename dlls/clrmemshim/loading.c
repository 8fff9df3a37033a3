/*
 * Hosts that want to know before a runtime is used.
 *
 * Wine calls back before it loads the runtime, under its lock and without end when the callback asks for
 * the runtime itself, as the .NET Framework's reference tells a host to do.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "framework.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

static RuntimeLoadedCallbackFnPtr loaded_callback;
static FLockClrVersionCallback lock_callback;
static bool notified[SHIM_RUNTIMES]; /* guarded by calling */
static bool locked;                  /* guarded by calling */

/* Held while a host is called, so that calls come one after the other; what the host does within goes on. */
static CRITICAL_SECTION calling;
static INIT_ONCE calling_once = INIT_ONCE_STATIC_INIT;
static volatile DWORD exempt; /* another thread that the host loads the runtime on meanwhile, or 0 */

static BOOL CALLBACK init_calling(INIT_ONCE *once, void *parameter, void **context)
{
    (void)once, (void)parameter, (void)context;
    InitializeCriticalSection(&calling);
    return TRUE;
}

static HRESULT WINAPI set_thread(void)
{
    DWORD thread = GetCurrentThreadId();

    return InterlockedCompareExchange((LONG *)&exempt, thread, 0) ? HOST_E_INVALIDOPERATION : S_OK;
}

static HRESULT WINAPI unset_thread(void)
{
    DWORD thread = GetCurrentThreadId();

    return InterlockedCompareExchange((LONG *)&exempt, 0, thread) == (LONG)thread ? S_OK : HOST_E_INVALIDOPERATION;
}

static void notify(struct shim_runtime *runtime)
{
    unsigned int i;

    if (lock_callback && !locked)
    {
        locked = true;
        TRACE("LockClrVersion's callback\n");
        lock_callback();
    }
    for (i = 0; i < SHIM_RUNTIMES; i++)
    {
        if (shim_runtime_at(i) != runtime || notified[i] || !loaded_callback) continue;
        notified[i] = true;
        TRACE("RequestRuntimeLoadedNotification's callback, %s\n", debugstr_w(shim_runtime_version(runtime)));
        loaded_callback(runtime->info, set_thread, unset_thread);
    }
}

void shim_notify_loading(struct shim_runtime *runtime)
{
    if (!loaded_callback && !lock_callback) return;
    if (exempt == GetCurrentThreadId()) return;
    InitOnceExecuteOnce(&calling_once, init_calling, NULL, NULL);
    EnterCriticalSection(&calling);
    notify(runtime);
    LeaveCriticalSection(&calling);
}

HRESULT WINAPI shim_RequestRuntimeLoadedNotification(ICLRMetaHost *iface, RuntimeLoadedCallbackFnPtr callback)
{
    TRACE("%p, %p\n", iface, callback);

    if (!callback) return E_POINTER;
    if (InterlockedCompareExchangePointer((void **)&loaded_callback, callback, NULL)) return HOST_E_INVALIDOPERATION;
    return S_OK;
}

HRESULT WINAPI shim_LockClrVersion(FLockClrVersionCallback callback, FLockClrVersionCallback *begin,
                                   FLockClrVersionCallback *end)
{
    TRACE("%p, %p, %p\n", callback, begin, end);

    if (!callback || !begin || !end) return E_INVALIDARG;
    if (InterlockedCompareExchangePointer((void **)&lock_callback, callback, NULL)) return HOST_E_INVALIDOPERATION;
    *begin = set_thread;
    *end = unset_thread;
    return S_OK;
}
