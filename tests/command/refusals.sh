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
    content_of >"$work/content.before"
    wine_refuses 'no such Unix path' 127 '/none.exe' "$work/none.exe"
    wine_refuses 'no such relative path' 127 '\./none.exe' ./none.exe
    wine_refuses 'no such Windows path' 127 'C:\\none.exe' 'C:\none.exe'
    wine_refuses 'no such drive' 127 'Q:\\none.exe' 'Q:\none.exe'
    wine_refuses 'no such name' 127 'none.exe' none.exe
    wine_refuses 'no such name, a newline in it' 127 'no\?ne.exe' $'no\nne.exe'
    wine_refuses 'a program as a folder' 127 'show.exe/' "$work/show.exe/"
    wine_refuses 'folder' 126 'folder' "$work/folder.exe"
    wine_refuses 'text file' 126 'not a Windows program' "$work/text.exe"
    wine_refuses 'two bytes of a program' 126 'not a Windows program' "$work/short.exe"
    wine_refuses 'DOS program' 126 'DOS' "$work/dos.exe"
    wine_refuses '16-bit program' 126 '16-bit' "$work/win16.exe"
    wine_refuses 'DLL' 126 'DLL' "$work/library.dll"
    wine_refuses 'ARM64 program' 126 'another processor' "$work/arm64.exe"
    wine_refuses 'image of one page' 126 'small-image.exe: is damaged' "$work/small-image.exe"
    wine_refuses 'program cut off in a section' 126 'cut-section.exe: is damaged' "$work/cut-section.exe"
    wine_refuses 'program cut off in the table of sections' 126 'cut-table.exe: is damaged' "$work/cut-table.exe"
    wine_refuses 'program cut off in its headers' 126 'cut-header.exe: is .*damaged' "$work/cut-header.exe"
    check_unreadable_program
    content_of >"$work/content.after"
    check 'refused programs change nothing in the prefix' diff "$work/content.before" "$work/content.after"
}

# Root reads everything: another user, with a prefix of its own, has to try.
check_unreadable_program()
{
    local right=$WINEPREFIX as_user=()

    cp "$work/show.exe" "$work/secret.exe"
    chmod 0 "$work/secret.exe"
    if [ "$(id -u)" = 0 ]; then
        as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
        export WINEPREFIX=$work/other-prefix
        mkdir "$WINEPREFIX"
        chown 65534:65534 "$WINEPREFIX"
        run "${as_user[@]}" env HOME="$WINEPREFIX" timeout 120 wineboot -i
    fi
    if ! "${as_user[@]}" timeout 60 wine --version >/dev/null 2>&1 </dev/null; then
        skip 'unreadable program' 'another user cannot reach this Wine'
    elif "${as_user[@]}" test -x "$CLRMEM_COMMAND" -a -r "$work/show.exe" 2>/dev/null; then
        wine_refuses 'unreadable program' 126 'secret.exe: cannot be read: Access.*\(Windows error 5\)' "$work/secret.exe"
    else
        skip 'unreadable program' 'another user cannot reach the test folder'
    fi
    if [ "$(id -u)" = 0 ]; then
        "${as_user[@]}" timeout 60 wineserver -k
        remove_prefix "$WINEPREFIX"
    fi
    rm -f "$work/secret.exe"
    export WINEPREFIX=$right
}

check_prefix_of_another_user()
{
    local right=$WINEPREFIX

    if [ "$(id -u)" != 0 ]; then
        skip "another user's prefix" 'there is none'
        return
    fi
    WINEPREFIX=$(make_bare_prefix other)
    export WINEPREFIX
    chown -R 65534:65534 "$WINEPREFIX"
    refuses "another user's prefix" 125 "$WINEPREFIX belongs to another" run "$work/show.exe"
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

    export WINEPREFIX=$work/none
    refuses 'uninstall: no prefix' 125 "no Wine prefix at $work/none" uninstall
    export WINEPREFIX=$right
    refuses 'install: empty name' 125 'prefix is empty' install ''
    refuses 'install: a file' 125 "$work/text.exe is a file" install "$work/text.exe"
    refuses 'uninstall: a relative name of no folder' 125 '/command/none' uninstall -p "../${work##*/}/none"
    check 'no prefix was made' test ! -e "$work/none"
}
