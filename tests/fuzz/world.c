/*
 * The manager and the slots.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <initguid.h>
#include "fuzz.h"
#include <stdarg.h>

#define FOREIGN_SIZE ((SIZE_T)8 * 0x1000)

struct fuzz_state fuzz;

static ClrMemCreateHostControlFn create_host_control;

/* Where the regions at given addresses go: room for each that nobody else looks for memory in. */
static BYTE *home(unsigned int slot, enum side side)
{
    SIZE_T number = slot + side * SLOTS;

    if (sizeof(void *) == 8) return (BYTE *)(SIZE_T)(0x200000000000ull + number * 0x100000000ull);
    return (BYTE *)(0x30000000 + number * 0x6000000);
}

BOOL complain(const char *format, ...)
{
    va_list args;

    if (fuzz.message[0]) return FALSE;
    va_start(args, format);
    vsnprintf(fuzz.message, sizeof(fuzz.message), format, args);
    va_end(args);
    return FALSE;
}

BOOL world_load(void)
{
    HMODULE module = LoadLibraryA("clrmem.dll");
    FARPROC function = module ? GetProcAddress(module, "ClrMemCreateHostControl") : NULL;

    memcpy(&create_host_control, &function, sizeof(create_host_control));
    return !!create_host_control;
}

static void *need(void *object, const char *what)
{
    if (object) return object;
    fprintf(stderr, "differential fuzzer: no %s, error %lu\n", what, GetLastError());
    exit(2);
}

static void create_manager(void)
{
    if (fuzz.manager) return;
    create_host_control(&IID_IHostMemoryManager, (void **)&fuzz.manager);
    need(fuzz.manager, "manager");
    IHostMemoryManager_QueryInterface(fuzz.manager, &IID_IClrMemManager, (void **)&fuzz.statistics);
    need(fuzz.statistics, "statistics");
}

/* Memory that is not the manager's: on both sides from Win32, in part committed. */
static void create_foreign(struct slot *slot)
{
    unsigned int i;

    slot->size = FOREIGN_SIZE;
    slot->live = TRUE;
    for (i = 0; i < SIDES; i++)
    {
        slot->base[i] = need(VirtualAlloc(NULL, slot->size, MEM_RESERVE, PAGE_READWRITE), "memory");
        need(VirtualAlloc(slot->base[i] + PAGE, FOREIGN_SIZE / 2, MEM_COMMIT, PAGE_READWRITE), "memory");
        memset(slot->base[i] + PAGE, 0x5a, FOREIGN_SIZE / 2);
    }
}

void world_begin(void)
{
    unsigned int i, j;

    create_manager();
    fuzz.message[0] = 0;
    for (i = 0; i < SLOTS; i++)
    {
        struct slot *slot = &fuzz.slots[i];

        memset(slot, 0, offsetof(struct slot, undefined));
        for (j = 0; j < SIDES; j++) slot->base[j] = slot->home[j] = home(i, j);
    }
    create_foreign(&fuzz.slots[FOREIGN_SLOT]);
}

static void end_manager(void)
{
    IClrMemManager_Release(fuzz.statistics);
    IHostMemoryManager_Release(fuzz.manager);
    fuzz.manager = NULL;
    fuzz.statistics = NULL;
}

void world_end(void)
{
    unsigned int i;

    for (i = 0; i < SLOTS; i++)
    {
        struct slot *slot = &fuzz.slots[i];

        if (slot->live) VirtualFree(slot->base[PLAIN], 0, MEM_RELEASE);
        slot->live = FALSE;
    }
    VirtualFree(fuzz.slots[FOREIGN_SLOT].base[HOST], 0, MEM_RELEASE);
    if (fuzz.message[0]) end_manager();
}
