/*
 * A failing sequence made shorter and simpler.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

static struct call trial[MAX_SEQUENCE];

static BOOL still_fails(const struct call *calls, unsigned int count)
{
    return !sequence_replay(calls, count);
}

/* Drops calls [first, first + length) if it fails without them, too; the new count. */
static unsigned int try_without(struct call *calls, unsigned int count, unsigned int first, unsigned int length)
{
    unsigned int rest = count - first - length;

    memcpy(trial, calls, first * sizeof(*calls));
    memcpy(trial + first, calls + first + length, rest * sizeof(*calls));
    if (!still_fails(trial, count - length)) return count;
    memcpy(calls, trial, (count - length) * sizeof(*calls));
    return count - length;
}

static unsigned int drop_calls(struct call *calls, unsigned int count)
{
    unsigned int length, first, left;

    for (length = count / 2 ? count / 2 : 1; length; length /= 2)
    {
        for (first = count; first >= length; first = first > length ? first - length : 0)
        {
            if (first > count) first = count;
            if (first < length) break;
            left = try_without(calls, count, first - length, length);
            if (left == count && first == length) break;
            count = left;
        }
    }
    return count;
}

/* One of the ways to make a call simpler; FALSE: there are no more. */
static BOOL simplify(struct call *call, unsigned int way)
{
    switch (way)
    {
    case 0:
        call->slot = call->slot == FOREIGN_SLOT ? FOREIGN_SLOT : 0;
        return TRUE;
    case 1:
        if (call->place != AT_ADDRESS) call->offset = 0;
        return TRUE;
    case 2:
        call->offset &= ~(PAGE - 1);
        return TRUE;
    case 3:
        if (call->size > PAGE) call->size = PAGE;
        return TRUE;
    case 4:
        if (call->size > 2 * PAGE) call->size = 2 * PAGE;
        return TRUE;
    case 5:
        if (call->size > GRANULE) call->size = GRANULE;
        return TRUE;
    case 6:
        if (call->size && call->size < MAX_REGION && call->kind != CALL_QUERY) call->size = page_up(call->size);
        return TRUE;
    case 7:
        call->protect = call->kind == CALL_ALLOC || call->kind == CALL_PROTECT ? PAGE_READWRITE : 1;
        return TRUE;
    case 8:
        if (call->kind == CALL_ALLOC) call->type &= ~(MEM_TOP_DOWN | MEM_WRITE_WATCH);
        return TRUE;
    default:
        return FALSE;
    }
}

static void simplify_call(struct call *calls, unsigned int count, unsigned int index)
{
    struct call before;
    unsigned int way;

    for (way = 0;; way++)
    {
        before = calls[index];
        if (!simplify(&calls[index], way)) return;
        if (memcmp(&before, &calls[index], sizeof(before)) && !still_fails(calls, count)) calls[index] = before;
    }
}

unsigned int shrink(struct call *calls, unsigned int count)
{
    unsigned int before, i;

    do
    {
        before = count;
        count = drop_calls(calls, count);
        for (i = 0; i < count; i++) simplify_call(calls, count, i);
    } while (count < before);
    sequence_replay(calls, count); /* for its message */
    return count;
}
