/*
 * clrmem install and clrmem uninstall: clrmem.dll in a prefix, for programs that ask for it themselves.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "arguments.h"
#include "site.h"
#include "wine.h"

#define SITES_MAX 2

static const struct argp_option prefix_options[] = {
    {"prefix", 'p', "PREFIX", 0, "The Wine prefix; without it WINEPREFIX, else ~/.wine", 0},
    OPTION_HELP,
    {0},
};

/* The places of a prefix to install into. */
struct sites
{
    struct prefix prefix;
    char *wine;
    struct site site[SITES_MAX];
    size_t count;
};

/* The prefix that the command line names, by option or operand; NULL: none. */
struct target
{
    const char *prefix;
};

static volatile sig_atomic_t interrupted;

static void note_signal(int signal)
{
    (void)signal;
    interrupted = 1;
}

/* An interrupt counts as a failure of the current step, so that earlier steps are undone. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = note_signal};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

static bool take_option(void *command, int key, const char *value)
{
    struct target *target = command;

    if (key == 'p') target->prefix = value;
    return true;
}

static int add_site(struct sites *sites, enum arch arch, const char *folder)
{
    return site_init(&sites->site[sites->count++], &sites->prefix, sites->wine, arch, folder);
}

/* A Wine without a 32-bit side runs nothing of a 32-bit program, and may say that it succeeded. */
static bool runs_i386(const char *wine)
{
    const char *arguments[] = {module_path(ARCH_I386, "clrmemstart.exe"), NULL};
    FILE *output = NULL;
    int status = arguments[0] ? wine_run(wine, arguments, &output) : -1;

    if (output) fclose(output);
    return status == STATUS_FAILED; /* its status without a program to start */
}

static int list_sites(struct sites *sites)
{
    int status = add_site(sites, sites->prefix.win32 ? ARCH_I386 : ARCH_X86_64, "system32");
    char *ntdll = prefix_windows_file(&sites->prefix, "syswow64/ntdll.dll");

    if (!status && !sites->prefix.win32 && !access(ntdll, F_OK))
    {
        if (runs_i386(sites->wine))
            status = add_site(sites, ARCH_I386, "syswow64");
        else
            printf("The prefix has a 32-bit side and this Wine does not: only the 64-bit side is changed.\n");
    }
    free(ntdll);
    return status;
}

/* Reads the command line and finds out what is where; 0, or the exit status after an error line. create: let Wine
 * create a missing prefix. */
static int sites_find(struct sites *sites, const struct option_syntax *syntax, int argc, char **argv, bool create)
{
    struct target target = {NULL};
    int operands = arguments_read(syntax, argc, argv, &target), status;

    *sites = (struct sites){.count = 0};
    if (operands < 0) return STATUS_FAILED;
    if (argc - operands > (target.prefix ? 0 : 1))
        return report_error(STATUS_FAILED, "'%s' is a second PREFIX, and one is allowed; see '%s --help'",
                            argv[argc - 1], argv[0]);
    if (operands < argc) target.prefix = argv[operands];
    if (!(sites->wine = wine_find())) return STATUS_FAILED;
    if ((status = prefix_find(target.prefix, &sites->prefix))) return status;
    if (!sites->prefix.exists && !create)
        return report_error(STATUS_FAILED, "there is no Wine prefix at %s", sites->prefix.path);
    if ((status = prefix_ensure(&sites->prefix, sites->wine))) return status;
    catch_signals();
    status = list_sites(sites);
    for (size_t i = 0; i < sites->count && !status; i++) status = site_look(&sites->site[i]);
    return status;
}

static void undo_installs(struct sites *sites, size_t count)
{
    int status = 0;

    while (count--) status |= site_undo(&sites->site[count]);
    if (!status) report_error(0, "nothing was installed; the prefix %s is as it was", sites->prefix.path);
}

static void report_install(const struct site *site)
{
    if (site_is_installed(site))
        printf("%s is there already (%s)\n", site->file, arch_name(site->arch));
    else
        printf("%s installed and registered (%s)\n", site->file, arch_name(site->arch));
    if (site->before == SITE_FOREIGN) printf("%s keeps the one that was there before\n", site->backup);
}

static const struct option_syntax install_syntax = {
    .options = prefix_options,
    .operands = "[PREFIX]",
    .doc = "Install clrmem.dll into a Wine prefix and register its class there, so that CLR hosts can ask for clrmem's "
           "memory manager by themselves. 'clrmem run' does not need it."
           "\vIf there is no prefix yet, Wine creates it. 'clrmem uninstall' restores the state before.",
    .take = take_option,
};

int command_install(int argc, char **argv)
{
    struct sites sites;
    int status = sites_find(&sites, &install_syntax, argc, argv, true);

    if (status) return status;
    for (size_t i = 0; i < sites.count; i++)
    {
        if (!site_is_installed(&sites.site[i])) status = site_install(&sites.site[i]);
        if (interrupted) status = STATUS_FAILED;
        if (!status) continue;
        undo_installs(&sites, i + 1);
        return status;
    }
    for (size_t i = 0; i < sites.count; i++)
    {
        site_finish(&sites.site[i]);
        report_install(&sites.site[i]);
    }
    return 0;
}

static const struct option_syntax uninstall_syntax = {
    .options = prefix_options,
    .operands = "[PREFIX]",
    .doc =
        "Remove clrmem.dll and the registration of its class from a Wine prefix. A clrmem.dll of another program that "
        "'clrmem install' moved aside is restored.",
    .take = take_option,
};

static int uninstall(struct site *site)
{
    bool restored = false;
    int status = site_uninstall(site, &restored);

    if (status) return status;
    printf("%s removed and unregistered (%s)\n", site->file, arch_name(site->arch));
    if (restored) printf("%s is the one again that was there before\n", site->file);
    return 0;
}

int command_uninstall(int argc, char **argv)
{
    struct sites sites;
    int status = sites_find(&sites, &uninstall_syntax, argc, argv, false);
    size_t clean = 0;

    if (status) return status;
    for (size_t i = 0; i < sites.count && !status; i++)
    {
        if (site_is_clean(&sites.site[i]))
            clean++;
        else
            status = uninstall(&sites.site[i]);
    }
    if (clean == sites.count) printf("clrmem is not installed in the prefix %s\n", sites.prefix.path);
    return status;
}
