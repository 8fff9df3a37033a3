/*
 * Percentages, automatic values, options that bound each other, and their effect on a manager.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "option_test.h"

#define MIB ((SIZE_T)1 << 20)

static void test_percentages(void)
{
    struct clrmem_options options = load_config("limit=50%;heaplimit=1%");
    MEMORYSTATUSEX status = {.dwLength = sizeof(status)};
    ULONGLONG memory = options.memory;

    GlobalMemoryStatusEx(&status);
    ok(memory >= MIB && memory <= status.ullTotalPhys, "%I64u of %I64u bytes\n", memory, status.ullTotalPhys);
    ok(clrmem_options_value(&options, CLRMEM_OPTION_LIMIT) == memory / 2, "got %I64u of %I64u\n",
       clrmem_options_value(&options, CLRMEM_OPTION_LIMIT), memory);
    ok(clrmem_options_value(&options, CLRMEM_OPTION_HEAPLIMIT) == memory / 100, "got %I64u of %I64u\n",
       clrmem_options_value(&options, CLRMEM_OPTION_HEAPLIMIT), memory);

    /* Of the limit, where there is one; it follows when that changes. */
    options = load_config("limit=100M;softlimit=75%;appdomainreserve=10%;processreserve=5%;heaplimit=10M;"
                          "heapsoftlimit=50%");
    check_option(&options, "softlimit", "75M");
    check_option(&options, "appdomainreserve", "10M");
    check_option(&options, "processreserve", "5M");
    check_option(&options, "heapsoftlimit", "5M");
    ok_hr(clrmem_options_set(&options, "limit", "200M"), S_OK);
    check_option(&options, "softlimit", "150M");

    /* Else of the memory. */
    options = load_config("softlimit=100%");
    ok(clrmem_options_value(&options, CLRMEM_OPTION_SOFTLIMIT) == memory, "got %I64u of %I64u\n",
       clrmem_options_value(&options, CLRMEM_OPTION_SOFTLIMIT), memory);

    /* Sizes that a product of 64 bits does not hold. */
    options = load_config("limit=18446744073709551600;softlimit=99%");
    ok(clrmem_options_value(&options, CLRMEM_OPTION_SOFTLIMIT) == 18262276632972456084ull, "got %I64u\n",
       clrmem_options_value(&options, CLRMEM_OPTION_SOFTLIMIT));
}

static void test_automatic_values(void)
{
    struct clrmem_options options = load_config("limit=100M");

    check_option(&options, "softlimit", "90M");
    check_option(&options, "appdomainreserve", "3200K");
    check_option(&options, "processreserve", "3200K");
    ok_hr(clrmem_options_set(&options, "limit", "10G"), S_OK);
    check_option(&options, "softlimit", "9G");
    check_option(&options, "appdomainreserve", "8M");
    check_option(&options, "processreserve", "8M");
    ok_hr(clrmem_options_set(&options, "softlimit", "1G"), S_OK);
    ok_hr(clrmem_options_set(&options, "softlimit", "auto"), S_OK);
    check_option(&options, "softlimit", "9G");
    ok_hr(clrmem_options_set(&options, "limit", "none"), S_OK);
    check_option(&options, "softlimit", "none");
    check_option(&options, "appdomainreserve", "0");
    check_option(&options, "processreserve", "0");
}

/* From a source: the limit stays, the others are lowered. */
static void test_bounds(void)
{
    static const struct
    {
        const char *config, *name, *effective;
    } bounds[] = {
        {"limit=10M;softlimit=20M", "limit", "10M"},
        {"limit=10M;softlimit=20M", "softlimit", "10M"},
        {"limit=10M;processreserve=20M", "limit", "10M"},
        {"limit=10M;processreserve=20M", "processreserve", "10M"},
        {"limit=10M;processreserve=20M", "appdomainreserve", "0"},
        {"limit=10M;appdomainreserve=20M;processreserve=4M", "processreserve", "4M"},
        {"limit=10M;appdomainreserve=20M;processreserve=4M", "appdomainreserve", "6M"},
        {"heaplimit=1M;heapsoftlimit=2M", "heaplimit", "1M"},
        {"heaplimit=1M;heapsoftlimit=2M", "heapsoftlimit", "1M"},
        {"heaplimit=1M;heapsoftlimit=none", "heapsoftlimit", "none"},
        {"lowload=60", "highload", "59%"},
        {"lowload=60;highload=80", "highload", "59%"},
        {"lowload=1;highload=1", "highload", "0%"},
    };
    struct clrmem_options options;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(bounds); i++)
    {
        winetest_push_context("%s", bounds[i].config);
        options = load_config(bounds[i].config);
        check_option(&options, bounds[i].name, bounds[i].effective);
        winetest_pop_context();
    }
}

/* By a call: a value that does not fit is refused; a lower limit lowers the others, a higher one restores them. */
static void test_bounds_of_calls(void)
{
    struct clrmem_options options = load_config("limit=10M;softlimit=8M;appdomainreserve=3M;processreserve=1M"),
                          before = options;

    ok_hr(clrmem_options_set(&options, "softlimit", "11M"), E_INVALIDARG);
    ok_hr(clrmem_options_set(&options, "processreserve", "11M"), E_INVALIDARG);
    ok_hr(clrmem_options_set(&options, "appdomainreserve", "10M"), E_INVALIDARG);
    ok_hr(clrmem_options_set(&options, "highload", "90"), E_INVALIDARG);
    check_same(&options, &before);
    ok_hr(clrmem_options_set(&options, "softlimit", "10M"), S_OK);
    ok_hr(clrmem_options_set(&options, "appdomainreserve", "9M"), S_OK);
    ok_hr(clrmem_options_set(&options, "limit", "5M"), S_OK);
    check_option(&options, "limit", "5M");
    check_option(&options, "softlimit", "5M");
    check_option(&options, "processreserve", "1M");
    check_option(&options, "appdomainreserve", "4M");
    ok_hr(clrmem_options_set(&options, "limit", "20M"), S_OK);
    check_option(&options, "softlimit", "10M");
    check_option(&options, "appdomainreserve", "9M");
}

