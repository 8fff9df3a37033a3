/*
 * The sources of options, and which of them counts.
 *
 * "options create" makes one manager, for the script that reads the messages about its options.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "option_test.h"

/* Every option: its names, its default, and a value for each source, the weakest first. Values of neighbouring sources
 * differ from each other and from the default. */
static const struct
{
    const char *name, *variable, *registry, *standard;
    const char *values[OPTION_SOURCE_CALL];
} option_list[] = {
    {"limit", "CLRMEM_LIMIT", "Limit", "none", {"1G", "2G", "3G", "4G", "5G"}},
    {"softlimit", "CLRMEM_SOFTLIMIT", "SoftLimit", "none", {"1G", "2G", "3G", "4G", "5G"}},
    {"appdomainreserve", "CLRMEM_APPDOMAINRESERVE", "AppDomainReserve", "0", {"1M", "2M", "3M", "4M", "5M"}},
    {"processreserve", "CLRMEM_PROCESSRESERVE", "ProcessReserve", "0", {"1M", "2M", "3M", "4M", "5M"}},
    {"taskwait", "CLRMEM_TASKWAIT", "TaskWait", "0", {"1", "2", "3", "4", "forever"}},
    {"appdomainwait", "CLRMEM_APPDOMAINWAIT", "AppDomainWait", "0", {"1", "2", "3", "4", "5"}},
    {"processwait", "CLRMEM_PROCESSWAIT", "ProcessWait", "0", {"1", "forever", "3", "4", "5"}},
    {"lockwait", "CLRMEM_LOCKWAIT", "LockWait", "0", {"1", "2", "3", "4", "5"}},
    {"heaplimit", "CLRMEM_HEAPLIMIT", "HeapLimit", "none", {"1M", "2M", "3M", "4M", "5M"}},
    {"heapsoftlimit", "CLRMEM_HEAPSOFTLIMIT", "HeapSoftLimit", "none", {"1M", "2M", "3M", "4M", "5M"}},
    {"lowload", "CLRMEM_LOWLOAD", "LowLoad", "90%", {"91%", "92%", "93%", "94%", "95%"}},
    {"highload", "CLRMEM_HIGHLOAD", "HighLoad", "70%", {"51%", "52%", "53%", "54%", "55%"}},
    {"hysteresis", "CLRMEM_HYSTERESIS", "Hysteresis", "5%", {"1%", "2%", "3%", "4%", "6%"}},
    {"interval", "CLRMEM_INTERVAL", "Interval", "500", {"11", "12", "13", "14", "15"}},
    {"lowinterval", "CLRMEM_LOWINTERVAL", "LowInterval", "100", {"11", "12", "13", "14", "15"}},
    {"psi", "CLRMEM_PSI", "PSI", "yes", {"no", "yes", "no", "yes", "no"}},
    {"container", "CLRMEM_CONTAINER", "Container", "yes", {"no", "yes", "no", "yes", "no"}},
    {"leaks", "CLRMEM_LEAKS", "Leaks", "no", {"yes", "no", "yes", "no", "yes"}},
};
C_ASSERT(ARRAY_SIZE(option_list) == CLRMEM_OPTION_COUNT);

static struct clrmem_options load(void)
{
    struct clrmem_options options = {0};

    SetLastError(KEEP_ERROR);
    clrmem_options_load(&options);
    ok_error(KEEP_ERROR);
    return options;
}

#define check_loaded(name, value) check_loaded_(__LINE__, name, value)
static void check_loaded_(int line, const char *name, const char *expected)
{
    struct clrmem_options options = load();

    check_option_(__FILE__, line, &options, name, expected);
}

static void set_registry(const char *key, const char *name, DWORD type, const void *data, DWORD size)
{
    LSTATUS status = RegSetKeyValueA(HKEY_CURRENT_USER, key, name, type, data, size);

    ok(!status, "HKCU\\%s\\%s: error %ld\n", key, name, status);
}

static void set_registry_text(const char *key, const char *name, const char *text)
{
    set_registry(key, name, REG_SZ, text, strlen(text) + 1);
}

static void set_config(const char *name, const char *value)
{
    char text[200];

    snprintf(text, sizeof(text), "%s=%s", name, value);
    SetEnvironmentVariableA("CLRMEM_CONFIG", text);
}

/* Sets one option in every source but the call. */
static void set_everywhere(unsigned int i, const char *const *values)
{
    set_registry_text(COMMON_KEY, option_list[i].registry, values[OPTION_SOURCE_REGISTRY - 1]);
    set_registry_text(PROGRAM_KEY SETTINGS_KEY, option_list[i].registry, values[OPTION_SOURCE_APP_DEFAULTS - 1]);
    set_config(option_list[i].name, values[OPTION_SOURCE_CONFIG - 1]);
    SetEnvironmentVariableA(option_list[i].variable, values[OPTION_SOURCE_ENVIRONMENT - 1]);
}

