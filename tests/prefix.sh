# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# A Wine prefix for one test script: sourced after tap.sh. Ended when the script ends, whatever happens.

# The options, a line each: name, environment variable, registry value, default.
option_table()
{
    sed -nE 's/^ +X\(([A-Z]+), ([a-z]+), ([A-Za-z]+), [A-Z_]+, "([^"]*)",.*/\2 CLRMEM_\1 \3 \4/p' \
        "$CLRMEM_SOURCE/include/clrmem_options.h"
}

# Options in the caller's environment are not what is tested.
forget_options()
{
    local variable

    while read -r _ variable _; do unset "$variable"; done < <(option_table)
    unset CLRMEM_CONFIG CLRMEM_CGROUP CLRMEM_CHILDREN CLRMEM_UNIX_ROOT WINE_OVERRIDE_MEMORY_LIMIT_BYTES
}
forget_options

# $1: the prefix's name below $CLRMEM_TEST_DIR, $2: the runtime's directory or nothing. Sets WINEPREFIX.
test_prefix()
{
    WINEPREFIX=$CLRMEM_TEST_DIR/$1
    export WINEPREFIX
    mkdir -p "$CLRMEM_TEST_DIR"
    "$CLRMEM_SOURCE/tools/scratch-prefix" --end "$WINEPREFIX" 2>/dev/null || true
    rm -rf "$WINEPREFIX"
    "$CLRMEM_SOURCE/tools/scratch-prefix" "$WINEPREFIX" ${2:+"$2"} || {
        echo "Bail out! no Wine prefix at $WINEPREFIX"
        exit 1
    }
    trap '"$CLRMEM_SOURCE/tools/scratch-prefix" --end "$WINEPREFIX"; rm -rf "$WINEPREFIX"' EXIT
    # Wine's menu builder would write into HOME.
    export WINEDLLOVERRIDES='winemenubuilder.exe=d'
}

# Skips the whole script where a 32-bit Wine cannot run, or where CLRMEM_NO_WINE32 says why there is none. The Wine is
# the machine's own release's, unless CLRMEM_WINE32 names another as tools/wine-root does. $1: what is skipped.
need_wine32()
{
    local why=${CLRMEM_NO_WINE32:-}

    if [ -n "$why" ] || ! why=$("$CLRMEM_SOURCE/tools/wine-root" "${CLRMEM_WINE32:-i386}" --possible); then
        tap_skip "$1" "$why"
        tap_end
    fi
}

# A prefix of a 32-bit Wine, whose commands come first in PATH from now on, or the whole script skipped. $1: its name,
# $2: what is skipped where there is none, $3: the runtime's directory or nothing.
test_prefix32()
{
    need_wine32 "$2"
    "$CLRMEM_SOURCE/tools/wine-root" "${CLRMEM_WINE32:-i386}" --commands "$CLRMEM_TEST_DIR/$1-bin" "$CLRMEM_BUILD" \
        ${3:+"$3"} || {
        echo 'Bail out! no 32-bit Wine'
        exit 1
    }
    PATH=$CLRMEM_TEST_DIR/$1-bin:$PATH
    test_prefix "$1" "${3:-}"
}

# Runs a command with the 32-bit Wine, for five minutes at most.
in_wine32()
{
    WINEDEBUG="${WINEDEBUG--all}" timeout 300 "$@"
}

# The parts of a program made with Wine's test harness, from the source of its list; only $CLRMEM_PART if that is set.
wine_test_parts()
{
    sed -n 's/^extern void func_\([a-z_0-9]*\)(void);$/\1/p' "$1" | grep -x "${CLRMEM_PART:-.*}"
}

# Runs one part of a program made with Wine's test harness as one test. The harness' last line counts; a
# program that Wine could not start prints none. $1: what it is called, $2: output file, $3: the part, the
# rest: how the program is started.
wine_test_part()
{
    local name=$1 output=$2 part=$3 status=0 summary

    shift 3
    "$@" "$part" >"$output" 2>&1 </dev/null || status=$?
    summary=$(tr -d '\r' <"$output" | grep -Ea ":$part: [0-9]+ tests executed \(" | tail -n 1 | sed "s/.*:$part: //")
    if [ "$status" = 0 ] && [[ $summary == *" 0 failures)"* ]]; then
        tap_ok "$name $part"
        echo "# $name $part: $summary"
    else
        tap_not_ok "$name $part (status $status)" "$output"
    fi
}
