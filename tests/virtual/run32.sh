#!/usr/bin/env bash
# The same for the 32-bit clrmem.dll, in a 32-bit Wine. SPDX-License-Identifier: LGPL-2.1-or-later
set -u
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
# shellcheck source=tests/prefix.sh
. "$CLRMEM_SOURCE/tests/prefix.sh"
# shellcheck source=tests/virtual/compare.sh
. "$CLRMEM_SOURCE/tests/virtual/compare.sh"

test_prefix32 virtual32 "Wine's tests of virtual memory, 32-bit"
export WINEDEBUG=-all

cp "$CLRMEM_BUILD/i386-windows/clrmem.dll" "$WINEPREFIX/drive_c/windows/system32/"
tap_run 'the programs of Wine'"'"'s tests, 32-bit' "$CLRMEM_TEST_DIR/virtual32.log" virtual_install i386-windows
for dll in kernel32 ntdll; do
    virtual_test "$dll" "$dll-32" in_wine32
done
tap_end
