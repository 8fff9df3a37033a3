# How a host is run and its text compared: sourced after prefix.sh. SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash

# Runs a program; its output and status go to a file. $1: the file, the rest: how it is run.
run_host()
{
    local output=$1 status=0

    shift
    "$@" >"$output.raw" 2>&1 </dev/null || status=$?
    { tr -d '\r' <"$output.raw"; echo "status $status"; } >"$output"
}

# Every host prints what it gets from a call; that has to be what the .NET Framework documents. $1: what is tested,
# $2: the architecture's directory, the rest: how a program is run.
check_hosts()
{
    local name=$1 dir=$2 expected host output

    shift 2
    CLRMEM_HOSTED=Z:${dir//\//\\}\\hosted.exe
    export CLRMEM_HOSTED
    for expected in "$CLRMEM_SOURCE"/tests/hosts/*.txt; do
        host=$(basename "$expected" .txt)
        output=$CLRMEM_TEST_DIR/$name-$host.log
        run_host "$output" "$@" "$dir/$host.exe"
        if diff -u "$expected" "$output" >"$output.diff"; then
            tap_ok "$name: $host"
        else
            tap_not_ok "$name: $host" "$output.diff"
        fi
    done

    output=$CLRMEM_TEST_DIR/$name-hosted.log
    run_host "$output" "$@" "$dir/hosted.exe"
    tap_matches "$name: a managed program finds the version it runs on" "$output" \
        '^GetCORVersion: 0x00000000 v4\.0\.30319 11$'
    tap_matches "$name: a managed program finds its runtime in the process" "$output" \
        '^GetVersionFromProcess: 0x00000000 v4\.0\.30319 11$'
}
