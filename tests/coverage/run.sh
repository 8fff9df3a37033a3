#!/usr/bin/env bash
# How many branches of the core its unit tests take: at least LEAST percent, headers included; every branch that no test
# takes is named in coverage-missing.log. SPDX-License-Identifier: LGPL-2.1-or-later
set -u
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
LEAST=95

mkdir -p "$CLRMEM_TEST_DIR"
objects=$CLRMEM_BUILD/tests/coverage
log=$CLRMEM_TEST_DIR/coverage.log
table=$CLRMEM_TEST_DIR/coverage-table.log
missing=$CLRMEM_TEST_DIR/coverage-missing.log
# Check's limits are those of a fast machine with nothing else to do.
export CK_TIMEOUT_MULTIPLIER=10

# Runs the unit tests, of $1 only if that names a suite, and makes the table of their branches.
# shellcheck disable=SC2317 # tap_run calls it
measure()
{
    local -x CK_RUN_SUITE=$1
    local status

    find "$objects" -name '*.gcda' -delete
    [ -n "$CK_RUN_SUITE" ] || unset CK_RUN_SUITE
    timeout 3600 "$objects/hostmem_tests"
    status=$?
    : >"$missing"
    find "$objects/libs" -name '*.gcda' -exec "$GCOV" --stdout --branch-probabilities --branch-counts {} \; |
        awk -v part=libs/ -v missing="$missing" -f "$CLRMEM_SOURCE/tests/coverage/branches.awk" |
        sort >"$table"
    return "$status"
}

# "TAKEN TOTAL" of the whole table.
totals()
{
    awk '{ taken += $2; total += $3 } END { print taken + 0, total + 0 }' "$table"
}

# $1 of $2 in tenths of a percent, rounded down.
tenths()
{
    echo $(($2 ? $1 * 1000 / $2 : 0))
}

percent()
{
    printf '%d.%d' $(($1 / 10)) $(($1 % 10))
}

# A measure that one suite out of many already satisfies measures nothing.
tap_run 'the tests of the map alone run' "$log" measure map
read -r taken total < <(totals)
if [ "$total" -gt 0 ] && [ "$(tenths "$taken" "$total")" -lt 500 ]; then
    tap_ok 'the tests of the map alone leave most branches out'
else
    tap_not_ok "the tests of the map alone take $taken of $total branches" "$table"
fi

tap_run 'the unit tests run' "$log" measure ''
unmeasured=
for source in $HOSTMEM_SRCS; do
    grep -q "^$source " "$table" || unmeasured="$unmeasured $source"
done
if [ -z "$unmeasured" ]; then
    tap_ok 'every source of the core is measured'
else
    tap_not_ok "not measured:$unmeasured" "$table"
fi

while read -r path taken total; do
    printf '# %5s %% of %3d branches: %s\n' "$(percent "$(tenths "$taken" "$total")")" "$total" "$path"
done < <(awk '$3 > 0' "$table")
read -r taken total < <(totals)
reached=$(tenths "$taken" "$total")
if [ "$reached" -ge $((LEAST * 10)) ]; then
    tap_ok "the unit tests take at least $LEAST % of the core's branches"
else
    tap_not_ok "the unit tests take less than $LEAST % of the core's branches" "$missing"
fi
echo "# figure: branch coverage of libs by the unit tests: $(percent "$reached") % ($taken of $total)"
tap_end
