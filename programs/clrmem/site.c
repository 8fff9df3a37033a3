/*
 * Installing clrmem.dll into one system folder of a prefix, and registering its class.
 *
 * Wine's exit status does not say whether it ran a program at all, so what the programs write or change is looked at
 * too. clrmemstart.exe, which has the right architecture, starts them: so C:\windows\system32 is that architecture's.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "site.h"
#include "wine.h"

/* Only clrmem's own clrmem.dll exports this. */
#define OUR_EXPORT "ClrMemCreateHostControl"

#define UNREGISTER_NAME "clrmem-unregister.dll"

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

/* Shows what Wine wrote, after an error line about it. */
static int show_output(FILE *output)
{
    int c;

    while (output && (c = getc(output)) != EOF)
        if (c != '\r') putc(c, stderr);
    return STATUS_FAILED;
}

static int query_registration(const struct site *site, bool *registered)
{
    const char *arguments[] = {site->start, "plain", SYSTEM "reg.exe", "query", CLASS_KEY, "/ve", NULL};
    FILE *output;
    int status = wine_run(site->wine, arguments, &output), result = 0;

    *registered = output && stream_contains(output, "clrmem.dll");
    if (!*registered && (!output || status != REG_ABSENT))
    {
        report_error(0, "%s cannot be asked about the %s side of the prefix", site->wine, arch_name(site->arch));
        if (output) rewind(output);
        result = show_output(output);
    }
    if (output) fclose(output);
    return result;
}

static int change_registration(const struct site *site, const char *name, bool wanted)
{
    char *module = text_format(SYSTEM "%s", name);
    const char *arguments[] = {site->start, "plain", SYSTEM "regsvr32.exe", "/s", module, wanted ? NULL : "/u", NULL};
    FILE *output;
    int status = wine_run(site->wine, arguments, &output), result = 0;

    if (status)
    {
        report_error(0, "Wine could not %s the %s class of clrmem.dll", wanted ? "register" : "unregister",
                     arch_name(site->arch));
        result = show_output(output);
    }
    if (output) fclose(output);
    free(module);
    return result;
}

int site_init(struct site *site, const struct prefix *prefix, const char *wine, enum arch arch,
              const char *system_folder)
{
    char *named = prefix_windows_file(prefix, system_folder), *folder = realpath(named, NULL);

    *site = (struct site){.arch = arch, .wine = wine};
    if (!folder)
        return report_error(STATUS_FAILED, "the prefix %s has no folder %s; repair it with 'wineboot -u'", prefix->path,
                            named);
    site->file = text_format("%s/clrmem.dll", folder);
    site->backup = text_format("%s/clrmem.dll.before-clrmem", folder);
    site->kept = text_format("%s/clrmem.dll.replaced", folder);
    free(folder);
    free(named);
    if (!(site->module = module_path(arch, "clrmem.dll"))) return STATUS_FAILED;
    if (!(site->start = module_path(arch, "clrmemstart.exe"))) return STATUS_FAILED;
    return 0;
}

int site_look(struct site *site)
{
    if (access(site->file, F_OK))
        site->before = SITE_ABSENT;
    else
        site->before = file_contains(site->file, OUR_EXPORT) ? SITE_OURS : SITE_FOREIGN;
    site->current = site->before == SITE_OURS && file_same(site->file, site->module);
    return query_registration(site, &site->registered);
}

bool site_is_installed(const struct site *site)
{
    return site->current && site->registered;
}

bool site_is_clean(const struct site *site)
{
    return site->before != SITE_OURS && !site->registered && access(site->backup, F_OK);
}

static int report_file(const char *file, const char *what)
{
    return report_error(STATUS_FAILED, "%s cannot be %s: %s", file, what, strerror(errno));
}

/* Moves the old file aside: a clrmem.dll of another program for as long as ours is installed, an older one of ours until
 * the end. */
static int make_room(struct site *site)
{
    if (site->before == SITE_ABSENT) return 0;
    if (site->before == SITE_FOREIGN && !access(site->backup, F_OK))
        return report_error(STATUS_FAILED,
                            "%s is another program's, and so is %s, kept from an earlier install; move one away",
                            site->file, site->backup);
    if (rename(site->file, site->before == SITE_FOREIGN ? site->backup : site->kept))
        return report_file(site->file, "moved aside");
    return 0;
}

static int place_file(struct site *site)
{
    int status;

    if (site->current) return 0;
    if ((status = make_room(site))) return status;
    site->placed = true;
    if (file_copy(site->module, site->file)) return report_file(site->file, "written");
    return 0;
}

int site_install(struct site *site)
{
    bool registered;
    int status;

    if ((status = place_file(site))) return status;
    if ((status = change_registration(site, "clrmem.dll", true))) return status;
    if ((status = query_registration(site, &registered))) return status;
    if (registered) return 0;
    return report_error(STATUS_FAILED, "Wine registered the class of %s and then does not know it", site->file);
}

int site_undo(struct site *site)
{
    const char *source = site->before == SITE_FOREIGN ? site->backup : site->kept;
    bool registered;
    int status = 0;

    if (!site->registered && !access(site->file, F_OK) && !query_registration(site, &registered) && registered)
        status = change_registration(site, "clrmem.dll", false);
    if (!site->placed) return status;
    if (site->before != SITE_ABSENT) return rename(source, site->file) ? report_file(source, "brought back") : status;
    if (unlink(site->file) && errno != ENOENT) return report_file(site->file, "removed");
    return status;
}

void site_finish(struct site *site)
{
    if (site->placed && site->before == SITE_OURS) unlink(site->kept);
}

/* Unregisters with our DLL under another name, where clrmem.dll is not ours or is gone. */
static int unregister_without_file(const struct site *site)
{
    char *helper = text_format("%.*s" UNREGISTER_NAME, (int)(strrchr(site->file, '/') + 1 - site->file), site->file);
    int status;

    if (file_copy(site->module, helper))
        status = report_file(helper, "written");
    else
        status = change_registration(site, UNREGISTER_NAME, false);
    unlink(helper);
    free(helper);
    return status;
}

static int unregister(const struct site *site)
{
    bool registered;
    int status;

    if (!site->registered) return 0;
    if (site->before == SITE_OURS)
        status = change_registration(site, "clrmem.dll", false);
    else
        status = unregister_without_file(site);
    if (status || (status = query_registration(site, &registered))) return status;
    return registered ? report_error(STATUS_FAILED, "Wine unregistered the class of %s and still knows it", site->file)
                      : 0;
}

/* Restores the clrmem.dll from before the installation. */
static int restore(const struct site *site, bool *restored)
{
    *restored = site->before != SITE_FOREIGN && !access(site->backup, F_OK);
    if (*restored && rename(site->backup, site->file)) return report_file(site->backup, "brought back");
    return 0;
}

int site_uninstall(struct site *site, bool *restored)
{
    int status = unregister(site);

    if (status) return status;
    if (site->before == SITE_OURS && unlink(site->file)) return report_file(site->file, "removed");
    return restore(site, restored);
}
