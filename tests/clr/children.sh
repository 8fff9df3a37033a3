#!/usr/bin/env bash
# Managed programs that other programs start are served, too. SPDX-License-Identifier: LGPL-2.1-or-later
set -u
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
# shellcheck source=tests/prefix.sh
. "$CLRMEM_SOURCE/tests/prefix.sh"

export WINEDEBUG=-all
out=$CLRMEM_TEST_DIR/children.log
stats=$CLRMEM_TEST_DIR/children-stats.txt
managed=$CLRMEM_TEST_DIR/start_program.exe
workload=Z:${CLRMEM_BUILD//\//\\}\\workload.exe

# Runs options and program; sets status and leaves the tables in $stats.
run_command()
{
    rm -f "$stats"
    status=0
    timeout 300 "$CLRMEM_COMMAND" run --stats="$stats" "$@" >"$out" 2>&1 </dev/null || status=$?
    touch "$stats"
}

# $1: name, $2: number.
check_tables()
{
    if [ "$(grep -Ec '^VirtualAlloc +[1-9][0-9]+ ' "$stats")" = "$2" ]; then
        tap_ok "$1: programs served: $2"
    else
        tap_not_ok "$1: programs served: not $2" "$stats"
    fi
}

# $1: name, $2: how many tables there have to be, the rest: options and program. The workload ends with 7.
check_served()
{
    local name=$1 tables=$2

    shift 2
    run_command "$@"
    if [ "$status" = 7 ]; then tap_ok "$name: exit status"; else tap_not_ok "$name: status $status" "$out"; fi
    tap_matches "$name: the program's output" "$out" '^workload: [0-9]+'
    check_tables "$name" "$tables"
}

# Wine's shell gives a program no standard streams, so the workload fails when it writes. $1: name.
check_served_by_shell()
{
    local stock=0

    timeout 300 wine "$managed" shell "$workload" 1 >"$out" 2>&1 </dev/null || stock=$?
    run_command "$managed" shell "$workload" 1
    if [ "$status" = "$stock" ]; then
        tap_ok "$1: exit status as under stock Wine"
    else
        tap_not_ok "$1: status $status, under stock Wine $stock" "$out"
    fi
    check_tables "$1" 2
}

# $1: added to the names of the checks, $2: of the native program's file.
check_children()
{
    local native=$CLRMEM_TEST_DIR/spawn$2.exe

    check_served "managed child of a native program$1" 1 "$native" "$workload" 1
    tap_matches "managed child$1: a heading names it" "$stats" '^clrmem: Z:.*\\workload\.exe, process [0-9]+'
    tap_matches "native program$1: it had no runtime" "$stats" '^clrmem: no \.NET runtime was started'
    check_served "managed child of a managed program$1" 2 "$managed" direct "$workload" 1
    check_served_by_shell "managed child by the shell$1"
    check_served "managed grandchild$1" 2 "$native" "$(printf 'Z:%s' "$managed")" direct "$workload" 1
    check_served "managed child, --no-children$1" 1 --no-children "$managed" direct "$workload" 1
    CLRMEM_LIMIT=128M check_served "managed child, with a limit$1" 2 "$managed" direct "$workload" 1
    if [ "$(grep -Ec '^hard limit +134217728 ' "$stats")" = 2 ]; then
        tap_ok "managed child, with a limit$1: it has the limit, too"
    else
        tap_not_ok "managed child, with a limit$1: not two limits" "$stats"
    fi
}

compile_programs()
{
    "${MCS:-mcs}" -out:"$managed" "$CLRMEM_SOURCE/tests/clr/StartProgram.cs" &&
        "$MINGW64_CC" -O2 -municode -o "$CLRMEM_TEST_DIR/spawn.exe" "$CLRMEM_SOURCE/tests/command/spawn.c" &&
        "$MINGW32_CC" -O2 -municode -o "$CLRMEM_TEST_DIR/spawn32.exe" "$CLRMEM_SOURCE/tests/command/spawn.c"
}

mkdir -p "$CLRMEM_TEST_DIR"
compile_programs || { echo 'Bail out! a program was not compiled'; exit 1; }
runtime=$("$CLRMEM_SOURCE/tools/runtime") || { echo 'Bail out! no .NET runtime'; exit 1; }
test_prefix children "$runtime"
check_children '' ''

need_wine32 'children, 32-bit'
"$CLRMEM_SOURCE/tools/scratch-prefix" --end "$WINEPREFIX"
rm -rf "$WINEPREFIX"
runtime=$("$CLRMEM_SOURCE/tools/runtime" --arch i386) || { echo 'Bail out! no 32-bit .NET runtime'; exit 1; }
test_prefix32 children32 'children, 32-bit' "$runtime"
check_children ', 32-bit' 32
tap_end
