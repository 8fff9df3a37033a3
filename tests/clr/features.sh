# What ClassLibrary.cs has to print: sourced after tap.sh and prefix.sh. SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash

features=('random numbers' GUIDs collections 'regular expressions' cultures 'time zones' files directories compression
    threads 'thread pool' tasks timers sockets processes 'COM object' hashes 'random bytes' ciphers XML serialization
    'reflection emit' domains)
# What a window needs: a display of its own and a font that GDI+ takes.
font=/usr/share/wine/fonts/tahoma.ttf
window_missing=''

# Compiles the program against the class library of a runtime. $1: the runtime, $2: the program, $3: the compiler's log.
compile_features()
{
    local lib=$1/lib/mono/4.5 name
    local -a references=()

    for name in mscorlib System System.Core System.Drawing System.Numerics System.Runtime.Serialization \
        System.Windows.Forms System.Xml System.Xml.Linq; do
        references+=("-r:$lib/$name.dll")
    done
    tap_run 'the program compiles against the class library' "$3" \
        mcs -noconfig -nostdlib "${references[@]}" -out:"$2" "$CLRMEM_SOURCE/tests/clr/ClassLibrary.cs"
}

# Starts a display with a free number, which ends with this script, and gives the prefix a font. Sets DISPLAY; where
# there is none, window_missing says why. $1: a file to use.
start_display()
{
    window_missing='Xvfb (package xvfb) is not installed'
    command -v Xvfb >/dev/null 2>&1 || return 0
    window_missing="$font (package fonts-wine) is not installed"
    cp "$font" "$WINEPREFIX/drive_c/windows/Fonts/" 2>/dev/null || return 0
    window_missing='Xvfb did not start'
    : >"$1"
    setpriv --pdeathsig TERM Xvfb -displayfd 3 -screen 0 800x600x24 -nolisten tcp -ac 3>"$1" >"$1.log" 2>&1 </dev/null &
    for _ in {1..100}; do
        [ ! -s "$1" ] || break
        sleep 0.1
    done
    [ -s "$1" ] || return 0
    DISPLAY=:$(cat "$1")
    export DISPLAY
    pass_display "$1-bin"
    window_missing=''
}

# A Wine in a root of its own is not given the caller's display, and so not this one: puts a command before it in PATH
# that hands it on. $1: a directory for it.
pass_display()
{
    local wine

    wine=$(command -v wine)
    grep -qI 'tools/wine-root' "$wine" || return 0
    mkdir -p "$1"
    sed "s/ \(env WINEARCH=win32 \)\?wine \"\\\$@\"\$/ env DISPLAY=$DISPLAY \1wine \"\$@\"/" "$wine" >"$1/wine"
    chmod +x "$1/wine"
    PATH=$1:$PATH
}

# One test for each feature. $1: what the program runs under, $2: output file, the rest: how it is started.
check_features()
{
    local under=$1 out=$2 status=0 name
    local -a wanted=("${features[@]}")

    shift 2
    if [ -z "$window_missing" ]; then wanted+=(window); else tap_skip "$under: window" "$window_missing"; fi
    timeout -k 5 200 "$@" "${wanted[@]}" >"$out.raw" 2>&1 </dev/null || status=$?
    tr -d '\r' <"$out.raw" >"$out"
    for name in "${wanted[@]}"; do
        tap_matches "$under: $name" "$out" "^$name: ok\$"
    done
    if [ "$status" = 0 ]; then tap_ok "$under: exit status"; else tap_not_ok "$under: status $status" "$out"; fi
}

# The memory of such a program comes from clrmem's manager. $1: what the program runs under, $2: file for the
# statistics, $3: the program.
check_served()
{
    : >"$2"
    timeout -k 5 100 "$CLRMEM_COMMAND" run --stats="$2" "$3" GUIDs >"$2.out" 2>&1 </dev/null
    tap_matches "$1: the memory came from its manager" "$2" '^VirtualAlloc +[1-9][0-9]+ '
}
