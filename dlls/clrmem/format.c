/*
 * The statistics as a table.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "clrmem_private.h"
#include <stdio.h>
#include <string.h>
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

#define LINE_SIZE 128 /* bytes; a line is 80 and its end */

/* Text of which only the beginning may fit; length counts all of it. */
struct writer
{
    char *buffer;
    SIZE_T size;
    SIZE_T length;
};

static const struct
{
    const char *name;
    SIZE_T offset;
} call_rows[] = {
#define CALLS(name) #name, FIELD_OFFSET(CLRMEM_STATISTICS, name)
    {CALLS(CreateMalloc)},
    {CALLS(VirtualAlloc)},
    {CALLS(VirtualFree)},
    {CALLS(VirtualQuery)},
    {CALLS(VirtualProtect)},
    {CALLS(GetMemoryLoad)},
    {CALLS(RegisterMemoryNotificationCallback)},
    {CALLS(NeedsVirtualAddressSpace)},
    {CALLS(AcquiredVirtualAddressSpace)},
    {CALLS(ReleasedVirtualAddressSpace)},
    {CALLS(Alloc)},
    {CALLS(DebugAlloc)},
    {CALLS(Free)},
#undef CALLS
};

C_ASSERT(ARRAYSIZE(call_rows) == HOSTMEM_METHOD_COUNT);

#define FIGURE(name) FIELD_OFFSET(CLRMEM_STATISTICS, name)
#define NO_PEAK      (~(SIZE_T)0)

/* A figure of a later version than the statistics are of has no row, or no peak. */
struct figure_row
{
    const char *name;
    SIZE_T now;
    SIZE_T peak; /* or NO_PEAK: not kept */
};

static const struct figure_row byte_rows[] = {
    {"regions, reserved", FIGURE(ullReserved), FIGURE(ullPeakReserved)},
    {"regions, committed", FIGURE(ullCommitted), FIGURE(ullPeakCommitted)},
    {"heaps, reserved", FIGURE(ullHeapReserved), FIGURE(ullPeakHeapReserved)},
    {"heaps, committed", FIGURE(ullHeapCommitted), FIGURE(ullPeakHeapCommitted)},
    {"heaps, in live blocks", FIGURE(ullHeapLive), NO_PEAK},
    {"mapped views", FIGURE(ullMapped), FIGURE(ullPeakMapped)},
    {"charged against the limits", FIGURE(ullCharged), FIGURE(ullPeakCharged)},
    {"soft limit", FIGURE(ullSoftLimit), NO_PEAK},
    {"hard limit", FIGURE(ullHardLimit), NO_PEAK},
};

static const struct figure_row count_rows[] = {
    {"regions", FIGURE(ullRegions), FIGURE(ullPeakRegions)}, {"heaps", FIGURE(ullHeaps), NO_PEAK},
    {"live blocks", FIGURE(ullHeapBlocks), NO_PEAK},         {"mapped views", FIGURE(ullViews), NO_PEAK},
    {"locked regions", FIGURE(ullLockedRegions), NO_PEAK},   {"calls that waited", FIGURE(ullWaits), NO_PEAK},
};

