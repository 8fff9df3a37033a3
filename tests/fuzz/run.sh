#!/usr/bin/env bash
# The manager of clrmem.dll against plain Win32: a million random calls, unless CLRMEM_FUZZ_CALLS says otherwise; of
# seed CLRMEM_FUZZ_SEED, if that is set. SPDX-License-Identifier: LGPL-2.1-or-later
set -u
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
# shellcheck source=tests/prefix.sh
. "$CLRMEM_SOURCE/tests/prefix.sh"

test_prefix fuzz
export WINEDEBUG=-all
out=$CLRMEM_TEST_DIR/fuzz.log
program=$CLRMEM_BUILD/x86_64-windows/tests/differential.exe

tap_run 'clrmem install' "$out" "$CLRMEM_COMMAND" install "$WINEPREFIX"

tap_run 'random calls do as Win32 does' "$out" timeout 1800 wine "$program" \
    --calls "${CLRMEM_FUZZ_CALLS:-1000000}" --seed "${CLRMEM_FUZZ_SEED:-1}"
tap_matches 'as many calls as were asked for' "$out" '^differential fuzzer: .* no other difference'
tr -d '\r' <"$out" | grep -E '^(differential fuzzer|departure): ' | sed 's/^differential fuzzer/figure: &/; s/^/# /'

# It finds what is wrong: here the manager's commits forget their last page.
status=0
timeout 300 wine "$program" --sabotage --calls 100000 >"$out" 2>&1 </dev/null || status=$?
if [ "$status" = 1 ]; then
    tap_ok 'a manager that commits too little is found'
else
    tap_not_ok "a manager that commits too little is not found (status $status)" "$out"
fi
tap_matches 'and shown by a few calls' "$out" '^shrunk to [23] calls'
tap_matches 'as code' "$out" '^    VirtualAlloc\(.*, MEM_COMMIT, PAGE_'
tap_end
