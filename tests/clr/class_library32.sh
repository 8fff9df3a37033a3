#!/usr/bin/env bash
# What programs use of the class library, 32-bit, in a 32-bit Wine. SPDX-License-Identifier: LGPL-2.1-or-later
set -u
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
# shellcheck source=tests/prefix.sh
. "$CLRMEM_SOURCE/tests/prefix.sh"
# shellcheck source=tests/clr/features.sh
. "$CLRMEM_SOURCE/tests/clr/features.sh"

need_wine32 'class library, 32-bit'
runtime=$("$CLRMEM_SOURCE/tools/runtime" --arch i386) || { echo 'Bail out! no 32-bit .NET runtime'; exit 1; }
test_prefix32 class-library32 'class library, 32-bit' "$runtime"
export WINEDEBUG=-all
out=$CLRMEM_TEST_DIR/class-library32
program=$out.exe
compile_features "$runtime" "$program" "$out.log"
start_display "$out.display"
check_features 'stock Wine, 32-bit' "$out.stock" wine "$program"
check_features 'clrmem, 32-bit' "$out.clrmem" "$CLRMEM_COMMAND" run "$program"
check_served 'clrmem, 32-bit' "$out.stats" "$program"
tap_end
