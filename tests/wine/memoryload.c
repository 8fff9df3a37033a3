/*
 * GetMemoryLoad: of made-up containers and machines, and of the real one.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_test.h"
#include "tree.h"
#include <psapi.h>
#include <stdio.h>

#define MIB      ((SIZE_T)1 << 20)
#define OVERRIDE "WINE_OVERRIDE_MEMORY_LIMIT_BYTES"

struct load
{
    DWORD percent;
    SIZE_T available;
};

static struct load get_load(IHostMemoryManager *manager)
{
    struct load load = {0xdeadbeef, 0xdeadbeef};

    SetLastError(KEEP_ERROR);
    ok_hr(IHostMemoryManager_GetMemoryLoad(manager, &load.percent, &load.available), S_OK);
    ok_error(KEEP_ERROR);
    return load;
}

static struct load get_new_load(void)
{
    IHostMemoryManager *manager = create_manager();
    struct load load = get_load(manager);

    IHostMemoryManager_Release(manager);
    return load;
}

/* available in MiB */
#define check_load(percent, available) check_load_(__LINE__, percent, available)
static void check_load_(int line, DWORD percent, SIZE_T available)
{
    struct load load = get_new_load();

    ok_(__FILE__, line)(load.percent == percent, "got %lu percent, expected %lu\n", load.percent, percent);
    ok_(__FILE__, line)(load.available == available * MIB, "got %#Ix, expected %#Ix\n", load.available,
                        available * MIB);
}

static void test_machine(void)
{
    tree_begin();
    check_load(20, 800);
    tree_write("/proc/meminfo", "MemTotal: 1024000 kB\nMemFree: 10240 kB\nBuffers: 10240 kB\nCached: 81920 kB\n");
    check_load(90, 100);
    tree_end();
}

static void test_version_2(void)
{
    tree_begin();
    tree_write_groups("0::/outer/inner\n");
    tree_write_group("/outer/inner", 50, 100, 60);
    check_load(50, 50);
    /* Another process in the outer group uses more. */
    tree_write_group("/outer", 190, 200, 0);
    check_load(95, 10);
    tree_write_group("/outer", 1900, 2000, 0);
    check_load(95, 50);
    tree_write_group("/outer/inner", 50, 0, 0);
    tree_write_group("/outer", 60, 0, 0);
    check_load(20, 800);
    /* The machine's figure, where that is worse. */
    tree_write("/proc/meminfo", "MemTotal: 1024000 kB\nMemAvailable: 10240 kB\n");
    check_load(99, 10);
    tree_end();
}

static void test_version_2_root(void)
{
    /* A container with a namespace of its own. */
    tree_begin();
    tree_write_groups("0::/\n");
    tree_write_group("", 80, 100, 0);
    check_load(80, 20);
    /* One without: the path outside does not exist inside, though part of it may. */
    tree_write_groups("0::/docker/0123\n");
    check_load(80, 20);
    tree_write_group("/docker", 99, 100, 0);
    check_load(80, 20);
    tree_write_groups("0::/../../other\n");
    check_load(80, 20);
    tree_write_groups("garbage");
    check_load(80, 20);
    tree_end();

    /* No groups are known. */
    tree_begin();
    tree_write_group("", 80, 100, 0);
    check_load(80, 20);
    tree_end();
}

/* Groups with names that Wine cannot open are skipped; the groups around them count. */
static void test_unopenable_names(void)
{
    tree_begin();
    tree_write_groups("0::/app.slice/app-foo\\x2dbar.scope/inner\n");
    tree_write_group("/app.slice", 70, 100, 0);
    check_load(70, 30);
    tree_end();
}

