/*
 * Writes what documents say of the options, from the list in clrmem_options.h; run while building.
 *
 * options_doc markdown|man|registry: docs/options.md, the options' part of clrmem.1, clrmem-options.reg.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <stdio.h>
#include <string.h>
#include "option_value.h"

static void print_markdown_option(const struct option_definition *option)
{
    char expected[OPTION_TEXT_SIZE];

    option_value_expected(option, expected);
    printf("\n### %s\n\n%c%s.\n\n", option->name, option->purpose[0] - ('a' - 'A'), option->purpose + 1);
    printf("- Variable: `%s`; registry value: `%s`\n", option->variable, option->value);
    printf("- Takes: %s\n- Default: %s\n", expected, option->standard);
    if (option->bound != CLRMEM_OPTION_NONE)
        printf("- Bounded by: `%s`, of which it may also be a percentage\n", option_table[option->bound].name);
    printf("- Risk: %s\n", option->risk);
}

static void print_markdown(void)
{
    unsigned int i;

    puts("<!-- Generated from include/clrmem_options.h. SPDX-License-Identifier: LGPL-2.1-or-later -->\n"
         "# Options\n\n"
         "A manager reads its options when it is created. The first of these that sets an option counts:\n\n"
         "1. a call: `IClrMemManager::SetOption`, `SetLimits`, `SetWaits`;\n"
         "2. the option's own environment variable, such as `CLRMEM_LIMIT=512M`;\n"
         "3. the environment variable `" CLRMEM_OPTION_CONFIG_VARIABLE "`, which may set any of them: "
         "`CLRMEM_CONFIG=\"limit=512M;softlimit=75%\"`;\n"
         "4. the registry, for one program: `HKCU\\Software\\Wine\\AppDefaults\\program.exe\\clrmem`;\n"
         "5. the registry, for all programs: `HKCU\\Software\\Wine\\clrmem`, `REG_SZ`, or `REG_DWORD` for a number;\n"
         "6. the default.\n\n"
         "`wine regedit clrmem-options.reg` imports the example file with every option, of which all are commented "
         "out.\n\n"
         "| option | default | purpose |\n|---|---|---|");
    for (i = 0; i < CLRMEM_OPTION_COUNT; i++)
        printf("| [`%s`](#%s) | %s | %s |\n", option_table[i].name, option_table[i].name, option_table[i].standard,
               option_table[i].purpose);
    puts(
        "\n## Values\n\n"
        "A size is a number of bytes, with K, M, G or T for powers of 1024, or a percentage: of the option that bounds "
        "it, or, where there is none or that is no limit, of the container's memory, or of the machine's where there "
        "is no container. Case does not matter, nor do blanks around names and values. In `CLRMEM_CONFIG` the last of "
        "several values of one option counts.\n\n"
        "A wrong value never stops a program. A value that an option does not take is reported and ignored, and the "
        "next source counts. A value that does not fit below the option that bounds it is reported and lowered; the "
        "limit itself stands. `processreserve` is served before `appdomainreserve`. A call that asks for either is "
        "refused. `WINEDEBUG=+clrmem` prints the effective value of every option and its source:\n\n"
        "    0024:err:clrmem:report_refused option limit: CLRMEM_LIMIT has \"12Q\", expected bytes from 4K on, also "
        "with K, M, G or T; or up to 100%; or none; ignored\n"
        "    0024:err:clrmem:clrmem_options_load option limit: using none (default)\n"
        "    0024:trace:clrmem:log_summary effective configuration: softlimit=2G;leaks=yes\n"
        "    0024:trace:clrmem:clrmem_options_log softlimit = 2G "
        "(HKCU\\Software\\Wine\\AppDefaults\\program.exe\\clrmem\\SoftLimit)\n\n"
        "## Every option");
    for (i = 0; i < CLRMEM_OPTION_COUNT; i++) print_markdown_option(&option_table[i]);
}

static void print_man(void)
{
    char expected[OPTION_TEXT_SIZE];
    unsigned int i;

    for (i = 0; i < CLRMEM_OPTION_COUNT; i++)
    {
        option_value_expected(&option_table[i], expected);
        printf(".TP\n.BR %s \" (\" %s )\n%c%s.\nTakes %s; the default is %s.\n%s\n", option_table[i].variable,
               option_table[i].name, option_table[i].purpose[0] - ('a' - 'A'), option_table[i].purpose + 1, expected,
               option_table[i].standard, option_table[i].risk);
    }
}

static void print_registry(void)
{
    char expected[OPTION_TEXT_SIZE];
    unsigned int i;

    puts("REGEDIT4\n\n"
         "; Options of clrmem's memory manager, for all programs of a Wine prefix: wine regedit clrmem-options.reg\n"
         "; For one program, use the key [HKEY_CURRENT_USER\\Software\\Wine\\AppDefaults\\program.exe\\clrmem].\n"
         "; Remove the semicolon before an option to set it; every line shows the default.\n\n"
         "[HKEY_CURRENT_USER\\Software\\Wine\\clrmem]");
    for (i = 0; i < CLRMEM_OPTION_COUNT; i++)
    {
        option_value_expected(&option_table[i], expected);
        printf("\n; %c%s.\n; Takes %s.\n; Risk: %s\n;\"%s\"=\"%s\"\n", option_table[i].purpose[0] - ('a' - 'A'),
               option_table[i].purpose + 1, expected, option_table[i].risk, option_table[i].value,
               option_table[i].standard);
    }
}

int main(int argc, char **argv)
{
    const char *kind = argc == 2 ? argv[1] : "";

    if (!strcmp(kind, "markdown"))
        print_markdown();
    else if (!strcmp(kind, "man"))
        print_man();
    else if (!strcmp(kind, "registry"))
        print_registry();
    else
        return 2;
    return fflush(stdout) || ferror(stdout);
}
