/*
 * Which AppDomains threads of a host are in.
 *
 * Mono unloads a domain below a thread that runs native code in it. So the shim counts the threads that a host
 * has in a domain: unloading lets no more in, and waits for those that are.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "framework.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

struct use
{
    struct use *next;
    DWORD id;
    unsigned int threads; /* of hosts, in the domain */
    bool unloading;
};

static struct use *uses; /* of the domains that are in use or being unloaded */
static SRWLOCK uses_lock = SRWLOCK_INIT;
static CONDITION_VARIABLE thread_left = CONDITION_VARIABLE_INIT;

static struct use **find_use(DWORD id)
{
    struct use **link = &uses;

    while (*link && (*link)->id != id) link = &(*link)->next;
    return link;
}

static struct use *find_or_add_use(DWORD id)
{
    struct use *use = *find_use(id);

    if (use || !(use = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*use)))) return use;
    use->id = id;
    use->next = uses;
    uses = use;
    return use;
}

static void drop_unused(DWORD id)
{
    struct use **link = find_use(id), *use = *link;

    if (!use || use->threads || use->unloading) return;
    *link = use->next;
    HeapFree(GetProcessHeap(), 0, use);
}

HRESULT shim_begin_domain_use(DWORD id)
{
    HRESULT hr = S_OK;
    struct use *use;

    AcquireSRWLockExclusive(&uses_lock);
    if (!(use = find_or_add_use(id)))
        hr = E_OUTOFMEMORY;
    else if (use->unloading)
        hr = COR_E_APPDOMAINUNLOADED;
    else
        use->threads++;
    ReleaseSRWLockExclusive(&uses_lock);
    return hr;
}

void shim_end_domain_use(DWORD id)
{
    AcquireSRWLockExclusive(&uses_lock);
    (*find_use(id))->threads--;
    drop_unused(id);
    ReleaseSRWLockExclusive(&uses_lock);
    WakeAllConditionVariable(&thread_left);
}

HRESULT shim_begin_domain_unload(DWORD id)
{
    HRESULT hr = S_OK;
    struct use *use;

    AcquireSRWLockExclusive(&uses_lock);
    if (!(use = find_or_add_use(id)))
        hr = E_OUTOFMEMORY;
    else if (use->unloading)
        hr = COR_E_CANNOTUNLOADAPPDOMAIN;
    else
        use->unloading = true;
    ReleaseSRWLockExclusive(&uses_lock);
    return hr;
}

void shim_end_domain_unload(DWORD id)
{
    AcquireSRWLockExclusive(&uses_lock);
    (*find_use(id))->unloading = false;
    drop_unused(id);
    ReleaseSRWLockExclusive(&uses_lock);
}

bool shim_wait_domain_unused(DWORD id, DWORD timeout)
{
    const ULONGLONG end = GetTickCount64() + timeout;
    bool unused;

    AcquireSRWLockExclusive(&uses_lock);
    while (!(unused = !(*find_use(id))->threads))
    {
        ULONGLONG now = GetTickCount64();

        if (timeout != INFINITE && now >= end) break;
        SleepConditionVariableSRW(&thread_left, &uses_lock, timeout == INFINITE ? INFINITE : (DWORD)(end - now), 0);
    }
    ReleaseSRWLockExclusive(&uses_lock);
    return unused;
}
