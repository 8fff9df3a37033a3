/*
 * What the manager gave: kept apart from its own records, to hold these against. (A region leaves after its release: no
 * two threads of the tests allocate at a time.)
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <stdio.h>
#include "adaptor.h"

#define MOST_GIVEN 4096

static struct
{
    char *base;
    SIZE_T size;
} given[MOST_GIVEN];

static SRWLOCK lock = SRWLOCK_INIT;

void given_add(void *base, SIZE_T size)
{
    unsigned int i;

    AcquireSRWLockExclusive(&lock);
    for (i = 0; i < MOST_GIVEN && given[i].base; i++)
        ;
    if (i == MOST_GIVEN)
    {
        printf("route: more than %u regions at a time\n", MOST_GIVEN);
        ExitProcess(1);
    }
    given[i].base = base;
    given[i].size = size;
    ReleaseSRWLockExclusive(&lock);
}

SIZE_T given_remove(void *base)
{
    SIZE_T size = 0;
    unsigned int i;

    AcquireSRWLockExclusive(&lock);
    for (i = 0; i < MOST_GIVEN; i++)
    {
        if (given[i].base != base) continue;
        size = given[i].size;
        given[i].base = NULL;
        break;
    }
    ReleaseSRWLockExclusive(&lock);
    return size;
}

BOOL given_contains(const void *address)
{
    BOOL found = FALSE;
    unsigned int i;

    AcquireSRWLockShared(&lock);
    for (i = 0; i < MOST_GIVEN && !found; i++)
        found = given[i].base && (SIZE_T)address - (SIZE_T)given[i].base < given[i].size;
    ReleaseSRWLockShared(&lock);
    return found;
}
