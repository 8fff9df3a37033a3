/*
 * What the runtime reports of itself, by Mono's profiler interface.
 *
 * Nothing is asked for, and nothing costs time, unless a host uses what needs it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "control.h"

#include <string.h>

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

/* Values of Mono's profiler interface. */
#define CALL_LEAVE                   (1 << 3) /* MONO_PROFILER_CALL_INSTRUMENTATION_LEAVE */
#define GC_PRE_STOP_WORLD            6        /* MONO_GC_EVENT_PRE_STOP_WORLD */
#define GC_PRE_STOP_WORLD_LOCKED     10       /* MONO_GC_EVENT_PRE_STOP_WORLD_LOCKED */
#define GC_POST_START_WORLD_UNLOCKED 11       /* MONO_GC_EVENT_POST_START_WORLD_UNLOCKED */

static struct
{
    void (*created)(MonoDomain *);
    void (*unloading[2])(MonoDomain *);
    void (*thrown)(MonoObject *);
    void (*suspension)(enum shim_suspension, unsigned int);
} watchers;

static DWORD made_slot = TLS_OUT_OF_INDEXES; /* the domain that this thread is about to have made */

/* One profiler serves all; it has no data of its own. */
static MonoProfilerHandle *profiler(void)
{
    static SRWLOCK lock = SRWLOCK_INIT;
    static MonoProfilerHandle *handle;
    static void *nothing;

    AcquireSRWLockExclusive(&lock);
    if (!handle && shim_mono_found()) handle = shim_mono.profiler_create(&nothing);
    ReleaseSRWLockExclusive(&lock);
    if (!handle) WARN("no profiler interface in this runtime\n");
    return handle;
}

/* Mono tells of a domain before it has a setup, so that only its number is kept here. */
static void __cdecl domain_loaded(void *profiler, MonoDomain *domain)
{
    (void)profiler;
    TlsSetValue(made_slot, domain);
}

/* The method that every way to a new domain goes through, seen at its end. */
static int __cdecl filter_calls(void *profiler, MonoMethod *method)
{
    (void)profiler;
    if (strcmp(shim_mono.method_get_name(method), "CreateDomain")) return 0;
    if (shim_mono.signature_get_param_count(shim_mono.method_signature(method)) != 3) return 0;
    if (shim_mono.class_get_image(shim_mono.method_get_class(method)) != shim_mono.get_corlib()) return 0;
    return strcmp(shim_mono.class_get_name(shim_mono.method_get_class(method)), "AppDomain") ? 0 : CALL_LEAVE;
}

static void __cdecl method_leave(void *profiler, MonoMethod *method, void *context)
{
    MonoDomain *domain = TlsGetValue(made_slot);

    (void)profiler;
    (void)method;
    (void)context;
    if (!domain) return;
    TlsSetValue(made_slot, NULL);
    TRACE("domain %p was made\n", domain);
    watchers.created(domain);
}

void shim_watch_new_domains(void (*created)(MonoDomain *domain))
{
    MonoProfilerHandle *handle = profiler();

    if (!handle || (made_slot = TlsAlloc()) == TLS_OUT_OF_INDEXES) return;
    watchers.created = created;
    shim_mono.profiler_set_domain_loaded_callback(handle, domain_loaded);
    shim_mono.profiler_set_call_instrumentation_filter_callback(handle, filter_calls);
    shim_mono.profiler_set_method_leave_callback(handle, method_leave);
}

static void __cdecl domain_unloading(void *profiler, MonoDomain *domain)
{
    (void)profiler;
    if (watchers.unloading[0]) watchers.unloading[0](domain);
    if (watchers.unloading[1]) watchers.unloading[1](domain);
}

void shim_watch_unloads(void (*unloading)(MonoDomain *domain))
{
    MonoProfilerHandle *handle = profiler();

    if (!handle) return;
    if (InterlockedCompareExchangePointer((void **)&watchers.unloading[0], unloading, NULL))
        watchers.unloading[1] = unloading;
    shim_mono.profiler_set_domain_unloading_callback(handle, domain_unloading);
}

static void __cdecl exception_thrown(void *profiler, MonoObject *exception)
{
    (void)profiler;
    watchers.thrown(exception);
}

void shim_watch_exceptions(void (*thrown)(MonoObject *exception))
{
    MonoProfilerHandle *handle = profiler();

    if (!handle) return;
    watchers.thrown = thrown;
    shim_mono.profiler_set_exception_throw_callback(handle, exception_thrown);
}

/* Older Mono passes two arguments, newer three. A thread first asks for the right to suspend the others, and waits for it
 * while another has it. */
static void __cdecl gc_event(void *profiler, int event, uint32_t generation)
{
    static volatile LONG suspending;

    (void)profiler;
    switch (event)
    {
    case GC_PRE_STOP_WORLD:
        if (suspending) watchers.suspension(SHIM_SUSPENSION_BLOCKING, generation);
        break;
    case GC_PRE_STOP_WORLD_LOCKED:
        suspending = TRUE;
        watchers.suspension(SHIM_SUSPENSION_STARTING, generation);
        break;
    case GC_POST_START_WORLD_UNLOCKED:
        suspending = FALSE;
        watchers.suspension(SHIM_SUSPENSION_ENDING, generation);
        break;
    }
}

void shim_watch_suspensions(void (*changed)(enum shim_suspension what, unsigned int generation))
{
    MonoProfilerHandle *handle = profiler();

    if (!handle) return;
    watchers.suspension = changed;
    shim_mono.profiler_set_gc_event_callback(handle, gc_event);
}
