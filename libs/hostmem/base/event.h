/*
 * Waiting for a change. A thread counts itself as waiting, reads the sequence, looks once more for what it waits for,
 * and then sleeps as long as the sequence is the one it read. A thread that makes the change advances the sequence
 * afterwards. So no change is missed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_EVENT_H
#define CLRMEM_HOSTMEM_EVENT_H

#include "hostmem/base/atomics.h"
#include "hostmem/base/backend.h"

struct hm_event
{
    _Atomic uint32_t waiting;  /* threads */
    _Atomic uint32_t sequence; /* the word to sleep on */
};

static inline void event_begin_wait(struct hm_event *event)
{
    atomic_fetch_add_explicit(&event->waiting, 1, memory_order_seq_cst);
}

static inline void event_end_wait(struct hm_event *event)
{
    atomic_fetch_sub_explicit(&event->waiting, 1, memory_order_relaxed);
}

/* Advances the sequence and wakes, if any thread waits: one load where none does. */
static inline void event_signal(struct hm_event *event, const struct hostmem_backend *backend)
{
    if (!load_ordered(&event->waiting)) return;
    atomic_fetch_add_explicit(&event->sequence, 1, memory_order_seq_cst);
    backend->wake(backend->context, &event->sequence);
}

/* Advances the sequence always, for a thread that compares it with the one of an earlier wait. */
static inline void event_post(struct hm_event *event, const struct hostmem_backend *backend)
{
    atomic_fetch_add_explicit(&event->sequence, 1, memory_order_seq_cst);
    if (load_ordered(&event->waiting)) backend->wake(backend->context, &event->sequence);
}

#endif
