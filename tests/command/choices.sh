# Which program, and which process for it: sourced by test_command.sh. SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2317 # shared with test_command.sh; what a check does is called by its name

# $1: name, $2: expression for the file that runs, the rest: arguments of run. The shim has to be attached.
finds()
{
    local name=$1 wanted=$2

    shift 2
    SHOW_SHIM=1 run "$CLRMEM_COMMAND" run "$@"
    check "$name" grep -Eqix -- "image $wanted" "$out"
    check "$name: attached" grep -q '^shim attached' "$out"
}

check_choice_of_program()
{
    local folder

    folder=$(wine_path "$work")

    cp "$work/show.exe" "$WINEPREFIX/drive_c/windows/system32/Found.EXE"
    mkdir -p "$WINEPREFIX/drive_c/elsewhere"
    cp "$work/show.exe" "$WINEPREFIX/drive_c/elsewhere/by-path.exe"
    cp "$work/show.exe" "$WINEPREFIX/drive_c/elsewhere/not-its-name.exe"
    run wine reg add 'HKCU\Environment' /v PATH /d 'C:\elsewhere' /f
    run wine reg add 'HKLM\Software\Microsoft\Windows\CurrentVersion\App Paths\registered.exe' /ve \
        /d 'C:\elsewhere\not-its-name.exe' /f
    finds 'a Unix path' "${folder//\\/\\\\}\\\\show\\.exe" "$work/show.exe"
    finds 'a name that Windows finds' 'C:\\windows\\system32\\found.exe' found.exe
    finds 'a name without .exe' 'C:\\windows\\system32\\found.exe' found
    finds 'a name in the PATH of the registry' 'C:\\elsewhere\\by-path.exe' by-path.exe
    finds 'a registered application' 'C:\\elsewhere\\not-its-name.exe' registered
    finds 'a Windows path in another case' 'C:\\WINDOWS\\system32\\FOUND.exe' c:/WINDOWS/system32/FOUND.exe
    WINEPATH="C:\\none;$folder" finds 'a name in WINEPATH' '.*\\show\.exe' show.exe
}

# $1: prefix. The file says that there is one; nothing runs in it.
add_32_bit_side()
{
    mkdir -p "$1/drive_c/windows/syswow64"
    cp "$work/show32.exe" "$1/drive_c/windows/syswow64/ntdll.dll"
}

check_choice_of_process()
{
    local ntdll=$WINEPREFIX/drive_c/windows/syswow64/ntdll.dll

    if [ -e "$ntdll" ]; then
        finds 'a 32-bit program' '.*\\show32\.exe' "$work/show32.exe"
        skip '32-bit programs without a 32-bit side' 'this prefix has one'
        return
    fi
    wine_refuses '32-bit program, no 32-bit side' 126 'show32.exe: is a 32-bit program.*no 32-bit side' "$work/show32.exe"
    add_32_bit_side "$WINEPREFIX"
    wine_refuses '32-bit program, Wine without it' 126 'show32.exe: is a 32-bit program.*no 32-bit side' "$work/show32.exe"
    rm "$ntdll"
}

# $1: platform of the compiler; prints the program's path.
compile_managed()
{
    printf 'class Hello { static int Main() { System.Console.WriteLine("managed"); return 42; } }\n' >"$work/Hello.cs"
    "${MCS:-mcs}" -platform:"$1" -out:"$work/$1.exe" "$work/Hello.cs" >"$work/mcs.log" 2>&1
    echo "$work/$1.exe"
}

# What mscoree finds, and what comes of it, tests/clr sees.
check_managed_programs_without_runtime()
{
    local platform

    if compgen -G '/usr/share/wine/mono/wine-mono-*' >/dev/null || compgen -G '/opt/wine/mono/*' >/dev/null; then
        skip 'managed programs without a runtime' 'this machine has Wine Mono'
        return
    fi
    for platform in "$@"; do
        wine_refuses "managed program, $platform, no runtime" 125 'no \.NET runtime.*Wine Mono' "$(compile_managed "$platform")"
    done
}
