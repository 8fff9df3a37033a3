# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What benchmarks share: sourced. A Wine prefix for one benchmark, and what a CSV file says of the machine.

# $1: the prefix, $2: a runtime's directory. The prefix and its wineserver last until the script ends. A wineserver that
# ends after each run, as Debian's does, makes the next run wait seconds for a new one, which no program under test causes.
bench_prefix()
{
    local source
    source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

    export WINEDEBUG=-all WINEDLLOVERRIDES='winemenubuilder.exe=d' WINEPREFIX=$1
    BENCH_PREFIX_TOOL=$source/tools/scratch-prefix
    "$BENCH_PREFIX_TOOL" --end "$WINEPREFIX" 2>/dev/null || true
    rm -rf "$WINEPREFIX"
    "$BENCH_PREFIX_TOOL" "$WINEPREFIX" "$2"
    trap '"$BENCH_PREFIX_TOOL" --end "$WINEPREFIX"; rm -rf "$WINEPREFIX"' EXIT
    wineserver -p </dev/null >/dev/null 2>&1
}

# Comment lines that begin a CSV file: when, on what, of which versions.
bench_machine()
{
    local source
    source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

    echo "# date: $(date -u +%Y-%m-%dT%H:%MZ)"
    echo "# clrmem: $(git -C "$source" describe --always --dirty 2>/dev/null || echo unknown)"
    echo "# processor: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) online"
    echo "# memory: $(awk '/^MemTotal/ { printf "%d MiB", $2 / 1024 }' /proc/meminfo)"
    echo "# kernel: $(uname -sr)"
    echo "# wine: $(wine --version 2>/dev/null)"
    echo "# runtime: $(basename "$1")"
}

# The median of the numbers on standard input.
bench_median()
{
    sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}
