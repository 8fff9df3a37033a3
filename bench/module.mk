# Benchmarks, each against stock Wine in one run; SPDX-License-Identifier: LGPL-2.1-or-later
EXTRA_DIST += bench/common.sh bench/compare.sh bench/managed.sh bench/manager_bench.c bench/results
