# Checks of a managed program without a host; sourced after tap.sh. SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash

# $1: where the statistics go, $2: output file, the rest: how a program is started with the statistics going there.
check_managed_program()
{
    local stats=$1 out=$2 status=0 live count blocks

    shift 2
    rm -f "$stats"
    "$@" "$CLRMEM_BUILD/workload.exe" 1 >"$out" 2>&1 </dev/null || status=$?
    if [ "$status" = 7 ]; then tap_ok 'managed program: exit status'; else tap_not_ok "managed program: status $status" "$out"; fi
    tap_matches 'managed program: its output' "$out" '^workload: [0-9]+'
    touch "$stats"
    tap_matches 'managed program: its regions came from the manager' "$stats" '^VirtualAlloc +[1-9][0-9]+ '
    tap_matches 'managed program: its blocks came from the manager' "$stats" '^Alloc +[1-9][0-9]{3,} '
    tap_matches 'managed program: nothing was refused' "$stats" '^frees refused, HOST_E_INVALIDOPERATION +0'

    # What the runtime took minus what it gave back, as the redirected imports count it, is what lives in the manager.
    live=$(sed -n 's/^regions, reserved  *\([0-9]*\) .*/\1/p' "$stats")
    count=$(awk '$1 == "regions" { print $2 }' "$stats")
    tap_matches 'managed program: every region is accounted for at exit' "$stats" \
        "^still with the runtime: ${count:-none} regions of ${live:-none} bytes, "
    blocks=$(sed -n 's/^live blocks  *\([0-9]*\) .*/\1/p' "$stats")
    tap_matches 'managed program: every block is accounted for at exit' "$stats" ", ${blocks:-none} blocks of "
}

# A limit holds: allocating large arrays ends in a managed exception, close below it. $1, $2: as above, the rest: how a
# program is started, with CLRMEM_LIMIT=128M and the statistics going there.
check_limited_program()
{
    local stats=$1 out=$2 status=0 filled peak

    shift 2
    rm -f "$stats"
    "$@" "$CLRMEM_BUILD/workload.exe" fill >"$out" 2>&1 </dev/null || status=$?
    if [ "$status" = 5 ]; then tap_ok 'limited program: exit status'; else tap_not_ok "limited program: status $status" "$out"; fi
    filled=$(tr -d '\r' <"$out" | sed -n 's/^filled: //p')
    if [ "${filled:-0}" -gt $((64 << 20)) ] && [ "${filled:-0}" -lt $((128 << 20)) ]; then
        tap_ok 'limited program: an OutOfMemoryException close below the limit'
    else
        tap_not_ok "limited program: ${filled:-no} bytes of 128M" "$out"
    fi
    touch "$stats"
    peak=$(sed -n 's/^charged against the limits  *[0-9]*  *\([0-9]*\)$/\1/p' "$stats")
    if [ "${peak:-0}" -gt 0 ] && [ "${peak:-0}" -le $((128 << 20)) ]; then
        tap_ok 'limited program: the limit was never passed'
    else
        tap_not_ok "limited program: ${peak:-no} bytes charged at most, of 128M" "$stats"
    fi
    tap_matches 'limited program: the limit refused' "$stats" '^refused: limit +[1-9]'
}
