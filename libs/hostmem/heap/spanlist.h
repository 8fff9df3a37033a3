/*
 * The lists that a bin's spans are in; each span is in one at most.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_SPANLIST_H
#define CLRMEM_HOSTMEM_SPANLIST_H

#include "hostmem/heap/span.h"

/* pre, of all: the bin's lock is held */
static inline void spanlist_push(struct hm_span **list, struct hm_span *span, enum span_state state)
{
    span->previous = NULL;
    span->next = *list;
    if (span->next) span->next->previous = span;
    *list = span;
    store_ordered(&span->state, state);
}

static inline void spanlist_remove(struct hm_span **list, struct hm_span *span)
{
    if (span->next) span->next->previous = span->previous;
    if (span->previous)
        span->previous->next = span->next;
    else
        *list = span->next;
    span->next = span->previous = NULL;
}

static inline struct hm_span *spanlist_pop(struct hm_span **list)
{
    struct hm_span *span = *list;

    if (span) spanlist_remove(list, span);
    return span;
}

#endif
