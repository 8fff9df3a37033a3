/*
 * The statistics of a manager, as IClrMemManager gives them, and as a table.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_private.h"
#include <stdio.h>
#include <string.h>
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

#define LINE_SIZE   128 /* bytes; a line is 80 and its end */
#define NUMBER_SIZE 24  /* bytes, with the NUL */

/* The layout is public: the same for both architectures. */
C_ASSERT(sizeof(CLRMEM_LEVEL) == 48);
C_ASSERT(sizeof(CLRMEM_STATISTICS) == 2280);

/* What the two sides do not take from the same list. */
C_ASSERT(CLRMEM_METHODS == HOSTMEM_METHOD_COUNT);
C_ASSERT(CLRMEM_RESULTS >= HOSTMEM_RESULT_COUNT);
C_ASSERT(CLRMEM_CAUSES == HOSTMEM_CAUSE_COUNT);
C_ASSERT(CLRMEM_LEVELS == HOSTMEM_CRITICAL_LEVEL_COUNT);
#define RESULT(NAME, ...) C_ASSERT(CLRMEM_RESULT_##NAME == (int)HOSTMEM_##NAME);
HOSTMEM_RESULTS(RESULT)
#undef RESULT

/* --- filling ------------------------------------------------------------------------------------------------------- */

static void fill_figures(CLRMEM_STATISTICS *out, const struct hostmem_statistics *in)
{
#define METHOD(NAME, method)                                                                                           \
    out->method.ullCalls = in->calls[HOSTMEM_METHOD_##NAME];                                                           \
    out->method.ullFailures = in->failures[HOSTMEM_METHOD_##NAME];
    HOSTMEM_METHODS(METHOD)
#undef METHOD
#define PEAK(member, Public)                                                                                           \
    out->ull##Public = in->member;                                                                                     \
    out->ullPeak##Public = in->peak_##member;
#define PLAIN(member, Public)                      out->ull##Public = in->member;
#define FIGURE(member, Public, kind, row, meaning) kind(member, Public)
    HOSTMEM_FIGURES(FIGURE)
#undef FIGURE
#undef PLAIN
#undef PEAK
}

static void fill_results(CLRMEM_STATISTICS *out, const struct hostmem_statistics *in)
{
    unsigned int method, cause, level;

    for (method = 0; method < HOSTMEM_METHOD_COUNT; method++)
        memcpy(out->ullResults[method], in->results[method], sizeof(in->results[method]));
    for (cause = 0; cause < HOSTMEM_CAUSE_COUNT; cause++)
        memcpy(out->ullRefusals[cause], in->refusals[cause], sizeof(in->refusals[cause]));
    for (level = 0; level < HOSTMEM_CRITICAL_LEVEL_COUNT; level++)
    {
#define LEVEL(member, Public, ...) out->Levels[level].ull##Public = in->levels[level].member;
        HOSTMEM_LEVEL_FIGURES(LEVEL)
#undef LEVEL
    }
}

static void fill_statistics(CLRMEM_STATISTICS *out, struct hostmem_manager *core)
{
    struct hostmem_statistics in;

    hostmem_manager_statistics(core, &in);
    memset(out, 0, sizeof(*out));
    out->cbSize = sizeof(*out);
    out->dwVersion = CLRMEM_STATISTICS_VERSION;
    fill_figures(out, &in);
    fill_results(out, &in);
}

/***********************************************************************
 *              IClrMemManager::GetStatistics
 *
 * In: cbSize. Out: the rest, on success only. S_OK, E_POINTER, E_INVALIDARG
 * for another cbSize. It is served after the manager failed too. Any thread,
 * no lock.
 */
HRESULT WINAPI clr_mem_manager_GetStatistics(IClrMemManager *iface, CLRMEM_STATISTICS *statistics)
{
    HRESULT hr = S_OK;

    TRACE("iface %p, statistics %p\n", iface, statistics);

    if (!statistics)
        hr = E_POINTER;
    else if (statistics->cbSize != sizeof(*statistics))
        hr = clrmem_result(HOSTMEM_INVALID_PARAMETER);
    else
        fill_statistics(statistics, impl_from_IClrMemManager(iface)->core);
    TRACE("returning %#lx\n", hr);
    return hr;
}

/* --- the table ----------------------------------------------------------------------------------------------------- */

/* Text of which only the beginning may fit; length counts all of it. */
struct writer
{
    char *buffer;
    SIZE_T size;
    SIZE_T length;
};

static void write_text(struct writer *writer, const char *text)
{
    SIZE_T length = strlen(text), room = 0;

    if (writer->length < writer->size) room = writer->size - writer->length - 1;
    if (room) memcpy(writer->buffer + writer->length, text, length < room ? length : room);
    writer->length += length;
}

/* A line of the table: a name and two columns, each a text that fits. */
static void write_columns(struct writer *writer, const char *name, const char *first, const char *second)
{
    char line[LINE_SIZE];

    snprintf(line, sizeof(line), "%-38s %20s %20s\n", name, first, second);
    write_text(writer, line);
}

/* No figure comes near the number for no limit. */
static const char *number(ULONGLONG value, char *buffer)
{
    if (value == CLRMEM_NO_LIMIT) return "none";
    snprintf(buffer, NUMBER_SIZE, "%I64u", value);
    return buffer;
}

/* second: NULL for a figure that is not kept. */
static void write_figures(struct writer *writer, const char *name, ULONGLONG first, const ULONGLONG *second)
{
    char first_text[NUMBER_SIZE], second_text[NUMBER_SIZE];

    write_columns(writer, name, number(first, first_text), second ? number(*second, second_text) : "-");
}

static void write_level_columns(struct writer *writer, const char *name, const char *task, const char *appdomain,
                                const char *process)
{
    char line[LINE_SIZE];

    snprintf(line, sizeof(line), "%-17s %20s %20s %20s\n", name, task, appdomain, process);
    write_text(writer, line);
}

static void write_level_figures(struct writer *writer, const char *name, ULONGLONG task, ULONGLONG appdomain,
                                ULONGLONG process)
{
    char texts[CLRMEM_LEVELS][NUMBER_SIZE];

    write_level_columns(writer, name, number(task, texts[0]), number(appdomain, texts[1]), number(process, texts[2]));
}

static void write_levels(struct writer *writer, const CLRMEM_STATISTICS *statistics)
{
    const CLRMEM_LEVEL *levels = statistics->Levels;

    write_level_columns(writer, "critical level", "task", "AppDomain", "process");
#define LEVEL(member, Public, row, meaning)                                                                            \
    if (row) write_level_figures(writer, row, levels[0].ull##Public, levels[1].ull##Public, levels[2].ull##Public);
    HOSTMEM_LEVEL_FIGURES(LEVEL)
#undef LEVEL
#define CAUSE(NAME, row, reason)                                                                                       \
    write_level_figures(writer, row, statistics->ullRefusals[CLRMEM_CAUSE_##NAME][0],                                  \
                        statistics->ullRefusals[CLRMEM_CAUSE_##NAME][1],                                               \
                        statistics->ullRefusals[CLRMEM_CAUSE_##NAME][2]);
    HOSTMEM_CAUSES(CAUSE)
#undef CAUSE
}

static void write_table(struct writer *writer, const CLRMEM_STATISTICS *statistics)
{
    char line[LINE_SIZE];

    write_text(writer, "clrmem: what passed through the host memory manager\n\n");
    write_columns(writer, "method", "calls", "failures");
#define METHOD(NAME, method)                                                                                           \
    write_figures(writer, #method, statistics->method.ullCalls, &statistics->method.ullFailures);
    HOSTMEM_METHODS(METHOD)
#undef METHOD
#define PEAK(Public)                               &statistics->ullPeak##Public
#define PLAIN(Public)                              NULL
#define FIGURE(member, Public, kind, row, meaning) write_figures(writer, row, statistics->ull##Public, kind(Public));
    write_text(writer, "\n");
    write_columns(writer, "bytes", "now", "peak");
    HOSTMEM_BYTE_FIGURES(FIGURE)
    write_text(writer, "\n");
    write_columns(writer, "count", "now", "peak");
    HOSTMEM_COUNT_FIGURES(FIGURE)
#undef FIGURE
#undef PLAIN
#undef PEAK
    write_text(writer, "\n");
#define LINE(member, Public, kind, row, meaning)                                                                       \
    snprintf(line, sizeof(line), "%-38s %20I64u\n", row, statistics->ull##Public);                                     \
    write_text(writer, line);
    HOSTMEM_REFUSAL_FIGURES(LINE)
#undef LINE
    write_text(writer, "\n");
    write_levels(writer, statistics);
}

/***********************************************************************
 *              ClrMemFormatStatistics (clrmem.@)
 *
 * In: statistics as GetStatistics fills them. Out: the table, cut off where the
 * buffer ends, with a NUL in any case if size is not 0. Returns the length of
 * the whole table without NUL, 0 for another cbSize or version. Any thread.
 */
SIZE_T WINAPI ClrMemFormatStatistics(const CLRMEM_STATISTICS *statistics, char *buffer, SIZE_T size)
{
    struct writer writer = {buffer, buffer ? size : 0, 0};

    TRACE("statistics %p, buffer %p, size %#Ix\n", statistics, buffer, size);

    if (writer.size) buffer[0] = 0;
    if (statistics && statistics->cbSize == sizeof(*statistics) && statistics->dwVersion == CLRMEM_STATISTICS_VERSION)
        write_table(&writer, statistics);
    if (writer.size) buffer[writer.length < writer.size ? writer.length : writer.size - 1] = 0;
    TRACE("returning %#Ix\n", writer.length);
    return writer.length;
}
