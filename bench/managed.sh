#!/usr/bin/env bash
# The same managed program on stock Wine and under `clrmem run`, interleaved, in one prefix; then clrmem's calls against
# Win32's. $1: the build directory, $2: a runtime, $3: rounds (default 9). Raw figures: build/bench-*.csv; docs/hacking.md
# says which of them are kept. SPDX-License-Identifier: LGPL-2.1-or-later
set -euo pipefail
build=$(cd "$1" && pwd)
runtime=$2
rounds=${3:-9}
# shellcheck source=bench/common.sh
. "$(dirname "$0")/common.sh"
clrmem=$build/programs/clrmem/clrmem
csv=$build/bench-managed.csv
out=$build/bench.out
export CLRMEM_LIBDIR=$build
bench_prefix "$build/bench-prefix" "$runtime"

# One run; a line of the CSV. $1: stock or clrmem, $2: the round, the rest: how the program is started.
measure()
{
    local name=$1 round=$2 start end status=0 inside

    shift 2
    start=$(date +%s%N)
    timeout 300 "$@" "$build/workload.exe" 8 >"$out" 2>&1 </dev/null || status=$?
    end=$(date +%s%N)
    inside=$(tr -d '\r' <"$out" | sed -n 's/^milliseconds: //p')
    if [ "$status" != 7 ] || [ -z "$inside" ]; then
        cat "$out" >&2
        echo "bench: the workload failed with status $status" >&2
        exit 1
    fi
    printf '%s,%d,%d,%d\n' "$name" "$round" "$inside" $(((end - start) / 1000000)) >>"$csv"
}

# Median of column $2 of the runs called $1.
median()
{
    awk -F, -v name="$1" -v column="$2" '$1 == name { print $column }' "$csv" | bench_median
}

{ bench_machine "$runtime"; printf 'contender,round,inside_ms,whole_ms\n'; } >"$csv"
timeout 300 wine "$build/workload.exe" 1 >"$out" 2>&1 </dev/null || true # warms the prefix up
for ((round = 0; round < rounds; round++)); do
    measure stock "$round" wine
    measure clrmem "$round" "$clrmem" run
done

echo "managed workload, median of $rounds interleaved runs each; ratio clrmem : stock Wine (below 1 is faster)"
for column in 3:inside 4:whole; do
    stock=$(median stock "${column%:*}")
    ours=$(median clrmem "${column%:*}")
    awk -v name="${column#*:}" -v stock="$stock" -v ours="$ours" \
        'BEGIN { printf "%-7s stock %6d ms, clrmem %6d ms, ratio %.2f\n", name, stock, ours, ours / stock }'
done
echo
cp "$build/x86_64-windows/clrmem.dll" "$build/x86_64-windows/bench/manager_bench.exe" "$WINEPREFIX/drive_c/"
timeout 600 wine "$WINEPREFIX/drive_c/manager_bench.exe" 'c:\calls.csv' >"$out" 2>&1 </dev/null || {
    cat "$out" >&2
    exit 1
}
cat "$out"
{ bench_machine "$runtime"; echo 'operation,contender,round,ns'; tr -d '\r' <"$WINEPREFIX/drive_c/calls.csv"; } >"$build/bench-calls.csv"
echo "raw figures: $csv, $build/bench-calls.csv"
