#!/usr/bin/env bash
# The hosts of run.sh, 32-bit, in a 32-bit Wine. SPDX-License-Identifier: LGPL-2.1-or-later
set -u
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
# shellcheck source=tests/prefix.sh
. "$CLRMEM_SOURCE/tests/prefix.sh"
# shellcheck source=tests/hosts/hosts.sh
. "$CLRMEM_SOURCE/tests/hosts/hosts.sh"

need_wine32 'hosts in the styles of the field, 32-bit'
runtime=$("$CLRMEM_SOURCE/tools/runtime" --arch i386) || { echo 'Bail out! no 32-bit .NET runtime'; exit 1; }
test_prefix32 hosts32 'hosts in the styles of the field, 32-bit' "$runtime"
modules=$CLRMEM_BUILD/i386-windows
cp "$modules/clrmem.dll" "$WINEPREFIX/drive_c/windows/system32/"
tap_run 'regsvr32, 32-bit' "$CLRMEM_TEST_DIR/hosts32.log" in_wine32 wine regsvr32 clrmem.dll
check_hosts hosts32 "$modules/tests/hosts" in_wine32 "$CLRMEM_COMMAND" run
tap_end
