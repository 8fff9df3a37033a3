# Installing into a prefix and removing it again: sourced by test_command.sh. SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2317 # shared with test_command.sh; what a check does is called by its name

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

    printf 'of another program' >"$installed"
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
    printf 'of another program' >"$installed"
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
    */clrmemstart.exe) exit 125 ;;
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
