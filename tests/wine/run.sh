#!/usr/bin/env bash
# clrmem.dll under Wine's test harness, in a prefix that `clrmem install` prepared, and its absence after
# `clrmem uninstall`. SPDX-License-Identifier: LGPL-2.1-or-later
set -u
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
# shellcheck source=tests/prefix.sh
. "$CLRMEM_SOURCE/tests/prefix.sh"

test_prefix wine
export WINEDEBUG=-all
out=$CLRMEM_TEST_DIR/wine.log
program=$CLRMEM_BUILD/x86_64-windows/tests/clrmem_test.exe

tap_run 'clrmem install' "$out" "$CLRMEM_COMMAND" install "$WINEPREFIX"
for part in $(wine_test_parts "$CLRMEM_SOURCE/tests/wine/testlist.c"); do
    wine_test_part clrmem "$CLRMEM_TEST_DIR/wine-$part.log" "$part" timeout 300 wine "$program"
done

# Every call is traced with its arguments and its result. The first of these parts calls all methods of the manager and
# of its heaps, the second those of the control.
for part in statistics control; do
    WINEDEBUG=+clrmem timeout 120 wine "$program" "$part" 2>&1 </dev/null
done >"$out"
for method in manager_{CreateMalloc,Virtual{Alloc,Free,Query,Protect},GetMemoryLoad} \
    manager_{RegisterMemoryNotificationCallback,{Needs,Acquired,Released}VirtualAddressSpace} \
    malloc_{Alloc,DebugAlloc,Free} control_{GetHostManager,SetAppDomainManager,QueryInterface} \
    manager_QueryInterface clr_mem_manager_GetStatistics; do
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

tap_run 'clrmem uninstall' "$out" "$CLRMEM_COMMAND" uninstall "$WINEPREFIX"
wine_test_part uninstalled "$CLRMEM_TEST_DIR/wine-uninstalled.log" com timeout 300 env CLRMEM_TEST_UNREGISTERED=1 wine "$program"
tap_end
