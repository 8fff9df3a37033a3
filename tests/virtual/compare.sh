# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# One of Wine's tests, plain and with its calls routed to the manager, compared check for check: sourced after tap.sh
# and prefix.sh.
#
# A check is known by the function it stands in and the first line of its text, with (2), (3) and so on after the text
# where the function has that line again: line numbers change from one Wine to the next. Threads take turns as it
# comes, so the order that counts is that within a function.

# Each line of the source $1 as LINE, FUNCTION, TEXT, separated by tabs.
virtual_source_lines()
{
    awk '
        /^[A-Za-z_].*\(/ { head = $0 }
        /^\{/ && head != "" {
            sub(/^START_TEST\(/, "func_", head)
            sub(/[()].*/, "", head)
            sub(/.*[ *]/, "", head)
            name = head
            head = ""
        }
        {
            text = $0
            gsub(/[ \t\r]+/, " ", text)
            gsub(/^ | $/, "", text)
            if (++seen[name, text] > 1) text = text " (" seen[name, text] ")"
            print NR "\t" name "\t" text
        }' "$1"
}

# The checks in a log, each as FUNCTION, LINE, RESULT, TEXT, function by function. $1: what virtual_source_lines
# printed, $2: the log, in which a line may begin behind another's end.
virtual_checks()
{
    grep -aoE 'virtual\.c:[0-9]+: Tests? (succeeded|failed|skipped|marked (todo|flaky))( inside [a-z ]*todo)?' "$2" |
        sed -e 's/^virtual\.c:\([0-9]*\): Tests* /\1\t/' -e 's/\tmarked /\t/' \
            -e 's/\tsucceeded inside .*todo$/\ttodo-succeeded/' |
        awk -F '\t' -v OFS='\t' '
            NR == FNR { name[$1] = $2; text[$1] = $3; next }
            { print name[$1], $1, $2, text[$1] }' "$1" - |
        sort -s -t "$(printf '\t')" -k 1,1
}

# Whether the log $1 has every check that the program and its children counted, and they ended. $2: the checks in it.
virtual_complete()
{
    tr -d '\r' <"$1" | sed -n 's/^[0-9a-f]*:virtual: \([0-9]*\) tests executed .*/\1/p' |
        awk -v found="$(cut -f 3 "$2" | grep -cvx skipped)" '{ sum += $1 } END { exit !(NR && sum == found) }'
}

# Runs a program and takes its checks. $1: DLL, $2: plain or routed, $3: the files' names begin with this; the rest:
# what goes before "wine".
virtual_run()
{
    local dll=$1 how=$2 files=$3

    shift 3
    (
        cd "$WINEPREFIX/drive_c/virtual" || exit
        WINETEST_DEBUG=2 WINETEST_REPORT_SUCCESS=1 "$@" wine "C:\\virtual\\${dll}_$how.exe" virtual
    ) >"$files-$how.log" 2>&1 </dev/null
    virtual_checks "$files.lines" "$files-$how.log" >"$files-$how.checks"
    virtual_complete "$files-$how.log" "$files-$how.checks"
}

# Runs both programs of a DLL's tests and compares. $1: DLL, $2: the files' names begin with this; the rest: what goes
# before "wine". Fails where something is wrong, or a program did not come to its end: then there is no .result.
virtual_compare()
{
    local dll=$1 files=$2

    shift 2
    rm -f "$files.result"
    virtual_run "$dll" plain "$files" "$@" || return
    virtual_run "$dll" routed "$files" "$@" || return
    diff "$files-plain.checks" "$files-routed.checks" |
        awk -v program="$dll" -v wine="$(WINEDEBUG=-all timeout 60 wine --version </dev/null)" -f "$CLRMEM_SOURCE/tests/virtual/compare.awk" \
            phase=list "$CLRMEM_SOURCE/tests/virtual/differences" phase=plain "$files-plain.checks" phase=diff - \
            >"$files.result"
    ! grep -q '^ ' "$files.result"
}

# The calls a log tells of, summed up over the program and its children. $1: the log, $2: what was done with them.
virtual_calls()
{
    tr -d '\r' <"$1" | sed -n "s/^route: \([0-9]*\) calls $2\(:.*\)*\$/\1/p" | awk '{ sum += $1 } END { print sum + 0 }'
}

# A line for tests/summary.sh. $1: the name, $2: the files.
virtual_figures()
{
    awk '!/^ / { checks += $2; listed += $3; varying += $4; wrong += $5 }
         END { printf "%d checks compared, %d differ as listed, %d otherwise; %d that vary left out; ",
                      checks, listed, wrong, varying }' "$2.result" | sed "s/^/# virtual $1: /"
    printf '%d calls answered by the manager, %d of foreign memory passed to Windows\n' \
        "$(virtual_calls "$2-routed.log" 'answered by the manager')" \
        "$(virtual_calls "$2-routed.log" 'passed to Windows, as foreign')"
}

# Whether there were calls of a kind. $1: the test's name, $2: log, $3: what was done with them, $4: some or none, as
# there should be.
virtual_calls_are()
{
    local calls found=some

    calls=$(virtual_calls "$2" "$3")
    [ "$calls" -gt 0 ] || found=none
    if [ "$found" = "$4" ]; then tap_ok "$1"; else tap_not_ok "$1 ($calls calls)"; fi
}

# What the manager did in the run: it answered, it stood by what it had given, and had no hand in the plain run.
virtual_report_calls()
{
    local name=$1 files=$2

    tr -d '\r' <"$files-routed.log" | grep '^route: [^0]' | sed 's/^/# /'
    virtual_calls_are "$name: the manager answered" "$files-routed.log" 'answered by the manager' some
    virtual_calls_are "$name: the manager disowned nothing that it gave" "$files-routed.log" disowned none
    virtual_calls_are "$name: the last error was the result's" "$files-routed.log" 'refused with .*' none
    virtual_calls_are "$name: the plain run was plain" "$files-plain.log" 'answered by the manager' none
}

# One DLL's tests, a test for each of its functions that has checks. Some wait for another thread or process for a set
# time, which a busy machine may exceed: what differs must differ three times. $1: DLL, $2: what to call it, the rest:
# what goes before "wine".
virtual_test()
{
    local dll=$1 name=$2 files=$CLRMEM_TEST_DIR/virtual-$2 attempt function checks wrong

    shift 2
    virtual_source_lines "$CLRMEM_BUILD/wine-tests/$dll/virtual.c" >"$files.lines"
    for attempt in 1 2 3; do
        virtual_compare "$dll" "$files" "$@" && break
        echo "# $name: not the same in attempt $attempt"
    done
    if [ ! -f "$files.result" ]; then
        tail -n 20 "$files"-*.log >"$files.out"
        tap_not_ok "$name: a program did not come to its end" "$files.out"
        return
    fi
    while read -r function checks _ _ wrong; do
        if [ "$wrong" = 0 ]; then
            tap_ok "$name $function: the same $checks checks"
        else
            grep "^ $function: " "$files.result" >"$files.out"
            tap_not_ok "$name $function: other checks" "$files.out"
        fi
    done < <(grep -v '^ ' "$files.result")
    virtual_report_calls "$name" "$files"
    virtual_figures "$name" "$files"
}

# Puts the programs into the prefix. $1: x86_64-windows or i386-windows. Windows that the tests open go nowhere, with
# or without a display.
virtual_install()
{
    mkdir -p "$WINEPREFIX/drive_c/virtual"
    cp "$CLRMEM_BUILD/$1"/tests/virtual/*.exe "$WINEPREFIX/drive_c/virtual/"
    timeout 120 wine reg add 'HKCU\Software\Wine\Drivers' /v Graphics /d null /f </dev/null
    "$CLRMEM_SOURCE/tools/scratch-prefix" --end "$WINEPREFIX"
}
