/*
 * IClrMemManager: limits, waits and options. A limit or wait set here is also an option's value, so that the next change
 * of an option keeps it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

C_ASSERT(CLRMEM_OPTION_NO_LIMIT == HOSTMEM_NO_LIMIT);
C_ASSERT(CLRMEM_OPTION_FOREVER == HOSTMEM_FOREVER);
C_ASSERT(CLRMEM_OPTION_PAGE == HOSTMEM_PAGE_SIZE);
C_ASSERT(CLRMEM_NO_LIMIT == HOSTMEM_NO_LIMIT);
C_ASSERT(HOSTMEM_FOREVER == INFINITE);
/* The layouts are public: the same for both architectures. */
C_ASSERT(sizeof(CLRMEM_LIMITS) == 40);
C_ASSERT(FIELD_OFFSET(CLRMEM_LIMITS, ullHardLimit) == 8);
C_ASSERT(sizeof(CLRMEM_WAITS) == 24);

/* --- from options to the core; pre: settings_lock is held ---------------------------------------------------------- */

/* The core needs a soft limit that is not above the hard one; at the hard one it is never crossed. Reserves are parts of
 * a limit. */
static void get_limits(const struct clrmem_options *options, struct hostmem_limits *limits)
{
    limits->hard = clrmem_options_value(options, CLRMEM_OPTION_LIMIT);
    limits->soft = min(clrmem_options_value(options, CLRMEM_OPTION_SOFTLIMIT), limits->hard);
    limits->appdomain_reserve = limits->process_reserve = 0;
    if (limits->hard == HOSTMEM_NO_LIMIT) return;
    limits->appdomain_reserve = clrmem_options_value(options, CLRMEM_OPTION_APPDOMAINRESERVE);
    limits->process_reserve = clrmem_options_value(options, CLRMEM_OPTION_PROCESSRESERVE);
}

static void get_waits(const struct clrmem_options *options, struct hostmem_waits *waits)
{
    waits->memory[HOSTMEM_TASK_CRITICAL] = clrmem_options_value(options, CLRMEM_OPTION_TASKWAIT);
    waits->memory[HOSTMEM_APPDOMAIN_CRITICAL] = clrmem_options_value(options, CLRMEM_OPTION_APPDOMAINWAIT);
    waits->memory[HOSTMEM_PROCESS_CRITICAL] = clrmem_options_value(options, CLRMEM_OPTION_PROCESSWAIT);
    waits->lock = clrmem_options_value(options, CLRMEM_OPTION_LOCKWAIT);
}

static void get_pressure_settings(const struct clrmem_options *options, struct pressure_settings *settings)
{
    settings->low = clrmem_options_value(options, CLRMEM_OPTION_LOWLOAD);
    settings->high = clrmem_options_value(options, CLRMEM_OPTION_HIGHLOAD);
    settings->hysteresis = clrmem_options_value(options, CLRMEM_OPTION_HYSTERESIS);
    settings->interval = clrmem_options_value(options, CLRMEM_OPTION_INTERVAL);
    settings->low_interval = clrmem_options_value(options, CLRMEM_OPTION_LOWINTERVAL);
    settings->psi = clrmem_options_value(options, CLRMEM_OPTION_PSI);
    settings->container = clrmem_options_value(options, CLRMEM_OPTION_CONTAINER);
}

void clrmem_settings_apply(struct memory_manager *manager)
{
    struct pressure_settings pressure;
    struct hostmem_limits limits;
    struct hostmem_waits waits;

    get_limits(&manager->options, &limits);
    get_waits(&manager->options, &waits);
    get_pressure_settings(&manager->options, &pressure);
    if (hostmem_manager_set_limits(manager->core, &limits) != HOSTMEM_OK) ERR("the limits contradict each other\n");
    hostmem_manager_set_waits(manager->core, &waits);
    clrmem_pressure_configure(manager, &pressure);
}

static void record_limits(struct clrmem_options *options, const struct hostmem_limits *limits)
{
    clrmem_options_set_number(options, CLRMEM_OPTION_LIMIT, limits->hard);
    clrmem_options_set_number(options, CLRMEM_OPTION_SOFTLIMIT, limits->soft);
    clrmem_options_set_number(options, CLRMEM_OPTION_APPDOMAINRESERVE, limits->appdomain_reserve);
    clrmem_options_set_number(options, CLRMEM_OPTION_PROCESSRESERVE, limits->process_reserve);
}

static void record_waits(struct clrmem_options *options, const struct hostmem_waits *waits)
{
    clrmem_options_set_number(options, CLRMEM_OPTION_TASKWAIT, waits->memory[HOSTMEM_TASK_CRITICAL]);
    clrmem_options_set_number(options, CLRMEM_OPTION_APPDOMAINWAIT, waits->memory[HOSTMEM_APPDOMAIN_CRITICAL]);
    clrmem_options_set_number(options, CLRMEM_OPTION_PROCESSWAIT, waits->memory[HOSTMEM_PROCESS_CRITICAL]);
    clrmem_options_set_number(options, CLRMEM_OPTION_LOCKWAIT, waits->lock);
}