static void test_malformed_figures(void)
{
    tree_begin();
    tree_write_groups("0::/outer/inner\n");
    tree_write_group("/outer/inner", 50, 100, 0);
    tree_write_group("/outer", 60, 200, 0);
    tree_write("/sys/fs/cgroup/outer/inner/memory.stat", "nothing known\n");
    check_load(55, 45);
    tree_write("/sys/fs/cgroup/outer/inner/memory.max", "many\n");
    check_load(30, 140);
    tree_write_group("/outer/inner", 50, 100, 0);
    tree_write("/sys/fs/cgroup/outer/inner/memory.current", "?\n");
    check_load(30, 140);
    tree_remove("/sys/fs/cgroup/outer/inner/memory.current");
    check_load(30, 140);
    tree_write("/proc/meminfo", "%s", "");
    check_load(30, 140);
    tree_end();
}

static void write_version_1(const char *group, unsigned int used, unsigned int limit, const char *hierarchy)
{
    char path[256];

    snprintf(path, sizeof(path), "/sys/fs/cgroup/memory%s/memory.usage_in_bytes", group);
    tree_write(path, "%I64u\n", (ULONGLONG)(used + 3) << 20);
    snprintf(path, sizeof(path), "/sys/fs/cgroup/memory%s/memory.soft_limit_in_bytes", group);
    tree_write(path, "9223372036854771712\n");
    snprintf(path, sizeof(path), "/sys/fs/cgroup/memory%s/memory.use_hierarchy", group);
    tree_write(path, "%s\n", hierarchy);
    snprintf(path, sizeof(path), "/sys/fs/cgroup/memory%s/memory.stat", group);
    tree_write(path, "inactive_file 1\nhierarchical_memory_limit %I64u\ntotal_inactive_file %u\n",
               limit ? (ULONGLONG)limit << 20 : 9223372036854771712u, 3 << 20);
}

static void test_version_1(void)
{
    tree_begin();
    tree_write_groups("9:name=systemd:/\n4:memory:/outer/inner\n1:cpu:/\n0::/\n");
    write_version_1("", 900, 0, "1");
    write_version_1("/outer", 120, 200, "1");
    write_version_1("/outer/inner", 50, 200, "1");
    check_load(60, 80);
    write_version_1("/outer/inner", 50, 60, "1");
    check_load(83, 10);
    /* Without hierarchy the outer group does not limit the inner one. */
    write_version_1("/outer", 190, 200, "1");
    check_load(95, 10);
    write_version_1("/outer/inner", 50, 100, "0");
    check_load(50, 50);
    write_version_1("/outer/inner", 50, 0, "0");
    check_load(20, 800);
    tree_write_groups("4:memory:/docker/0123\n");
    check_load(20, 800);
    write_version_1("", 40, 50, "1");
    check_load(80, 10);
    tree_end();
}

/* The groups that `clrmem run` passes are the process's, not the wineserver's. */
static void test_passed_groups(void)
{
    IHostMemoryManager *manager;

    tree_begin();
    tree_write_groups("0::/wineserver\n");
    tree_write_group("/wineserver", 99, 100, 1);
    tree_write_group("/outer/inner", 50, 100, 60);
    check_load(99, 1);
    SetEnvironmentVariableA("CLRMEM_CGROUP", "0::/outer/inner\n");
    check_load(50, 50);
    tree_write_group("/outer", 190, 200, 0);
    check_load(95, 10);
    /* In a container the path outside does not exist. */
    SetEnvironmentVariableA("CLRMEM_CGROUP", "0::/docker/0123\n");
    tree_write_group("", 80, 100, 0);
    check_load(80, 20);
    /* They hold for the manager's life, as the variable is read once. */
    SetEnvironmentVariableA("CLRMEM_CGROUP", "0::/outer/inner\n");
    manager = create_manager();
    SetEnvironmentVariableA("CLRMEM_CGROUP", "0::/wineserver\n");
    tree_write_groups("0::/docker\n");
    ok(get_load(manager).percent == 95, "got %lu\n", get_load(manager).percent);
    IHostMemoryManager_Release(manager);
    SetEnvironmentVariableA("CLRMEM_CGROUP", NULL);
    tree_end();
}

