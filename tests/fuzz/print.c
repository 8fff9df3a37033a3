/*
 * A sequence as code.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

struct flag
{
    DWORD value;
    const char *name;
};

static const struct flag types[] = {{MEM_COMMIT, "MEM_COMMIT"},
                                    {MEM_RESERVE, "MEM_RESERVE"},
                                    {MEM_DECOMMIT, "MEM_DECOMMIT"},
                                    {MEM_RELEASE, "MEM_RELEASE"},
                                    {MEM_FREE, "MEM_FREE"},
                                    {MEM_RESET, "MEM_RESET"},
                                    {MEM_TOP_DOWN, "MEM_TOP_DOWN"},
                                    {MEM_WRITE_WATCH, "MEM_WRITE_WATCH"},
                                    {0, NULL}};
static const struct flag protections[] = {{PAGE_NOACCESS, "PAGE_NOACCESS"},
                                          {PAGE_READONLY, "PAGE_READONLY"},
                                          {PAGE_READWRITE, "PAGE_READWRITE"},
                                          {PAGE_WRITECOPY, "PAGE_WRITECOPY"},
                                          {PAGE_EXECUTE, "PAGE_EXECUTE"},
                                          {PAGE_EXECUTE_READ, "PAGE_EXECUTE_READ"},
                                          {PAGE_EXECUTE_READWRITE, "PAGE_EXECUTE_READWRITE"},
                                          {PAGE_EXECUTE_WRITECOPY, "PAGE_EXECUTE_WRITECOPY"},
                                          {PAGE_GUARD, "PAGE_GUARD"},
                                          {PAGE_NOCACHE, "PAGE_NOCACHE"},
                                          {PAGE_WRITECOMBINE, "PAGE_WRITECOMBINE"},
                                          {0, NULL}};

static void print_flags(const struct flag *flags, DWORD value)
{
    const char *separator = "";

    for (; flags->name; flags++)
    {
        if (!(value & flags->value)) continue;
        printf("%s%s", separator, flags->name);
        separator = " | ";
        value &= ~flags->value;
    }
    if (value || !*separator) printf("%s%#lx", separator, value);
}

static void print_address(const struct call *call)
{
    static const char *const names[SLOTS] = {"a", "b", "c", "foreign"};

    if (call->place == AT_NULL)
        printf("NULL");
    else if (call->place == AT_ADDRESS)
        printf("(void *)%#llx", HEX(call->offset));
    else if ((intptr_t)call->offset < 0)
        printf("%s - %#llx", call->place == AT_IMAGE ? "kernel32" : names[call->slot], HEX((SIZE_T)0 - call->offset));
    else if (call->offset)
        printf("%s + %#llx", call->place == AT_IMAGE ? "kernel32" : names[call->slot], HEX(call->offset));
    else
        printf("%s", call->place == AT_IMAGE ? "kernel32" : names[call->slot]);
}

static void print_call(const struct call *call)
{
    static const char *const names[CALL_KINDS] = {"VirtualAlloc", "VirtualFree", "VirtualProtect", "VirtualQuery",
                                                  "write_pattern"};

    printf("    ");
    if (call_is_reserve(call) && call->place != AT_ADDRESS) printf("%c = ", 'a' + call->slot);
    printf("%s(", names[call->kind]);
    print_address(call);
    if (call->kind == CALL_QUERY) printf(", %s", call->size ? "&info" : "NULL");
    printf(", %#llx", HEX(call->size));
    if (call->kind == CALL_ALLOC || call->kind == CALL_FREE) printf(", ");
    if (call->kind == CALL_ALLOC || call->kind == CALL_FREE) print_flags(types, call->type);
    if (call->kind == CALL_ALLOC || call->kind == CALL_PROTECT) printf(", ");
    if (call->kind == CALL_ALLOC || call->kind == CALL_PROTECT) print_flags(protections, call->protect);
    if (call->kind == CALL_PROTECT) printf(", %s", call->type ? "NULL" : "&old");
    if (call->kind == CALL_WRITE) printf(", %#lx", call->protect);
    printf(");\n");
}

void print_calls(const struct call *calls, unsigned int count)
{
    unsigned int i;

    for (i = 0; i < count; i++) print_call(&calls[i]);
    fflush(stdout);
}
