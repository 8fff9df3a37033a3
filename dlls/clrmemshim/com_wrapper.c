/*
 * Managed objects as COM objects: lifetime, identity, and the way back.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "com.h"
#include "control.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

#define FACES 8 /* interfaces of one object, at most; those of a program's own come last */

struct shim_com_wrapper
{
    struct shim_com_face faces[FACES]; /* the default interface first */
    IID iids[FACES];                   /* of faces without a type */
    unsigned int count;                /* of faces; grows only, under the lock */
    LONG references;
    int32_t domain;  /* Mono's number of it, which it gives to another domain later; -1: it is gone */
    uint32_t handle; /* the collector's, keeps the object alive */
    struct shim_com_wrapper *next, **link; /* in the list of all */
};

/* Shared: the code of a slot finds out which interface it serves. */
static void *methods[SHIM_COM_SLOTS], *forwarding_methods[SHIM_COM_SLOTS];

static struct shim_com_wrapper *wrappers;
static SRWLOCK wrappers_lock = SRWLOCK_INIT; /* guards the list and the last reference of its members; nothing of
                                              * Mono's is called under it, which would stop there for a collection */

static struct shim_com_wrapper *wrapper_of(IUnknown *iface)
{
    return ((struct shim_com_face *)iface)->wrapper;
}

static bool face_is(const struct shim_com_wrapper *wrapper, unsigned int i, const IID *iid)
{
    const struct shim_com_interface *type = wrapper->faces[i].type;

    if (!type) return IsEqualGUID(iid, &wrapper->iids[i]);
    return IsEqualGUID(iid, type->iid) || (IsEqualGUID(iid, &IID_IDispatch) && type->first == 7);
}

/* wrappers_lock held. */
static struct shim_com_face *find_face(struct shim_com_wrapper *wrapper, const IID *iid)
{
    unsigned int i;

    if (IsEqualGUID(iid, &IID_IUnknown)) return &wrapper->faces[0];
    for (i = 0; i < wrapper->count; i++)
    {
        if (face_is(wrapper, i, iid)) return &wrapper->faces[i];
    }
    return NULL;
}

MonoDomain *shim_wrapper_domain(const struct shim_com_wrapper *wrapper)
{
    int32_t id = wrapper->domain;
    MonoDomain *domain;

    if (id < 0 || !shim_mono_running()) return NULL;
    domain = shim_mono.domain_get_by_id(id);
    return domain && !shim_mono.domain_is_unloading(domain) ? domain : NULL;
}

MonoObject *shim_wrapper_object(const struct shim_com_wrapper *wrapper)
{
    return shim_mono.gchandle_get_target(wrapper->handle);
}

/* Adds an interface of Mono's, unless another thread did so first; NULL if there is no room. *kept says whether Mono's
 * reference is now the wrapper's. */
static struct shim_com_face *add_face(struct shim_com_wrapper *wrapper, const IID *iid, IUnknown *inner, bool *kept)
{
    struct shim_com_face *face;

    AcquireSRWLockExclusive(&wrappers_lock);
    *kept = !(face = find_face(wrapper, iid)) && wrapper->count < FACES;
    if (*kept)
    {
        face = &wrapper->faces[wrapper->count];
        face->methods = forwarding_methods;
        face->wrapper = wrapper;
        face->inner = inner;
        wrapper->iids[wrapper->count++] = *iid;
    }
    ReleaseSRWLockExclusive(&wrappers_lock);
    return face;
}

static struct shim_com_face *query_mono(struct shim_com_wrapper *wrapper, const IID *iid)
{
    struct shim_com_face *face;
    IUnknown *inner;
    bool kept;

    if (!shim_mono_running()) return NULL;
    if (FAILED(shim_get_mono_interface(wrapper->domain, wrapper->handle, iid, &inner))) return NULL;
    face = add_face(wrapper, iid, inner, &kept);
    if (!kept) shim_release_mono_interface(wrapper->domain, inner);
    return face;
}