/* All of /proc/self/cgroup, as it is on a machine with both versions. */
static void test_passed_groups_of_version_1(void)
{
    tree_begin();
    tree_write_groups("4:memory:/wineserver\n0::/\n");
    write_version_1("/wineserver", 99, 100, "1");
    write_version_1("/outer/inner", 60, 100, "1");
    check_load(99, 1);
    SetEnvironmentVariableA("CLRMEM_CGROUP", "9:name=systemd:/\n4:memory:/outer/inner\n1:cpu:/\n0::/\n");
    check_load(60, 40);
    SetEnvironmentVariableA("CLRMEM_CGROUP", NULL);
    tree_end();
}

/* A text without groups, or one that is too long, is ignored. */
static void test_malformed_passed_groups(void)
{
    static const char *const malformed[] = {"", "stale", "0:/outer", "4:cpu:/outer\n", "0::outer\n", "0::/../outer\n"};
    char text[5000];
    unsigned int i;

    tree_begin();
    tree_write_groups("0::/wineserver\n");
    tree_write_group("/wineserver", 75, 100, 0);
    tree_write_group("/outer", 50, 100, 0);
    for (i = 0; i < ARRAY_SIZE(malformed); i++)
    {
        winetest_push_context("%s", malformed[i]);
        SetEnvironmentVariableA("CLRMEM_CGROUP", malformed[i]);
        check_load(75, 25);
        winetest_pop_context();
    }
    memset(text, 'x', sizeof(text));
    memcpy(text, "0::/outer\n", 10);
    text[sizeof(text) - 1] = 0;
    SetEnvironmentVariableA("CLRMEM_CGROUP", text);
    check_load(75, 25);
    text[4000] = 0;
    SetEnvironmentVariableA("CLRMEM_CGROUP", text);
    check_load(50, 50);
    SetEnvironmentVariableA("CLRMEM_CGROUP", NULL);
    tree_end();
}

static void test_both_versions(void)
{
    tree_begin();
    tree_write_groups("4:memory:/one\n0::/two\n");
    tree_write("/sys/fs/cgroup/unified/cgroup.controllers", "%s", "");
    write_version_1("/one", 60, 100, "1");
    tree_write("/sys/fs/cgroup/unified/two/memory.current", "99\n");
    tree_write("/sys/fs/cgroup/unified/two/memory.max", "100\n");
    check_load(60, 40);
    tree_write("/sys/fs/cgroup/unified/two/memory.pressure", "some avg10=9.00 avg60=0.00 avg300=0.00 total=1\n");
    check_load(81, 40);
    tree_end();

    tree_begin();
    tree_write_groups("3:cpu:/one\n0::/two\n");
    tree_write("/sys/fs/cgroup/unified/cgroup.controllers", "%s", "");
    tree_write("/sys/fs/cgroup/unified/two/memory.current", "%u\n", 70 << 20);
    tree_write("/sys/fs/cgroup/unified/two/memory.max", "%u\n", 100 << 20);
    check_load(70, 30);
    tree_end();
}

static void test_stall(void)
{
    static const char format[] = "some avg10=%s avg60=0.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 "
                                 "total=1\n";

    tree_begin();
    tree_write("/proc/pressure/memory", format, "5.00");
    check_load(45, 800);
    tree_write("/proc/pressure/memory", format, "10.00");
    check_load(90, 800);
    tree_write("/proc/pressure/memory", format, "80.00");
    check_load(100, 800);
    tree_write("/proc/pressure/memory", format, "much");
    check_load(20, 800);
    /* The own group's stall is what counts in a container. */
    tree_write("/proc/pressure/memory", format, "80.00");
    tree_write_groups("0::/group\n");
    tree_write_group("/group", 10, 0, 0);
    tree_write("/sys/fs/cgroup/group/memory.pressure", format, "3.00");
    check_load(27, 800);
    SetEnvironmentVariableA("CLRMEM_PSI", "no");
    check_load(20, 800);
    SetEnvironmentVariableA("CLRMEM_PSI", NULL);
    tree_end();
}

