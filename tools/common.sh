# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the scripts in tools/ share. Sourced by bash scripts, never run.

# A failure inside $(...) counts too.
shopt -s inherit_errexit
# With it set, cd prints.
unset CDPATH

# The name messages start with.
prog=${0##*/}

# Say something to the person who runs the script. Standard output stays free for results.
log()
{
    printf '%s: %s\n' "$prog" "$*" >&2
}

# Say what is wrong and what to do about it, in one line, and stop.
die()
{
    log "error: $*"
    exit 1
}

# Print the directory that keeps what is expensive to make. It exists afterwards.
cache_dir()
{
    local dir=${CLRMEM_CACHE:-}

    if [ -z "$dir" ]; then
        [ -n "${XDG_CACHE_HOME:-}${HOME:-}" ] ||
            die "no place for the cache: set CLRMEM_CACHE, XDG_CACHE_HOME or HOME"
        dir=${XDG_CACHE_HOME:-$HOME/.cache}/clrmem
    fi
    case $dir in
        /*) ;;
        *) die "the cache directory '$dir' is not an absolute path: set CLRMEM_CACHE to one" ;;
    esac
    mkdir -p "$dir" 2>/dev/null || die "cannot create the cache directory $dir: set CLRMEM_CACHE to a writable place"
    printf '%s\n' "$dir"
}

# Stop with advice when a program is missing. $1: the program, $2: the Debian package it is in.
need_program()
{
    command -v "$1" >/dev/null 2>&1 ||
        die "'$1' is missing: install the package $2, or run 'tools/packages --install'"
}

# Wait until no other run works on $1 (a file, made if need be) and keep others out until this script ends or
# calls unlock. Programs that outlive the script must be started with 9>&-, or they keep the lock.
lock()
{
    need_program flock util-linux
    { exec 9>"$1"; } 2>/dev/null || die "cannot write the lock file $1"
    if ! flock -n 9; then
        log "another run holds ${1}; waiting for it"
        until flock -w 30 9; do
            log "still waiting for the other run"
        done
    fi
}

# Let others in again.
unlock()
{
    exec 9>&-
}

# At a terminal sudo may ask for the password; elsewhere nobody could answer. Seen now: commands get another input.
if [ -t 0 ]; then sudo=(sudo); else sudo=(sudo -n); fi

# Run a command as root: as it is for root, else through sudo.
as_root()
{
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif ! command -v sudo >/dev/null 2>&1; then
        die "'$1' needs root, and there is no sudo: run this as root"
    elif "${sudo[@]}" true; then
        "${sudo[@]}" "$@"
    else
        die "'$1' needs root: run this as root, at a terminal where sudo can ask for the password, or after 'sudo -v'"
    fi
}

# Run a command up to $1 times, waiting longer between the tries, until it succeeds.
retry()
{
    local tries=$1 n=1

    shift
    until "$@"; do
        [ "$n" -lt "$tries" ] || return 1
        sleep $((n * 3))
        n=$((n + 1))
        log "trying again ($n of $tries): $1"
    done
}

# Print the version of the Debian source package $1 that the binaries installed here were built from; nothing when
# none is installed.
installed_source_version()
{
    # shellcheck disable=SC2016 # these are dpkg-query's fields, not the shell's
    dpkg-query -W -f '${source:Package} ${source:Version} ${db:Status-Status}\n' 2>/dev/null |
        awk -v p="$1" '$1 == p && $3 == "installed" && !done { print $2; done = 1 }'
}

# Print the upstream archive of the source package whose .dsc file is $1.
source_archive()
{
    local archive

    for archive in "${1%/*}"/*.orig.tar.*; do
        case $archive in
            *.asc) ;;
            *) printf '%s\n' "$archive"; return ;;
        esac
    done
    die "there is no upstream archive beside $1: remove ${1%/*} and run this again"
}

# Turn an absolute Unix path into the DOS path programs under Wine know it by.
dos_path()
{
    printf 'Z:%s\n' "$1" | tr / "\\\\"
}

# Run a Wine program in the prefix $1 with a time limit of $2 seconds; the program and its arguments follow.
# Wine's helpers keep what they inherit, so nothing of the caller's is passed on: the output goes to the file
# named by WINE_LOG, the input is empty, locks are closed. Wine may exit 0 on failure: look at the output.
run_wine()
{
    local prefix=$1 seconds=$2

    shift 2
    env -u DISPLAY -u WAYLAND_DISPLAY -u WINEARCH -u WINEDLLPATH -u WINESERVER -u WINELOADER \
        WINEPREFIX="$prefix" WINEDEBUG=-all WINEDLLOVERRIDES="${WINE_OVERRIDES:-winemenubuilder.exe=d}" \
        timeout -k 5 "$seconds" "$@" </dev/null >"${WINE_LOG:-/dev/null}" 2>&1 9>&-
}
