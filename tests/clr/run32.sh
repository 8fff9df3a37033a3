#!/usr/bin/env bash
# The hosts of run.sh and a managed program, 32-bit, in a 32-bit Wine. SPDX-License-Identifier: LGPL-2.1-or-later
set -u
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
# shellcheck source=tests/prefix.sh
. "$CLRMEM_SOURCE/tests/prefix.sh"
# shellcheck source=tests/clr/managed.sh
. "$CLRMEM_SOURCE/tests/clr/managed.sh"

need_wine32 'hosts, 32-bit'
runtime=$("$CLRMEM_SOURCE/tools/runtime" --arch i386) || { echo 'Bail out! no 32-bit .NET runtime'; exit 1; }
test_prefix32 clr32 'hosts, 32-bit' "$runtime"
modules=$CLRMEM_BUILD/i386-windows
out=$CLRMEM_TEST_DIR/clr32.log
CLRMEM_WORKLOAD=Z:${CLRMEM_BUILD//\//\\}\\workload.exe
export CLRMEM_WORKLOAD

cp "$modules/clrmem.dll" "$WINEPREFIX/drive_c/windows/system32/"
in_wine32 wine regsvr32 clrmem.dll >"$out" 2>&1 </dev/null
tap_matches 'regsvr32, 32-bit' "$out" 'Successfully registered'

# A process has one runtime, so every part is a process.
for part in $(wine_test_parts "$CLRMEM_SOURCE/tests/clr/hosting_list.c"); do
    wine_test_part hosting32 "$CLRMEM_TEST_DIR/clr32-$part.log" "$part" \
        in_wine32 "$CLRMEM_COMMAND" run "$modules/tests/hosting_test.exe"
done

stats=$CLRMEM_TEST_DIR/clr32-stats.txt
CLRMEM_STATS=$stats check_managed_program "$stats" "$out" in_wine32 "$CLRMEM_COMMAND" run
CLRMEM_LIMIT=128M CLRMEM_STATS=$stats check_limited_program "$stats" "$out" in_wine32 "$CLRMEM_COMMAND" run

# The command finds its 32-bit side by the prefix: the program is for any architecture.
in_wine32 "$CLRMEM_COMMAND" run "$CLRMEM_BUILD/workload.exe" 1 >"$out" 2>&1 </dev/null
status=$?
if [ "$status" = 7 ]; then tap_ok 'clrmem run, 32-bit'; else tap_not_ok "clrmem run, 32-bit: status $status" "$out"; fi
tap_end