/* The load of a new sample, which is taken within the interval. */
#define wait_for_load(manager, percent) wait_for_load_(__LINE__, manager, percent)
static void wait_for_load_(int line, IHostMemoryManager *manager, DWORD percent)
{
    DWORD got = 0;
    int i;

    for (i = 0; i < 1000; i++)
    {
        got = get_load(manager).percent;
        if (got == percent) break;
        Sleep(10);
    }
    ok_(__FILE__, line)(got == percent, "still %lu percent, expected %lu\n", got, percent);
}

static void test_changes(void)
{
    IHostMemoryManager *manager;

    tree_begin();
    tree_write_groups("0::/one\n");
    tree_write_group("/one", 30, 100, 0);
    tree_write_group("/two", 80, 100, 0);
    manager = create_manager();
    wait_for_load(manager, 30);
    tree_write_group("/one", 40, 100, 0);
    wait_for_load(manager, 40);
    tree_write_group("/one", 40, 50, 0);
    wait_for_load(manager, 80);
    tree_write_group("/one", 40, 0, 0);
    wait_for_load(manager, 20);
    tree_write_groups("0::/two\n");
    wait_for_load(manager, 80);
    tree_write_groups("0::/three\n");
    wait_for_load(manager, 20);
    IHostMemoryManager_Release(manager);
    tree_end();
}

static void check_override(const char *value, DWORD percent, SIZE_T available)
{
    SetEnvironmentVariableA(OVERRIDE, value);
    winetest_push_context("%s", value);
    check_load(percent, available);
    winetest_pop_context();
    SetEnvironmentVariableA(OVERRIDE, NULL);
}

static void test_override(void)
{
    static const char *const malformed[] = {"",           "0",   "max", "-1", "200M",        "0x10000000",
                                            " 209715200", "1e9", "2.5", "１", "209715200\n", "99999999999999999999999"};
    unsigned int i;

    tree_begin();
    tree_write_groups("0::/group\n");
    tree_write_group("/group", 50, 100, 0);
    check_override("209715200", 25, 150);
    check_override("52428800", 100, 0);
    tree_write_group("/group", 50, 0, 0);
    check_override("209715200", 25, 150);
    for (i = 0; i < ARRAY_SIZE(malformed); i++) check_override(malformed[i], 20, 800);
    SetEnvironmentVariableA("CLRMEM_CONTAINER", "no");
    check_override("209715200", 20, 800);
    SetEnvironmentVariableA("CLRMEM_CONTAINER", NULL);
    tree_end();
}

/* Where there is no container, what this process has resident counts. */
static void test_override_without_container(void)
{
    PROCESS_MEMORY_COUNTERS counters = {.cb = sizeof(counters)};
    struct load load;
    char value[32];
    SIZE_T used;

    tree_begin();
    GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof(counters));
    snprintf(value, sizeof(value), "%llu", (ULONGLONG)2 * counters.WorkingSetSize);
    SetEnvironmentVariableA(OVERRIDE, value);
    load = get_new_load();
    SetEnvironmentVariableA(OVERRIDE, NULL);
    used = 2 * counters.WorkingSetSize - load.available;
    ok(load.percent > 40 && load.percent < 70, "got %lu percent\n", load.percent);
    ok(used > counters.WorkingSetSize - 4 * MIB && used < counters.WorkingSetSize + 4 * MIB, "got %#Ix of %#Ix\n", used,
       counters.WorkingSetSize);
    tree_end();
}

