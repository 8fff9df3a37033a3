#!/usr/bin/env bash
# The 32-bit clrmem.dll under Wine's test harness, in a 32-bit Wine. SPDX-License-Identifier: LGPL-2.1-or-later
set -u
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
# shellcheck source=tests/prefix.sh
. "$CLRMEM_SOURCE/tests/prefix.sh"

test_prefix32 wine32 'clrmem.dll, 32-bit'
program=$CLRMEM_BUILD/i386-windows/tests/clrmem_test.exe
out=$CLRMEM_TEST_DIR/wine32.log

cp "$CLRMEM_BUILD/i386-windows/clrmem.dll" "$WINEPREFIX/drive_c/windows/system32/"
in_wine32 wine regsvr32 clrmem.dll >"$out" 2>&1 </dev/null
tap_matches 'regsvr32, 32-bit' "$out" 'Successfully registered'
for part in $(wine_test_parts "$CLRMEM_SOURCE/tests/wine/testlist.c"); do
    wine_test_part clrmem32 "$CLRMEM_TEST_DIR/wine32-$part.log" "$part" in_wine32 wine "$program"
done
tap_end