/* Removes a source. */
static void forget_source(unsigned int i, enum option_source source)
{
    if (source == OPTION_SOURCE_REGISTRY)
        RegDeleteKeyValueA(HKEY_CURRENT_USER, COMMON_KEY, option_list[i].registry);
    else if (source == OPTION_SOURCE_APP_DEFAULTS)
        RegDeleteKeyValueA(HKEY_CURRENT_USER, PROGRAM_KEY SETTINGS_KEY, option_list[i].registry);
    else if (source == OPTION_SOURCE_CONFIG)
        SetEnvironmentVariableA("CLRMEM_CONFIG", NULL);
    else if (source == OPTION_SOURCE_ENVIRONMENT)
        SetEnvironmentVariableA(option_list[i].variable, NULL);
}

static void test_defaults(void)
{
    struct clrmem_options options = load();
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(option_list); i++)
    {
        check_option(&options, option_list[i].name, option_list[i].standard);
        ok(options.settings[i].source == OPTION_SOURCE_DEFAULT, "%s is set\n", option_list[i].name);
        ok(!options.settings[i].refused, "%s: bad default\n", option_list[i].name);
        ok(!strcmp(option_table[i].name, option_list[i].name) &&
               !strcmp(option_table[i].value, option_list[i].registry) &&
               !strcmp(option_table[i].variable, option_list[i].variable),
           "%s is called %s, %s, %s\n", option_list[i].name, option_table[i].name, option_table[i].value,
           option_table[i].variable);
    }
}

/* Each option, set in every source; when the strongest source is removed, the next one counts. */
static void test_precedence(void)
{
    struct clrmem_options options;
    enum option_source source;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(option_list); i++)
    {
        set_everywhere(i, option_list[i].values);
        options = load();
        ok_hr(clrmem_options_set(&options, option_list[i].name, option_list[i].values[OPTION_SOURCE_CALL - 1]), S_OK);
        for (source = OPTION_SOURCE_CALL; source > OPTION_SOURCE_DEFAULT; source--)
        {
            winetest_push_context("source %d", source);
            check_option(&options, option_list[i].name, option_list[i].values[source - 1]);
            ok(options.settings[i].source == source, "%s: got %d\n", option_list[i].name, options.settings[i].source);
            winetest_pop_context();
            forget_source(i, source);
            options = load();
        }
        check_option(&options, option_list[i].name, option_list[i].standard);
    }
}

/* A source with a bad value is passed over; the next one counts. */
static void test_bad_values_fall_through(void)
{
    const char *values[OPTION_SOURCE_CALL];
    struct clrmem_options options;
    enum option_source source;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(option_list); i++)
    {
        memcpy(values, option_list[i].values, sizeof(values));
        for (source = OPTION_SOURCE_ENVIRONMENT; source > OPTION_SOURCE_DEFAULT; source--)
        {
            winetest_push_context("%s, source %d", option_list[i].name, source);
            values[source - 1] = source % 2 ? "-1" : "";
            set_everywhere(i, values);
            options = load();
            ok(options.settings[i].refused, "taken\n");
            ok(options.settings[i].source == source - 1, "got %d\n", options.settings[i].source);
            check_option(&options, option_list[i].name,
                         source > 1 ? option_list[i].values[source - 2] : option_list[i].standard);
            winetest_pop_context();
        }
        forget_options();
    }
}

static void test_environment(void)
{
    char text[1000];

    SetEnvironmentVariableA("CLRMEM_LIMIT", "1M");
    SetEnvironmentVariableA("CLRMEM_INTERVAL", "");
    check_loaded("limit", "1M");
    check_loaded("interval", "500");
    memset(text, '0', sizeof(text));
    text[sizeof(text) - 1] = 0;
    SetEnvironmentVariableA("CLRMEM_TASKWAIT", text); /* a number, but too long */
    ok(load().settings[CLRMEM_OPTION_TASKWAIT].refused, "taken\n");
    forget_options();
}

