/*
 * The native backend without the parts that differ from run to run: the address of memory, the thread, the time.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

#include <sys/mman.h>

/* The fixed part lies across an end of what a leaf of the core's map covers, 4 GiB. */
#define ARENA_START (UINT64_C(0x200000000000) - FIXED_SIZE / 2)
#define ANYWHERE    ((size_t)1 << 30) /* offset from which the arena serves reserves at no fixed address */

struct native native;
struct hostmem_backend backend;
char *const arena = (char *)ARENA_START;
uint32_t current_thread;
uint64_t clock_now;

static enum hostmem_result (*native_reserve)(void *context, void **address, size_t size, uint32_t type,
                                             uint32_t protect);
static enum hostmem_result (*native_release)(void *context, void *base);
static char *failed_releases[FAILED_KEPT];
static unsigned failed_release_count;

bool backend_has(uintptr_t base, size_t size)
{
    uintptr_t offset = base - ARENA_START;

    return offset < ARENA_SIZE && size <= ARENA_LARGEST_FIXED && size <= ARENA_SIZE - offset;
}

bool backend_is_free(const void *base, size_t size)
{
    uintptr_t start = (uintptr_t)base;

    for (size_t i = 0; i < native.count; i++)
    {
        const struct native_reservation *other = &native.reservations[i];
        if (start < other->base + other->size && other->base < start + size) return false;
    }
    return true;
}

/* The lowest gap; reservations are sorted. */
static void *find_room(size_t size)
{
    uintptr_t base = ARENA_START + ANYWHERE;

    if (size > ARENA_LARGEST) return NULL;
    for (size_t i = 0; i < native.count; i++)
    {
        const struct native_reservation *other = &native.reservations[i];
        if (other->base >= base + size) break;
        if (other->base + other->size > base)
            base = (other->base + other->size + GRANULE - 1) & ~(uintptr_t)(GRANULE - 1);
    }
    return base + size <= ARENA_START + ARENA_SIZE ? (void *)base : NULL;
}

static enum hostmem_result fuzz_reserve(void *context, void **address, size_t size, uint32_t type, uint32_t protect)
{
    void *base = *address;
    enum hostmem_result result;

    if (base && !backend_has((uintptr_t)base, size)) return HOSTMEM_INVALID_ADDRESS;
    if (!base && !(base = find_room(size))) return HOSTMEM_NO_MEMORY;
    result = native_reserve(context, &base, size, type, protect);
    if (result == HOSTMEM_OK) *address = base;
    return result;
}

static enum hostmem_result fuzz_release(void *context, void *base)
{
    enum hostmem_result result = native_release(context, base);

    if (result != HOSTMEM_OK && failed_release_count < FAILED_KEPT) failed_releases[failed_release_count++] = base;
    return result;
}

static uintptr_t fuzz_thread_hint(void *context)
{
    (void)context;
    return current_thread * 64;
}

static uint32_t fuzz_thread_id(void *context)
{
    (void)context;
    return current_thread;
}

static uint64_t fuzz_now(void *context)
{
    (void)context;
    return clock_now;
}

/* No other thread can wake the caller: time passes, or the wait is cancelled. */
static void fuzz_wait(void *context, _Atomic uint32_t *word, uint32_t value, uint32_t milliseconds)
{
    (void)context;
    (void)word;
    (void)value;
    if (milliseconds == HOSTMEM_FOREVER)
        REQUIRE(hostmem_manager_cancel_waits(manager, NULL) == HOSTMEM_OK, "cancelling a wait");
    else
        clock_now += milliseconds;
}

static void fuzz_wake(void *context, _Atomic uint32_t *word)
{
    (void)context;
    (void)word;
}

/* Address space of the process that is kept from run to run. */
static void arena_make(void)
{
    static bool made;

    if (made) return;
    made = true;
    REQUIRE(mmap(arena, ARENA_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1,
                 0) == arena,
            "no room for the arena at %p", (void *)arena);
}

void backend_begin(void)
{
    arena_make();
    native_init(&native);
    native.arena = ARENA_START;
    native.arena_size = ARENA_SIZE;
    native_reserve = native.backend.reserve;
    native_release = native.backend.release;
    failed_release_count = 0;
    current_thread = 1;
    clock_now = 1;
    backend = native.backend;
    backend.address_end = ADDRESS_END;
    backend.reserve = fuzz_reserve;
    backend.release = fuzz_release;
    backend.thread_hint = fuzz_thread_hint;
    backend.thread_id = fuzz_thread_id;
    backend.now = fuzz_now;
    backend.wait = fuzz_wait;
    backend.wake = fuzz_wake;
}

bool backend_release_failed(uintptr_t base)
{
    for (unsigned i = 0; i < failed_release_count; i++)
        if ((uintptr_t)failed_releases[i] == base) return true;
    return false;
}

void backend_end(void)
{
    for (unsigned i = 0; i < failed_release_count; i++)
    {
        struct native_reservation left;
        if (native_find(&native, failed_releases[i], &left) && left.base == (uintptr_t)failed_releases[i])
            native_release(&native, failed_releases[i]);
    }
    native.arena = 0; /* stays */
    native_finish(&native);
}
