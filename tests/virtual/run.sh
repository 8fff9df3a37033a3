#!/usr/bin/env bash
# Wine's own tests of virtual memory find the same in the manager of clrmem.dll as in Wine.
# SPDX-License-Identifier: LGPL-2.1-or-later
set -u
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
# shellcheck source=tests/prefix.sh
. "$CLRMEM_SOURCE/tests/prefix.sh"
# shellcheck source=tests/virtual/compare.sh
. "$CLRMEM_SOURCE/tests/virtual/compare.sh"

test_prefix virtual
export WINEDEBUG=-all
out=$CLRMEM_TEST_DIR/virtual.log

tap_run 'clrmem install' "$out" "$CLRMEM_COMMAND" install "$WINEPREFIX"
tap_run 'the programs of Wine'"'"'s tests' "$out" virtual_install x86_64-windows
for dll in kernel32 ntdll; do
    virtual_test "$dll" "$dll" timeout 300
done

# It finds what is wrong: here a page less than there is.
cp "$CLRMEM_TEST_DIR/virtual-ntdll.lines" "$CLRMEM_TEST_DIR/virtual-sabotage.lines"
if virtual_compare ntdll "$CLRMEM_TEST_DIR/virtual-sabotage" env CLRMEM_ROUTE_SABOTAGE=1 timeout 300; then
    tap_not_ok 'a manager whose queries are a page short is not found'
else
    tap_ok 'a manager whose queries are a page short is found'
    tap_matches 'and named' "$CLRMEM_TEST_DIR/virtual-sabotage.result" '^ test_[a-z_]*: routed: failed .*RegionSize =='
fi
tap_end
