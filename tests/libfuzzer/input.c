/*
 * Numbers from libFuzzer's bytes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "fuzz.h"

struct input input;

uint32_t take_byte(void)
{
    return input.next < input.end ? *input.next++ : 0;
}

uint32_t take_number(void)
{
    uint32_t low = take_byte();

    return low | take_byte() << 8;
}

uint32_t take_below(uint32_t limit)
{
    return (limit > 256 ? take_number() : take_byte()) % limit;
}
