/*
 * A core that miscounts, to prove that the fuzzer notices: the linker's --wrap puts it between a region and its bitmap.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostmem/base/pages.h"

#include <stdbool.h>

size_t __real_hm_pages_clear(_Atomic uint64_t *words, size_t first, size_t count);
size_t __wrap_hm_pages_clear(_Atomic uint64_t *words, size_t first, size_t count);

/* Decommitting forgets a page where the range begins in one word of the bitmap and ends in the next. */
size_t __wrap_hm_pages_clear(_Atomic uint64_t *words, size_t first, size_t count)
{
    bool crosses = first / PAGES_A_WORD + 1 == (first + count - 1) / PAGES_A_WORD;

    return __real_hm_pages_clear(words, first, crosses ? count - 1 : count);
}
