/*
 * Interfaces of a program's own, which Mono's wrappers have, behind COM objects of the shim's.
 *
 * Mono's QueryInterface, AddRef and Release leave a handle to the object with the calling thread, and a later unload
 * of the object's AppDomain finds it and aborts the process. So hosts never call them: they are called on threads
 * that end at once, and all other methods are called straight.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "com.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

/* The code of slot n puts Mono's interface pointer in the place of the shim's and goes on to Mono's slot n. */
#ifdef _WIN64
C_ASSERT(offsetof(struct shim_com_face, inner) == 24);
__asm__(".text\n"
        ".balign " SHIM_STRINGIFY(
            SHIM_COM_DISTANCE) "\n"
                               ".globl shim_com_forward\n"
                               "shim_com_forward:\n"
                               ".set slot, 3\n"
                               ".rept " SHIM_STRINGIFY(
                                   SHIM_COM_SLOTS) " - 3\n"
                                                   ".balign " SHIM_STRINGIFY(
                                                       SHIM_COM_DISTANCE) "\n"
                                                                          "movl $8 * slot, %eax\n"
                                                                          "jmp shim_com_forward_common\n"
                                                                          ".set slot, slot + 1\n"
                                                                          ".endr\n"
                                                                          "shim_com_forward_common:\n"
                                                                          "movq 24(%rcx), %rcx\n"
                                                                          "movq (%rcx), %r10\n"
                                                                          "jmp *(%r10,%rax)\n");
#else
C_ASSERT(offsetof(struct shim_com_face, inner) == 12);
__asm__(".text\n"
        ".balign " SHIM_STRINGIFY(
            SHIM_COM_DISTANCE) "\n"
                               ".globl _shim_com_forward\n"
                               "_shim_com_forward:\n"
                               ".set slot, 3\n"
                               ".rept " SHIM_STRINGIFY(
                                   SHIM_COM_SLOTS) " - 3\n"
                                                   ".balign " SHIM_STRINGIFY(
                                                       SHIM_COM_DISTANCE) "\n"
                                                                          "movl $4 * slot, %eax\n"
                                                                          "jmp shim_com_forward_common\n"
                                                                          ".set slot, slot + 1\n"
                                                                          ".endr\n"
                                                                          "shim_com_forward_common:\n"
                                                                          "movl 4(%esp), %ecx\n"
                                                                          "movl 12(%ecx), %ecx\n"
                                                                          "movl %ecx, 4(%esp)\n"
                                                                          "movl (%ecx), %ecx\n"
                                                                          "jmp *(%ecx,%eax)\n");
#endif

/* What a thread is to do in a domain; one of the two. */
struct job
{
    int32_t domain;  /* Mono's number of it */
    uint32_t handle; /* of the object that is asked for an interface */
    const IID *iid;  /* NULL: to release */
    IUnknown *inner; /* got, or to be released */
    HRESULT result;
};

/* Whether an interface type has the identifier. */
static bool has_guid(MonoObject *type, const IID *iid)
{
    MonoObject *guid;

    if (FAILED(shim_invoke_corlib("System.Type:get_GUID()", type, NULL, &guid)) || !guid) return false;
    return !memcmp(shim_mono.object_unbox(guid), iid, sizeof(*iid));
}

/* The object's interface type with the identifier, NULL if it has none. */
static MonoObject *find_interface(MonoObject *object, const IID *iid)
{
    MonoObject *type, *list;
    uintptr_t i;

    if (FAILED(shim_invoke_corlib("System.Object:GetType()", object, NULL, &type)) ||
        FAILED(shim_invoke_corlib("System.Type:GetInterfaces()", type, NULL, &list)))
        return NULL;
    for (i = 0; i < shim_mono.array_length((MonoArray *)list); i++)
    {
        type = *(MonoObject **)shim_mono.array_addr_with_size((MonoArray *)list, sizeof(void *), i);
        if (has_guid(type, iid)) return type;
    }
    return NULL;
}

static HRESULT get_interface(struct job *job)
{
    void *arguments[2];
    MonoObject *pointer;
    HRESULT hr;

    arguments[0] = shim_mono.gchandle_get_target(job->handle);
    if (!(arguments[1] = find_interface(arguments[0], job->iid))) return E_NOINTERFACE;
    hr = shim_invoke_corlib("System.Runtime.InteropServices.Marshal:GetComInterfaceForObject(object,System.Type)", NULL,
                            arguments, &pointer);
    if (SUCCEEDED(hr)) job->inner = *(IUnknown **)shim_mono.object_unbox(pointer);
    return hr;
}

static DWORD WINAPI do_job(void *arg)
{
    struct shim_entered entered;
    struct job *job = arg;
    MonoDomain *domain;

    shim_enter_domain(shim_mono.get_root_domain(), &entered);
    domain = job->domain < 0 ? NULL : shim_mono.domain_get_by_id(job->domain);
    if (domain && !shim_mono.domain_is_unloading(domain))
    {
        shim_mono.domain_set(domain, TRUE);
        if (job->iid)
            job->result = get_interface(job);
        else
            IUnknown_Release(job->inner);
    }
    shim_leave_domain(&entered);
    shim_mono.thread_detach(shim_mono.thread_attach(shim_mono.get_root_domain()));
    return 0;
}

static void run_job(struct job *job)
{
    HANDLE thread = CreateThread(NULL, 0, do_job, job, 0, NULL);
    struct shim_entered entered;
    struct shim_host_call call;

    if (!thread) return;
    /* A collection must not wait for a thread that waits. */
    shim_enter_domain(shim_mono.get_root_domain(), &entered);
    shim_begin_host_call(&call);
    WaitForSingleObject(thread, INFINITE);
    shim_end_host_call(&call);
    shim_leave_domain(&entered);
    CloseHandle(thread);
}

HRESULT shim_get_mono_interface(int32_t domain, uint32_t handle, const IID *iid, IUnknown **out)
{
    struct job job = {domain, handle, iid, NULL, E_OUTOFMEMORY};

    run_job(&job);
    *out = job.inner;
    return job.result;
}

void shim_release_mono_interface(int32_t domain, IUnknown *inner)
{
    struct job job = {domain, 0, NULL, inner, S_OK};

    run_job(&job);
}
