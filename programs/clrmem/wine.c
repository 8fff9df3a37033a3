/*
 * Finding and running Wine, and finding clrmem's Windows modules.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "wine.h"

#define RUN_SECONDS 120 /* the first start in a prefix may have to update it */

static bool is_program(const char *path)
{
    struct stat status;

    return !stat(path, &status) && S_ISREG(status.st_mode) && !access(path, X_OK);
}

/* A program of PATH; a new string or NULL. */
static char *search_path(const char *name)
{
    const char *folders = getenv("PATH"), *end;
    char *path;

    for (; folders; folders = *end ? end + 1 : NULL)
    {
        end = strchrnul(folders, ':');
        path = end == folders ? text_format("./%s", name) : text_format("%.*s/%s", (int)(end - folders), folders, name);
        if (is_program(path)) return path;
        free(path);
    }
    return NULL;
}

static char *find_named(const char *variable, const char *name)
{
    char *path = strchr(name, '/') ? text_copy(name, strlen(name)) : search_path(name);

    if (path && is_program(path)) return path;
    free(path);
    report_error(0, "%s is '%s', which is no program; set it to Wine's program, or unset it", variable, name);
    return NULL;
}

char *wine_find(void)
{
    static const char *const variables[] = {"WINE", "WINELOADER"};
    char *path;

    for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
    {
        const char *name = getenv(variables[i]);

        if (name && *name) return find_named(variables[i], name);
    }
    path = search_path("wine");
    if (!path) report_error(0, "no Wine: install it (on Debian: apt install wine), or name its program in WINE");
    return path;
}

/* In the child: becomes Wine. */
static void __attribute__((noreturn)) become_wine(const char *wine, const char *const *arguments, int output)
{
    const char *argv[16] = {wine};
    int input = open("/dev/null", O_RDONLY);

    for (size_t i = 0; arguments[i] && i + 2 < sizeof(argv) / sizeof(*argv); i++) argv[i + 1] = arguments[i];
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    setenv("WINEDEBUG", "-all", 0);
    execv(wine, (char *const *)argv);
    _exit(STATUS_FAILED);
}

/* Waits for the end of a child within the time limit; the status as waitpid gives it, -1 if it had to be killed. */
static int wait_in_time(pid_t child)
{
    const struct timespec pause = {0, 20 * 1000 * 1000};
    time_t end = time(NULL) + RUN_SECONDS;
    int status;

    for (;;)
    {
        pid_t ended = waitpid(child, &status, WNOHANG);

        if (ended) return ended < 0 ? -1 : status;
        if (time(NULL) > end)
        {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return -1;
        }
        nanosleep(&pause, NULL);
    }
}

int wine_run(const char *wine, const char *const *arguments, FILE **output)
{
    pid_t child;
    int status;

    if (!(*output = tmpfile())) return -1;
    signal(SIGCHLD, SIG_DFL); /* an ignored one, as it may be inherited, loses the status */
    if (!(child = fork())) become_wine(wine, arguments, fileno(*output));
    status = child < 0 ? -1 : wait_in_time(child);
    rewind(*output);
    return status != -1 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---- clrmem's own modules ---- */

static const char *const arch_folders[] = {[ARCH_X86_64] = "x86_64-windows", [ARCH_I386] = "i386-windows"};

/* The folder of this program, and `up` as a path from there, when the modules' folders lie in it; else NULL. */
static char *folder_beside_program(const char *up)
{
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    char *folder, *probe, *found = NULL;

    if (length <= 0) return NULL;
    program[length] = 0;
    *strrchr(program, '/') = 0;
    folder = text_format("%s/%s", program, up);
    probe = text_format("%s/%s", folder, arch_folders[ARCH_X86_64]);
    if (!access(probe, F_OK)) found = realpath(folder, NULL);
    free(probe);
    free(folder);
    return found;
}

static char *find_folder(void)
{
    const char *named = getenv("CLRMEM_LIBDIR");
    char *folder;

    if (named && *named && (folder = realpath(named, NULL))) return folder;
    if (named && *named) return text_copy(named, strlen(named));
    if ((folder = folder_beside_program("../lib/clrmem"))) return folder;
    if ((folder = folder_beside_program("../.."))) return folder;
    return text_copy(CLRMEM_LIBDIR, strlen(CLRMEM_LIBDIR));
}

char *module_path(enum arch arch, const char *name)
{
    char *folder = find_folder();
    char *path = text_format("%s/%s/%s", folder, arch_folders[arch], name);

    free(folder);
    if (!access(path, R_OK)) return path;
    report_error(0, "%s is missing: clrmem is not installed completely; install it again, or set CLRMEM_LIBDIR", path);
    free(path);
    return NULL;
}
