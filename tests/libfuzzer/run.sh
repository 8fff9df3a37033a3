#!/usr/bin/env bash
# Random calls to the core, guided by libFuzzer: RUNS sequences from fixed seeds, or CLRMEM_LIBFUZZER_RUNS of them. What
# it finds is left in a file; `hostmem_fuzzer FILE` runs that again, and shows its calls if CLRMEM_LIBFUZZER_TRACE is
# set.
# SPDX-License-Identifier: LGPL-2.1-or-later
set -u
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
RUNS=25000
LONGEST=300 # bytes of a sequence

mkdir -p "$CLRMEM_TEST_DIR"
programs=$CLRMEM_BUILD/tests/libfuzzer
work=$CLRMEM_TEST_DIR/libfuzzer
rm -rf "$work"
mkdir -p "$work/seeds"

# Sequences to begin with: bytes of a linear congruential generator.
make_seeds()
{
    local x=1 name line i

    for name in {1..24}; do
        line=
        for ((i = 0; i < LONGEST; i++)); do
            x=$(((x * 1103515245 + 12345) & 0x7fffffff))
            printf -v line '%s\\x%02x' "$line" $((x >> 16 & 255))
        done
        printf '%b' "$line" >"$work/seeds/$name"
    done
}

# Runs program $1 for $2 sequences; the log is $3; what it finds is put into files that begin with $4. Nothing the
# fuzzer goes by comes from outside, so that it does the same every time.
fuzz()
{
    "$programs/$1" -seed=1 -runs="$2" -max_len="$LONGEST" -len_control=0 -use_cmp=0 -use_memmem=0 -timeout=60 \
        -artifact_prefix="$4" -seed_inputs="$(find "$work/seeds" -type f | sort | paste -sd,)" >"$3" 2>&1 </dev/null
}

# What the log $1 says of a failure.
failure()
{
    sed -n '/^fuzz:\|^backend:\|ERROR:\|runtime error/,$p' "$1" | head -n 60
}

# The number of sequences that the log $1 says were run.
runs_in()
{
    sed -n 's/^#\([0-9]*\)[[:space:]]*DONE.*/\1/p' "$1"
}

make_seeds
runs=${CLRMEM_LIBFUZZER_RUNS:-$RUNS}
log=$work/fuzz.log
if fuzz hostmem_fuzzer "$runs" "$log" "$work/"; then
    tap_ok 'random calls do as the model'
else
    tap_not_ok "random calls do as the model; to run them again: $(find "$work" -maxdepth 1 -name '*-*')" \
        <(failure "$log")
fi
done=$(runs_in "$log")
if [ "${done:-0}" -ge "$runs" ]; then
    tap_ok 'as many sequences as were asked for'
else
    tap_not_ok "${done:-an unknown number} of $runs sequences"
fi
places=$(sed -n 's/.*DONE *cov: \([0-9]*\).*/\1/p' "$log")
echo "# figure: libFuzzer on the core: ${done:-0} sequences of calls, ${places:-no} places in the code"

# It finds what is wrong: here decommitting forgets a page now and then.
log=$work/sabotaged.log
if fuzz hostmem_fuzzer_sabotaged 20000 "$log" "$work/sabotaged-"; then
    tap_not_ok 'a core that miscounts is not found'
else
    tap_ok 'a core that miscounts is found'
fi
tap_matches 'by its figures' "$log" '^fuzz: '
tap_matches 'and the calls that show it are kept' "$log" "Test unit written to $work/sabotaged-crash-"
tap_end
