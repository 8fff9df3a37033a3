/*
 * The .NET Framework's hosting interfaces over Wine's mscoree.
 *
 * Wine's objects are static and share their tables of methods. So a method that Wine lacks, or
 * answers in another way than the .NET Framework, is replaced in the table, once for every host, and
 * the objects keep their identity. What Wine does right stays Wine's.
 *
 * Results are those that the .NET Framework's reference documents; where it is silent, those of the
 * desktop CLR as its open-sourced parts show it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_SHIM_FRAMEWORK_H
#define CLRMEM_SHIM_FRAMEWORK_H

#include <stddef.h>
#include "shim.h"

/* --- mscoree.c: Wine's mscoree in the process ---------------------------------- */

struct shim_method
{
    size_t offset;     /* of the method in its table, bytes */
    void *replacement; /* what callers reach from now on */
    void **original;   /* set to the method that was there; may be NULL */
};

/* Replaces methods in the table of a COM object. Does nothing if the first of them is in place already. */
void shim_replace_methods(void *object, const struct shim_method *methods, unsigned int count);

/* mscoree stays loaded from now on, as it does on Windows once a host has an interface from it. Any thread. */
void shim_pin_mscoree(void);

/* Wine's ICLRMetaHost: static, not to be released; NULL while mscoree is not loaded. */
ICLRMetaHost *shim_meta_host(void);

/* It is loaded, or with NULL unloaded. Loader lock held. */
void shim_set_mscoree(HMODULE module, ICLRMetaHost *meta_host);

/* Copies text to a caller's buffer by the rules of the hosting interfaces: *length is the buffer's size on entry and the
 * needed size on return, in characters with the final null; a NULL buffer asks for the size. S_OK, E_POINTER without a
 * length, ERROR_INSUFFICIENT_BUFFER as an HRESULT. */
HRESULT shim_copy_text(const WCHAR *text, WCHAR *buffer, DWORD *length);

/* --- runtimes.c: the versions of the runtime --------------------------------------- */

#define SHIM_RUNTIMES 4 /* that Wine's mscoree knows */

/* Of STARTUP_FLAGS, which Wine's headers lack. */
#define SHIM_STARTUP_CONCURRENT_GC 0x1
#define SHIM_STARTUP_SERVER_GC     0x1000

/* One version. Pointers never change once they are set. */
struct shim_runtime
{
    ICLRRuntimeInfo *info;
    ICLRRuntimeHost *host;     /* NULL until libmono was loaded under this version */
    ICorRuntimeHost *cor_host; /* the same by its older interface */
    bool loaded;               /* a host has an interface of it */
    bool has_flags;            /* a host has set the startup flags */
    DWORD flags;               /* STARTUP_FLAGS */
    WCHAR *config;             /* the host's configuration file, or NULL */
};

/* Asks Wine for its four objects; forgets them, as mscoree is unloaded. Loader lock held. */
void shim_find_runtimes(ICLRMetaHost *meta_host);
void shim_forget_runtimes(void);

/* The version of an object, NULL if it is none of Wine's; the one at a place in the list, oldest first, NULL past the
 * end; version 4. */
struct shim_runtime *shim_runtime_of_info(ICLRRuntimeInfo *info);
struct shim_runtime *shim_runtime_of_host(ICLRRuntimeHost *host);
struct shim_runtime *shim_runtime_at(unsigned int index);
struct shim_runtime *shim_newest_runtime(void);
/* Such as "v4.0.30319". */
const WCHAR *shim_runtime_version(const struct shim_runtime *runtime);

/* Wine's own ICLRRuntimeInfo::GetInterface, kept by runtimeinfo.c. */
extern HRESULT(STDMETHODCALLTYPE *shim_stock_GetInterface)(ICLRRuntimeInfo *, REFCLSID, REFIID, void **);

/* Loads libmono; CLR_E_SHIM_RUNTIME if Wine finds none. The second tells only whether it can be loaded. */
HRESULT shim_load_runtime(struct shim_runtime *runtime);
bool shim_runtime_loadable(void);

/* Whether the version is loaded in this process, and whether it has been started too. A runtime that no host asked for
 * is version 4. */
bool shim_runtime_loaded(struct shim_runtime *runtime);
bool shim_runtime_in_use(struct shim_runtime *runtime);

/* Makes the version the one of legacy activation: CLR_E_SHIM_LEGACYRUNTIMEALREADYBOUND if another is. The version bound
 * so, or NULL. Whether another one keeps this one out of the process. */
HRESULT shim_bind_legacy(struct shim_runtime *runtime);
struct shim_runtime *shim_legacy_runtime(void);
bool shim_runtime_shut_out(const struct shim_runtime *runtime);

/* SetDefaultStartupFlags: HOST_E_INVALIDOPERATION once the runtime has started. Flags that came with a CorBindTo function
 * count only where none were set before. */
HRESULT shim_set_startup_flags(struct shim_runtime *runtime, DWORD flags, const WCHAR *config);
void shim_bind_startup_flags(struct shim_runtime *runtime, DWORD flags, const WCHAR *config);
DWORD shim_startup_flags(const struct shim_runtime *runtime);

/* --- runtimeinfo.c: ICLRRuntimeInfo ------------------------------------------------- */

/* Loader lock held. */
void shim_attach_runtime_infos(ICLRMetaHost *meta_host);

/* --- metahost.c, enumruntimes.c, metapolicy.c: ICLRMetaHost, ICLRMetaHostPolicy ------- */

