/*
 * The differential fuzzer: the same random calls to clrmem's manager and to plain Win32.
 *
 * A sequence of calls works on a few slots. A slot is one region on each side, of the same size; as the addresses
 * differ, everything is given and compared relative to the region's base. A call is plain data and does not depend on
 * what came before it, so that any selection of a sequence's calls is a sequence, too: a call that makes no sense where
 * it stands is passed over.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_FUZZ_H
#define CLRMEM_FUZZ_H

#define COBJMACROS
#include <windows.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "clrmem.h"

#ifndef HOST_E_INVALIDOPERATION
#define HOST_E_INVALIDOPERATION ((HRESULT)0x80131022)
#endif

#define PAGE        ((SIZE_T)0x1000)
#define GRANULE     ((SIZE_T)0x10000)
#define MAX_ADDRESS ((SIZE_T)-1)
#define HEX(value)  ((unsigned long long)(value)) /* for %llx */
#define KEEP_ERROR  0xdeadbeef                    /* the last error before a call; success leaves it alone */

#define SLOTS        4
#define FOREIGN_SLOT 3                     /* the last: memory from Win32 on both sides, never the manager's */
#define MAX_REGION   ((SIZE_T)64 << 20)    /* bytes; the largest region that is ever to be had */
#define MAX_PAGES    (MAX_REGION / 0x1000) /* its pages */
/* More than any address space has left, wherever chance put stack and libraries: were there room, Wine would fill its
 * own records of it, gigabytes of them. */
#define OVERSIZED (sizeof(void *) == 8 ? (SIZE_T)0x7fff00000000ull : (SIZE_T)0x7ff00000)

#define MAX_SEQUENCE 4096 /* calls */
#define MAX_MESSAGE  512  /* characters */

/* The kinds of calls. */
enum call_kind
{
    CALL_ALLOC,
    CALL_FREE,
    CALL_PROTECT,
    CALL_QUERY,
    CALL_WRITE, /* not a call of the manager: writes the same pattern to both sides' pages, where they can be written */
    CALL_KINDS
};

/* What a call's offset is relative to. */
enum call_place
{
    AT_SLOT,    /* the slot's base; of a free slot, where its region was or may come to be */
    AT_NULL,    /* nothing: the address is NULL */
    AT_ADDRESS, /* 0: an address that no memory is at */
    AT_IMAGE,   /* kernel32.dll */
};

struct call
{
    enum call_kind kind;
    enum call_place place;
    unsigned int slot;
    SIZE_T offset;
    SIZE_T size;   /* query: the buffer's length; 0: no buffer, that is, NULL with the right length */
    DWORD type;    /* protect: not 0 if the old protection has nowhere to go */
    DWORD protect; /* write: the pattern */
};

enum side
{
    HOST,  /* clrmem's manager */
    PLAIN, /* Win32 */
    SIDES
};

struct slot
{
    BYTE *base[SIDES];
    BYTE *home[SIDES]; /* where it is reserved at a given address; nobody else reserves anything there */
    SIZE_T size;
    SIZE_T committed; /* bytes, by Win32's queries */
    BOOL live;
    BOOL floating;             /* the bases were the system's choice: what lies around them is not ours */
    BYTE undefined[MAX_PAGES]; /* whose contents were reset, and not written since */
};

/* What one side said to a call. */
struct outcome
{
    BOOL called;
    HRESULT hr; /* the manager's only */
    DWORD error;
    BOOL success;
    BYTE *address; /* alloc */
    DWORD old;     /* protect */
    SIZE_T length; /* query */
    MEMORY_BASIC_INFORMATION info;
};

/* How Win32 takes part in a call. */
enum plan
{
    PLAIN_RUN,
    PLAIN_SKIP,     /* it would do what the manager refuses */
    PLAIN_NARROWED, /* with whole pages only */
};

/* A difference that is meant, with what the manager answers then. */
struct departure
{
    const char *name;
    const char *reason;
    BOOL (*matches)(const struct call *call);
    HRESULT hr;
    DWORD error;
    unsigned long long met;
};

struct fuzz_state
{
    IHostMemoryManager *manager;
    IClrMemManager *statistics;
    struct slot slots[SLOTS];
    BOOL sabotage;
    unsigned long long calls[CALL_KINDS]; /* made, by kind */
    BOOL counting;                        /* not so while a failure is being shrunk */
    char message[MAX_MESSAGE];            /* what is wrong; empty: nothing so far */
};
extern struct fuzz_state fuzz;

/* --- world.c: the manager, the slots ------------------------------------------ */

/* Loads clrmem.dll. FALSE: it is not to be had. */
BOOL world_load(void);
/* A new manager, where there is none; all slots free, but for the foreign one. */
void world_begin(void);
/* Everything is given back, whatever state a failure left it in; after one the manager, too. */
void world_end(void);
/* The first complaint of a sequence is kept. Always FALSE. */
BOOL complain(const char *format, ...) __attribute__((format(__MINGW_PRINTF_FORMAT, 1, 2)));

/* --- range.c: where a call goes ----------------------------------------------- */

SIZE_T page_down(SIZE_T value);
SIZE_T page_up(SIZE_T value); /* 0 where that wraps */
BYTE *call_address(const struct call *call, enum side side);
/* Whether address and size wrap around when rounded to pages, on the manager's side. */
BOOL call_wraps(const struct call *call);
/* Whether the address is in a live region of the manager's. */
BOOL call_is_owned(const struct call *call);
/* Whether all pages of the range are in its slot's region. */
BOOL call_is_inside(const struct call *call);
/* Whether the call, where it stands now, may be made at all. */
BOOL call_is_possible(const struct call *call);
BOOL call_is_reserve(const struct call *call);

/* --- departures.c ------------------------------------------------------------- */

/* The departure that a call is to meet as things stand, or NULL; and what Win32 does then. */
struct departure *departure_find(const struct call *call, enum plan *plan);
void departures_print(void);
unsigned long long departures_met(void);

/* --- apply.c, compare.c: a call, and what it came to -------------------------- */

/* FALSE: the sides differ; fuzz.message says how. */
BOOL apply_call(const struct call *call);
BOOL compare_outcomes(const struct call *call, struct departure *departure, const struct outcome *host,
                      const struct outcome *plain);
/* All pages of a slot: what VirtualQuery says, and contents; every byte of [offset, offset + size), samples elsewhere.
 * Counts the committed bytes of the slot. */
BOOL compare_slot(unsigned int slot, SIZE_T offset, SIZE_T size);
/* The manager's accounts against Win32's pages. */
BOOL compare_statistics(void);
BOOL is_writable(const MEMORY_BASIC_INFORMATION *info);

/* --- generate.c, sequence.c, shrink.c, print.c -------------------------------- */

void random_seed(uint64_t seed);
void generate_call(struct call *call);

/* Generates, applies and ends one sequence. *made: the calls of it. FALSE: the sides differ. */
BOOL sequence_run(uint64_t seed, struct call *calls, unsigned int count, unsigned int *made);
/* Applies and ends a given one. */
BOOL sequence_replay(const struct call *calls, unsigned int count);
/* Makes a failing sequence shorter and simpler while it still fails; the new count. */
unsigned int shrink(struct call *calls, unsigned int count);
void print_calls(const struct call *calls, unsigned int count);

#endif