static HRESULT WINAPI wrapper_QueryInterface(IUnknown *iface, REFIID riid, void **out)
{
    struct shim_com_face *face;

    TRACE("%p, %s, %p\n", iface, debugstr_guid(riid), out);

    if (!out) return E_POINTER;
    *out = NULL;
    if (!riid) return E_INVALIDARG;
    AcquireSRWLockShared(&wrappers_lock);
    face = find_face(wrapper_of(iface), riid);
    ReleaseSRWLockShared(&wrappers_lock);
    if (!face && !(face = query_mono(wrapper_of(iface), riid)))
    {
        WARN("%s has no %s\n", wrapper_of(iface)->faces[0].type->name, debugstr_guid(riid));
        return E_NOINTERFACE;
    }
    *out = face;
    IUnknown_AddRef(iface);
    return S_OK;
}

static ULONG WINAPI wrapper_AddRef(IUnknown *iface)
{
    return InterlockedIncrement(&wrapper_of(iface)->references);
}

/* Handles of a domain that is gone went with it, and may be another's by now. */
static void free_wrapper(struct shim_com_wrapper *wrapper)
{
    struct shim_entered entered;
    unsigned int i;

    if (shim_mono_running())
    {
        for (i = 0; i < wrapper->count; i++)
        {
            if (wrapper->faces[i].inner) shim_release_mono_interface(wrapper->domain, wrapper->faces[i].inner);
        }
        shim_enter_domain(shim_mono.get_root_domain(), &entered);
        if (shim_wrapper_domain(wrapper)) shim_mono.gchandle_free(wrapper->handle);
        shim_leave_domain(&entered);
    }
    HeapFree(GetProcessHeap(), 0, wrapper);
}

static ULONG WINAPI wrapper_Release(IUnknown *iface)
{
    struct shim_com_wrapper *wrapper = wrapper_of(iface);
    ULONG left;

    AcquireSRWLockExclusive(&wrappers_lock);
    if (!(left = InterlockedDecrement(&wrapper->references)))
    {
        *wrapper->link = wrapper->next;
        if (wrapper->next) wrapper->next->link = wrapper->link;
    }
    ReleaseSRWLockExclusive(&wrappers_lock);
    if (!left) free_wrapper(wrapper);
    return left;
}

static void domain_unloading(MonoDomain *domain)
{
    int32_t id = shim_mono.domain_get_id(domain);
    struct shim_com_wrapper *wrapper;

    AcquireSRWLockExclusive(&wrappers_lock);
    for (wrapper = wrappers; wrapper; wrapper = wrapper->next)
    {
        if (wrapper->domain == id) wrapper->domain = -1;
    }
    ReleaseSRWLockExclusive(&wrappers_lock);
}

void shim_wrapper_init(const char *code)
{
    unsigned int i;

    methods[0] = wrapper_QueryInterface;
    methods[1] = wrapper_AddRef;
    methods[2] = wrapper_Release;
    memcpy(forwarding_methods, methods, 3 * sizeof(methods[0]));
    for (i = 3; i < SHIM_COM_SLOTS; i++)
    {
        methods[i] = (void *)(code + (i - 3) * SHIM_COM_DISTANCE);
        forwarding_methods[i] = (void *)(shim_com_forward + (i - 3) * SHIM_COM_DISTANCE);
    }
    shim_watch_unloads(domain_unloading);
}

/* Whether an interface pointer is of this file. */
static bool is_wrapper(IUnknown *unknown)
{
    return *(void ***)unknown == methods || *(void ***)unknown == forwarding_methods;
}

static struct shim_com_wrapper *create_wrapper(MonoObject *object, const struct shim_com_class *description)
{
    struct shim_com_wrapper *wrapper = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*wrapper));
    unsigned int i;

    if (!wrapper) return NULL;
    for (i = 0; i < FACES && description->interfaces[i]; i++)
    {
        wrapper->faces[i].methods = methods;
        wrapper->faces[i].wrapper = wrapper;
        wrapper->faces[i].type = description->interfaces[i];
    }
    wrapper->count = i;
    wrapper->references = 1;
    wrapper->domain = shim_mono.domain_get_id(shim_mono.domain_get());
    wrapper->handle = shim_mono.gchandle_new(object, FALSE);
    return wrapper;
}

