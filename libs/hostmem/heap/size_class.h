/*
 * The size classes ("bins") of the heaps: steps of 16 bytes up to 128, then four to each doubling, up to 512 KiB.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_SIZE_CLASS_H
#define CLRMEM_HOSTMEM_SIZE_CLASS_H

#include "hostmem/base/bits.h"

#define BIN_COUNT   56
#define BIN_UNIT    16u            /* bytes; the size of every block is a multiple, and so is its address */
#define BIN_LINEAR  128u           /* bytes; up to here, one bin a unit */
#define BIN_LARGEST (512u * 1024u) /* bytes; larger blocks are reserved one by one */
#define BIN_SMALL   (8u * 1024u)   /* bytes; up to here, spans of 64 KiB */
#define BIN_MEDIUM  (64u * 1024u)  /* bytes; up to here, spans of 256 KiB; above, of 1 MiB */

#define BIN_SPAN_LARGEST (1024u * 1024u) /* bytes; no span is longer */

/* The bin for blocks of `size` bytes. pre: 0 < size <= BIN_LARGEST */
static inline unsigned hm_size_class_of(uint32_t size)
{
    unsigned power;

    hm_assert(size && size <= BIN_LARGEST);
    if (size <= BIN_LINEAR) return (size - 1) / BIN_UNIT;
    /* 2^power < size <= 2^(power+1), in four steps */
    power = bits_highest(size - 1);
    return 8 + (power - 7) * 4 + ((size - 1) >> (power - 2) & 3);
}

/* Bytes of a block of the bin. */
static inline uint32_t hm_size_class_size(unsigned bin)
{
    hm_assert(bin < BIN_COUNT);
    if (bin < 8) return (bin + 1) * BIN_UNIT;
    return (5 + (bin & 3)) << (5 + (bin - 8) / 4);
}

/* Bytes of a span of the bin. */
static inline uint32_t hm_size_class_span(unsigned bin)
{
    uint32_t size = hm_size_class_size(bin);

    if (size <= BIN_SMALL) return 64u * 1024u;
    return size <= BIN_MEDIUM ? 256u * 1024u : BIN_SPAN_LARGEST;
}

/* Blocks of a span of the bin. */
static inline uint32_t hm_size_class_blocks(unsigned bin)
{
    return hm_size_class_span(bin) / hm_size_class_size(bin);
}

#endif
