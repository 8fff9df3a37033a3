/*
 * The values that options take, and their effective values.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "option_test.h"

#define EIGHTY_BLANKS "                                                                                "

#define FORTY_ZEROS "0000000000000000000000000000000000000000"

/* Given by a call to otherwise untouched options. */
static const struct
{
    const char *name, *text, *effective;
} good_values[] = {
    {"limit", "4096", "4K"},
    {"limit", "4097", "4097"},
    {"limit", "65536", "64K"},
    {"limit", "100k", "100K"},
    {"limit", "512M", "512M"},
    {"limit", "512m", "512M"},
    {"limit", "1536M", "1536M"},
    {"limit", "1024M", "1G"},
    {"limit", "2g", "2G"},
    {"limit", "3T", "3T"},
    {"limit", "1024T", "1024T"},
    {"limit", "000000000000000000000000000000000000001M", "1M"},
    {"limit", " \t 1M \t ", "1M"},
    {"limit", EIGHTY_BLANKS EIGHTY_BLANKS "1M" EIGHTY_BLANKS, "1M"},
    {"limit", "18446744073709551614", "18446744073709551614"},
    {"limit", "none", "none"},
    {"LIMIT", "NONE", "none"},
    {"Limit", "None", "none"},
    {"softlimit", "1G", "1G"},
    {"softlimit", "none", "none"},
    {"softlimit", "auto", "none"},
    {"appdomainreserve", "0", "0"},
    {"appdomainreserve", "0%", "0"},
    {"appdomainreserve", "1", "1"},
    {"appdomainreserve", "2M", "2M"},
    {"processreserve", "Auto", "0"},
    {"processreserve", "1K", "1K"},
    {"taskwait", "0", "0"},
    {"taskwait", "4294967294", "4294967294"},
    {"taskwait", "forever", "forever"},
    {"appdomainwait", "FOREVER", "forever"},
    {"processwait", "1000", "1000"},
    {"lockwait", "1", "1"},
    {"heaplimit", "1M", "1M"},
    {"heapsoftlimit", "1M", "1M"},
    {"lowload", "80", "80%"},
    {"lowload", "80%", "80%"},
    {"lowload", "100", "100%"},
    {"highload", "0", "0%"},
    {"highload", "89", "89%"},
    {"hysteresis", "0", "0%"},
    {"hysteresis", "50%", "50%"},
    {"interval", "10", "10"},
    {"interval", "60000", "60000"},
    {"lowinterval", "10", "10"},
    {"psi", "no", "no"},
    {"psi", "NO", "no"},
    {"psi", "0", "no"},
    {"leaks", "yes", "yes"},
    {"leaks", "1", "yes"},
    {"container", "No", "no"},
};

static const struct
{
    const char *name, *text;
} bad_values[] = {
    {"limit", ""},
    {"limit", " "},
    {"limit", "\t"},
    {"limit", "abc"},
    {"limit", "M"},
    {"limit", "-1"},
    {"limit", "-1M"},
    {"limit", "+1M"},
    {"limit", "0"},
    {"limit", "0M"},
    {"limit", "4095"},
    {"limit", "1.5G"},
    {"limit", "1,5G"},
    {"limit", "1 M"},
    {"limit", "1MB"},
    {"limit", "1MiB"},
    {"limit", "1P"},
    {"limit", "1MM"},
    {"limit", "1M%"},
    {"limit", "1M;"},
    {"limit", "0x100000"},
    {"limit", "18446744073709551615"}, /* no limit, by number */
    {"limit", "18446744073709551616"},
    {"limit", "99999999999999999999999999"},
    {"limit", "18014398509481984K"}, /* 2^64 */
    {"limit", "17592186044416M"},
    {"limit", "17179869184G"},
    {"limit", "16777216T"},
    {"limit", "18014398509481988K"}, /* 2^64 and a page, and the like */
    {"limit", "17592186044417M"},
    {"limit", "17179869185G"},
    {"limit", "16777217T"},
    {"limit", "0%"},
    {"limit", "101%"},
    {"limit", "50%%"},
    {"limit", "%"},
    {"limit", "50 %"},
    {"limit", "auto"},
    {"limit", "forever"},
    {"limit", "yes"},
    {"limit", "nonesuch"},
    {"limit", "non"},
    {"limit", "none none"},
    {"limit", "\xef\xbc\x91M"}, /* a digit, but not ASCII's */
    {"limit", EIGHTY_BLANKS "1M" EIGHTY_BLANKS EIGHTY_BLANKS "1"},
    {"softlimit", "4095"},
    {"softlimit", "0"},
    {"appdomainreserve", "none"},
    {"appdomainreserve", "-1"},
    {"processreserve", "none"},
    {"processreserve", "101%"},
    {"taskwait", "4294967295"}, /* forever, by number */
    {"taskwait", "4294967296"},
    {"taskwait", FORTY_ZEROS FORTY_ZEROS FORTY_ZEROS FORTY_ZEROS "x"},
    {"taskwait", "1s"},
    {"taskwait", "1K"},
    {"taskwait", "none"},
    {"appdomainwait", "-1"},
    {"processwait", "5%"},
    {"lockwait", ""},
    {"heaplimit", "auto"},
    {"heapsoftlimit", "auto"},
    {"lowload", "0"},
    {"lowload", "101"},
    {"lowload", "90%%"},
    {"lowload", "1K"},
    {"highload", "100"},
    {"hysteresis", "51"},
    {"interval", "9"},
    {"interval", "60001"},
    {"interval", "forever"},
    {"lowinterval", "9"},
    {"psi", "2"},
    {"psi", "maybe"},
    {"psi", "y"},
    {"container", ""},
    {"leaks", "true"},
    {"leaks", "none"},
};

