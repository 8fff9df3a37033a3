# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# TAP for the test scripts: sourced. Call tap_end last.

tap_count=0
tap_failed=0

tap_ok()
{
    tap_count=$((tap_count + 1))
    printf 'ok %d - %s\n' "$tap_count" "$1"
}

# $1: name; $2: a file with what was printed, shown as diagnosis; optional.
tap_not_ok()
{
    tap_count=$((tap_count + 1))
    tap_failed=$((tap_failed + 1))
    printf 'not ok %d - %s\n' "$tap_count" "$1"
    [ -z "${2:-}" ] || sed 's/^/# /' "$2"
}

# $1: name, $2: why it cannot run here.
tap_skip()
{
    tap_count=$((tap_count + 1))
    printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

# $1: name, $2: output file, the rest: a command that must succeed; its output goes to the file.
tap_run()
{
    local name=$1 output=$2

    shift 2
    if "$@" >"$output" 2>&1 </dev/null; then tap_ok "$name"; else tap_not_ok "$name (status $?)" "$output"; fi
}

# $1: name, $2: output file, $3: extended regular expression that a line of it must match.
tap_matches()
{
    if grep -Eq -- "$3" "$2"; then tap_ok "$1"; else tap_not_ok "$1: nothing matches /$3/" "$2"; fi
}

tap_end()
{
    printf '1..%d\n' "$tap_count"
    [ "$tap_failed" = 0 ] || printf '# %d of %d failed\n' "$tap_failed" "$tap_count"
    # What failed stands above; a status would count as one more failure.
    exit 0
}
