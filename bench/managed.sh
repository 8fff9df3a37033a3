#!/usr/bin/env bash
# The same managed program on stock Wine and under `clrmem run`, interleaved, in one prefix, on a wineserver that stays;
# then clrmem's calls against Win32's. $1: the build directory, $2: a runtime, $3: rounds (default 9).
# SPDX-License-Identifier: LGPL-2.1-or-later
set -euo pipefail
build=$(cd "$1" && pwd)
runtime=$2
rounds=${3:-9}
source=$(cd "$(dirname "$0")/.." && pwd)
clrmem=$build/programs/clrmem/clrmem
csv=$build/bench-managed.csv
out=$build/bench.out
export CLRMEM_LIBDIR=$build WINEDEBUG=-all WINEDLLOVERRIDES='winemenubuilder.exe=d' WINEPREFIX=$build/bench-prefix

"$source/tools/scratch-prefix" --end "$WINEPREFIX" 2>/dev/null || true
rm -rf "$WINEPREFIX"
"$source/tools/scratch-prefix" "$WINEPREFIX" "$runtime"
trap '"$source/tools/scratch-prefix" --end "$WINEPREFIX"' EXIT

# The wineserver stays until the end. Debian's would begin to shut down some milliseconds after each run: whichever run
# came next would wait for that, and for a new one and Wine's services, seconds that no program under test causes.
wineserver -p </dev/null >/dev/null 2>&1

# One run; a line of the CSV. $1: stock or clrmem, the rest: how the program is started.
measure()
{
    local name=$1 start end status=0 inside

    shift
    start=$(date +%s%N)
    timeout 300 "$@" "$build/workload.exe" 8 >"$out" 2>&1 </dev/null || status=$?
    end=$(date +%s%N)
    inside=$(tr -d '\r' <"$out" | sed -n 's/^milliseconds: //p')
    if [ "$status" != 7 ] || [ -z "$inside" ]; then
        cat "$out" >&2
        echo "bench: the workload failed with status $status" >&2
        exit 1
    fi
    printf '%s,%d,%d\n' "$name" "$inside" $(((end - start) / 1000000)) >>"$csv"
}

# Median of column $2 of the runs called $1.
median()
{
    awk -F, -v name="$1" -v column="$2" '$1 == name { print $column }' "$csv" | sort -n |
        awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

printf 'start,inside_ms,whole_ms\n' >"$csv"
timeout 300 wine "$build/workload.exe" 1 >"$out" 2>&1 </dev/null || true # warms the prefix up
for ((round = 0; round < rounds; round++)); do
    measure stock wine
    measure clrmem "$clrmem" run
done

echo "managed workload, median of $rounds interleaved runs each; ratio clrmem : stock Wine (below 1 is faster)"
for column in 2:inside 3:whole; do
    stock=$(median stock "${column%:*}")
    ours=$(median clrmem "${column%:*}")
    awk -v name="${column#*:}" -v stock="$stock" -v ours="$ours" \
        'BEGIN { printf "%-7s stock %6d ms, clrmem %6d ms, ratio %.2f\n", name, stock, ours, ours / stock }'
done
echo "raw figures: $csv"
echo
cp "$build/x86_64-windows/clrmem.dll" "$build/x86_64-windows/bench/manager_bench.exe" "$WINEPREFIX/drive_c/"
timeout 600 wine "$WINEPREFIX/drive_c/manager_bench.exe" >"$out" 2>&1 </dev/null || {
    cat "$out" >&2
    exit 1
}
cat "$out"