static void test_good_values(void)
{
    struct clrmem_options options;
    char text[OPTION_TEXT_SIZE];
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(good_values); i++)
    {
        winetest_push_context("%s=%.40s", good_values[i].name, good_values[i].text);
        options = load_config(NULL);
        ok_hr(clrmem_options_set(&options, good_values[i].name, good_values[i].text), S_OK);
        check_option(&options, good_values[i].name, good_values[i].effective);
        /* The text of the value is a value. */
        clrmem_options_get(&options, good_values[i].name, text, sizeof(text));
        ok_hr(clrmem_options_set(&options, good_values[i].name, text), S_OK);
        check_option(&options, good_values[i].name, good_values[i].effective);
        winetest_pop_context();
    }
}

static void test_bad_values(void)
{
    struct clrmem_options options = load_config(NULL), before = options;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(bad_values); i++)
    {
        ok(clrmem_options_set(&options, bad_values[i].name, bad_values[i].text) == E_INVALIDARG, "%s takes %s\n",
           bad_values[i].name, bad_values[i].text);
        check_same(&options, &before);
    }
    ok_hr(clrmem_options_set(&options, "limit", NULL), E_INVALIDARG);
    ok_hr(clrmem_options_set(&options, NULL, "1M"), E_INVALIDARG);
    ok_hr(clrmem_options_set(&options, "", "1M"), E_INVALIDARG);
    ok_hr(clrmem_options_set(&options, "limit ", "1M"), E_INVALIDARG);
    ok_hr(clrmem_options_set(&options, "limits", "1M"), E_INVALIDARG);
    ok_hr(clrmem_options_set(&options, "lim", "1M"), E_INVALIDARG);
    check_same(&options, &before);
}

static void test_get(void)
{
    struct clrmem_options options = load_config("limit=512M");
    char text[8];

    memset(text, 'x', sizeof(text));
    ok_hr(clrmem_options_get(&options, "limit", text, 5), S_OK);
    ok(!memcmp(text, "512M\0xxx", 8), "got %s\n", text);
    memset(text, 'x', sizeof(text));
    ok_hr(clrmem_options_get(&options, "limit", text, 4), HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER));
    ok(!memcmp(text, "\0xxxxxxx", 8), "got %s\n", text);
    ok_hr(clrmem_options_get(&options, "limit", NULL, 0), HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER));
    memset(text, 'x', sizeof(text));
    ok_hr(clrmem_options_get(&options, "limits", text, sizeof(text)), E_INVALIDARG);
    ok(!text[0] && text[1] == 'x', "got %s\n", text);
    ok_hr(clrmem_options_get(&options, NULL, text, sizeof(text)), E_INVALIDARG);
    ok(clrmem_options_value(&options, CLRMEM_OPTION_LIMIT) == 512 << 20, "got another value\n");
}

/* Every option's text about itself fits where it is written. */
static void test_expected(void)
{
    char text[OPTION_TEXT_SIZE];
    unsigned int i;

    for (i = 0; i < CLRMEM_OPTION_COUNT; i++)
    {
        option_value_expected(&option_table[i], text);
        ok(strlen(text) > 8 && strlen(text) < OPTION_TEXT_SIZE - 1, "%s: %s\n", option_table[i].name, text);
    }
}

START_TEST(option_values)
{
    forget_options();
    test_good_values();
    test_bad_values();
    test_get();
    test_expected();
}
