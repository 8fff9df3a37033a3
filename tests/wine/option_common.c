/*
 * What the parts of clrmem_test.exe about options share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "option_test.h"

void forget_options(void)
{
    unsigned int i;

    for (i = 0; i < CLRMEM_OPTION_COUNT; i++) SetEnvironmentVariableA(option_table[i].variable, NULL);
    SetEnvironmentVariableA("CLRMEM_CONFIG", NULL);
    RegDeleteTreeA(HKEY_CURRENT_USER, COMMON_KEY);
    RegDeleteTreeA(HKEY_CURRENT_USER, PROGRAM_KEY);
    RegDeleteTreeA(HKEY_CURRENT_USER, OTHER_KEY);
}

void check_option_(const char *file, int line, struct clrmem_options *options, const char *name, const char *expected)
{
    char text[OPTION_TEXT_SIZE];
    HRESULT hr = clrmem_options_get(options, name, text, sizeof(text));

    ok_(file, line)(hr == S_OK && !strcmp(text, expected), "%s: got %#lx, %s, expected %s\n", name, hr, text, expected);
}

void check_same_(const char *file, int line, const struct clrmem_options *options, const struct clrmem_options *before)
{
    const struct option_setting *now = options->settings, *then = before->settings;
    unsigned int i;

    for (i = 0; i < CLRMEM_OPTION_COUNT; i++)
        ok_(file, line)(now[i].value.number == then[i].value.number && now[i].value.unit == then[i].value.unit &&
                            now[i].source == then[i].source && now[i].refused == then[i].refused,
                        "%s is not as before\n", option_table[i].name);
}

struct clrmem_options load_config(const char *config)
{
    struct clrmem_options options = {0};

    SetEnvironmentVariableA("CLRMEM_CONFIG", config);
    SetLastError(KEEP_ERROR);
    clrmem_options_load(&options);
    ok_error(KEEP_ERROR);
    SetEnvironmentVariableA("CLRMEM_CONFIG", NULL);
    return options;
}

/* In the DLL's place: percentages of the machine's memory only. */
ULONGLONG clrmem_physical_memory(BOOL with_container)
{
    MEMORYSTATUSEX status = {.dwLength = sizeof(status)};

    (void)with_container;
    GlobalMemoryStatusEx(&status);
    return status.ullTotalPhys;
}
