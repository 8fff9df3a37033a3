#!/usr/bin/env bash
# The core under Check, natively, with AddressSanitizer and UndefinedBehaviorSanitizer: Check prints the TAP.
# SPDX-License-Identifier: LGPL-2.1-or-later
set -u
mkdir -p "$CLRMEM_TEST_DIR"
log=$CLRMEM_TEST_DIR/unit.tap
rm -f "$log"
# Check's limits are those of a fast machine with nothing else to do.
export CK_TIMEOUT_MULTIPLIER=10
# Check takes an empty name for one that no test has.
[ -n "${CK_RUN_SUITE:-}" ] || unset CK_RUN_SUITE
[ -n "${CK_RUN_CASE:-}" ] || unset CK_RUN_CASE
CK_TAP_LOG_FILE_NAME=$log timeout 3600 "$CLRMEM_BUILD/tests/unit/hostmem_tests" >"$CLRMEM_TEST_DIR/unit.log" 2>&1
status=$?
[ ! -f "$log" ] || cat "$log"
grep -v '^calls made to fail: ' "$CLRMEM_TEST_DIR/unit.log" | sed 's/^/# /'
checks=$(grep -c '^\(not \)\?ok ' "$log" 2>/dev/null)
echo "# figure: unit tests under AddressSanitizer and UndefinedBehaviorSanitizer: ${checks:-0} checks"
failures=$(sed -n 's/^calls made to fail: //p' "$CLRMEM_TEST_DIR/unit.log" | awk '{ n += $1 } END { print n + 0 }')
echo "# figure: calls of the backend made to fail, in turn, once and for good: $failures"
# Failed tests stand above; without the plan, Check's last line, the program did not come to its end.
grep -q '^1\.\.' "$log" 2>/dev/null || exit "$((status ? status : 1))"
