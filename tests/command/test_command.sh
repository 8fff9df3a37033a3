#!/usr/bin/env bash
# The command: what it runs, what it refuses, what it leaves behind. SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2317 # what a check does is called by its name
set -u
: "${CLRMEM_COMMAND:?the built command}" "${CLRMEM_TEST_DIR:?a folder to work in}"
CLRMEM_SOURCE=${CLRMEM_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
# shellcheck source=tests/prefix.sh
. "$CLRMEM_SOURCE/tests/prefix.sh"

work=$CLRMEM_TEST_DIR/command
rm -rf "$work"
mkdir -p "$work"
work=$(cd "$work" && pwd -P)
out=$work/out err=$work/err
skipped=0
as_user=() # what makes the command run as another user, or with another PATH
export WINEDEBUG=-all
unset CLRMEM_STATS WINE WINELOADER WINEPATH

# ---- Checks ----

# $1: name, the rest: a command whose success is the check; its output is the diagnosis.
check()
{
    local name=$1

    shift
    if "$@" >"$work/check" 2>&1; then tap_ok "$name"; else tap_not_ok "$name" "$work/check"; fi
}

skip()
{
    skipped=$((skipped + 1))
    tap_skip "$1" "$2"
}

# Runs a command without input, its streams in $out and $err; sets status.
run()
{
    status=0
    timeout 120 "$@" >"$out" 2>"$err" </dev/null || status=$?
}

# $1: right status, $2: extended regular expression for standard error, or nothing.
ran_as()
{
    cat "$out" "$err"
    echo "status $status"
    [ "$status" = "$1" ] && { [ -z "$2" ] || grep -Eq -- "$2" "$err"; }
}

# One line, from clrmem, with the right status, and nothing on standard output.
refused_as()
{
    ran_as "$1" "$2" && [ "$(wc -l <"$err")" = 1 ] && [ ! -s "$out" ] && grep -q '^clrmem: ' "$err"
}

# What is in a folder, to the last time stamp.
state_of()
{
    (cd "$1" && find . -printf '%p %y %s %T@ %l\n' | sort)
}

# $1: name, $2: status, $3: expression for the line, the rest: arguments of the command, which must change nothing.
refuses()
{
    local name=$1 wanted=$2 line=$3

    shift 3
    state_of "$WINEPREFIX" >"$work/before"
    run "${as_user[@]}" "$CLRMEM_COMMAND" "$@"
    state_of "$WINEPREFIX" >"$work/after"
    check "$name: status $wanted, one line" refused_as "$wanted" "$line"
    check "$name: nothing changed" diff "$work/before" "$work/after"
}

# The files and the registry, but for the times in it, which Wine sets anew at each start.
content_of()
{
    timeout 60 wineserver -w
    (cd "$WINEPREFIX" && find . -name '*.reg' -prune -o -name wineserver -prune -o -type f -exec cksum {} + | sort -k 3
        sed -E '/^#time=/d; /^"DriverDateData"=/d; s/^(\[.*\]) [0-9]+$/\1/' system.reg user.reg userdef.reg)
}

# ---- What the checks work on ----

# $1: source, $2: output, the rest: compiler and its options.
compile()
{
    local source=$CLRMEM_SOURCE/tests/command/$1 output=$work/$2

    shift 2
    "$@" -Wall -Wextra -O2 -municode -o "$output" "$source" || {
        echo "Bail out! $source was not compiled"
        exit 1
    }
}

compile_programs()
{
    local cc64=${MINGW64_CC:-x86_64-w64-mingw32-gcc} cc32=${MINGW32_CC:-i686-w64-mingw32-gcc}

    compile show.c show.exe "$cc64"
    compile show.c show32.exe "$cc32"
    compile window.c window.exe "$cc64" -mwindows
    compile linger.c linger.exe "$cc64"
}

# $1: program, $2: offset from the "PE" signature, $3: bytes as printf writes them.
patch_header()
{
    local header

    header=$(od -An -tu4 -j60 -N4 "$1")
    # shellcheck disable=SC2059 # the bytes are a format
    printf "$3" | dd of="$1" bs=1 seek=$((header + $2)) conv=notrunc status=none
}

# Programs that cannot be run, made from one that can.
make_odd_programs()
{
    cp "$work/show.exe" "$work/arm64.exe"
    patch_header "$work/arm64.exe" 4 '\x64\xaa'
    cp "$work/show.exe" "$work/win16.exe"
    patch_header "$work/win16.exe" 0 'NE'
    cp "$work/show.exe" "$work/library.dll"
    patch_header "$work/library.dll" 22 '\x22\x20'
    printf 'MZ' >"$work/short.exe"
    printf 'Not a program.\n' >"$work/text.exe"
    mkdir -p "$work/folder.exe"
}

# A folder of modules like the command's own, for a check to spoil. $1: its name; prints its path.
copy_modules()
{
    local from=${CLRMEM_LIBDIR:-$(dirname "$CLRMEM_COMMAND")/../..} arch

    for arch in x86_64-windows i386-windows; do
        mkdir -p "$work/$1/$arch"
        cp "$from/$arch/clrmem.dll" "$from/$arch/clrmemshim.dll" "$from/$arch/clrmemstart.exe" "$work/$1/$arch/"
    done
    echo "$work/$1"
}

# A stand-in for Wine that shows what it is started with. Prints its path.
make_echo()
{
    # shellcheck disable=SC2016
    printf '#!/bin/sh\nprintf "%%s\\n" "$@"\n' >"$work/echo-wine"
    chmod +x "$work/echo-wine"
    echo "$work/echo-wine"
}

# A prefix with nothing but what the command looks at. $1: name, $2: win64 or win32; prints its path.
make_bare_prefix()
{
    local path=$work/$1

    mkdir -p "$path/dosdevices" "$path/drive_c/windows/system32"
    ln -s ../drive_c "$path/dosdevices/c:"
    ln -s / "$path/dosdevices/z:"
    printf 'WINE REGISTRY Version 2\n;; All keys relative to REGISTRY\\\\Machine\n\n#arch=%s\n\n' "$2" >"$path/system.reg"
    printf 'WINE REGISTRY Version 2\n;; All keys relative to REGISTRY\\\\User\\\\S-1-5-21-0-0-0-1000\n\n' >"$path/user.reg"
    echo "$path"
}

# ---- The command line ----

check_help()
{
    run "$CLRMEM_COMMAND" --version
    check '--version' grep -Eq '^clrmem [0-9]+\.[0-9]+' "$out"
    for words in --help help 'run --help' 'install --help' 'uninstall --help' 'help run' 'help install'; do
        # shellcheck disable=SC2086
        run "$CLRMEM_COMMAND" $words
        check "$words" ran_as 0 ''
        check "$words: on standard output" grep -q '^Usage: clrmem' "$out"
    done
}

check_bad_command_lines()
{
    refuses 'no command' 125 'command is missing'
    refuses 'unknown command' 125 "'walk'" walk
    refuses 'unknown topic of help' 125 "'walk'" help walk
    refuses 'unknown option' 125 "'--fast'" --fast run x
    refuses 'unknown option of run' 125 "'--fast'" run --fast "$work/show.exe"
    refuses 'unknown short options of run' 125 "'-xyz'" run -xyz "$work/show.exe"
    refuses 'unknown option after a good one' 125 "'-q'" run --stats -q "$work/show.exe"
    refuses 'unknown option of install' 125 "'--force'" install --force
    refuses 'unknown option of uninstall' 125 "'--force'" uninstall --force
    refuses 'option without its value' 125 "'--prefix' needs" install --prefix
    refuses 'two prefixes' 125 "'b'" install a b
    refuses 'prefix by option and operand' 125 "'b'" uninstall -p a b
    refuses 'PROGRAM missing' 125 'PROGRAM' run
    refuses 'PROGRAM missing after options' 125 'PROGRAM' run --stats --
    refuses 'PROGRAM empty' 125 'PROGRAM' run ''
    refuses '--stats without its file' 125 'stats' run --stats= "$work/show.exe"
    refuses '--stats in no folder' 125 "$work/none/s" run --stats="$work/none/s" "$work/show.exe"
    refuses '--stats on a folder' 125 "$work" run --stats="$work" "$work/show.exe"
}

check_bad_programs()
{
    refuses 'no such Unix path' 127 '/none.exe' run "$work/none.exe"
    refuses 'no such relative path' 127 '\./none.exe' run ./none.exe
    refuses 'no such Windows path' 127 'C:\\none.exe' run 'C:\none.exe'
    refuses 'no such drive' 127 'Q:\\none.exe' run 'Q:\none.exe'
    refuses 'no such name' 127 'none.exe' run none.exe
    refuses 'no such name, a newline in it' 127 'no\?ne.exe' run $'no\nne.exe'
    refuses 'a program as a folder' 127 'show.exe/' run "$work/show.exe/"
    refuses 'folder' 126 'folder' run "$work/folder.exe"
    refuses 'text file' 126 'not a Windows program' run "$work/text.exe"
    refuses 'DOS program' 126 'DOS' run "$work/short.exe"
    refuses '16-bit program' 126 '16-bit' run "$work/win16.exe"
    refuses 'DLL' 126 'DLL' run "$work/library.dll"
    refuses 'ARM64 program' 126 'ARM64' run "$work/arm64.exe"
}

# The super-user reads everything, so it becomes nobody for this.
check_unreadable_program()
{
    local right=$WINEPREFIX as_user=()

    cp "$work/show.exe" "$work/secret.exe"
    chmod 0 "$work/secret.exe"
    WINEPREFIX=$(make_bare_prefix other win64)
    export WINEPREFIX
    if [ "$(id -u)" = 0 ]; then
        chown -R 65534:65534 "$WINEPREFIX"
        refuses "another user's prefix" 125 "$WINEPREFIX belongs to another" run "$work/show.exe"
        as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    else
        skip "another user's prefix" 'there is none'
    fi
    if "${as_user[@]}" test -x "$CLRMEM_COMMAND" -a -r "$work/show.exe" 2>/dev/null; then
        refuses 'unreadable program' 126 'Permission denied' run "$work/secret.exe"
    else
        skip 'unreadable program' 'another user does not come here'
    fi
    rm -f "$work/secret.exe"
    export WINEPREFIX=$right
}

check_bad_surroundings()
{
    local modules right=$WINEPREFIX

    as_user=(env PATH=/none)
    refuses 'no Wine' 125 'no Wine.*install' run "$work/show.exe"
    as_user=()
    WINE=nowine refuses 'WINE is no program' 125 "'nowine'" run "$work/show.exe"
    WINELOADER=/none/wine refuses 'WINELOADER is no program' 125 "'/none/wine'" install
    CLRMEM_LIBDIR=/none refuses 'no modules for run' 125 '/none/.*installed completely' run "$work/show.exe"
    CLRMEM_LIBDIR=/none refuses 'no modules for install' 125 '/none/.*installed completely' install
    modules=$(copy_modules no-shim)
    rm "$modules/x86_64-windows/clrmemshim.dll"
    CLRMEM_LIBDIR=$modules refuses 'no shim' 125 'clrmemshim.dll is missing' run "$work/show.exe"

    mkdir -p "$work/no-prefix"
    export WINEPREFIX=$work/no-prefix
    refuses 'run: a folder that is no prefix' 125 "$work/no-prefix.*system.reg.*wineboot" run "$work/show.exe"
    refuses 'install: a folder that is no prefix' 125 "$work/no-prefix.*system.reg.*wineboot" install
    refuses 'uninstall: a folder that is no prefix' 125 "$work/no-prefix.*system.reg" uninstall
    refuses 'install: no folder' 125 "$work/none.*system.reg" install "$work/none"
    refuses 'install -p: no folder' 125 "$work/none.*system.reg" install -p "$work/none"
    refuses 'install: empty name' 125 'prefix is empty' install ''
    check 'no prefix was made' test ! -e "$work/none"
    export WINEPREFIX=$right
}

# ---- Which program, which process: with a Wine that only shows what it is asked for ----

# $1: name, $2: expression for clrmemstart.exe and its mode, the rest: arguments of run.
starts()
{
    local name=$1 wanted=$2

    shift 2
    run "$CLRMEM_COMMAND" run "$@"
    paste -sd ' ' "$out" >"$out.line"
    check "$name" grep -Eq -- "^[^ ]*/$wanted" "$out.line"
}

check_choice_of_process()
{
    local right=$WINEPREFIX WINE win32

    WINE=$(make_echo)
    export WINE
    win32=$(make_bare_prefix win32 win32)
    WINEPREFIX=$(make_bare_prefix win64 win64)
    export WINEPREFIX
    starts 'a 64-bit program' "x86_64-windows/clrmemstart.exe console $work/show.exe\$" "$work/show.exe"
    starts 'a windowed program' "x86_64-windows/clrmemstart.exe windowed $work/window.exe" "$work/window.exe"
    starts 'arguments are not looked at' 'x86_64.* --stats --help -- x$' -- "$work/show.exe" --stats --help -- x
    cp "$work/show.exe" "$WINEPREFIX/drive_c/windows/system32/Found.EXE"
    printf '[System\\\\CurrentControlSet\\\\Control\\\\Session Manager\\\\Environment] 1\n#time=1\n"PATH"=str(2):"%%SystemRoot%%\\\\system32;C:\\\\other"\n\n[Software\\\\Microsoft\\\\Windows\\\\CurrentVersion\\\\App Paths\\\\registered.exe]\n@="C:\\\\windows\\\\system32\\\\found.exe"\n' >>"$WINEPREFIX/system.reg"
    starts 'a name that Windows finds' '.* console C:\\windows\\system32\\found.exe$' found.exe
    starts 'a name without .exe' '.* console C:\\windows\\system32\\found.exe$' found
    starts 'a registered application' '.* console C:\\windows\\system32\\found.exe$' registered
    starts 'a Windows path in another case' '.* console c:/WINDOWS/system32/FOUND.exe$' c:/WINDOWS/system32/FOUND.exe
    WINEPATH="C:\\none;Z:${work//\//\\}" starts 'a name in WINEPATH' '.* windowed Z:.*\\window.exe$' window.exe
    refuses '32-bit program, no 32-bit side' 126 "32-bit.*$WINEPREFIX has no 32-bit side" run "$work/show32.exe"
    add_32_bit_side "$WINEPREFIX"
    starts 'a 32-bit program' 'i386-windows/clrmemstart.exe console' "$work/show32.exe"
    check_choice_for_managed_programs "$win32"
    WINEPREFIX=$win32
    refuses '64-bit program, 32-bit prefix' 126 "64-bit.*$win32" run "$work/show.exe"
    starts 'a 32-bit program, 32-bit prefix' 'i386-windows/clrmemstart.exe console' "$work/show32.exe"
    mkdir -p "$work/wine-64-only/bin" "$work/wine-64-only/lib/wine/x86_64-windows"
    touch "$work/wine-64-only/lib/wine/x86_64-windows/ntdll.dll"
    cp "$WINE" "$work/wine-64-only/bin/wine"
    WINE=$work/wine-64-only/bin/wine
    refuses '32-bit program, Wine without it' 126 "32-bit.*$WINE" run "$work/show32.exe"
    export WINEPREFIX=$right
}

# $1: prefix. The file says that there is one; nothing runs in it.
add_32_bit_side()
{
    mkdir -p "$1/drive_c/windows/syswow64"
    cp "$work/show32.exe" "$1/drive_c/windows/syswow64/ntdll.dll"
}

# $1: platform of the compiler; prints the program's path.
compile_managed()
{
    printf 'class Hello { static int Main() { System.Console.WriteLine("managed"); return 42; } }\n' >"$work/Hello.cs"
    "${MCS:-mcs}" -platform:"$1" -out:"$work/$1.exe" "$work/Hello.cs" >"$work/mcs.log" 2>&1
    echo "$work/$1.exe"
}

# A runtime of the prefix; $1: prefix, $2: its folder there, $3: x86 or x86_64.
add_runtime()
{
    mkdir -p "$1/drive_c/$2/bin"
    touch "$1/drive_c/$2/bin/libmono-2.0-$3.dll"
}

# In the bare 64-bit prefix with a 32-bit side; $1: the 32-bit prefix.
check_choice_for_managed_programs()
{
    local any any32 only64 only32 names=(any any32 x64 x86)

    if ! command -v "${MCS:-mcs}" >/dev/null; then
        skip 'managed programs' 'no C# compiler'
        return
    fi
    any=$(compile_managed anycpu) any32=$(compile_managed anycpu32bitpreferred)
    only64=$(compile_managed x64) only32=$(compile_managed x86)
    if compgen -G '/usr/share/wine/mono/wine-mono-*' >/dev/null || compgen -G '/opt/wine/mono/*' >/dev/null; then
        skip "managed programs without a runtime: ${names[*]}" 'this machine has Wine Mono'
    else
        refuses 'managed program, no runtime' 125 "$any.*64-bit .NET runtime.*Wine Mono" run "$any"
        refuses 'managed 64-bit program, no runtime' 125 "$only64.*64-bit .NET runtime" run "$only64"
        refuses 'managed 32-bit program, no runtime' 125 "$only32.*32-bit .NET runtime" run "$only32"
        add_runtime "$WINEPREFIX" windows/mono/mono-2.0 x86_64
        refuses 'managed 32-bit program, 64-bit runtime' 125 "32-bit .NET runtime" run "$only32"
        starts 'managed program, runtime in the prefix' "x86_64-windows/clrmemstart.exe console $any" "$any"
        rm -r "$WINEPREFIX/drive_c/windows/mono"
        printf '[Software\\\\Wine\\\\Mono] 1\n#time=1\n"RuntimePath"="C:\\\\r\\xfcntime"\n' >>"$WINEPREFIX/user.reg"
        refuses 'managed program, RuntimePath to nowhere' 125 '.NET runtime' run "$any"
        add_runtime "$WINEPREFIX" 'rüntime' x86_64
        starts 'managed program, RuntimePath' "x86_64-windows/clrmemstart.exe console $any" "$any"
        rm -r "$WINEPREFIX/drive_c/rüntime"
        cp "$work/library.dll" "$WINEPREFIX/drive_c/windows/system32/mscoree.dll"
        starts 'managed program, a .NET Framework' "x86_64-windows/clrmemstart.exe console $any" "$any"
        rm "$WINEPREFIX/drive_c/windows/system32/mscoree.dll"
    fi
    add_runtime "$WINEPREFIX" windows/mono/mono-2.0 x86_64
    add_runtime "$WINEPREFIX" windows/mono/mono-2.0 x86
    starts 'managed program for any processor' "x86_64-windows/clrmemstart.exe" "$any"
    starts 'managed program for any, 32-bit preferred' "i386-windows/clrmemstart.exe" "$any32"
    starts 'managed 32-bit program' "i386-windows/clrmemstart.exe" "$only32"
    add_runtime "$1" windows/mono/mono-2.0 x86
    WINEPREFIX=$1 starts 'managed program, 32-bit prefix' "i386-windows/clrmemstart.exe" "$any"
}

# ---- Running, beside plain Wine ----

# $1: name, the rest: program and arguments. Both ways of running must give the same, but for the order of variables.
same_as_wine()
{
    local name=$1 status

    shift
    printf 'in\nput' | SHOW_EXIT=42 timeout 120 wine "$@" >"$work/wine.out" 2>"$work/wine.err"
    echo "status $?" >>"$work/wine.err"
    printf 'in\nput' | SHOW_EXIT=42 timeout 120 "$CLRMEM_COMMAND" run -- "$@" >"$work/ours.out" 2>"$work/ours.err"
    echo "status $?" >>"$work/ours.err"
    sort -o "$work/wine.out" "$work/wine.out"
    sort -o "$work/ours.out" "$work/ours.out"
    check "$name: the program ran" grep -q '^line ' "$work/ours.out"
    check "$name: as under plain Wine, output" diff "$work/wine.out" "$work/ours.out"
    check "$name: as under plain Wine, errors and status" diff "$work/wine.err" "$work/ours.err"
}

check_same_as_wine()
{
    local right

    cp "$work/show.exe" "$work/spaced näme.exe"
    same_as_wine 'no arguments' "$work/show.exe"
    same_as_wine 'empty and spaced arguments' "$work/show.exe" '' ' ' 'a b' $'a\tb' ''
    # shellcheck disable=SC1003
    same_as_wine 'quotes and backslashes' "$work/show.exe" '"' 'a"b' 'a\' 'a b\' 'a b\\' '\\"' 'x\"y z' "'" '\\server\share\'
    same_as_wine 'other characters' "$work/show.exe" 'ünïcödé' '漢字😀' '%PATH%' $'new\nline' '*' '?' '&|<>^'
    same_as_wine 'options' "$work/show.exe" -- --stats --help -- -h --stats=x /exec
    same_as_wine 'windowed program' "$work/window.exe" a 'b c'
    same_as_wine 'name with blanks' "$work/spaced näme.exe" a
    same_as_wine 'Windows path' "Z:${work//\//\\}\\show.exe" a
    cd "$work" || exit 1
    same_as_wine 'name in the current directory' show.exe a
    same_as_wine 'relative path' ../command/show.exe a
    cd - >/dev/null || exit 1
    mkdir "$work/home"
    ln -s "$WINEPREFIX" "$work/home/.wine"
    right=$WINEPREFIX
    unset WINEPREFIX
    HOME=$work/home same_as_wine 'the prefix in the home folder' "$work/show.exe" a
    export WINEPREFIX=$right
}

check_exit_status()
{
    local code

    for code in 0 1 42 255 259 -1073741819; do
        SHOW_EXIT=$code run "$CLRMEM_COMMAND" run "$work/show.exe"
        check "exit code $code" test "$status" = $((code & 255))
    done
    run "$CLRMEM_COMMAND" run "$work/window.exe"
    check 'exit code of a windowed program' test "$status" = 7
}

check_streams()
{
    head -c 1000000 /dev/urandom >"$work/random"
    timeout 120 "$CLRMEM_COMMAND" run "$work/show.exe" <"$work/random" >"$out" 2>"$err"
    tail -c 1000000 "$out" >"$out.tail"
    check 'a million bytes through standard input and output' cmp "$work/random" "$out.tail"
    # shellcheck disable=SC2002 # a pipe, not a file
    cat "$work/random" | timeout 120 "$CLRMEM_COMMAND" run "$work/show.exe" 2>"$err" | tail -c 1000000 >"$out.tail"
    check 'a million bytes through pipes' cmp "$work/random" "$out.tail"
    check 'standard error is its own' grep -qx 'to standard error' "$err"
    status=0
    SHOW_EXIT=42 timeout 120 "$CLRMEM_COMMAND" run "$work/show.exe" <&- >&- 2>&- || status=$?
    check 'closed streams' test "$status" = 42
}

check_statistics_option()
{
    run "$CLRMEM_COMMAND" run --stats "$work/show.exe"
    check '--stats: standard error' grep -q '^variable CLRMEM_STATS=-' "$out"
    (cd "$work" && run "$CLRMEM_COMMAND" run --stats=s.txt "$work/show.exe")
    check '--stats=FILE: an absolute path' grep -q "^variable CLRMEM_STATS=$work/s.txt" "$out"
    CLRMEM_STATS=/kept run "$CLRMEM_COMMAND" run "$work/show.exe"
    check 'CLRMEM_STATS of the environment is kept' grep -q '^variable CLRMEM_STATS=/kept' "$out"
}

check_attached()
{
    local modules=$work/spoilt

    SHOW_SHIM=1 run "$CLRMEM_COMMAND" run "$work/show.exe"
    check 'the shim is attached' grep -q '^shim attached' "$out"
    SHOW_SHIM=1 run wine "$work/show.exe"
    check 'the shim is not attached by plain Wine' grep -q '^shim not attached' "$out"
    sed 's/KERNEL32\.dll/KERNELXX.dll/g' "$work/show.exe" >"$work/incomplete.exe"
    run "$CLRMEM_COMMAND" run "$work/incomplete.exe"
    check 'a program that cannot be initialised' refused_as 53 'could not be attached: the program ended'
    copy_modules spoilt >/dev/null
    cp "$WINEPREFIX/drive_c/windows/system32/version.dll" "$modules/x86_64-windows/clrmemshim.dll"
    CLRMEM_LIBDIR=$modules run "$CLRMEM_COMMAND" run "$work/show.exe"
    check 'a shim that does not report' refused_as 125 'shim .*could not be attached'
    printf 'no DLL' >"$modules/x86_64-windows/clrmemshim.dll"
    CLRMEM_LIBDIR=$modules run "$CLRMEM_COMMAND" run "$work/show.exe"
    check 'a shim that cannot be loaded' refused_as 125 'shim .*could not be attached'
}

# Waits until a file grows, for ten seconds at most.
grows()
{
    local before

    before=$(stat -c %s "$1" 2>/dev/null || echo 0)
    for _ in {1..100}; do
        sleep 0.1
        [ "$(stat -c %s "$1" 2>/dev/null || echo 0)" -gt "$before" ] && return 0
    done
    return 1
}

stays()
{
    local before

    sleep 0.5
    before=$(stat -c %s "$1")
    sleep 1
    [ "$(stat -c %s "$1")" = "$before" ]
}

# $1: signal, $2: the status it gives.
check_killed()
{
    local status=0 file=$work/linger-$1 child=$work/child-$1 process

    "$CLRMEM_COMMAND" run "$work/linger.exe" "$file" "$child" </dev/null >"$out" 2>"$err" &
    process=$!
    check "SIG$1: the program runs" grows "$file"
    check "SIG$1: its child runs" grows "$child"
    kill "-$1" "$process"
    wait "$process" 2>/dev/null || status=$?
    check "SIG$1 to the command: status" test "$status" = "$2"
    check "SIG$1 to the command ends the program" stays "$file"
    check "SIG$1: what the program started lives on, as under plain Wine" grows "$child"
    touch "$child.stop"
}

check_run()
{
    content_of >"$work/content.before"
    check_same_as_wine
    check_exit_status
    check_streams
    check_statistics_option
    check_attached
    check_killed TERM 143
    check_killed KILL 137
    content_of >"$work/content.after"
    check 'running changes nothing in the prefix' diff "$work/content.before" "$work/content.after"
}

# ---- Installing ----

# The key that the class is registered by, as Wine knows it; $1: "" or "not".
registration_is()
{
    timeout 120 wine reg query 'HKLM\Software\Classes\CLSID\{E0830821-ABCE-4575-B6E0-5A3F249F1F25}\InprocServer32' /ve \
        >"$out" 2>&1 </dev/null
    if grep -qi 'clrmem.dll' "$out"; then [ "$1" = '' ]; else [ "$1" = not ]; fi
}

same_content()
{
    content_of >"$work/content.after"
    diff "$work/content.before" "$work/content.after"
}

check_install_and_uninstall()
{
    local installed=$WINEPREFIX/drive_c/windows/system32/clrmem.dll

    run "$CLRMEM_COMMAND" uninstall
    check 'uninstall before install' ran_as 0 ''
    check 'uninstall before install says so' grep -q 'not installed' "$out"
    content_of >"$work/content.before"
    run "$CLRMEM_COMMAND" install "$WINEPREFIX"
    check 'install' ran_as 0 ''
    check 'install says what it did' grep -q "^$installed installed" "$out"
    check 'install: the file' cmp "${CLRMEM_LIBDIR:-$(dirname "$CLRMEM_COMMAND")/../..}/x86_64-windows/clrmem.dll" "$installed"
    check 'install: the registration' registration_is ''
    content_of >"$work/content.installed"
    run "$CLRMEM_COMMAND" install
    check 'install again' ran_as 0 ''
    check 'install again says so' grep -q 'there already' "$out"
    content_of >"$work/content.again"
    check 'install again changes nothing' diff "$work/content.installed" "$work/content.again"
    run "$CLRMEM_COMMAND" uninstall --prefix="$WINEPREFIX"
    check 'uninstall' ran_as 0 ''
    check 'uninstall: the file' test ! -e "$installed"
    check 'uninstall: the registration' registration_is not
    check 'uninstall: everything is as before' same_content
    run "$CLRMEM_COMMAND" uninstall -p "$WINEPREFIX"
    check 'uninstall again' ran_as 0 ''
    check 'uninstall again says so' grep -q 'not installed' "$out"
}

check_install_over_others()
{
    local installed=$WINEPREFIX/drive_c/windows/system32/clrmem.dll modules

    printf 'of somebody else' >"$installed"
    content_of >"$work/content.before"
    run "$CLRMEM_COMMAND" install
    check 'install over a foreign clrmem.dll' ran_as 0 ''
    check 'the foreign one is kept' grep -q 'before-clrmem keeps' "$out"
    run "$CLRMEM_COMMAND" install
    check 'install over it again' ran_as 0 ''
    run "$CLRMEM_COMMAND" uninstall
    check 'uninstall brings it back' same_content
    rm "$installed"

    modules=$(copy_modules older)
    printf 'older' >>"$modules/x86_64-windows/clrmem.dll"
    CLRMEM_LIBDIR=$modules run "$CLRMEM_COMMAND" install
    run "$CLRMEM_COMMAND" install
    check 'install over an older one' ran_as 0 ''
    check 'install over an older one: the file' \
        cmp "${CLRMEM_LIBDIR:-$(dirname "$CLRMEM_COMMAND")/../..}/x86_64-windows/clrmem.dll" "$installed"
    rm "$installed"
    run "$CLRMEM_COMMAND" uninstall
    check 'uninstall when the file is gone' ran_as 0 ''
    check 'uninstall when the file is gone: the registration' registration_is not
}

check_failed_install()
{
    local installed=$WINEPREFIX/drive_c/windows/system32/clrmem.dll modules

    modules=$(copy_modules unregistrable)
    cp "$WINEPREFIX/drive_c/windows/system32/version.dll" "$modules/x86_64-windows/clrmem.dll"
    content_of >"$work/content.before"
    CLRMEM_LIBDIR=$modules run "$CLRMEM_COMMAND" install
    check 'failed registration' ran_as 125 'could not register'
    check 'failed registration: everything is as before' same_content
    printf 'of somebody else' >"$installed"
    content_of >"$work/content.before"
    CLRMEM_LIBDIR=$modules run "$CLRMEM_COMMAND" install
    check 'failed registration over a foreign clrmem.dll' ran_as 125 'could not register'
    check 'failed registration over a foreign one: everything is as before' same_content
    rm "$installed"
    WINE=/bin/true run "$CLRMEM_COMMAND" install
    check 'a Wine that does nothing and is content' ran_as 125 'cannot be asked'
}

# A Wine that has a 32-bit side, by playing it: it notes what is registered, or fails to. Prints its path.
make_two_sided_wine()
{
    cat >"$work/two-sided" <<END
#!/bin/bash
case \$1 in *i386-windows*) ;; *) exec $(command -v wine) "\$@" ;; esac
case "\$*" in
    *'reg.exe query'*) [ -e "$work/registered-32" ] && echo clrmem.dll && exit 0; exit 1 ;;
    *regsvr32.exe*/u*) rm "$work/registered-32" ;;
    *regsvr32.exe*) [ -z "\$FAIL_32" ] || exit 3; touch "$work/registered-32" ;;
