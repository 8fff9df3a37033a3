/*
 * Memory pressure of one manager: the monitor, which notifies a registered callback, and the memory load.
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
    DWORD hysteresis;   /* percent: how far the load has to go back before low or plentiful ends */
    DWORD interval;     /* milliseconds between two samples; not 0 */
    DWORD low_interval; /* the same while memory is low; not 0 */
    BOOL psi;           /* whether the kernel's pressure stall information counts */
    BOOL container;     /* whether the container's limits count, and WINE_OVERRIDE_MEMORY_LIMIT_BYTES */
};

/* Beside the manager, the monitor's thread has a reference while it runs. */
struct pressure
{
    LONG ref;
    struct hostmem_manager *core;
    LONG gate;                                /* enum core_gate */
    LONG ending;                              /* the manager ends, or has ended */
    LONG started;                             /* there is a monitor */
    DWORD thread;                             /* the monitor's id; 0 before it runs */
    LONG calls;                               /* odd while a call of the callback may be under way */
    ICLRMemoryNotificationCallback *callback; /* with a reference, or NULL; exchanged atomically */
    LONG registrations;                       /* how often `callback` has changed */
    struct pressure_settings settings;        /* each member is read and written atomically */
    struct memory_probe probe;
};

/* --- monitor.c: any thread, but for create ------------------------------------------------------------------------ */

/* Takes ownership of the core; clrmem_pressure_configure follows before any other call. NULL without memory, and the
 * caller keeps the core. */
struct pressure *pressure_create(struct hostmem_manager *core);

/* Ends the manager: withdraws the callback as pressure_register does, and destroys the core. Waits for a call of the
 * callback, but not for the monitor: if the monitor uses the core at this moment, it destroys the core. */
void pressure_end(struct pressure *pressure);

/* Registers the callback, NULL for none, in place of the previous one, and starts the monitor with the first. When it
 * returns, the previous one is not being called and will not be, unless this is called from within that call. FALSE, and
 * nothing changed, if the monitor cannot be started. */
BOOL pressure_register(struct pressure *pressure, ICLRMemoryNotificationCallback *callback);

/* --- memory_load.c: any thread ---------------------------------------------------------------------------------- */

/* Changes the settings from the next sample on, which the monitor takes at once. */
void clrmem_pressure_configure(struct memory_manager *manager, const struct pressure_settings *settings);

/* The settings now, and the thresholds among them. */
void pressure_get_settings(struct pressure *pressure, struct pressure_settings *settings);
void pressure_thresholds(const struct pressure_settings *settings, struct memprobe_pressure_settings *thresholds);

/* The core's figures, as a sample takes them. */
static inline struct memprobe_usage pressure_usage(const struct hostmem_usage *usage)
{
    return (struct memprobe_usage){usage->charged, usage->hard, usage->soft, usage->refusals, usage->heap_over_soft};
}

/* Percent in use, the worst of limit, container, machine and stall; bytes this process can still get, the least of limit,
 * container, machine and address space. Never waits for another thread: while one takes a sample, the
 * last sample counts. FALSE and the last error if the system does not answer. Any thread; the caller's manager is alive. */
BOOL clrmem_memory_load(struct pressure *pressure, DWORD *percent, SIZE_T *available);

#endif
