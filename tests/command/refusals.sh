# The command line, and what the command refuses: sourced by test_command.sh. SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2317 # shared with test_command.sh; what a check does is called by its name

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
    refuses '--stats below a file' 125 "$work/text.exe/s" run --stats="$work/text.exe/s" "$work/show.exe"
    refuses '--stats with a name too long' 125 '/xxxxx.*too long' run --stats="$work/$(printf 'x%.0s' {1..300})" \
        "$work/show.exe"
    refuses '--stats with a path too long' 125 '/x/x/s cannot be written' run --stats="/$(printf 'x/%.0s' {1..2500})s" \
        "$work/show.exe"
    refuses '--stats with a backslash' 125 'a.b.*Invalid' run --stats="$work/a\\b" "$work/show.exe"
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
    refuses 'program cut off in a section' 126 'cut-section.exe: is damaged' run "$work/cut-section.exe"
    refuses 'program cut off in the table of sections' 126 'cut-table.exe: is damaged' run "$work/cut-table.exe"
    refuses 'program cut off in its headers' 126 'cut-header.exe: is damaged' run "$work/cut-header.exe"
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
    refuses 'install: a file' 125 "$work/text.exe is a file" install "$work/text.exe"
    cd "$work" || exit 1
    refuses 'install: a relative name of no folder' 125 "'WINEPREFIX=$work/none wineboot'" install none
    WINEPREFIX=no-prefix
    refuses 'run: a relative name of no prefix' 125 "'WINEPREFIX=$work/no-prefix wineboot'" run "$work/show.exe"
    WINEPREFIX=none
    run "$CLRMEM_COMMAND" run "$work/show.exe"
    check 'run: a relative name of no folder' refused_as 125 "'WINEPREFIX=$work/none wineboot'"
    cd - >/dev/null || exit 1
    export WINEPREFIX=$right
}
