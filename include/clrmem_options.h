/*
 * The options of a memory manager: the one list that everything about them comes from. Plain C macros, so that any
 * program can include it.
 *
 * X(UPPER, lower, Mixed, kind, standard, least, most, bound, purpose, risk) for each option:
 *   lower     the name in CLRMEM_CONFIG, SetOption and GetOption; CLRMEM_<UPPER> is its environment variable, Mixed its
 *             registry value
 *   kind      what it takes: CLRMEM_OPTION_KINDS
 *   standard  the default, as text
 *   least, most  bounds of an exact number, in the kind's unit; a percentage of a size ends at 100
 *   bound     the option that this one may not exceed, and that its percentages are of; NONE: no such option, and
 *             percentages are of the container's memory, or of the machine's
 *   purpose   one line
 *   risk      what a wrong value does, one sentence
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_OPTIONS_LIST_H
#define CLRMEM_OPTIONS_LIST_H

#include <stdint.h>

#define CLRMEM_OPTION_NO_LIMIT UINT64_MAX                   /* bytes */
#define CLRMEM_OPTION_FOREVER  UINT32_MAX                   /* milliseconds */
#define CLRMEM_OPTION_MAX_SIZE (CLRMEM_OPTION_NO_LIMIT - 1) /* bytes */
#define CLRMEM_OPTION_MAX_WAIT (CLRMEM_OPTION_FOREVER - 1)  /* milliseconds: 49 days */
#define CLRMEM_OPTION_PAGE     4096                         /* bytes: no limit is below */

/* The variable that may set several options: CLRMEM_CONFIG="limit=512M;softlimit=75%". */
#define CLRMEM_OPTION_CONFIG_VARIABLE "CLRMEM_CONFIG"

/* X(kind, unit, flags): the unit of an exact number, and what else the kind takes. */
#define CLRMEM_OPTION_TAKES_SIZE    1u  /* K, M, G and T; percentages of something else */
#define CLRMEM_OPTION_TAKES_PERCENT 2u  /* a percent sign, which changes nothing */
#define CLRMEM_OPTION_TAKES_NONE    4u  /* "none" */
#define CLRMEM_OPTION_TAKES_AUTO    8u  /* "auto": computed from the option that bounds it */
#define CLRMEM_OPTION_TAKES_FOREVER 16u /* "forever" */
#define CLRMEM_OPTION_TAKES_FLAG    32u /* "yes" and "no" */
#define CLRMEM_OPTION_KINDS(X)                                                                                         \
    X(LIMIT, "bytes", CLRMEM_OPTION_TAKES_SIZE | CLRMEM_OPTION_TAKES_NONE)                                             \
    X(SOFT_LIMIT, "bytes", CLRMEM_OPTION_TAKES_SIZE | CLRMEM_OPTION_TAKES_NONE | CLRMEM_OPTION_TAKES_AUTO)             \
    X(RESERVE, "bytes", CLRMEM_OPTION_TAKES_SIZE | CLRMEM_OPTION_TAKES_AUTO)                                           \
    X(WAIT, "milliseconds", CLRMEM_OPTION_TAKES_FOREVER)                                                               \
    X(PERIOD, "milliseconds", 0)                                                                                       \
    X(LOAD, "percent", CLRMEM_OPTION_TAKES_PERCENT)                                                                    \
    X(FLAG, "yes or no", CLRMEM_OPTION_TAKES_FLAG)

