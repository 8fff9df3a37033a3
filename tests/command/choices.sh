# Which program and which process, shown by a stand-in for Wine: sourced by test_command.sh. SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2317 # shared with test_command.sh; what a check does is called by its name

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
