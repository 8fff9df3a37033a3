#!/usr/bin/env bash
# The command: what it runs, what it refuses, what it leaves behind. SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2034,SC2154 # shared with the parts
set -u
: "${CLRMEM_COMMAND:?the built command}" "${CLRMEM_TEST_DIR:?a folder to work in}"
CLRMEM_SOURCE=${CLRMEM_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
# shellcheck source=tests/prefix.sh
. "$CLRMEM_SOURCE/tests/prefix.sh"
# shellcheck source=tests/command/checks.sh
. "$CLRMEM_SOURCE/tests/command/checks.sh"
# shellcheck source=tests/command/refusals.sh
. "$CLRMEM_SOURCE/tests/command/refusals.sh"
# shellcheck source=tests/command/choices.sh
. "$CLRMEM_SOURCE/tests/command/choices.sh"
# shellcheck source=tests/command/running.sh
. "$CLRMEM_SOURCE/tests/command/running.sh"
# shellcheck source=tests/command/fresh.sh
. "$CLRMEM_SOURCE/tests/command/fresh.sh"
# shellcheck source=tests/command/installing.sh
. "$CLRMEM_SOURCE/tests/command/installing.sh"

work=$CLRMEM_TEST_DIR/command
rm -rf "$work"
mkdir -p "$work"
work=$(cd "$work" && pwd -P)
out=$work/out err=$work/err
skipped=0
as_user=() # what makes the command run as another user, or with another PATH
export WINEDEBUG=-all
unset CLRMEM_STATS CLRMEM_CGROUP WINE WINELOADER WINEPATH

compile_programs
make_odd_programs
test_prefix command-prefix
timeout 120 wine "$work/show.exe" >"$out" 2>&1 </dev/null # the first program in a prefix makes it settle
timeout 60 wineserver -w
check_help
check_bad_command_lines
check_bad_programs
check_prefix_of_another_user
check_bad_surroundings
check_choice_of_program
check_choice_of_process
check_managed_programs_without_runtime anycpu x64
check_fresh_prefixes
check_run
check_install_and_uninstall
check_install_over_others
check_failed_install
check_two_sides
check_interrupted_install
# A crash of any process in the prefix, Wine's own included, starts Wine's debugger, which makes a key of its own. The
# comparisons of the registry pass over that key, so that it is said here.
timeout 60 wineserver -w
if grep -qF '[Software\\Wine\\WineDbg]' "$WINEPREFIX/user.reg"; then
    echo "# figure: a process crashed in the prefix of the command's tests, and Wine's debugger ran"
fi
printf '# passed %d failed %d skipped %d\n' $((tap_count - tap_failed - skipped)) "$tap_failed" "$skipped"
tap_end
