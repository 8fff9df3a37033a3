#!/usr/bin/env bash
# Two builds of clrmem in one run, interleaved: the calls of the manager, and the managed program under `clrmem run`.
# $1: the old build directory, $2: the new one, $3: a runtime, $4: rounds (default 5). Raw figures go to standard output
# as CSV; medians and ratios, new : old, to standard error. SPDX-License-Identifier: LGPL-2.1-or-later
set -euo pipefail
declare -A builds=([old]=$(cd "$1" && pwd) [new]=$(cd "$2" && pwd))
new=${builds[new]}
runtime=$3
rounds=${4:-5}
# shellcheck source=bench/common.sh
. "$(dirname "$0")/common.sh"
bench_prefix "$new/bench-prefix" "$runtime"
out=$new/bench.out
csv=$new/bench-compare.csv

for which in old new; do
    mkdir -p "$WINEPREFIX/drive_c/$which"
    cp "${builds[$which]}/x86_64-windows/clrmem.dll" "$WINEPREFIX/drive_c/$which/"
    cp "$new/x86_64-windows/bench/manager_bench.exe" "$WINEPREFIX/drive_c/$which/"
done

# One run of the calls, and one of the managed program. $1: old or new, $2: the round.
measure()
{
    local which=$1 round=$2 start status=0

    timeout 600 wine "$WINEPREFIX/drive_c/$which/manager_bench.exe" 'c:\calls.csv' >"$out" 2>&1 </dev/null
    tr -d '\r' <"$WINEPREFIX/drive_c/calls.csv" | grep ',clrmem,' | tr -s ' ' |
        sed "s/,clrmem,\([0-9]*\),/,$which,$round.\1,/" >>"$csv"
    start=$(date +%s%N)
    CLRMEM_LIBDIR=${builds[$which]} timeout 300 "${builds[$which]}/programs/clrmem/clrmem" run "$new/workload.exe" 8 >"$out" 2>&1 \
        </dev/null || status=$?
    [ "$status" = 7 ] || { cat "$out" >&2; exit 1; }
    echo "\"managed workload, whole\",$which,$round,$(($(date +%s%N) - start))" >>"$csv"
}

{ bench_machine "$runtime"; echo 'operation,contender,round,ns'; } >"$csv"
for ((round = 0; round < rounds; round++)); do
    for which in old new; do measure "$which" "$round"; done
done
cat "$csv"
sed -n 's/^"\([^"]*\)",.*/\1/p' "$csv" | sort -u | while read -r operation; do
    for which in old new; do
        printf -v "median_$which" '%s' "$(awk -F'"' -v name="$operation" '$2 == name { print $3 }' "$csv" |
            awk -F, -v which="$which" '$2 == which { print $4 }' | bench_median)"
    done
    # shellcheck disable=SC2154 # printf -v sets them
    awk -v name="$operation" -v old="$median_old" -v new="$median_new" \
        'BEGIN { printf "%-56s old %12.1f ns, new %12.1f ns, ratio %.2f\n", name, old, new, new / old }'
done >&2
