/*
 * A callback that records its notifications, and a container whose load it is notified of.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_TEST_LISTENER_H
#define CLRMEM_TEST_LISTENER_H

#include "clrmem_test.h"
#include "tree.h"

#define LONG_MS 20000 /* milliseconds after which a wait has failed */
#define LOW     eMemoryAvailableLow
#define NEUTRAL eMemoryAvailableNeutral
#define HIGH    eMemoryAvailableHigh

/* A callback, which may do something else when it is called. */
struct listener
{
    ICLRMemoryNotificationCallback ICLRMemoryNotificationCallback_iface;
    LONG ref;
    LONG calls;
    LONG inside;    /* calls under way */
    LONG withdrawn; /* it must not be called any more */
    EMemoryAvailable levels[64];
    DWORD thread;
    void (*action)(struct listener *listener);
    IHostMemoryManager *manager;
    HANDLE entered, leave; /* events for the actions that block */
};

extern const ICLRMemoryNotificationCallbackVtbl listener_vtbl;
/* The same, of an object that counts no references, as a CLR's may be. */
extern const ICLRMemoryNotificationCallbackVtbl static_vtbl;

/* One reference. The blocking one signals `entered`, and returns when `leave` is signalled. */
struct listener make_listener(void);
struct listener make_blocking_listener(void);
void close_events(struct listener *listener);

/* NULL withdraws. */
#define register_listener(manager, listener) register_listener_(__FILE__, __LINE__, manager, listener)
void register_listener_(const char *file, int line, IHostMemoryManager *manager, struct listener *listener);

/* Waits until there were so many calls; until no call is under way. */
#define wait_for_calls(listener, count) wait_for_calls_(__FILE__, __LINE__, listener, count)
void wait_for_calls_(const char *file, int line, struct listener *listener, LONG count);
void wait_until_outside(struct listener *listener);

#define check_levels(listener, ...)                                                                                    \
    do                                                                                                                 \
    {                                                                                                                  \
        static const EMemoryAvailable expected[] = {__VA_ARGS__};                                                      \
        unsigned int i;                                                                                                \
                                                                                                                       \
        wait_for_calls(listener, ARRAY_SIZE(expected));                                                                \
        ok((listener)->calls == (LONG)ARRAY_SIZE(expected), "got %ld calls\n", (listener)->calls);                     \
        for (i = 0; i < ARRAY_SIZE(expected); i++)                                                                     \
            ok((listener)->levels[i] == expected[i], "call %u: got %d, expected %d\n", i, (listener)->levels[i],       \
               expected[i]);                                                                                           \
    } while (0)

/* The load of the container: the machine's is 20 percent. */
void set_load(unsigned int percent);

/* A manager in a container of that load; and its end, with the last reference. */
IHostMemoryManager *begin(unsigned int percent);
void end(IHostMemoryManager *manager);

/* Waits for a few samples of the monitor. */
void let_it_look(void);

#endif