esac
END
    chmod +x "$work/two-sided"
    echo "$work/two-sided"
}

check_two_sides()
{
    local system=$WINEPREFIX/drive_c/windows WINE ntdll=$WINEPREFIX/drive_c/windows/syswow64/ntdll.dll

    if [ -e "$ntdll" ]; then
        skip 'a prefix of two sides' 'this one has them, and the checks above were of both'
        return
    fi
    WINE=$(make_two_sided_wine)
    export WINE
    add_32_bit_side "$WINEPREFIX"
    content_of >"$work/content.before"
    FAIL_32=1 run "$CLRMEM_COMMAND" install
    check 'the second side fails' ran_as 125 'could not register the 32-bit'
    check 'the second side fails: nothing is registered' registration_is not
    check 'the second side fails: everything is as before' same_content
    run "$CLRMEM_COMMAND" install
    check 'two sides' ran_as 0 ''
    check 'two sides: the files' test -e "$system/system32/clrmem.dll" -a -e "$system/syswow64/clrmem.dll"
    check 'two sides: the 32-bit registration' test -e "$work/registered-32"
    run "$CLRMEM_COMMAND" uninstall
    check 'two sides: uninstall' ran_as 0 ''
    check 'two sides: everything is as before' same_content
    check 'two sides: no 32-bit registration' test ! -e "$work/registered-32"
    rm "$ntdll"
}