/* --- for the rest of the DLL; any thread --------------------------------------------------------------------------- */

uint64_t clrmem_settings_value(struct memory_manager *manager, enum clrmem_option option)
{
    uint64_t value;

    AcquireSRWLockShared(&manager->settings_lock);
    value = clrmem_options_value(&manager->options, option);
    ReleaseSRWLockShared(&manager->settings_lock);
    return value;
}

void clrmem_settings_apply_heap(struct memory_manager *manager, struct hostmem_heap *heap)
{
    struct hostmem_limits limits = {0};

    AcquireSRWLockShared(&manager->settings_lock);
    limits.hard = clrmem_options_value(&manager->options, CLRMEM_OPTION_HEAPLIMIT);
    limits.soft = min(clrmem_options_value(&manager->options, CLRMEM_OPTION_HEAPSOFTLIMIT), limits.hard);
    ReleaseSRWLockShared(&manager->settings_lock);
    if (hostmem_heap_set_limits(heap, &limits) != HOSTMEM_OK) ERR("the limits contradict each other\n");
}

/* A structure of the caller's that begins with cbSize. S_OK, E_POINTER, E_INVALIDARG for another size. */
static HRESULT check_structure(const void *structure, DWORD size)
{
    if (!structure) return E_POINTER;
    return *(const DWORD *)structure == size ? S_OK : clrmem_result(HOSTMEM_INVALID_PARAMETER);
}

HRESULT clrmem_limits_read(const CLRMEM_LIMITS *limits, struct hostmem_limits *out)
{
    HRESULT hr = check_structure(limits, sizeof(*limits));

    if (FAILED(hr)) return hr;
    TRACE("hard %#I64x, soft %#I64x, AppDomain reserve %#I64x, process reserve %#I64x\n", limits->ullHardLimit,
          limits->ullSoftLimit, limits->ullAppDomainReserve, limits->ullProcessReserve);
    if (limits->ullHardLimit < HOSTMEM_PAGE_SIZE || limits->ullSoftLimit < HOSTMEM_PAGE_SIZE)
        return clrmem_result(HOSTMEM_INVALID_PARAMETER);
    out->hard = limits->ullHardLimit;
    out->soft = limits->ullSoftLimit;
    out->appdomain_reserve = limits->ullAppDomainReserve;
    out->process_reserve = limits->ullProcessReserve;
    /* At the hard limit the soft one is never crossed. */
    if (out->soft == HOSTMEM_NO_LIMIT) out->soft = out->hard;
    if (out->hard == HOSTMEM_NO_LIMIT) out->appdomain_reserve = out->process_reserve = 0;
    return S_OK;
}

HRESULT clrmem_limits_write(const struct hostmem_limits *limits, CLRMEM_LIMITS *out)
{
    HRESULT hr = check_structure(out, sizeof(*out));

    if (FAILED(hr)) return hr;
    out->dwPadding = 0;
    out->ullHardLimit = limits->hard;
    out->ullSoftLimit = limits->soft;
    out->ullAppDomainReserve = limits->appdomain_reserve;
    out->ullProcessReserve = limits->process_reserve;
    return S_OK;
}

/* --- the methods --------------------------------------------------------------------------------------------------- */

static HRESULT set_limits(struct memory_manager *manager, const struct hostmem_limits *limits)
{
    enum hostmem_result result;

    AcquireSRWLockExclusive(&manager->settings_lock);
    result = hostmem_manager_set_limits(manager->core, limits);
    if (result == HOSTMEM_OK) record_limits(&manager->options, limits);
    ReleaseSRWLockExclusive(&manager->settings_lock);
    return clrmem_result(result);
}

/***********************************************************************
 *              IClrMemManager::SetLimits
 *
 * In: limits on committed bytes. S_OK, E_POINTER; E_INVALIDARG, and nothing
 * changed, for a cbSize of no version, limits that contradict each other, or
 * of less than a page. Any thread.
 */
HRESULT WINAPI clr_mem_manager_SetLimits(IClrMemManager *iface, const CLRMEM_LIMITS *limits)
{
    struct hostmem_limits core;
    HRESULT hr;

    TRACE("iface %p, limits %p\n", iface, limits);

    hr = clrmem_limits_read(limits, &core);
    if (SUCCEEDED(hr)) hr = set_limits(impl_from_IClrMemManager(iface), &core);
    TRACE("returning %#lx\n", hr);
    return hr;
}

/***********************************************************************
 *              IClrMemManager::GetLimits
 *
 * In: cbSize. Out: the limits in effect, on success only. S_OK, E_POINTER,
 * E_INVALIDARG for a cbSize of no version. Any thread, no lock.
 */
