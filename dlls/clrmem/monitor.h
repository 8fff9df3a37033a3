/*
 * Memory pressure of one manager: the monitor, which tells a registered callback of it, and the memory load.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_MONITOR_H
#define CLRMEM_MONITOR_H

#include "clrmem.h"
#include "memory_probe.h"

struct memory_manager;

struct pressure_settings
{
    DWORD low;          /* percent: memory is low from this load on; 1 to 100 */
    DWORD high;         /* percent: memory is plentiful up to this load; at most `low` */
    DWORD hysteresis;   /* percent: how far the load goes back before that ends */
    DWORD interval;     /* milliseconds between two looks; not 0 */
    DWORD low_interval; /* the same while memory is low; not 0 */
    BOOL psi;           /* whether the kernel's pressure stall information counts */
    BOOL container;     /* whether the container's limits count, and WINE_OVERRIDE_MEMORY_LIMIT_BYTES */
};

#define PRESSURE_INTERVAL     500
#define PRESSURE_LOW_INTERVAL 100
#define PRESSURE_DEFAULTS                                                                                              \
    {                                                                                                                  \
        MEMPROBE_PRESSURE_LOW, MEMPROBE_PRESSURE_HIGH, MEMPROBE_PRESSURE_HYSTERESIS, PRESSURE_INTERVAL,                \
            PRESSURE_LOW_INTERVAL, TRUE, TRUE                                                                          \
    }

/* Beside the manager, the monitor's thread has a reference while it runs. */
struct pressure
{
    LONG ref;
    struct hostmem_manager *core;
    LONG gate;                                /* enum core_gate */
    LONG ending;                              /* whether the manager is gone, or about to */
    LONG started;                             /* whether there is a monitor */
    DWORD thread;                             /* the monitor's id; 0 before it runs */
    LONG calls;                               /* odd while the callback may be being called */
    ICLRMemoryNotificationCallback *callback; /* with a reference, or NULL; exchanged atomically */
    LONG registrations;                       /* how often there has been another one, or none */
    struct pressure_settings settings;        /* each member by itself is read and written atomically */
    struct memory_probe probe;
};

/* --- monitor.c: any thread, but for create ------------------------------------------------------------------------ */

/* Takes the core over, with the standard settings; nothing runs yet. NULL where there is no memory; the core is then
 * the caller's still. */
struct pressure *pressure_create(struct hostmem_manager *core);

/* The manager ends: withdraws the callback as pressure_register does, and destroys the core. Does not wait for the
 * monitor but for a call of it under way: where it is at the core in this moment, it destroys that itself. */
void pressure_end(struct pressure *pressure);

/* Registers the callback, NULL for none, in place of the one before, and starts the monitor with the first. When it
 * returns, the one before is not being called and will not be, unless this is called from within that call.
 * FALSE, and nothing changed, where the monitor cannot be started. */
BOOL pressure_register(struct pressure *pressure, ICLRMemoryNotificationCallback *callback);

/* --- memoryload.c: any thread ----------------------------------------------------------------------------------- */

/* Settings for the manager, which hold from the next look on; the monitor looks at once. */
void clrmem_pressure_configure(struct memory_manager *manager, const struct pressure_settings *settings);

/* The settings as they are, and what of them the core's arithmetic takes. */
void pressure_get_settings(struct pressure *pressure, struct pressure_settings *settings);
void pressure_thresholds(const struct pressure_settings *settings, struct memprobe_pressure_settings *thresholds);

/* The core's figures, as the probe takes them. */
static inline struct memprobe_usage pressure_usage(const struct hostmem_usage *usage)
{
    return (struct memprobe_usage){usage->charged, usage->hard, usage->soft, usage->refusals, usage->heap_over_soft};
}

/* Percent in use, the worst of limit, container, machine and stall; bytes this process can still get, the least of limit,
 * container, machine and address space. Never waits for another thread: where one looks right now, what was seen last
 * counts. FALSE and the last error where nothing has ever been seen. Any thread; the caller's manager is alive. */
BOOL clrmem_memory_load(struct pressure *pressure, DWORD *percent, SIZE_T *available);

#endif