void shim_attach_meta_host(ICLRMetaHost *meta_host);
void shim_attach_meta_policy(HRESULT(WINAPI *create_instance)(REFCLSID, REFIID, void **));

/* An enumerator of ICLRRuntimeInfo: every version if a runtime is installed, or those loaded in a process. */
HRESULT shim_enumerate_installed(IEnumUnknown **enumerator);
HRESULT shim_enumerate_loaded(HANDLE process, IEnumUnknown **enumerator);
/* Whether a version is loaded in a process. Another process is taken to run version 4. E_INVALIDARG for what is no
 * handle of a process. */
HRESULT shim_process_runtime_loaded(HANDLE process, struct shim_runtime *runtime, BOOL *loaded);

/* --- errortext.c: messages for HRESULTs ---------------------------------------------- */

/* ICLRRuntimeInfo::LoadErrorString; English, but for what Windows has a text of. */
HRESULT shim_load_error_text(UINT id, WCHAR *buffer, DWORD *length, LONG locale);

/* --- corload.c: modules and functions of the runtime ---------------------------------- */

/* Loads a module from the runtime's directory, or Wine's own of that name; the error is that of the directory. */
HRESULT shim_load_library(const WCHAR *directory, const WCHAR *name, HMODULE *module);
/* A function that the CLR exports; CLR_E_SHIM_RUNTIMEEXPORT if Wine has none. */
HRESULT shim_find_function(const char *name, void **function);

/* --- exports.c: what a module exports ------------------------------------------------- */

#define SHIM_MAX_EXPORTS 64

struct shim_export
{
    const char *name;
    void *replacement; /* what importers and GetProcAddress get from now on */
    void **original;   /* set to the module's own function; may be NULL */
};

/* Replaces exports of a module, also in modules that are bound to them; names that it does not export are left out.
 * Loader lock held. */
void shim_replace_exports(HMODULE module, const struct shim_export *exports, unsigned int count);

/* --- corexports.c, corbind.c, corinfo.c: the functions of mscoree ------------------------ */

void shim_attach_exports(HMODULE mscoree);

/* The version that a CorBindTo function would take; version and config may be NULL. */
HRESULT shim_choose_runtime(const WCHAR *version, const WCHAR *config, DWORD flags, struct shim_runtime **runtime);

/* --- loading.c: hosts that want to know before a runtime is used ------------------- */

/* The version is about to be handed to a host: runs, before the first of them gets it, what was registered by
 * RequestRuntimeLoadedNotification or LockClrVersion. */
void shim_notify_loading(struct shim_runtime *runtime);
HRESULT WINAPI shim_RequestRuntimeLoadedNotification(ICLRMetaHost *iface, RuntimeLoadedCallbackFnPtr callback);
HRESULT WINAPI shim_LockClrVersion(FLockClrVersionCallback callback, FLockClrVersionCallback *begin,
                                   FLockClrVersionCallback *end);

/* --- runtimehost.c: ICLRRuntimeHost ------------------------------------------------ */

/* The runtime was loaded under this version: replaces the methods of its host interfaces. */
void shim_meet_runtime(struct shim_runtime *runtime);

/* Start and Stop, counted over all hosts of the process. S_OK for the first start, S_FALSE for a runtime that had been
 * started; S_FALSE for a stop while starts are outstanding, HOST_E_CLRNOTAVAILABLE without any. */
HRESULT shim_start_runtime(struct shim_runtime *runtime);
HRESULT shim_stop_runtime(void);

/* HOST_E_CLRNOTAVAILABLE unless managed code can be run: started, and not stopped by its last host. */
HRESULT shim_check_running(void);

/* --- execute.c: managed code for a host; all of them need a running runtime --------- */

HRESULT shim_execute_in_default_domain(const WCHAR *assembly, const WCHAR *type, const WCHAR *method,
                                       const WCHAR *argument, DWORD *result);
/* An instance of a type, named with its assembly, by its default constructor; in the default domain. */
HRESULT shim_create_instance(const WCHAR *type, IUnknown **unknown);

/* --- domains.c: AppDomains for a host; needs a running runtime too --------------------- */

/* Returns what the callback does; COR_E_APPDOMAINUNLOADED if there is no such domain, or it is being unloaded. */
HRESULT shim_execute_in_domain(DWORD id, FExecuteInAppDomainCallback callback, void *cookie);

/* --- unload.c: their unloading ---------------------------------------------------------- */

/* COR_E_CANNOTUNLOADAPPDOMAIN for the default domain, one that the thread is in itself, one that is being unloaded, and
 * when the host's threads have not left it in time; COR_E_APPDOMAINUNLOADED if there is none. A thread of the shim unloads
 * it; the caller waits as long as the host's policy says, and gets HOST_E_TIMEOUT unless the policy ends the process. */
HRESULT shim_unload_domain(DWORD id, BOOL wait);

/* --- domain_use.c: which domains threads of a host are in ------------------------------- */

/* A thread of the host is in the domain until the second call; COR_E_APPDOMAINUNLOADED while it is being unloaded. */
HRESULT shim_begin_domain_use(DWORD id);
void shim_end_domain_use(DWORD id);
/* The domain is being unloaded until the second call; COR_E_CANNOTUNLOADAPPDOMAIN if it is already. */
HRESULT shim_begin_domain_unload(DWORD id);
void shim_end_domain_unload(DWORD id);
/* Between these two: whether all threads have left within so many milliseconds. Not between shim_enter_domain and
 * shim_leave_domain, where a collection would wait as well. */
bool shim_wait_domain_unused(DWORD id, DWORD timeout);

#endif
