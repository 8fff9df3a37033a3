# Prefixes that are new, or not there yet: sourced by test_command.sh. SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2317 # shared with test_command.sh; what a check does is called by its name

# Ends Wine in the prefix $1, which this file's checks made, and removes it.
remove_prefix()
{
    touch "$1/.clrmem-scratch-prefix"
    "$CLRMEM_SOURCE/tools/scratch-prefix" --end "$1"
    rm -rf "$1"
}

# $1: a prefix, new, whose server still runs.
check_new_prefix()
{
    if [ -e "$1/system.reg" ]; then
        skip "$2: before Wine writes its registry" 'it was too fast'
        return
    fi
    SHOW_EXIT=42 run "$CLRMEM_COMMAND" run "$work/show.exe"
    check "$2: run" ran_as 42 ''
    check "$2: run says nothing of it" test "$(grep -c clrmem: "$err")" = 0
    run "$CLRMEM_COMMAND" install
    check "$2: install" ran_as 0 ''
    check "$2: install, the file" test -e "$1/drive_c/windows/system32/clrmem.dll"
}

check_fresh_prefixes()
{
    local right=$WINEPREFIX

    export WINEPREFIX=$work/new-prefix
    run timeout 120 wineboot -i
    check_new_prefix "$WINEPREFIX" 'a prefix just made by wineboot'
    remove_prefix "$WINEPREFIX"

    mkdir -p "$work/new-home"
    unset WINEPREFIX
    SHOW_EXIT=42 HOME=$work/new-home run "$CLRMEM_COMMAND" run "$work/show.exe"
    check 'no prefix, WINEPREFIX unset: run' ran_as 42 "^clrmem: there is no Wine prefix at $work/new-home/.wine yet; Wine creates it"
    check 'no prefix: one line says so' test "$(grep -c clrmem: "$err")" = 1
    HOME=$work/new-home check_new_prefix "$work/new-home/.wine" 'the prefix in the home folder'
    remove_prefix "$work/new-home/.wine"

    cd "$work" || exit 1
    export WINEPREFIX=new-prefix
    run "$CLRMEM_COMMAND" install
    check 'no prefix, a relative name: install' ran_as 0 "no Wine prefix at $work/new-prefix yet"
    check 'no prefix: install, the file' test -e "$work/new-prefix/drive_c/windows/system32/clrmem.dll"
    cd - >/dev/null || exit 1
    remove_prefix "$work/new-prefix"

    mkdir "$work/new-prefix"
    export WINEPREFIX=$work/new-prefix
    SHOW_EXIT=42 run "$CLRMEM_COMMAND" run "$work/show.exe"
    check 'an empty folder' ran_as 42 "no Wine prefix at $work/new-prefix yet"
    remove_prefix "$work/new-prefix"

    export WINEPREFIX=$work/no/folder/here
    run "$CLRMEM_COMMAND" run "$work/show.exe"
    check 'Wine cannot create the prefix: status, last line' ran_as 125 "^clrmem: Wine could not create the prefix $WINEPREFIX: ."
    check 'Wine cannot create the prefix: two lines' test "$(wc -l <"$err")" = 2
    export WINEPREFIX=$right
}
