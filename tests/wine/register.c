/*
 * DllRegisterServer and DllUnregisterServer: exactly these keys, there and gone again.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_test.h"

#define CLASS_KEY "CLSID\\{E0830821-ABCE-4575-B6E0-5A3F249F1F25}"

static const struct
{
    const char *key, *name, *text; /* a NULL text: any */
} values[] = {
    {CLASS_KEY, NULL, "clrmem host control"},
    {CLASS_KEY "\\InprocServer32", NULL, NULL},
    {CLASS_KEY "\\InprocServer32", "ThreadingModel", "Both"},
    {CLASS_KEY "\\ProgID", NULL, "ClrMem.HostControl.1"},
    {CLASS_KEY "\\VersionIndependentProgID", NULL, "ClrMem.HostControl"},
    {"ClrMem.HostControl.1", NULL, "clrmem host control"},
    {"ClrMem.HostControl.1\\CLSID", NULL, "{E0830821-ABCE-4575-B6E0-5A3F249F1F25}"},
    {"ClrMem.HostControl", NULL, "clrmem host control"},
    {"ClrMem.HostControl\\CLSID", NULL, "{E0830821-ABCE-4575-B6E0-5A3F249F1F25}"},
    {"ClrMem.HostControl\\CurVer", NULL, "ClrMem.HostControl.1"},
};

static const struct
{
    const char *key;
    DWORD subkeys, values;
} keys[] = {
    {CLASS_KEY, 3, 1},
    {CLASS_KEY "\\InprocServer32", 0, 2},
    {CLASS_KEY "\\ProgID", 0, 1},
    {CLASS_KEY "\\VersionIndependentProgID", 0, 1},
    {"ClrMem.HostControl.1", 1, 1},
    {"ClrMem.HostControl.1\\CLSID", 0, 1},
    {"ClrMem.HostControl", 2, 1},
    {"ClrMem.HostControl\\CLSID", 0, 1},
    {"ClrMem.HostControl\\CurVer", 0, 1},
};

static BOOL key_exists(const char *name)
{
    HKEY key;

    if (RegOpenKeyExA(HKEY_CLASSES_ROOT, name, 0, KEY_READ, &key)) return FALSE;
    RegCloseKey(key);
    return TRUE;
}

static void check_values(void)
{
    char text[MAX_PATH];
    unsigned int i;
    LSTATUS status;
    DWORD size;

    for (i = 0; i < ARRAY_SIZE(values); i++)
    {
        size = sizeof(text);
        status = RegGetValueA(HKEY_CLASSES_ROOT, values[i].key, values[i].name, RRF_RT_REG_SZ, NULL, text, &size);
        ok(!status, "%s %s: error %ld\n", values[i].key, values[i].name, status);
        if (!status && values[i].text) ok(!strcmp(text, values[i].text), "%s: got %s\n", values[i].key, text);
        if (!status && !values[i].text) trace("server: %s\n", text);
    }
}

static void check_keys(void)
{
    DWORD subkey_count, value_count;
    unsigned int i;
    LSTATUS status;
    HKEY key;

    for (i = 0; i < ARRAY_SIZE(keys); i++)
    {
        status = RegOpenKeyExA(HKEY_CLASSES_ROOT, keys[i].key, 0, KEY_READ, &key);
        ok(!status, "%s: error %ld\n", keys[i].key, status);
        if (status) continue;
        RegQueryInfoKeyA(key, NULL, NULL, NULL, &subkey_count, NULL, NULL, &value_count, NULL, NULL, NULL, NULL);
        ok(subkey_count == keys[i].subkeys && value_count == keys[i].values, "%s: got %lu keys, %lu values\n",
           keys[i].key, subkey_count, value_count);
        RegCloseKey(key);
    }
}

/* The stored path is this DLL's, by the loader's rules. */
static void test_server_path(void)
{
    DWORD size = MAX_PATH;
    char path[MAX_PATH] = "";
    HMODULE module;

    RegGetValueA(HKEY_CLASSES_ROOT, CLASS_KEY "\\InprocServer32", NULL, RRF_RT_REG_SZ, NULL, path, &size);
    module = LoadLibraryA(path);
    ok(module == clrmem.module, "%s: got %p, expected %p\n", path, module, clrmem.module);
    if (module) FreeLibrary(module);
}

static void test_register(void)
{
    int i;

    for (i = 0; i < 2; i++)
    {
        ok_hr(clrmem.register_server(), S_OK);
        check_values();
        check_keys();
        test_server_path();
    }
}

static void test_unregister(void)
{
    unsigned int i;

    ok_hr(clrmem.unregister_server(), S_OK);
    for (i = 0; i < ARRAY_SIZE(keys); i++) ok(!key_exists(keys[i].key), "%s is still there\n", keys[i].key);
    ok(key_exists("CLSID"), "all classes are gone\n");
    ok_hr(clrmem.unregister_server(), S_OK);
}

static void test_class(HRESULT expected)
{
    IUnknown *unk = NULL;

    CoInitialize(NULL);
    ok_hr(CoCreateInstance(&CLSID_ClrMemHostControl, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown, (void **)&unk),
          expected);
    if (unk) IUnknown_Release(unk);
    CoUninitialize();
}

/* A neighbour whose name only begins alike stays. */
static void test_neighbour(void)
{
    HKEY key;

    ok(!RegCreateKeyA(HKEY_CLASSES_ROOT, "ClrMem.HostControlNeighbour", &key), "no key\n");
    RegCloseKey(key);
    ok_hr(clrmem.register_server(), S_OK);
    ok_hr(clrmem.unregister_server(), S_OK);
    ok(key_exists("ClrMem.HostControlNeighbour"), "the neighbour is gone\n");
    RegDeleteKeyA(HKEY_CLASSES_ROOT, "ClrMem.HostControlNeighbour");
}

START_TEST(register)
{
    BOOL was_registered = key_exists(CLASS_KEY);

    if (!load_clrmem()) return;
    test_unregister();
    test_class(REGDB_E_CLASSNOTREG);
    test_register();
    test_class(S_OK);
    test_neighbour();
    test_unregister();
    test_class(REGDB_E_CLASSNOTREG);
    if (was_registered) ok_hr(clrmem.register_server(), S_OK);
}
