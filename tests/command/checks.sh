# Checks of the command, and what they work on: sourced by test_command.sh. SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2317 # shared with test_command.sh; what a check does is called by its name

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

# The same for what Wine itself is asked about, which writes its registry when it exits. $1: name, $2: status,
# $3: expression for the line, $4: the program.
wine_refuses()
{
    run "${as_user[@]}" "$CLRMEM_COMMAND" run "$4"
    # Wine 10 says by itself that a 32-bit program lacks this.
    sed -i '/^wine: failed to load .*syswow64.*ntdll\.dll/d' "$err"
    check "$1: status $2, one line" refused_as "$2" "$3"
}

# The files and the registry, without its times, the devices, which Wine makes anew whenever it starts, and the key that
# its debugger makes when it first runs.
content_of()
{
    timeout 60 wineserver -w
    (
        cd "$WINEPREFIX" || exit 1
        find . -name '*.reg' -prune -o -name wineserver -prune -o -type f -exec cksum {} + | sort -k 3
        cat system.reg user.reg userdef.reg
    ) | awk '/^\[/ { devices = /^\[System\\\\[A-Za-z0-9]*\\\\(Enum|Control\\\\(Class|Video|DeviceClasses))|^\[Software\\\\Wine\\\\WineDbg\]/; sub(/ [0-9]+$/, "") }
             !devices && !/^#time=/'
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
    compile spawn.c spawn.exe "$cc64"
    compile spawn.c spawn32.exe "$cc32"
    compile window.c window.exe "$cc64" -mwindows
    compile linger.c linger.exe "$cc64"
}

# A Unix path as Windows programs know it.
wine_path()
{
    printf 'Z:%s\n' "${1//\//\\}"
}

# $1: program, $2: offset from the "PE" signature, $3: bytes as printf writes them.
patch_header()
{
    local header

    header=$(od -An -tu4 -j60 -N4 "$1")
    # shellcheck disable=SC2059 # the bytes are a format
    printf "$3" | dd of="$1" bs=1 seek=$((header + $2)) conv=notrunc status=none
}

# Programs that cannot be run, made from one that can be.
make_odd_programs()
{
    cp "$work/show.exe" "$work/arm64.exe"
    patch_header "$work/arm64.exe" 4 '\x64\xaa'
    cp "$work/show.exe" "$work/win16.exe"
    patch_header "$work/win16.exe" 0 'NE'
    cp "$work/show.exe" "$work/library.dll"
    patch_header "$work/library.dll" 22 '\x22\x20'
    printf 'MZ' >"$work/short.exe"
    { printf 'MZ' && head -c 1000 /dev/zero; } >"$work/dos.exe"
    # Cut off in the file's last section, in its table of sections, and in its headers.
    head -c 20000 "$work/show.exe" >"$work/cut-section.exe"
    head -c 600 "$work/show.exe" >"$work/cut-table.exe"
    head -c 140 "$work/show.exe" >"$work/cut-header.exe"
    # An image of one page, of which no section is in.
    cp "$work/show.exe" "$work/small-image.exe"
    patch_header "$work/small-image.exe" 80 '\x00\x10\x00\x00'
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

# A folder that the command takes for a prefix, in which nothing can run. $1: name; prints its path.
make_bare_prefix()
{
    local path=$work/$1

    mkdir -p "$path/dosdevices" "$path/drive_c/windows/system32"
    ln -s ../drive_c "$path/dosdevices/c:"
    cp "$work/show.exe" "$path/drive_c/windows/system32/ntdll.dll"
    echo "$path"
}
