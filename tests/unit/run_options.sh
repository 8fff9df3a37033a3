#!/usr/bin/env bash
# The core's unit tests again, with options that change the paths through it (tests.h): seven runs in which, with
# run.sh as the eighth, any two options meet in all four combinations (an orthogonal array).
# SPDX-License-Identifier: LGPL-2.1-or-later
set -u
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
# Suites whose expectations hold under every option.
SUITES='accounting virtual_alloc virtual_free stale_regions manager heap heap_trim alloc_site heap_threads failure
    unrecorded threads'

mkdir -p "$CLRMEM_TEST_DIR"
log=$CLRMEM_TEST_DIR/unit_options.log
# Check's limits are those of a fast machine with nothing else to do.
export CK_TIMEOUT_MULTIPLIER=10 CLRMEM_UNIT_OPTIONS
checks=0

# Two suites at a time.
# shellcheck disable=SC2016,SC2317 # the inner shell expands; tap_run calls it
run_suites()
{
    xargs -n 1 -P 2 sh -c 'CK_RUN_SUITE=$1 timeout 600 "$0" </dev/null' "$CLRMEM_BUILD/tests/unit/hostmem_tests" \
        <<<"$SUITES"
}

# The options of row $1: a column for each of three bits, and for each sum of them.
options_of()
{
    local a=$(($1 & 1)) b=$(($1 >> 1 & 1)) c=$(($1 >> 2 & 1)) option=
    local -a on=("$a" "$b" "$c" $((a ^ b)) $((a ^ c)) $((b ^ c)) $((a ^ b ^ c)))

    for option in limits heap-limit waits monitor executable one-shard critical; do
        [ "${on[0]}" = 0 ] || printf '%s ' "$option"
        on=("${on[@]:1}")
    done
}

for row in {1..7}; do
    CLRMEM_UNIT_OPTIONS=$(options_of "$row")
    tap_run "unit tests with: $CLRMEM_UNIT_OPTIONS" "$log" run_suites
    checks=$((checks + $(sed -n 's/.*Checks: \([0-9]*\),.*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')))
done

# An option that changes nothing would prove nothing: the waits' own suite sees that calls wait.
CLRMEM_UNIT_OPTIONS=waits CK_RUN_SUITE=locks timeout 600 "$CLRMEM_BUILD/tests/unit/hostmem_tests" >"$log" 2>&1 </dev/null
tap_matches 'the options reach the tests' "$log" 'Failures: [1-9]'
echo "# figure: unit tests with options that change paths: $checks checks in 7 combinations"
tap_end
