#!/usr/bin/env bash
# What programs use of the class library, on stock Wine and under `clrmem run`. SPDX-License-Identifier: LGPL-2.1-or-later
set -u
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
# shellcheck source=tests/prefix.sh
. "$CLRMEM_SOURCE/tests/prefix.sh"
# shellcheck source=tests/clr/features.sh
. "$CLRMEM_SOURCE/tests/clr/features.sh"

runtime=$("$CLRMEM_SOURCE/tools/runtime") || { echo 'Bail out! no .NET runtime'; exit 1; }
test_prefix class-library "$runtime"
export WINEDEBUG=-all
out=$CLRMEM_TEST_DIR/class-library
program=$out.exe
compile_features "$runtime" "$program" "$out.log"
start_display "$out.display"
check_features 'stock Wine' "$out.stock" wine "$program"
check_features clrmem "$out.clrmem" "$CLRMEM_COMMAND" run "$program"
check_served 'clrmem' "$out.stats" "$program"
tap_end
