#!/usr/bin/env bash
# The demonstration: a CLR host in C, then the same managed program as a plain .exe, both with their memory in
# clrmem's manager. $1: the build directory, $2: a runtime. SPDX-License-Identifier: LGPL-2.1-or-later
set -euo pipefail
build=$(cd "$1" && pwd)
runtime=$2
source=$(cd "$(dirname "$0")/../.." && pwd)
clrmem=$build/programs/clrmem/clrmem
out=$build/demo.log
export CLRMEM_LIBDIR=$build WINEDEBUG=-all WINEDLLOVERRIDES='winemenubuilder.exe=d' WINEPREFIX=$build/demo-prefix

fail()
{
    cat "$out"
    echo "clrmem demo: $1" >&2
    exit 1
}

# $1: exit status that is right, the rest: the command. Wine's helpers keep pipes open, so the output goes to a file.
expect()
{
    local right=$1 status=0

    shift
    timeout 120 "$@" >"$out" 2>&1 </dev/null || status=$?
    [ "$status" = "$right" ] || fail "'$*' ended with status $status, not $right"
    cat "$out"
}

# Making a prefix takes longer than all the rest, so a later run uses it again, with the same runtime.
if [ "$(cat "$build/demo-prefix.runtime" 2>/dev/null)" != "$runtime" ] || [ ! -f "$WINEPREFIX/system.reg" ]; then
    rm -rf "$WINEPREFIX"
    "$source/tools/scratch-prefix" "$WINEPREFIX" "$runtime"
    printf '%s\n' "$runtime" >"$build/demo-prefix.runtime"
fi
trap '"$source/tools/scratch-prefix" --end "$WINEPREFIX"' EXIT

echo "=== clrmem.dll goes into a scratch prefix"
expect 0 "$clrmem" install "$WINEPREFIX"
echo
echo "=== (a) a native CLR host that brings clrmem's host control"
expect 0 "$clrmem" run "$build/x86_64-windows/tests/demo_host.exe" "Z:${build//\//\\}\\workload.exe" 2
grep -q '^demo host: ok' "$out" || fail 'the host did not come to its end'
grep -q '(HOST_E_INVALIDOPERATION)' "$out" || fail 'foreign memory was not refused'
echo
echo "=== (b) the same managed program as a plain .exe"
expect 7 "$clrmem" run --stats "$build/workload.exe" 2
grep -Eq '^VirtualAlloc +[1-9]' "$out" || fail 'no memory passed through the manager'
echo
echo 'clrmem demo: ok'
