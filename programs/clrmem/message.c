/*
 * Messages and new strings.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

static void out_of_memory(void)
{
    fputs("clrmem: out of memory\n", stderr);
    exit(STATUS_FAILED);
}

int report_error(int status, const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0) out_of_memory();
    va_end(arguments);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '?';
    fprintf(stderr, "clrmem: %s\n", text);
    free(text);
    return status;
}

char *text_format(const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0) out_of_memory();
    va_end(arguments);
    return text;
}

char *text_copy(const char *text, size_t length)
{
    char *copy = strndup(text, length);

    if (!copy) out_of_memory();
    return copy;
}

const char *arch_name(enum arch arch)
{
    return arch == ARCH_X86_64 ? "64-bit" : "32-bit";
}
