/*
 * The core's backend on mmap, for tests. It records all reservations and committed pages, so a call that breaks a
 * precondition ends the test. On request it fails calls, or calls back into the test.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_TESTS_BACKEND_NATIVE_H
#define CLRMEM_TESTS_BACKEND_NATIVE_H

#include "hostmem/api/hostmem.h"

#include <pthread.h>

enum native_call
{
    NATIVE_RESERVE,
    NATIVE_COMMIT,
    NATIVE_DECOMMIT,
    NATIVE_RELEASE,
    NATIVE_PROTECT,
    NATIVE_QUERY,
    NATIVE_RESET,
    NATIVE_CALL_COUNT
};

#define NATIVE_ALL_CALLS ((1u << NATIVE_CALL_COUNT) - 1)

struct native_reservation
{
    uintptr_t base;
    size_t size;
    unsigned char *pages; /* 1 where the page is committed */
    uint32_t type;        /* the protection at reserve */
    uint32_t protect;
};

struct native
{
    struct hostmem_backend backend; /* for the core */
    pthread_mutex_t lock;           /* guards everything below */
    struct native_reservation *reservations;
    size_t count, capacity;
    uintptr_t arena;                   /* address space kept for reserves at fixed addresses; 0: none */
    size_t arena_size;                 /* bytes */
    uint64_t calls[NATIVE_CALL_COUNT]; /* made so far */
    size_t committed;                  /* bytes */
    unsigned fail_mask;                /* bits of enum native_call that may be made to fail */
    unsigned fail_after;               /* the call after so many (of the mask) fails; 0: the next */
    bool fail_armed, fail_for_good;    /* whether any fails; whether all later ones do, too */
    unsigned failed;                   /* calls made to fail since native_fail */
    unsigned failed_in_all;            /* and before */
    enum hostmem_result fail_result;   /* with what */
    pthread_mutex_t wait_lock;         /* guards the next three */
    pthread_cond_t woken;
    uint64_t waits, wakes;                                          /* calls of wait and wake */
    void (*hook)(struct native *, enum native_call, void *address); /* before the call, lock not held */
    void *hook_arg;
};

/* What the backend's query writes. */
struct native_page_info
{
    void *base; /* of the reservation, NULL: none */
    bool committed;
};

void native_init(struct native *native);

/* Keeps `size` bytes of address space for reserves at fixed addresses: the process gets no other memory there. */
char *native_use_arena(struct native *native, size_t size);

/* Fails the test if anything is still reserved. */
void native_finish(struct native *native);

/* Makes a call in `mask` fail with `result` after `after` more of them, and all later ones too if for good. */
void native_fail(struct native *native, unsigned mask, unsigned after, bool for_good, enum hostmem_result result);
void native_fail_not(struct native *native);

/* Reserved at all; committed; bytes committed in [address, address+size); the reservation of an address. */
bool native_is_reserved(struct native *native, const void *address);
bool native_is_committed(struct native *native, const void *address);
size_t native_committed(struct native *native, const void *address, size_t size);
bool native_find(struct native *native, const void *address, struct native_reservation *out);
size_t native_total_committed(struct native *native);
size_t native_total_reserved(struct native *native);

#endif