static const struct
{
    const char *config, *limit, *soft_limit;
} configs[] = {
    {"limit=512M;softlimit=75%", "512M", "384M"},
    {"softlimit=75%;limit=512M", "512M", "384M"},
    {" limit = 512M ; softlimit = 256M ", "512M", "256M"},
    {"\tlimit\t=\t512M\t;\tsoftlimit\t=\t256M\t", "512M", "256M"},
    {"LIMIT=512m;SoftLimit=256m", "512M", "256M"},
    {";;limit=512M;;softlimit=256M;;", "512M", "256M"},
    {"limit=1G;limit=512M;softlimit=256M", "512M", "256M"}, /* the last one counts */
    {"limit=512M;limit=bad;softlimit=256M", "512M", "256M"},
    {"nonsense;limit=512M;softlimit=256M", "512M", "256M"},
    {"nonesuch=1;limit=512M;softlimit=256M", "512M", "256M"},
    {"=1;limit=512M;softlimit=256M", "512M", "256M"},
    {"limit=512M;softlimit=256M=", "512M", "483183821"}, /* 90 % */
    {"limit=512M;softlimit=none", "512M", "none"},
    {"limit=512M,softlimit=256M", "none", "none"},
    {"limit==512M", "none", "none"},
    {"limit", "none", "none"},
    {"limit=", "none", "none"},
    {"=", "none", "none"},
    {";", "none", "none"},
    {" ", "none", "none"},
    {"", "none", "none"},
};

static void test_config(void)
{
    static const char last[] = ";limit=512M;softlimit=256M";
    char text[4000];
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(configs); i++)
    {
        winetest_push_context("\"%s\"", configs[i].config);
        SetEnvironmentVariableA("CLRMEM_CONFIG", configs[i].config);
        check_loaded("limit", configs[i].limit);
        check_loaded("softlimit", configs[i].soft_limit);
        winetest_pop_context();
    }
    /* One of any length is read to its end. */
    memset(text, 'x', sizeof(text));
    memcpy(text + sizeof(text) - sizeof(last), last, sizeof(last));
    SetEnvironmentVariableA("CLRMEM_CONFIG", text);
    check_loaded("limit", "512M");
    check_loaded("softlimit", "256M");
    forget_options();
}

static void test_registry(void)
{
    char text[1000];
    DWORD number = 65536;

    set_registry(COMMON_KEY, "Limit", REG_DWORD, &number, sizeof(number));
    check_loaded("limit", "64K");
    number = 1;
    set_registry(COMMON_KEY, "Leaks", REG_DWORD, &number, sizeof(number));
    check_loaded("leaks", "yes");
    number = 0xffffffff; /* unsigned; by number it is no wait */
    set_registry(COMMON_KEY, "Limit", REG_DWORD, &number, sizeof(number));
    set_registry(COMMON_KEY, "TaskWait", REG_DWORD, &number, sizeof(number));
    check_loaded("limit", "4294967295");
    check_loaded("taskwait", "0");

    set_registry_text(COMMON_KEY, "LIMIT", "1M"); /* the same value: case does not matter */
    check_loaded("limit", "1M");
    set_registry(COMMON_KEY, "limit", REG_SZ, "2M", 2); /* without its NUL */
    check_loaded("limit", "2M");
    set_registry(COMMON_KEY, "limit", REG_BINARY, "3M", 3);
    ok(load().settings[CLRMEM_OPTION_LIMIT].refused, "taken\n");
    check_loaded("limit", "none");
    memset(text, '1', sizeof(text));
    set_registry(COMMON_KEY, "limit", REG_SZ, text, sizeof(text));
    ok(load().settings[CLRMEM_OPTION_LIMIT].refused, "taken\n");
    check_loaded("limit", "none");

    set_registry_text(COMMON_KEY, "Nonesuch", "1M");
    set_registry_text(COMMON_KEY, NULL, "1M");
    set_registry_text(COMMON_KEY, "ZLast", "1M");
    set_registry_text(COMMON_KEY, "HeapLimit", "5M");
    check_loaded("heaplimit", "5M");
    forget_options();
}

static void test_app_defaults(void)
{
    set_registry_text(OTHER_KEY SETTINGS_KEY, "Limit", "1M");
    set_registry_text(PROGRAM_KEY, "Limit", "2M"); /* not where it belongs */
    check_loaded("limit", "none");
    set_registry_text(COMMON_KEY, "Limit", "3M");
    set_registry_text(COMMON_KEY, "HeapLimit", "4M");
    set_registry_text(PROGRAM_KEY SETTINGS_KEY, "Limit", "5M");
    check_loaded("limit", "5M");
    check_loaded("heaplimit", "4M");
    forget_options();
}

static void test_create(void)
{
    IHostMemoryManager *manager = create_manager();

    IHostMemoryManager_Release(manager);
}

START_TEST(options)
{
    char **argv;

    if (!load_clrmem()) return;
    if (winetest_get_mainargs(&argv) > 2 && !strcmp(argv[2], "create"))
    {
        test_create();
        return;
    }
    forget_options();
    test_defaults();
    test_precedence();
    test_bad_values_fall_through();
    test_environment();
    test_config();
    test_registry();
    test_app_defaults();
}
