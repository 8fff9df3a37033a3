/*
 * Short names for the atomic operations of the core, each with its memory order in the name. Widths: 32 and 64 bits and
 * pointers, all lock-free on every target (64 bits on i386 are one cmpxchg8b).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTMEM_ATOMICS_H
#define CLRMEM_HOSTMEM_ATOMICS_H

#include <stdatomic.h>
#include <stdint.h>

_Static_assert(sizeof(_Atomic uint64_t) == 8, "64-bit atomics are lock-free");
_Static_assert(ATOMIC_POINTER_LOCK_FREE == 2, "pointers are lock-free");

#define load_relaxed(p)     atomic_load_explicit((p), memory_order_relaxed)
#define load_acquire(p)     atomic_load_explicit((p), memory_order_acquire)
#define load_ordered(p)     atomic_load_explicit((p), memory_order_seq_cst)
#define store_relaxed(p, v) atomic_store_explicit((p), (v), memory_order_relaxed)
#define store_release(p, v) atomic_store_explicit((p), (v), memory_order_release)
#define store_ordered(p, v) atomic_store_explicit((p), (v), memory_order_seq_cst)

/* For counters, which order nothing. */
#define add_relaxed(p, v) atomic_fetch_add_explicit((p), (v), memory_order_relaxed)
#define sub_relaxed(p, v) atomic_fetch_sub_explicit((p), (v), memory_order_relaxed)

/* Compare and exchange: on failure *expected becomes the value found. */
#define cas_strong(p, expected, desired)                                                                               \
    atomic_compare_exchange_strong_explicit((p), (expected), (desired), memory_order_acq_rel, memory_order_acquire)
#define cas_ordered(p, expected, desired)                                                                              \
    atomic_compare_exchange_weak_explicit((p), (expected), (desired), memory_order_seq_cst, memory_order_seq_cst)
#define cas_weak(p, expected, desired)                                                                                 \
    atomic_compare_exchange_weak_explicit((p), (expected), (desired), memory_order_acq_rel, memory_order_acquire)

#endif