static HRESULT try_commit(IHostMemoryManager *manager, SIZE_T size, EMemoryCriticalLevel level)
{
    void *memory = NULL;
    HRESULT hr;

    hr = IHostMemoryManager_VirtualAlloc(manager, NULL, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, level, &memory);
    if (hr == S_OK) IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE);
    return hr;
}

static IHostMemoryManager *create_configured(const char *config)
{
    IHostMemoryManager *manager;

    SetEnvironmentVariableA("CLRMEM_CONFIG", config);
    manager = create_manager();
    SetEnvironmentVariableA("CLRMEM_CONFIG", NULL);
    return manager;
}

/* A new manager keeps the limit; the reserves are the more important requests'. */
static void test_manager(void)
{
    IHostMemoryManager *manager = create_configured("limit=16M;appdomainreserve=4M;processreserve=2M");

    ok_hr(try_commit(manager, 10 * MIB, eTaskCritical), S_OK);
    ok_hr(try_commit(manager, 10 * MIB + PAGE, eTaskCritical), E_OUTOFMEMORY);
    ok_hr(try_commit(manager, 14 * MIB, eAppDomainCritical), S_OK);
    ok_hr(try_commit(manager, 14 * MIB + PAGE, eAppDomainCritical), E_OUTOFMEMORY);
    ok_hr(try_commit(manager, 16 * MIB, eProcessCritical), S_OK);
    ok_hr(try_commit(manager, 16 * MIB + PAGE, eProcessCritical), E_OUTOFMEMORY);
    IHostMemoryManager_Release(manager);

    manager = create_configured(NULL);
    ok_hr(try_commit(manager, 64 * MIB, eTaskCritical), S_OK);
    IHostMemoryManager_Release(manager);
}

static ULONGLONG hard_limit(const char *config)
{
    IHostMemoryManager *manager = create_configured(config);
    ULONGLONG limit = get_statistics(manager).ullHardLimit;

    IHostMemoryManager_Release(manager);
    return limit;
}

/* A percentage is of the container's memory, where it has a limit and counts. */
static void test_container(void)
{
    ULONGLONG without = hard_limit("limit=50%;container=no");

    ok(without > 64 * MIB && without != CLRMEM_NO_LIMIT, "got %I64u\n", without);
    SetEnvironmentVariableA("WINE_OVERRIDE_MEMORY_LIMIT_BYTES", "104857600");
    ok(hard_limit("limit=50%") == 50 * MIB, "got %I64u\n", hard_limit("limit=50%"));
    ok(hard_limit("limit=50%;container=no") == without, "got %I64u\n", hard_limit("limit=50%;container=no"));
    SetEnvironmentVariableA("WINE_OVERRIDE_MEMORY_LIMIT_BYTES", NULL);
}

/* Each new heap has a limit of its own. */
static void test_heap(void)
{
    IHostMemoryManager *manager = create_configured("heaplimit=4M;heapsoftlimit=50%");
    IHostMalloc *heap = create_malloc(manager, 0), *other = create_malloc(manager, 0);
    void *block, *more;

    ok_hr(IHostMalloc_Alloc(heap, 3 * MIB, eTaskCritical, &block), S_OK);
    ok_hr(IHostMalloc_Alloc(heap, 3 * MIB, eProcessCritical, &more), E_OUTOFMEMORY);
    ok_hr(IHostMalloc_Alloc(other, 3 * MIB, eTaskCritical, &more), S_OK);
    ok_hr(try_commit(manager, 8 * MIB, eTaskCritical), S_OK);
    IHostMalloc_Release(other);
    IHostMalloc_Release(heap);
    IHostMemoryManager_Release(manager);
}

/* Contradictions and nonsense elsewhere never cost the limit. */
static void test_limit_stands(void)
{
    static const char *const configs[] = {
        "limit=16M;softlimit=1T",
        "limit=16M;softlimit=none",
        "limit=16M;processreserve=1T;appdomainreserve=1T",
        "limit=16M;softlimit=x;processreserve=-1;nonesuch=3;nonsense",
    };
    IHostMemoryManager *manager;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(configs); i++)
    {
        winetest_push_context("%s", configs[i]);
        manager = create_configured(configs[i]);
        ok_hr(try_commit(manager, 16 * MIB, eProcessCritical), S_OK);
        ok_hr(try_commit(manager, 16 * MIB + PAGE, eProcessCritical), E_OUTOFMEMORY);
        IHostMemoryManager_Release(manager);
        winetest_pop_context();
    }
    /* Reserves without a limit mean nothing. */
    manager = create_configured("processreserve=18446744073709551614;appdomainreserve=18446744073709551614");
    ok_hr(try_commit(manager, 16 * MIB, eTaskCritical), S_OK);
    IHostMemoryManager_Release(manager);
}

START_TEST(option_bounds)
{
    if (!load_clrmem()) return;
    forget_options();
    test_percentages();
    test_automatic_values();
    test_bounds();
    test_bounds_of_calls();
    test_manager();
    test_container();
    test_heap();
    test_limit_stands();
}
