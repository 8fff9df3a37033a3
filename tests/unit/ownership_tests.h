/*
 * What the tests of the ownership map share: a map, and its calls in the forms that the tests use most.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_TESTS_OWNERSHIP_H
#define CLRMEM_TESTS_OWNERSHIP_H

#include "tests.h"

#include "ownership/ownership.h"

extern struct ownership_map *owned;

/* The fixture: a new map over the native backend. */
void ownership_setup(void);
void ownership_teardown(void);

/* Any address will do: the map never touches the recorded memory. */
static inline void *at(uintptr_t address)
{
    return (void *)address;
}

/* The out parameters are optional. */
bool find_region(const void *address, void **base, size_t *size);
bool take_region(void *base, size_t *size);
enum hostmem_result add_block(void *address, size_t size);
bool find_block(const void *address, size_t *size);
bool take_block(void *address, size_t *size);

void totals_are(uint64_t regions, uint64_t region_bytes, uint64_t blocks, uint64_t block_bytes);

/* The tests on several threads, with the same fixture. */
TCase *ownership_threads(void);

#endif
