/*
 * Sequences of calls: new ones, and old ones again.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

static BOOL release_slot(unsigned int slot)
{
    struct call release = {.kind = CALL_FREE, .place = AT_SLOT, .slot = slot, .type = MEM_RELEASE};

    return !fuzz.slots[slot].live || apply_call(&release);
}

/* Every page once more, and everything back: nothing may be left on the manager's books. */
static BOOL finish(void)
{
    unsigned int i;

    for (i = 0; i < SLOTS; i++)
        if (!compare_slot(i, 0, fuzz.slots[i].size)) return FALSE;
    for (i = 0; i < FOREIGN_SLOT; i++)
        if (!release_slot(i)) return FALSE;
    return compare_statistics();
}

BOOL sequence_run(uint64_t seed, struct call *calls, unsigned int count, unsigned int *made)
{
    BOOL same = TRUE;

    random_seed(seed);
    world_begin();
    for (*made = 0; same && *made < count; ++*made)
    {
        generate_call(&calls[*made]);
        same = apply_call(&calls[*made]);
    }
    same = same && finish();
    world_end();
    return same;
}

BOOL sequence_replay(const struct call *calls, unsigned int count)
{
    BOOL same = TRUE;
    unsigned int i;

    world_begin();
    for (i = 0; same && i < count; i++) same = apply_call(&calls[i]);
    same = same && finish();
    world_end();
    return same;
}
