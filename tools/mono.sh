# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the scripts that build parts of Mono share: its version and sources, and builds that go in stages, each done
# once, so that a run that was interrupted is continued by the next. Sourced after common.sh, by scripts that set 'tools'
# to their directory, 'build' to that of the build, and 'logfile'.
# shellcheck disable=SC2154 # these

# Raised whenever the steps of tools/runtime or tools/class-library give something else than before, so that what is
# cached is made anew.
# shellcheck disable=SC2034 # used where this is sourced
native_recipe=1 classes_recipe=1

# Print the upstream version of Mono that is installed here: the part that does not change with Debian's fixes.
mono_version()
{
    local version

    version=$(installed_source_version mono)
    version=${version%-*}
    version=${version%%+*}
    printf '%s\n' "${version:-debian}"
}

# Print the archive of Mono's sources, from a place in the cache that all builds share. $1: the version.
mono_archive()
{
    local cache dsc

    cache=$(cache_dir)
    dsc=$("$tools/fetch-source" --download-only mono "$cache/mono-source/$1" 9>&-)
    source_archive "$dsc"
}

# Run stage $1 of the build in $build, unless it was done: the function stage_$1.
stage()
{
    [ ! -f "$build/.done-$1" ] || return 0
    "stage_$1"
    : >"$build/.done-$1"
}

# Say what goes wrong in a stage, with the last line of the log that looks like the cause.
stage_failed()
{
    local cause

    cause=$(grep -E ' error:? |No space left' "$logfile" | tail -n 1 || true)
    die "$1 failed (${cause:-no cause seen}): see $logfile, then run this again; it continues where it stopped"
}

# Run a command with its output in the build log, passing on a request to stop, and say every 15 seconds how far it
# is. $1: a function printing that; the command follows. Returns the command's status.
with_progress()
{
    local how_far=$1 ticks=0 pid status=0

    shift
    # In a process group of its own, so that all of it can be stopped.
    set -m
    "$@" >>"$logfile" 2>&1 </dev/null &
    pid=$!
    set +m
    # shellcheck disable=SC2064 # this very process
    trap "kill -- -$pid 2>/dev/null || true; wait $pid 2>/dev/null || true; exit 130" INT TERM HUP
    while kill -0 "$pid" 2>/dev/null; do
        sleep 1
        ticks=$((ticks + 1))
        [ $((ticks % 15)) -ne 0 ] || log "$("$how_far")"
    done
    wait "$pid" || status=$?
    trap - INT TERM HUP
    return "$status"
}

# Run a command in the directory $1 with nothing of the caller's environment that would change what is built, such as
# CC or MAKEFLAGS.
run_clean()
{
    local dir=$1

    shift
    env -C "$dir" -i PATH="$PATH" HOME="${HOME:-/}" TMPDIR="${TMPDIR:-/tmp}" LC_ALL=C "$@"
}

# Print how far something is, in percent. $1: the number of parts made, $2: about how many there are.
percent()
{
    local percent=$(($1 * 100 / $2))

    [ "$percent" -lt 100 ] || percent=99
    printf '%s%%\n' "$percent"
}