static const struct
{
    const char *name;
    SIZE_T first; /* the task-critical one */
    SIZE_T next;  /* bytes from one level to the next */
} level_rows[] = {
#define LEVEL(name)    FIGURE(Levels[0].name), sizeof(CLRMEM_LEVEL)
#define REFUSAL(cause) FIGURE(ullRefusals[cause][0]), sizeof(ULONGLONG)
    {"reserved", LEVEL(ullReserved)},
    {"committed", LEVEL(ullCommitted)},
    {"committed, peak", LEVEL(ullPeakCommitted)},
    {"in live blocks", LEVEL(ullHeapLive)},
    {"blocks", LEVEL(ullHeapBlocks)},
    {"refused: limit", REFUSAL(CLRMEM_CAUSE_LIMIT)},
    {"refused: heap's", REFUSAL(CLRMEM_CAUSE_HEAP_LIMIT)},
    {"refused: system", REFUSAL(CLRMEM_CAUSE_SYSTEM)},
#undef LEVEL
#undef REFUSAL
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

/* No figure comes near what stands for no limit. */
static const char *number(ULONGLONG value, char *buffer, size_t size)
{
    if (value == CLRMEM_NO_LIMIT) return "none";
    snprintf(buffer, size, "%I64u", value);
    return buffer;
}

static void write_figures(struct writer *writer, const char *name, ULONGLONG first, ULONGLONG second)
{
    char first_text[24], second_text[24];

    write_columns(writer, name, number(first, first_text, sizeof(first_text)),
                  number(second, second_text, sizeof(second_text)));
}

static ULONGLONG figure_at(const CLRMEM_STATISTICS *statistics, SIZE_T offset)
{
    return *(const ULONGLONG *)((const char *)statistics + offset);
}

static BOOL has_figure(const CLRMEM_STATISTICS *statistics, SIZE_T offset)
{
    return offset < statistics->cbSize;
}

static void write_calls(struct writer *writer, const CLRMEM_STATISTICS *statistics)
{
    const CLRMEM_CALLS *calls;
    unsigned int i;

    write_columns(writer, "method", "calls", "failures");
    for (i = 0; i < ARRAYSIZE(call_rows); i++)
    {
        calls = (const CLRMEM_CALLS *)((const char *)statistics + call_rows[i].offset);
        write_figures(writer, call_rows[i].name, calls->ullCalls, calls->ullFailures);
    }
}

static void write_rows(struct writer *writer, const CLRMEM_STATISTICS *statistics, const struct figure_row *rows,
                       unsigned int count)
{
    char now[24];
    unsigned int i;

    for (i = 0; i < count; i++)
    {
        if (!has_figure(statistics, rows[i].now)) continue;
        if (has_figure(statistics, rows[i].peak))
            write_figures(writer, rows[i].name, figure_at(statistics, rows[i].now),
                          figure_at(statistics, rows[i].peak));
        else
            write_columns(writer, rows[i].name, number(figure_at(statistics, rows[i].now), now, sizeof(now)), "-");
    }
}

static void write_level_columns(struct writer *writer, const char *name, const char *task, const char *appdomain,
                                const char *process)
{
    char line[LINE_SIZE];

    snprintf(line, sizeof(line), "%-17s %20s %20s %20s\n", name, task, appdomain, process);
    write_text(writer, line);
}

static void write_levels(struct writer *writer, const CLRMEM_STATISTICS *statistics)
{
    char texts[CLRMEM_LEVELS][24];
    unsigned int i, level;

    write_level_columns(writer, "critical level", "task", "AppDomain", "process");
    for (i = 0; i < ARRAYSIZE(level_rows); i++)
    {
        for (level = 0; level < CLRMEM_LEVELS; level++)
            snprintf(texts[level], sizeof(texts[level]), "%I64u",
                     figure_at(statistics, level_rows[i].first + level * level_rows[i].next));
        write_level_columns(writer, level_rows[i].name, texts[0], texts[1], texts[2]);
    }
}

static void write_table(struct writer *writer, const CLRMEM_STATISTICS *statistics)
{
    char line[LINE_SIZE];

    write_text(writer, "clrmem: what passed through the host memory manager\n\n");
    write_calls(writer, statistics);
    write_text(writer, "\n");
    write_columns(writer, "bytes", "now", "peak");
    write_rows(writer, statistics, byte_rows, ARRAYSIZE(byte_rows));
    write_text(writer, "\n");
    write_columns(writer, "count", "now", "peak");
    write_rows(writer, statistics, count_rows, ARRAYSIZE(count_rows));
    write_text(writer, "\n");
    snprintf(line, sizeof(line), "%-38s %20I64u\n", "frees refused, HOST_E_INVALIDOPERATION",
             statistics->ullRefusedFrees);
    write_text(writer, line);
    if (!has_figure(statistics, FIGURE(Levels))) return;
    write_text(writer, "\n");
    write_levels(writer, statistics);
}

static BOOL is_known_version(const CLRMEM_STATISTICS *statistics)
{
    if (statistics->dwVersion == 1) return statistics->cbSize == CLRMEM_STATISTICS_SIZE_1;
    return statistics->dwVersion == CLRMEM_STATISTICS_VERSION && statistics->cbSize == sizeof(*statistics);
}

/***********************************************************************
 *              ClrMemFormatStatistics (clrmem.@)
 *
 * In: statistics of version 1 or 2. Out: the table, cut off where the buffer
 * ends, with a NUL in any case if size is not 0. Returns the length of the
 * whole table without NUL, 0 for statistics of no version. Any thread.
 */
SIZE_T WINAPI ClrMemFormatStatistics(const CLRMEM_STATISTICS *statistics, char *buffer, SIZE_T size)
{
    struct writer writer = {buffer, buffer ? size : 0, 0};

    TRACE("statistics %p, buffer %p, size %#Ix\n", statistics, buffer, size);

    if (writer.size) buffer[0] = 0;
    if (statistics && is_known_version(statistics)) write_table(&writer, statistics);
    if (writer.size) buffer[writer.length < writer.size ? writer.length : writer.size - 1] = 0;
    TRACE("returning %#Ix\n", writer.length);
    return writer.length;
}
