/*
 * IClrMemManager: limits and waits. What is set here is also what the options say, so that the next change of an option
 * takes nothing back.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "management.h"
#include <stdio.h>
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

C_ASSERT(CLRMEM_NO_LIMIT == HOSTMEM_NO_LIMIT);
C_ASSERT(HOSTMEM_FOREVER == INFINITE);
/* The layouts are public: the same for both architectures. */
C_ASSERT(sizeof(CLRMEM_LIMITS) == 40);
C_ASSERT(FIELD_OFFSET(CLRMEM_LIMITS, ullHardLimit) == 8);
C_ASSERT(sizeof(CLRMEM_WAITS) == 24);

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

/* One option, as a number or, for `most`, a word. */
static void record_option(struct memory_manager *manager, enum clrmem_option option, uint64_t value, uint64_t most,
                          const char *word)
{
    const char *name = option_table[option].name;
    char text[OPTION_TEXT_SIZE];

    snprintf(text, sizeof(text), "%I64u", value);
    if (FAILED(clrmem_options_set(&manager->options, name, value == most ? word : text)))
        ERR("option %s does not take %s\n", name, text);
}

/* Without a limit first, so that nothing is above one in between. */
static void record_limits(struct memory_manager *manager, const struct hostmem_limits *limits)
{
    record_option(manager, OPTION_LIMIT, HOSTMEM_NO_LIMIT, HOSTMEM_NO_LIMIT, "none");
    record_option(manager, OPTION_SOFT_LIMIT, limits->soft, HOSTMEM_NO_LIMIT, "none");
    record_option(manager, OPTION_PROCESS_RESERVE, limits->process_reserve, HOSTMEM_NO_LIMIT, "auto");
    record_option(manager, OPTION_APPDOMAIN_RESERVE, limits->appdomain_reserve, HOSTMEM_NO_LIMIT, "auto");
    record_option(manager, OPTION_LIMIT, limits->hard, HOSTMEM_NO_LIMIT, "none");
}

static void record_waits(struct memory_manager *manager, const struct hostmem_waits *waits)
{
    record_option(manager, OPTION_TASK_WAIT, waits->memory[HOSTMEM_TASK_CRITICAL], HOSTMEM_FOREVER, "forever");
    record_option(manager, OPTION_APPDOMAIN_WAIT, waits->memory[HOSTMEM_APPDOMAIN_CRITICAL], HOSTMEM_FOREVER,
                  "forever");
    record_option(manager, OPTION_PROCESS_WAIT, waits->memory[HOSTMEM_PROCESS_CRITICAL], HOSTMEM_FOREVER, "forever");
    record_option(manager, OPTION_LOCK_WAIT, waits->lock, HOSTMEM_FOREVER, "forever");
}

static HRESULT set_limits(struct memory_manager *manager, const struct hostmem_limits *limits)
{
    enum hostmem_result result;

    AcquireSRWLockExclusive(&manager->settings_lock);
    result = hostmem_manager_set_limits(manager->core, limits);
    if (result == HOSTMEM_OK) record_limits(manager, limits);
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
        record_waits(manager, &core);
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
