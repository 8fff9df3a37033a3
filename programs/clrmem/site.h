/*
 * One place where clrmem.dll is installed: a system folder of a prefix, with the class registered for the architecture.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_SITE_H
#define CLRMEM_SITE_H

#include "prefix.h"

enum site_file
{
    SITE_ABSENT,
    SITE_OURS,    /* clrmem's, of any version */
    SITE_FOREIGN, /* another clrmem.dll */
};

struct site
{
    enum arch arch;
    const char *wine;
    char *module; /* our clrmem.dll */
    char *start;  /* our clrmemstart.exe */
    char *file;   /* the clrmem.dll of the system folder */
    char *backup; /* where a foreign one is kept while ours is installed */
    char *kept;   /* where an older one of ours is kept while it is replaced */

    enum site_file before; /* what was found, by site_look */
    bool registered;
    bool current; /* the file has the same bytes as our module */
    bool placed;  /* by site_install: the file was replaced */
};

/*
 * Names the files of a site. system_folder: "system32" or "syswow64".
 * Returns 0, or STATUS_FAILED after an error line.
 */
int site_init(struct site *site, const struct prefix *prefix, const char *wine, enum arch arch,
              const char *system_folder);

/* Finds out what is there. Returns 0, or STATUS_FAILED after an error line; asks Wine, so it may start it. */
int site_look(struct site *site);

/* Whether there is nothing left to do for an install, or for an uninstall; after site_look. */
bool site_is_installed(const struct site *site);
bool site_is_clean(const struct site *site);

/*
 * Puts our clrmem.dll in place, registers its class and checks the registration. After a failure site_undo has to follow;
 * site_finish deletes the file kept for that. They return 0, or STATUS_FAILED after an error line.
 */
int site_install(struct site *site);
int site_undo(struct site *site);
void site_finish(struct site *site);

/*
 * Unregisters the class, removes our clrmem.dll and restores an earlier one; *restored says whether.
 * Returns 0, or STATUS_FAILED after an error line.
 */
int site_uninstall(struct site *site, bool *restored);

#endif
