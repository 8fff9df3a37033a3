#!/usr/bin/env bash
# How many checks each part of the tests made, from the logs of the test scripts. $1: the build directory, whose old
# logs were removed before the run. SPDX-License-Identifier: LGPL-2.1-or-later
set -u
build=$1

# Automake puts the result beside the log of each script that it ran to the end; other logs are the scripts' own.
mapfile -t logs < <(find "$build/tests" -name '*.trs' | sort | sed 's/\.trs$/.log/')
[ "${#logs[@]}" -gt 0 ] || exit 0

# Wine's harness counts single checks: "# clrmem virtual: 123 tests executed (0 marked ...".
sed -n 's/^# \([a-z_0-9]*\) \([a-z_0-9]*\): \([0-9]*\) tests executed .* \([0-9]*\) skipped\.$/\1 \3 \4/p' "${logs[@]}" |
    awk '{ checks[$1] += $2; skipped[$1] += $3; parts[$1]++ }
         END { for (name in checks)
                   printf "%s: %d parts, %d checks under Wine, %d skipped inside\n",
                          name, parts[name], checks[name], skipped[name] }' | sort

# Wine's own tests, plain and routed to the manager: "# virtual kernel32: 123 checks compared, 0 differ as listed, ...".
sed -n 's/^# virtual [a-z0-9-]*: //p' "${logs[@]}" | sed 's/[^0-9][^0-9]*/ /g' |
    awk '{ checks += $1; listed += $2; wrong += $3; answered += $5; passed += $6; runs++ }
         END { if (runs)
                   printf "virtual: %d programs, %d checks compared, %d the same, %d differ as listed; " \
                          "%d calls answered by the manager, %d passed to Windows\n",
                          runs, checks, checks - listed - wrong, listed, answered, passed }'

# What the core went through: "# figure: unit tests under ThreadSanitizer: 456 checks".
sed -n 's/^# figure: //p' "${logs[@]}"

# What was not run, and why.
sed -n 's/^ok [0-9]* - \(.*\) # SKIP \(.*\)$/skipped: \1: \2/p' "${logs[@]}"
exit 0
