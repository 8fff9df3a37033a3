#!/usr/bin/env bash
# The core under Check, natively, with ThreadSanitizer, which first has to find locks that order nothing. Check prints
# the TAP of the tests. SPDX-License-Identifier: LGPL-2.1-or-later
set -u
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"

mkdir -p "$CLRMEM_TEST_DIR"
tests=$CLRMEM_TEST_DIR/unit_tsan.tap
log=$CLRMEM_TEST_DIR/unit_tsan.log
rm -f "$tests"
unset CK_RUN_SUITE CK_RUN_CASE

# The sanitizer's own memory layout may not allow for as much address space randomization as the kernel does.
run()
{
    "$@" >"$log" 2>&1 </dev/null && return
    grep -q 'FATAL: ThreadSanitizer: unexpected memory mapping' "$log" || return
    setarch -R "$@" >"$log" 2>&1 </dev/null
}

# Which interleavings a run sees is chance.
for _ in {1..5}; do
    CK_RUN_SUITE=heap_threads TSAN_OPTIONS=halt_on_error=1 \
        run timeout 600 "$CLRMEM_BUILD/tests/unit/hostmem_tests_unordered"
    ! grep -q 'WARNING: ThreadSanitizer' "$log" || break
done
tap_matches 'ThreadSanitizer finds locks that order nothing' "$log" '^WARNING: ThreadSanitizer: data race'

# Check's limits are those of a fast machine with nothing else to do, and no sanitizer.
export CK_TIMEOUT_MULTIPLIER=10

# A test in which the sanitizer finds something fails by its exit status.
CK_TAP_LOG_FILE_NAME=$tests run timeout 3600 "$CLRMEM_BUILD/tests/unit/hostmem_tests_tsan"
status=$?
while read -r line; do
    case $line in
        ok*) tap_ok "${line#ok * - }" ;;
        'not ok'*) tap_not_ok "${line#not ok * - }" ;;
        1..*) planned=${line#1..} ;;
    esac
done < <([ ! -f "$tests" ] || cat "$tests")
sed 's/^/# /' "$log"
echo "# figure: unit tests under ThreadSanitizer: $((tap_count - 1)) checks"

# Check's plan is the last thing it prints.
if [ "${planned:-}" != $((tap_count - 1)) ]; then
    tap_not_ok "the tests end with status $status after $((tap_count - 1)) of ${planned:-an unknown number}"
elif [ "$status" != 0 ] && [ "$tap_failed" = 0 ]; then
    tap_not_ok "all tests pass, and they end with status $status"
fi
tap_end