# A Wine that takes its time to register. Prints its path.
make_slow_wine()
{
    cat >"$work/slow" <<END
#!/bin/bash
case "\$*" in *regsvr32.exe*/u*) ;; *regsvr32.exe*) touch "$work/registering"; sleep 2 ;; esac
exec $(command -v wine) "\$@"
END
    chmod +x "$work/slow"
    echo "$work/slow"
}

check_interrupted_install()
{
    local process

    content_of >"$work/content.before"
    WINE=$(make_slow_wine) timeout 120 "$CLRMEM_COMMAND" install </dev/null >"$out" 2>"$err" &
    process=$!
    for _ in {1..300}; do
        if [ -e "$work/registering" ]; then break; fi
        sleep 0.1
    done
    kill -TERM "$process"
    status=0
    wait "$process" || status=$?
    check 'interrupted install' ran_as 125 'as it was'
    check 'interrupted install: everything is as before' same_content
}

compile_programs
make_odd_programs
test_prefix command-prefix
timeout 120 wine "$work/show.exe" >"$out" 2>&1 </dev/null # the first program in a prefix makes it settle
timeout 60 wineserver -w
check_help
check_bad_command_lines
check_bad_programs
check_unreadable_program
check_bad_surroundings
check_choice_of_process
check_run
check_install_and_uninstall
check_install_over_others
check_failed_install
check_two_sides
check_interrupted_install
printf '1..%d\n' "$tap_count"
printf '# passed %d failed %d skipped %d\n' $((tap_count - tap_failed - skipped)) "$tap_failed" "$skipped"
exit $((tap_failed > 0))