HRESULT WINAPI clr_mem_manager_GetLimits(IClrMemManager *iface, CLRMEM_LIMITS *limits)
{
    struct hostmem_limits core;
    HRESULT hr;

    TRACE("iface %p, limits %p\n", iface, limits);

    hostmem_manager_get_limits(impl_from_IClrMemManager(iface)->core, &core);
    hr = clrmem_limits_write(&core, limits);
    TRACE("returning %#lx, hard %#I64x, soft %#I64x\n", hr, core.hard, core.soft);
    return hr;
}

/***********************************************************************
 *              IClrMemManager::SetWaits
 *
 * In: milliseconds, for calls that begin to wait from now on. S_OK,
 * E_POINTER, E_INVALIDARG for a cbSize of no version. Any thread.
 */
HRESULT WINAPI clr_mem_manager_SetWaits(IClrMemManager *iface, const CLRMEM_WAITS *waits)
{
    struct memory_manager *manager = impl_from_IClrMemManager(iface);
    HRESULT hr;

    TRACE("iface %p, waits %p\n", iface, waits);

    hr = check_structure(waits, sizeof(*waits));
    if (SUCCEEDED(hr))
    {
        struct hostmem_waits core = {{waits->dwTaskCritical, waits->dwAppDomainCritical, waits->dwProcessCritical},
                                     waits->dwLock};

        AcquireSRWLockExclusive(&manager->settings_lock);
        hostmem_manager_set_waits(manager->core, &core);
        record_waits(&manager->options, &core);
        ReleaseSRWLockExclusive(&manager->settings_lock);
    }
    TRACE("returning %#lx\n", hr);
    return hr;
}

/***********************************************************************
 *              IClrMemManager::GetWaits
 *
 * In: cbSize. Out: milliseconds, on success only. S_OK, E_POINTER,
 * E_INVALIDARG for a cbSize of no version. Any thread, no lock.
 */
HRESULT WINAPI clr_mem_manager_GetWaits(IClrMemManager *iface, CLRMEM_WAITS *waits)
{
    struct hostmem_waits core;
    HRESULT hr;

    TRACE("iface %p, waits %p\n", iface, waits);

    hr = check_structure(waits, sizeof(*waits));
    if (SUCCEEDED(hr))
    {
        hostmem_manager_get_waits(impl_from_IClrMemManager(iface)->core, &core);
        waits->dwTaskCritical = core.memory[HOSTMEM_TASK_CRITICAL];
        waits->dwAppDomainCritical = core.memory[HOSTMEM_APPDOMAIN_CRITICAL];
        waits->dwProcessCritical = core.memory[HOSTMEM_PROCESS_CRITICAL];
        waits->dwLock = core.lock;
        waits->dwPadding = 0;
    }
    TRACE("returning %#lx\n", hr);
    return hr;
}

/***********************************************************************
 *              IClrMemManager::SetOption
 *
 * In: an option's name, in any case, and its new value, in effect when this
 * returns. S_OK, E_POINTER; E_INVALIDARG, and nothing changed, for an unknown
 * name or a value that it does not take. Any thread.
 */
HRESULT WINAPI clr_mem_manager_SetOption(IClrMemManager *iface, const char *name, const char *value)
{
    struct memory_manager *manager = impl_from_IClrMemManager(iface);
    HRESULT hr = E_POINTER;

    TRACE("iface %p, name %s, value %s\n", iface, debugstr_a(name), debugstr_a(value));

    if (name && value)
    {
        AcquireSRWLockExclusive(&manager->settings_lock);
        hr = clrmem_options_set(&manager->options, name, value);
        if (SUCCEEDED(hr)) clrmem_settings_apply(manager);
        ReleaseSRWLockExclusive(&manager->settings_lock);
    }
    TRACE("returning %#lx\n", hr);
    return hr;
}

/***********************************************************************
 *              IClrMemManager::GetOption
 *
 * In: an option's name, in any case, and the bytes of the buffer. Out: the
 * effective value and a NUL, on failure an empty text. S_OK, E_POINTER,
 * E_INVALIDARG, HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER). Any thread.
 */
HRESULT WINAPI clr_mem_manager_GetOption(IClrMemManager *iface, const char *name, char *buffer, SIZE_T size)
{
    struct memory_manager *manager = impl_from_IClrMemManager(iface);
    HRESULT hr = E_POINTER;

    TRACE("iface %p, name %s, buffer %p, size %#Ix\n", iface, debugstr_a(name), buffer, size);

    if (buffer && size) *buffer = 0;
    if (name && buffer)
    {
        AcquireSRWLockShared(&manager->settings_lock);
        hr = clrmem_options_get(&manager->options, name, buffer, size);
        ReleaseSRWLockShared(&manager->settings_lock);
    }
    TRACE("returning %#lx, value %s\n", hr, SUCCEEDED(hr) ? debugstr_a(buffer) : "none");
    return hr;
}
