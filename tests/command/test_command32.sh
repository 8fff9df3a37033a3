#!/usr/bin/env bash
# The command in a prefix of a 32-bit Wine. SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2034,SC2154 # shared with the parts
set -u
: "${CLRMEM_COMMAND:?the built command}" "${CLRMEM_TEST_DIR:?a folder to work in}"
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
# shellcheck source=tests/prefix.sh
. "$CLRMEM_SOURCE/tests/prefix.sh"
# shellcheck source=tests/command/checks.sh
. "$CLRMEM_SOURCE/tests/command/checks.sh"
# shellcheck source=tests/command/choices.sh
. "$CLRMEM_SOURCE/tests/command/choices.sh"
# shellcheck source=tests/command/running.sh
. "$CLRMEM_SOURCE/tests/command/running.sh"

work=$CLRMEM_TEST_DIR/command32
rm -rf "$work"
mkdir -p "$work"
work=$(cd "$work" && pwd -P)
out=$work/out err=$work/err
skipped=0
as_user=()
export WINEDEBUG=-all

compile_programs
test_prefix32 command32-prefix 'the command, 32-bit'
finds 'a 32-bit program' '.*\\show32\.exe' "$work/show32.exe"
cp "$work/show32.exe" "$WINEPREFIX/drive_c/windows/system32/"
finds 'a name that Windows finds' '.*\\show32\.exe' show32
SHOW_EXIT=42 run "$CLRMEM_COMMAND" run "$work/show32.exe"
check 'exit code' ran_as 42 ''
wine_refuses '64-bit program, 32-bit prefix' 126 'show.exe: is a 64-bit program.*32-bit' "$work/show.exe"
check_managed_programs_without_runtime anycpu anycpu32bitpreferred x86
check_children 32
run "$CLRMEM_COMMAND" install
check 'install' ran_as 0 ''
check 'install: the 32-bit file' cmp "$CLRMEM_BUILD/i386-windows/clrmem.dll" "$WINEPREFIX/drive_c/windows/system32/clrmem.dll"
run "$CLRMEM_COMMAND" uninstall
check 'uninstall' ran_as 0 ''
check 'uninstall: the file' test ! -e "$WINEPREFIX/drive_c/windows/system32/clrmem.dll"
tap_end
