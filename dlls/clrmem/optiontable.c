/*
 * The options of a manager, one entry each.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "optiontable.h"
#include <string.h>

#define LEAST_LIMIT 4096                  /* bytes: a page */
#define MOST_SIZE   (OPTION_NO_LIMIT - 1) /* bytes */
#define MOST_WAIT   (OPTION_FOREVER - 1)  /* milliseconds: 49 days */
#define FREE        OPTION_COUNT          /* bounded by no other option */

/* README.md has the same table; tests/wine/options.sh compares them. */
const struct option_definition option_table[OPTION_COUNT] = {
    [OPTION_LIMIT] = {"limit", "Limit", OPTION_LIMIT_SIZE, "none", LEAST_LIMIT, MOST_SIZE, FREE,
                      "what regions and heaps may have committed"},
    [OPTION_SOFT_LIMIT] = {"softlimit", "SoftLimit", OPTION_SOFT_LIMIT_SIZE, "auto", LEAST_LIMIT, MOST_SIZE,
                           OPTION_LIMIT, "above it memory counts as low"},
    [OPTION_APPDOMAIN_RESERVE] = {"appdomainreserve", "AppDomainReserve", OPTION_RESERVE_SIZE, "auto", 0, MOST_SIZE,
                                  OPTION_LIMIT, "the part of the limit that task-critical requests leave alone"},
    [OPTION_PROCESS_RESERVE] = {"processreserve", "ProcessReserve", OPTION_RESERVE_SIZE, "auto", 0, MOST_SIZE,
                                OPTION_LIMIT, "the part of the limit for process-critical requests only"},
    [OPTION_TASK_WAIT] = {"taskwait", "TaskWait", OPTION_WAIT, "0", 0, MOST_WAIT, FREE,
                          "how long a task-critical request waits at the limit"},
    [OPTION_APPDOMAIN_WAIT] = {"appdomainwait", "AppDomainWait", OPTION_WAIT, "0", 0, MOST_WAIT, FREE,
                               "how long an AppDomain-critical request waits at the limit"},
    [OPTION_PROCESS_WAIT] = {"processwait", "ProcessWait", OPTION_WAIT, "0", 0, MOST_WAIT, FREE,
                             "how long a process-critical request waits at the limit"},
    [OPTION_LOCK_WAIT] = {"lockwait", "LockWait", OPTION_WAIT, "0", 0, MOST_WAIT, FREE,
                          "how long a call waits for a region locked for another thread"},
    [OPTION_HEAP_LIMIT] = {"heaplimit", "HeapLimit", OPTION_LIMIT_SIZE, "none", LEAST_LIMIT, MOST_SIZE, FREE,
                           "what each new heap may have committed"},
    [OPTION_HEAP_SOFT_LIMIT] = {"heapsoftlimit", "HeapSoftLimit", OPTION_LIMIT_SIZE, "none", LEAST_LIMIT, MOST_SIZE,
                                OPTION_HEAP_LIMIT, "above it in some new heap memory counts as low"},
    [OPTION_LOW_LOAD] = {"lowload", "LowLoad", OPTION_PERCENT, "90%", 1, 100, FREE, "memory is low from this load on"},
    [OPTION_HIGH_LOAD] = {"highload", "HighLoad", OPTION_PERCENT, "70%", 0, 99, OPTION_LOW_LOAD,
                          "memory is plentiful up to this load"},
    [OPTION_HYSTERESIS] = {"hysteresis", "Hysteresis", OPTION_PERCENT, "5%", 0, 50, FREE,
                           "how far the load goes back before that ends"},
    [OPTION_INTERVAL] = {"interval", "Interval", OPTION_PERIOD, "500", 10, 60000, FREE,
                         "how often the load is looked at"},
    [OPTION_LOW_INTERVAL] = {"lowinterval", "LowInterval", OPTION_PERIOD, "100", 10, 60000, FREE,
                             "the same while memory is low"},
    [OPTION_PSI] = {"psi", "PSI", OPTION_FLAG, "yes", 0, 1, FREE,
                    "whether the kernel's pressure stall information counts"},
    [OPTION_CONTAINER] = {"container", "Container", OPTION_FLAG, "yes", 0, 1, FREE,
                          "whether the container's limit counts"},
    [OPTION_LEAKS] = {"leaks", "Leaks", OPTION_FLAG, "no", 0, 1, FREE,
                      "list what is still live when a heap or the manager ends"},
};

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c;
}

bool option_text_equal(const char *one, const char *other)
{
    while (*one && upper(*one) == upper(*other))
    {
        one++;
        other++;
    }
    return upper(*one) == upper(*other);
}

void option_variable(enum clrmem_option option, char *buffer)
{
    const char *name = option_table[option].name;

    memcpy(buffer, OPTION_VARIABLE_PREFIX, sizeof(OPTION_VARIABLE_PREFIX) - 1);
    buffer += sizeof(OPTION_VARIABLE_PREFIX) - 1;
    do *buffer++ = upper(*name);
    while (*name++);
}

enum clrmem_option option_by_name(const char *name)
{
    enum clrmem_option option = 0;

    while (option < OPTION_COUNT && !option_text_equal(name, option_table[option].name)) option++;
    return option;
}
