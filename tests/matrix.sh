#!/usr/bin/env bash
# The tests on every Wine that can be had here, and a table of what passed, failed and was skipped.
# $1: the build directory, with the test programs built; the rest: only these Wines.
# SPDX-License-Identifier: LGPL-2.1-or-later
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tools/common.sh
. "$source/tools/common.sh"
prog=matrix
build=$(cd "$1" && pwd)
shift
chosen=" ${*:-own i386 trixie/amd64 trixie/i386} "
work=$build/tests/matrix

# The rows: a folder of tests, and what it is called.
rows()
{
    cat <<EOF
wine     clrmem.dll under Wine's test harness
virtual  Wine's own tests of virtual memory
fuzz     random calls, compared with Win32
clr      hosts and managed programs
hosts    hosts of every style
command  the command
EOF
}

# The columns: a Wine as tools/wine-root names it ('own' is the one installed here), whether there has to be one, and
# the width of the programs.
columns()
{
    cat <<EOF
own           required  64
i386          required  32
trixie/amd64  required  64
trixie/i386   optional  32
EOF
}

# Print the scripts of the rows for programs of $1 bits.
scripts()
{
    local all folders

    folders=$(rows | awk '{ printf "%s%s", sep, $1; sep = "|" }')
    # shellcheck disable=SC2016 # make's variable
    all=$(make -s -C "$build" --eval='matrix-tests: ; @printf "%s\n" $(TESTS)' matrix-tests |
        grep -E "^tests/($folders)/")
    if [ "$1" = 32 ]; then grep '32\.sh$' <<<"$all"; else grep -v '32\.sh$' <<<"$all"; fi
}

# Make the root of the Wine $1, and set $why where that fails.
make_wine()
{
    local output=$work/make.log

    why=$("$source/tools/wine-root" "$1" --possible) || return 1
    if ! "$source/tools/wine-root" "$1" --make >/dev/null 2> >(tee "$output" >&2); then
        why=$(sed -n 's/^wine-root: error: //p' "$output" | tail -n 1)
        return 1
    fi
    why=$("$source/tools/wine-root" "$1" --possible) || return 1
}

# Print the version of the Wine in a column, Debian's where it is Debian's. $1: the Wine.
version()
{
    local command=(wine)

    [ "$1" = own ] || command=("$source/tools/wine-root" "$1" --run "$build" wine)
    WINEDEBUG=-all timeout 60 "${command[@]}" --version 2>/dev/null </dev/null | sed -n 's/^wine-.*(Debian \(.*\))$/\1/p; t; s/^wine-//p'
}

# Run the scripts of one column and keep their logs in the folder $1. $2: the Wine, $3: the width of the programs.
run_column()
{
    local bin=$work/bin/${2//\//-} tests

    tests=$(scripts "$3" | tr '\n' ' ')
    find "$build/tests" -path "$work" -prune -o -type f \( -name '*.log' -o -name '*.trs' \) -exec rm -f {} +
    # The 32-bit tests choose their Wine themselves.
    if [ "$2" != own ] && [ "$3" = 64 ]; then
        "$source/tools/wine-root" "$2" --commands "$bin" "$source" "$build" "$(cache_dir)"
    else
        mkdir -p "$bin"
    fi
    (
        unset CLRMEM_NO_WINE32
        [ "$3" = 64 ] || export CLRMEM_WINE32=$2
        PATH=$bin:$PATH timeout 5400 make -k -C "$build" --no-print-directory -j"$(nproc)" check-TESTS \
            check_PROGRAMS= check_DATA= "TESTS=$tests" >"$1.log" 2>&1 </dev/null
    ) || true
    rm -rf "$1"
    mkdir -p "$1"
    (cd "$build/tests" && find . -path ./matrix -prune -o -type f \( -name '*.log' -o -name '*.trs' \) -print0 |
        tar --null -T - -cf -) | tar -x -C "$1" -f -
}

# Print the results in the folder $1 as passed/failed/skipped. The rest: folders of tests below it.
count()
{
    local logs=$1

    shift
    { (cd "$logs" && find "$@" -name '*.trs' -exec cat {} + 2>/dev/null) || true; } |
        awk '/^:test-result: (PASS|XFAIL)/ { passed++ } /^:test-result: (FAIL|XPASS|ERROR)/ { failed++ }
             /^:test-result: SKIP/ { skipped++ }
             END { printf "%d/%d/%d\n", passed, failed, skipped }'
}

# Print a line of the table: its name, and a cell for each column.
line()
{
    local name=$1

    shift
    printf '%-40s' "$name"
    printf ' %16s' "$@"
    printf '\n'
}

table()
{
    local folder name cell n
    local -a cells

    printf 'clrmem %s, %s, Linux %s, %s processors\n\n' "$(git -C "$source" describe --always --dirty 2>/dev/null)" \
        "$(date +%Y-%m-%d)" "$(uname -r)" "$(nproc)"
    line 'Wine' "${versions[@]}"
    line 'programs' "${widths[@]}"
    while read -r folder name; do
        cells=()
        for n in "${!wines[@]}"; do
            cell=$(count "${logs[$n]}" "$folder")
            [ "$cell" != 0/0/0 ] || cell=-
            cells+=("$cell")
        done
        line "$name" "${cells[@]}"
    done < <(rows)
    printf '(passed/failed/skipped)\n'
    # shellcheck disable=SC2001 # a line each
    [ -z "$notes" ] || printf '%s\n' "$notes"
    for n in "${!wines[@]}"; do
        find "${logs[$n]}" -name '*.log' -exec grep -ahE '^not ok |^Bail out!' {} + |
            sed "s/^/failed on ${versions[$n]}, ${widths[$n]}: /" || true
    done
}

main()
{
    local wine need width why notes='' n dir sum
    local -a wines=() versions=() widths=() logs=()

    mkdir -p "$work"
    while read -r wine need width <&3; do
        [[ $chosen == *" $wine "* ]] || continue
        if [ "$wine" != own ] && ! make_wine "$wine"; then
            why="no Wine $wine: ${why:-it could not be made}"
            [ "$need" = optional ] || die "$why"
            notes+=$why$'\n'
            continue
        fi
        wines+=("$wine")
        versions+=("$(version "$wine")")
        widths+=("$width-bit")
        logs+=("$work/${wine//\//-}-$width")
    done 3< <(columns)
    for n in "${!wines[@]}"; do
        log "Wine ${versions[$n]}, ${widths[$n]}: testing (its log: ${logs[$n]}.log)"
        run_column "${logs[$n]}" "${wines[$n]}" "${widths[$n]%-bit}"
    done
    notes=${notes%$'\n'}
    table | tee "$work/table"
    sum=$(for dir in "${logs[@]}"; do count "$dir" .; done |
        awk -F/ '{ p += $1; f += $2; s += $3 } END { print p " passed, " f " failed, " s " skipped" }')
    printf '%s\n' "$sum"
    [[ $sum == *' 0 failed,'* && $sum != '0 passed'* ]]
}

main
