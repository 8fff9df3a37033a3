/*
 * The entry point of libFuzzer: makes a manager or an ownership map, and calls it until the bytes are used up; then
 * releases everything.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

#include <stdarg.h>
#include <string.h>

struct hostmem_manager *manager;
bool stopped;

void trace(const char *format, ...)
{
    static int wanted = -1;
    va_list arguments;

    if (wanted < 0) wanted = getenv("CLRMEM_LIBFUZZER_TRACE") != NULL;
    if (!wanted) return;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

const char *result_name(enum hostmem_result result)
{
    static const char *const names[HOSTMEM_RESULT_COUNT] = {
        [HOSTMEM_OK] = "OK",
        [HOSTMEM_NOT_OWNED] = "NOT_OWNED",
        [HOSTMEM_INVALID_PARAMETER] = "INVALID_PARAMETER",
        [HOSTMEM_INVALID_ADDRESS] = "INVALID_ADDRESS",
        [HOSTMEM_ACCESS_DENIED] = "ACCESS_DENIED",
        [HOSTMEM_NO_ACCESS] = "NO_ACCESS",
        [HOSTMEM_BAD_LENGTH] = "BAD_LENGTH",
        [HOSTMEM_NO_MEMORY] = "NO_MEMORY",
        [HOSTMEM_LIMIT] = "LIMIT",
        [HOSTMEM_HEAP_LIMIT] = "HEAP_LIMIT",
        [HOSTMEM_NOT_OWNER] = "NOT_OWNER",
        [HOSTMEM_TIMEOUT] = "TIMEOUT",
        [HOSTMEM_ABANDONED] = "ABANDONED",
        [HOSTMEM_UNAVAILABLE] = "UNAVAILABLE",
        [HOSTMEM_BROKEN] = "BROKEN",
    };

    return (unsigned)result < HOSTMEM_RESULT_COUNT && names[result] ? names[result] : "an unknown result";
}

static void do_thread(void)
{
    current_thread = 1 + take_below(THREADS);
    trace("thread %u", current_thread);
}

/* Rarely, because no call is served afterwards. */
static void do_shutdown(void)
{
    if (take_byte() < 224) return;
    trace("shutdown");
    hostmem_manager_shutdown(manager);
    stopped = true;
    REQUIRE(hostmem_manager_status(manager) == HOSTMEM_UNAVAILABLE, "serving");
}

static const struct
{
    void (*run)(void);
    unsigned weight;
} calls[] = {
    {do_virtual_alloc, 12}, {do_virtual_free, 8}, {do_virtual_query, 1}, {do_virtual_protect, 2},
    {do_owns, 2},           {do_heap_create, 2},  {do_heap_destroy, 1},  {do_heap_alloc, 10},
    {do_heap_free, 7},      {do_trim, 2},         {do_view_acquired, 2}, {do_view_released, 2},
    {do_lock, 2},           {do_unlock, 2},       {do_cancel_waits, 1},  {do_set_waits, 1},
    {do_set_limits, 2},     {do_thread, 2},       {do_arm, 5},           {do_shutdown, 1},
    {do_enumerate, 2},
};

/* By the byte, so that the same byte is the same call. */
static void one_call(void)
{
    unsigned total = 0, pick;

    for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) total += calls[i].weight;
    pick = take_below(total);
    for (size_t i = 0;; i++)
    {
        if (pick < calls[i].weight)
        {
            calls[i].run();
            return;
        }
        pick -= calls[i].weight;
    }
}

static void use_manager(void)
{
    REQUIRE(hostmem_manager_create(&backend, &manager) == HOSTMEM_OK, "no manager");
    stopped = false;
    figures_begin();
    while (input.next < input.end)
    {
        one_call();
        check_figures();
    }
    hostmem_manager_destroy(manager);
    manager = NULL;
    memset(heaps, 0, sizeof(struct hostmem_heap *) * MAX_HEAPS);
    block_count = 0;
    views_end();
    limits_end();
    regions_end();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input = (struct input){data, data + size};
    backend_begin();
    figures_begin();
    switch (take_byte() % 32)
    {
    case 0:
        use_ownership_map();
        break;
    case 1:
        use_texts();
        break;
    default:
        use_manager();
        break;
    }
    backend_end();
    return 0;
}
