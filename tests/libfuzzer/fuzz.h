/*
 * Random calls to the core, decoded from libFuzzer's bytes, each checked against
 * a simple model: a list of regions with their pages, of heaps, blocks and views.
 *
 * One thread, which plays several; time is a number. So the same bytes make the
 * same calls with the same addresses in every run.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_TESTS_FUZZ_H
#define CLRMEM_TESTS_FUZZ_H

#include "tests/unit/backend_native.h"

#include <stdio.h>
#include <stdlib.h>

#define PAGE    HOSTMEM_PAGE_SIZE
#define GRANULE HOSTMEM_GRANULARITY

/* A condition that does not hold ends the run: libFuzzer writes the bytes that led to it to a file. */
#define REQUIRE(condition, ...)                                                                                        \
    do                                                                                                                 \
    {                                                                                                                  \
        if (!(condition))                                                                                              \
        {                                                                                                              \
            fprintf(stderr, "fuzz: %s: ", #condition);                                                                 \
            fprintf(stderr, __VA_ARGS__);                                                                              \
            fputc('\n', stderr);                                                                                       \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* Shows a call where CLRMEM_LIBFUZZER_TRACE is set. */
void trace(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *result_name(enum hostmem_result result);

/* --- input.c: numbers from bytes; zeros after the last one ----------------- */

struct input
{
    const uint8_t *next, *end;
};

extern struct input input;

uint32_t take_byte(void);
uint32_t take_number(void); /* two bytes */
uint32_t take_below(uint32_t limit);

/* --- backend.c: the native backend at addresses of our own ------------------ */

#define FIXED_GRANULES      24 /* at the arena's start, for reserves at fixed addresses */
#define FIXED_SIZE          (FIXED_GRANULES * GRANULE)
#define ARENA_SIZE          ((size_t)64 << 30) /* bytes; there is no memory elsewhere */
#define ARENA_LARGEST       ((size_t)3 << 30)  /* bytes; bigger reserves find no room */
#define ARENA_LARGEST_FIXED ((size_t)1 << 30)  /* bytes, at a fixed address: needs no record beside its pools */
#define ADDRESS_END         ((uintptr_t)0x7ffffffe0000) /* as Windows has it */
#define NO_PROTECTION       0x77                        /* one that the native backend does not have */
#define THREADS             3                           /* that the one thread plays */
#define FAILED_KEPT         256

extern struct native native;
extern struct hostmem_backend backend; /* for the core */
extern char *const arena;
extern uint32_t current_thread; /* 1 to THREADS */
extern uint64_t clock_now;      /* milliseconds */

void backend_begin(void);
/* Releases the memory that failed releases left; no other memory may be left. */
void backend_end(void);
/* Whether the backend can reserve [base, base+size) at all; whether these addresses are free. */
bool backend_has(uintptr_t base, size_t size);
bool backend_is_free(const void *base, size_t size);
/* Whether releasing this base was made to fail. */
bool backend_release_failed(uintptr_t base);

/* --- regions.c ---------------------------------------------------------------- */

#define MAX_REGIONS 48

struct model_region
{
    char *base;
    size_t size;
    unsigned char *pages; /* 1 where committed, as in struct native_reservation */
    size_t committed;     /* bytes */
    enum hostmem_critical_level level;
    uint32_t locked_for, locks;
};

extern struct model_region regions[MAX_REGIONS];
extern unsigned region_count;

struct model_region *region_of(const void *address);
void region_add(char *base, size_t size, bool committed, enum hostmem_critical_level level);
void region_remove(struct model_region *region);
/* Pages from start to end are committed now, or not; how many bytes of them are not. */
void region_mark(struct model_region *region, uintptr_t start, uintptr_t end, unsigned char committed);
size_t region_uncommitted(const struct model_region *region, uintptr_t start, uintptr_t end);
/* The pages of [address, address+size); false where the end wraps. */
bool pages_of(const char *address, size_t size, uintptr_t *start, uintptr_t *end);
void regions_end(void);

/* --- alloc.c, free.c, query.c: calls for regions ----------------------------------- */

void do_virtual_alloc(void);
void do_virtual_free(void);
void do_virtual_query(void);
void do_virtual_protect(void);
void do_owns(void);

/* --- arguments.c ------------------------------------------------------------------ */

char *some_address(void);
size_t some_size(const char *address);
uint32_t some_alloc_type(void);
uint32_t some_protection(void);
enum hostmem_critical_level some_level(void); /* or one that is none */

/* --- locks.c -------------------------------------------------------------------- */

void do_lock(void);
void do_unlock(void);
void do_cancel_waits(void);
/* The result of a change of the region by its lock alone: HOSTMEM_OK where the thread may change it. */
enum hostmem_result lock_outcome(const struct model_region *region);

/* --- limits.c ------------------------------------------------------------------- */

void do_set_limits(void);
void do_set_waits(void);
/* Whether the manager's limit refuses to charge these bytes now. */
bool limit_refuses(uint64_t bytes, enum hostmem_critical_level level);
/* The result of such a request after the wait that is set. It succeeds if cached memory of heaps was returned for
 * it. */
enum hostmem_result limit_outcome(uint64_t bytes, enum hostmem_critical_level level);
/* Whether limits were ever set, for the manager or for a heap. */
bool limits_are_set(void);
void limits_end(void);
bool limit_may_have_given_way(enum hostmem_critical_level level);

/* --- heaps.c -------------------------------------------------------------------- */

#define MAX_HEAPS  4
#define MAX_BLOCKS 64

struct model_block
{
    unsigned char *address;
    size_t size; /* bytes asked for */
    unsigned heap;
    enum hostmem_critical_level level;
    const char *file; /* of debug_alloc, else NULL and 0 */
    int line;
    unsigned char fill;
};

extern struct hostmem_heap *heaps[MAX_HEAPS]; /* NULL: none */
extern struct model_block blocks[MAX_BLOCKS];
extern unsigned block_count;

void do_heap_create(void);
void do_heap_destroy(void);
void do_heap_alloc(void);
void do_heap_free(void);
void do_trim(void);

/* --- views.c -------------------------------------------------------------------- */

void do_view_acquired(void);
void do_view_released(void);
uint64_t views_now(uint64_t *bytes);
void views_end(void);

/* --- ownership.c: an ownership map, over the same backend -------------------------------- */

void use_ownership_map(void);

/* --- texts.c, enumerate.c -------------------------------------------------------- */

void use_texts(void);
void do_enumerate(void);

/* --- figures.c -------------------------------------------------------------------- */

/* The manager's figures, the model's, and the backend's own record are the same. */
void check_figures(void);
void figures_begin(void);
/* Before and after a call: the result is what was expected, or what backend calls that were made to fail allow. */
void call_begin(void);
/* Lets the backend fail in the next call. */
void do_arm(void);
bool call_ended(enum hostmem_method method, enum hostmem_result result, enum hostmem_result expected);

/* --- target.c ------------------------------------------------------------------- */

extern struct hostmem_manager *manager;
extern bool stopped; /* shut down, or found broken: every call is HOSTMEM_UNAVAILABLE */

#endif
