/*
 * The AppDomains of the process, one after the other, as ICorRuntimeHost enumerates them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "com.h"
#include "corhost.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

#define MARK 0x4d554e45 /* "ENUM": what is none of ours is refused */

/* What a HDOMAINENUM points to: the domains there were when it was made. */
struct domain_enum
{
    DWORD mark;
    unsigned int count, next, room;
    DWORD ids[1]; /* room of them */
};

static void __cdecl count_domain(MonoDomain *domain, void *count)
{
    (void)domain;
    ++*(unsigned int *)count;
}

static void __cdecl add_domain(MonoDomain *domain, void *data)
{
    struct domain_enum *list = data;

    if (list->count == list->room || shim_mono.domain_is_unloading(domain)) return;
    list->ids[list->count++] = shim_domain_id(domain);
}

/* The calling thread has entered a domain. */
HRESULT shim_enum_domains(HDOMAINENUM *handle)
{
    struct domain_enum *list;
    unsigned int room = 0;

    *handle = NULL;
    shim_mono.domain_foreach(count_domain, &room);
    room += 16; /* made in the meantime */
    list = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*list) + room * sizeof(list->ids[0]));
    if (!list) return E_OUTOFMEMORY;
    list->mark = MARK;
    list->room = room;
    shim_mono.domain_foreach(add_domain, list);
    *handle = list;
    return S_OK;
}

/* Those that were unloaded since are left out. */
HRESULT shim_next_domain(HDOMAINENUM handle, IUnknown **out)
{
    struct domain_enum *list = handle;
    MonoDomain *domain;

    *out = NULL;
    if (!list || list->mark != MARK) return E_INVALIDARG;
    while (list->next < list->count)
    {
        if ((domain = shim_domain_by_id(list->ids[list->next++]))) return shim_wrap_domain(domain, out);
    }
    return S_FALSE;
}

HRESULT shim_close_enum(HDOMAINENUM handle)
{
    struct domain_enum *list = handle;

    if (!list || list->mark != MARK) return E_INVALIDARG;
    list->mark = 0;
    HeapFree(GetProcessHeap(), 0, list);
    return S_OK;
}
