/*
 * The four functions behind wine/debug.h, found in ntdll at run time.
 *
 * Wine ships them in winecrt0, which distributions install for the machine's own
 * architecture only. The look-up at run time also makes one binary work with every
 * Wine version.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <stdarg.h>
#include <windef.h>
#include <winbase.h>
#include "wine/debug.h"

static void *ntdll_function(const char *name)
{
    return (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), name);
}

unsigned char __cdecl __wine_dbg_get_channel_flags(struct __wine_debug_channel *channel)
{
    static unsigned char(__cdecl * function)(struct __wine_debug_channel *);

    if (!function) function = ntdll_function("__wine_dbg_get_channel_flags");
    return function ? function(channel) : 0;
}

const char *__cdecl __wine_dbg_strdup(const char *text)
{
    static const char *(__cdecl * function)(const char *);

    if (!function) function = ntdll_function("__wine_dbg_strdup");
    return function ? function(text) : "";
}

int __cdecl __wine_dbg_output(const char *text)
{
    static int(__cdecl * function)(const char *);

    if (!function) function = ntdll_function("__wine_dbg_output");
    return function ? function(text) : 0;
}

int __cdecl __wine_dbg_header(enum __wine_debug_class class, struct __wine_debug_channel *channel, const char *where)
{
    static int(__cdecl * function)(enum __wine_debug_class, struct __wine_debug_channel *, const char *);

    if (!function) function = ntdll_function("__wine_dbg_header");
    return function ? function(class, channel, where) : -1;
}