#define CLRMEM_OPTIONS(X)                                                                                              \
    X(LIMIT, limit, Limit, LIMIT, "none", CLRMEM_OPTION_PAGE, CLRMEM_OPTION_MAX_SIZE, NONE,                            \
      "the most that regions and heaps together may commit",                                                           \
      "A program that needs more gets an out-of-memory exception, or aborts.")                                         \
    X(SOFTLIMIT, softlimit, SoftLimit, SOFT_LIMIT, "auto", CLRMEM_OPTION_PAGE, CLRMEM_OPTION_MAX_SIZE, LIMIT,          \
      "memory is low above this; auto: 90% of limit, none without a limit",                                            \
      "Too low a value makes the runtime collect all the time.")                                                       \
    X(APPDOMAINRESERVE, appdomainreserve, AppDomainReserve, RESERVE, "auto", 0, CLRMEM_OPTION_MAX_SIZE, LIMIT,         \
      "the part of limit closed to task-critical requests; auto: 1/32, at most 8M",                                    \
      "A large reserve is memory that arrays and objects cannot have.")                                                \
    X(PROCESSRESERVE, processreserve, ProcessReserve, RESERVE, "auto", 0, CLRMEM_OPTION_MAX_SIZE, LIMIT,               \
      "the part of limit for process-critical requests; auto: 1/32, at most 8M",                                       \
      "Without it the runtime aborts at the limit instead of raising an exception.")                                   \
    X(TASKWAIT, taskwait, TaskWait, WAIT, "0", 0, CLRMEM_OPTION_MAX_WAIT, NONE,                                        \
      "how long a task-critical request waits at the limit",                                                           \
      "A thread that waits while a collection needs it delays the collection.")                                        \
    X(APPDOMAINWAIT, appdomainwait, AppDomainWait, WAIT, "0", 0, CLRMEM_OPTION_MAX_WAIT, NONE,                         \
      "how long an AppDomain-critical request waits at the limit",                                                     \
      "A thread that waits while a collection needs it delays the collection.")                                        \
    X(PROCESSWAIT, processwait, ProcessWait, WAIT, "0", 0, CLRMEM_OPTION_MAX_WAIT, NONE,                               \
      "how long a process-critical request waits at the limit",                                                        \
      "A thread that waits while a collection needs it delays the collection.")                                        \
    X(LOCKWAIT, lockwait, LockWait, WAIT, "0", 0, CLRMEM_OPTION_MAX_WAIT, NONE,                                        \
      "how long a call waits for a region that is locked for another thread",                                          \
      "With forever, a host that never unlocks a region hangs the program.")                                           \
    X(HEAPLIMIT, heaplimit, HeapLimit, LIMIT, "none", CLRMEM_OPTION_PAGE, CLRMEM_OPTION_MAX_SIZE, NONE,                \
      "the most that each new heap may commit", "A runtime aborts when its own heap is refused a small block.")        \
    X(HEAPSOFTLIMIT, heapsoftlimit, HeapSoftLimit, LIMIT, "none", CLRMEM_OPTION_PAGE, CLRMEM_OPTION_MAX_SIZE,          \
      HEAPLIMIT, "memory is low while a new heap has more than this committed",                                        \
      "Too low a value makes the runtime collect all the time.")                                                       \
    X(LOWLOAD, lowload, LowLoad, LOAD, "90%", 1, 100, NONE, "memory is low from this load on",                         \
      "Too low a value makes the runtime collect all the time.")                                                       \
    X(HIGHLOAD, highload, HighLoad, LOAD, "70%", 0, 99, LOWLOAD, "memory is plentiful up to this load; below lowload", \
      "Too high a value lets the heap grow until memory is low.")                                                      \
    X(HYSTERESIS, hysteresis, Hysteresis, LOAD, "5%", 0, 50, NONE,                                                     \
      "percentage points that the load goes back before low or plentiful ends",                                        \
      "With 0, a load near a threshold notifies the runtime again and again.")                                         \
    X(INTERVAL, interval, Interval, PERIOD, "500", 10, 60000, NONE, "time between two samples of the load",            \
      "A long interval notices pressure late; a short one costs CPU time.")                                            \
    X(LOWINTERVAL, lowinterval, LowInterval, PERIOD, "100", 10, 60000, NONE,                                           \
      "time between two samples while memory is low",                                                                  \
      "A long interval notices the end of pressure late; a short one costs CPU time.")                                 \
    X(PSI, psi, PSI, FLAG, "yes", 0, 1, NONE, "whether the kernel's pressure stall information counts",                \
      "With no, a machine that swaps all the time may look healthy.")                                                  \
    X(CONTAINER, container, Container, FLAG, "yes", 0, 1, NONE, "whether the container's memory limit counts",         \
      "With no, the kernel may kill a program in a container that has no other limit.")                                \
    X(LEAKS, leaks, Leaks, FLAG, "no", 0, 1, NONE, "list what is still live when a heap or the manager ends",          \
      "Up to 100 lines for each heap on standard error.")

enum clrmem_option
{
#define CLRMEM_OPTION_ENUM(UPPER, ...) CLRMEM_OPTION_##UPPER,
    CLRMEM_OPTIONS(CLRMEM_OPTION_ENUM)
#undef CLRMEM_OPTION_ENUM
        CLRMEM_OPTION_COUNT,
    CLRMEM_OPTION_NONE = CLRMEM_OPTION_COUNT
};

#endif
