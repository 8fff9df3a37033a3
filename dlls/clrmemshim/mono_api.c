/*
 * Finds Mono's embedding functions.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "mono_api.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmemshim);

struct shim_mono_functions shim_mono;

static const char *const names[] = {
#define NAME(result, name, arguments) "mono_" #name,
    SHIM_MONO_FUNCTIONS(NAME)
#undef NAME
};

C_ASSERT(sizeof(shim_mono) == ARRAY_SIZE(names) * sizeof(void *));

static bool found;

void shim_mono_init(HMODULE libmono)
{
    FARPROC *functions = (FARPROC *)&shim_mono;
    bool complete = true;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(names); i++)
    {
        if ((functions[i] = GetProcAddress(libmono, names[i]))) continue;
        ERR("%p has no %s: hosting calls that need it are refused\n", libmono, names[i]);
        complete = false;
    }
    found = complete;
}

bool shim_mono_found(void)
{
    return found;
}