/* The limit's part is never old. */
static void test_limit(void)
{
    IHostMemoryManager *manager;
    struct load before, after;
    BYTE *memory;

    tree_begin();
    SetEnvironmentVariableA("CLRMEM_INTERVAL", "60000");
    SetEnvironmentVariableA("CLRMEM_LIMIT", "104857600");
    manager = create_manager();
    before = get_load(manager);
    memory = commit_region(manager, 50 * MIB);
    after = get_load(manager);
    ok(before.percent == 20 && before.available == 100 * MIB, "got %lu, %#Ix\n", before.percent, before.available);
    ok(after.percent == 50 && after.available == 50 * MIB, "got %lu, %#Ix\n", after.percent, after.available);
    IHostMemoryManager_VirtualFree(manager, memory, 0, MEM_RELEASE);
    after = get_load(manager);
    ok(after.percent == 20 && after.available == 100 * MIB, "got %lu, %#Ix\n", after.percent, after.available);
    IHostMemoryManager_Release(manager);
    SetEnvironmentVariableA("CLRMEM_LIMIT", NULL);
    tree_end();
}

/* The available memory is limited by the address space. */
static void test_address_space(void)
{
    MEMORYSTATUSEX status = {.dwLength = sizeof(status)};
    struct load load;

    tree_begin();
    tree_write("/proc/meminfo", "MemTotal: 9007199254740992 kB\nMemAvailable: 9007199254740000 kB\n");
    GlobalMemoryStatusEx(&status);
    load = get_new_load();
    ok(load.percent < 100, "got %lu\n", load.percent);
    ok(load.available <= status.ullTotalVirtual && load.available >= status.ullAvailVirtual / 2,
       "got %#Ix, address space %#I64x\n", load.available, status.ullAvailVirtual);
    tree_end();
}

static DWORD WINAPI ask_often(void *manager)
{
    int i;

    for (i = 0; i < 20000; i++) get_load(manager);
    return 0;
}

/* A call during another thread's sample gives the whole previous one. */
static void test_threads(void)
{
    IHostMemoryManager *manager;
    HANDLE threads[4];
    unsigned int i;

    tree_begin();
    tree_write_groups("0::/one\n");
    tree_write_group("/one", 30, 100, 0);
    manager = create_manager();
    get_load(manager);
    for (i = 0; i < ARRAY_SIZE(threads); i++) threads[i] = CreateThread(NULL, 0, ask_often, manager, 0, NULL);
    WaitForMultipleObjects(ARRAY_SIZE(threads), threads, TRUE, INFINITE);
    for (i = 0; i < ARRAY_SIZE(threads); i++) CloseHandle(threads[i]);
    ok(get_load(manager).percent == 30, "got %lu\n", get_load(manager).percent);
    IHostMemoryManager_Release(manager);
    tree_end();
}

/* The real machine: a container can only make it worse. */
static void test_real(void)
{
    MEMORYSTATUSEX status = {.dwLength = sizeof(status)};
    struct load load = get_new_load();

    GlobalMemoryStatusEx(&status);
    ok(load.percent <= 100 && load.percent + 10 >= status.dwMemoryLoad, "got %lu, system %lu\n", load.percent,
       status.dwMemoryLoad);
    ok(load.available / 2 <= min(status.ullAvailPhys, status.ullAvailVirtual), "got %#Ix, system %#I64x\n",
       load.available, status.ullAvailPhys);
    trace("%lu percent, %#Ix bytes available\n", load.percent, load.available);
}

START_TEST(memoryload)
{
    if (!load_clrmem()) return;
    test_real();
    test_machine();
    test_version_2();
    test_version_2_root();
    test_passed_groups();
    test_passed_groups_of_version_1();
    test_malformed_passed_groups();
    test_unopenable_names();
    test_malformed_figures();
    test_version_1();
    test_both_versions();
    test_stall();
    test_changes();
    test_override();
    test_threads();
    test_override_without_container();
    test_limit();
    test_address_space();
    ok_hr(clrmem.can_unload_now(), S_OK);
}
