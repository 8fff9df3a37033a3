#!/usr/bin/env bash
# How many checks each part of the tests made, from their logs. $1: the build directory.
# SPDX-License-Identifier: LGPL-2.1-or-later
set -u
build=$1

# Wine's harness counts single checks: "# clrmem virtual: 123 tests executed (0 marked ...".
find "$build/tests" -name '*.log' -exec cat {} + |
    sed -n 's/^# \([a-z_0-9]*\) \([a-z_0-9]*\): \([0-9]*\) tests executed .* \([0-9]*\) skipped\.$/\1 \3 \4/p' |
    awk '{ checks[$1] += $2; skipped[$1] += $3; parts[$1]++ }
         END { for (name in checks)
                   printf "%s: %d parts, %d checks under Wine, %d skipped inside\n",
                          name, parts[name], checks[name], skipped[name] }' | sort

# What was not run, and why.
find "$build/tests" -name '*.log' -exec cat {} + | sed -n 's/^ok [0-9]* - \(.*\) # SKIP \(.*\)$/skipped: \1: \2/p'
exit 0
