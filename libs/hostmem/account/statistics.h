/*
 * The figures that a manager keeps, as its callers see them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_STATISTICS_H
#define CLRMEM_HOSTMEM_STATISTICS_H

#include "hostmem/base/backend.h"

/* The methods that statistics count. */
enum hostmem_method
{
#define HOSTMEM_METHOD(NAME, method) HOSTMEM_METHOD_##NAME,
    HOSTMEM_METHODS(HOSTMEM_METHOD)
#undef HOSTMEM_METHOD
        HOSTMEM_METHOD_COUNT
};

/* Why a request for memory was refused. */
enum hostmem_cause
{
#define HOSTMEM_CAUSE(NAME, row, reason) HOSTMEM_CAUSE_##NAME,
    HOSTMEM_CAUSES(HOSTMEM_CAUSE)
#undef HOSTMEM_CAUSE
        HOSTMEM_CAUSE_COUNT
};

/* The memory held by requests of one critical level: HOSTMEM_LEVEL_FIGURES. */
struct hostmem_level_statistics
{
#define HOSTMEM_FIGURE(member, ...) uint64_t member;
    HOSTMEM_LEVEL_FIGURES(HOSTMEM_FIGURE)
#undef HOSTMEM_FIGURE
};

/* Figures read while other threads go on: each is exact at some moment of the call, but not all at the same one. Bytes
 * and counts: HOSTMEM_FIGURES. */
struct hostmem_statistics
{
    uint64_t calls[HOSTMEM_METHOD_COUNT];                         /* calls that arrived */
    uint64_t failures[HOSTMEM_METHOD_COUNT];                      /* of these, not HOSTMEM_OK */
    uint64_t results[HOSTMEM_METHOD_COUNT][HOSTMEM_RESULT_COUNT]; /* calls by their result */
#define HOSTMEM_PEAK(member)                      uint64_t member, peak_##member;
#define HOSTMEM_PLAIN(member)                     uint64_t member;
#define HOSTMEM_FIGURE(member, Public, kind, ...) HOSTMEM_##kind(member)
    HOSTMEM_FIGURES(HOSTMEM_FIGURE)
#undef HOSTMEM_FIGURE
#undef HOSTMEM_PLAIN
#undef HOSTMEM_PEAK
    struct hostmem_level_statistics levels[HOSTMEM_CRITICAL_LEVEL_COUNT];
    uint64_t refusals[HOSTMEM_CAUSE_COUNT][HOSTMEM_CRITICAL_LEVEL_COUNT]; /* requests refused */
};

#endif
