/*
 * Registering clrmem's class. Wine's own exit status does not tell whether a program was run at all, so what the
 * programs write or change is looked at too. clrmemstart.exe, which is of the right architecture, starts them: so
 * C:\windows\system32 is that architecture's.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "registration.h"
#include "wine.h"

/* CLSID_ClrMemHostControl of include/clrmem.idl. */
#define CLASS_KEY "HKLM\\Software\\Classes\\CLSID\\{E0830821-ABCE-4575-B6E0-5A3F249F1F25}\\InprocServer32"
#define SYSTEM    "C:\\windows\\system32\\"

/* What reg.exe ends with when it has looked and found no such key. */
#define REG_ABSENT 1

static bool stream_contains(FILE *stream, const char *text)
{
    bool found = false;
    char *line = NULL;
    size_t size = 0;

    while (!found && getline(&line, &size, stream) > 0) found = strcasestr(line, text) != NULL;
    free(line);
    return found;
}

/* Shows what Wine wrote, after a complaint about it. */
static int show_output(FILE *output)
{
    int c;

    while (output && (c = getc(output)) != EOF)
        if (c != '\r') putc(c, stderr);
    return STATUS_FAILED;
}

int registration_query(const struct site *site, bool *registered)
{
    const char *arguments[] = {site->start, "unattached", SYSTEM "reg.exe", "query", CLASS_KEY, "/ve", NULL};
    FILE *output;
    int status = wine_run(site->wine, arguments, &output), result = 0;

    *registered = output && stream_contains(output, "clrmem.dll");
    if (!*registered && (!output || status != REG_ABSENT))
    {
        complain(0, "%s cannot be asked about the %s side of the prefix", site->wine, arch_name(site->arch));
        if (output) rewind(output);
        result = show_output(output);
    }
    if (output) fclose(output);
    return result;
}

int registration_change(const struct site *site, const char *name, bool wanted)
{
    char *module = text_format(SYSTEM "%s", name);
    const char *arguments[] = {site->start,          "unattached", SYSTEM "regsvr32.exe", "/s", module,
                               wanted ? NULL : "/u", NULL};
    FILE *output;
    int status = wine_run(site->wine, arguments, &output), result = 0;

    if (status)
    {
        complain(0, "Wine could not %s the %s class of clrmem.dll", wanted ? "register" : "unregister",
                 arch_name(site->arch));
        result = show_output(output);
    }
    if (output) fclose(output);
    free(module);
    return result;
}
