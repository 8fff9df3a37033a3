#!/usr/bin/env bash
# clrmem.dll under Wine's test harness, in a prefix that `clrmem install` prepared, and its absence after
# `clrmem uninstall`. SPDX-License-Identifier: LGPL-2.1-or-later
set -u
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
# shellcheck source=tests/prefix.sh
. "$CLRMEM_SOURCE/tests/prefix.sh"

# The documented table of VirtualFree's results, and the test's: the call, the result, the last error.
documented_rows()
{
    sed -n '/^## IHostMemoryManager::VirtualFree/,/^## The other methods/p' "$CLRMEM_SOURCE/docs/semantics.md" |
        grep '^| ' | tail -n +2 |
        tr -d '\140' | sed -E 's/^\| (.*) \| ([^,;|]*)[^|]* \| ([^|]*) \|$/\1 | \2 | \3/'
}

tested_rows()
{
    sed -n '/^static const struct free_row rows/,/^};/p' "$CLRMEM_SOURCE/tests/wine/freetable.c" | tr -s '\n ' ' ' |
        grep -oE '\{"[^"]*", [^{}]*\}' | tr -d '\140' |
        sed -E 's/^\{"([^"]*)", [a-z_]+, ([^,]*), ([A-Z_]+), (TRUE|FALSE)\}$/\1 | \2 | \3/; s/KEEP_ERROR$/unchanged/'
}

mkdir -p "$CLRMEM_TEST_DIR"
if diff <(documented_rows) <(tested_rows) >"$CLRMEM_TEST_DIR/freetable.log" && [ "$(documented_rows | wc -l)" -gt 9 ]; then
    tap_ok 'VirtualFree: docs/semantics.md has the rows that are tested'
else
    tap_not_ok 'VirtualFree: docs/semantics.md and tests/wine/freetable.c differ' "$CLRMEM_TEST_DIR/freetable.log"
fi

test_prefix wine
export WINEDEBUG=-all
out=$CLRMEM_TEST_DIR/wine.log
program=$CLRMEM_BUILD/x86_64-windows/tests/clrmem_test.exe

tap_run 'clrmem install' "$out" "$CLRMEM_COMMAND" install "$WINEPREFIX"
for part in $(wine_test_parts "$CLRMEM_SOURCE/tests/wine/testlist.c"); do
    wine_test_part clrmem "$CLRMEM_TEST_DIR/wine-$part.log" "$part" timeout 300 wine "$program"
done
sed -n 's/^soak\.c:[0-9]*: \([0-9]* threads: .*\)$/# figure: soak under a limit, books balanced: \1/p' "$CLRMEM_TEST_DIR/wine-soak.log" |
    tr -d '\r'

# Every call is traced with its arguments and its result. The first of these parts calls all methods of the manager and
# of its heaps, the second those of the control, the third those of the management interfaces.
for part in statistics control flat; do
    WINEDEBUG=+clrmem timeout 120 wine "$program" "$part" 2>&1 </dev/null
done >"$out"
for method in manager_{CreateMalloc,Virtual{Alloc,Free,Query,Protect},GetMemoryLoad} \
    manager_{RegisterMemoryNotificationCallback,{Needs,Acquired,Released}VirtualAddressSpace} \
    malloc_{Alloc,DebugAlloc,Free} control_{GetHostManager,SetAppDomainManager,QueryInterface} \
    manager_QueryInterface clr_mem_manager_{GetStatistics,{Set,Get}{Limits,Waits,Option}} \
    clr_mem_manager_{Enum{Regions,Blocks},LockRegion,UnlockRegion,CancelWaits,Trim} \
    clr_mem_heap_{SetLimits,GetLimits,EnumBlocks}; do
    tap_matches "trace: $method, its arguments" "$out" "trace:clrmem:$method iface [0-9A-F]+, [a-z_]+ "
    tap_matches "trace: $method, its result" "$out" "trace:clrmem:$method returning 0(x[0-9a-f]{8})?\\b"
    if [ "$(grep -ac "$method iface" "$out")" = "$(grep -ac "$method returning" "$out")" ]; then
        tap_ok "trace: $method, every result"
    else
        tap_not_ok "trace: $method: not every call's result"
    fi
done

WINEDEBUG=+clrmem timeout 120 wine "$program" ownership >"$out" 2>&1 </dev/null
tap_matches 'trace: a call with its arguments' "$out" 'trace:clrmem:[A-Za-z_]*VirtualFree .*0x8000'
tap_matches 'trace: a refusal' "$out" 'trace:clrmem:[A-Za-z_]*VirtualFree .*0?x?80131022'

# Leaks are listed if the option is set, at most a hundred of a heap or a manager, with any WINEDEBUG.
CLRMEM_LEAKS=yes timeout 120 wine "$program" enumerate leak >"$out" 2>&1 </dev/null
tap_matches 'leaks: a block with its place' "$out" \
    '^clrmem: leak: block [0-9A-F]+, [0-9]+ bytes, AppDomain-critical, leaky\.cpp:42'
tap_matches 'leaks: a region' "$out" '^clrmem: leak: region [0-9A-F]+, 65536 bytes, 65536 committed, task-critical'
tap_matches 'leaks: the sum of a heap' "$out" \
    '^clrmem: heap [0-9A-F]+ ends; still live: 150, [0-9]+ bytes; not listed: 50'
tap_matches 'leaks: the sum of the manager' "$out" \
    '^clrmem: manager [0-9A-F]+ ends; still live: 1, 65536 bytes; not listed: 0'
if [ "$(grep -ac '^clrmem: leak: block' "$out")" = 100 ] && [ "$(grep -ac '^clrmem: ' "$out")" = 103 ]; then
    tap_ok 'leaks: a hundred lines'
else
    tap_not_ok 'leaks: not a hundred lines' "$out"
fi
timeout 120 wine "$program" enumerate leak >"$out" 2>&1 </dev/null
if grep -aq 'clrmem: ' "$out"; then tap_not_ok 'leaks: listed unasked' "$out"; else tap_ok 'leaks: not listed unasked'; fi

tap_run 'clrmem uninstall' "$out" "$CLRMEM_COMMAND" uninstall "$WINEPREFIX"
wine_test_part uninstalled "$CLRMEM_TEST_DIR/wine-uninstalled.log" com timeout 300 env CLRMEM_TEST_UNREGISTERED=1 wine "$program"
tap_end