static bool is_app_domain(const struct shim_com_wrapper *wrapper)
{
    return wrapper->faces[0].type->iid == shim_com_app_domain();
}

/* The wrapper to use: of an AppDomain the one that there is. */
static struct shim_com_wrapper *enter_list(struct shim_com_wrapper *wrapper)
{
    struct shim_com_wrapper *known = NULL;

    AcquireSRWLockExclusive(&wrappers_lock);
    if (is_app_domain(wrapper))
    {
        for (known = wrappers; known; known = known->next)
        {
            if (known->domain == wrapper->domain && is_app_domain(known)) break;
        }
    }
    if (known)
        InterlockedIncrement(&known->references);
    else
    {
        wrapper->next = wrappers;
        wrapper->link = &wrappers;
        if (wrappers) wrappers->link = &wrapper->next;
        wrappers = known = wrapper;
    }
    ReleaseSRWLockExclusive(&wrappers_lock);
    return known;
}

HRESULT shim_wrap(MonoObject *object, IUnknown **out)
{
    struct shim_com_wrapper *wrapper, *entered;
    const struct shim_com_class *description;

    *out = NULL;
    if (!object) return S_OK;
    if (!(description = shim_com_class_of(shim_mono.object_get_class(object)))) return E_UNEXPECTED;
    if (!(wrapper = create_wrapper(object, description))) return E_OUTOFMEMORY;
    if ((entered = enter_list(wrapper)) != wrapper) free_wrapper(wrapper);
    *out = (IUnknown *)&entered->faces[0];
    return S_OK;
}

HRESULT shim_wrap_domain(MonoDomain *domain, IUnknown **out)
{
    struct shim_entered entered;
    MonoObject *object;
    HRESULT hr;

    *out = NULL;
    shim_enter_domain(domain, &entered);
    hr = shim_invoke_corlib("System.AppDomain:get_CurrentDomain()", NULL, NULL, &object);
    if (SUCCEEDED(hr)) hr = shim_wrap(object, out);
    shim_leave_domain(&entered);
    return hr;
}

static HRESULT unwrap_by_mono(IUnknown *unknown, MonoObject **object)
{
    void *arguments[] = {&unknown};

    return shim_invoke_corlib("System.Runtime.InteropServices.Marshal:GetObjectForIUnknown(intptr)", NULL, arguments,
                              object);
}

HRESULT shim_unwrap(IUnknown *unknown, MonoObject **object)
{
    struct shim_com_wrapper *wrapper;

    *object = NULL;
    if (!unknown) return S_OK;
    if (!is_wrapper(unknown)) return unwrap_by_mono(unknown, object);
    wrapper = wrapper_of(unknown);
    if (shim_wrapper_domain(wrapper) != shim_mono.domain_get())
    {
        FIXME("%p is an object of another AppDomain\n", unknown);
        return COR_E_REMOTING;
    }
    *object = shim_wrapper_object(wrapper);
    return S_OK;
}

/* Only wrappers of this file are AppDomains to a host: it never gets Mono's. */
HRESULT shim_unwrap_domain(IUnknown *unknown, DWORD *id)
{
    struct shim_com_wrapper *wrapper;
    MonoDomain *domain;

    if (!unknown) return E_POINTER;
    if (!is_wrapper(unknown) || !is_app_domain(wrapper_of(unknown))) return E_INVALIDARG;
    wrapper = wrapper_of(unknown);
    if (!(domain = shim_wrapper_domain(wrapper))) return COR_E_APPDOMAINUNLOADED;
    *id = shim_domain_id(domain);
    return S_OK;
}
