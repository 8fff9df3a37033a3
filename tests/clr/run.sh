#!/usr/bin/env bash
# Real hosts and managed programs on a real runtime, under `clrmem run`. SPDX-License-Identifier: LGPL-2.1-or-later
set -u
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
# shellcheck source=tests/prefix.sh
. "$CLRMEM_SOURCE/tests/prefix.sh"
# shellcheck source=tests/clr/managed.sh
. "$CLRMEM_SOURCE/tests/clr/managed.sh"

runtime=$("$CLRMEM_SOURCE/tools/runtime") || { echo 'Bail out! no .NET runtime'; exit 1; }
test_prefix clr "$runtime"
export WINEDEBUG=-all
out=$CLRMEM_TEST_DIR/clr.log
CLRMEM_WORKLOAD=Z:${CLRMEM_BUILD//\//\\}\\workload.exe
export CLRMEM_WORKLOAD

tap_run 'clrmem install' "$out" "$CLRMEM_COMMAND" install "$WINEPREFIX"

# A process has one runtime, so every part is a process.
for part in $(wine_test_parts "$CLRMEM_SOURCE/tests/clr/hosting_list.c"); do
    wine_test_part hosting "$CLRMEM_TEST_DIR/clr-$part.log" "$part" \
        timeout 300 "$CLRMEM_COMMAND" run "$CLRMEM_BUILD/x86_64-windows/tests/hosting_test.exe"
done

# A host that imports mscoree has it before the shim is there.
for part in control own none; do
    wine_test_part early_hosting "$CLRMEM_TEST_DIR/clr-early-$part.log" "$part" \
        timeout 300 "$CLRMEM_COMMAND" run "$CLRMEM_BUILD/x86_64-windows/tests/early_hosting_test.exe"
done

stats=$CLRMEM_TEST_DIR/clr-stats.txt

# With a host's own manager, the report has what the shim recorded, and the memory of the records. The runtime frees most
# of its blocks when it ends: hundreds are left.
rm -f "$stats"
timeout 300 "$CLRMEM_COMMAND" run --stats="$stats" "$CLRMEM_BUILD/x86_64-windows/tests/hosting_test.exe" own \
    >"$out" 2>&1 </dev/null
touch "$stats"
tap_matches "a host's own manager: the report says so" "$stats" '^clrmem: the host brought its own memory manager'
tap_matches "a host's own manager: what is recorded" "$stats" \
    '^still with the runtime: [1-9][0-9]* regions of [1-9][0-9]* bytes, [1-9][0-9]{2,} blocks of [1-9][0-9]* bytes'
map=$(tr -d '\r' <"$stats" | sed -n "s/^the shim's ownership map: \([0-9]*\) bytes\$/\1/p")
if [ "${map:-0}" -gt 0 ] && [ "${map:-0}" -le $((16 << 20)) ]; then
    tap_ok "a host's own manager: the memory of the records"
else
    tap_not_ok "a host's own manager: the records take ${map:-an unknown number of} bytes" "$stats"
fi

check_managed_program "$stats" "$out" timeout 120 "$CLRMEM_COMMAND" run --stats="$stats"
CLRMEM_LIMIT=128M check_limited_program "$stats" "$out" timeout 120 "$CLRMEM_COMMAND" run --stats="$stats"

# A limit too small for the runtime: it exits (1) or aborts (3), and the process ends, whatever its threads do.
rm -f "$stats"
status=0
CLRMEM_LIMIT=24M timeout 120 "$CLRMEM_COMMAND" run --stats="$stats" "$CLRMEM_BUILD/workload.exe" 1 >"$out" 2>&1 </dev/null ||
    status=$?
if [ "$status" = 1 ] || [ "$status" = 3 ]; then
    tap_ok 'aborted program: exit status'
else
    tap_not_ok "aborted program: status $status" "$out"
fi
touch "$stats"
tap_matches 'aborted program: its statistics' "$stats" '^refused: limit '

# Without the shim, the same host finds stock Wine's answer.
timeout 120 wine "$CLRMEM_BUILD/x86_64-windows/tests/hosting_test.exe" started >"$out" 2>&1 </dev/null
tap_matches 'stock Wine still answers E_NOTIMPL' "$out" 'Start: 0x80004001'
tap_end
