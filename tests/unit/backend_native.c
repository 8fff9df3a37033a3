/*
 * The native backend: mmap, and a record of every reservation and page.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#define _GNU_SOURCE
#include "backend_native.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* A broken precondition is a bug of the core: prints it, and ends the test at once, on any thread. */
#define REQUIRE(condition, ...)                                                                                        \
    do                                                                                                                 \
    {                                                                                                                  \
        if (!(condition))                                                                                              \
        {                                                                                                              \
            fprintf(stderr, "backend: " __VA_ARGS__);                                                                  \
            fprintf(stderr, " (%s)\n", #condition);                                                                    \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* Every call begins here: runs the test's hook. Whether the call is to fail. */
static bool native_enter(struct native *native, enum native_call call, void *address)
{
    bool fail = false;

    if (native->hook) native->hook(native, call, address);
    pthread_mutex_lock(&native->lock);
    native->calls[call]++;
    if (native->fail_armed && (native->fail_mask & (1u << call)))
    {
        if (native->fail_after)
            native->fail_after--;
        else
        {
            fail = true;
            native->failed++;
            native->failed_in_all++;
            native->fail_armed = native->fail_for_good;
        }
    }
    return fail;
}

static enum hostmem_result native_leave(struct native *native, enum hostmem_result result)
{
    pthread_mutex_unlock(&native->lock);
    return result;
}

/* The number of reservations at or below the address. */
static size_t native_position(const struct native *native, uintptr_t address)
{
    size_t low = 0, high = native->count;

    while (low < high)
    {
        size_t middle = (low + high) / 2;
        if (native->reservations[middle].base <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct native_reservation *native_lookup(struct native *native, uintptr_t address)
{
    size_t position = native_position(native, address);
    struct native_reservation *found = position ? &native->reservations[position - 1] : NULL;

    return found && address - found->base < found->size ? found : NULL;
}

/* The reservation that holds all of the range, which the core may touch. */
static struct native_reservation *native_range(struct native *native, void *address, size_t size, const char *what)
{
    struct native_reservation *found = native_lookup(native, (uintptr_t)address);

    REQUIRE(size && size % HOSTMEM_PAGE_SIZE == 0, "%s: size %#zx", what, size);
    REQUIRE((uintptr_t)address % HOSTMEM_PAGE_SIZE == 0, "%s: address %p", what, address);
    REQUIRE(found, "%s: %p is not reserved", what, address);
    REQUIRE((uintptr_t)address - found->base <= found->size - size && size <= found->size,
            "%s: %p+%#zx leaves its reservation", what, address, size);
    return found;
}

/* Modifiers are accepted and ignored. */
static int native_protection(uint32_t protect)
{
    switch (protect & 0xff)
    {
    case 0x01:
        return PROT_NONE;
    case 0x02:
        return PROT_READ;
    case HOSTMEM_PAGE_READWRITE:
        return PROT_READ | PROT_WRITE;
    case 0x10:
    case 0x20:
        return PROT_READ | PROT_EXEC;
    case HOSTMEM_PAGE_EXECUTE_READWRITE:
        return PROT_READ | PROT_WRITE | PROT_EXEC;
    default:
        return -1;
    }
}

/* Fresh inaccessible pages, granularity aligned. */
static void *native_map_anywhere(size_t size)
{
    size_t extra = size + HOSTMEM_GRANULARITY;
    char *found, *base;

    if (extra < size) return NULL;
    found = mmap(NULL, extra, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (found == MAP_FAILED) return NULL;
    base = (char *)(((uintptr_t)found + HOSTMEM_GRANULARITY - 1) & ~(uintptr_t)(HOSTMEM_GRANULARITY - 1));
    if (base > found) munmap(found, (size_t)(base - found));
    munmap(base + size, (size_t)(found + extra - (base + size)));
    return base;
}

static bool native_in_arena(const struct native *native, void *base, size_t size)
{
    uintptr_t offset = (uintptr_t)base - native->arena;

    return offset < native->arena_size && size <= native->arena_size - offset;
}

/* The same at a given address. */
static enum hostmem_result native_map_at(struct native *native, void *base, size_t size)
{
    size_t position = native_position(native, (uintptr_t)base + size - 1);
    const struct native_reservation *below = position ? &native->reservations[position - 1] : NULL;
    int fixed = MAP_FIXED_NOREPLACE;

    if (below && (uintptr_t)base < below->base + below->size) return HOSTMEM_INVALID_ADDRESS;
    if (native_in_arena(native, base, size)) fixed = MAP_FIXED;
    if (mmap(base, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1, 0) == base)
        return HOSTMEM_OK;
    return errno == EEXIST ? HOSTMEM_INVALID_ADDRESS : HOSTMEM_INVALID_PARAMETER;
}

static void native_unmap(struct native *native, void *base, size_t size)
{
    if (native_in_arena(native, base, size))
        mmap(base, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    else
        munmap(base, size);
}

static void native_insert(struct native *native, const struct native_reservation *reservation)
{
    size_t position = native_position(native, reservation->base);

    if (native->count == native->capacity)
    {
        native->capacity = native->capacity ? native->capacity * 2 : 64;
        native->reservations = realloc(native->reservations, native->capacity * sizeof(*native->reservations));
    }
    memmove(&native->reservations[position + 1], &native->reservations[position],
            (native->count - position) * sizeof(*native->reservations));
    native->reservations[position] = *reservation;
    native->count++;
}

static void native_mark(struct native *native, struct native_reservation *reservation, void *address, size_t size,
                        unsigned char value)
{
    size_t first = ((uintptr_t)address - reservation->base) / HOSTMEM_PAGE_SIZE;

    for (size_t i = 0; i < size / HOSTMEM_PAGE_SIZE; i++)
    {
        if (reservation->pages[first + i] == value) continue;
        reservation->pages[first + i] = value;
        native->committed += value ? HOSTMEM_PAGE_SIZE : -HOSTMEM_PAGE_SIZE;
    }
}

static enum hostmem_result native_reserve(void *context, void **address, size_t size, uint32_t type, uint32_t protect)
{
    struct native *native = context;
    struct native_reservation made = {0};
    void *base = *address;

    REQUIRE(size && size % HOSTMEM_PAGE_SIZE == 0, "reserve: size %#zx", size);
    REQUIRE((uintptr_t)base % HOSTMEM_GRANULARITY == 0, "reserve: address %p", base);
    REQUIRE(type & HOSTMEM_RESERVE, "reserve: type %#x", type);
    REQUIRE(!(type & ~(HOSTMEM_RESERVE | HOSTMEM_COMMIT | HOSTMEM_TOP_DOWN | HOSTMEM_WRITE_WATCH)), "reserve: type %#x",
            type);
    if (native_enter(native, NATIVE_RESERVE, base)) return native_leave(native, native->fail_result);
    if (native_protection(protect) < 0) return native_leave(native, HOSTMEM_INVALID_PARAMETER);
    if (base)
    {
        enum hostmem_result result = native_map_at(native, base, size);
        if (result != HOSTMEM_OK) return native_leave(native, result);
    }
    else
        base = native_map_anywhere(size);
    if (!base) return native_leave(native, HOSTMEM_NO_MEMORY);
    made.base = (uintptr_t)base;
    made.size = size;
    made.type = type;
    made.protect = protect;
    made.pages = calloc(1, size / HOSTMEM_PAGE_SIZE);
    REQUIRE(made.pages, "reserve: out of memory");
    if (type & HOSTMEM_COMMIT)
    {
        REQUIRE(!mprotect(base, size, native_protection(protect)), "reserve: mprotect");
        native_mark(native, &made, base, size, 1);
    }
    native_insert(native, &made);
    *address = base;
    return native_leave(native, HOSTMEM_OK);
}

static enum hostmem_result native_commit(void *context, void *address, size_t size, uint32_t protect)
{
    struct native *native = context;
    struct native_reservation *reservation;

    if (native_enter(native, NATIVE_COMMIT, address)) return native_leave(native, native->fail_result);
    reservation = native_range(native, address, size, "commit");
    if (native_protection(protect) < 0) return native_leave(native, HOSTMEM_INVALID_PARAMETER);
    if (mprotect(address, size, native_protection(protect))) return native_leave(native, HOSTMEM_NO_MEMORY);
    native_mark(native, reservation, address, size, 1);
    return native_leave(native, HOSTMEM_OK);
}

static enum hostmem_result native_decommit(void *context, void *address, size_t size)
{
    struct native *native = context;
    struct native_reservation *reservation;
    void *again;

    if (native_enter(native, NATIVE_DECOMMIT, address)) return native_leave(native, native->fail_result);
    reservation = native_range(native, address, size, "decommit");
    again = mmap(address, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    REQUIRE(again == address, "decommit: mmap");
    native_mark(native, reservation, address, size, 0);
    return native_leave(native, HOSTMEM_OK);
}

static enum hostmem_result native_release(void *context, void *base)
{
    struct native *native = context;
    struct native_reservation *reservation;

    if (native_enter(native, NATIVE_RELEASE, base)) return native_leave(native, native->fail_result);
    reservation = native_lookup(native, (uintptr_t)base);
    REQUIRE(reservation && reservation->base == (uintptr_t)base, "release: %p is no base", base);
    native_mark(native, reservation, base, reservation->size, 0);
    native_unmap(native, base, reservation->size);
    free(reservation->pages);
    native->count--;
    memmove(reservation, reservation + 1,
            (size_t)(native->reservations + native->count - reservation) * sizeof(*reservation));
    return native_leave(native, HOSTMEM_OK);
}

static enum hostmem_result native_protect(void *context, void *address, size_t size, uint32_t new_protect,
                                          uint32_t *old_protect)
{
    struct native *native = context;

    if (native_enter(native, NATIVE_PROTECT, address)) return native_leave(native, native->fail_result);
    if (!old_protect) return native_leave(native, HOSTMEM_NO_ACCESS);
    if (native_protection(new_protect) < 0) return native_leave(native, HOSTMEM_INVALID_PARAMETER);
    if (mprotect(address, size, native_protection(new_protect))) return native_leave(native, HOSTMEM_INVALID_ADDRESS);
    *old_protect = HOSTMEM_PAGE_READWRITE;
    return native_leave(native, HOSTMEM_OK);
}

static enum hostmem_result native_query(void *context, const void *address, void *buffer, size_t length,
                                        size_t *returned)
{
    struct native *native = context;
    struct native_reservation *reservation;
    struct native_page_info info = {0};

    if (native_enter(native, NATIVE_QUERY, (void *)address)) return native_leave(native, native->fail_result);
    if (length < sizeof(info)) return native_leave(native, HOSTMEM_BAD_LENGTH);
    if ((reservation = native_lookup(native, (uintptr_t)address)))
    {
        info.base = (void *)reservation->base;
        info.committed = reservation->pages[((uintptr_t)address - reservation->base) / HOSTMEM_PAGE_SIZE];
    }
    memcpy(buffer, &info, sizeof(info));
    *returned = sizeof(info);
    return native_leave(native, HOSTMEM_OK);
}

static enum hostmem_result native_reset(void *context, void *address, size_t size)
{
    struct native *native = context;

    if (native_enter(native, NATIVE_RESET, address)) return native_leave(native, native->fail_result);
    native_range(native, address, size, "reset");
    if (madvise(address, size, MADV_DONTNEED)) return native_leave(native, HOSTMEM_INVALID_ADDRESS);
    return native_leave(native, HOSTMEM_OK);
}

static uintptr_t native_thread_hint(void *context)
{
    (void)context;
    return (uintptr_t)pthread_self();
}

static void native_yield(void *context)
{
    (void)context;
    sched_yield();
}

static uint32_t native_thread_id(void *context)
{
    (void)context;
    return (uint32_t)gettid();
}

static uint64_t native_now(void *context)
{
    struct timespec now;

    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* One condition for all words: spurious wakes are allowed. */
static void native_wait(void *context, _Atomic uint32_t *word, uint32_t value, uint32_t milliseconds)
{
    struct native *native = context;
    struct timespec until;
    uint64_t end = native_now(context) + milliseconds;

    until.tv_sec = (time_t)(end / 1000);
    until.tv_nsec = (long)(end % 1000) * 1000000;
    pthread_mutex_lock(&native->wait_lock);
    native->waits++;
    if (atomic_load(word) != value)
        ;
    else if (milliseconds == HOSTMEM_FOREVER)
        pthread_cond_wait(&native->woken, &native->wait_lock);
    else
        pthread_cond_timedwait(&native->woken, &native->wait_lock, &until);
    pthread_mutex_unlock(&native->wait_lock);
}

static void native_wake(void *context, _Atomic uint32_t *word)
{
    struct native *native = context;

    (void)word;
    pthread_mutex_lock(&native->wait_lock);
    native->wakes++;
    pthread_cond_broadcast(&native->woken);
    pthread_mutex_unlock(&native->wait_lock);
}

void native_init(struct native *native)
{
    pthread_condattr_t monotonic;

    *native = (struct native){0};
    pthread_mutex_init(&native->lock, NULL);
    pthread_mutex_init(&native->wait_lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&native->woken, &monotonic);
    pthread_condattr_destroy(&monotonic);
    native->backend = (struct hostmem_backend){
        .context = native,
        .reserve = native_reserve,
        .commit = native_commit,
        .decommit = native_decommit,
        .release = native_release,
        .protect = native_protect,
        .query = native_query,
        .reset = native_reset,
        .thread_hint = native_thread_hint,
        .yield = native_yield,
        .thread_id = native_thread_id,
        .now = native_now,
        .wait = native_wait,
        .wake = native_wake,
    };
}

/* Beyond what one leaf of the core's map covers. */
#if UINTPTR_MAX > UINT32_MAX
#define ARENA_AWAY ((uintptr_t)64 << 30) /* bytes */
#else
#define ARENA_AWAY ((uintptr_t)1 << 30)
#endif

char *native_use_arena(struct native *native, size_t size)
{
    /* Far from everything else, where the core's tables have no leaf yet. */
    char *near = native_map_anywhere(size), *far = near - ARENA_AWAY;

    REQUIRE(near && mmap(far, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == far,
            "no room for the arena");
    munmap(near, size);
    native->arena = (uintptr_t)far;
    native->arena_size = size;
    return (char *)native->arena;
}

void native_finish(struct native *native)
{
    for (size_t i = 0; i < native->count; i++)
        fprintf(stderr, "backend: leaked %p+%#zx\n", (void *)native->reservations[i].base,
                native->reservations[i].size);
    REQUIRE(!native->count && !native->committed, "finish: %zu reservations left", native->count);
    if (native->arena) munmap((void *)native->arena, native->arena_size);
    free(native->reservations);
    pthread_mutex_destroy(&native->lock);
}

void native_fail(struct native *native, unsigned mask, unsigned after, bool for_good, enum hostmem_result result)
{
    native->fail_mask = mask;
    native->fail_after = after;
    native->fail_for_good = for_good;
    native->fail_result = result;
    native->failed = 0;
    native->fail_armed = true;
}

void native_fail_not(struct native *native)
{
    native->fail_armed = false;
}

bool native_find(struct native *native, const void *address, struct native_reservation *out)
{
    struct native_reservation *found;

    pthread_mutex_lock(&native->lock);
    found = native_lookup(native, (uintptr_t)address);
    if (found) *out = *found;
    pthread_mutex_unlock(&native->lock);
    return found;
}

bool native_is_reserved(struct native *native, const void *address)
{
    struct native_reservation found;

    return native_find(native, address, &found);
}

bool native_is_committed(struct native *native, const void *address)
{
    return native_committed(native, (void *)((uintptr_t)address & ~(HOSTMEM_PAGE_SIZE - 1)), HOSTMEM_PAGE_SIZE) != 0;
}

size_t native_committed(struct native *native, const void *address, size_t size)
{
    size_t bytes = 0;

    pthread_mutex_lock(&native->lock);
    for (uintptr_t page = (uintptr_t)address; page - (uintptr_t)address < size; page += HOSTMEM_PAGE_SIZE)
    {
        struct native_reservation *found = native_lookup(native, page);
        if (found && found->pages[(page - found->base) / HOSTMEM_PAGE_SIZE]) bytes += HOSTMEM_PAGE_SIZE;
    }
    pthread_mutex_unlock(&native->lock);
    return bytes;
}

size_t native_total_committed(struct native *native)
{
    size_t bytes;

    pthread_mutex_lock(&native->lock);
    bytes = native->committed;
    pthread_mutex_unlock(&native->lock);
    return bytes;
}

size_t native_total_reserved(struct native *native)
{
    size_t bytes = 0;

    pthread_mutex_lock(&native->lock);
    for (size_t i = 0; i < native->count; i++) bytes += native->reservations[i].size;
    pthread_mutex_unlock(&native->lock);
    return bytes;
}
