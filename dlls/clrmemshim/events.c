/*
 * ICLROnEventManager: what a host wants to hear of.
 *
 * Reported are unloads of AppDomains, the end of the runtime by its own abort, and a managed stack
 * that overflowed. Mono has no managed debugging assistants, so that MDAFired is taken and never raised.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "control.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

struct action
{
    struct action *next;
    EClrEvent event;
    IActionOnCLREvent *action; /* one reference */
};

static struct action *actions;
static SRWLOCK actions_lock = SRWLOCK_INIT; /* guards the list; nothing is called under it */

static void domain_unloading(MonoDomain *domain)
{
    struct shim_host_call call;

    /* Mono frees its default domain at the end of the process, which is not an unload. */
    if (domain == shim_mono.get_root_domain()) return;
    shim_begin_host_call(&call);
    shim_raise_event(Event_DomainUnload, (void *)(ULONG_PTR)shim_domain_id(domain));
    shim_end_host_call(&call);
}

/* The action after the given one, with a reference of the caller's. */
static IActionOnCLREvent *next_action(EClrEvent event, unsigned int index)
{
    IActionOnCLREvent *found = NULL;
    struct action *action;

    AcquireSRWLockShared(&actions_lock);
    for (action = actions; action && !found; action = action->next)
    {
        if (action->event == event && !index--) found = action->action;
    }
    if (found) IActionOnCLREvent_AddRef(found);
    ReleaseSRWLockShared(&actions_lock);
    return found;
}

void shim_raise_event(EClrEvent event, void *data)
{
    IActionOnCLREvent *action;
    unsigned int i;
    HRESULT hr;

    for (i = 0; (action = next_action(event, i)); i++)
    {
        hr = IActionOnCLREvent_OnEvent(action, event, data);
        TRACE("event %d, %p, action %p: %#lx\n", event, data, action, hr);
        IActionOnCLREvent_Release(action);
    }
}

SHIM_STATIC_UNKNOWN(ICLROnEventManager, events, IID_ICLROnEventManager, IID_IUnknown)

static HRESULT WINAPI events_RegisterActionOnEvent(ICLROnEventManager *iface, EClrEvent event,
                                                   IActionOnCLREvent *action)
{
    static LONG watching;
    struct action *entry;

    TRACE("%p, %d, %p\n", iface, event, action);

    if ((unsigned int)event >= MaxClrEvent || !action) return E_INVALIDARG;
    if (!(entry = HeapAlloc(GetProcessHeap(), 0, sizeof(*entry)))) return E_OUTOFMEMORY;
    entry->event = event;
    entry->action = action;
    IActionOnCLREvent_AddRef(action);
    AcquireSRWLockExclusive(&actions_lock);
    entry->next = actions;
    actions = entry;
    ReleaseSRWLockExclusive(&actions_lock);
    if (event == Event_DomainUnload && !InterlockedExchange(&watching, TRUE)) shim_watch_unloads(domain_unloading);
    return S_OK;
}

static HRESULT WINAPI events_UnregisterActionOnEvent(ICLROnEventManager *iface, EClrEvent event,
                                                     IActionOnCLREvent *action)
{
    struct action **link, *entry;

    TRACE("%p, %d, %p\n", iface, event, action);

    if ((unsigned int)event >= MaxClrEvent || !action) return E_INVALIDARG;
    AcquireSRWLockExclusive(&actions_lock);
    for (link = &actions; (entry = *link); link = &entry->next)
    {
        if (entry->event == event && entry->action == action) break;
    }
    if (entry) *link = entry->next;
    ReleaseSRWLockExclusive(&actions_lock);
    if (!entry) return E_INVALIDARG;
    IActionOnCLREvent_Release(action);
    HeapFree(GetProcessHeap(), 0, entry);
    return S_OK;
}

static const ICLROnEventManagerVtbl events_methods = {
    events_QueryInterface, events_AddRef, events_Release, events_RegisterActionOnEvent, events_UnregisterActionOnEvent,
};

static ICLROnEventManager events = {&events_methods};

ICLROnEventManager *shim_event_manager(void)
{
    return &events;
}
