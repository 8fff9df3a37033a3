/*
 * Installing clrmem.dll into one system folder of a prefix.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "modules.h"
#include "registration.h"
#include "site.h"

/* Only clrmem's own clrmem.dll exports this. */
#define OUR_EXPORT "ClrMemCreateHostControl"

#define UNREGISTER_NAME "clrmem-unregister.dll"

int site_init(struct site *site, const struct prefix *prefix, const char *wine, enum arch arch,
              const char *system_folder)
{
    char *found = prefix_unix_path(prefix, system_folder);
    char *folder = found ? realpath(found, NULL) : NULL;

    free(found);
    *site = (struct site){.arch = arch, .wine = wine};
    if (!folder)
        return complain(STATUS_FAILED, "the prefix %s has no folder %s; repair it with 'wineboot -u'", prefix->path,
                        system_folder);
    site->file = text_format("%s/clrmem.dll", folder);
    site->backup = text_format("%s/clrmem.dll.before-clrmem", folder);
    site->kept = text_format("%s/clrmem.dll.replaced", folder);
    free(folder);
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
    return registration_query(site, &site->registered);
}

bool site_is_installed(const struct site *site)
{
    return site->current && site->registered;
}

bool site_is_clean(const struct site *site)
{
    return site->before != SITE_OURS && !site->registered && access(site->backup, F_OK);
}

static int complain_about_file(const char *file, const char *what)
{
    return complain(STATUS_FAILED, "%s cannot be %s: %s", file, what, strerror(errno));
}

/* Moves away what is there: another's clrmem.dll for good, an older one of ours until the end. */
static int make_room(struct site *site)
{
    if (site->before == SITE_ABSENT) return 0;
    if (site->before == SITE_FOREIGN && !access(site->backup, F_OK))
        return complain(STATUS_FAILED,
                        "%s is another program's, and so is %s, kept from an earlier install; move one away",
                        site->file, site->backup);
    if (rename(site->file, site->before == SITE_FOREIGN ? site->backup : site->kept))
        return complain_about_file(site->file, "moved aside");
    return 0;
}

static int place_file(struct site *site)
{
    int status;

    if (site->current) return 0;
    if ((status = make_room(site))) return status;
    site->placed = true;
    if (file_copy(site->module, site->file)) return complain_about_file(site->file, "written");
    return 0;
}

int site_install(struct site *site)
{
    bool registered;
    int status;

    if ((status = place_file(site))) return status;
    if ((status = registration_change(site, "clrmem.dll", true))) return status;
    if ((status = registration_query(site, &registered))) return status;
    if (registered) return 0;
    return complain(STATUS_FAILED, "Wine registered the class of %s and then does not know it", site->file);
}

int site_undo(struct site *site)
{
    const char *source = site->before == SITE_FOREIGN ? site->backup : site->kept;
    bool registered;
    int status = 0;

    if (!site->registered && !access(site->file, F_OK) && !registration_query(site, &registered) && registered)
        status = registration_change(site, "clrmem.dll", false);
    if (!site->placed) return status;
    if (site->before != SITE_ABSENT)
        return rename(source, site->file) ? complain_about_file(source, "brought back") : status;
    if (unlink(site->file) && errno != ENOENT) return complain_about_file(site->file, "removed");
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
        status = complain_about_file(helper, "written");
    else
        status = registration_change(site, UNREGISTER_NAME, false);
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
        status = registration_change(site, "clrmem.dll", false);
    else
        status = unregister_without_file(site);
    if (status || (status = registration_query(site, &registered))) return status;
    return registered ? complain(STATUS_FAILED, "Wine unregistered the class of %s and still knows it", site->file) : 0;
}

/* Brings back the clrmem.dll that was there before ours. */
static int restore(const struct site *site, bool *restored)
{
    *restored = site->before != SITE_FOREIGN && !access(site->backup, F_OK);
    if (*restored && rename(site->backup, site->file)) return complain_about_file(site->backup, "brought back");
    return 0;
}

int site_uninstall(struct site *site, bool *restored)
{
    int status = unregister(site);

    if (status) return status;
    if (site->before == SITE_OURS && unlink(site->file)) return complain_about_file(site->file, "removed");
    return restore(site, restored);
}
